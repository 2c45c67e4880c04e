"""All networks, the product's engine and its student on the same rendered people: `python -m ml_training.compare`.

    make compare-models                                          # the table in ml_training/README.md, under 15 minutes
    python -m ml_training.compare --work .train/compare --seconds 600 --pictures 8000 --people 800

Renders people, trains every network for the same number of seconds on the machine's processor, judges them on people that
none of them has seen, beside `blazepose-full` and a network taught by it. Each finished step is noted in the work folder, so
the same command goes on where it was stopped. It compares networks at a small size and on rendered people; it says nothing
about how well any of them would do on real ones.
"""

import argparse
import dataclasses
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml_training.config import Config, load_config
from ml_training.data.cache import open_records
from ml_training.data.records import Records
from ml_training.data.samples import Samples
from ml_training.errors import TrainingError, run_command
from ml_training.files import whole_file
from ml_training.metrics import judge

REPOSITORY = Path(__file__).resolve().parents[1]
TEACHER = "blazepose-full"
LEAST_CONF = 0.5
MEAN_POSE = "mean pose"

NETWORKS = ("cnn_extend", "simcc", "hourglass", "transformer", "transfer", "distil")
"""Each as its `configs/NAME_small.py` says. `transfer` begins with what simcc has learnt, so that nothing has to be fetched."""
_STEPS = 20_000
"""More than there is time for: the seconds decide."""


@dataclass(frozen=True)
class Plan:
    """What decides the table, besides the machine. `seconds` of training for each network."""

    people: int = 190
    pictures: int = 1500
    seconds: float = 70.0
    seed: int = 1
    networks: tuple[str, ...] = NETWORKS


class Work:
    """A folder in which each finished step has left its result."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        """Raises TrainingError "other_plan" for a folder with another comparison."""
        self.folder = folder
        noted, text = folder / "plan.json", json.dumps(dataclasses.asdict(plan), indent=1) + "\n"
        if noted.is_file() and noted.read_text() != text:
            raise TrainingError(
                "other_plan", f"{folder} holds a comparison with other options ({noted}): remove it or take another."
            )
        with whole_file(noted) as draft:
            draft.write_text(text)

    def step(self, name: str, action: Callable[[], Any]) -> Any:
        """What `action` returned, now or in an earlier run (JSON-ready)."""
        noted = self.folder / "done" / f"{name}.json"
        if noted.is_file():
            return json.loads(noted.read_text())["result"]
        print(f"== {name}", flush=True)
        began = time.monotonic()
        result = action()
        about = {"seconds": round(time.monotonic() - began, 1), "load": os.getloadavg()[0], "result": result}
        with whole_file(noted) as draft:
            draft.write_text(json.dumps(about, indent=1) + "\n")
        print(f"== {name}: {about['seconds']} s, load {about['load']:.1f}", flush=True)
        return result

    def total_s(self) -> float:
        return sum(json.loads(noted.read_text())["seconds"] for noted in (self.folder / "done").glob("*.json"))


def compare(plan: Plan, folder: Path) -> str:
    """The table as Markdown."""
    work = Work(folder, plan)
    _make_data(work, plan)
    data = folder / "data"
    rows = {MEAN_POSE: work.step("judge-mean-pose", lambda: _mean_pose(data))}
    failed = []
    for name in plan.networks:
        try:
            rows[name] = _trained(work, name, plan)
        except TrainingError as error:
            failed.append(f"`{name}` failed: {error.code}: {error}")
            print(failed[-1], file=sys.stderr)
    rows[TEACHER] = work.step("judge-engine", lambda: _judge(TEACHER, data))
    rows[f"{TEACHER} by itself"] = work.step("judge-engine-by-itself", lambda: _judge(TEACHER, data, find=True))
    return "\n".join([_table(rows, plan, work), *failed])


def _trained(work: Work, name: str, plan: Plan) -> dict[str, Any]:
    """A network's line: trained, judged as it is, and once more as the file that the site would serve."""
    data, run = work.folder / "data", work.folder / "runs" / name
    records = _teach(work, data) if name == "distil" else open_records(data, _kind(name))
    about = work.step(f"train-{name}", lambda: _train(name, records, work.folder, plan))
    return about | work.step(f"judge-{name}", lambda: _judge(str(run), data)) | _as_served(work, name, data)


def _make_data(work: Work, plan: Plan) -> None:
    folder = work.folder
    asked = ["--people", plan.people, "--pictures", plan.pictures, "--seed", plan.seed]
    work.step("render", lambda: _data("render", "--out", folder / "aihub", *asked))
    work.step("convert", lambda: _data("convert", folder / "aihub", "--out", folder / "samples"))
    work.step("cache", lambda: _data("cache", folder / "samples", "--out", folder / "data"))


def _data(*words: object) -> None:
    """A command of `ml_training.data`, in a process of its own: it forks, which a process with TensorFlow must not."""
    done = subprocess.run([sys.executable, "-m", "ml_training.data", *map(str, words)], cwd=REPOSITORY, check=False)
    if done.returncode:
        raise TrainingError(
            "step_failed", f"`python -m ml_training.data {words[0]}` failed; what it said stands above."
        )


def _kind(name: str) -> Any:
    return "letterbox" if name == "cnn_extend" else "person"


def _train(name: str, records: Records, folder: Path, plan: Plan) -> dict[str, Any]:
    import keras

    from ml_training.checkpoint import read_facts
    from ml_training.train import train

    config = config_of(name, plan.seed)
    if name == "transfer":
        config = dataclasses.replace(config, options={**config.options, "weights": str(_encoder_of(folder))})
    train(config, records, folder / "runs" / name, minutes=plan.seconds / 60)
    keras.backend.clear_session()
    gc.collect()
    facts = read_facts(folder / "runs" / name) or {}
    return {"seen": facts["step"] * config.batch, "pictures": len(records.rows("train"))}


def config_of(name: str, seed: int) -> Config:
    """The network's config for two cores, with one validation, at the end."""
    return dataclasses.replace(load_config(f"{name}_small"), steps=_STEPS, validate_every=_STEPS, seed=seed)


def _encoder_of(folder: Path) -> Path:
    """The encoder that simcc has learnt, as a file for `transfer`."""
    from ml_training.runs import load_run

    path = folder / "encoder.keras"
    network = load_run(folder / "runs" / "simcc").network
    network.model.get_layer(network.backbone).save(path)
    return path


def _judge(model: str, data: Path, find: bool = False) -> dict[str, Any]:
    from ml_training.evaluate import as_json, evaluate, told

    evaluation, _, _ = evaluate(model, data, find=find)
    print(told(evaluation).partition("\nview")[0], flush=True)
    return as_json(evaluation)


def _as_served(work: Work, name: str, data: Path) -> dict[str, Any]:
    """Time and size of the exported file in the site; nothing where Keras does not run on TensorFlow."""
    import keras

    if keras.backend.backend() != "tensorflow":
        return {}
    path = work.folder / "models" / f"{name}.onnx"
    work.step(f"export-{name}", lambda: _export(work.folder / "runs" / name, path))
    served = work.step(f"serve-{name}", lambda: _judge(str(path), data))
    return {"ms_served": served["ms"], "file_bytes": served["file_bytes"]}


def _export(run: Path, path: Path) -> dict[str, float]:
    from ml_training.export import export
    from ml_training.runs import load_run

    path.parent.mkdir(exist_ok=True)
    data = "rendered people of `python -m ml_training.compare`"
    return {"difference_px": export(load_run(run), path, licence="Apache-2.0", data=data, tflite=False)}


def _mean_pose(data: Path) -> dict[str, Any]:
    """What knows nothing of a picture but where its square lies: everybody stands as people do on average."""
    records = open_records(data, "person")
    mean = np.nanmean(records.xy_px[records.rows("train")], axis=0)
    rows = records.rows("test")
    matrix = records.to_picture[rows]
    xy = np.einsum("nij,kj->nki", matrix[:, :, :2], mean) + matrix[:, None, :, 2]
    found = np.concatenate([xy, np.ones((*xy.shape[:2], 1))], axis=2)
    judged = judge(found, records.samples.take(rows))
    return {"judgement": dataclasses.asdict(judged), "sees": "only the square's place", "pictures": len(rows)}


def _teach(work: Work, data: Path) -> Records:
    """The pictures of everybody but the test's people, their labels thrown away and given anew by the engine."""
    taught = work.folder / "taught"
    work.step("teach", lambda: _write_taught(data, taught))
    work.step("cache-taught", lambda: _data("cache", taught, "--out", work.folder / "taught-data", "--kinds", "person"))
    return open_records(work.folder / "taught-data", "person")


def _write_taught(data: Path, folder: Path) -> dict[str, int]:
    from ml_training.data.tables import write_samples
    from ml_training.site_reading import read_by_site

    records = open_records(data, "person")
    samples = records.samples.take(np.concatenate([records.rows("train"), records.rows("validation")]))
    taught = relabelled(samples, read_by_site(samples, TEACHER, find=True, jobs=os.cpu_count() or 1).found)
    write_samples(taught, folder)
    return {"pictures": len(samples), "taught": len(taught)}


def relabelled(samples: Samples, found: NDArray[np.float64]) -> Samples:
    """The pictures in which the engine found somebody, with what it found (N, 29, 3) in the place of their labels.

    A joint that lies outside the picture, or of which the engine is less sure than `LEAST_CONF`, has no label.
    """
    from inference.pose.track import PoseTrack
    from ml_training.data.framing import person_region
    from ml_training.data.pseudo import labels

    given = []
    for row, size_px in enumerate(samples.size_px.tolist()):
        one = found[row : row + 1]
        xy, conf = one[..., :2].astype(np.float32), np.nan_to_num(one[..., 2]).astype(np.float32)
        given.append(labels(PoseTrack(np.zeros(1), xy, conf, tuple(size_px), TEACHER), 0, LEAST_CONF))
    xy, visibility, conf = (np.array(column) for column in zip(*given, strict=True))
    there = np.array([person_region(each) is not None for each in xy])
    return dataclasses.replace(samples, xy_px=xy, visibility=visibility, conf=conf).take(there)


def _table(rows: dict[str, dict[str, Any]], plan: Plan, work: Work) -> str:
    judged = rows[TEACHER]["judgement"]["overall"]["pictures"]
    head = (
        "| model | sees | parameters | file, MB | ms | seen in training | MAE, px | MAE, % of height | 23 direct joints, % | "
        "hidden joints, % | PCK@.05 height | PCK@.2 torso | OKS-AP |"
    )
    lines = [
        f"**Rendered people, no photographs: these figures say nothing about real dancers.** {plan.pictures} pictures of "
        f"640 x 360 of {plan.people} people, {judged} of them with people and dances that no network was trained on. Every "
        f"network had {plan.seconds:.0f} s on {os.cpu_count()} cores, from nothing, but for `transfer`, which begins with what "
        f"`simcc` had learnt, and `distil`, whose labels are the engine's; whole comparison: {work.total_s() / 60:.1f} min.",
        "",
        head,
        "|---" * (head.count("|") - 1) + "|",
        *(_row(name, row) for name, row in rows.items()),
        "",
        *_findings(rows),
    ]
    return "\n".join(lines)


def _row(name: str, row: dict[str, Any]) -> str:
    judged = row["judgement"]
    overall = judged["overall"]
    ms = row.get("ms_served", row.get("ms") if name.startswith(TEACHER) else None)
    cells = [
        name,
        row["sees"],
        _number(row.get("parameters"), ",d"),
        _number(row.get("file_bytes"), ".1f", 1e-6),
        _number(ms, ".1f"),
        _number(row.get("seen"), ",d"),
        _number(overall["mae_px"], ".2f"),
        _number(overall["mae_height"], ".2f", 100),
        _number(judged["direct"]["mae_height"], ".2f", 100),
        _number(judged["by_visibility"]["hidden"]["mae_height"], ".2f", 100),
        _number(overall["pck_height"], ".3f"),
        _number(overall["pck_torso"], ".3f"),
        _number((judged["oks_ap"] or {}).get("ap"), ".3f"),
    ]
    return f"| {' | '.join(cells)} |"


def _number(value: float | None, form: str, factor: float = 1) -> str:
    if value is None:
        return "-"
    return f"{value if form.endswith('d') else value * factor:{form}}"


def _findings(rows: dict[str, dict[str, Any]]) -> list[str]:
    """The two ratios that are wanted, as they came out."""
    findings = []

    def error(name: str) -> float:
        return float(rows[name]["judgement"]["overall"]["mae_px"])

    if {"simcc", "cnn_extend"} <= rows.keys():
        findings.append(f"`simcc` has {error('simcc') / error('cnn_extend'):.2f} times the error of `cnn_extend`.")
    if "distil" in rows:
        student, teacher = rows["distil"], rows[TEACHER]
        times = f", in {student['ms_served'] / teacher['ms']:.2f} times its time" if "ms_served" in student else ""
        findings.append(
            f"The student `distil` has {error('distil') / error(TEACHER):.2f} times its teacher's error{times}."
        )
    return findings


def write_between(path: Path, mark: str, text: str) -> None:
    """Put `text` between the lines `<!-- mark -->` and `<!-- /mark -->` of a file. Raises TrainingError "no_marks"."""
    content = path.read_text(encoding="utf-8")
    start, end = f"<!-- {mark} -->\n", f"<!-- /{mark} -->"
    before, opened, rest = content.partition(start)
    _, closed, after = rest.partition(end)
    if not opened or not closed:
        raise TrainingError("no_marks", f"{path} has no place for the table: the lines {start.strip()} and {end}.")
    with whole_file(path) as draft:
        draft.write_text(f"{before}{start}{text}\n{end}{after}", encoding="utf-8")


def main() -> None:
    defaults = Plan()
    parser = argparse.ArgumentParser(prog="python -m ml_training.compare", description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, default=Path(".train/compare"), metavar="FOLDER")
    parser.add_argument("--people", type=int, default=defaults.people)
    parser.add_argument("--pictures", type=int, default=defaults.pictures)
    parser.add_argument("--seconds", type=float, default=defaults.seconds, help="of training for each network")
    parser.add_argument("--seed", type=int, default=defaults.seed)
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=defaults.networks)
    parser.add_argument("--into", type=Path, metavar="FILE.md", help="write the table between the marks of this file")
    arguments = parser.parse_args()
    if "transfer" in arguments.networks and "simcc" not in arguments.networks:
        parser.error("transfer begins with what simcc has learnt: name both")
    networks = tuple(name for name in NETWORKS if name in arguments.networks)
    plan = Plan(arguments.people, arguments.pictures, arguments.seconds, arguments.seed, networks)
    table = compare(plan, arguments.work.resolve())
    print(f"\n{table}")
    if arguments.into:
        write_between(arguments.into, "compare-models", table)


if __name__ == "__main__":
    run_command(main)
