"""Labels by the pose engine: which pictures and joints are taken, what is done again, what a bad clip does to the others.

The site's interpreter is stood in for by a script, since the engine itself has tests of its own; one test at the end asks
the real one.
"""

import json
import os
import shutil
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.pose.codec import save_npz
from inference.pose.mapping import DIRECT
from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack
from ml_training.data.pseudo import REPOSITORY, Teaching, chosen_frames, find_clips, label_clips, labels
from ml_training.data.split import leaks, split_of
from ml_training.data.tables import read_samples
from ml_training.errors import TrainingError
from tests.training.figures import standing_xy

TEACHING = Teaching("full", 2, 0.5)
SIZE = (64, 96)
SITE = Path(os.environ.get("KDANCE_PYTHON") or REPOSITORY / ".venv/bin/python")

_SITE_SCRIPT = """#!{python} -IS
import shutil, sys
name, video = sys.argv[2], sys.argv[3].rpartition("/")[2].partition(".")[0]
option = dict(zip(sys.argv[4::2], sys.argv[5::2]))
with open({log!r}, "a") as log:
    log.write(f"{{name}} {{video}}\\n")
if video == "broken":
    sys.exit("CommandError: not_a_video: this is no video")
if video == "full_disk":
    sys.exit("CommandError: cannot_open: No space left on device: " + option["--out"])
if name == "extract_pose":
    shutil.copy("{prepared}/" + ("nobody.npz" if video == "nobody" else "dancer.npz"), option["--out"])
else:
    for number, time_s in enumerate(open(option["--times"])):
        shutil.copy(f"{prepared}/{{round(float(time_s) * 30)}}.jpg", f"{{option['--out']}}/{{number:06d}}.jpg")
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """What the stand-in hands out: two tracks, and pictures whose grey is their frame's number times 20."""
    folder = tmp_path_factory.mktemp("prepared")
    nobody = {"xy_px": np.full((10, 29, 2), np.nan, np.float32), "conf": np.zeros((10, 29), np.float32)}
    save_npz(track_of(10), folder / "dancer.npz")
    save_npz(track_of(10, **nobody), folder / "nobody.npz")
    for frame in range(10):
        cv2.imwrite(str(folder / f"{frame}.jpg"), np.full((96, 64, 3), frame * 20, np.uint8))
    return folder


@pytest.fixture
def site(prepared, tmp_path, monkeypatch):
    """Makes the stand-in the site's interpreter; returns what it was called for so far."""
    script, log = tmp_path / "site-python", tmp_path / "calls.txt"
    script.write_text(_SITE_SCRIPT.format(python=sys.executable, log=str(log), prepared=prepared))
    script.chmod(0o755)
    monkeypatch.setenv("KDANCE_PYTHON", str(script))
    return lambda: log.read_text().split("\n")[:-1] if log.exists() else []


def clips_named(folder: Path, *names: str):
    for name in names:
        path = folder / "clips" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return find_clips([folder / "clips"])


def track_of(frames: int, **changes: object) -> PoseTrack:
    arrays = {
        "t_s": np.arange(frames) / 30,
        "xy_px": np.tile(standing_xy(*SIZE), (frames, 1, 1)).astype(np.float32),
        "conf": np.full((frames, 29), 0.9, np.float32),
    }
    return PoseTrack(**{**arrays, **changes}, size_px=SIZE, model="made up")


class TestWhichPictures:
    def test_every_nth_that_the_engine_read(self):
        between = np.arange(12) % 2 == 1
        assert chosen_frames(track_of(12, interpolated=between), TEACHING).tolist() == [0, 4, 8]

    def test_not_without_a_dancer_or_without_hips(self):
        conf = np.full((6, 29), 0.9, np.float32)
        xy = np.tile(standing_xy(*SIZE), (6, 1, 1)).astype(np.float32)
        conf[0], xy[0] = 0, np.nan
        conf[2, SKELETON.index("left_hip")] = 0.2
        assert chosen_frames(track_of(6, conf=conf, xy_px=xy), TEACHING).tolist() == [4]


class TestWhichJoints:
    def test_an_unsure_joint_and_one_outside_have_no_label(self):
        conf = np.full((1, 29), 0.9, np.float32)
        xy = standing_xy(*SIZE)[None].astype(np.float32)
        unsure, outside = SKELETON.index("left_wrist"), SKELETON.index("right_wrist")
        conf[0, unsure], xy[0, outside] = 0.4, (-3, 20)
        places, visibility, sure = labels(track_of(1, conf=conf, xy_px=xy), 0, 0.5)
        assert np.flatnonzero(visibility == 0).tolist() == [unsure, outside]
        assert np.isnan(places[[unsure, outside]]).all()
        assert sure[[unsure, outside]].tolist() == [0, 0]

    def test_less_sure_is_hidden_where_it_is_taken_at_all(self):
        conf = np.full((1, 29), 0.9, np.float32)
        conf[0, SKELETON.index("nose")] = 0.3
        _, visibility, sure = labels(track_of(1, conf=conf), 0, 0.2)
        assert visibility[SKELETON.index("nose")] == 1
        assert sure[SKELETON.index("nose")] == pytest.approx(0.3)

    def test_little_toes_are_as_good_as_their_feet_but_count_half(self):
        """The engine halves their confidence: by the bare number no little toe would ever have a label."""
        conf = np.full((1, 29), 0.9, np.float32)
        toe = SKELETON.index("left_littletoe")
        conf[0, toe] = 0.45
        _, visibility, sure = labels(track_of(1, conf=conf), 0, 0.5)
        assert visibility[toe] == 2
        assert sure[toe] == pytest.approx(0.45)


class TestNames:
    def test_songs_and_dancers_from_folders_and_names(self, tmp_path):
        clips = clips_named(
            tmp_path, "alone.mp4", "A Song/minji.mp4", "A Song/minji__2.MOV", "033_D07_001_F.mp4", "my_own_dance_2.mp4"
        )
        told = {(clip.path.name, clip.song, clip.dancer, clip.view) for clip in clips}
        assert told == {
            ("alone.mp4", "alone", "alone", ""),
            ("minji.mp4", "A Song", "minji", ""),
            ("minji__2.MOV", "A Song", "minji", ""),
            ("033_D07_001_F.mp4", "033", "D07", "F"),
            ("my_own_dance_2.mp4", "my_own_dance_2", "my_own_dance_2", ""),
        }

    def test_a_folder_without_clips_is_said(self, tmp_path):
        with pytest.raises(TrainingError, match="no folder with videos"):
            find_clips([tmp_path])


class TestSamples:
    def test_rows_belong_to_their_pictures(self, site, tmp_path):
        label_clips(clips_named(tmp_path, "A/one.mp4", "B/two.mp4"), tmp_path / "out", TEACHING)
        samples = read_samples(tmp_path / "out")
        assert samples.frame.tolist() == [0, 2, 4, 6, 8] * 2
        assert samples.song.tolist() == ["A"] * 5 + ["B"] * 5
        for image, frame in zip(samples.image, samples.frame, strict=True):
            assert cv2.imread(f"{samples.root}/{image}").mean() == pytest.approx(frame * 20, abs=1)
        np.testing.assert_allclose(samples.xy_px[0], standing_xy(*SIZE), atol=1e-4)
        assert samples.conf == pytest.approx(0.9)

    def test_no_dancer_lands_in_two_splits(self, site, tmp_path):
        names = [f"{song}/{dancer}{take}.mp4" for song in "ABCD" for dancer in "xyzw" for take in ("__1", "__2")]
        label_clips(clips_named(tmp_path, *names[::3]), tmp_path / "out", TEACHING)
        samples = read_samples(tmp_path / "out")
        assert leaks(samples, split_of(samples)) == {"dancer": [], "song": [], "clip": []}

    def test_a_clip_with_nobody_and_a_broken_one_do_not_stop_the_others(self, site, tmp_path):
        clips = clips_named(tmp_path, "broken.mp4", "good.mp4", "nobody.mp4")
        told = {Path(each.clip).stem: each.problem for each in label_clips(clips, tmp_path / "out", TEACHING)}
        assert told == {"broken": "not_a_video: this is no video", "good": "", "nobody": "nobody in it"}
        assert set(read_samples(tmp_path / "out").dancer) == {"good"}
        report = json.loads((tmp_path / "out/report.json").read_text())
        assert [each["taken"] for each in report["clips"]] == [0, 5, 0]

    def test_films_that_were_drawn_give_rendered_data(self, site, tmp_path):
        clips = clips_named(tmp_path, "filmed.mp4")
        label_clips(clips, tmp_path / "filmed", TEACHING)
        assert not read_samples(tmp_path / "filmed").rendered
        drawn = clips_named(tmp_path / "drawn", "033_D07_001_F.mp4")
        (tmp_path / "drawn" / "rendered.json").write_text("{}")
        label_clips([*clips, *drawn], tmp_path / "out", TEACHING)
        shutil.rmtree(tmp_path / "drawn")
        assert read_samples(tmp_path / "out").rendered
        assert json.loads((tmp_path / "out/report.json").read_text())["rendered"] is True

    def test_nobody_anywhere_writes_no_table(self, site, tmp_path):
        with pytest.raises(TrainingError, match="nobody in it") as refused:
            label_clips(clips_named(tmp_path, "nobody.mp4"), tmp_path / "out", TEACHING)
        assert refused.value.code == "nothing_found"
        assert not (tmp_path / "out/labels.parquet").exists()

    def test_a_full_disk_stops_everything(self, site, tmp_path):
        with pytest.raises(TrainingError, match="No space left") as refused:
            label_clips(clips_named(tmp_path, "full_disk.mp4", "good.mp4"), tmp_path / "out", TEACHING)
        assert refused.value.code == "cannot_write"


class TestDoneBefore:
    def test_the_same_command_reads_nothing_again(self, site, tmp_path):
        clips = clips_named(tmp_path, "one.mp4", "two.mp4")
        label_clips(clips[:1], tmp_path / "out", TEACHING)
        label_clips(clips, tmp_path / "out", TEACHING)
        assert site() == ["extract_pose one", "extract_pictures one", "extract_pose two", "extract_pictures two"]
        assert len(read_samples(tmp_path / "out")) == 10

    def test_more_pictures_cost_no_second_reading_by_the_teacher(self, site, tmp_path):
        clips = clips_named(tmp_path, "one.mp4")
        label_clips(clips, tmp_path / "out", TEACHING)
        label_clips(clips, tmp_path / "out", Teaching("full", 1, 0.5))
        assert site() == ["extract_pose one", "extract_pictures one", "extract_pictures one"]
        assert read_samples(tmp_path / "out").frame.tolist() == list(range(10))

    def test_a_changed_clip_is_read_again(self, site, tmp_path):
        clips = clips_named(tmp_path, "one.mp4")
        label_clips(clips, tmp_path / "out", TEACHING)
        clips[0].path.write_bytes(b"another take")
        label_clips(clips, tmp_path / "out", TEACHING)
        assert site().count("extract_pose one") == 2

    def test_pictures_of_a_command_that_was_killed_are_made_anew(self, site, tmp_path):
        clips = clips_named(tmp_path, "one.mp4")
        label_clips(clips, tmp_path / "out", TEACHING)
        (folder,) = (tmp_path / "out/pictures").iterdir()
        folder.rename(folder.with_name(f".{folder.name}.part"))
        (folder.with_name(f".{folder.name}.part") / "000001.jpg").unlink()
        label_clips(clips, tmp_path / "out", TEACHING)
        assert sorted(path.name for path in folder.iterdir()) == [f"{number:06d}.jpg" for number in range(5)]


def test_without_the_site_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("KDANCE_PYTHON", str(tmp_path / "nothing"))
    with pytest.raises(TrainingError, match="make setup"):
        label_clips(clips_named(tmp_path, "one.mp4"), tmp_path / "out", TEACHING)


@pytest.mark.skipif(not SITE.exists(), reason=f"The site is not installed at {SITE} (make setup)")
def test_the_real_teacher_finds_the_woman_where_another_model_saw_her(tmp_path):
    folder = REPOSITORY.parent / "shared/data/video"
    if not (folder / "squats.mp4").exists():
        pytest.skip("there are no real clips beside the repository")
    (outcome,) = label_clips(find_clips([folder / "squats.mp4"]), tmp_path, Teaching("lite", 20, 0.5))
    assert outcome.taken == 4
    samples = read_samples(tmp_path)
    golden = np.array(json.loads((folder / "squats.blazepose33.json").read_text()))
    told = golden[samples.frame, DIRECT["left_knee"], :2]
    np.testing.assert_allclose(samples.xy_px[:, SKELETON.index("left_knee")], told, atol=15)
    assert cv2.imread(f"{samples.root}/{samples.image[0]}").shape[1::-1] == tuple(samples.size_px[0])
