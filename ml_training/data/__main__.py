"""`python -m ml_training.data COMMAND ...`: from pictures somebody has, or that we draw, to records ready for training.

A command's module is imported when its name is given and not before, so that no command waits for, or needs, what only
another one uses.
"""

import argparse
import sys
from importlib import import_module

from ml_training.errors import run_command

COMMANDS = {
    "convert": "read AI Hub's folders or zips, or COCO keypoints, into one table of labelled pictures",
    "render": "draw people whose 29 joints are known exactly, laid out as AI Hub lays out its data",
    "cache": "cut a table's pictures to size once, ready for training",
    "preview": "draw pictures of a batch with their joints",
    "pseudo": "label clips by the product's own pose engine",
}


def main() -> None:
    arguments = parse(sys.argv[1:])
    arguments.run(arguments)


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ml_training.data", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, purpose in COMMANDS.items():
        command = commands.add_parser(name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}.")
        if name == _first_command(words):
            module = import_module(f"ml_training.data.{name}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    return parser.parse_args(words)


def _first_command(words: list[str]) -> str | None:
    return next((word for word in words if not word.startswith("-")), None)


if __name__ == "__main__":
    run_command(main)
