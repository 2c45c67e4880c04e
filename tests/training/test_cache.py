"""Records are cut as the product would cut them, once, and are never half there."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.pose.skeleton import SKELETON
from ml_training.data import cache, cutting, cutting_jobs
from ml_training.data.cache import open_records, write_records
from ml_training.data.cutting import inverse, record_map, through, weight_of
from ml_training.data.framing import followed_region, person_region
from ml_training.data.images import read_picture
from ml_training.data.split import split_of
from ml_training.data.tables import read_samples, write_samples
from ml_training.errors import TrainingError
from tests.training.figures import leaning_xy, standing_xy
from tests.training.pictures import write_pictures

REPOSITORY = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def samples(tmp_path):
    (tmp_path / "pictures").mkdir()
    return write_pictures(tmp_path / "pictures", 12)


def _followed(xy):
    return lambda number: followed_region(xy, f"{number}.jpg")


class TestWhereARecordLies:
    def test_a_persons_record_is_the_products_square_with_a_margin_around_it(self):
        xy = leaning_xy(960, 540, 40)
        region, matrix = person_region(xy), record_map("person", xy, (960, 540))
        np.testing.assert_allclose(through(matrix, np.array([128.0, 128.0])), (region.x_px, region.y_px))
        inner = 256 / 1.25
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
        np.testing.assert_allclose(through(matrix, 128 + (corners - 0.5) * inner), region.to_picture(corners))

    def test_a_pictures_square_is_a_little_off_and_always_in_the_same_way(self):
        xy = leaning_xy(960, 540, 40)
        exact, first, second = person_region(xy), followed_region(xy, "a.jpg"), followed_region(xy, "b.jpg")
        assert first == followed_region(xy, "a.jpg") != second
        aside = np.array([(each.x_px - exact.x_px) / exact.side_px for each in map(_followed(xy), range(500))])
        assert 0.015 < aside.std() < 0.025
        assert abs(aside).max() < 0.05
        middle = through(record_map("person", xy, (960, 540), "a.jpg"), np.array([128.0, 128.0]))
        np.testing.assert_allclose(middle, (first.x_px, first.y_px))

    def test_the_record_shows_a_leaning_dancer_upright(self):
        xy = leaning_xy(960, 540, 40)
        shown = through(inverse(record_map("person", xy, (960, 540))), xy)
        spine = shown[SKELETON.index("neck")] - shown[SKELETON.index("center_hip")]
        assert abs(spine[0]) < 1e-6 * abs(spine[1])
        assert spine[1] < 0

    @pytest.mark.parametrize(
        ("size_px", "corners"),
        [((1920, 1080), [(0, 0), (320, 180)]), ((1080, 1920), [(109.375, 0), (210.625, 180)])],
        ids=["landscape", "portrait"],
    )
    def test_a_letterbox_shows_the_whole_picture_undistorted(self, size_px, corners):
        back = inverse(record_map("letterbox", np.full((29, 2), np.nan), size_px))
        np.testing.assert_allclose(through(back, np.array([(0, 0), size_px])), corners, atol=1e-9)

    @pytest.mark.parametrize("joint", ["left_hip", "right_shoulder"])
    def test_without_hips_or_shoulders_there_is_no_square(self, joint):
        xy = standing_xy(960, 540)
        xy[SKELETON.index(joint)] = np.nan
        assert record_map("person", xy, (960, 540)) is None

    def test_there_and_back_through_a_map(self):
        matrix = record_map("person", leaning_xy(960, 540, 100), (960, 540))
        points = np.random.default_rng(1).uniform(0, 256, (7, 2))
        np.testing.assert_allclose(through(inverse(matrix), through(matrix, points)), points)


def test_beyond_the_picture_lies_its_edge_for_a_person_and_black_in_a_letterbox():
    white = np.full((90, 160, 3), 255, np.uint8)
    away = np.array([[1.0, 0.0, 1000.0], [0.0, 1.0, 0.0]])
    assert (cutting.cut(white, away, "person") == 255).all()
    assert (cutting.cut(white, away, "letterbox") == 0).all()


def test_hidden_joints_count_half_unsure_ones_by_how_sure_and_unlabelled_ones_nothing():
    visibility = np.array([2, 2, 1, 1, 0, 2], np.uint8)
    conf = np.array([1, 0.8, 1, 0.5, 1, np.nan])
    np.testing.assert_allclose(weight_of(visibility, conf), [1, 0.8, 0.5, 0.25, 0, 0])


class TestWriting:
    @pytest.mark.parametrize("kind", ["person", "letterbox"])
    def test_rows_pixels_and_joints_belong_together(self, samples, tmp_path, kind):
        write_records(samples, tmp_path, kind)
        records = open_records(tmp_path, kind)
        assert len(records) == 12
        middle = records.pixels[:, records.pixels.shape[1] // 2, records.pixels.shape[2] // 2]
        np.testing.assert_array_equal(middle, np.repeat(10 + np.arange(12)[:, None], 3, axis=1))
        for row in range(12):
            shown = through(records.to_picture[row], records.xy_px[row])
            np.testing.assert_allclose(shown, samples.xy_px[row], atol=1e-3)
        np.testing.assert_array_equal(records.samples.image, samples.image)
        np.testing.assert_array_equal(records.split, split_of(samples))
        assert records.weight.min() == 1

    def test_processes_write_what_one_would(self, samples, tmp_path, monkeypatch):
        monkeypatch.setattr(cache, "CHUNK", 5)
        write_records(samples, tmp_path / "one", "person", jobs=1)
        write_records(samples, tmp_path / "two", "person", jobs=2)
        one, two = (open_records(tmp_path / name, "person") for name in ("one", "two"))
        np.testing.assert_array_equal(one.pixels, two.pixels)
        np.testing.assert_array_equal(one.xy_px, two.xy_px)

    @pytest.mark.parametrize("rendered", [False, True])
    def test_records_of_drawn_pictures_know_it_without_the_pictures(self, samples, tmp_path, rendered):
        write_samples(replace(samples, rendered=rendered), tmp_path / "samples")
        write_records(read_samples(tmp_path / "samples"), tmp_path, "person")
        shutil.rmtree(samples.root)
        assert open_records(tmp_path, "person").rendered is rendered
        assert json.loads((tmp_path / "person" / "records.json").read_text())["rendered"] is rendered

    def test_what_cannot_be_cut_is_left_out_and_named(self, samples, tmp_path):
        samples.xy_px[2, SKELETON.index("left_hip")] = np.nan
        Path(samples.root, "4.png").unlink()
        Path(samples.root, "6.png").write_bytes(Path(samples.root, "6.png").read_bytes()[:60])
        samples.size_px[8] = (320, 180)
        told = write_records(samples, tmp_path, "person")
        records = open_records(tmp_path, "person")
        assert records.samples.image.tolist() == [f"{row}.png" for row in (0, 1, 3, 5, 7, 9, 10, 11)]
        np.testing.assert_array_equal(records.pixels[:, 128, 128, 0], [10, 11, 13, 15, 17, 19, 20, 21])
        kept = [0, 1, 3, 5, 7, 9, 10, 11]
        assert len(set(split_of(samples).tolist())) > 1
        np.testing.assert_array_equal(records.split, split_of(samples)[kept])
        np.testing.assert_array_equal(records.samples.xy_px, samples.xy_px[kept])
        for reason in ("no_square", "missing_picture", "damaged_picture", "another_size"):
            assert f"1 {reason}" in told

    def test_a_joint_that_is_not_labelled_weighs_nothing(self, samples, tmp_path):
        wrist = SKELETON.index("left_wrist")
        samples.xy_px[3, wrist], samples.visibility[3, wrist] = np.nan, 0
        samples.visibility[5, wrist] = 1
        samples.xy_px[7, wrist] = np.nan  # visible, it says, but nowhere
        write_records(samples, tmp_path, "letterbox")
        records = open_records(tmp_path, "letterbox")
        assert np.isnan(records.xy_px[3, wrist]).all()
        assert records.weight[:, wrist].tolist() == [1, 1, 1, 0, 1, 0.5, 1, 0, 1, 1, 1, 1]

    def test_pictures_that_are_nowhere_are_an_error_that_says_where_they_were_sought(self, samples, tmp_path):
        lost = replace(samples, root=str(tmp_path / "elsewhere"))
        with pytest.raises(TrainingError, match="elsewhere") as raised:
            write_records(lost, tmp_path, "letterbox")
        assert raised.value.code == "no_records"
        with pytest.raises(TrainingError):
            open_records(tmp_path, "letterbox")


class TestAgain:
    def test_the_same_samples_are_cut_once(self, samples, tmp_path, monkeypatch):
        first = write_records(samples, tmp_path, "person")
        monkeypatch.setattr(cutting_jobs, "read_picture", no_more_pictures)
        assert write_records(samples, tmp_path, "person") == first

    def test_records_of_another_version_are_cut_anew(self, samples, tmp_path):
        write_records(samples, tmp_path, "person")
        noted = tmp_path / "person" / "records.json"
        about = json.loads(noted.read_text())
        noted.write_text(
            json.dumps({name: value for name, value in about.items() if name != "rendered"} | {"version": 2})
        )
        with pytest.raises(TrainingError, match="no finished"):
            open_records(tmp_path, "person")
        write_records(samples, tmp_path, "person")
        assert not open_records(tmp_path, "person").rendered

    def test_other_labels_are_cut_anew_and_the_old_records_go(self, samples, tmp_path):
        write_records(samples, tmp_path, "person")
        moved = replace(samples, xy_px=samples.xy_px + 3)
        write_records(moved, tmp_path, "person")
        np.testing.assert_array_equal(open_records(tmp_path, "person").samples.xy_px, moved.xy_px)
        assert len([path for path in (tmp_path / "person").iterdir() if path.is_dir()]) == 1

    def test_a_picture_that_changed_is_cut_anew(self, samples, tmp_path):
        write_records(samples, tmp_path, "person")
        Path(samples.root, "0.png").write_bytes(Path(samples.root, "1.png").read_bytes() + b"\0")
        write_records(samples, tmp_path, "person")
        assert open_records(tmp_path, "person").pixels[0, 128, 128, 0] == 11

    def test_after_a_kill_only_the_missing_chunks_are_cut(self, samples, tmp_path, monkeypatch):
        """A real SIGKILL in the second chunk; until the command is run again there is nothing to open."""
        write_samples(samples, tmp_path / "samples")
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, str(tmp_path / "samples"), str(tmp_path)],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
        assert killed.returncode == -signal.SIGKILL
        with pytest.raises(TrainingError, match="no finished"):
            open_records(tmp_path, "person")
        draft = next((tmp_path / "person").glob("*/done")).parent / ".pixels.npy.1.draft"
        draft.touch()
        read = []
        monkeypatch.setattr(cache, "CHUNK", 4)
        monkeypatch.setattr(
            cutting_jobs, "read_picture", lambda root, name: read.append(name) or read_picture(root, name)
        )
        write_records(read_samples(tmp_path / "samples"), tmp_path, "person")
        assert read == [f"{row}.png" for row in range(4, 12)]
        assert not draft.exists()
        assert open_records(tmp_path, "person").pixels[:, 128, 128, 0].tolist() == list(range(10, 22))

    def test_two_writers_do_not_meet(self, samples, tmp_path):
        (tmp_path / "person").mkdir()
        with cache.alone(tmp_path / "person"), pytest.raises(TrainingError) as raised:
            write_records(samples, tmp_path, "person")
        assert raised.value.code == "already_running"


class TestNoRoom:
    def test_a_full_disk_is_told_and_the_old_records_stay(self, samples, tmp_path):
        write_records(samples.take(np.arange(6)), tmp_path, "person")
        with file_size_limit(1_000_000), pytest.raises(TrainingError) as raised:
            write_records(samples, tmp_path, "person")
        assert raised.value.code == "disk_full"
        assert len(open_records(tmp_path, "person")) == 6
        write_records(samples, tmp_path, "person")
        assert len(open_records(tmp_path, "person")) == 12


class TestDamage:
    @pytest.fixture
    def folder(self, samples, tmp_path):
        write_records(samples, tmp_path, "person")
        about = json.loads((tmp_path / "person" / "records.json").read_text())
        return tmp_path / "person" / about["folder"]

    @pytest.mark.parametrize("name", ["pixels.npy", "rows.npz", "labels.parquet"])
    def test_a_missing_file(self, folder, tmp_path, name):
        (folder / name).unlink()
        self.is_told(tmp_path)

    @pytest.mark.parametrize("name", ["pixels.npy", "rows.npz", "labels.parquet"])
    def test_a_file_cut_short(self, folder, tmp_path, name, samples):
        os.truncate(folder / name, (folder / name).stat().st_size - 100)
        self.is_told(tmp_path)
        write_records(samples, tmp_path, "person")
        assert open_records(tmp_path, "person").pixels[:, 128, 128, 0].tolist() == list(range(10, 22))

    def test_records_that_are_not_there(self, tmp_path):
        with pytest.raises(TrainingError, match="data cache") as raised:
            open_records(tmp_path, "person")
        assert raised.value.code == "no_records"

    @staticmethod
    def is_told(tmp_path):
        with pytest.raises(TrainingError, match="run cache again") as raised:
            open_records(tmp_path, "person")
        assert raised.value.code == "damaged_records"


KILLED = """
import os, signal, sys
from pathlib import Path
from ml_training.data import cache, cutting_jobs
from ml_training.data.tables import read_samples
cache.CHUNK = 4
whole = cutting_jobs.read_picture
def read_picture(root, name):
    if name == "6.png":
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(root, name)
cutting_jobs.read_picture = read_picture
cache.write_records(read_samples(Path(sys.argv[1])), Path(sys.argv[2]), "person")
"""


def no_more_pictures(root, name):
    raise AssertionError(f"{name} was opened again")


class file_size_limit:  # noqa: N801
    """Files may not grow beyond so many bytes: the nearest thing to a full disk that needs no disk."""

    def __init__(self, most: int) -> None:
        self._most = most

    def __enter__(self):
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)
        self._handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self._most, self._before[1]))

    def __exit__(self, *_):
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)
        signal.signal(signal.SIGXFSZ, self._handler)
