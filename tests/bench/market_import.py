"""How long an import of audio features takes, and how much memory. `python -m tests.bench.market_import`

Made-up files in the published layouts, into a database of this measurement's own. "whole" is the command as somebody starts
it, "reading" what of that is the import itself, "CPU" what of it this process worked (the rest is the database's server).
"peak" is the largest resident size of the process, which is "before" already when the import begins. The last line is one
JSON object.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench.processes import PROC, busy_cores_s, run_watched


def files() -> dict[str, Callable[[Path], Path]]:
    from tests import market

    return {
        "artists, 28,680 rows": partial(market.write_artists_csv, n=28_680),
        "artists, 30,000 rows": partial(market.write_artists_csv, n=30_000, seed=1),
        "tracks, 170,000 rows": partial(market.write_tracks_csv, n=170_000),
        "tracks, a line a genre, 114,000 rows": partial(market.write_tracks_csv, n=114_000, seed=1, layout="dataset"),
    }


def measure() -> None:
    with tempfile.TemporaryDirectory(prefix="kdance-bench-") as folder:
        os.environ |= {"KDANCE_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "kdance_site.settings"}
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        found = {name: measure_file(write(Path(folder) / "made-up.csv")) for name, write in files().items()}
        connection.close()
        for name, figures in found.items():
            print(
                f"{name:<38} {figures['megabytes']:5.1f} MB   whole {figures['whole_s']:5.1f} s   "
                f"reading {figures['reading_s']:5.1f} s   CPU {figures['cpu_s']:4.1f} s   "
                f"before {figures['before_mb']:4.0f} MB   peak {figures['peak_mb']:4.0f} MB   "
                f"{figures['busy_cores']:.1f} cores busy"
            )
        print(json.dumps(found))


def measure_file(path: Path) -> dict[str, Any]:
    began, busy = time.perf_counter(), busy_cores_s()
    figures, _ = run_watched([sys.executable, "-m", "tests.bench.market_import", path])
    whole_s = time.perf_counter() - began
    return figures | {
        "whole_s": whole_s,
        "busy_cores": (busy_cores_s() - busy) / whole_s,
        "megabytes": path.stat().st_size / 1e6,
    }


def import_once(path: Path) -> None:
    import django

    django.setup()
    from django.db import connection

    from choreography.market_import import import_features

    connection.ensure_connection()
    before, began, worked = _peak_mb(), time.perf_counter(), time.process_time()
    imported = import_features(path)
    print(
        json.dumps(
            {
                "rows": imported.source.row_count,
                "reading_s": time.perf_counter() - began,
                "cpu_s": time.process_time() - worked,
                "before_mb": before,
                "peak_mb": _peak_mb(),
            }
        )
    )


def _peak_mb() -> float:
    status = (PROC / "self" / "status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) * 1024 / 1e6


if __name__ == "__main__":
    import_once(Path(sys.argv[1])) if sys.argv[1:] else measure()
