"""Files that are broken or made to keep us busy: each ends soon, in little memory, as a clip or as a refusal with a code."""

import itertools
import struct
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import pytest

from inference.media.errors import DamagedFile, DecoderDied, NoPicture, NotAVideo, StillImage, TooLong
from inference.media.frames import key_frame_times, read_frames
from inference.media.isolation import run_isolated
from inference.media.probe import probe
from inference.media.transcode import is_browser_playable, to_playable
from tests import isolated_media
from tests.media import (
    make_clip,
    marked_picture,
    number_of,
    numbered_picture,
    regular_times,
    remux,
)

QUICK = {"preset": "ultrafast", "g": "10", "crf": "18"}
B_FRAMES = {"preset": "veryfast", "bf": "3", "g": "30", "crf": "18"}
CODECS = {
    "h264.mp4": {"codec": "libx264", "options": QUICK},
    "h264.mkv": {"codec": "libx264", "options": QUICK},
    "hevc.mp4": {"codec": "libx265", "options": {"preset": "ultrafast", "x265-params": "keyint=10:log-level=none"}},
    "vp8.webm": {"codec": "libvpx", "options": {"g": "10", "deadline": "realtime", "crf": "10", "b": "1M"}},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"g": "10", "deadline": "realtime", "cpu-used": "8", "crf": "20"}},
    "av1.mp4": {"codec": "libsvtav1", "options": {"preset": "12", "g": "10", "svtav1-params": "lp=1"}},
    "fragments.mp4": {
        "codec": "libx264",
        "options": QUICK,
        "container_options": {"movflags": "frag_keyframe+empty_moov"},
    },
}
MEMORY_BYTES = 600_000_000


def _assert_used_to_the_end(clip: Path, copy: Path) -> list[float]:
    """Read, and made into a copy with the same times. Returns the times."""
    times = [frame.t_s for frame in read_frames(clip)]
    assert all(a < b for a, b in itertools.pairwise(times))
    to_playable(clip, copy)
    assert [frame.t_s for frame in read_frames(copy)] == pytest.approx(times, abs=0.0011)
    return times


# --- broken ---


@pytest.mark.parametrize("name", CODECS)
def test_broken_pictures_in_the_middle_are_stepped_over(name, tmp_path):
    clip = make_clip(tmp_path / name, regular_times(2, 30), **CODECS[name])
    with av.open(str(clip)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    data = clip.read_bytes()
    for packet in packets[22:25]:
        assert packet in data
        data = data.replace(packet, b"\xa5" * len(packet), 1)
    clip.write_bytes(data)
    assert probe(clip).duration_s == pytest.approx(2, abs=0.04)
    times = _assert_used_to_the_end(clip, tmp_path / "copy.mp4")
    assert 40 <= len(times) <= 60
    assert times[-1] == pytest.approx(59 / 30, abs=0.0011)
    assert number_of(list(read_frames(clip))[-1].rgb()) == 59 % 32


@pytest.mark.parametrize(
    "name", [name for name in CODECS if not name.endswith("c.mp4") and name not in ("h264.mp4", "av1.mp4")]
)
@pytest.mark.parametrize("share", [0.6, 0.8])
def test_a_recording_that_was_cut_short_gives_what_it_has(name, share, tmp_path):
    clip = make_clip(tmp_path / name, regular_times(3, 30), beep_s=None, **CODECS[name])
    whole = clip.read_bytes()
    clip.write_bytes(whole[: int(len(whole) * share)])
    info = probe(clip)
    assert 1 < info.duration_s < 3
    times = _assert_used_to_the_end(clip, tmp_path / "copy.mp4")
    assert len(times) == pytest.approx(info.frames_expected, abs=2)
    assert 30 < len(times) < 90


@pytest.mark.parametrize("name", ["h264.mp4", "hevc.mp4", "av1.mp4"])
def test_a_recording_whose_index_never_came_is_refused(name, tmp_path):
    clip = make_clip(tmp_path / name, **CODECS[name])
    clip.write_bytes(clip.read_bytes()[: clip.read_bytes().index(b"moov") - 4])
    with pytest.raises((DamagedFile, NotAVideo)):
        probe(clip)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm"])
def test_a_track_without_a_picture_in_it(name, tmp_path):
    codec = "libvpx" if name == "a.webm" else "libx264"
    clip = make_clip(tmp_path / f"whole-{name}", codec=codec, beep_s=0.5, sound_codec="libopus")
    remux(clip, tmp_path / name, lambda number, packet: [])
    with pytest.raises((DamagedFile, NotAVideo, NoPicture)):
        probe(tmp_path / name)


@pytest.mark.parametrize("hours", [10, 0])
@pytest.mark.parametrize("boxes", [(b"mvhd",), (b"mvhd", b"tkhd", b"mdhd")])
def test_an_index_that_claims_another_duration_is_not_believed(hours, boxes, tmp_path):
    clip = make_clip(tmp_path / "a.mp4", options=QUICK)
    data = bytearray(clip.read_bytes())
    for box in boxes:
        ticks = min(hours * 3600 * (1000 if box != b"mdhd" else 90_000), 0xFFFFFFF0)
        struct.pack_into(">I", data, data.index(box) + {b"tkhd": 24}.get(box, 20), ticks)
    clip.write_bytes(data)
    assert probe(clip, max_duration_s=2).duration_s == pytest.approx(1.5, abs=0.01)
    assert len(_assert_used_to_the_end(clip, tmp_path / "copy.mp4")) == 45
    assert probe(tmp_path / "copy.mp4").duration_s == pytest.approx(1.5, abs=0.04)


# --- clocks ---


def _edited(clip: Path, begin_s: float, length_s: float) -> Path:
    """Cut by an edit list alone, as photo apps do without encoding anew: everything is still in the file."""
    data = bytearray(clip.read_bytes())
    at = data.index(b"elst") + 4
    version, entries, length, begin = struct.unpack_from(">IIII", data, at)
    assert (version, entries) == (0, 1)
    ticks_per_s = length / 3
    struct.pack_into(">II", data, at + 8, round(length_s * ticks_per_s), begin + round(begin_s * 90_000))
    clip.write_bytes(data)
    return clip


@pytest.mark.parametrize("sound", [None, 1.2])
def test_an_edit_list_hides_what_was_cut_off(sound, tmp_path):
    clip = make_clip(tmp_path / "a.mp4", regular_times(3, 30), options=B_FRAMES, beep_s=sound)
    _edited(clip, 0.5, 2.0)
    info = probe(clip)
    assert info.duration_s == pytest.approx(2.0, abs=0.05)
    assert not is_browser_playable(info), "not every browser hides them"
    times = _assert_used_to_the_end(clip, tmp_path / "copy.mp4")
    assert len(times) == pytest.approx(60, abs=2)
    for path in (clip, tmp_path / "copy.mp4"):
        assert [number_of(frame.rgb()) for frame in read_frames(path)][:5] == [15, 16, 17, 18, 19]
    assert probe(tmp_path / "copy.mp4").has_audio == (sound is not None)


def _restamped(clip: Path, stamps_ms: dict[int, int]) -> Path:
    """Write other times (since the cluster's) into the blocks of a short Matroska file, as broken muxers do."""
    with av.open(str(clip)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    data = bytearray(clip.read_bytes())
    for number, stamp in stamps_ms.items():
        at = data.index(packets[number]) - 3
        assert data[at - 1] == 0x81
        struct.pack_into(">h", data, at, stamp)
    clip.write_bytes(data)
    return clip


@pytest.mark.parametrize(
    "stamps_ms",
    [
        {10: 300, 11: 300, 12: 300},
        {number: number // 2 * 66 for number in range(20)},
        {20: 633, 21: 600},
        dict.fromkeys(range(1, 6), 0),
    ],
    ids=["three at once", "in pairs", "backwards", "nothing but zero at first"],
)
def test_stamps_that_repeat_or_step_back(stamps_ms, tmp_path):
    clip = make_clip(tmp_path / "a.mkv", options=QUICK, picture_of=lambda n, w, h: marked_picture(n + 3, w, h))
    _restamped(clip, stamps_ms)
    info = probe(clip)
    assert not info.is_regular
    assert key_frame_times(clip) == [0.0]
    times = _assert_used_to_the_end(clip, tmp_path / "copy.mp4")
    assert len(times) == 45
    assert times[-1] == pytest.approx(44 / 30, abs=0.04)
    assert [number_of(frame.rgb()) for frame in read_frames(clip)] == [(n + 3) % 32 for n in range(45)]


@pytest.mark.parametrize("options", [QUICK, B_FRAMES])
def test_recordings_behind_each_other_go_on_in_time(options, tmp_path):
    """What a browser's recorder leaves that was stopped and started: the second part begins at zero again."""
    one = make_clip(tmp_path / "a.mkv", regular_times(2, 30), options=options, container_options={"live": "1"})
    (tmp_path / "twice.mkv").write_bytes(one.read_bytes() * 2)
    info = probe(tmp_path / "twice.mkv")
    assert info.duration_s == pytest.approx(4, abs=0.01)
    times = _assert_used_to_the_end(tmp_path / "twice.mkv", tmp_path / "copy.mp4")
    assert times == pytest.approx(regular_times(4, 30), abs=0.0011)
    with pytest.raises(TooLong):
        probe(tmp_path / "twice.mkv", max_duration_s=3)


def test_a_clip_of_few_pictures_a_second_was_not_started_anew(tmp_path):
    """Reordered by more than a second."""
    options = {"preset": "veryfast", "bf": "8", "b-pyramid": "normal", "g": "30"}
    clip = make_clip(tmp_path / "a.mp4", regular_times(20, 2), fps=2, options=options)
    assert probe(clip).duration_s == pytest.approx(20, abs=0.01)
    assert probe(clip).is_regular


# --- too much ---


def _with_vp8_size(clip: Path, sizes: Iterable[tuple[int, int]]) -> Path:
    """Other sizes in the headers of the key frames (RFC 6386, 9.1)."""
    data, at = bytearray(clip.read_bytes()), 0
    for width, height in sizes:
        at = data.index(b"\x9d\x01\x2a", at) + 3
        struct.pack_into("<HH", data, at, width, height)
    clip.write_bytes(data)
    return clip


def _vp8_bomb(folder: Path) -> Path:
    return _with_vp8_size(make_clip(folder / "vp8.webm", **CODECS["vp8.webm"]), [(16383, 16383)] * 5)


def _bomb_with_a_time_fuse(folder: Path) -> Path:
    """Innocent when it is probed: only the second half claims to be huge."""
    clip = make_clip(folder / "fuse.webm", **CODECS["vp8.webm"])
    return _with_vp8_size(clip, [(96, 64)] * 2 + [(16383, 16383)] * 3)


def _jpeg_bomb(folder: Path) -> Path:
    clip = make_clip(folder / "jpeg.mov", codec="mjpeg", pixels="yuvj420p")
    data, at = bytearray(clip.read_bytes()), 0
    while (at := data.find(b"\xff\xc0\x00\x11", at) + 1) > 0:
        struct.pack_into(">HH", data, at + 4, 65500, 65500)
    clip.write_bytes(data)
    return clip


def _header_bomb(folder: Path) -> Path:
    """16384 x 16384 in the sample description of an MP4."""
    clip = make_clip(folder / "header.mp4", options=QUICK)
    data = bytearray(clip.read_bytes())
    struct.pack_into(">HH", data, data.index(b"avc1", data.index(b"stsd")) + 28, 16384, 16384)
    clip.write_bytes(data)
    return clip


def _many_samples(folder: Path, count: int, delta: int) -> Path:
    """An index of a few bytes that promises `count` pictures of one byte each."""
    clip = make_clip(folder / "samples.mp4", options={"preset": "ultrafast", "bf": "0"})
    data = bytearray(clip.read_bytes())
    at = {box: data.index(box) + 8 for box in (b"stts", b"stsz", b"stsc")}
    struct.pack_into(">III", data, at[b"stts"], 1, count, delta)
    struct.pack_into(">II", data, at[b"stsz"], 1, count)
    struct.pack_into(">IIII", data, at[b"stsc"], 1, 1, count, 1)
    clip.write_bytes(data + bytes(3_000_000))
    return clip


def _hundred_thousand_samples(folder: Path) -> Path:
    return _many_samples(folder, 100_000, 900)


def _more_samples_than_memory(folder: Path) -> Path:
    return _many_samples(folder, 150_000_000, 900)


def _fast(folder: Path) -> Path:
    """5,000 pictures a second."""
    times = [number / 5000 for number in range(6000)]
    codec = {"codec": "mpeg4", "fps": Fraction(5000), "options": {"g": "600", "b": "1k"}}
    return make_clip(folder / "fast.mp4", times, size=(16, 16), **codec)


@pytest.mark.parametrize(
    ("bomb", "outcomes"),
    [
        (_vp8_bomb, {"damaged_file", "too_many_pixels", "not_a_video"}),
        (_bomb_with_a_time_fuse, {"used"}),
        (_jpeg_bomb, {"damaged_file", "too_many_pixels"}),
        (_header_bomb, {"used", "too_many_pixels", "damaged_file"}),
        (_hundred_thousand_samples, {"damaged_file"}),
        (_more_samples_than_memory, {"damaged_file"}),
        (_fast, {"damaged_file"}),
    ],
)
def test_bombs_go_off_quietly(bomb, outcomes, tmp_path):
    code, memory_bytes = run_isolated(
        isolated_media.use, bomb(tmp_path), tmp_path, timeout_s=20, memory_limit_bytes=4_000_000_000
    )
    assert code in outcomes
    assert memory_bytes < MEMORY_BYTES


def test_millions_of_tiny_pictures_take_their_time_and_no_more(tmp_path):
    with pytest.raises(DecoderDied):
        run_isolated(isolated_media.use, _many_samples(tmp_path, 2_000_000, 900), tmp_path, timeout_s=3)


@pytest.mark.parametrize("use", [isolated_media.read_in_little_memory, isolated_media.convert_in_little_memory])
def test_pictures_are_not_dropped_in_silence_where_memory_is_short(use, tmp_path):
    clip = make_clip(tmp_path / "a.mp4", regular_times(1, 10), size=(3840, 2160), options=QUICK)
    with pytest.raises(DecoderDied):
        run_isolated(use, clip, tmp_path, timeout_s=60)


# --- what else comes named .mp4 ---


@pytest.mark.parametrize(
    ("codec", "container", "pixels"),
    [("gif", "gif", "rgb8"), ("apng", "apng", "rgb24"), ("libwebp_anim", "webp", "yuv420p")],
)
def test_moving_pictures_that_are_no_video_are_refused_kindly(codec, container, pixels, tmp_path):
    with av.open(str(tmp_path / "a.mp4"), "w", format=container) as output:
        stream = output.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 48, 32, pixels
        for number in range(12):
            frame = av.VideoFrame.from_ndarray(numbered_picture(number, 48, 32), format="rgb24")
            output.mux(stream.encode(frame.reformat(format=pixels)))
        output.mux(stream.encode(None))
    with pytest.raises(StillImage):
        probe(tmp_path / "a.mp4")


def test_of_several_pictures_the_one_that_can_be_decoded_is_taken(tmp_path):
    """As with the depth maps and the thumbnails that phones put beside the picture."""
    with av.open(str(tmp_path / "a.mov"), "w") as output:
        streams = []
        for codec, size, pixels in (("qtrle", (32, 32), "rgb24"), ("libx264", (96, 64), "yuv420p")):
            stream = output.add_stream(codec, rate=30)
            stream.width, stream.height, stream.pix_fmt = *size, pixels
            stream.codec_context.time_base = Fraction(1, 30)
            streams.append(stream)
        for number in range(45):
            for stream in streams:
                picture = numbered_picture(number, stream.width, stream.height)
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=stream.pix_fmt)
                frame.pts, frame.time_base = number, Fraction(1, 30)
                output.mux(stream.encode(frame))
        for stream in streams:
            output.mux(stream.encode(None))
    info = probe(tmp_path / "a.mov")
    assert (info.codec, info.width_px, info.frames_expected) == ("h264", 96, 45)
    assert [number_of(frame.rgb()) for frame in read_frames(tmp_path / "a.mov")] == [n % 32 for n in range(45)]
