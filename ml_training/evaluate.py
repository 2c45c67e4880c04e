"""Judge one model: `python -m ml_training.evaluate MODEL DATA`.

    python -m ml_training.evaluate runs/simcc .train/data --html worst.html
    python -m ml_training.evaluate simcc.onnx .train/data --json simcc.json
    python -m ml_training.evaluate blazepose-full .train/data
    python -m ml_training.evaluate blazepose-full .train/data --find
    python -m ml_training.evaluate runs/cnn_extend .train/data --factor 6.5

MODEL is a folder that `train` wrote, an exported ONNX file, or an engine of the product by its name. The last two run in the
site, exactly as they would serve: six joints of the 29 follow there from the others (docs/pose.md), which is why figures of
the 23 direct joints stand beside those of all. DATA is a folder that `python -m ml_training.data cache` wrote. Everybody is
judged on the same pictures of a split: those whose hips and shoulders are labelled, so that the person's square is known.
That square is what networks and engines are shown (but those that take the whole picture); with `--find` an engine has to
find the person itself. A run is not judged on people or dances that it was trained on, but with `--seen`. On pictures
labelled by an engine (`data pseudo`) the figures are the distance from that engine.
"""

import argparse
import dataclasses
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ml_training.data.cache import open_records
from ml_training.data.framing import person_region
from ml_training.data.records import Kind, Records, Split
from ml_training.data.samples import Samples
from ml_training.errors import TrainingError, run_command
from ml_training.files import whole_file
from ml_training.metrics import Figures, Judgement, judge
from ml_training.site_reading import read_by_site
from ml_training.trained_on import refuse_seen, seen_in_training
from ml_training.worst_page import write_page

if TYPE_CHECKING:
    from ml_training.runs import Trained

SPLITS = ("test", "validation", "train")
_TIMED = 30
_FLOATS = (1, 10, 11, 16)
"""ONNX's float32, float16, float64 and bfloat16."""


@dataclass(frozen=True)
class Evaluation:
    """What is known about one model.

    Attributes
    ----------
    sees
        What the model is shown of a picture.
    rendered
        True where the pictures are rendered and not photographed: the figures say little about real people then.
    seen
        Dancers and songs of the pictures that a run was trained on; None where that is not known, as of engines and files.
    ms, ms_of
        Median time of one picture at batch 1, and what was timed.
    parameters, file_bytes
        None where not known.
    """

    model: str
    sees: str
    data: str
    split: str
    pictures: int
    rendered: bool
    seen: tuple[str, ...] | None
    ms: float
    ms_of: str
    parameters: int | None
    file_bytes: int | None
    judgement: Judgement


@dataclass(frozen=True, eq=False)
class _Reading:
    """The parts of an `Evaluation` that depend on the kind of model, and what it found: (N, 29, 3)."""

    found: NDArray[np.float64]
    sees: str
    ms: float
    ms_of: str
    parameters: int | None
    file_bytes: int | None


def evaluate(
    model: str,
    data: Path,
    *,
    split: Split = "test",
    find: bool = False,
    corrected: bool = True,
    factor: float | None = None,
    most: int | None = None,
    may_be_seen: bool = False,
) -> tuple[Evaluation, NDArray[np.float64], Samples]:
    """The judgement, what the model found (N, 29, 3), and the N pictures it was asked about.

    Parameters
    ----------
    model
        A run's folder, an .onnx file or an engine's name.
    find
        The engine looks for the person itself; means nothing for a run.
    corrected
        Whether the correction that a run fitted on its validation split is applied (it is part of what is exported).
    factor
        What the first version multiplied its coordinates by, 6 for none, in the correction's place; for a run that sees
        whole pictures.
    most
        At most so many pictures, spread evenly over the split.
    may_be_seen
        Judge also on those whom the run was trained on. Asking for the train split asks for that.

    Raises
    ------
    TrainingError
        "no_pictures", "seen_in_training", "no_factor"; as `load_run`, `open_records` and `read_by_site`.
    """
    trained = _trained(model) if Path(model).is_dir() else None
    if factor is not None:
        trained = _stretched(trained, factor)
    records = _records(data, trained.network.input.kind if trained else None)
    seen = seen_in_training(Path(model), records, split) if trained else None
    if split != "train" and not may_be_seen:
        refuse_seen(seen, Path(model), split)
    rows = _rows(records, split, most)
    samples = records.samples.take(rows)
    if trained:
        reading = _by_network(trained, Path(model), records, rows, corrected=corrected)
    else:
        reading = _by_site(samples, model, find=find)
    evaluation = Evaluation(
        model=Path(model).stem if trained or model.endswith(".onnx") else model,
        sees=reading.sees,
        data=str(data),
        split=split,
        pictures=len(rows),
        rendered=records.rendered,
        seen=seen,
        ms=reading.ms,
        ms_of=reading.ms_of,
        parameters=reading.parameters,
        file_bytes=reading.file_bytes,
        judgement=judge(reading.found, samples, with_ap=_can_average_precision()),
    )
    return evaluation, reading.found, samples


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """JSON-ready; what could not be measured is null."""
    return dataclasses.asdict(evaluation)


def told(evaluation: Evaluation) -> str:
    """The figures as text."""
    judged = evaluation.judgement
    lines = [
        f"{evaluation.model} sees {evaluation.sees}: {evaluation.pictures} pictures of the {evaluation.split} split of "
        f"{evaluation.data}{' (RENDERED: no figure on real people)' if evaluation.rendered else ''}",
        f"{evaluation.ms:.1f} ms a picture ({evaluation.ms_of})"
        + (f", {evaluation.parameters:,} parameters" if evaluation.parameters else "")
        + (f", {evaluation.file_bytes / 1e6:.1f} MB" if evaluation.file_bytes else ""),
        _acquainted(evaluation.seen),
        "",
        f"{'':22}{'MAE px':>9}{'MAE %':>8}{'off px':>9}{'off %':>8}{'PCK@.05h':>10}{'PCK@.2t':>9}{'OKS':>7}{'found':>8}",
    ]
    groups = {"all joints": judged.overall, "23 direct joints": judged.direct}
    groups |= {f"{name} joints": figures for name, figures in judged.by_visibility.items()}
    groups |= {f"view {name or '?'}": figures for name, figures in judged.by_view.items()}
    lines += [_line(name, figures) for name, figures in {**groups, **judged.by_joint}.items()]
    if judged.oks_ap is None:
        lines.append("OKS-AP: not computed, for faster-coco-eval is not installed here")
    else:
        lines.append("OKS-AP " + "  ".join(f"{name} {value:.3f}" for name, value in judged.oks_ap.items()))
    lines.append("MAE: mean of |dx| and |dy|; off: mean distance; %: of the body's height")
    return "\n".join(lines)


def _acquainted(seen: tuple[str, ...] | None) -> str:
    if seen is None:
        return "whether it was trained on these people or dances is not known"
    if not seen:
        return "trained on none of these people and dances"
    return f"SEEN IN TRAINING: {len(seen)} of these people and dances, so that it looks better than it is"


def _line(name: str, figures: Figures) -> str:
    values = (
        (figures.mae_px, "9.2f", 1),
        (figures.mae_height, "8.2f", 100),
        (figures.distance_px, "9.2f", 1),
        (figures.distance_height, "8.2f", 100),
        (figures.pck_height, "10.3f", 1),
        (figures.pck_torso, "9.3f", 1),
        (figures.oks, "7.3f", 1),
        (figures.found, "8.3f", 1),
    )
    return f"{name:22}" + "".join(
        f"{value * factor:{form}}" if value is not None else f"{'-':>{form.split('.')[0]}}"
        for value, form, factor in values
    )


def _trained(folder: str) -> "Trained":
    from ml_training.runs import load_run

    return load_run(Path(folder))


def _stretched(trained: "Trained | None", factor: float) -> "Trained":
    """The run as the first version would have drawn it. Raises TrainingError "no_factor"."""
    from ml_training.correction import Correction

    if trained is None or trained.network.input.kind != "letterbox":
        message = (
            "--factor stretches coordinates of the whole picture, as the first version did: it is for runs of networks that "
            "see the whole picture, such as cnn_extend."
        )
        raise TrainingError("no_factor", message)
    if not 0 < factor < math.inf:
        raise TrainingError("no_factor", f"--factor {factor}: the first version's were 6, 6.25, 6.5 and 8.")
    return dataclasses.replace(trained, correction=Correction.original(factor))


def _records(data: Path, kind: Kind | None) -> Records:
    """Of the kind that the network sees; an engine only needs to know which pictures there are."""
    if kind is not None:
        return open_records(data, kind)
    try:
        return open_records(data, "person")
    except TrainingError as error:
        if error.code != "no_records":
            raise
        return open_records(data, "letterbox")


def _rows(records: Records, split: Split, most: int | None) -> NDArray[np.int64]:
    rows = records.rows(split)
    rows = np.array([row for row in rows if person_region(records.samples.xy_px[row]) is not None], np.int64)
    if not len(rows):
        raise TrainingError("no_pictures", f"{records.folder} has no picture of a whole torso in its {split} split.")
    if most is None or most >= len(rows):
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)]


def _by_network(
    trained: "Trained", folder: Path, records: Records, rows: NDArray[np.int64], *, corrected: bool
) -> _Reading:
    import keras

    from ml_training.predict import predict

    spec = trained.network.input
    correction = trained.correction if corrected else None
    found = predict(trained.network, records, rows, correction=correction).astype(np.float64)
    picture = np.zeros((1, spec.height, spec.width, 3), np.float32)
    what = {"person": "the person's square", "letterbox": "the whole picture"}[spec.kind]
    return _Reading(
        found=found,
        sees=f"{what}, {spec.width}x{spec.height}",
        ms=_median_ms(lambda: trained.network.model.predict_on_batch(picture)),
        ms_of=f"the network alone in Keras on {keras.backend.backend()}, {os.cpu_count()} cores",
        parameters=trained.network.model.count_params(),
        file_bytes=sum(path.stat().st_size for path in folder.glob("best.weights.h5")),
    )


def _by_site(samples: Samples, model: str, *, find: bool) -> _Reading:
    is_file = model.endswith(".onnx")
    if is_file and not Path(model).is_file():
        raise TrainingError("no_model", f"There is no file {model}.")
    reading = read_by_site(samples, model, find=find)
    sees, parameters = _declared(model) if is_file else ("the person's square", None)
    return _Reading(
        found=reading.found,
        sees="the whole picture, and finds the person itself" if find else sees,
        ms=float(np.median(reading.ms)),
        ms_of="from the decoded picture to the joints in the site, one thread of the processor",
        parameters=parameters,
        file_bytes=Path(model).stat().st_size if is_file else None,
    )


def _declared(path: str) -> tuple[str, int]:
    """What an exported model says that it is shown, and how many numbers it has learnt."""
    import onnx

    model = onnx.load(path)
    wants = json.loads({entry.key: entry.value for entry in model.metadata_props}["kdance.input"])
    width, height = np.broadcast_to(wants["size_px"], 2).tolist()
    what = {"letterbox": "the whole picture"}.get(wants["crop"], "the person's square")
    learnt = (math.prod(each.dims) for each in model.graph.initializer if each.data_type in _FLOATS)
    return f"{what}, {width}x{height}", sum(learnt)


def _median_ms(once: Callable[[], object]) -> float:
    once()
    times = []
    for _ in range(_TIMED):
        began = time.perf_counter()
        once()
        times.append(1000 * (time.perf_counter() - began))
    return float(np.median(times))


def _can_average_precision() -> bool:
    from importlib.util import find_spec

    return find_spec("faster_coco_eval") is not None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ml_training.evaluate", description=__doc__.split("\n")[0])
    parser.add_argument("model", help="a run's folder, an .onnx file, or an engine such as blazepose-full")
    parser.add_argument("data", type=Path, help="the folder that `python -m ml_training.data cache` wrote")
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--find", action="store_true", help="the engine has to find the person itself")
    correcting = parser.add_mutually_exclusive_group()
    correcting.add_argument("--plain", action="store_true", help="without the run's correction")
    correcting.add_argument(
        "--factor",
        type=float,
        metavar="6.5",
        help="stretched as the first version did, instead of the run's correction",
    )
    parser.add_argument("--seen", action="store_true", help="also on people and dances that the run was trained on")
    parser.add_argument("--most", type=int, metavar="N", help="at most so many pictures, spread over the split")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with the worst twenty pictures")
    arguments = parser.parse_args()
    evaluation, found, samples = evaluate(
        arguments.model,
        arguments.data,
        split=arguments.split,
        find=arguments.find,
        corrected=not arguments.plain,
        factor=arguments.factor,
        most=arguments.most,
        may_be_seen=arguments.seen,
    )
    print(told(evaluation))
    if arguments.json:
        with whole_file(arguments.json) as draft:
            draft.write_text(json.dumps(as_json(evaluation), indent=1) + "\n", encoding="utf-8")
    if arguments.html:
        write_page(arguments.html, evaluation.model, told(evaluation), found, samples)


if __name__ == "__main__":
    run_command(main)
