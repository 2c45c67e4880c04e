"""Single pictures of a clip as files: the right ones, upright, and nothing where that cannot be."""

import io
import json

import cv2
import pytest
from django.core.management import CommandError, call_command

from inference.media.frames import read_frames
from tests.media import corners_picture, make_clip, number_of, regular_times


def extract(clip, times_s, out):
    times = out.parent / "times.txt"
    times.write_text("".join(f"{time_s!r}\n" for time_s in times_s))
    said = io.StringIO()
    call_command("extract_pictures", clip, "--times", times, "--out", out, stdout=said)
    return json.loads(said.getvalue())


def pictures(out):
    return [cv2.imread(str(path))[:, :, ::-1] for path in sorted(out.glob("*.jpg"))]


def test_the_pictures_of_these_times_in_this_order(tmp_path):
    times_s = [frame.t_s for frame in read_frames(make_clip(tmp_path / "clip.mp4", [0, 0.05, 0.1, 0.3, 0.31, 0.5]))]
    assert extract(tmp_path / "clip.mp4", [times_s[1], times_s[3], times_s[4]], tmp_path / "out") == {"pictures": 3}
    assert [number_of(picture) for picture in pictures(tmp_path / "out")] == [1, 3, 4]


def test_a_phone_s_picture_is_turned_and_mirrored_upright(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4", regular_times(0.2, 30), corners=True, rotation_ccw_deg=90, mirrored=True)
    extract(clip, [0.0], tmp_path / "out")
    (picture,) = pictures(tmp_path / "out")
    shown = next(iter(read_frames(clip))).rgb()
    assert picture.shape == (96, 64, 3) == shown.shape
    assert abs(picture[8, 8].astype(int) - shown[8, 8]).max() < 12
    assert abs(picture[8, 8].astype(int) - corners_picture(64, 96)[8, 8]).max() > 100


def test_no_times_write_no_picture(tmp_path):
    assert extract(make_clip(tmp_path / "clip.mp4"), [], tmp_path / "out") == {"pictures": 0}
    assert pictures(tmp_path / "out") == []


@pytest.mark.parametrize(
    ("times_s", "code"),
    [([0.5, 0.0], "bad_times"), (["soon"], "bad_times"), ([0.01], "no_such_picture"), ([0.0, 99.0], "no_such_picture")],
)
def test_times_that_cannot_be_are_refused(tmp_path, times_s, code):
    with pytest.raises(CommandError, match=f"^{code}: "):
        extract(make_clip(tmp_path / "clip.mp4"), times_s, tmp_path / "out")


def test_what_is_no_video_is_refused(tmp_path):
    (tmp_path / "clip.mp4").write_text("hello " * 100)
    with pytest.raises(CommandError, match=r"^not_a_video: "):
        extract(tmp_path / "clip.mp4", [0.0], tmp_path / "out")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(CommandError, match=r"^cannot_write: .*out"):
        extract(make_clip(tmp_path / "clip.mp4"), [0.0], tmp_path / "out")
