"""Brings the database up to date before the site starts: migrations, and the demo where the catalogue is empty.

Loading Django only to find that nothing is to be done would double the time to the first page, so what was prepared is
noted down, together with all that would make it stale.
"""

import hashlib
import json
from pathlib import Path
from typing import TypedDict

import psycopg
from django.conf import settings

from kdance_site.embedded_postgres.server import DATABASE, ROLE, ensure_running

DEMO_LOGINS = {"dancer": "dancer@example.com", "curator": "curator@example.com"}


class _Note(TypedDict):
    state: str | None
    demo: list[str]


def prepare_database() -> list[str]:
    """Prepare what needs it; return the demo people who can sign in, as roles of DEMO_LOGINS."""
    ensure_running()
    note = Path(settings.DATA_DIR) / "run" / "prepared.json"
    state = _state()
    known = _read(note)
    if state is not None and known["state"] == state:
        return known["demo"]
    demo = _prepare()
    note.parent.mkdir(parents=True, exist_ok=True)
    prepared: _Note = {"state": _state(), "demo": demo}
    note.write_text(json.dumps(prepared))
    return demo


def _prepare() -> list[str]:
    import django
    from django.core.management import call_command, get_commands

    django.setup()
    from django.contrib.auth import get_user_model
    from django.db import connections

    from choreography.models import Choreography

    if _migrations_wait():
        print("Preparing the database ...", flush=True)
        call_command("migrate", interactive=False, verbosity=0)
    if "seed_demo" in get_commands() and not Choreography.objects.exists():
        print("Filling the catalogue with the demo ...", flush=True)
        call_command("seed_demo")
    emails = set(get_user_model().objects.filter(email__in=DEMO_LOGINS.values()).values_list("email", flat=True))
    connections.close_all()
    return [role for role, email in DEMO_LOGINS.items() if email in emails]


def _migrations_wait() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _state() -> str | None:
    """What the preparation rests on: our migrations, the locked packages', and what this database has seen of them.

    None with DATABASE_URL: others may change that database, so it is looked at each time.
    """
    if settings.DATABASES["default"]["ENGINE"] != "kdance_site.embedded_postgres":
        return None
    digest = hashlib.sha256(repr(_applied()).encode())
    lock = settings.BASE_DIR / "requirements" / "base.txt"
    for path in [lock, *sorted(settings.BASE_DIR.glob("*/migrations/*.py"))]:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _applied() -> object:
    """The count and the time of the migrations applied, and whether the catalogue holds anything."""
    host = str(settings.DATABASES["default"]["HOST"])
    try:
        with psycopg.connect(host=host, user=ROLE, dbname=DATABASE) as connection:
            return connection.execute(
                "SELECT system_identifier, (SELECT count(*) FROM django_migrations),"
                " (SELECT max(applied) FROM django_migrations), EXISTS (SELECT 1 FROM choreography_choreography)"
                " FROM pg_control_system()"
            ).fetchone()
    except psycopg.errors.UndefinedTable:
        return None


def _read(note: Path) -> _Note:
    try:
        found: _Note = json.loads(note.read_text())
    except (FileNotFoundError, ValueError):
        return {"state": None, "demo": []}
    return found
