"""Climb the original's ladder on the data there is: `python -m ml_training.ladder DATA --out FOLDER` (`make train-ladder`).

The original trained one network, CNN EXTEND, four times: 2000 pictures for 5 epochs, 8000 for 10, 16000 for 15 and 32000 for
20. Here the four trainings have the same pictures in proportion to what the training split holds, the same epochs, the same
batch, Adam, no augmentation; and they are judged on people and dances that were not trained on, which the original was not.

The original's numbers are mean absolute errors on its training pictures. The first is in pixels of 1920 x 1080 pictures,
since the targets of that run had not been scaled; the others are in pixels of the network's 320 x 180 input, six times as
large as those. The table states all of them in both; pictures of other shapes and sizes are shrunk to the input each by its own
factor. The original drew what it found six and a quarter to eight times as large, where six was right: what that does to the
errors stands in the last column.
"""

import argparse
import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml_training.config import NONE, Config, load_config
from ml_training.correction import ORIGINAL_SCALE, Correction
from ml_training.data.cache import open_records
from ml_training.data.records import LETTERBOX_PX, Records
from ml_training.errors import run_command
from ml_training.files import whole_file
from ml_training.metrics import Figures, judge
from ml_training.predict import Predictor, to_picture
from ml_training.settings import with_settings
from ml_training.train import train, training_rows

INPUT_PX_A_PICTURE_PX = 320 / 1920
FACTORS = (6.25, 6.5, 8.0)
"""The original multiplied its coordinates by one of these, rather than by the six that would have been right."""


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
    """Mean absolute errors of the weights that validated best, in pixels of a 320 x 180 input and of the body's height.

    `stretched_input_px`: on the test split, with each of FACTORS.
    """

    rung: Rung
    images: int
    steps: int
    train_input_px: float
    test_input_px: float
    test_height: float
    stretched_input_px: tuple[float, ...]


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
        predictor = Predictor(trained.network)
        trained_on = _Judging(predictor, records, training_rows(own, records)).figures()
        held_out = _Judging(predictor, records, records.rows("test"))
        climbed.append(
            Climbed(
                rung,
                own.images or 0,
                own.steps,
                train_input_px=_known(trained_on.mae_px),
                test_input_px=_known(held_out.figures().mae_px),
                test_height=_known(held_out.figures().mae_height),
                stretched_input_px=tuple(_known(held_out.figures(factor).mae_px) for factor in FACTORS),
            )
        )
    return climbed


class _Judging:
    """What a network finds in these rows, judged in pixels of its input: each picture shrunk by its own factor."""

    def __init__(self, predictor: Predictor, records: Records, rows: NDArray[np.int64]) -> None:
        self._network, self._records, self._rows = predictor.network, records, rows
        self._found = predictor.read_input(records, rows)
        samples = records.samples.take(rows)
        self._scale = np.min(np.array(LETTERBOX_PX) / samples.size_px, axis=1)[:, None, None]
        self._samples = dataclasses.replace(samples, xy_px=(samples.xy_px * self._scale).astype(np.float32))

    def figures(self, factor: float = ORIGINAL_SCALE) -> Figures:
        """As the original would have drawn it with this factor."""
        xy = Correction.original(factor).apply(self._found[..., :2])
        found = np.concatenate([xy, self._found[..., 2:]], axis=-1)
        found = to_picture(found, self._records, self._rows, self._network).astype(np.float64)
        found[..., :2] *= self._scale
        return judge(found, self._samples, with_ap=False).overall


def _known(value: float | None) -> float:
    return float("nan") if value is None else value


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
        "| MAE on its training pictures, input px | MAE on held-out pictures, input px | in 1080p px | of the body's height "
        f"| with the original's factors {_each(FACTORS, 'g')}, input px |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in climbed:
        rung, in_1080p = one.rung, 1 / INPUT_PX_A_PICTURE_PX
        lines.append(
            f"| {rung.images} x {rung.epochs} | {rung.mae_px:.2f} px of {rung.width_px} | {rung.mae_input_px:.1f} "
            f"| {rung.mae_input_px * in_1080p:.0f} | {one.images} | {one.steps} | {one.train_input_px:.1f} "
            f"| {one.test_input_px:.1f} | {one.test_input_px * in_1080p:.0f} | {one.test_height:.1%} "
            f"| {_each(one.stretched_input_px, '.1f')} |"
        )
    return "\n".join(lines) + "\n"


def _each(values: Sequence[float], form: str) -> str:
    return " / ".join(f"{value:{form}}" for value in values)


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
