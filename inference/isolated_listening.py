"""What listens in a child process: sound from somebody's file is decoded and searched there. No Django here.

The maths is imported by the child alone, which is what does it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from inference.media.audio import read_audio

RATE_HZ = 16_000

Send = Callable[[object], None]


def hear_song(guide: Path, take: Path, *, send: Send) -> dict[str, Any]:
    """Where the guide's song is heard in a take: `SongMatch` as JSON. Raises MediaError."""
    from inference.media.song import SongMatch, find_song

    guide_sound = read_audio(guide, rate=RATE_HZ)
    take_sound = None if guide_sound is None else read_audio(take, rate=RATE_HZ)
    if guide_sound is None or take_sound is None:
        return dict(SongMatch("none").to_payload())
    return dict(find_song(guide_sound, take_sound, RATE_HZ).to_payload())


def hear_beats(path: Path, *, send: Send) -> dict[str, Any] | None:
    """The beats of a sound, as JSON; None where there are none to hear. Raises MediaError."""
    from inference.media.beats import find_beats

    sound = read_audio(path, rate=RATE_HZ)
    beats = None if sound is None else find_beats(sound, RATE_HZ)
    return None if beats is None else dict(beats.to_payload())
