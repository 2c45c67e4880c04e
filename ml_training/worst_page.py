"""The pictures in which a model did worst, as one page that needs nothing else: to see what it gets wrong, not how often."""

import base64
import html
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.pose.skeleton import SKELETON
from ml_training.data.aihub import HIDDEN
from ml_training.data.images import picture_size, read_picture
from ml_training.data.samples import Samples
from ml_training.files import whole_file
from ml_training.metrics import distances_px, picture_errors

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]

COUNT = 20
TRUE_COLOUR, FOUND_COLOUR = (60, 220, 90), (255, 70, 200)
_SIDE_PX = 400
_MARGIN = 1.35
_BEYOND = (40, 40, 46)
_LEAST_SIDE_PX = 32.0
_WORST_JOINTS = 3

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 1300px; padding: 0 1rem; }
pre { overflow-x: auto; padding: .8rem; border: 1px solid #8886; border-radius: .4rem; font-size: 13px; }
ol { list-style: none; padding: 0; display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(280px, 1fr)); }
figure { margin: 0; border: 1px solid #8886; border-radius: .4rem; overflow: hidden; }
img { display: block; width: 100%; height: auto; }
figcaption { padding: .5rem .7rem; overflow-wrap: anywhere; }
small { opacity: .8; }
.swatch { display: inline-block; width: 1.6em; height: .45em; border-radius: .2em; vertical-align: middle; }
"""


def write_page(path: Path, model: str, figures: str, found: Floats, samples: Samples) -> None:
    """
    Parameters
    ----------
    figures
        The model's figures as text. The first line stands above the pictures, the rest below a lid.
    found : (N, 29, 3)
        x, y in pixels of the labelled picture.

    Raises
    ------
    TrainingError
        "missing_picture", "damaged_picture", "disk_full".
    """
    rows = worst_rows(found, samples)
    items = "\n".join(_item(rank, row, found[row], samples) for rank, row in enumerate(rows, 1))
    title = f"{html.escape(model)}: the worst {len(rows)} of {len(samples)} pictures"
    true, guess = ("#{:02x}{:02x}{:02x}".format(*colour) for colour in (TRUE_COLOUR, FOUND_COLOUR))
    page = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{_STYLE}</style></head>
<body><h1>{title}</h1>
<p>{html.escape(figures.partition("\n")[0])}</p>
<p><span class="swatch" style="background:{true}"></span> labelled, a ring where hidden
&nbsp; <span class="swatch" style="background:{guess}"></span> found. Ranked by the mean distance of the labelled joints.</p>
<details><summary>All figures</summary><pre>{html.escape(figures)}</pre></details>
<ol>
{items}
</ol></body></html>
"""
    with whole_file(path) as draft:
        draft.write_text(page, encoding="utf-8")


def worst_rows(found: Floats, samples: Samples, count: int = COUNT) -> list[int]:
    """Those with the largest mean distance as a share of the body's height; where nobody was found first."""
    errors = picture_errors(found, samples)
    ranked = np.argsort(-np.nan_to_num(errors, nan=-1.0), kind="stable")
    return [int(row) for row in ranked[:count] if not np.isnan(errors[row])]


def drawn(picture: Bytes, true_xy: Floats, hidden: NDArray[np.bool_], found_xy: Floats) -> Bytes:
    """(400, 400, 3) the surroundings of the labelled person with both skeletons; all in pixels of `picture`."""
    matrix = _to_view(true_xy)
    view = cv2.warpAffine(picture, matrix, (_SIDE_PX, _SIDE_PX), borderValue=_BEYOND, flags=cv2.INTER_LINEAR)
    canvas = np.ascontiguousarray(view, dtype=np.uint8)
    true_place, found_place = (xy @ matrix[:, :2].T + matrix[:, 2] for xy in (true_xy, found_xy))
    _draw(canvas, true_place, TRUE_COLOUR, hidden)
    _draw(canvas, found_place, FOUND_COLOUR, np.zeros_like(hidden))
    return canvas


def _item(rank: int, row: int, found: Floats, samples: Samples) -> str:
    one = samples.take([row])
    image = str(one.image[0])
    scale = picture_size(one.root, image)[0] / int(one.size_px[0, 0])
    true_xy = one.xy_px[0].astype(np.float64)
    picture = drawn(read_picture(one.root, image), true_xy * scale, one.visibility[0] == HIDDEN, found[:, :2] * scale)
    encoded = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
    data = base64.b64encode(encoded.tobytes()).decode("ascii")
    error = picture_errors(found[None], one)[0]
    said = f"{error:.1%} of the height" if np.isfinite(error) else "nobody was found"
    about = f"{one.song[0]}, dancer {one.dancer[0]}, view {one.view[0] or '?'}"
    return (
        f'<li><figure><img src="data:image/jpeg;base64,{data}" width="{_SIDE_PX}" height="{_SIDE_PX}" '
        f'alt="Labelled and found skeleton, {html.escape(said)}">'
        f"<figcaption><strong>{rank}. {html.escape(said)}</strong> {html.escape(_furthest(found, true_xy))}<br>"
        f"<small>{html.escape(about)}<br>{html.escape(image.rsplit('/', 1)[-1])}</small></figcaption></figure></li>"
    )


def _furthest(found: Floats, true_xy: Floats) -> str:
    """The joints that lie furthest off, in words."""
    distance = distances_px(found[None, :, :2], true_xy[None])[0]
    joints = np.argsort(-np.nan_to_num(distance, nan=-1.0), kind="stable")[:_WORST_JOINTS]
    said = [f"{SKELETON.joints[joint].replace('_', ' ')} {distance[joint]:.0f} px" for joint in joints]
    return "worst: " + ", ".join(said) if np.isfinite(distance).any() else ""


def _to_view(true_xy: Floats) -> Floats:
    """(2, 3) map from the picture to the square view around the labelled joints."""
    low, high = np.nanmin(true_xy, axis=0), np.nanmax(true_xy, axis=0)
    side = max(float((high - low).max()) * _MARGIN, _LEAST_SIDE_PX)
    scale = _SIDE_PX / side
    corner = (low + high) / 2 - side / 2
    return np.array([[scale, 0.0, -scale * corner[0]], [0.0, scale, -scale * corner[1]]])


def _draw(canvas: Bytes, place: Floats, colour: tuple[int, int, int], hidden: NDArray[np.bool_]) -> None:
    there = np.isfinite(place).all(axis=1)
    # OpenCV's places are whole numbers of 32 bits; what lies far outside need only point the right way.
    spot = np.clip(np.nan_to_num(place), -4 * _SIDE_PX, 5 * _SIDE_PX).round().astype(int)
    for bone in SKELETON.bones:
        start, end = SKELETON.index(bone.start), SKELETON.index(bone.end)
        if there[start] and there[end]:
            cv2.line(canvas, spot[start].tolist(), spot[end].tolist(), colour, 2, cv2.LINE_AA)
    for joint in np.flatnonzero(there):
        cv2.circle(canvas, spot[joint].tolist(), 3, colour, 1 if hidden[joint] else cv2.FILLED, cv2.LINE_AA)
