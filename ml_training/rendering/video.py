"""Rendered dancers as video files, as a phone would write them."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from inference.pose.track import PoseTrack
from ml_training.rendering.motion import Motion
from ml_training.rendering.scene import Scene, Stage
from ml_training.rendering.sound import RATE_HZ

# The slower presets' analysis (adaptive quantisation, weighted prediction) writes another file now and then with AVX-512,
# on one thread as well: 1 to 6 of 40 encodings of the same pictures. This one does without, at the price of larger files.
_OPTIONS = {"preset": "ultrafast", "threads": "1"}
FINE, USUAL = 18, 26
"""Constant rate factors: at nearly no loss, and as what a phone's film looks like after an upload."""


def write_clip(path: Path, scene: Scene, motion: Motion, *, fps: int = 30) -> tuple[PoseTrack, np.ndarray]:
    """Film the motion (whose times must be those of `fps`) as H.264 at nearly no loss.

    Returns
    -------
    truth : PoseTrack
        Confidence 1 where a joint can be seen, 0.25 where it is hidden.
    height_px : (T,)
        How tall the dancer would stand at each moment's distance.
    """
    stage = Stage(scene, motion)
    hidden, heights = [], []

    def pictures() -> Iterable[np.ndarray]:
        for shot in stage.shots():
            hidden.append(shot.hidden)
            heights.append(shot.height_px)
            yield shot.rgb

    encode(path, pictures(), scene.camera.size_px, fps)
    return stage.truth(np.array(hidden)), np.array(heights)


def encode(
    path: Path,
    pictures: Iterable[np.ndarray],
    size_px: tuple[int, int],
    fps: int,
    sound: NDArray[np.float32] | None = None,
    rate_factor: int = FINE,
) -> None:
    """(H, W, 3) RGB pictures to an MP4 file, always the same one; even width and height.

    `sound`: mono samples in [-1, 1], `sound.RATE_HZ` a second from the first picture on.
    """
    with av.open(str(path), "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=fps, options={**_OPTIONS, "crf": str(rate_factor)})
        stream.width, stream.height, stream.pix_fmt = *size_px, "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        music = output.add_stream("aac", rate=RATE_HZ, layout="mono") if sound is not None else None
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
        if music is not None and sound is not None:
            samples = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
            samples.sample_rate, samples.pts, samples.time_base = RATE_HZ, 0, Fraction(1, RATE_HZ)
            output.mux(music.encode(samples))
            output.mux(music.encode(None))
