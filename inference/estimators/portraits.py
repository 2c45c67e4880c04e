"""A small upright picture of each person of a clip, so that people can say who they are."""

from pathlib import Path

import cv2

from inference.estimators.pictures import PlanarPicture
from inference.media.errors import MediaError
from inference.media.frames import read_frames
from inference.pose.people import Person
from inference.pose.reading import Region

WIDTH_PX, HEIGHT_PX = 240, 320
ROOM = 1.15
"""The picture's height, as a multiple of the side of the person's region."""
JPEG_QUALITY = 85
# Times are made the same way however a file is entered, but compared as floats.
_A_LITTLE_S = 1e-4


def portrait_of(video: Path, person: Person) -> bytes | None:
    """A JPEG of WIDTH_PX by HEIGHT_PX of the person, or None where the picture cannot be read any more."""
    try:
        frame = next(read_frames(video, start_s=max(person.portrait_s - _A_LITTLE_S, 0.0), thread_type="NONE"), None)
    except MediaError:
        return None
    if frame is None:
        return None
    square = framed(person.portrait, frame.size_px)
    rgb = PlanarPicture(frame).crop(square, HEIGHT_PX, beyond=cv2.BORDER_CONSTANT)
    left = (HEIGHT_PX - WIDTH_PX) // 2
    bgr = cv2.cvtColor(rgb[:, left : left + WIDTH_PX], cv2.COLOR_RGB2BGR)
    _, jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return jpeg.tobytes()


def framed(region: Region, size_px: tuple[int, int]) -> Region:
    """The upright square whose middle columns make the portrait, moved into the picture as far as it fits.

    A little larger than the person's region, yet never higher than the picture; what the picture lacks at the sides
    (a dancer who fills an upright clip) stays black.
    """
    width, height = size_px
    side = min(region.side_px * ROOM, height)
    seen = side * WIDTH_PX / HEIGHT_PX
    return Region(_inside(region.x_px, seen, width), _inside(region.y_px, side, height), side, 0.0)


def _inside(centre: float, length: float, whole: int) -> float:
    """The centre of a span moved so that the span lies in [0, whole]; in the middle if it is longer than that."""
    if length >= whole:
        return whole / 2
    return min(max(centre, length / 2), whole - length / 2)
