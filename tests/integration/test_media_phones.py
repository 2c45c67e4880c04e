"""What phones, cameras and browsers record, all the way: understood, read, and turned into a copy that plays."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from inference.media.audio import read_audio
from inference.media.frames import key_frame_times, read_frames
from inference.media.probe import probe
from inference.media.transcode import is_browser_playable, to_playable
from tests.media import (
    REPOSITORY,
    beep_start_s,
    is_upright,
    make_clip,
    marked_picture,
    number_of,
    regular_times,
)

RATE = 16_000
BEEP_S = 0.7
X264 = {"preset": "ultrafast", "crf": "18", "g": "15"}
B_FRAMES = {"preset": "veryfast", "crf": "18", "g": "15", "bf": "3"}
UNEVEN = [0, 0.05, 0.1, 0.3, 0.31, 0.5, 0.9, 1.0, 1.4, 1.5]
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov+delay_moov+default_base_moof"}
SMALL_FRAGMENTS = {"movflags": "empty_moov+delay_moov+default_base_moof", "frag_duration": "200000"}


def _hevc(**tags: str) -> dict[str, str]:
    said = ":".join(f"{name}={value}" for name, value in {"log-level": "none", "keyint": "15", **tags}.items())
    return {"preset": "ultrafast", "crf": "12", "x265-params": said}


def _hdr(transfer: str) -> dict[str, str]:
    return _hevc(colorprim="bt2020", transfer=transfer, colormatrix="bt2020nc", range="limited")


@dataclass(frozen=True)
class Recording:
    """One class of files. `make` goes to `make_clip`; `sound` is its codec, None for a silent one."""

    codec: str
    make: dict = field(default_factory=dict)
    upright_px: tuple[int, int] = (96, 64)
    sound: str | None = "aac"
    rotation_deg: int = 0
    mirrored: bool = False
    plays_as_it_is: bool = False
    # A copy of high dynamic range has other greys than the original, so its pictures do not show their numbers.
    changes_greys: bool = False


def _turned(rotation_deg: int, *, mirrored: bool = False) -> Recording:
    upright = (64, 96) if rotation_deg in (90, 270) else (96, 64)
    make = {"options": X264, "rotation_ccw_deg": -rotation_deg, "mirrored": mirrored}
    return Recording("h264", make, upright, rotation_deg=rotation_deg, mirrored=mirrored, plays_as_it_is=not mirrored)


def _rate(fps: Fraction | int) -> Recording:
    return Recording("h264", {"options": X264, "fps": fps, "size": (64, 48)}, (64, 48), plays_as_it_is=True)


def _late(seconds: float, **changes) -> Recording:
    times = [seconds + time for time in regular_times(1.5, 30)]
    return Recording("h264", {"options": X264, "times_s": times, "sound_from_s": seconds, **changes})


RECORDINGS = {
    "h264.mp4": Recording("h264", {"options": B_FRAMES}, plays_as_it_is=True),
    "h264.mov": Recording("h264", {"options": B_FRAMES}),
    "h264.mkv": Recording("h264", {"options": B_FRAMES}),
    "h264_silent.mp4": Recording("h264", {"options": B_FRAMES}, sound=None, plays_as_it_is=True),
    "h264_lossless_sound.mov": Recording("h264", {"options": B_FRAMES}, sound="pcm_s16le"),
    "hevc.mp4": Recording("hevc", {"options": _hevc(bframes="3")}),
    "hevc.mov": Recording("hevc", {"options": _hevc(bframes="3")}, sound=None),
    "hevc.mkv": Recording("hevc", {"options": _hevc(bframes="3")}),
    "hevc_pq.mp4": Recording("hevc", {"pixels": "yuv420p10le", "options": _hdr("smpte2084")}, changes_greys=True),
    "hevc_hlg.mov": Recording("hevc", {"pixels": "yuv420p10le", "options": _hdr("arib-std-b67")}, changes_greys=True),
    "vp8.webm": Recording("vp8", sound="libopus", plays_as_it_is=True),
    "vp9.webm": Recording("vp9", sound="libopus", plays_as_it_is=True),
    "vp9.mp4": Recording("vp9", plays_as_it_is=True),
    "vp9.mkv": Recording("vp9", sound="libopus"),
    "av1.mp4": Recording("av1"),
    "av1.webm": Recording("av1", sound="libopus"),
    "av1.mkv": Recording("av1", sound="libopus"),
    "av1_10_bit.mp4": Recording("av1", {"pixels": "yuv420p10le"}),
    "mpeg4.mp4": Recording("mpeg4"),
    "mjpeg.mov": Recording("mjpeg", {"pixels": "yuvj420p"}),
    "prores.mov": Recording("prores", {"pixels": "yuv422p10le"}),
    "uneven.mp4": Recording("h264", {"options": B_FRAMES, "times_s": UNEVEN}, plays_as_it_is=True),
    "uneven.webm": Recording("vp9", {"times_s": UNEVEN}, sound="libopus", plays_as_it_is=True),
    "uneven_hevc.mp4": Recording("hevc", {"times_s": UNEVEN, "options": _hevc(bframes="3")}),
    "24.mp4": _rate(24),
    "23.976.mp4": _rate(Fraction(24000, 1001)),
    "25.mp4": _rate(25),
    "29.97.mp4": _rate(Fraction(30000, 1001)),
    "50.mp4": _rate(50),
    "60.mp4": _rate(60),
    "120.mp4": _rate(120),
    "240.mp4": _rate(240),
    **{f"turned_{turn}.mp4": _turned(turn) for turn in (90, 180, 270)},
    **{f"mirrored_{turn}.mp4": _turned(turn, mirrored=True) for turn in (0, 90, 180, 270)},
    "odd_hevc.mp4": Recording("hevc", {"size": (98, 66), "options": _hevc()}, (98, 66)),
    "odd_vp9.webm": Recording("vp9", {"size": (97, 65)}, (97, 65), sound="libopus", plays_as_it_is=True),
    "odd_av1.mp4": Recording("av1", {"size": (97, 65)}, (97, 65)),
    "odd_mpeg4.mp4": Recording("mpeg4", {"size": (97, 65)}, (97, 65)),
    "odd_h264.mp4": Recording("h264", {"size": (97, 65), "pixels": "yuv444p"}, (97, 65)),
    "fragments.mp4": Recording("h264", {"options": X264, "container_options": FRAGMENTS}, plays_as_it_is=True),
    "small_fragments.mp4": Recording(
        "h264", {"options": X264, "container_options": SMALL_FRAGMENTS}, plays_as_it_is=True
    ),
    "late.mp4": _late(0.4),
    "far_from_zero.mp4": _late(30_000.0),
    "far_from_zero.mkv": _late(200_000.0),
    "no_duration.webm": Recording("vp8", {"container_options": {"live": "1"}}, sound="libopus", plays_as_it_is=True),
}
ENCODERS = {
    "h264": "libx264", "hevc": "libx265", "vp8": "libvpx", "vp9": "libvpx-vp9", "av1": "libsvtav1", "prores": "prores_ks",
}  # fmt: skip


def record(name: str, folder: Path) -> tuple[Path, list[float]]:
    """The clip and the times of its pictures."""
    one = RECORDINGS[name]
    times = one.make.get("times_s") or regular_times(1.5, float(one.make.get("fps", 30)))
    sound = {"beep_s": times[0] + BEEP_S, "sound_codec": one.sound} if one.sound else {}

    def picture_of(number: int, width: int, height: int) -> np.ndarray:
        upright = (height, width) if one.rotation_deg in (90, 270) else (width, height)
        return _as_held(marked_picture(number, *upright), one)

    encoder = ENCODERS.get(one.codec, one.codec)
    make = {"codec": encoder, "picture_of": picture_of, **sound, **one.make}
    return make_clip(folder / name, **make), [time - times[0] for time in times]


def _as_held(upright: np.ndarray, one: Recording) -> np.ndarray:
    """The picture as a phone that is held so codes it: the inverse of `Geometry.turn`."""
    unmirrored = upright[:, ::-1] if one.mirrored else upright
    return np.rot90(unmirrored, k=one.rotation_deg // 90)


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_arrives_whole_and_upright(name, tmp_path):
    one = RECORDINGS[name]
    clip, times = record(name, tmp_path)
    info = probe(clip)
    assert info.codec == one.codec
    assert info.container == {"mkv": "matroska"}.get(name.rsplit(".")[-1], name.rsplit(".")[-1])
    assert (info.width_px, info.height_px) == one.upright_px
    assert info.rotation_deg == one.rotation_deg
    assert info.frames_expected == len(times)
    assert info.duration_s == pytest.approx(times[-1] + 1 / 30, abs=0.06)
    assert info.fps == pytest.approx(len(times) / info.duration_s)
    assert info.has_audio == (one.sound is not None)
    assert is_browser_playable(info) == one.plays_as_it_is
    _assert_shows(clip, times, one.upright_px)


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_copy_of_a_recording_plays(name, tmp_path):
    one, copy = RECORDINGS[name], tmp_path / "copy.mp4"
    clip, times = record(name, tmp_path)
    to_playable(clip, copy)
    info = probe(copy)
    assert is_browser_playable(info)
    assert info.duration_s == pytest.approx(probe(clip).duration_s, abs=0.04)
    even = tuple(2 * round(side / 2) for side in one.upright_px)
    assert (info.width_px, info.height_px) in (even, one.upright_px)
    _assert_shows(copy, times, (info.width_px, info.height_px), numbers=not one.changes_greys)
    assert info.has_audio == (one.sound is not None)
    if one.sound:
        samples = read_audio(copy, rate=RATE)
        assert beep_start_s(samples, RATE) == pytest.approx(BEEP_S, abs=0.012)


def _assert_shows(clip: Path, times: list[float], size: tuple[int, int], *, numbers: bool = True) -> None:
    frames = list(read_frames(clip))
    assert [frame.t_s for frame in frames] == pytest.approx(times, abs=0.0011)
    assert {frame.size_px for frame in frames} == {size}
    pictures = [frame.rgb() for frame in frames]
    assert all(is_upright(picture) for picture in pictures)
    if numbers:
        wrong = [number_of(picture) - number % 32 for number, picture in enumerate(pictures)]
        assert sum(map(bool, wrong)) <= 2, wrong


@pytest.mark.parametrize(
    "name", ["fragments.mp4", "small_fragments.mp4", "far_from_zero.mkv", "hevc_pq.mp4", "vp9.mkv"]
)
def test_parts_of_a_recording_join_to_the_whole(name, tmp_path):
    clip, times = record(name, tmp_path)
    cuts = key_frame_times(clip)
    assert len(cuts) >= 2 or name == "vp9.mkv"
    middle = cuts[-1] if len(cuts) > 1 else times[20]
    before = [frame.t_s for frame in read_frames(clip, end_s=middle)]
    after = [frame.t_s for frame in read_frames(clip, start_s=middle)]
    assert before + after == pytest.approx(times, abs=0.0011)
    assert after[0] == pytest.approx(middle, abs=0.0011)


def _woven(number: int, width: int, height: int) -> np.ndarray:
    """Two moments in one picture: a disc that moves quickly, in the even lines where it was, in the odd where it is."""
    picture = np.empty((height, width, 3), np.uint8)
    for field_number in (0, 1):
        picture[field_number::2] = _disc(2 * number + field_number, width, height)[field_number::2]
    return picture


def _disc(moment: int, width: int, height: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    picture = np.full((height, width, 3), 20, np.uint8)
    picture[(x - (14 + 2 * moment) % (width - 14)) ** 2 + (y - height // 2) ** 2 < (height // 4) ** 2] = 220
    return picture


def _combing(picture: np.ndarray) -> float:
    """How much more neighbouring lines differ than lines of the same field, in grey levels."""
    grey = picture.mean(axis=2)
    return float(np.abs(grey[1:-1] - (grey[:-2] + grey[2:]) / 2).mean())


@pytest.mark.parametrize("order", ["tff", "bff"])
def test_interlaced_pictures_come_out_without_combs(order, tmp_path):
    options = {"preset": "ultrafast", "crf": "10", "g": "15", "x264-params": f"{order}=1"}
    clip = make_clip(tmp_path / "a.mp4", options=options, picture_of=_woven, rotation_ccw_deg=-90)
    info = probe(clip)
    assert info.is_interlaced
    assert not is_browser_playable(info)
    to_playable(clip, tmp_path / "copy.mp4")
    for path in (clip, tmp_path / "copy.mp4"):
        frames = list(read_frames(path))
        assert [frame.t_s for frame in frames] == pytest.approx(regular_times(1.5, 30), abs=0.0011)
        assert {frame.size_px for frame in frames} == {(64, 96)}
        coded = [np.rot90(frame.rgb()) for frame in frames]
        assert max(_combing(picture) for picture in coded) < 2
        if order == "tff":
            apart = [np.abs(picture - _disc(2 * n, 96, 64).astype(float)).mean() for n, picture in enumerate(coded)]
            assert np.median(apart) < 6, "the moment of the first field"
    assert not probe(tmp_path / "copy.mp4").is_interlaced


def test_progressive_pictures_are_left_alone(tmp_path):
    frames = list(read_frames(make_clip(tmp_path / "a.mp4", picture_of=_woven, options=X264)))
    assert min(_combing(frame.rgb()) for frame in frames) > 2.5


def test_vp9_with_ten_bits(tmp_path):
    """Profile 2, which the encoder at hand cannot write: made by FFmpeg 7 from 30 numbered pictures, 20 a second, HLG."""
    clip = REPOSITORY / "tests/golden/vp9_profile2_hlg.webm"
    info = probe(clip)
    assert (info.codec, info.pixel_format, info.frames_expected) == ("vp9", "yuv420p10le", 30)
    assert not is_browser_playable(info)
    to_playable(clip, tmp_path / "copy.mp4")
    for path in (clip, tmp_path / "copy.mp4"):
        assert [frame.t_s for frame in read_frames(path)] == pytest.approx(regular_times(1.5, 20), abs=0.0011)
    assert [number_of(frame.rgb()) for frame in read_frames(clip)] == list(range(30))
    assert probe(tmp_path / "copy.mp4").pixel_format == "yuv420p"
