"""How far found joints lie from labelled ones: in pixels, as shares of the body, and as COCO counts it.

A pixel means little by itself: a dancer who fills the picture and one at the back of the stage differ by ten times. So
every error is given in pixels of the labelled picture and as a share of the dancer's height in that picture, and the
detection rates (PCK, OKS) are relative to the body as well.

Conventions
-----------
Arrays are (N, 29, ...) in the order of SKELETON. Found joints are x, y in pixels of the labelled picture and a confidence
in [0, 1]; x and y are NaN where nobody was found. Such a joint is a miss for PCK and OKS, and no part of a mean error:
`Figures.found` says how many were found. True joints are NaN where not labelled, and count nowhere.
MAE is the mean of |dx| and |dy|, as the losses of regression models are quoted; a distance is sqrt(dx^2 + dy^2), which
is about 1.4 times as much.

References
----------
Yang, Ramanan: Articulated human detection with flexible mixtures of parts, 2013 (PCK). Lin et al.: Microsoft COCO, 2014,
and cocodataset.org/#keypoints-eval (OKS, its sigmas and AP); Jin et al.: Whole-body human pose estimation in the wild,
2020 (sigmas of the toes).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.pose.skeleton import SKELETON
from ml_training.data.aihub import HIDDEN, VISIBLE
from ml_training.data.samples import Samples

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

JOINTS = len(SKELETON.joints)
PCK_OF_HEIGHT = 0.05
PCK_OF_TORSO = 0.2
EARS_TO_CROWN = 2.0
"""From the neck, the crown lies so many times as far as the middle of the ears."""
TRUNKS_A_HEIGHT = 3.2
"""`body_height_px` over the distance from neck to hips: 3.29 for the rendered average man who stands, 3.13 for the woman."""
BOX_TO_AREA = 0.53
"""What a person fills of the box around their joints: the usual stand-in where nobody drew an outline."""

_SIGMA_OF_PART = {
    "nose": 0.026,
    "eye": 0.025,
    "ear": 0.035,
    "shoulder": 0.079,
    "elbow": 0.072,
    "wrist": 0.062,
    "hip": 0.107,
    "knee": 0.087,
    "ankle": 0.089,
    "bigtoe": 0.068,
    "littletoe": 0.066,
    # Not in COCO: the trunk as the hips, the neck as the shoulders, the palm as the wrist.
    "center_hip": 0.107,
    "navel": 0.107,
    "chest": 0.107,
    "neck": 0.079,
    "palm_thumb": 0.062,
    "palm_pinky": 0.062,
}
SIGMAS: tuple[float, ...] = tuple(
    _SIGMA_OF_PART[joint.removeprefix("left_").removeprefix("right_")] for joint in SKELETON.joints
)
"""How far two people who label the same joint lie apart, as a share of the square root of the body's area (COCO)."""

DIRECT = np.array([joint not in SKELETON.derived for joint in SKELETON.joints])
"""(29,) Joints that every engine sees; the six others follow by a formula where an engine knows 33 landmarks only."""


@dataclass(frozen=True)
class Figures:
    """Errors over some joints of some pictures; None where nothing was there to be measured.

    `joints` counts the labelled ones, `found` is the share of them that was found. `oks` is the mean over the pictures of
    the mean similarity of their joints.
    """

    pictures: int
    joints: int
    found: float | None
    mae_px: float | None
    mae_height: float | None
    distance_px: float | None
    distance_height: float | None
    pck_height: float | None
    pck_torso: float | None
    oks: float | None


@dataclass(frozen=True)
class Judgement:
    """All figures about one model on one set of pictures. `oks_ap` has `ap`, `ap50`, `ap75`; None where not computed."""

    overall: Figures
    direct: Figures
    oks_ap: dict[str, float] | None
    by_joint: dict[str, Figures]
    by_view: dict[str, Figures]
    by_visibility: dict[str, Figures]


def validate(found: Floats, samples: Samples) -> None:
    """Raise ValueError unless `found` is (N, 29, 3) for the N samples."""
    wanted = (len(samples), JOINTS, 3)
    if found.shape != wanted:
        raise ValueError(f"found joints have shape {found.shape}, not {wanted}")
    if samples.xy_px.shape != (len(samples), JOINTS, 2):
        raise ValueError(f"true joints have shape {samples.xy_px.shape}, not {(len(samples), JOINTS, 2)}")


def distances_px(found_xy: Floats, true_xy: Floats) -> Floats:
    """(N, 29) distances of two (N, 29, 2); NaN where either is not there."""
    return np.asarray(np.linalg.norm(found_xy - true_xy, axis=2))


def mae_px(found_xy: Floats, true_xy: Floats) -> float:
    """The mean over all joints that are in both (N, 29, 2) of |dx| and |dy|; NaN if there are none."""
    return _mean(np.abs(found_xy - true_xy))


def body_height_px(true_xy: Floats) -> Floats:
    """The length of a body from crown to ankle along its bones, whatever it does.

    Crown to neck (`EARS_TO_CROWN` times ears to neck; with no ear labelled, the eyes or the nose stand in), neck to the
    middle of the hips, and the longer of the legs from hip over knee to ankle. Where no leg is labelled whole, or nothing
    of the head, the trunk's length is taken `TRUNKS_A_HEIGHT` times. What points at the camera is foreshortened, so a
    crouching body counts as a smaller one. For a rendered body that stands upright it is .98 of its height.

    Parameters
    ----------
    true_xy : (N, 29, 2)

    Returns
    -------
    (N,)
        Pixels; NaN where neck or hips are not labelled, or lie on one spot.
    """
    neck, hips = _joint(true_xy, "neck"), _middle(true_xy, "hip")
    trunk = _length(neck, hips)
    legs = [
        _length(_joint(true_xy, f"{side}_hip"), _joint(true_xy, f"{side}_knee"))
        + _length(_joint(true_xy, f"{side}_knee"), _joint(true_xy, f"{side}_ankle"))
        for side in ("left", "right")
    ]
    head = EARS_TO_CROWN * _length(_head(true_xy), neck)
    whole = head + trunk + np.fmax(*legs)
    height = np.where(np.isfinite(whole), whole, TRUNKS_A_HEIGHT * trunk)
    return np.where(trunk > 0, height, np.nan)


def torso_px(true_xy: Floats) -> Floats:
    """(N,) From the middle of the shoulders to the middle of the hips; NaN where one is not labelled, or they meet."""
    length = _length(_middle(true_xy, "shoulder"), _middle(true_xy, "hip"))
    return np.where(length > 0, length, np.nan)


def body_area_px(true_xy: Floats) -> Floats:
    """(N,) The part of the box around the labelled joints that a person fills; NaN where fewer than two are labelled."""
    labelled = np.isfinite(true_xy).all(axis=2)
    low = np.where(labelled[..., None], true_xy, np.inf).min(axis=1)
    high = np.where(labelled[..., None], true_xy, -np.inf).max(axis=1)
    with np.errstate(invalid="ignore"):
        area = BOX_TO_AREA * np.prod(high - low, axis=1)
    return np.where(labelled.sum(axis=1) >= 2, area, np.nan)


def within(distance_px: Floats, unit_px: Floats, share: float) -> Floats:
    """PCK, joint by joint: 1 where a distance is less than `share` of its picture's unit, else 0.

    Parameters
    ----------
    distance_px : (N, 29)
        NaN is a miss.
    unit_px : (N,)
        Height or torso; where it is NaN, so is the result.
    """
    hits = np.where(np.isnan(unit_px)[:, None], np.nan, 0.0) + np.zeros_like(distance_px)
    with np.errstate(invalid="ignore"):
        hits[distance_px < share * unit_px[:, None]] = 1.0
    return hits


def similarity(distance_px: Floats, area_px: Floats) -> Floats:
    """Each joint's part in OKS: exp(-d^2 / (2 area (2 sigma)^2)); 0 where it was not found, NaN without an area.

    Parameters
    ----------
    distance_px : (N, 29)
    area_px : (N,)
    """
    spread = 2 * np.where(area_px > 0, area_px, np.nan)[:, None] * np.square(2 * np.array(SIGMAS))
    alike = np.exp(-np.square(np.where(np.isnan(distance_px), np.inf, distance_px)) / spread)
    return np.where(np.isnan(area_px)[:, None], np.nan, alike)


def oks_ap(found: Floats, samples: Samples) -> dict[str, float]:
    """COCO's average precision with the 29 sigmas, of one person a picture ranked by mean confidence.

    Returns
    -------
    dict
        `ap` over OKS thresholds .50 to .95, `ap50`, `ap75`; in [0, 1].

    Raises
    ------
    ModuleNotFoundError
        Without faster-coco-eval, which is not needed for anything else.
    """
    from faster_coco_eval import COCO, COCOeval_faster

    validate(found, samples)
    truth, results = _as_coco(found, samples)
    if not results:
        return {"ap": 0.0, "ap50": 0.0, "ap75": 0.0}
    ground = COCO(truth)
    evaluation = COCOeval_faster(
        ground, ground.loadRes(results), iouType="keypoints", kpt_oks_sigmas=list(SIGMAS), print_function=_silent
    )
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return {name: float(evaluation.stats[place]) for place, name in enumerate(("ap", "ap50", "ap75"))}


def picture_errors(found: Floats, samples: Samples) -> Floats:
    """(N,) mean distance of a picture's joints as a share of the body's height.

    Infinite where nobody was found, NaN where nothing can be measured.
    """
    true_xy = samples.xy_px.astype(np.float64)
    share = distances_px(found[..., :2], true_xy) / body_height_px(true_xy)[:, None]
    labelled = np.isfinite(true_xy).all(axis=2) & np.isfinite(body_height_px(true_xy))[:, None]
    lost = labelled & ~np.isfinite(found[..., :2]).all(axis=2)
    counted = np.where(labelled, np.where(lost, np.inf, share), 0.0).sum(axis=1)
    count = labelled.sum(axis=1)
    return np.divide(counted, count, out=np.full(len(samples), np.nan), where=count > 0)


def judge(found: Floats, samples: Samples, *, with_ap: bool = True) -> Judgement:
    """All figures about what was found in these pictures.

    Parameters
    ----------
    found : (N, 29, 3)
        x, y in pixels of the labelled picture, confidence.
    samples
        The same N pictures as they were labelled.
    with_ap
        False leaves OKS-AP out, and faster-coco-eval with it.
    """
    validate(found, samples)
    measure = _measuring(found, samples)
    every = np.ones((len(samples), JOINTS), dtype=bool)
    joints, views = np.eye(JOINTS, dtype=bool), sorted(set(samples.view.tolist()))
    return Judgement(
        overall=measure(every),
        direct=measure(every & DIRECT),
        oks_ap=oks_ap(found, samples) if with_ap else None,
        by_joint={joint: measure(every & joints[index]) for index, joint in enumerate(SKELETON.joints)},
        by_view={view: measure(every & (samples.view == view)[:, None]) for view in views},
        by_visibility={
            name: measure(samples.visibility == flag) for name, flag in (("visible", VISIBLE), ("hidden", HIDDEN))
        },
    )


def _measuring(found: Floats, samples: Samples) -> Callable[[Mask], Figures]:
    """From (N, 29) chosen joints to their figures."""
    true_xy = samples.xy_px.astype(np.float64)
    apart = np.where(np.isfinite(found[..., :2]).all(axis=2, keepdims=True), found[..., :2] - true_xy, np.nan)
    distance = np.linalg.norm(apart, axis=2)
    height = body_height_px(true_xy)
    labelled = np.isfinite(true_xy).all(axis=2)
    per_joint = {
        "found": np.isfinite(distance).astype(float),
        "mae_px": np.abs(apart).mean(axis=2),
        "mae_height": np.abs(apart).mean(axis=2) / height[:, None],
        "distance_px": distance,
        "distance_height": distance / height[:, None],
        "pck_height": within(distance, height, PCK_OF_HEIGHT),
        "pck_torso": within(distance, torso_px(true_xy), PCK_OF_TORSO),
    }
    alike = similarity(distance, body_area_px(true_xy))

    def measure(chosen: Mask) -> Figures:
        counted = chosen & labelled
        similar = np.where(counted, alike, np.nan)[counted.any(axis=1)]
        return Figures(
            pictures=int(counted.any(axis=1).sum()),
            joints=int(counted.sum()),
            oks=_mean_or_none(np.array([_mean(row) for row in similar])),
            **{name: _mean_or_none(values[counted]) for name, values in per_joint.items()},
        )

    return measure


def _as_coco(found: Floats, samples: Samples) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Ground truth and results in COCO's terms; a joint that was not found lies far outside the picture."""
    true_xy = samples.xy_px.astype(np.float64)
    area = body_area_px(true_xy)
    images, annotations, results = [], [], []
    for row in np.flatnonzero(area > 0):
        number = int(row) + 1
        labelled = np.isfinite(true_xy[row]).all(axis=1)
        width, height = (int(length) for length in samples.size_px[row])
        low, high = true_xy[row][labelled].min(axis=0), true_xy[row][labelled].max(axis=0)
        flat = np.column_stack([np.where(labelled[:, None], true_xy[row], 0.0), 2.0 * labelled]).ravel()
        images.append({"id": number, "width": width, "height": height})
        annotations.append(
            {
                "id": number,
                "image_id": number,
                "category_id": 1,
                "iscrowd": 0,
                "area": float(area[row]),
                "bbox": [*low.tolist(), *(high - low).tolist()],
                "keypoints": flat.tolist(),
                "num_keypoints": int(labelled.sum()),
            }
        )
        if np.isfinite(found[row, :, :2]).any():
            results.append(_as_result(found[row], number, beyond_px=-10.0 * max(width, height)))
    category = {"id": 1, "name": "person", "keypoints": list(SKELETON.joints)}
    return {"images": images, "annotations": annotations, "categories": [category]}, results


def _as_result(person: Floats, number: int, *, beyond_px: float) -> dict[str, object]:
    there = np.isfinite(person[:, :2]).all(axis=1)
    xy = np.where(there[:, None], person[:, :2], beyond_px)
    return {
        "image_id": number,
        "category_id": 1,
        "keypoints": np.column_stack([xy, there]).ravel().tolist(),
        "score": float(np.nan_to_num(person[:, 2]).mean()),
    }


def _joint(xy: Floats, name: str) -> Floats:
    return xy[:, SKELETON.index(name)]


def _middle(xy: Floats, part: str) -> Floats:
    return (_joint(xy, f"left_{part}") + _joint(xy, f"right_{part}")) / 2


def _head(xy: Floats) -> Floats:
    """(N, 2) The middle of the ears that are labelled, else of the eyes, else the nose."""
    place = _joint(xy, "nose")
    for part in ("eye", "ear"):
        left, right = _joint(xy, f"left_{part}"), _joint(xy, f"right_{part}")
        both = (np.where(np.isnan(left), right, left) + np.where(np.isnan(right), left, right)) / 2
        place = np.where(np.isnan(both), place, both)
    return place


def _length(start: Floats, end: Floats) -> Floats:
    return np.asarray(np.linalg.norm(start - end, axis=-1))


def _mean(values: Floats) -> float:
    there = values[np.isfinite(values)]
    return float(there.mean()) if there.size else float("nan")


def _mean_or_none(values: Floats) -> float | None:
    mean = _mean(values)
    return None if np.isnan(mean) else mean


def _silent(*_: object) -> None:
    """faster-coco-eval prints its table to whatever it is given."""
