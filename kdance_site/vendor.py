"""Copies what the browser needs from node_modules/ to static/vendor/: `python -m kdance_site.vendor`."""

import shutil
from pathlib import Path

from kdance_site.chart_bundle import bundle_charts
from kdance_site.three_bundle import bundle_three
from kdance_site.vision_bundle import build_vision

REPOSITORY = Path(__file__).resolve().parent.parent
PRETENDARD = REPOSITORY / "node_modules" / "pretendard" / "dist"
VENDOR = REPOSITORY / "static" / "vendor"


def copy_pretendard(source: Path = PRETENDARD, target: Path = VENDOR / "pretendard") -> None:
    """The variable font, cut into pieces by script: a page fetches only the pieces whose letters it shows."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    web = source / "web" / "variable"
    shutil.copy(web / "pretendardvariable-dynamic-subset.css", target)
    shutil.copytree(web / "woff2-dynamic-subset", target / "woff2-dynamic-subset")
    shutil.copy(source / "LICENSE.txt", target)


if __name__ == "__main__":
    copy_pretendard()
    bundle_three()
    bundle_charts()
    build_vision()
