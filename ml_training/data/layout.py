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
    """A label and the picture it is of: paths below the root, or `archive.zip::member`; `stamp` changes with the file."""

    label: str
    image: str | None
    name: Name
    stamp: tuple[int, int]


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
    wanted = {view.casefold() for view in views}
    found = []
    for key, file in labels.items():
        name = read_name(file.path, part=file.part, song=file.song, folder=file.folder, pattern=pattern)
        if not wanted or name.view.casefold() in wanted:
            found.append(LabelFile(file.path, pictures.get(key), name, file.stamp))
    return Found(sorted(found, key=lambda label: label.label), len(pictures.keys() - labels.keys()), twice)


def read_name(
    path: str, *, part: str = "", song: str = "", folder: str | None = None, pattern: re.Pattern[str] = NAME
) -> Name:
    """What a path tells. A dancer whose name does not tell is ""; a view that it does not tell is the clip's last letter."""
    where = PurePosixPath(path.rpartition(IN_ZIP)[2])
    told = pattern.fullmatch(where.stem)
    groups = told.groupdict() if told else {}
    digits = re.search(r"\d+$", where.stem)
    frame = groups.get("frame") or (digits.group() if digits else "0")
    clip = folder if folder is not None else where.parent.name
    clip = clip or where.stem.removesuffix(frame).rstrip("_-") or where.stem
    tagged_song, tagged_part = _from_folders(path)
    return Name(
        part=part or tagged_part,
        song=song or tagged_song,
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


def _collect(root: Path) -> tuple[dict[tuple[str, ...], _File], dict[tuple[str, ...], str], int]:
    """Labels and pictures by part, song, clip and frame. What lies unpacked goes before what lies in a zip."""
    labels: dict[tuple[str, ...], _File] = {}
    pictures: dict[tuple[str, ...], str] = {}
    twice = 0
    for tag, source, part, song in _sources(root):
        suffixes = (".json",) if tag == LABELS else SUFFIXES
        for file in _files_of(root, source, part, song, suffixes):
            key = (part, song, file.folder, PurePosixPath(file.path.rpartition(IN_ZIP)[2]).stem)
            if tag == PICTURES:
                pictures.setdefault(key, file.path)
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
    for member in members:
        if member.filename.lower().endswith(suffixes):
            path = f"{source.relative_to(root).as_posix()}{IN_ZIP}{member.filename}"
            yield _File(path, part, song, _clip_in_zip(member, song), (member.file_size, member.CRC))


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


def _clip_in_zip(member: zipfile.ZipInfo, song: str) -> str:
    """The folder a member lies in, unless that is the song's own. Old Korean zips name their members in CP949."""
    folder = PurePosixPath(member.filename).parent.name
    if not member.flag_bits & _UTF8_NAME:
        with suppress(UnicodeError):
            folder = folder.encode("cp437").decode("cp949")
    folder = unicodedata.normalize("NFC", folder)
    return "" if folder.startswith((LABELS, PICTURES)) or folder == song else folder
