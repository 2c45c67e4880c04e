from django.db import migrations


class Migration(migrations.Migration):
    """The person who is judged is one of the clip's own people: Django's foreign keys cannot say so, PostgreSQL's can."""

    dependencies = [
        ('inference', '0002_people'),
    ]

    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE inference_video ADD CONSTRAINT video_dancer_is_in_the_video
            FOREIGN KEY (id, dancer_id) REFERENCES inference_person (video_id, id) DEFERRABLE INITIALLY DEFERRED
            """,
            'ALTER TABLE inference_video DROP CONSTRAINT video_dancer_is_in_the_video',
        ),
    ]
