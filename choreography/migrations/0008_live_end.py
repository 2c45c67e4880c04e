from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('choreography', '0007_practice'),
    ]

    operations = [
        migrations.AddField(
            model_name='attempt',
            name='live_end_s',
            field=models.FloatField(blank=True, null=True),
        ),
    ]
