"""From labelled pictures to records: every picture is cut to size once, and training never opens a JPEG again.

    DATA/person/records.json       names what is finished; nothing else is ever opened
    DATA/person/<fingerprint>/     pixels.npy, rows.npz, labels.parquet; while it grows also done/, one file a chunk

The fingerprint is of the labels, the pictures' sizes and the way of cutting: the same samples are cut once, a command that
was stopped goes on with the chunks that are missing, and what was there before stays whole until its successor is.
"""

import argparse
import hashlib
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml_training.data.cutting import RECORD_PX, inverse, record_map, through, weight_of
from ml_training.data.cutting_jobs import Chunk, cut_chunks, reserve
from ml_training.data.records import PERSON_MARGIN, Kind, Records
from ml_training.data.samples import COLUMNS, Samples
from ml_training.data.split import split_of
from ml_training.data.tables import read_samples, write_samples
from ml_training.errors import TrainingError
from ml_training.files import alone, whole_file
from ml_training.parallel import cores

VERSION = 3
CHUNK = 64
KINDS: tuple[Kind, ...] = ("person", "letterbox")
_NO_SQUARE = "no_square"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("samples", type=Path, help="folder with labels.parquet, as convert writes it")
    parser.add_argument("--out", type=Path, required=True, metavar="DATA", help="folder for the records")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--jobs", type=int, default=cores())


def run(arguments: argparse.Namespace) -> None:
    samples = read_samples(arguments.samples)
    for kind in arguments.kinds:
        print(write_records(samples, arguments.out, kind, jobs=arguments.jobs))


def write_records(samples: Samples, data_folder: Path, kind: Kind, *, jobs: int = 1) -> str:
    """Make `data_folder`/`kind` hold these samples; returns a line about what it holds.

    Raises
    ------
    TrainingError
        "no_records" (none of the pictures can be cut), "disk_full", "already_running".
    """
    split = split_of(samples)
    folder = Path(data_folder) / kind
    mark = _fingerprint(samples, split, kind)
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder):
        if not _is_whole(folder, kind, mark):
            _build(samples, split, folder, kind, mark, jobs)
        return f"{kind}: {_told(_finished(folder))} in {folder}"


def open_records(data_folder: Path | str, kind: Kind) -> Records:
    """The records of a kind that `cache` wrote; pixels stay on disk until they are asked for.

    Raises
    ------
    TrainingError
        "no_records", or "damaged_records" where a file is missing, cut short or not what was written.
    """
    folder = Path(data_folder) / kind
    about = _finished(folder)
    if not about:
        hint = f"python -m ml_training.data cache SAMPLES --out {data_folder} --kinds {kind}"
        raise TrainingError("no_records", f"There are no finished {kind} records in {data_folder}: {hint}")
    try:
        return _opened(folder / about["folder"], kind, about)
    except (OSError, ValueError, KeyError, TrainingError) as error:
        message = f"{folder} is damaged ({error}): run cache again."
        raise TrainingError("damaged_records", message) from error


def _is_whole(folder: Path, kind: Kind, mark: str) -> bool:
    """Whether these very records are there; damaged ones are cleared away, and so is what a killed writer left half done."""
    if _finished(folder).get("folder") == mark:
        try:
            return len(open_records(folder.parent, kind)) > 0
        except TrainingError:
            shutil.rmtree(folder / mark, ignore_errors=True)
    for draft in folder.glob("**/.*.draft"):
        draft.unlink()
    return False


def _opened(folder: Path, kind: Kind, about: dict[str, Any]) -> Records:
    for name, wanted in about["sha256"].items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != wanted:
            raise ValueError(f"{name} is not what was written")
    pixels = np.load(folder / about["pixels"], mmap_mode="r")
    width, height = RECORD_PX[kind]
    if pixels.shape != (about["records"], height, width, 3) or pixels.dtype != np.uint8:
        raise ValueError(f"{about['pixels']} has shape {pixels.shape}")
    with np.load(folder / "rows.npz") as rows:
        return Records(
            folder=folder, kind=kind, pixels=pixels, samples=read_samples(folder), rendered=about["rendered"], **rows
        )


def _build(samples: Samples, split: NDArray[np.str_], folder: Path, kind: Kind, mark: str, jobs: int) -> None:
    place = folder / mark
    (place / "done").mkdir(parents=True, exist_ok=True)
    pictures = zip(samples.xy_px, samples.size_px.tolist(), samples.image.tolist(), strict=True)
    maps = [record_map(kind, xy, (width, height), name) for xy, (width, height), name in pictures]
    told = np.flatnonzero([one is not None for one in maps])
    to_picture = np.array([maps[row] for row in told]).reshape(-1, 2, 3)
    failed = _cut_all(samples.take(told), to_picture, place, kind, jobs)
    kept = np.setdiff1d(np.arange(len(told)), list(failed))
    reasons = Counter({_NO_SQUARE: len(samples) - len(told)}) + Counter(code for code, _ in failed.values())
    if not len(kept):
        why = next((message for _, message in failed.values()), "hips and shoulders are labelled in none of them")
        raise TrainingError("no_records", f"None of {len(samples)} pictures makes a {kind} record: {why}")
    pixels = _without(place, kept, len(told))
    sums = _write_rows(samples.take(told[kept]), to_picture[kept], split[told[kept]], place)
    about = {"folder": mark, "kind": kind, "records": len(kept), "pixels": pixels, "sha256": sums}
    about |= {"rendered": samples.rendered}
    about |= {"left_out": dict(reasons), "first_messages": [message for _, message in failed.values()][:5]}
    _publish(folder, about)


def _cut_all(
    samples: Samples, to_picture: NDArray[np.float64], place: Path, kind: Kind, jobs: int
) -> dict[int, tuple[str, str]]:
    """Fill pixels.npy; for each row that could not be cut, why (code and message)."""
    width, height = RECORD_PX[kind]
    path = place / "pixels.npy"
    head = reserve(path, (len(samples), height, width, 3))
    chunks = [
        Chunk(
            path=path,
            start_byte=head + start * height * width * 3,
            done=place / "done" / f"{start:09}.json",
            first_row=start,
            kind=kind,
            root=samples.root,
            images=samples.image[start : start + CHUNK].tolist(),
            sizes_px=samples.size_px[start : start + CHUNK],
            to_picture=to_picture[start : start + CHUNK],
        )
        for start in range(0, len(samples), CHUNK)
    ]
    return cut_chunks(chunks, jobs, f"cutting {kind} records")


def _without(place: Path, kept: NDArray[np.int64], count: int) -> str:
    """The name of the file that holds only the kept rows."""
    if len(kept) == count:
        return "pixels.npy"
    everything = np.load(place / "pixels.npy", mmap_mode="r")
    reserve(place / "kept.npy", (len(kept), *everything.shape[1:]))
    out = np.load(place / "kept.npy", mmap_mode="r+")
    for start in range(0, len(kept), CHUNK):
        out[start : start + CHUNK] = everything[kept[start : start + CHUNK]]
    out.flush()
    return "kept.npy"


def _write_rows(
    samples: Samples, to_picture: NDArray[np.float64], split: NDArray[np.str_], place: Path
) -> dict[str, str]:
    """Everything but the pixels; returns the files' SHA-256."""
    pairs = zip(to_picture, samples.xy_px, strict=True)
    xy_px = np.array([through(inverse(matrix), xy) for matrix, xy in pairs], dtype=np.float32)
    weight = weight_of(samples.visibility, samples.conf)
    weight[~np.isfinite(xy_px).all(axis=2)] = 0
    with whole_file(place / "rows.npz") as path, path.open("wb") as file:
        np.savez(file, xy_px=xy_px, weight=weight, to_picture=to_picture, split=split)
    write_samples(samples, place)
    return {name: hashlib.sha256((place / name).read_bytes()).hexdigest() for name in ("rows.npz", "labels.parquet")}


def _publish(folder: Path, about: dict[str, Any]) -> None:
    """From here on these records are the ones; only then is anything older, or no longer needed, removed."""
    place = folder / about["folder"]
    with whole_file(folder / "records.json") as path:
        path.write_text(json.dumps({"version": VERSION, **about}, indent=1), encoding="utf-8")
    shutil.rmtree(place / "done", ignore_errors=True)
    if about["pixels"] != "pixels.npy":
        (place / "pixels.npy").unlink()
    for other in folder.iterdir():
        if other.is_dir() and other != place:
            shutil.rmtree(other, ignore_errors=True)


def _finished(folder: Path) -> dict[str, Any]:
    """What records.json tells; empty where there is none, or one of another version."""
    try:
        about = json.loads((folder / "records.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) and about.get("version") == VERSION else {}


def _fingerprint(samples: Samples, split: NDArray[np.str_], kind: Kind) -> str:
    digest = hashlib.sha256(
        repr((VERSION, kind, RECORD_PX[kind], PERSON_MARGIN, samples.root, samples.rendered)).encode()
    )
    columns = [getattr(samples, name) for name in COLUMNS]
    for column in (*columns, split):
        digest.update(repr((column.shape, column.dtype.kind)).encode())
        text = column.dtype.kind == "U"
        digest.update("\0".join(column.tolist()).encode() if text else np.ascontiguousarray(column).tobytes())
    files = dict.fromkeys(name.partition("::")[0] for name in samples.image.tolist())
    digest.update(repr([_bytes_in(Path(samples.root, name)) for name in files]).encode())
    return digest.hexdigest()[:16]


def _bytes_in(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _told(about: dict[str, Any]) -> str:
    left_out = ", ".join(f"{count} {code}" for code, count in about["left_out"].items())
    return f"{about['records']} records" + (f", left out: {left_out}" if left_out else "")
