"""`python -m ml_training.data convert SOURCE --out SAMPLES`: labels of others as one table of samples.

SOURCE is AI Hub's folder (see `layout`), a COCO keypoints file (.json, see `coco`) or a sheet of 59 columns (.csv). Zips stay
packed. SAMPLES gets `labels.parquet`, `labels.csv`, `report.json`, which says what was left out and why, and, when anything
was, `left_out.csv`, which names all of it.

It can be stopped at any time; the same command goes on from there, and does nothing once all is done. Every file is written
whole or not at all.
"""

import argparse
import csv
import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from ml_training.data import chunks
from ml_training.data.coco import SHEET as COCO_SHEET
from ml_training.data.coco import read_coco, write_coco
from ml_training.data.judging import REASONS, Judged, without_sideways
from ml_training.data.layout import NAME, Found, find_labels
from ml_training.data.provenance import is_rendered
from ml_training.data.samples import Samples
from ml_training.data.tables import SHEET, TABLE, read_csv, read_samples, rows_in, write_samples
from ml_training.errors import TrainingError
from ml_training.files import whole_file
from ml_training.parallel import in_parallel

REPORT = "report.json"
LEFT_OUT = "left_out.csv"
EXAMPLES = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, help="AI Hub's folder, a COCO keypoints .json, or a .csv of 59 columns")
    parser.add_argument("--out", type=Path, required=True, help="folder for the table and the report")
    parser.add_argument("--views", nargs="+", default=(), metavar="V", help="cameras to take, such as F (default: all)")
    parser.add_argument("--jobs", type=int, help="processes (default: one a core)")
    parser.add_argument("--label-size", type=_size, metavar="WxH", help="size labelled, where labels do not tell it")
    parser.add_argument(
        "--names", type=re.compile, default=NAME, metavar="REGEX", help="with groups dancer, view, frame"
    )
    parser.add_argument("--pictures", type=Path, help="where the pictures of a .json or .csv lie (default: beside it)")
    parser.add_argument("--coco", action="store_true", help=f"write {COCO_SHEET} as well")


def run(arguments: argparse.Namespace) -> None:
    source, out = arguments.source, arguments.out
    kind = source.suffix.lower()
    _refuse_what_does_not_apply(arguments, kind)
    pictures = arguments.pictures or source.parent
    if kind == ".json":
        _keep_judged(read_coco(source, pictures), out)
    elif kind == ".csv":
        _keep_judged(read_csv(source, pictures, arguments.label_size), out)
    else:
        convert(source, out, tuple(arguments.views), arguments.jobs, arguments.label_size, arguments.names)
    if arguments.coco:
        write_coco(read_samples(out), out / COCO_SHEET)
    print(_summary(json.loads((out / REPORT).read_text(encoding="utf-8")), out))


def _refuse_what_does_not_apply(arguments: argparse.Namespace, kind: str) -> None:
    """An option that would change nothing is refused: whoever gives it believes that it does. Raises TrainingError."""
    given = {
        "--views": bool(arguments.views),
        "--names": arguments.names is not NAME,
        "--label-size": arguments.label_size is not None,
        "--pictures": arguments.pictures is not None,
    }
    use = {".json": {"--pictures"}, ".csv": {"--pictures", "--label-size"}}.get(kind, given.keys() - {"--pictures"})
    useless = [option for option, is_given in given.items() if is_given and option not in use]
    if useless:
        source = f"a {kind} file" if kind in (".json", ".csv") else "AI Hub's folder"
        raise TrainingError("bad_option", f"{' and '.join(useless)} cannot be used with {source}: leave it out.")


def _keep_judged(judged: Judged, out: Path) -> None:
    samples, skipped, scaled = judged
    report = _report(samples, skipped) | {"labels_scaled_to_their_picture": scaled, "pictures_alone": _alone(samples)}
    _keep(samples, report, skipped, out)


def _alone(samples: Samples) -> int:
    """How many pictures share neither song nor dancer nor clip with another."""
    told = dict(zip(samples.image, zip(samples.song, samples.dancer, samples.clip, strict=True), strict=True))
    counts = [Counter(name for name in column if name) for column in zip(*told.values(), strict=True)]
    return sum(all(count[name] < 2 for count, name in zip(counts, names, strict=True)) for names in told.values())


def convert(
    root: Path,
    out: Path,
    views: tuple[str, ...] = (),
    jobs: int | None = None,
    labelled_px: tuple[int, int] | None = None,
    names: re.Pattern[str] = NAME,
) -> None:
    """Read every label of these views below AI Hub's folder `root`; table and report go to `out`. Raises TrainingError."""
    root, out = root.resolve(), out.resolve()
    found = find_labels(root, views, names)
    fingerprint = chunks.fingerprint(root, found.labels, labelled_px)
    if _is_done(out, fingerprint):
        # Killed between the report and their removal, an earlier run left them.
        shutil.rmtree(out / chunks.FOLDER, ignore_errors=True)
        return
    tasks = chunks.tasks_for(root, out, found.labels, labelled_px)
    with tqdm(total=len(found.labels), unit=" labels", desc="convert") as bar:
        for count in in_parallel(chunks.read_task, tasks, jobs):
            bar.update(count)
    samples, skipped, scaled = _judged(root, found, chunks.results(tasks))
    report = _report(samples, skipped) | {
        "labels_scaled_to_their_picture": scaled,
        "labels_found_twice": found.found_twice,
        "pictures_without_label": found.pictures_without_label,
        "fingerprint": fingerprint,
    }
    _keep(samples, report, skipped, out)
    shutil.rmtree(out / chunks.FOLDER)


def _is_done(out: Path, fingerprint: str) -> bool:
    """Whether all was read and written of just these files. The report is written last, but a table can be lost later."""
    try:
        report = json.loads((out / REPORT).read_text(encoding="utf-8"))
        whole = report["fingerprint"] == fingerprint and report["samples"] == rows_in(out) and (out / SHEET).is_file()
        return whole and "unreadable" not in report["skipped"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _judged(root: Path, found: Found, read: chunks.Read) -> Judged:
    used = np.flatnonzero(read.reason == "")
    skipped = {reason: [] for reason in REASONS}
    for place in np.flatnonzero(read.reason != ""):
        skipped[str(read.reason[place])].append(found.labels[place].label)
    names = [found.labels[place].label for place in used]
    return without_sideways(_samples(root, found, read, used), names, read.scaled[used], skipped)


def _samples(root: Path, found: Found, read: chunks.Read, used: np.ndarray) -> Samples:
    files = [found.labels[place] for place in used]

    def texts(name: str) -> np.ndarray:
        return np.array([getattr(file.name, name) for file in files], dtype=np.str_)

    return Samples(
        image=np.array([file.image for file in files], dtype=np.str_),
        xy_px=read.xy_px[used],
        visibility=read.visibility[used],
        conf=np.ones(read.visibility[used].shape, np.float32),
        size_px=read.size_px[used],
        part=texts("part"),
        song=texts("song"),
        dancer=texts("dancer"),
        clip=texts("clip"),
        view=texts("view"),
        frame=np.array([file.name.frame for file in files], dtype=np.int32),
        root=root.as_posix(),
        rendered=is_rendered(root, [str(file.image) for file in files]),
    )


def _report(samples: Samples, skipped: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "labels": len(samples) + sum(map(len, skipped.values())),
        "samples": len(samples),
        "songs": len(set(samples.song.tolist())),
        "dancers": len(set(samples.dancer.tolist())),
        "views": sorted(set(samples.view.tolist())),
        "rendered": samples.rendered,
        "skipped": {
            reason: {"count": len(files), "meaning": REASONS[reason], "examples": files[:EXAMPLES]}
            for reason, files in skipped.items()
            if files
        },
    }


def _keep(samples: Samples, report: dict[str, Any], skipped: dict[str, list[str]], out: Path) -> None:
    """The table, then what was left out, then the report; nothing where no label can be used. Raises TrainingError."""
    if not len(samples):
        message = f"None of {report['labels']} labels can be used: " + "; ".join(_skipped(report)) + "."
        raise TrainingError("no_usable_labels", message)
    for stale in (REPORT, LEFT_OUT):
        (out / stale).unlink(missing_ok=True)
    write_samples(samples, out)
    if report["skipped"]:
        with whole_file(out / LEFT_OUT) as draft, draft.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["reason", "label"])
            rows.writerows([reason, label] for reason, labels in skipped.items() for label in labels)
    with whole_file(out / REPORT) as draft:
        draft.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _summary(report: dict[str, Any], out: Path) -> str:
    lines = [f"{report['samples']} of {report['labels']} labels are in {out / TABLE}: {report['songs']} songs,"]
    lines[0] += f" {report['dancers']} dancers, views {' '.join(report['views']) or 'not told'}."
    if report["rendered"]:
        lines.append("RENDERED: these pictures are drawings; no figure on them is one on real people.")
    if report.get("pictures_alone", 0) > report["samples"] / 2:
        lines.append(
            f"WARNING: {report['pictures_alone']} pictures share neither song nor dancer nor clip with another. If they were "
            "cut from videos, neighbouring frames will train and judge: tell the videos apart by folders, or in a COCO file "
            "by `video_id` in each image's entry."
        )
    if report.get("labels_scaled_to_their_picture"):
        lines.append(
            f"{report['labels_scaled_to_their_picture']} were labelled on a picture of another size and scaled."
        )
    if report["dancers"] <= 1 and report["songs"] > 1:
        lines.append("The names tell of no more than one dancer: splits keep songs apart, not dancers (see --names).")
    if report["skipped"]:
        lines += [f"Left out ({LEFT_OUT} names them):", *(f"  {line}" for line in _skipped(report))]
    return "\n".join(lines)


def _skipped(report: dict[str, Any]) -> list[str]:
    return [f"{entry['count']} {reason}: {entry['meaning']}" for reason, entry in report["skipped"].items()]


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT")
    return int(width), int(height)
