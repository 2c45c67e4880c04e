"""Static files under names that carry their content's hash, so that browsers may keep them for ever."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from servestatic.storage import CompressedManifestStaticFilesStorage

from kdance_site.node_tools import node_command

ESBUILD = Path(__file__).resolve().parent.parent / "node_modules" / "esbuild" / "bin" / "esbuild"
OWN_SCRIPTS = "js"


class StaticStorage(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True
    # Names are settled a pass after those of the modules they import: as many passes as the longest chain of imports has.
    max_post_process_passes = 20

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            minify(Path(self.location) / OWN_SCRIPTS)
            # Taken from what was collected and shortened, not from the sources.
            paths = {
                name: (self, name) if name.startswith(f"{OWN_SCRIPTS}/") else place for name, place in paths.items()
            }
        yield from super().post_process(paths, dry_run, **options)


def minify(folder: Path) -> None:
    """Shorten the scripts in a folder in place, each by itself: comments and long names are a third of what is fetched."""
    scripts = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.js") if len(path.suffixes) == 1)
    node = node_command("node")
    if node is None:
        raise FileNotFoundError("Node is needed to shorten the scripts: run `make setup`.")
    if scripts:
        options = ["--minify", "--log-level=warning", "--allow-overwrite", "--outbase=.", "--outdir=."]
        subprocess.run([*node, str(ESBUILD), *scripts, *options], check=True, cwd=folder)
