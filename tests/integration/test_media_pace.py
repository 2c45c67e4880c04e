"""Reading fewer pictures than a clip has."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from inference.media import frames as frames_module
from inference.media.frames import key_frame_times, read_frames
from tests.media import make_clip, number_of, regular_times

B_FRAMES = {"preset": "veryfast", "bf": "3", "g": "24", "crf": "18"}


def read(clip: Path, target_fps: float = 30, **part):
    skipped: list[float] = []
    frames = list(read_frames(clip, target_fps=target_fps, on_skipped=skipped.append, **part))
    return frames, skipped


@pytest.mark.parametrize(
    ("fps", "every"), [(24, 1), (30, 1), (40, 1), (48, 2), (50, 2), (60, 2), (90, 3), (120, 4), (240, 8)]
)
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])  # stamps of .mkv are whole milliseconds
def test_every_nth_picture(fps, every, name, tmp_path):
    clip = make_clip(tmp_path / name, regular_times(1, fps), options=B_FRAMES)
    whole = list(read_frames(clip))
    frames, skipped = read(clip)
    assert [frame.t_s for frame in frames] == [frame.t_s for frame in whole[::every]]
    assert [number_of(frame.rgb()) for frame in frames] == [number_of(frame.rgb()) for frame in whole[::every]]
    assert skipped == [frame.t_s for index, frame in enumerate(whole) if index % every]


def test_leaving_pictures_out_changes_no_other(tmp_path, monkeypatch):
    clip = make_clip(tmp_path / "a.mp4", regular_times(2, 60), options=B_FRAMES)
    whole = {frame.t_s: frame.rgb() for frame in read_frames(clip)}
    decoded = []
    original = frames_module.without_combing
    monkeypatch.setattr(
        frames_module, "without_combing", lambda shown: original(decoded.append(each) or each for each in shown)
    )
    frames, skipped = read(clip)
    assert len(frames) == len(skipped) == 60
    assert len(decoded) < 110
    assert all(np.array_equal(frame.rgb(), whole[frame.t_s]) for frame in frames)


@pytest.mark.parametrize("name", ["a.mp4", "live.webm"])
def test_parts_agree_on_what_is_read(name, tmp_path):
    webm = {"codec": "libvpx", "options": {"g": "25", "deadline": "realtime"}, "container_options": {"live": "1"}}
    times = [0.4 + time for time in regular_times(2, 60)]
    clip = make_clip(tmp_path / name, times, **(webm if name == "live.webm" else {"options": B_FRAMES}))
    whole, all_skipped = read(clip)
    assert len(whole) == len(all_skipped) == 60
    for cuts in (key_frame_times(clip), [0.0, 0.4, 0.71, whole[-1].t_s]):
        assert len(cuts) > 2
        parts = [read(clip, start_s=start, end_s=end) for start, end in itertools.pairwise([*cuts, None])]
        assert [frame.t_s for frames, _ in parts for frame in frames] == [frame.t_s for frame in whole]
        assert [t_s for _, skipped in parts for t_s in skipped] == all_skipped


def test_skipped_pictures_are_told_in_order(tmp_path):
    clip = make_clip(tmp_path / "a.mp4", regular_times(1, 60), options=B_FRAMES)
    told: list[float] = []
    for frame in read_frames(clip, target_fps=15, on_skipped=told.append):
        told.append(frame.t_s)
    assert told == [frame.t_s for frame in read_frames(clip)]


def test_a_variable_rate_is_thinned_where_it_is_high(tmp_path):
    slow, fast = [index / 20 for index in range(20)], [1 + index / 120 for index in range(120)]
    clip = make_clip(tmp_path / "a.mp4", slow + fast, options=B_FRAMES)
    frames, skipped = read(clip, target_fps=35)
    times = np.array([frame.t_s for frame in frames])
    assert times[times < 0.99] == pytest.approx(slow)
    assert 30 <= (times >= 0.99).sum() <= 37
    assert len(times) + len(skipped) == 140


def test_a_truncated_clip_is_thinned_as_far_as_it_goes(tmp_path):
    options = {"movflags": "faststart"}
    clip = make_clip(tmp_path / "a.mp4", regular_times(2, 60), options=B_FRAMES, container_options=options)
    content = clip.read_bytes()
    clip.write_bytes(content[: len(content) * 3 // 4])
    whole = [frame.t_s for frame in read_frames(clip)]
    frames, skipped = read(clip)
    times = [frame.t_s for frame in frames]
    assert sorted(times + skipped) == whole
    assert abs(len(times) - len(skipped)) <= 3
    assert max(np.diff(times)) < 0.07
    later, _ = read(clip, start_s=whole[20])
    assert [frame.t_s for frame in later] == [time for time in times if time >= whole[20]]


def test_one_picture_is_read(tmp_path):
    frames, skipped = read(make_clip(tmp_path / "a.mp4", [0.0]))
    assert len(frames) == 1
    assert skipped == []


def test_pictures_for_analysis_differ_little_and_only_where_no_other_depends_on_them(tmp_path):
    clip = make_clip(
        tmp_path / "a.mp4", regular_times(1, 30), options=B_FRAMES | {"crf": "30"}, size=(192, 160), picture_of=waves
    )
    plain, rough = (list(read_frames(clip, for_analysis=rough)) for rough in (False, True))
    assert [frame.t_s for frame in rough] == [frame.t_s for frame in plain]
    off = [np.abs(a.yuv420()[0].astype(int) - b.yuv420()[0]).mean() for a, b in zip(plain, rough, strict=True)]
    assert 0 < max(off) < 2
    assert off.count(0) >= 8
    again = list(read_frames(clip))
    for before, after in zip(plain, again, strict=True):  # nothing is left behind for the next one who opens a file
        np.testing.assert_array_equal(before.yuv420()[0], after.yuv420()[0])


def waves(number: int, width: int, height: int) -> np.ndarray:
    """Something for a codec to do."""
    y, x = np.mgrid[:height, :width]
    grey = 128 + 50 * np.sin((x + 3 * number) / 5) * np.cos((y - 2 * number) / 7) + (x * y * 7 + number * 31) % 23
    return np.repeat(grey.astype(np.uint8)[:, :, None], 3, axis=2)
