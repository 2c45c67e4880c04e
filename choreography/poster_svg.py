"""The poster as a picture that stands alone: night, a body in eight moments, and the line it draws."""

import math
from html import escape
from typing import Literal

import numpy as np

from choreography.payloads import PosterPayload
from choreography.poster import HEIGHT, WIDTH, Floats, blurred
from inference.pose.skeleton import SKELETON

type Tone = Literal["guide", "me"]
type Points = list[list[int] | None]

NIGHT, PAPER = "#0D0E13", "#F4F1EA"
COLOURS: dict[Tone, str] = {"guide": "#3DDFC1", "me": "#FF6B8B"}
GLOWS: dict[Tone, str] = {"guide": "#12463F", "me": "#4F1E2D"}
RIBBON_WIDTHS = {"left_foot": 7.0, "right_foot": 7.0, "left_hand": 13.0, "right_hand": 13.0}
FINGER_WIDTH = 1.6
TITLE_SIZE = 84
TITLE_ROOM = WIDTH - 128

_TRUNK = [SKELETON.index(joint) for joint in ("left_shoulder", "right_shoulder", "right_hip", "left_hip")]
_EARS = SKELETON.index("left_ear"), SKELETON.index("right_ear")
_CHEST, _NECK, _HIPS = (SKELETON.index(joint) for joint in ("chest", "neck", "center_hip"))
_FLESH = (
    ("shoulder", "elbow", 0.10),
    ("elbow", "wrist", 0.075),
    ("wrist", "palm_pinky", 0.065),
    ("hip", "knee", 0.145),
    ("knee", "ankle", 0.10),
    ("ankle", "bigtoe", 0.07),
)
"""Thickness of each limb as a share of the trunk's length."""


def poster_svg(poster: PosterPayload, tone: Tone, title: str = "") -> str:
    """A picture of a poster, without scripts or anything from elsewhere, that an <img> can show.

    Parameters
    ----------
    poster : PosterPayload
    tone : "guide" or "me"
        Mint for a guide, coral for the dancer's own.
    title : str
        Set large at the foot; any text, it is escaped.

    Returns
    -------
    str
        An SVG document of 1000 x 1333 units, below 25 kB.
    """
    colour = COLOURS[tone]
    trails = poster["trails"]
    ribbons = "".join(_ribbons(trails[name], width) for name, width in RIBBON_WIDTHS.items())
    cores = "".join(_cores(trails[name]) for name in ("left_hand", "right_hand"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"{f'<title>{escape(title)}</title>' if title else ''}{_defs(colour, GLOWS[tone])}"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{NIGHT}"/>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#glow)"/>'
        f'<g fill="{PAPER}" stroke="{PAPER}" stroke-linecap="round" stroke-linejoin="round">'
        f"{_figures(poster['figures'])}</g>"
        f'<g id="line" fill="url(#time)">{ribbons}</g>'
        f'<use href="#line" filter="url(#haze)" opacity=".8"/>'
        f'<g fill="none" stroke="{PAPER}" stroke-width="2" stroke-linejoin="round" opacity=".5">{cores}</g>'
        f"{_title(title)}</svg>"
    )


def _defs(colour: str, glow: str) -> str:
    return (
        "<defs>"
        f'<radialGradient id="glow" cx=".62" cy=".42" r=".75"><stop stop-color="{glow}" stop-opacity=".75"/>'
        f'<stop offset="1" stop-color="{NIGHT}" stop-opacity="0"/></radialGradient>'
        f'<linearGradient id="time" gradientUnits="userSpaceOnUse" x1="60" x2="940" y1="0" y2="0">'
        f'<stop stop-color="{colour}" stop-opacity=".28"/><stop offset=".55" stop-color="{colour}" stop-opacity=".9"/>'
        f'<stop offset="1" stop-color="{colour}"/></linearGradient>'
        '<filter id="haze" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur stdDeviation="16"/></filter>'
        "</defs>"
    )


def _figures(figures: list[Points]) -> str:
    """Bodies rather than bones, each a little clearer than the one before."""
    last = max(len(figures) - 1, 1)
    shades = [0.06 + 0.34 * (index / last) ** 2.2 for index in range(len(figures))]
    return "".join(
        f'<g opacity="{shade:.2f}">{_body(figure)}</g>' for shade, figure in zip(shades, figures, strict=True)
    )


def _body(figure: Points) -> str:
    trunk = [figure[index] for index in _TRUNK]
    neck, hips = figure[_NECK], figure[_HIPS]
    if neck is None or hips is None:
        return ""
    length = math.dist(neck, hips)
    limbs = "".join(
        _limb(figure[SKELETON.index(f"{side}_{start}")], figure[SKELETON.index(f"{side}_{end}")], share * length)
        for side in ("left", "right")
        for start, end, share in _FLESH
    )
    return f"{_trunk(trunk, length)}{limbs}{_limb(figure[_CHEST], neck, 0.13 * length)}{_head(figure, neck)}"


def _trunk(corners: Points, length: float) -> str:
    """Shoulders to hips, drawn in at the waist."""
    if None in corners:
        return ""
    left_shoulder, right_shoulder, right_hip, left_hip = (np.array(corner, dtype=np.float64) for corner in corners)
    middle = (left_shoulder + right_shoulder) * 0.15 + (left_hip + right_hip) * 0.35
    left_waist = 0.4 * middle + 0.6 * (0.3 * left_shoulder + 0.7 * left_hip)
    right_waist = 0.4 * middle + 0.6 * (0.3 * right_shoulder + 0.7 * right_hip)
    outline = _lines([left_shoulder, right_shoulder, right_waist, right_hip, left_hip, left_waist])
    return f'<path d="{outline}Z" stroke-width="{0.12 * length:.0f}"/>'


def _lines(points: list[Floats]) -> str:
    return "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points)


def _limb(start: list[int] | None, end: list[int] | None, width: float) -> str:
    if start is None or end is None:
        return ""
    return f'<path d="M{start[0]} {start[1]}L{end[0]} {end[1]}" stroke-width="{width:.0f}"/>'


def _head(figure: Points, neck: list[int]) -> str:
    ears = [figure[index] for index in _EARS]
    if ears[0] is None or ears[1] is None:
        return ""
    x, y = (ears[0][0] + ears[1][0]) / 2, (ears[0][1] + ears[1][1]) / 2
    height = 0.62 * math.dist((x, y), neck)
    lean_deg = math.degrees(math.atan2(x - neck[0], neck[1] - y))
    throat = _limb(neck, [round(x), round(y)], 0.5 * height)
    size = f'cx="{x:.0f}" cy="{y:.0f}" rx="{0.8 * height:.0f}" ry="{height:.0f}"'
    return f'{throat}<ellipse {size} stroke="none" transform="rotate({lean_deg:.0f} {x:.0f} {y:.0f})"/>'


def _ribbons(trail: Points, width: float) -> str:
    return "".join(f'<path d="{_ribbon(part, width)}"/>' for part in _parts(trail))


def _cores(trail: Points) -> str:
    """The bright thread in a ribbon."""
    return "".join(f'<path d="{_thread(part)}"/>' for part in _parts(trail))


def _parts(trail: Points) -> list[Floats]:
    """The stretches of a trail between its gaps, each (N, 2) with N > 3."""
    parts: list[list[list[int]]] = [[]]
    for point in trail:
        if point is None:
            parts.append([])
        else:
            parts[-1].append(point)
    return [np.array(part, dtype=np.float64) for part in parts if len(part) > 3]


def _ribbon(path: Floats, width: float) -> str:
    """A ribbon in the wind: broad where it flies, a hair where it rests, pointed at both ends."""
    along = np.gradient(path, axis=0)
    speed = np.linalg.norm(along, axis=1)
    direction = along / np.maximum(speed, 1e-6)[:, None]
    across = np.stack([-direction[:, 1], direction[:, 0]], axis=1)
    flight = blurred(speed / (speed + 22.0), 1.5)
    ends = np.minimum(np.linspace(0.0, 1.0, len(path)) / 0.12, 1.0) * np.minimum(
        np.linspace(1.0, 0.0, len(path)) / 0.04, 1.0
    )
    half = (FINGER_WIDTH + width * flight * ends)[:, None]
    return _closed(np.concatenate([path + half * across, (path - half * across)[::-1]]))


def _closed(outline: Floats) -> str:
    """A smooth outline: quadratic curves through the middles of its edges."""
    middles = (outline + np.roll(outline, -1, axis=0)) / 2
    return f"M{middles[-1][0]:.0f} {middles[-1][1]:.0f}{_curves(outline, middles)}Z"


def _thread(path: Floats) -> str:
    return f"M{path[0][0]:.0f} {path[0][1]:.0f}{_curves(path[1:-1], (path[1:-1] + path[2:]) / 2)}"


def _curves(corners: Floats, ends: Floats) -> str:
    return "".join(f"Q{x:.0f} {y:.0f} {mx:.0f} {my:.0f}" for (x, y), (mx, my) in zip(corners, ends, strict=True))


def _title(title: str) -> str:
    if not title:
        return ""
    size = min(TITLE_SIZE, TITLE_ROOM / max(_width_in_ems(title), 1.0))
    return (
        f'<text x="64" y="{HEIGHT - 74}" fill="{PAPER}" font-size="{size:.0f}" font-weight="700" '
        f"font-family=\"Pretendard,'Pretendard Variable','Noto Sans KR',system-ui,sans-serif\">{escape(title)}</text>"
    )


def _width_in_ems(text: str) -> float:
    return sum(1.0 if ord(letter) > 0x2E80 else 0.64 for letter in text)
