"""Samples as files: `labels.parquet` holds everything, `labels.csv` the 59 columns that other programs of the data set read."""

import csv
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from inference.pose.skeleton import SKELETON
from ml_training.data.aihub import NOT_LABELLED, VISIBLE, LabelError, label_of
from ml_training.data.images import picture_size
from ml_training.data.judging import PICTURE_REASONS, Fitted, Judged, Refused, fitted, without_sideways
from ml_training.data.layout import read_name
from ml_training.data.provenance import is_rendered
from ml_training.data.samples import Samples
from ml_training.errors import TrainingError
from ml_training.files import whole_file

TABLE = "labels.parquet"
SHEET = "labels.csv"
JOINTS = len(SKELETON.joints)
COLUMNS = ("image", *(f"{joint}_{axis}" for joint in SKELETON.joints for axis in "xy"))

_VERSION = 1
_NOTE = b"kdance.samples"
_TEXTS = ("image", "part", "song", "dancer", "clip", "view")


def write_samples(samples: Samples, folder: Path) -> None:
    """`labels.parquet` and `labels.csv` in `folder`, each whole or not at all. Raises TrainingError ("disk_full")."""
    folder = Path(folder)
    root = Path(samples.root).resolve()
    note = {"version": _VERSION, "skeleton": SKELETON.name, "joints": list(SKELETON.joints)}
    note |= {"rendered": samples.rendered}
    note |= {"root": root.as_posix(), "root_from_here": Path(os.path.relpath(root, folder.resolve())).as_posix()}
    write_csv(samples, folder / SHEET)
    with whole_file(folder / TABLE) as draft:
        pq.write_table(_to_arrow(samples).replace_schema_metadata({_NOTE: json.dumps(note)}), draft, compression="zstd")


def read_samples(folder: Path) -> Samples:
    """What `write_samples` wrote in `folder`.

    Pictures are looked for where they lay as seen from `folder`, so that both can be moved together, and then where they
    lay on the disk.

    Raises
    ------
    TrainingError
        "no_samples", "damaged_samples" or "other_skeleton".
    """
    path = Path(folder) / TABLE
    if not path.is_file():
        raise TrainingError("no_samples", f"{path} is not there: `python -m ml_training.data convert` writes it.")
    try:
        table = pq.read_table(path)
        note = json.loads((table.schema.metadata or {})[_NOTE])
        joints, samples = tuple(note["joints"]), _from_arrow(table, note, _root(Path(folder), note))
    except (pa.ArrowException, KeyError, ValueError, OSError) as error:
        raise TrainingError("damaged_samples", f"{path} is damaged or not ours ({error}): convert again.") from error
    if joints != SKELETON.joints:
        raise TrainingError("other_skeleton", f"{path} is about other joints than those of {SKELETON.name}.")
    return samples


def rows_in(folder: Path) -> int:
    """How many rows the table of `folder` has, from its foot alone; -1 where there is no whole table."""
    try:
        return int(pq.read_metadata(Path(folder) / TABLE).num_rows)
    except (OSError, pa.ArrowException):
        return -1


def _root(folder: Path, note: dict[str, str]) -> str:
    moved_along = (folder.resolve() / note["root_from_here"]).resolve()
    return (moved_along if moved_along.is_dir() else Path(note["root"])).as_posix()


def _to_arrow(samples: Samples) -> pa.Table:
    columns = {name: pa.array(getattr(samples, name).tolist(), pa.string()) for name in _TEXTS}
    columns |= {"frame": pa.array(samples.frame, pa.int32())}
    columns |= {"size_px": _lists(samples.size_px, pa.int32()), "xy_px": _lists(samples.xy_px, pa.float32())}
    columns |= {"visibility": _lists(samples.visibility, pa.uint8()), "conf": _lists(samples.conf, pa.float32())}
    return pa.table(columns)


def _lists(values: NDArray[np.generic], kind: pa.DataType) -> pa.Array:
    """(N, ...) as N lists of the same length."""
    width = int(np.prod(values.shape[1:]))
    return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(values).reshape(-1), kind), width)


def _from_arrow(table: pa.Table, note: dict[str, Any], root: str) -> Samples:
    def lists(name: str, *shape: int) -> NDArray[np.generic]:
        return table[name].combine_chunks().flatten().to_numpy(zero_copy_only=False).reshape(len(table), *shape)

    texts = {name: np.array(table[name].to_pylist(), dtype=np.str_) for name in _TEXTS}
    return Samples(
        **texts,
        xy_px=lists("xy_px", JOINTS, 2).astype(np.float32),
        visibility=lists("visibility", JOINTS).astype(np.uint8),
        conf=lists("conf", JOINTS).astype(np.float32),
        size_px=lists("size_px", 2).astype(np.int32),
        frame=table["frame"].to_numpy().astype(np.int32),
        root=root,
        # Tables of before did not tell; what they are about may.
        rendered=bool(note["rendered"] if "rendered" in note else is_rendered(Path(root), texts["image"].tolist())),
    )


def write_csv(samples: Samples, path: Path) -> None:
    """The 59 columns: `image`, then x and y of each joint, empty where it is not labelled. Raises TrainingError."""
    values = samples.xy_px.reshape(len(samples), -1)
    columns = [pa.array(samples.image.tolist(), pa.string())]
    columns += [pa.array(values[:, k], pa.float32(), from_pandas=True) for k in range(values.shape[1])]
    with whole_file(Path(path)) as draft:
        pa_csv.write_csv(pa.table(columns, names=list(COLUMNS)), draft)


def read_csv(path: Path, root: Path, labelled_px: tuple[int, int] | None = None) -> Judged:
    """Samples from the 59 columns; names of columns in any case (the data set's first converter wrote `left_bigtoe_X`).

    A joint without a value, or exactly at (0, 0), counts as not labelled: the first converter knew no other way to say it.
    Every other joint counts as visible, since the sheet does not tell. Song and dancer come from the pictures' names. Rows
    are judged as labels are.

    Parameters
    ----------
    root
        The folder that the column `image` starts from.
    labelled_px
        Width and height of the pictures that were labelled; None: those of the pictures that are there.

    Raises
    ------
    TrainingError
        "no_samples" or "bad_sheet" if it is no CSV file or columns are missing.
    """
    kept, skipped = [], defaultdict(list)
    for line, cells in _rows(Path(path)):
        image, where = cells[0] if cells else "", f"line {line}"
        read = _fitted_row(root, cells, labelled_px)
        if isinstance(read, str):
            skipped[read].append(f"{where}: {image}")
        else:
            kept.append((image, where, read))
    samples = _samples([image for image, _, _ in kept], [fit for _, _, fit in kept], root)
    names = [f"{where}: {image}" for image, where, _ in kept]
    return without_sideways(samples, names, np.array([fit.scaled for _, _, fit in kept], bool), dict(skipped))


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The line's number and its cells in the order of `COLUMNS`, none where the row is too short."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            place = {name.strip().casefold(): k for k, name in enumerate(next(reader, []))}
            order = [place[name] for name in COLUMNS]
            for row in filter(None, reader):
                yield reader.line_num, [row[k] for k in order] if len(row) > max(order) else row[:0]
    except FileNotFoundError as error:
        raise TrainingError("no_samples", f"{path} is not there.") from error
    except KeyError as error:
        raise TrainingError("bad_sheet", f"{path} has no column {error.args[0]}.") from error
    except (OSError, ValueError, csv.Error) as error:
        raise TrainingError("bad_sheet", f"{path} cannot be read as a sheet of 59 columns ({error}).") from error


def _fitted_row(root: Path, cells: list[str], labelled_px: tuple[int, int] | None) -> Fitted | str:
    """The row in its picture's pixels, or why it cannot be used."""
    if not cells:
        return "wrong_length"
    try:
        xy = np.array([float(cell or "nan") for cell in cells[1:]]).reshape(JOINTS, 2)
    except ValueError:
        return "bad_label"
    labelled = ~np.isnan(xy).any(axis=1) & (xy != 0).any(axis=1)
    try:
        label = label_of(np.column_stack([xy, np.where(labelled, VISIBLE, NOT_LABELLED)]).reshape(-1))
        return fitted(label, labelled_px, picture_size(root, cells[0]))
    except LabelError as error:
        return error.code
    except Refused as error:
        return error.reason
    except TrainingError as error:
        return PICTURE_REASONS[error.code]


def _samples(images: list[str], fits: list[Fitted], root: Path) -> Samples:
    names = [read_name(image) for image in images]

    def texts(name: str) -> NDArray[np.str_]:
        return np.array([getattr(each, name) for each in names], dtype=np.str_)

    visibility = np.array([fit.label.visibility for fit in fits], np.uint8).reshape(-1, JOINTS)
    return Samples(
        image=np.array(images, dtype=np.str_),
        xy_px=np.array([fit.label.xy_px for fit in fits], np.float32).reshape(-1, JOINTS, 2),
        visibility=visibility,
        conf=np.ones(visibility.shape, np.float32),
        size_px=np.array([fit.size_px for fit in fits], np.int32).reshape(-1, 2),
        part=texts("part"),
        song=texts("song"),
        dancer=texts("dancer"),
        clip=texts("clip"),
        view=texts("view"),
        frame=np.array([name.frame for name in names], dtype=np.int32),
        root=Path(root).as_posix(),
        rendered=is_rendered(root, images),
    )
