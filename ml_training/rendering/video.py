"""Rendered dancers as video files, as a phone would write them."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from inference.pose.track import PoseTrack
from ml_training.rendering.motion import Motion
from ml_training.rendering.scene import Scene, Stage

# The slower presets' analysis (adaptive quantisation, weighted prediction) writes another file now and then with AVX-512,
# on one thread as well: 1 to 6 of 40 encodings of the same pictures. This one does without, at the price of larger files.
_FINE = {"crf": "18", "preset": "ultrafast", "threads": "1"}


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


def encode(path: Path, pictures: Iterable[np.ndarray], size_px: tuple[int, int], fps: int) -> None:
    """(H, W, 3) RGB pictures to an MP4 file, always the same one; even width and height."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=fps, options=_FINE)
        stream.width, stream.height, stream.pix_fmt = *size_px, "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
