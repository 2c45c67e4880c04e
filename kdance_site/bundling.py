"""Of a package of npm, only the names that are used: in one small module for browsers."""

import json
import shutil
import subprocess
from pathlib import Path

from kdance_site.node_tools import node_command

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGES = REPOSITORY / "node_modules"
ESBUILD = PACKAGES / "esbuild" / "bin" / "esbuild"


def bundle(names: str, source: Path, into: Path) -> None:
    """Bundle `names` of the module `source` with esbuild; the folder of `into` is made anew."""
    node = node_command("node")
    if node is None:
        raise FileNotFoundError(f"Node is needed to bundle {source.name}: run `make setup`.")
    shutil.rmtree(into.parent, ignore_errors=True)
    into.parent.mkdir(parents=True)
    wanted = f"export {{{names}}} from {json.dumps(str(source))};"
    options = ["--bundle", "--minify", "--format=esm", "--legal-comments=inline", "--log-level=warning"]
    command = [*node, str(ESBUILD), *options, f"--outfile={into}"]
    subprocess.run(command, input=wanted, text=True, check=True, cwd=REPOSITORY)
