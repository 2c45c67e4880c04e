import os
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings

from tests.browser import NONE_TO_BE_HAD, find_browser, launch_arguments
from tests.together import Together

REPOSITORY = Path(__file__).resolve().parent.parent

# They run in the environment of the training: `make test-training`.
collect_ignore = ["training"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Only a run of the browser tests alone is shared out by file; None leaves it to xdist."""
    alone = all("tests/functional" in where for where in config.args)
    return Together(config, log) if alone else None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, django_db_blocker):
    """Before this run makes its database, drop those of runs that were killed."""
    with django_db_blocker.unblock():
        _drop_databases_of_dead_runs()


@pytest.fixture
def database_url(db):
    """DATABASE_URL of the test database, for a command that a test starts as a process of its own."""
    from django.db import connection

    found = connection.settings_dict
    user = ":".join(quote(part, safe="") for part in (found["USER"], found["PASSWORD"]) if part)
    port = f":{found['PORT']}" if found["PORT"] else ""
    return f"postgresql://{user}@{quote(found['HOST'], safe='')}{port}/{found['NAME']}"


@pytest.fixture(scope="session")
def browser_path():
    """A Chromium to drive; a machine where none can be had fails the test, for the pages would go unseen."""
    path = find_browser(Path(settings.DATA_DIR) / "browser.lock")
    if path is None:
        pytest.fail(NONE_TO_BE_HAD)
    return path


@pytest.fixture(scope="session")
def browser_arguments():
    return launch_arguments()


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real clips and tracks beside the checkout, where there is one."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no folder of real clips beside the checkout ({folder.name}/)")
    return folder


def _drop_databases_of_dead_runs():
    from django.db import connection

    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_kdance\\_%%'")
        for (name,) in cursor.fetchall():
            if not _runs(int(re.fullmatch(r"test_kdance_(\d+)(_gw\d+)?", name)[1])):
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _runs(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
