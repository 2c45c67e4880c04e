"""Cuts pieces out of real clips, so that two of them show the same dance with a known shift."""

from fractions import Fraction

import av
import numpy as np

SOUND_RATE = 48_000
SOUND_BLOCK = 1024


def cut(source, target, start_s, end_s, *, tone_hz=None):
    """Write the pictures of `source` from `start_s` to `end_s` to `target`, with a tone below them if one is asked for."""
    with av.open(str(source)) as whole, av.open(str(target), "w") as piece:
        pictures = whole.streams.video[0]
        stream = piece.add_stream("libx264", rate=pictures.average_rate, options={"crf": "23", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = pictures.width, pictures.height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90_000)
        sound = piece.add_stream("aac", rate=SOUND_RATE, layout="mono") if tone_hz else None
        for frame in whole.decode(pictures):
            if start_s - 1e-6 <= frame.time < end_s - 1e-6:
                piece.mux(stream.encode(_at(frame, frame.time - start_s)))
        piece.mux(stream.encode(None))
        if sound:
            _add_tone(piece, sound, end_s - start_s, tone_hz)
    return target


def _at(frame, t_s):
    picture = av.VideoFrame.from_ndarray(frame.to_ndarray(format="yuv420p"), format="yuv420p")
    picture.pts, picture.time_base = round(t_s * 90_000), Fraction(1, 90_000)
    return picture


def _add_tone(piece, sound, length_s, tone_hz):
    wave = 0.2 * np.sin(2 * np.pi * tone_hz * np.arange(int(length_s * SOUND_RATE)) / SOUND_RATE).astype(np.float32)
    for start in range(0, len(wave) - SOUND_BLOCK, SOUND_BLOCK):
        block = av.AudioFrame.from_ndarray(wave[None, start : start + SOUND_BLOCK], format="fltp", layout="mono")
        block.sample_rate, block.pts, block.time_base = SOUND_RATE, start, Fraction(1, SOUND_RATE)
        piece.mux(sound.encode(block))
    piece.mux(sound.encode(None))
