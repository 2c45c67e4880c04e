from importlib import import_module

import pytest


@pytest.fixture
def quiet_jobs(monkeypatch):
    """No hints to sockets: nobody is watching, and each would open a connection on an event loop of its own."""
    for module in ("inference.jobs", "inference.queue", "inference.services"):
        monkeypatch.setattr(f"{module}.hint_job_changed", lambda job_id: None)


@pytest.fixture
def first_labels(db):
    """Those of migration 0010, which a test with transactions of its own, earlier in this process, may have emptied away."""
    from choreography.models import Label

    for (name_en, name_ko), artists in import_module("choreography.migrations.0010_first_labels").LABELS.items():
        Label.objects.get_or_create(name_en=name_en, defaults={"name_ko": name_ko, "artists": artists})
