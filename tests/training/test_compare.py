"""The comparison's own parts: going on where it stopped, the teacher's labels, the table and its place in a file."""

import numpy as np
import pytest

from inference.pose.skeleton import SKELETON
from ml_training import compare
from ml_training.compare import TEACHER, Plan, Work, relabelled, write_between
from ml_training.data.aihub import NOT_LABELLED
from ml_training.data.cache import write_records
from ml_training.data.framing import person_region
from ml_training.data.samples import Samples
from ml_training.data.tables import read_samples
from ml_training.errors import TrainingError
from ml_training.site_reading import SiteReading
from tests.training.test_evaluate import people
from tests.training.test_metrics import found_of, samples_of, standing

__all__ = ["people"]


def test_a_finished_step_is_not_done_again_and_a_broken_one_is(tmp_path):
    plan, done = Plan(), []

    def once():
        done.append(1)
        return {"answer": len(done)}

    def broken():
        done.append(2)
        raise TrainingError("step_failed", "no")

    assert Work(tmp_path, plan).step("one", once) == {"answer": 1}
    for _ in range(2):
        with pytest.raises(TrainingError):
            Work(tmp_path, plan).step("two", broken)
    assert Work(tmp_path, plan).step("one", once) == {"answer": 1}
    assert done == [1, 2, 2]
    with pytest.raises(TrainingError) as error:
        Work(tmp_path, Plan(people=3))
    assert error.value.code == "other_plan"


def test_the_teacher_takes_the_place_of_the_labels():
    samples = samples_of(standing(3))
    found = found_of(standing(3) + 4, conf=0.9)
    wrist, ankle = SKELETON.index("left_wrist"), SKELETON.index("left_ankle")
    found[0, wrist, 2] = 0.2
    found[0, ankle, :2] = (300, 500)  # below the picture
    found[1, :, :2] = np.nan
    found[1, :, 2] = 0
    taught = relabelled(samples, found)
    assert taught.image.tolist() == ["0.jpg", "2.jpg"]
    assert taught.visibility[0, [wrist, ankle]].tolist() == [NOT_LABELLED, NOT_LABELLED]
    assert np.isnan(taught.xy_px[0, [wrist, ankle]]).all()
    np.testing.assert_allclose(taught.xy_px[1], standing()[0] + 4)
    np.testing.assert_allclose(taught.conf[1], 0.9)


def test_the_student_never_sees_the_test_people(people, tmp_path, monkeypatch):
    samples, data = people
    asked = []

    def read(shown: Samples, engine, **options):
        asked.extend(shown.image.tolist())
        assert (engine, options["find"]) == (TEACHER, True)
        return SiteReading(found_of(shown.xy_px, conf=0.9), np.ones(len(shown)))

    monkeypatch.setattr("ml_training.site_reading.read_by_site", read)
    compare._write_taught(data, tmp_path)
    records = compare.open_records(data, "person")
    test = set(records.samples.take(records.rows("test")).image.tolist())
    assert test
    assert not test & set(asked)
    assert set(read_samples(tmp_path).image.tolist()) == set(asked) == set(samples.image.tolist()) - test


def test_the_mean_pose_is_no_further_off_than_the_squares_where_everybody_stands_alike(tmp_path, people):
    side_px = person_region(people[0].xy_px[0]).side_px
    assert 0 < compare._mean_pose(people[1])["judgement"]["overall"]["mae_px"] < 0.03 * side_px


def test_one_network_that_fails_does_not_take_the_table_along(people, tmp_path, monkeypatch):
    """Stand-ins for the long steps; everything else as it is."""
    samples, _ = people
    trained = []

    def train(name, records, folder, plan):
        trained.append((name, records.kind))
        if name == "hourglass":
            raise TrainingError("diverged", "The loss is nan.")
        return {"seen": 320, "pictures": 8}

    def judge(model, data, find=False):
        off = {"simcc": 2, "cnn_extend": 8, "distil": 3, TEACHER: 2}[model.rsplit("/", 1)[-1]]
        pose = compare.judge(found_of(samples.xy_px + off), samples)
        return {"judgement": compare.dataclasses.asdict(pose), "sees": "it", "ms": 9.0, "parameters": 1234}

    monkeypatch.setattr(compare, "_data", lambda *words: None)
    monkeypatch.setattr(compare, "_train", train)
    monkeypatch.setattr(compare, "_judge", judge)
    monkeypatch.setattr(compare, "_as_served", lambda *_: {"ms_served": 2.25, "file_bytes": 3_200_000})
    monkeypatch.setattr(compare, "_teach", lambda work, data: compare.open_records(data, "person"))
    for kind in ("person", "letterbox"):
        write_records(samples, tmp_path / "data", kind)
    plan = Plan(networks=("cnn_extend", "simcc", "hourglass", "distil"))
    table = compare.compare(plan, tmp_path)
    assert ("cnn_extend", "letterbox") in trained
    assert "`hourglass` failed: diverged" in table
    assert "| simcc | it | 1,234 | 3.2 | 2.2 | 320 | 2.00 |" in table
    assert "`simcc` has 0.25 times the error of `cnn_extend`" in table
    assert "1.50 times its teacher's error, in 0.25 times its time" in table
    assert "no photographs" in table
    before = len(trained)
    assert compare.compare(plan, tmp_path).count("|") == table.count("|")
    assert trained[before:] == [("hourglass", "person")]


def test_the_table_takes_the_place_of_the_one_before(tmp_path):
    page = tmp_path / "README.md"
    page.write_text("# Title\n<!-- here -->\nold | table\n<!-- /here -->\nbelow\n")
    write_between(page, "here", "new\ntable")
    write_between(page, "here", "newer\ntable")
    assert page.read_text() == "# Title\n<!-- here -->\nnewer\ntable\n<!-- /here -->\nbelow\n"
    with pytest.raises(TrainingError) as error:
        write_between(page, "there", "x")
    assert error.value.code == "no_marks"
    readme = compare.REPOSITORY / "ml_training" / "README.md"
    (tmp_path / "copy.md").write_text(readme.read_text())
    write_between(tmp_path / "copy.md", "compare-models", "x")


def test_every_network_has_a_config_that_the_seconds_end():
    configs = [compare.config_of(name, seed=7) for name in compare.NETWORKS]
    assert {config.network for config in configs} == {"cnn_extend", "simcc", "hourglass", "transformer", "transfer"}
    assert all(config.validate_every == config.steps >= 10_000 and config.seed == 7 for config in configs)
