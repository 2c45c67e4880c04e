"""How AI Hub lays out its choreography data: which label belongs to which picture, and what their names tell.

    Training/  Validation/                                       part
        [라벨]<song> (<artist>)   [원천]<song> (<artist>)           labels and pictures: folders or zips
            033_D00_001_F/                                       clip; its last letter is the camera's view
                033_D00_001_F_00000550.json   .jpg or .png       the frame

The publisher's names are read as number, dancer, take, view and frame. That is our reading of them; a pattern of one's own
with the groups `dancer`, `view` and `frame` can be given instead. A song is what stands behind the folder's tag.
"""

import os
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from ml_training.data.images import IN_ZIP, SUFFIXES, open_zip
from ml_training.errors import TrainingError

LABELS, PICTURES = "[라벨]", "[원천]"
PARTS = ("Training", "Validation")
NAME = re.compile(r"(?P<number>[^_]+)_(?P<dancer>[^_]+)_(?P<take>[^_]+)_(?P<view>[^_]+)_(?P<frame>\d+)")

_UTF8_NAME = 0x800


@dataclass(frozen=True)
class Name:
    part: str
    song: str
    clip: str
    dancer: str
    view: str
    frame: int


@dataclass(frozen=True)
class LabelFile:
    """A label and the picture it is of: paths below the root, or `archive.zip::member`; `stamp` changes with either file."""

    label: str
    image: str | None
    name: Name
    stamp: tuple[int, ...]


@dataclass(frozen=True)
class Found:
    """Labels in the order of their paths; pictures that no label is of; labels found twice (packed and unpacked)."""

    labels: list[LabelFile]
    pictures_without_label: int
    found_twice: int


@dataclass(frozen=True)
class _File:
    path: str
    part: str
    song: str
    folder: str
    stamp: tuple[int, int]


def find_labels(root: Path, views: tuple[str, ...] = (), pattern: re.Pattern[str] = NAME) -> Found:
    """Every label below `root` (the data set's folder, or its `Training` alone), of these views (none: all).

    Raises
    ------
    TrainingError
        "no_labels" if `root` has no folder or zip whose name begins with `LABELS`, "damaged_archive" if a zip cannot be
        opened.
    """
    labels, pictures, twice = _collect(Path(root))
    if not labels:
        message = (
            f"No label below {root}: it should hold Training/{LABELS}<song> (<artist>)/<clip>/<frame>.json, or zips."
        )
        raise TrainingError("no_labels", message)
    found = []
    for key, file in labels.items():
        name = read_name(file.path, part=file.part, song=file.song, folder=file.folder, pattern=pattern)
        picture = pictures.get(key)
        stamp = file.stamp + picture.stamp if picture else file.stamp
        found.append(LabelFile(file.path, picture.path if picture else None, name, stamp))
    found = _of_views(sorted(found, key=lambda label: label.label), views)
    return Found(found, len(pictures.keys() - labels.keys()), twice)


def _of_views(found: list[LabelFile], views: tuple[str, ...]) -> list[LabelFile]:
    wanted = {view.upper() for view in views}
    chosen = [file for file in found if not wanted or file.name.view in wanted]
    if not chosen:
        there = " ".join(sorted({file.name.view for file in found}))
        raise TrainingError(
            "no_labels", f"No label of view {' '.join(views)}; there are views {there or 'of no name'}."
        )
    return chosen


def read_name(
    path: str, *, part: str = "", song: str = "", folder: str | None = None, pattern: re.Pattern[str] = NAME
) -> Name:
    """What a path tells. A dancer whose name does not tell is ""; a view that it does not tell is the clip's last letter."""
    stem = _stem(path)
    told = pattern.fullmatch(stem)
    groups = told.groupdict() if told else {}
    digits = re.search(r"\d+$", stem)
    frame = groups.get("frame") or (digits.group() if digits else "0")
    clip = folder if folder is not None else PurePosixPath(path.rpartition(IN_ZIP)[2]).parent.name
    clip = clip or stem.removesuffix(frame).rstrip("_-") or stem
    if not song:
        song, part = _from_folders(path)
    return Name(
        part=part,
        song=song,
        clip=unicodedata.normalize("NFC", clip),
        dancer=groups.get("dancer") or "",
        view=(groups.get("view") or (clip[-1] if clip[-1].isalpha() else "")).upper(),
        frame=int(frame),
    )


def _from_folders(path: str) -> tuple[str, str]:
    """Song and part, as far as the folders of a path are the publisher's."""
    folders = re.split(r"[/]|::", unicodedata.normalize("NFC", path))[:-1]
    song = next((_song_of(folder) for folder in folders if folder.startswith((LABELS, PICTURES))), "")
    return song, next((folder for folder in folders if folder in PARTS), "")


def _collect(root: Path) -> tuple[dict[tuple[str, ...], _File], dict[tuple[str, ...], _File], int]:
    """Labels and pictures by part, song, clip and frame. What lies unpacked goes before what lies in a zip."""
    labels: dict[tuple[str, ...], _File] = {}
    pictures: dict[tuple[str, ...], _File] = {}
    twice = 0
    for tag, source, part, song in _sources(root):
        suffixes = (".json",) if tag == LABELS else SUFFIXES
        for file in _files_of(root, source, part, song, suffixes):
            key = (part, song, file.folder, _stem(file.path))
            if tag == PICTURES:
                pictures.setdefault(key, file)
            else:
                twice += key in labels
                labels.setdefault(key, file)
    return labels, pictures, twice


def _sources(root: Path) -> Iterator[tuple[str, Path, str, str]]:
    """Tag, path, part and song of every folder and zip that begins with a tag; folders first."""
    if not root.is_dir():
        raise TrainingError("no_labels", f"{root} is no folder.")
    parts = [(part, root / part) for part in PARTS if (root / part).is_dir()]
    parts = parts or [(root.name if root.name in PARTS else "", root)]
    for part, folder in parts:
        for path in sorted(folder.iterdir(), key=lambda path: (path.suffix.lower() == ".zip", path.name)):
            name = unicodedata.normalize("NFC", path.name)
            tag = next((tag for tag in (LABELS, PICTURES) if name.startswith(tag)), None)
            if tag and (path.is_dir() or path.suffix.lower() == ".zip"):
                yield tag, path, part, _song_of(name)


def _stem(path: str) -> str:
    """Of the last name in a path, without a `Path` for each of a hundred thousand."""
    name = path[path.rfind("/") + 1 :].rpartition(IN_ZIP)[2]
    return name.rpartition(".")[0] or name


def _song_of(name: str) -> str:
    return re.sub(r"\.zip$", "", name, flags=re.IGNORECASE).removeprefix(LABELS).removeprefix(PICTURES).strip()


def _files_of(root: Path, source: Path, part: str, song: str, suffixes: tuple[str, ...]) -> Iterator[_File]:
    if source.is_dir():
        yield from _files_below(str(source), str(root), part, song, suffixes)
        return
    try:
        members = open_zip(source).infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise TrainingError("damaged_archive", f"{source} cannot be opened ({error}): fetch it again.") from error
    archive = source.relative_to(root).as_posix()
    for member in members:
        if member.filename.lower().endswith(suffixes):
            clip = _clip_in_zip(member.filename.rpartition("/")[0], bool(member.flag_bits & _UTF8_NAME), song)
            yield _File(f"{archive}{IN_ZIP}{member.filename}", part, song, clip, (member.file_size, member.CRC))


def _files_below(folder: str, root: str, part: str, song: str, suffixes: tuple[str, ...]) -> Iterator[_File]:
    """Files at any depth; `scandir` since a `Path` for each of a hundred thousand files takes seconds."""
    clip = unicodedata.normalize("NFC", os.path.basename(folder))
    clip = "" if clip.startswith((LABELS, PICTURES)) else clip
    below = os.path.relpath(folder, root).replace(os.sep, "/")
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files_below(entry.path, root, part, song, suffixes)
            elif entry.name.lower().endswith(suffixes):
                status = entry.stat()
                yield _File(f"{below}/{entry.name}", part, song, clip, (status.st_size, status.st_mtime_ns))


@lru_cache(maxsize=1024)
def _clip_in_zip(folder: str, is_utf8: bool, song: str) -> str:
    """The folder that members lie in, unless that is the song's own. Old Korean zips name their members in CP949."""
    folder = folder.rpartition("/")[2]
    if not is_utf8:
        with suppress(UnicodeError):
            folder = folder.encode("cp437").decode("cp949")
    folder = unicodedata.normalize("NFC", folder)
    return "" if folder.startswith((LABELS, PICTURES)) or folder == song else folder
