import pytest


@pytest.fixture
def quiet_jobs(monkeypatch):
    """No hints to sockets: nobody is watching, and each would open a connection on an event loop of its own."""
    for module in ("inference.jobs", "inference.queue", "inference.services"):
        monkeypatch.setattr(f"{module}.hint_job_changed", lambda job_id: None)
