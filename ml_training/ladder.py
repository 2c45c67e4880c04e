"""Climb the original's ladder on the data there is: `python -m ml_training.ladder DATA --out FOLDER` (`make train-ladder`).

The original trained one network, CNN EXTEND, four times: 2000 pictures for 5 epochs, 8000 for 10, 16000 for 15 and 32000 for
20. Here the four trainings have the same pictures in proportion to what the training split holds, the same epochs, the same
batch, Adam, no augmentation; and they are judged on people and dances that were not trained on, which the original was not.

The original's numbers are mean absolute errors on its training pictures. The first is in pixels of 1920 x 1080 pictures,
since the targets of that run had not been scaled; the others are in pixels of the network's 320 x 180 input, six times as
large as those. The table states all of them in both.
"""

import argparse
import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ml_training.config import NONE, Config, load_config
from ml_training.data.cache import open_records
from ml_training.data.records import Records
from ml_training.errors import run_command
from ml_training.files import whole_file
from ml_training.metrics import judge
from ml_training.predict import predict
from ml_training.settings import with_settings
from ml_training.train import train, training_rows

INPUT_PX_A_PICTURE_PX = 320 / 1920


@dataclass(frozen=True)
class Rung:
    """What the original did. `mae_px` as it was printed, in pixels of pictures `width_px` wide."""

    images: int
    epochs: int
    mae_px: float
    width_px: int

    @property
    def mae_input_px(self) -> float:
        return self.mae_px * 320 / self.width_px


RUNGS = (
    Rung(2_000, 5, 66.8235, 1920),
    Rung(8_000, 10, 13.8769, 320),
    Rung(16_000, 15, 8.6318, 320),
    Rung(32_000, 20, 8.2247, 320),
)


@dataclass(frozen=True)
class Climbed:
    """Mean absolute errors of the weights that validated best, in pixels of a 320 x 180 input and of the body's height."""

    rung: Rung
    images: int
    steps: int
    train_input_px: float
    test_input_px: float
    test_height: float


def climb(
    config: Config,
    records: Records,
    folder: Path,
    *,
    rungs: Sequence[Rung] = RUNGS,
    say: Callable[[str], None] = print,
) -> list[Climbed]:
    """Train each rung in a folder of its own; rungs that are finished are not trained again."""
    climbed = []
    for number, (rung, own) in enumerate(zip(rungs, rung_configs(config, records, rungs), strict=True), 1):
        say(f"rung {number}: {own.images} pictures, {rung.epochs} epochs, {own.steps} steps")
        trained = train(own, records, folder / f"rung-{number}", say=say)
        figures = {}
        for split, rows in (("train", training_rows(own, records)), ("test", records.rows("test"))):
            found = predict(trained.network, records, rows)
            figures[split] = judge(found, records.samples.take(rows), with_ap=False).overall
        scale = 320 / float(np.mean(records.samples.size_px[:, 0]))
        climbed.append(
            Climbed(
                rung,
                own.images or 0,
                own.steps,
                figures["train"].mae_px * scale,
                figures["test"].mae_px * scale,
                figures["test"].mae_height,
            )
        )
    return climbed


def rung_configs(config: Config, records: Records, rungs: Sequence[Rung] = RUNGS) -> list[Config]:
    """The largest rung takes the whole training split, the others the same share of it as in the original."""
    whole = len(records.rows("train"))
    configs = []
    for rung in rungs:
        images = max(1, round(whole * rung.images / max(rung.images for rung in rungs)))
        steps = max(1, round(images * rung.epochs / config.batch))
        configs.append(
            dataclasses.replace(
                config,
                images=images,
                steps=steps,
                optimizer="adam",
                schedule="constant",
                warmup_steps=0,
                ema=0.0,
                augmentation=NONE,
                validate_every=max(1, steps // 4),
            )
        )
    return configs


def table(climbed: Sequence[Climbed]) -> str:
    """Markdown."""
    lines = [
        "| original: pictures x epochs | its MAE as printed | in input px | in 1080p px | here: pictures | steps "
        "| MAE on its training pictures, input px | MAE on held-out pictures, input px | in 1080p px | of the body's height |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in climbed:
        rung, in_1080p = one.rung, 1 / INPUT_PX_A_PICTURE_PX
        lines.append(
            f"| {rung.images} x {rung.epochs} | {rung.mae_px:.2f} px of {rung.width_px} | {rung.mae_input_px:.1f} "
            f"| {rung.mae_input_px * in_1080p:.0f} | {one.images} | {one.steps} | {one.train_input_px:.1f} "
            f"| {one.test_input_px:.1f} | {one.test_input_px * in_1080p:.0f} | {one.test_height:.1%} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ml_training.ladder", description=__doc__.split("\n")[0])
    parser.add_argument(
        "data", type=Path, help="the folder that `python -m ml_training.data cache` wrote, with letterbox/"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="gets a run a rung, and ladder.md")
    parser.add_argument("--set", action="extend", default=[], nargs="+", metavar="NAME=VALUE", dest="settings")
    arguments = parser.parse_args()
    config = with_settings(load_config("cnn_extend"), arguments.settings)
    written = table(climb(config, open_records(arguments.data, "letterbox"), arguments.out))
    with whole_file(arguments.out / "ladder.md") as draft:
        draft.write_text(written)
    print(
        f"\n{written}\nThe original judged itself on the pictures that it was trained on; MAE is the mean of |dx| and |dy|."
    )


if __name__ == "__main__":
    run_command(main)
