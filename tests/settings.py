"""The site's settings as the tests want them: apart from the data of `make run`, quick, and without a mail leaving.

The database stays a real PostgreSQL: a second embedded server that need not survive a power cut.
"""

import os
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
# Set before the site's settings are read. Processes that tests start, and pytest's own workers, inherit them.
os.environ.setdefault("KDANCE_MODEL_DIR", str(REPOSITORY / "var" / "models"))
os.environ["KDANCE_DATA_DIR"] = str(REPOSITORY / "var" / "test")
if "KDANCE_TEST_MEDIA" not in os.environ:
    MEDIA_OF_THIS_RUN = tempfile.TemporaryDirectory(prefix="kdance-media-")  # removed when the run ends
    os.environ["KDANCE_TEST_MEDIA"] = MEDIA_OF_THIS_RUN.name

# The static files' middleware warns in every test where the folder is not there.
(REPOSITORY / "var" / "test" / "static").mkdir(parents=True, exist_ok=True)

from kdance_site.settings import *  # noqa: E402, F403
from kdance_site.settings import DATABASES, STORAGES  # noqa: E402

POSTGRES_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# A name of this run's own, so that two runs at once do not drop each other's database. Only its inside is changed: the
# channel layer holds the very same dict.
DATABASES["default"]["TEST"] = {"NAME": f"test_kdance_{os.getpid()}"}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
STORAGES = {
    **STORAGES,
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        # Each of pytest's workers in a folder of its own: some tests look at all that lies there.
        "OPTIONS": {
            "location": str(Path(os.environ["KDANCE_TEST_MEDIA"]) / os.environ.get("PYTEST_XDIST_WORKER", "alone"))
        },
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
