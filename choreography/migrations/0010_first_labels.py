from django.db import migrations

# To begin with; curators edit and delete them. Names as streaming services write them.
LABELS = {
    ("SM Entertainment", "SM엔터테인먼트"): ["EXO", "NCT", "Red Velvet", "SHINee", "Girls' Generation", "f(x)"],
    ("JYP Entertainment", "JYP엔터테인먼트"): ["2PM", "DAY6", "ITZY", "Stray Kids", "TWICE", "Wonder Girls"],
    ("YG Entertainment", "YG엔터테인먼트"): ["2NE1", "BIGBANG", "BLACKPINK", "iKON", "TREASURE", "WINNER"],
    ("HYBE", "하이브"): ["BTS", "ENHYPEN", "LE SSERAFIM", "NewJeans", "SEVENTEEN", "TOMORROW X TOGETHER"],
}


def create_labels(apps, schema_editor):
    label = apps.get_model("choreography", "Label")
    for (name_en, name_ko), artists in LABELS.items():
        label.objects.get_or_create(name_en=name_en, defaults={"name_ko": name_ko, "artists": artists})


class Migration(migrations.Migration):
    dependencies = [("choreography", "0009_market")]

    # Not undone: by then the lists are a curator's.
    operations = [migrations.RunPython(create_labels, migrations.RunPython.noop)]
