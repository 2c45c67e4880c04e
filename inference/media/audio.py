"""Sound on the clock of the pictures: zero is the first picture, gaps are silence."""

from collections.abc import Iterator
from pathlib import Path

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from inference.media.errors import TooLong
from inference.media.frames import first_picture_s
from inference.media.opening import OpenSound, is_sane_sound, is_wave, open_video, open_wave, refuse_to_go_on
from inference.media.packets import scan_packets

MAX_AUDIO_S = 3600.0
# Stamps wander by less than this from the count of samples in sound files; more is a real gap or overlap.
_DRIFT_S = 0.04
_SILENCE_BLOCK_S = 1.0


def read_audio(path: Path, *, rate: int = 16000) -> NDArray[np.float32] | None:
    """The sound of a clip, or of a WAV file, as one channel.

    Sample k is heard k / rate seconds after the first picture is shown: sound before the first picture is cut off, and
    where it starts later, or pauses, there is silence. It ends with the pictures at the latest. Sound without pictures
    is read from WAV files alone, in which a guide without a video has its music; they begin at their first sample.

    Parameters
    ----------
    path : Path
    rate : int
        Samples a second of the result.

    Returns
    -------
    (N,) float32 in [-1, 1], or None for a clip without sound that can be decoded. What is louder is cut and what is no
    number is silence: damaged packets, and sound stored as floats, decode to anything.

    Raises
    ------
    MediaError
        As `read_frames`; `TooLong` for more than `MAX_AUDIO_S`.
    """
    if is_wave(path):
        blocks = [block[0] for block in _wave_blocks(path, rate)]
    else:
        with open_video(path, "NONE") as video:
            if video.sound is None:
                return None
        blocks = [block[0] for block in audio_blocks(path, rate=rate, layout="mono")]
    return _within_full_scale(np.concatenate(blocks)) if blocks else None


def _within_full_scale(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same array: an hour of sound is not copied."""
    np.nan_to_num(samples, copy=False, nan=0.0)
    return np.clip(samples, -1.0, 1.0, out=samples)


def audio_blocks(path: Path, *, rate: int, layout: str) -> Iterator[NDArray[np.float32]]:
    """The sound of a clip in consecutive blocks (channels, n) float32, on the clock described at `read_audio`."""
    end_s = scan_packets(path).duration_s
    if end_s > MAX_AUDIO_S:
        raise TooLong(f"{end_s:.0f} s")
    zero_s = first_picture_s(path)
    left = round(end_s * rate)
    with open_video(path, "NONE") as video:
        assert video.sound is not None  # noqa: S101 - callers have looked
        segments = _segments(OpenSound(video.container, video.sound), rate, layout, zero_s)
        for block in _on_clock(segments, rate):
            yield block[:, :left]
            left -= block.shape[1]
            if left <= 0:
                return


def _wave_blocks(path: Path, rate: int) -> Iterator[NDArray[np.float32]]:
    """The sound of a WAV file, whose header may claim any length, in consecutive blocks (1, n)."""
    read = 0
    with open_wave(path) as wave:
        for block in _on_clock(_segments(wave, rate, "mono", 0.0), rate):
            read += block.shape[1]
            if read > MAX_AUDIO_S * rate:
                raise TooLong(f"more than {MAX_AUDIO_S:.0f} s")
            yield block


def _on_clock(placed: Iterator[tuple[float | None, NDArray[np.float32]]], rate: int) -> Iterator[NDArray[np.float32]]:
    """Fill gaps with silence and cut overlaps. Blocks without a time follow the one before."""
    written, skip = 0, 0
    for start_s, block in placed:
        if start_s is not None:
            gap = round(min(start_s, MAX_AUDIO_S) * rate) - written
            skip = max(0, -gap)
            yield from _silence(gap, block.shape[0], rate)
            written += max(0, gap)
        kept = block[:, skip:]
        skip = max(0, skip - block.shape[1])
        if kept.shape[1]:
            written += kept.shape[1]
            yield kept


def _silence(samples: int, channels: int, rate: int) -> Iterator[NDArray[np.float32]]:
    step = round(_SILENCE_BLOCK_S * rate)
    for begin in range(0, samples, step):
        yield np.zeros((channels, min(step, samples - begin)), np.float32)


def _segments(
    source: OpenSound, rate: int, layout: str, zero_s: float
) -> Iterator[tuple[float | None, NDArray[np.float32]]]:
    """Resampled blocks; the first of each unbroken stretch carries its time in seconds."""
    resampler: AudioResampler | None = None
    setup: tuple[str, str, int] | None = None
    expected_s = 0.0
    for frame in _sound_frames(source):
        start_s = expected_s if frame.time is None else frame.time - zero_s
        found = (frame.format.name, frame.layout.name, frame.sample_rate)
        time: float | None = None
        if resampler is None or found != setup or abs(start_s - expected_s) > _DRIFT_S:
            if resampler is not None:
                yield from ((None, block) for block in _resampled(resampler, None))
            resampler, setup, time = AudioResampler("fltp", layout, rate), found, start_s
            expected_s = start_s
        expected_s += frame.samples / frame.sample_rate
        frame.pts = None
        for block in _resampled(resampler, frame):
            yield time, block
            time = None
    if resampler is not None:
        yield from ((None, block) for block in _resampled(resampler, None))


def _resampled(resampler: AudioResampler, frame: AudioFrame | None) -> list[NDArray[np.float32]]:
    return [block.to_ndarray().astype(np.float32, copy=False) for block in resampler.resample(frame)]


def _sound_frames(source: OpenSound) -> Iterator[AudioFrame]:
    packets = source.container.demux(source.sound)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            frames = packet.decode()
        except (av.error.FFmpegError, ValueError) as error:
            refuse_to_go_on(error)
            # Either this packet cannot be decoded (PyAV's ValueError: a header that names another codec halfway), or
            # nothing more can be read: then the next one is None.
            continue
        yield from (frame for frame in frames if frame.samples and is_sane_sound(frame.sample_rate, frame.layout))
