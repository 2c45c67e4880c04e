"""Pictures without people, to try an engine's honesty: parts of real clips in which nobody is, and drawn scenes."""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from inference.media.frames import read_frames

Rgb = NDArray[np.uint8]
Box = tuple[float, float, float, float]

FPS = 15
FRAMES = 45
LONG_SIDE_PX = 640

EMPTY_PARTS: dict[str, tuple[str, Box]] = {
    "room, left of the avatar": ("avatar.mp4", (0.0, 0.0, 0.36, 1.0)),
    "stairs, right of the avatar": ("avatar.mp4", (0.66, 0.0, 1.0, 1.0)),
    "floor before the avatar": ("avatar.mp4", (0.0, 0.82, 1.0, 1.0)),
    "drawn figures on a wall": ("jesse_dance.mp4", (0.78, 0.0, 1.0, 1.0)),
    "plants and drawn figures": ("jesse_dance.mp4", (0.0, 0.0, 0.16, 1.0)),
    "mats in a gym": ("portrait_60fps_balance.mp4", (0.0, 0.7, 1.0, 1.0)),
    "gym, left of the man": ("portrait_60fps_balance.mp4", (0.0, 0.0, 0.24, 1.0)),
    "gym, right of the man": ("portrait_60fps_balance.mp4", (0.74, 0.0, 1.0, 1.0)),
    "lamps in a gym": ("portrait_60fps_balance.mp4", (0.0, 0.0, 1.0, 0.16)),
    "trees": ("same_dance_1.mp4", (0.0, 0.0, 1.0, 0.09)),
    "scaffold beside a wall": ("squats.mp4", (0.74, 0.0, 1.0, 1.0)),
    "wall and boxes": ("squats.mp4", (0.0, 0.0, 0.24, 1.0)),
    "ceiling of a gym": ("two_people_cam01.mp4", (0.0, 0.0, 1.0, 0.14)),
    "gym, above the second person": ("two_people_cam01.mp4", (0.7, 0.0, 1.0, 0.36)),
}
"""For each scene a clip of the shared data and a part of its picture, in shares of its sides, that nobody enters."""


def empty_part(folder: Path, scene: str) -> Iterator[Rgb]:
    """A window that drifts through the part while the clip plays to and fro, never more than twice as long as wide."""
    name, box = EMPTY_PARTS[scene]
    shown = [_cut_out(frame.rgb(), box) for frame in _some(read_frames(folder / name))]
    there_and_back = [*shown, *reversed(shown)]
    for index in range(FRAMES):
        picture = there_and_back[index % len(there_and_back)]
        sides = np.array(picture.shape[:2])
        window = np.minimum(sides * 3 // 4, 2 * sides.min() * 3 // 4)
        top, left = ((0.5 - 0.5 * np.cos(2 * np.pi * index / FRAMES)) * (sides - window)).astype(int)
        yield _scaled(picture[top : top + window[0], left : left + window[1]])


def _some(frames: Iterable, most: int = 24) -> Iterator:
    for index, frame in enumerate(frames):
        if index >= 2 * most:
            return
        if index % 2 == 0:
            yield frame


def _cut_out(rgb: Rgb, box: Box) -> Rgb:
    height, width = rgb.shape[:2]
    left, top, right, bottom = (round(share * side) for share, side in zip(box, (width, height) * 2, strict=True))
    return rgb[top:bottom, left:right].copy()


def _scaled(rgb: Rgb) -> Rgb:
    """To LONG_SIDE_PX, sides even."""
    height, width = rgb.shape[:2]
    scale = LONG_SIDE_PX / max(height, width)
    size = (max(64, round(width * scale) // 2 * 2), max(64, round(height * scale) // 2 * 2))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def _clouds(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.float32]:
    """(h, w) noise in 0..1 with as much of every scale as leaves and stones have."""
    height, width = size
    total = np.zeros(size, np.float32)
    for octave in range(2, 8):
        grain = rng.random((2**octave, 2**octave), dtype=np.float32)
        total += cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC) / 2 ** (octave / 2)
    return (total - total.min()) / (total.max() - total.min())


def _tinted(grey: NDArray[np.float32], dark: tuple[int, int, int], light: tuple[int, int, int]) -> Rgb:
    return (np.array(dark) + grey[..., None] * (np.array(light) - np.array(dark))).clip(0, 255).astype(np.uint8)


def trees_in_the_wind() -> Iterator[Rgb]:
    rng = np.random.default_rng(1)
    leaves, sky = _clouds(rng, (720, 460)), _clouds(rng, (720, 460))
    for index in range(FRAMES):
        shift = round(20 * np.sin(index / 5))
        crowns = np.roll(leaves, shift, axis=1)[40:680, 40:400]
        picture = _tinted(np.where(crowns > 0.45, crowns, sky[40:680, 40:400]), (20, 40, 10), (190, 220, 170))
        for x in (70, 180, 290):
            cv2.line(picture, (x, 640), (x + shift // 2, 200), (70, 50, 35), 18)
        yield picture


def coat_stand() -> Iterator[Rgb]:
    wall = _clouds(np.random.default_rng(2), (640, 360))
    for index in range(FRAMES):
        picture = _tinted(wall, (150, 140, 130), (190, 180, 170))
        sway = round(6 * np.sin(index / 6))
        cv2.line(picture, (180, 620), (180, 120), (60, 40, 30), 10)
        cv2.ellipse(picture, (180 + sway, 250), (60, 130), 0, 0, 360, (40, 50, 90), -1)
        cv2.circle(picture, (180, 105), 32, (90, 60, 40), -1)
        for foot in (110, 250):
            cv2.line(picture, (180, 590), (foot, 630), (60, 40, 30), 8)
        yield picture


def bouncing_balls() -> Iterator[Rgb]:
    rng = np.random.default_rng(3)
    start, speed = rng.uniform(60, 300, (6, 2)), rng.uniform(-14, 14, (6, 2))
    colours = rng.integers(255, size=(6, 3)).tolist()
    for index in range(FRAMES):
        picture = np.full((640, 360, 3), 200, np.uint8)
        places = np.abs((start + speed * index + 600) % (2 * np.array([300, 580])) - np.array([300, 580])) + 30
        for number, (x, y) in enumerate(places):
            cv2.circle(picture, (round(x), round(y)), 24 + 6 * number, colours[number], -1)
        yield picture


def club_lights() -> Iterator[Rgb]:
    y, x = np.mgrid[0:640, 0:360].astype(np.float32)
    for index in range(FRAMES):
        picture = np.zeros((640, 360, 3), np.float32)
        for beam, colour in enumerate(((255, 40, 90), (40, 120, 255), (60, 255, 160))):
            lean = 0.5 * np.sin(index / 4 + 2 * beam)
            picture += np.exp(-(((x - 180 - lean * y) / 45) ** 2))[..., None] * np.array(colour) * 0.8
        yield picture.clip(0, 255).astype(np.uint8)


def curtain() -> Iterator[Rgb]:
    y, x = np.mgrid[0:640, 0:360].astype(np.float32)
    for index in range(FRAMES):
        folds = 0.5 + 0.5 * np.sin(x / 11 + 1.5 * np.sin(y / 160 + index / 6))
        yield _tinted(folds.astype(np.float32), (60, 20, 30), (200, 90, 100))


def sparks() -> Iterator[Rgb]:
    rng = np.random.default_rng(4)
    for _ in range(FRAMES):
        yield _scaled(rng.integers(0, 255, (160, 90, 3), dtype=np.uint8))


def turning_fan() -> Iterator[Rgb]:
    for index in range(FRAMES):
        picture = np.full((640, 360, 3), (225, 220, 210), np.uint8)
        cv2.line(picture, (180, 260), (180, 620), (50, 50, 60), 14)
        for blade in range(5):
            angle = np.degrees(index / 3) + 72 * blade
            cv2.ellipse(picture, (180, 220), (130, 26), angle, 0, 360, (120, 130, 150), -1)
        yield picture


def scrolling_tiles() -> Iterator[Rgb]:
    tiles = np.kron(np.indices((20, 12)).sum(axis=0) % 2, np.ones((40, 40))).astype(np.float32)
    for index in range(FRAMES):
        yield _tinted(np.roll(tiles, 3 * index, axis=0)[:640, :360], (30, 30, 40), (210, 200, 190))


DRAWN_SCENES: dict[str, Callable[[], Iterator[Rgb]]] = {
    scene.__name__.replace("_", " "): scene
    for scene in (
        trees_in_the_wind,
        coat_stand,
        bouncing_balls,
        club_lights,
        curtain,
        sparks,
        turning_fan,
        scrolling_tiles,
    )
}


def write_clip(path: Path, pictures: Iterable[Rgb], fps: int = FPS) -> Path:
    """H.264 of (H, W, 3) pictures with even sides."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "20"})
        stream.pix_fmt, stream.codec_context.time_base = "yuv420p", Fraction(1, fps)
        for index, picture in enumerate(pictures):
            if index == 0:
                stream.height, stream.width = picture.shape[:2]
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = index
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path
