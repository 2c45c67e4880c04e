"""What an import drags in, seen in a fresh interpreter: linters read the source, this looks at what is really loaded."""

import json
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FRAMEWORKS = {"django", "channels", "rest_framework", "procrastinate", "keras", "tensorflow", "cv2", "av"}
OURS = {"inference", "choreography", "accounts", "kdance_site"}
PURE_PACKAGES = ("inference.pose", "choreography.comparison", "choreography.market")
PURE_MODULES = ("choreography.poster", "choreography.demo.motion")
STATISTICS = {"scipy", "statsmodels", "pandas"}
COUNTED_BY_THE_WORKER = {"regression", "correlations", "residuals", "models", "trends", "rosters", "analysis"}

LOADED = """
import importlib, json, sys
for name in {names!r}:
    importlib.import_module(name)
print(json.dumps(sorted(sys.modules)))
"""
SITE_WITH_TRIPWIRE = """
import importlib.abc, json, os, sys
tried = []
class Tripwire(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {forbidden!r}:
            tried.append(name)
sys.meta_path.insert(0, Tripwire())
os.environ["DJANGO_SETTINGS_MODULE"] = "kdance_site.settings"
import kdance_site.asgi
from django.urls import get_resolver
get_resolver().url_patterns
print(json.dumps(tried))
"""


def modules_of(package_name):
    package = import_module(package_name)
    return [package_name, *(found.name for found in pkgutil.walk_packages(package.__path__, f"{package_name}."))]


def run_python(code):
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.mark.parametrize(
    "names", [modules_of(name) for name in PURE_PACKAGES] + [[name] for name in PURE_MODULES], ids=str
)
def test_the_maths_loads_no_framework(names):
    loaded = set(run_python(LOADED.format(names=names)))
    assert set(names) <= loaded
    assert {name.partition(".")[0] for name in loaded} & FRAMEWORKS == set()


def test_what_a_page_says_of_the_market_needs_no_statistics():
    """statsmodels alone takes seconds and 150 MB to import: only what counts may, and only the worker counts."""
    shown = [name for name in modules_of("choreography.market") if name.split(".")[-1] not in COUNTED_BY_THE_WORKER]
    assert {"choreography.market.payloads", "choreography.market.sample"} <= set(shown)
    loaded = set(run_python(LOADED.format(names=shown)))
    assert {name.partition(".")[0] for name in loaded} & STATISTICS == set()


def test_the_skeleton_loads_nothing_else_of_ours():
    loaded = run_python(LOADED.format(names=modules_of("inference.pose")))
    ours = {name for name in loaded if name.partition(".")[0] in OURS}
    assert {name for name in ours if not name.startswith("inference.pose")} == {"inference"}


def test_the_web_process_starts_without_codecs_models_or_scipy():
    """They are the worker's; importing them would take as long as all the rest of the site."""
    heavy = STATISTICS | {"av", "cv2", "ai_edge_litert", "onnxruntime", "tensorflow", "keras", "torch"}
    assert run_python(SITE_WITH_TRIPWIRE.format(forbidden=heavy)) == []


def test_the_command_line_of_extraction_needs_no_database(tmp_path):
    """The tripwire of the embedded server: asking for help starts nothing."""
    for words in (["--help"], ["check"], ["collectstatic", "--help"]):
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=REPOSITORY,
            env={"KDANCE_POSTGRES_DIR": str(tmp_path / "pg"), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert not (tmp_path / "pg").exists()
