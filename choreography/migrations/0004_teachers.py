from django.db import migrations

TEACHERS = "teachers"


def create_teachers(apps, schema_editor):
    """The group whose members rate takes. Permissions are usually made after all migrations: here theirs is, early."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="choreography", model="rating"
    )
    may_rate, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename="add_rating", defaults={"name": "Can add rating"}
    )
    teachers, _ = apps.get_model("auth", "Group").objects.get_or_create(name=TEACHERS)
    teachers.permissions.add(may_rate)


class Migration(migrations.Migration):
    dependencies = [
        ("choreography", "0003_sound_counts_versions_ratings"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    # Not undone: by then people are in the group.
    operations = [migrations.RunPython(create_teachers, migrations.RunPython.noop)]
