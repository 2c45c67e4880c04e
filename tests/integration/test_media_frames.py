import itertools
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from inference.media import frames as frames_module
from inference.media.errors import DamagedFile
from inference.media.frames import Frame, key_frame_times, read_frames
from tests.media import BLUE, DATA, GREEN, RED, WHITE, make_clip, number_of, regular_times

B_FRAMES = {"preset": "veryfast", "bf": "3", "g": "12", "crf": "18"}
OPEN_GROUPS = B_FRAMES | {"x264-params": "open-gop=1:b-adapt=0:keyint=12"}


def corner_colours(rgb):
    height, width = rgb.shape[:2]
    quarters = ((1, 1), (1, 3), (3, 3), (3, 1))
    return [rgb[height * y // 4, width * x // 4].astype(int) for y, x in quarters]


def assert_corners(rgb, *expected):
    assert np.abs(np.array(corner_colours(rgb)) - np.array(expected)).max() < 12


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ({}, (RED, GREEN, BLUE, WHITE)),
        ({"rotation_ccw_deg": -90}, (WHITE, RED, GREEN, BLUE)),
        ({"rotation_ccw_deg": 180}, (BLUE, WHITE, RED, GREEN)),
        ({"rotation_ccw_deg": 90}, (GREEN, BLUE, WHITE, RED)),
        ({"mirrored": True}, (GREEN, RED, WHITE, BLUE)),
        ({"rotation_ccw_deg": -90, "mirrored": True}, (RED, WHITE, BLUE, GREEN)),
    ],
)
@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_pictures_are_turned_upright(turn, expected, name, tmp_path):
    frame = next(read_frames(make_clip(tmp_path / name, [0.0, 1.0], corners=True, **turn)))
    rgb = frame.rgb()
    assert rgb.shape == (frame.size_px[1], frame.size_px[0], 3)
    assert rgb.dtype == np.uint8
    assert rgb.flags.c_contiguous
    assert_corners(rgb, *expected)


def test_planes_stay_as_coded(tmp_path):
    frame = next(read_frames(make_clip(tmp_path / "a.mp4", [0.0, 1.0], corners=True, rotation_ccw_deg=-90)))
    y, u, v = frame.yuv420()
    assert (y.shape, u.shape, v.shape) == ((64, 96), (32, 48), (32, 48))
    assert frame.rotation_deg == 90
    assert v[8, 12] > 150  # red lies top left in the coded picture


def test_pixel_aspect_is_undone(tmp_path):
    clip = make_clip(tmp_path / "a.mp4", [0.0, 1.0], corners=True, aspect=Fraction(4, 3))
    frame = next(read_frames(clip))
    assert frame.size_px == (128, 64)
    assert_corners(frame.rgb(), RED, GREEN, BLUE, WHITE)
    assert frame.yuv420()[0].shape == (64, 96)


@pytest.mark.parametrize("aspect", [Fraction(1, 200), Fraction(200, 1)])
def test_an_absurd_pixel_aspect_is_ignored(aspect, tmp_path):
    clip = make_clip(tmp_path / "a.mp4", [0.0, 1.0], aspect=aspect)
    assert next(read_frames(clip)).size_px == (96, 64)


@pytest.mark.parametrize(
    ("codec", "pixels", "name"),
    [
        ("libx265", "yuv420p10le", "a.mp4"),
        ("libx264", "yuv444p", "a.mp4"),
        ("libx264", "yuvj420p", "a.mp4"),
        ("prores_ks", "yuv422p10le", "a.mov"),
        ("libvpx-vp9", "yuv420p", "a.webm"),
    ],
)
def test_odd_pixels_become_8_bit_planes_and_rgb(codec, pixels, name, tmp_path):
    frame = next(read_frames(make_clip(tmp_path / name, codec=codec, pixels=pixels, corners=True)))
    assert_corners(frame.rgb(), RED, GREEN, BLUE, WHITE)
    y, u, v = frame.yuv420()
    assert (y.dtype, y.shape, u.shape, v.shape) == (np.uint8, (64, 96), (32, 48), (32, 48))
    assert frame.full_range == (pixels == "yuvj420p")
    assert y[48, 24] == pytest.approx(235 if frame.full_range else 218, abs=8)  # white


def test_odd_sizes(tmp_path):
    clip = make_clip(tmp_path / "a.webm", [0.0, 1.0], codec="libvpx-vp9", size=(97, 65), corners=True)
    frame = next(read_frames(clip))
    y, u, v = frame.yuv420()
    assert (y.shape, u.shape, v.shape) == ((65, 97), (33, 49), (33, 49))
    assert frame.rgb().shape == (65, 97, 3)


def test_variable_frame_rate_keeps_its_times(tmp_path):
    times = [0, 0.05, 0.1, 0.3, 0.31, 0.5, 0.9, 1.0, 1.4, 1.5]
    frames = list(read_frames(make_clip(tmp_path / "a.mp4", times, options=B_FRAMES)))
    assert [frame.t_s for frame in frames] == pytest.approx(times)
    assert [number_of(frame.rgb()) for frame in frames] == list(range(10))


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_time_begins_with_the_first_picture(name, tmp_path):
    times = [0.7 + time for time in regular_times(1, 30)]
    clip = make_clip(tmp_path / name, times, beep_s=0.2)
    assert [frame.t_s for frame in read_frames(clip)] == pytest.approx(regular_times(1, 30), abs=0.0011)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.webm", "live.webm", "hevc.mp4"])
@pytest.mark.parametrize("options", [B_FRAMES, OPEN_GROUPS])
@pytest.mark.parametrize("thread_type", ["AUTO", "NONE"])
def test_parts_join_to_the_whole(name, options, thread_type, tmp_path):
    changes = {"options": options}
    if name.endswith("webm"):
        changes = {"codec": "libvpx", "options": {"g": "12", "deadline": "realtime", "crf": "10", "b": "1M"}}
    if name == "hevc.mp4":
        changes = {"codec": "libx265", "options": {"x265-params": "keyint=12:bframes=3:log-level=none", "crf": "12"}}
    if name == "live.webm":
        changes["container_options"] = {"live": "1"}
    clip = make_clip(tmp_path / name, [0.4 + time for time in regular_times(2, 30)], **changes)
    cuts = key_frame_times(clip)
    assert len(cuts) >= 4
    whole = [(frame.t_s, frame.rgb()) for frame in read_frames(clip)]
    parts = []
    for start, end in itertools.pairwise([*cuts, None]):
        part = [
            (frame.t_s, frame.rgb()) for frame in read_frames(clip, start_s=start, end_s=end, thread_type=thread_type)
        ]
        assert part[0][0] == start
        parts += part
    assert [time for time, _ in parts] == [time for time, _ in whole]
    assert len(whole) == 60
    assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(parts, whole, strict=True))


def test_any_cut_is_half_open(tmp_path):
    clip = make_clip(tmp_path / "a.mp4", regular_times(2, 30), options=B_FRAMES)
    whole = [frame.t_s for frame in read_frames(clip)]
    for cut in (0.01, whole[7], 1.0, 1.234, 5.0):
        before = [frame.t_s for frame in read_frames(clip, end_s=cut)]
        after = [frame.t_s for frame in read_frames(clip, start_s=cut)]
        assert before + after == whole
        assert all(time < cut for time in before)


def test_a_part_does_not_decode_from_the_beginning(tmp_path, monkeypatch):
    clip = make_clip(tmp_path / "a.mp4", regular_times(4, 30), options=B_FRAMES)
    made = []

    def watched(t_s, *rest):
        made.append(t_s)
        return Frame(t_s, *rest)

    monkeypatch.setattr(frames_module, "Frame", watched)
    part = list(read_frames(clip, start_s=3.6))
    assert len(part) == 12
    assert min(made) >= 3.5


def test_a_truncated_clip_gives_what_it_has(tmp_path):
    options = {"movflags": "faststart"}
    clip = make_clip(tmp_path / "a.mp4", regular_times(2, 30), options=B_FRAMES, container_options=options)
    whole = clip.read_bytes()
    clip.write_bytes(whole[: len(whole) * 3 // 4])
    times = [frame.t_s for frame in read_frames(clip)]
    assert 20 <= len(times) < 60
    assert key_frame_times(clip) == [0.0]
    assert [frame.t_s for frame in read_frames(clip, start_s=times[10])] == times[10:]


def test_damage_in_the_middle_is_stepped_over(tmp_path):
    options = {"preset": "ultrafast", "g": "10"}
    clip = make_clip(tmp_path / "a.mp4", regular_times(2, 30), options=options)
    _spoil_packets(clip, range(20, 25))
    frames = list(read_frames(clip))
    assert frames[-1].t_s == pytest.approx(59 / 30)
    assert 50 <= len(frames) <= 60
    assert number_of(frames[-1].rgb()) == 59 % 32


def test_nothing_to_decode(tmp_path):
    clip = make_clip(tmp_path / "a.mp4", regular_times(2, 30))
    _spoil_packets(clip, range(60))
    with pytest.raises(DamagedFile):
        list(read_frames(clip))


def test_a_size_that_changes_in_mid_stream_is_brought_to_the_first(tmp_path):
    clip = _two_sizes(tmp_path)
    frames = list(read_frames(clip))
    assert len(frames) == 60
    assert {frame.size_px for frame in frames} == {(96, 64)}
    assert {frame.rgb().shape for frame in frames} == {(64, 96, 3)}
    assert {frame.yuv420()[0].shape for frame in frames} == {(64, 96)}


@pytest.mark.skipif(not DATA.is_dir(), reason="the folder of real clips is not there")
@pytest.mark.parametrize("name", ["jesse_dance.mp4", "portrait_60fps_balance.mp4"])
def test_parts_of_real_clips(name):
    clip = DATA / "video" / name
    cuts = key_frame_times(clip)
    assert len(cuts) > 1
    parts = [
        f.t_s for start, end in itertools.pairwise([*cuts, None]) for f in read_frames(clip, start_s=start, end_s=end)
    ]
    assert parts == [frame.t_s for frame in read_frames(clip)]


def _spoil_packets(clip: Path, numbers: range) -> None:
    with av.open(str(clip)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    data = bytearray(clip.read_bytes())
    for number in numbers:
        begin, size = packets[number]
        data[begin : begin + size] = b"\xa5" * size
    clip.write_bytes(data)


def _two_sizes(folder: Path) -> Path:
    """VP8 whose second half is smaller, as a browser records a window that shrinks."""
    big = make_clip(folder / "big.webm", regular_times(1, 30), codec="libvpx")
    small = make_clip(folder / "small.webm", regular_times(1, 30), codec="libvpx", size=(48, 32))
    both = folder / "both.webm"
    with av.open(str(big)) as first, av.open(str(small)) as second, av.open(str(both), "w") as output:
        stream = output.add_stream_from_template(first.streams.video[0], opaque=True)
        for source, later in ((first, 0), (second, 1000)):
            for packet in source.demux(video=0):
                if packet.size:
                    packet.pts, packet.dts = packet.pts + later, packet.dts + later
                    packet.stream = stream
                    output.mux(packet)
    return both
