from django.db import migrations, models
from django.db.models import F


def date_what_is_there(apps, schema_editor):
    """Of what was remembered before, the last day it was danced is the nearest that is known."""
    apps.get_model("choreography", "EightMemory").objects.filter(last_score__isnull=False).update(
        judged_on=F("danced_on")
    )
    for count in apps.get_model("choreography", "DancesCount").objects.filter(counted_at__isnull=False):
        for dance in count.result["dances"].values():
            dance[2] = None if dance[2] is None else [count.monday.isoformat(), dance[2]]
        count.save(update_fields=["result"])


class Migration(migrations.Migration):
    dependencies = [("choreography", "0011_dances_count")]

    operations = [
        migrations.AddField(
            model_name="eightmemory",
            name="judged_on",
            field=models.DateField(null=True),
        ),
        migrations.RunPython(date_what_is_there, migrations.RunPython.noop, elidable=True),
    ]
