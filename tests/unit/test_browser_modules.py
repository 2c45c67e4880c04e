"""What the browser's modules repeat from Python says the same there."""

import re
import subprocess
from pathlib import Path

from choreography.words import WORDS
from inference.pose.skeleton import SKELETON
from kdance_site.node_tools import node_command

REPOSITORY = Path(__file__).resolve().parents[2]
LIBRARY = REPOSITORY / "static" / "js" / "lib"


def _in_node(code: str) -> list[str]:
    node = node_command("node")
    assert node is not None, "`make setup` provides a node"
    ran = subprocess.run(
        [*node, "--input-type=module", "-e", code], capture_output=True, text=True, check=True, cwd=LIBRARY
    )
    return ran.stdout.split("\n")[:-1]


def test_joints_stand_in_the_same_order() -> None:
    code = 'import { JOINTS } from "./joints.js"; for (const joint of JOINTS) console.log(joint);'
    assert _in_node(code) == list(SKELETON.joints)


def test_every_word_of_the_browser_can_be_translated() -> None:
    code = (
        'import { DEFAULT_WORDS } from "./words.js";'
        "for (const [key, sentence] of Object.entries(DEFAULT_WORDS)) console.log(`${key}\\t${sentence}`);"
    )
    assert dict(line.split("\t") for line in _in_node(code)) == WORDS


def test_modules_are_named_in_the_table_of_controllers() -> None:
    table = (REPOSITORY / "static" / "js" / "main.js").read_text()
    controllers = {path.stem for path in (REPOSITORY / "static" / "js" / "controllers").glob("*.js")}
    assert set(re.findall(r'import\("\./controllers/([a-z-]+)\.js"\)', table)) == controllers
