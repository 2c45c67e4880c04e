from django.db import migrations

# The cache that all web processes share, so that sign-in limits count across them (settings.CACHES). Made here rather
# than by `createcachetable`, so that no step is left to remember. Unlogged: after a crash it may start empty.


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="""
                CREATE UNLOGGED TABLE kdance_cache (
                    cache_key varchar(255) NOT NULL PRIMARY KEY,
                    value text NOT NULL,
                    expires timestamp with time zone NOT NULL
                );
                CREATE INDEX kdance_cache_expires ON kdance_cache (expires);
            """,
            reverse_sql="DROP TABLE kdance_cache;",
        ),
    ]
