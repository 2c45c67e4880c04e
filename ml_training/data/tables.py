"""Samples as files: `labels.parquet` holds everything, `labels.csv` the 59 columns that other programs of the data set read."""

import csv
import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from inference.pose.skeleton import SKELETON
from ml_training.data.aihub import NOT_LABELLED, VISIBLE
from ml_training.data.images import picture_size
from ml_training.data.layout import read_name
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
        joints, samples = tuple(note["joints"]), _from_arrow(table, _root(Path(folder), note))
    except (pa.ArrowException, KeyError, ValueError, OSError) as error:
        raise TrainingError("damaged_samples", f"{path} is damaged or not ours ({error}): convert again.") from error
    if joints != SKELETON.joints:
        raise TrainingError("other_skeleton", f"{path} is about other joints than those of {SKELETON.name}.")
    return samples


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


def _from_arrow(table: pa.Table, root: str) -> Samples:
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
    )


def write_csv(samples: Samples, path: Path) -> None:
    """The 59 columns: `image`, then x and y of each joint, empty where it is not labelled. Raises TrainingError."""
    values = samples.xy_px.reshape(len(samples), -1)
    columns = [pa.array(samples.image.tolist(), pa.string())]
    columns += [pa.array(values[:, k], pa.float32(), from_pandas=True) for k in range(values.shape[1])]
    with whole_file(Path(path)) as draft:
        pa_csv.write_csv(pa.table(columns, names=list(COLUMNS)), draft)


def read_csv(path: Path, root: Path, size_px: tuple[int, int] | None = None) -> Samples:
    """Samples from the 59 columns; names of columns in any case (the data set's first converter wrote `left_bigtoe_X`).

    A joint without a value, or exactly at (0, 0), counts as not labelled: the first converter knew no other way to say it.
    Every other joint counts as visible, since the sheet does not tell. Song and dancer come from the pictures' names.

    Parameters
    ----------
    root
        The folder that the column `image` starts from.
    size_px
        Width and height of all pictures; None: read from each picture.

    Raises
    ------
    TrainingError
        "bad_sheet" if columns are missing or values are no numbers; see also `images.picture_size`.
    """
    rows, values = _sheet(Path(path))
    xy_px = values.reshape(-1, JOINTS, 2)
    labelled = np.isfinite(xy_px).all(axis=-1) & (xy_px != 0).any(axis=-1)
    names = [read_name(image) for image in rows]
    sizes = [size_px or picture_size(root, image) for image in rows]
    return Samples(
        image=np.array(rows, dtype=np.str_),
        xy_px=np.where(labelled[..., None], xy_px, np.nan).astype(np.float32),
        visibility=np.where(labelled, VISIBLE, NOT_LABELLED).astype(np.uint8),
        conf=np.ones(labelled.shape, np.float32),
        size_px=np.array(sizes, np.int32).reshape(-1, 2),
        part=np.array([name.part for name in names], dtype=np.str_),
        song=np.array([name.song for name in names], dtype=np.str_),
        dancer=np.array([name.dancer for name in names], dtype=np.str_),
        clip=np.array([name.clip for name in names], dtype=np.str_),
        view=np.array([name.view for name in names], dtype=np.str_),
        frame=np.array([name.frame for name in names], dtype=np.int32),
        root=Path(root).as_posix(),
    )


def _sheet(path: Path) -> tuple[list[str], NDArray[np.float64]]:
    """The pictures' names and (N, 58) numbers in the order of `COLUMNS`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            place = {name.strip().casefold(): k for k, name in enumerate(next(reader, []))}
            order = [place[name] for name in COLUMNS]
            rows = [[row[k] for k in order] for row in reader if row]
        numbers = [[float(cell or "nan") for cell in row[1:]] for row in rows]
    except FileNotFoundError as error:
        raise TrainingError("no_samples", f"{path} is not there.") from error
    except KeyError as error:
        raise TrainingError("bad_sheet", f"{path} has no column {error.args[0]}.") from error
    except (ValueError, IndexError, csv.Error) as error:
        raise TrainingError("bad_sheet", f"{path}: a row is no picture with 58 numbers ({error}).") from error
    return [row[0] for row in rows], np.array(numbers, np.float64).reshape(-1, 2 * JOINTS)
