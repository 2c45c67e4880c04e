"""What an import of audio features says and leaves behind."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from choreography.models import FeatureImport, FeatureRow


def imported(path, *options):
    out = StringIO()
    call_command("import_audio_features", path, *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def refused(path, *options):
    with pytest.raises(CommandError) as refusal:
        imported(path, *options)
    return str(refusal.value)


def state():
    """Everything that an import may change."""
    return list(FeatureImport.objects.order_by("pk").values()), list(FeatureRow.objects.order_by("pk").values())


def repeated(path, times, to):
    """The file with its rows over and over."""
    header, *rows = path.read_bytes().splitlines(keepends=True)
    to.write_bytes(header + b"".join(rows) * times)
    return to
