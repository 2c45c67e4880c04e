"""Clips of rendered dancers as videos with music, and the truth about each: for engines that read videos, and their judges.

DIR/videos/012_D06_001_F.mp4    H.264 at 30 pictures a second, music on the dance's beat
DIR/videos/012_D06_001_F.npz    the joints' places (inference.pose.codec); confidence 0.25 where one is hidden
DIR/videos/012_D06_001_F.json   beats a minute, whether the movement keeps them, the dancer's height in every picture
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.pose.codec import save_npz
from ml_training.data.rendered import FPS, Clip, Plan, dance_of, staged
from ml_training.files import whole_file
from ml_training.rendering.lens import random_lens
from ml_training.rendering.sound import make_music
from ml_training.rendering.video import USUAL, encode

FOLDER = "videos"
_FILM = 2**31


def film_clip(plan: Plan, clip: Clip, root: Path, bodies: Path) -> int:
    """Film a clip that is not there yet. Returns 0: it makes no labelled pictures."""
    video = root / FOLDER / f"{clip.name}.mp4"
    if video.is_file() and video.with_suffix(".npz").is_file() and video.with_suffix(".json").is_file():
        return 0
    dance = dance_of(plan, clip)
    t_s = np.arange(round(plan.video_s * FPS)) / FPS
    stage = staged(plan, clip, bodies, t_s)
    rng = np.random.default_rng([plan.seed, clip.dancer, clip.take, _FILM])
    lens = random_lens(rng, min(plan.size_px))
    hidden, heights = [], []

    def pictures() -> Iterator[NDArray[np.uint8]]:
        for frame in range(len(t_s)):
            shot = stage.shot(frame, rng)
            hidden.append(shot.hidden)
            heights.append(shot.height_px)
            yield lens.develop(shot.rgb)

    sound = make_music(dance.seed, dance.beats_a_minute, plan.video_s)
    with whole_file(video, lasting=False) as draft:
        encode(draft, pictures(), plan.size_px, FPS, sound, USUAL)
    save_npz(stage.truth(np.array(hidden)), video.with_suffix(".npz"))
    facts = {
        "beats_a_minute": dance.beats_a_minute,
        "on_the_beat": dance.capture is None,
        "height_px": [round(height, 2) for height in heights],
    }
    with whole_file(video.with_suffix(".json"), lasting=False) as draft:
        draft.write_text(json.dumps(facts))
    return 0
