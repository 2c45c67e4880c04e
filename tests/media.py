"""Makes small clips in code, so that the tests of media need no files."""

import wave
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

REPOSITORY = Path(__file__).resolve().parent.parent
DATA = REPOSITORY.parent / "shared" / "data"

TICKS_PER_S = 90_000
AUDIO_RATE = 48_000

# Corners of a test picture, clockwise from the top left.
RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 30), (30, 30, 220), (235, 235, 235)


def corners_picture(width: int, height: int) -> NDArray[np.uint8]:
    """(H, W, 3): red top left, green top right, blue bottom right, white bottom left."""
    picture = np.zeros((height, width, 3), np.uint8)
    middle_x, middle_y = width // 2, height // 2
    picture[:middle_y, :middle_x] = RED
    picture[:middle_y, middle_x:] = GREEN
    picture[middle_y:, middle_x:] = BLUE
    picture[middle_y:, :middle_x] = WHITE
    return picture


def numbered_picture(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """A picture whose upper half is one of 32 greys that tells its number modulo 32; a bar moves in the lower half."""
    picture = np.full((height, width, 3), 8, np.uint8)
    picture[: height // 2] = 20 + 6 * (number % 32)
    x = number * 3 % (width - 8)
    picture[height // 2 :, x : x + 8] = 200
    return picture


def number_of(rgb: NDArray[np.uint8]) -> int:
    """The number modulo 32 that `numbered_picture` drew."""
    height, width = rgb.shape[:2]
    grey = float(rgb[height // 8 : height * 3 // 8, width // 4 : width * 3 // 4].mean())
    return round((grey - 20) / 6)


def marked_picture(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """`numbered_picture` with a red top left and a blue top right corner, so that one sees where up is."""
    picture = numbered_picture(number, width, height)
    picture[: height // 8, : width // 5] = RED
    picture[: height // 8, -(width // 5) :] = BLUE
    return picture


def is_upright(rgb: NDArray[np.uint8]) -> bool:
    """Whether a `marked_picture` shows its marks where they were drawn."""
    height, width = rgb.shape[:2]
    left, right = (rgb[height // 16, x].astype(int) for x in (width // 10, width - 1 - width // 10))
    return bool(left[0] > left[2] + 50 and right[2] > right[0] + 50)


def regular_times(seconds: float, fps: float) -> list[float]:
    return [index / fps for index in range(round(seconds * fps))]


def make_clip(
    path: Path,
    times_s: Sequence[float] | None = None,
    *,
    size: tuple[int, int] = (96, 64),
    codec: str = "libx264",
    pixels: str = "yuv420p",
    container: str | None = None,
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    rotation_ccw_deg: float = 0,
    mirrored: bool = False,
    aspect: Fraction | None = None,
    corners: bool = False,
    picture_of: Callable[[int, int, int], NDArray[np.uint8]] | None = None,
    fps: Fraction | int = 30,
    beep_s: float | None = None,
    samples: NDArray[np.float64] | None = None,
    sound_codec: str = "aac",
    sound_from_s: float = 0.0,
    sound_until_s: float | None = None,
) -> Path:
    """Write a clip of numbered pictures (or of `corners_picture`) shown at `times_s` (default: 1.5 s at `fps` a second).

    `picture_of(number, width, height)` draws other pictures, as they are coded: before the turn that the file asks for.
    `beep_s` adds sound: silence with a loud tone of 50 ms from that time on, on the clock of `times_s`. `samples` adds any
    other sound, `AUDIO_RATE` a second from `sound_from_s` on.
    """
    times = list(times_s) if times_s is not None else regular_times(1.5, float(fps))
    with av.open(str(path), "w", format=container, options=container_options or {}) as output:
        stream = output.add_stream(codec, rate=fps, options=options or _default_options(codec))
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        if codec.startswith("libvpx"):
            # Its threads spin while they wait: of two test processes on two cores, each starved the thread it waited for.
            stream.codec_context.thread_count = 1
        stream.codec_context.time_base = Fraction(1, TICKS_PER_S)
        if codec in ("mpeg4", "mjpeg", "prores_ks"):
            stream.codec_context.time_base = 1 / Fraction(fps)
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation_ccw_deg or mirrored:
            stream.set_display_rotation(rotation_ccw_deg, hflip=mirrored)
        if beep_s is not None:
            until = times[-1] + 0.1 if sound_until_s is None else sound_until_s
            samples = beep(beep_s, sound_from_s, until)
        sound = output.add_stream(sound_codec, rate=AUDIO_RATE, layout="mono") if samples is not None else None
        ticks = stream.codec_context.time_base
        for index, time in enumerate(times):
            image = corners_picture(*size) if corners else (picture_of or numbered_picture)(index, *size)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24").reformat(format=pixels)
            frame.pts = round(time / float(ticks))
            frame.time_base = ticks
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
        if sound is not None:
            _add_sound(output, sound, samples, sound_from_s)
    return path


def remux(
    source: Path,
    target: Path,
    change: Callable[[int, av.Packet], Iterable[av.Packet]],
    *,
    container_options: dict[str, str] | None = None,
) -> Path:
    """Copy a clip's packets, those of the picture through `change(number, packet)`, which yields what to write."""
    number = 0
    with av.open(str(source)) as old, av.open(str(target), "w", options=container_options or {}) as output:
        streams = {stream.index: output.add_stream_from_template(stream, opaque=True) for stream in old.streams}
        for packet in old.demux():
            if not packet.size:
                continue
            written: Iterable[av.Packet] = [packet]
            if packet.stream.type == "video":
                written, number = change(number, packet), number + 1
            for each in written:
                each.stream = streams[packet.stream_index]
                output.mux(each)
    return target


def make_sound(path: Path) -> Path:
    """A second and a half of sound without a picture."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("aac", rate=AUDIO_RATE, layout="mono")
        _add_sound(output, stream, beep(0.5, 0.0, 1.5), 0.0)
    return path


def make_wave(path: Path, samples: NDArray[np.float64]) -> Path:
    """`AUDIO_RATE` samples a second as a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(AUDIO_RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def beep(beep_s: float, from_s: float, until_s: float) -> NDArray[np.float64]:
    """Silence with a loud tone of 50 ms, `AUDIO_RATE` samples a second from `from_s` on."""
    t = from_s + np.arange(round((until_s - from_s) * AUDIO_RATE)) / AUDIO_RATE
    return np.where((t >= beep_s) & (t < beep_s + 0.05), 0.8 * np.sin(2 * np.pi * 1000 * t), 0.0)


def beep_start_s(samples: NDArray[np.float32], rate: int) -> float:
    """When the tone that `make_clip` added begins."""
    return float(np.argmax(np.abs(samples) > 0.25)) / rate


def _default_options(codec: str) -> dict[str, str]:
    return {
        "libx264": {"preset": "ultrafast", "crf": "18"},
        "libx265": {"preset": "ultrafast", "crf": "12", "x265-params": "log-level=none"},
        "libvpx": {"deadline": "realtime", "cpu-used": "8", "crf": "10", "b": "1M"},
        "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "20", "b": "0"},
        "mpeg4": {"qscale": "2", "g": "12", "b": "4M"},
        "libsvtav1": {"preset": "12", "svtav1-params": "lp=1"},
    }.get(codec, {})


def _add_sound(output, stream, samples: NDArray[np.float64], from_s: float) -> None:
    fifo = av.AudioFifo()
    frame = av.AudioFrame.from_ndarray(samples.astype(np.float32)[None], format="fltp", layout="mono")
    frame.sample_rate = AUDIO_RATE
    frame.pts = 0
    frame.time_base = Fraction(1, AUDIO_RATE)
    fifo.write(frame)
    size = stream.codec_context.frame_size or 960
    resampler = av.AudioResampler(stream.codec_context.format.name, "mono", AUDIO_RATE)
    written = round(from_s * AUDIO_RATE)
    while (block := fifo.read(size, partial=True)) is not None:
        block.pts = None
        for converted in resampler.resample(block):
            converted.pts = written
            converted.time_base = Fraction(1, AUDIO_RATE)
            written += converted.samples
            output.mux(stream.encode(converted))
    output.mux(stream.encode(None))
