"""COCO keypoint files: ours with 29 joints, and others' people, as far as their keypoints are joints of ours.

A COCO file names its keypoints in its category; they are matched by name, never by place or number. Of COCO's own 17 all
have their place among ours, and `center_hip` is the middle of both hips; COCO-WholeBody's toes come from `foot_kpts`. What
is left stays unlabelled. Every person is a row, so that a picture of three people gives three rows of one image.

COCO knows neither dancer nor song. Files of ours carry them in each image's entry. Without them the images of one video
(`video_id` or `vid_id`), or else of one folder, are kept together; an image that tells neither stands for itself.
"""

import json
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.pose.skeleton import SKELETON
from ml_training.data.aihub import JOINTS, NOT_LABELLED, LabelError, WrongLength, label_of
from ml_training.data.images import picture_size
from ml_training.data.judging import PICTURE_REASONS, Fitted, Judged, Refused, fitted, without_sideways
from ml_training.data.provenance import is_rendered
from ml_training.data.samples import Samples
from ml_training.errors import TrainingError
from ml_training.files import whole_file

SHEET = "labels.coco.json"

_FEET = {"left_bigtoe": 0, "left_littletoe": 1, "right_bigtoe": 3, "right_littletoe": 4}
"""Places in `foot_kpts` of COCO-WholeBody: big toe, small toe, heel of the left foot, then of the right."""
_TOLD = ("part", "song", "dancer", "clip", "view")
_LEAST_BOX_PX = 1.0
_NOWHERE = (0.0, 0.0, NOT_LABELLED)


def read_coco(path: Path, pictures: Path) -> Judged:
    """Samples from a COCO keypoints file whose `file_name`s lie below `pictures`.

    Raises
    ------
    TrainingError
        "bad_coco" if it is no such file, or if its categories name no keypoint of ours.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"))
        places = {category["id"]: _places(category.get("keypoints") or []) for category in told["categories"]}
        images = {image["id"]: image for image in told["images"]}
        people = [
            (person, images.get(person["image_id"]), places[person["category_id"]]) for person in told["annotations"]
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainingError("bad_coco", f"{path} is no COCO keypoints file ({error!r}).") from error
    if not any(places.values()):
        raise TrainingError("bad_coco", f"{path}: no category names keypoints such as left_knee.")
    kept, names, skipped = [], [], defaultdict(list)
    sizes = {image["id"]: _size(pictures, str(image.get("file_name"))) for image in images.values()}
    for person, image, order in people:
        read = _read_person(person, image, order, sizes)
        if isinstance(read, str):
            skipped[read].append(f"annotation {person.get('id')}")
        else:
            kept.append((image, read))
            names.append(f"annotation {person.get('id')}")
    samples = replace(_samples(kept, pictures), rendered=_is_rendered(told, pictures, list(images.values())))
    return without_sideways(samples, names, np.array([fit.scaled for _, fit in kept], bool), dict(skipped))


def _is_rendered(told: dict[str, Any], pictures: Path, images: list[dict[str, Any]]) -> bool:
    info = told.get("info")
    noted = isinstance(info, dict) and info.get("rendered") is True
    return noted or is_rendered(pictures, [str(image.get("file_name")) for image in images])


def _places(names: list[str]) -> dict[str, int]:
    """Where our joints stand in a category's list of keypoints."""
    return {joint: names.index(joint) for joint in SKELETON.joints if joint in names}


def _size(pictures: Path, name: str) -> tuple[int, int] | str:
    try:
        return picture_size(pictures, name)
    except TrainingError as error:
        return PICTURE_REASONS[error.code]


def _read_person(
    person: dict[str, Any],
    image: dict[str, Any] | None,
    order: dict[str, int],
    sizes: dict[Any, tuple[int, int] | str],
) -> Fitted | str:
    """The person in the pixels of its picture, or why it is left out."""
    size_px = sizes[image["id"]] if image else "missing_image"
    if person.get("iscrowd"):
        return "crowd"
    if isinstance(size_px, str):
        return size_px
    try:
        label = label_of(_triples(person, order))
        return fitted(label, _told_size(image or {}), size_px)
    except Refused as error:
        return error.reason
    except LabelError as error:
        return error.code


def _told_size(image: dict[str, Any]) -> tuple[int, int] | None:
    """The labelled picture's width and height, None where the image tells neither. Raises LabelError."""
    told = image.get("width"), image.get("height")
    if told in ((None, None), (0, 0)):
        return None
    if not all(type(side) in (int, float) and 1 <= side < math.inf for side in told):
        raise LabelError(f"the image's width and height are {told}")
    return int(told[0]), int(told[1])


def _triples(person: dict[str, Any], order: dict[str, int]) -> list[float]:
    """x, y, v of our 29 joints from the person's own list. Raises LabelError."""
    theirs = _rows(person.get("keypoints"), max(order.values(), default=-1) + 1)
    ours = {joint: theirs[place] for joint, place in order.items()}
    if person.get("foot_kpts"):
        feet = _rows(person["foot_kpts"], 6)
        ours = {joint: feet[place] for joint, place in _FEET.items()} | ours
    hips = [ours.get(hip, _NOWHERE) for hip in ("left_hip", "right_hip")]
    if "center_hip" not in ours and all(hip[2] > NOT_LABELLED for hip in hips):
        seen = min(hip[2] for hip in hips)
        ours["center_hip"] = [(hips[0][0] + hips[1][0]) / 2, (hips[0][1] + hips[1][1]) / 2, seen]
    return [number for joint in SKELETON.joints for number in ours.get(joint, _NOWHERE)]


def _rows(flat: object, least: int) -> list[Sequence[float]]:
    if not isinstance(flat, list) or len(flat) % 3 or len(flat) < 3 * least:
        raise WrongLength("keypoints are not as many triples as the category names")
    if not all(type(number) in (int, float) for number in flat):
        raise LabelError("its keypoints are not numbers")
    return [flat[start : start + 3] for start in range(0, len(flat), 3)]


def _samples(kept: list[tuple[dict[str, Any], Fitted]], pictures: Path) -> Samples:
    images = [image for image, _ in kept]
    together = _together(images)

    def texts(name: str, otherwise: list[str]) -> NDArray[np.str_]:
        told = [(image.get(name), other) for image, other in zip(images, otherwise, strict=True)]
        return np.array([other if value is None else str(value) for value, other in told], dtype=np.str_)

    nothing = [""] * len(kept)
    visibility = np.array([fit.label.visibility for _, fit in kept], np.uint8).reshape(-1, JOINTS)
    return Samples(
        image=texts("file_name", nothing),
        xy_px=np.array([fit.label.xy_px for _, fit in kept], np.float32).reshape(-1, JOINTS, 2),
        visibility=visibility,
        conf=np.ones(visibility.shape, np.float32),
        size_px=np.array([fit.size_px for _, fit in kept], np.int32).reshape(-1, 2),
        part=texts("part", nothing),
        song=texts("song", together),
        dancer=texts("dancer", together),
        clip=texts("clip", together),
        view=texts("view", nothing),
        frame=np.array([_frame(image) for image in images], np.int32),
        root=pictures.resolve().as_posix(),
    )


def _together(images: list[dict[str, Any]]) -> list[str]:
    """Of each image, what it shares with those that were cut from the same video, as far as that is told.

    A folder that all images lie in tells nothing.
    """
    folders = [str(PurePosixPath(str(image.get("file_name"))).parent) for image in images]
    told = len(set(folders)) > 1
    names = []
    for image, folder in zip(images, folders, strict=True):
        video = image.get("video_id", image.get("vid_id"))
        if video is not None:
            names.append(f"video {video}")
        else:
            names.append(folder if told and folder != "." else f"image {image['id']}")
    return names


def _frame(image: dict[str, Any]) -> int:
    number = image.get("frame", image.get("frame_id"))
    return number if type(number) is int and 0 <= number < 2**31 else 0


def write_coco(samples: Samples, path: Path) -> None:
    """The samples as COCO keypoints of one category with our 29 names; boxes and areas are those of the labelled joints.

    Raises
    ------
    TrainingError
        "disk_full".
    """
    numbers = {name: k + 1 for k, name in enumerate(dict.fromkeys(samples.image.tolist()))}
    images: dict[str, dict[str, Any]] = {}
    annotations = []
    for row, name in enumerate(samples.image.tolist()):
        images.setdefault(name, _image(samples, row, numbers[name]))
        annotations.append(_annotation(samples, row, numbers[name]))
    with whole_file(path) as draft, draft.open("w", encoding="utf-8") as file:
        told = {
            "info": {"rendered": samples.rendered},
            "images": list(images.values()),
            "annotations": annotations,
            "categories": [_category()],
        }
        json.dump(told, file, ensure_ascii=False)


def _category() -> dict[str, Any]:
    bones = [[SKELETON.index(bone.start) + 1, SKELETON.index(bone.end) + 1] for bone in SKELETON.bones]
    return {"id": 1, "name": "person", "supercategory": "person", "keypoints": list(SKELETON.joints), "skeleton": bones}


def _image(samples: Samples, row: int, number: int) -> dict[str, Any]:
    width, height = samples.size_px[row].tolist()
    told = {name: str(getattr(samples, name)[row]) for name in _TOLD} | {"frame": int(samples.frame[row])}
    return {"id": number, "file_name": str(samples.image[row]), "width": width, "height": height} | told


def _annotation(samples: Samples, row: int, image: int) -> dict[str, Any]:
    seen = samples.visibility[row]
    labelled = seen > NOT_LABELLED
    xy = np.where(labelled[:, None], samples.xy_px[row], 0).astype(float)
    low, high = (xy[labelled].min(axis=0), xy[labelled].max(axis=0)) if labelled.any() else (np.zeros(2), np.zeros(2))
    width, height = np.maximum(high - low, _LEAST_BOX_PX).tolist()
    return {
        "id": row + 1,
        "image_id": image,
        "category_id": 1,
        "keypoints": np.column_stack([xy, seen]).reshape(-1).tolist(),
        "num_keypoints": int(labelled.sum()),
        "bbox": [*low.tolist(), width, height],
        "area": width * height,
        "iscrowd": 0,
    }
