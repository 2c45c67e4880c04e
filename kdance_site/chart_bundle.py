"""What the insights use of Chart.js, in one file under static/vendor/."""

import shutil
from pathlib import Path

from kdance_site.bundling import PACKAGES, REPOSITORY, bundle

CHARTS = PACKAGES / "chart.js"
COLOURS = PACKAGES / "@kurkle" / "color"
TARGET = REPOSITORY / "static" / "vendor" / "chartjs"

USED = """
BarController, BarElement, CategoryScale, Chart, LineController, LineElement, LinearScale, PointElement,
ScatterController
"""
"""Names that static/js/controllers/insight-chart.js registers."""


def bundle_charts(source: Path = CHARTS, colours: Path = COLOURS, target: Path = TARGET) -> None:
    """Bundle the names in `USED` as a module; the colour package that Chart.js stands on comes along."""
    bundle(USED, source / "dist" / "chart.js", target / "chart.js")
    shutil.copy(source / "LICENSE.md", target / "LICENSE.txt")
    shutil.copy(colours / "LICENSE.md", target / "LICENSE-color.txt")
