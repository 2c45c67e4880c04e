"""A browser with a webcam that shows a film: a drawn dancer of the demo's routine, or a clip.

Chromium plays the film in a loop, 30 pictures a second whatever its own rate was; it begins when a page opens the camera.
"""

from fractions import Fraction
from itertools import repeat

import av
import cv2
import numpy as np
import pytest

from tests.bench.drawn import drawn_dance

FPS = 30
SIZE_PX = (640, 480)


def film_dancer(path, seconds, *, still_s=0.0, size_px=SIZE_PX):
    """The demo's dancer in a room, the routine from its beginning, after `still_s` in its first pose."""
    dance = drawn_dance(size_px, round(seconds * FPS))
    first = next(dance)
    return film(path, (*repeat(first, round(still_s * FPS)), first, *dance))


def film_clip(path, clip, *, from_s=0.0, to_s=float("inf"), height_px=480):
    """Part of a clip, its pictures repeated or left out so that it lasts as long at 30 a second."""
    return film(path, _at_webcam_rate(clip, from_s, to_s, height_px))


def film_nobody(path, seconds=1.0, *, size_px=SIZE_PX):
    return film(path, empty_room(size_px, round(seconds * FPS)))


def empty_room(size_px, frames):
    """Pictures of a wall and a floor."""
    width, height = size_px
    room = np.full((height, width, 3), (190, 185, 176), np.uint8)
    room[round(0.78 * height) :] = (142, 110, 84)
    return repeat(room, frames)


def film(path, pictures):
    """(H, W, 3) RGB pictures with even sides as the .mjpeg that Chromium takes for a webcam."""
    with av.open(str(path), "w", format="mjpeg") as output:
        stream = None
        for index, picture in enumerate(pictures):
            if stream is None:
                stream = output.add_stream("mjpeg", rate=FPS, options={"qmin": "3", "qmax": "3"})
                stream.height, stream.width, stream.pix_fmt = *picture.shape[:2], "yuvj420p"
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuvj420p")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def _at_webcam_rate(clip, from_s, to_s, height_px):
    shown, due = None, 0
    with av.open(str(clip)) as source:
        for frame in source.decode(video=0):
            if frame.time < from_s:
                continue
            if frame.time >= to_s:
                break
            while shown is not None and due / FPS < frame.time - from_s:
                yield shown
                due += 1
            shown = _scaled(frame.to_ndarray(format="rgb24"), height_px)
    yield shown


def _scaled(picture, height_px):
    height, width = picture.shape[:2]
    return cv2.resize(picture, (round(width * height_px / height / 2) * 2, height_px), interpolation=cv2.INTER_AREA)


@pytest.fixture
def webcam_page(chromium, product, browser_path, browser_arguments):
    """Makes a page in a browser of its own whose webcam shows `film`; the site may use it unless `allowed` is False.

    As with `new_page`, no page may have had an error in its console; what a test expects it takes out of `.errors`.
    """
    browsers, errors = [], []

    def make(film, *, allowed=True, width=1280, height=900, language="en-US", arguments=(), **options):
        webcam = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
        browser = chromium.browser_type.launch(
            executable_path=str(browser_path), args=[*browser_arguments, *webcam, *arguments]
        )
        browsers.append(browser)
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=language,
            base_url=product.url,
            permissions=["camera", "microphone"] if allowed else [],
            **options,
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        return page

    make.errors = errors
    yield make
    for browser in browsers:
        browser.close()
    assert errors == []
