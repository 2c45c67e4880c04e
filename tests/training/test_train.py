import dataclasses
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ml_training import checkpoint, ladder, runs, train
from ml_training.config import Config
from ml_training.correction import Correction
from ml_training.errors import TrainingError
from ml_training.files import alone
from ml_training.predict import predict
from tests.training.made_up import MADE_UP, made_up_network, made_up_records

ROOT = Path(__file__).parents[2]
QUIET = {"say": lambda line: None, "workers": 1}


@pytest.fixture(autouse=True)
def _made_up_network(monkeypatch):
    monkeypatch.setattr(train, "build_network", made_up_network)
    monkeypatch.setattr(runs, "build_network", made_up_network)


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    return made_up_records(tmp_path_factory.mktemp("data"))


def weights(trained: runs.Trained) -> list[np.ndarray]:
    return [np.array(value) for value in trained.network.model.get_weights()]


def state(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / "state.npz") as saved:
        return {name: saved[name] for name in saved.files if name != "facts"}


def copied(run: Path, folder: Path) -> Path:
    folder.mkdir()
    for path in run.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    return folder


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def reference(records, tmp_path_factory):
    """A training that nobody disturbed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "build_network", made_up_network)
        patch.setattr(runs, "build_network", made_up_network)
        folder = tmp_path_factory.mktemp("reference") / "run"
        return folder, train.train(MADE_UP, records, folder, **QUIET)


def test_it_learns_and_leaves_what_the_others_read(records, reference):
    folder, trained = reference
    history = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    assert [line["step"] for line in history] == [10, 20, 30]
    assert trained.metrics["distance_height"] == min(line["distance_height"] for line in history)
    assert history[-1]["distance_px"] < history[0]["distance_px"]
    assert {"config.json", "best.weights.h5", "correction.json", "state.npz", "state.json"} <= set(os.listdir(folder))
    assert not list(folder.glob(".*.draft*"))
    again = runs.load_run(folder)
    assert again.config == MADE_UP
    rows = records.rows("validation")
    found = predict(again.network, records, rows, batch=3)
    assert np.allclose(found, predict(trained.network, records, rows, batch=8), atol=1e-3)
    error = np.linalg.norm(found[..., :2] - records.samples.xy_px[rows], axis=-1).mean()
    assert error == pytest.approx(trained.metrics["distance_px"], rel=1e-5)


def test_one_seed_one_result_whatever_the_workers(records, reference, tmp_path):
    folder, _ = reference
    train.train(MADE_UP, records, tmp_path / "run", say=lambda line: None, workers=3)
    assert same(state(folder), state(tmp_path / "run"))
    other = dataclasses.replace(MADE_UP, seed=6, steps=1)
    train.train(other, records, tmp_path / "other", **QUIET)
    assert not same(state(folder), state(tmp_path / "other"))


def test_a_killed_training_goes_on_to_the_very_same_weights(records, reference, tmp_path):
    command = [sys.executable, "-m", "tests.training.child_training", "killed", str(tmp_path)]
    child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert child.returncode == -signal.SIGKILL, child.stderr
    run = tmp_path / "run"
    assert json.loads((run / "state.json").read_text())["step"] == 15
    (run / ".state.npz.1.draft").write_bytes(b"as a kill while saving leaves it")
    said: list[str] = []
    trained = train.train(MADE_UP, records, run, say=said.append, workers=1)
    assert said[0] == "going on behind step 15"
    assert same(state(reference[0]), state(run))
    assert all(np.array_equal(a, b) for a, b in zip(weights(reference[1]), weights(trained), strict=True))
    assert not list(run.glob(".*.draft*"))
    steps = [json.loads(line)["step"] for line in (run / "history.jsonl").read_text().splitlines()]
    assert steps == [10, 20, 30]


def test_a_stop_on_request_goes_on_as_well(records, reference, tmp_path):
    asked = iter([False] * 7 + [True])
    with pytest.raises(KeyboardInterrupt):
        train.train(MADE_UP, records, tmp_path / "run", stop=lambda: next(asked), **QUIET)
    assert json.loads((tmp_path / "run" / "state.json").read_text())["step"] == 8
    train.train(MADE_UP, records, tmp_path / "run", **QUIET)
    assert same(state(reference[0]), state(tmp_path / "run"))


def test_a_frozen_backbone_stays_as_it_was_given(records, tmp_path):
    config = dataclasses.replace(MADE_UP, frozen_steps=6, steps=6, ema=0.0)
    start = made_up_network  # The same seed builds the same network.
    trained = train.train(config, records, tmp_path / "frozen", **QUIET)
    train.keras.utils.set_random_seed(config.seed)
    given = start().model.get_layer("backbone").get_weights()
    kept = trained.network.model.get_layer("backbone").get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(given, kept, strict=True))
    thawed = train.train(dataclasses.replace(config, steps=12), records, tmp_path / "thawed", **QUIET)
    assert not np.array_equal(given[0], thawed.network.model.get_layer("backbone").get_weights()[0])


def test_a_thawed_training_goes_on_over_the_thaw(records, tmp_path):
    config = dataclasses.replace(MADE_UP, frozen_steps=6, steps=12)
    train.train(config, records, tmp_path / "whole", **QUIET)
    asked = iter([False] * 5 + [True])
    with pytest.raises(KeyboardInterrupt):
        train.train(config, records, tmp_path / "stopped", stop=lambda: next(asked), **QUIET)
    train.train(config, records, tmp_path / "stopped", **QUIET)
    assert same(state(tmp_path / "whole"), state(tmp_path / "stopped"))


def test_it_stops_early_where_nothing_gets_better(records, tmp_path):
    config = dataclasses.replace(MADE_UP, learning_rate=0.0, weight_decay=0.0, patience=2, validate_every=2)
    train.train(config, records, tmp_path / "run", **QUIET)
    facts = json.loads((tmp_path / "run" / "state.json").read_text())
    # The batch norm's statistics still move; with the weights they are all that a validation sees.
    assert facts["finished"]
    assert facts["step"] < config.steps
    assert facts["step"] == facts["best"]["step"] + 2 * config.validate_every


def test_other_settings_do_not_go_on_with_a_run(records, reference):
    folder, _ = reference
    before = state(folder)
    with pytest.raises(TrainingError) as refused:
        train.train(dataclasses.replace(MADE_UP, batch=4), records, folder, **QUIET)
    assert refused.value.code == "other_config"
    assert same(before, state(folder))


def test_a_run_notes_what_it_was_trained_on_and_no_folder_of_the_machine(records, reference):
    text = (reference[0] / "data.json").read_text()
    assert json.loads(text) == {
        "records": "made-up",
        "pictures": 40,
        "rendered": False,
        "root": "made-up",
        "train": {"dancers": ["dancer of train"], "songs": ["song of train"]},
        "validation": {"dancers": ["dancer of validation"], "songs": ["song of validation"]},
    }
    assert str(records.folder.parent) not in text


def test_a_run_neither_goes_on_nor_is_finished_on_other_data(records, reference, tmp_path):
    others = dataclasses.replace(records, folder=records.folder.with_name("others"))
    before = state(reference[0])
    with pytest.raises(TrainingError, match="40 pictures of made-up") as refused:
        train.train(MADE_UP, others, reference[0], **QUIET)
    assert refused.value.code == "other_data"
    assert same(before, state(reference[0]))
    rungs = (ladder.Rung(12, 1, 60.0, 1920),)
    ladder.climb(MADE_UP, records, tmp_path, rungs=rungs, say=QUIET["say"])
    with pytest.raises(TrainingError) as refused:
        ladder.climb(MADE_UP, others, tmp_path, rungs=rungs, say=QUIET["say"])
    assert refused.value.code == "other_data"


def test_a_run_of_before_data_was_noted_is_taken_with_a_note(records, reference, tmp_path):
    folder = copied(reference[0], tmp_path / "run")
    (folder / "data.json").unlink()
    said: list[str] = []
    train.train(MADE_UP, records, folder, say=said.append, workers=1)
    assert "data.json" in said[0]
    assert not (folder / "data.json").exists()


def test_two_trainings_do_not_share_a_run(records, reference):
    before = state(reference[0])
    with alone(reference[0]), pytest.raises(TrainingError) as refused:
        train.train(MADE_UP, records, reference[0], **QUIET)
    assert refused.value.code == "already_running"
    assert same(before, state(reference[0]))
    train.train(MADE_UP, records, reference[0], **QUIET)


def test_what_a_kill_before_the_first_step_leaves_is_no_other_training(records, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    for name in ("data.json", ".writer", ".config.json.1.draft"):
        (run / name).write_text("{")
    train.train(dataclasses.replace(MADE_UP, steps=1), records, run, **QUIET)
    assert json.loads((run / "data.json").read_text())["pictures"] == 40


def test_nothing_is_claimed_where_there_is_nothing_to_train_on(records, tmp_path):
    untold = dataclasses.replace(records, split=np.full(len(records), "train"))
    with pytest.raises(TrainingError) as refused:
        train.train(MADE_UP, untold, tmp_path / "run", **QUIET)
    assert refused.value.code == "no_pictures"
    assert os.listdir(tmp_path / "run") == [".writer"]


def test_a_state_of_another_version_is_a_plain_error(records, reference, tmp_path):
    folder = copied(reference[0], tmp_path / "run")
    with np.load(folder / "state.npz") as saved:
        values = {name: saved[name] for name in saved.files}
    values["facts"] = np.array(json.dumps({**json.loads(str(values["facts"])), "epoch": 3}))
    np.savez(folder / "state.npz", **values)
    with pytest.raises(TrainingError, match="another version") as refused:
        train.train(MADE_UP, records, folder, **QUIET)
    assert refused.value.code == "damaged_checkpoint"


def test_a_run_begun_again_has_no_correction_of_the_weights_before(records, reference, tmp_path):
    folder = copied(reference[0], tmp_path / "run")
    (folder / "state.npz").unlink()
    away = Correction(np.full((29, 2), 1e4), np.ones((29, 2)), np.ones((29, 2), bool))
    runs.write_correction(folder, away)
    again = train.train(MADE_UP, records, folder, **QUIET)
    assert again.correction.as_json() == reference[1].correction.as_json()
    assert same(state(folder), state(reference[0]))


def test_a_folder_of_something_else_is_left_alone(records, tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"picture")
    with pytest.raises(TrainingError, match="not empty"):
        train.train(MADE_UP, records, tmp_path, **QUIET)
    assert os.listdir(tmp_path) == ["holiday.jpg"]


@pytest.mark.parametrize("name", ["state.npz", "best.weights.h5", "config.json", "data.json"])
def test_a_damaged_file_is_a_plain_error(reference, records, tmp_path, name):
    folder = copied(reference[0], tmp_path / "run")
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TrainingError) as refused:
        train.train(MADE_UP, records, folder, **QUIET)
    assert refused.value.code == "damaged_checkpoint"
    assert (folder / name).read_bytes() == whole[: len(whole) // 2]


def test_a_full_disk_keeps_the_state_before(records, tmp_path, monkeypatch):
    asked = iter([False] * 4 + [True])
    with pytest.raises(KeyboardInterrupt):
        train.train(MADE_UP, records, tmp_path / "run", stop=lambda: next(asked), **QUIET)
    before = (tmp_path / "run" / "state.npz").read_bytes()

    def full(file, **values):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint.np, "savez", full)
    with pytest.raises(TrainingError) as refused:
        train.train(MADE_UP, records, tmp_path / "run", **QUIET)
    assert refused.value.code == "disk_full"
    assert (tmp_path / "run" / "state.npz").read_bytes() == before
    assert not list((tmp_path / "run").glob(".*.draft*"))


def test_a_loss_that_is_no_number_ends_it(records, tmp_path):
    wild = dataclasses.replace(MADE_UP, learning_rate=1e30, warmup_steps=0)
    with pytest.raises(TrainingError) as refused:
        train.train(wild, records, tmp_path / "run", **QUIET)
    assert refused.value.code == "diverged"


def test_it_is_done_in_the_minutes_given(records, tmp_path):
    train.train(dataclasses.replace(MADE_UP, steps=10**7), records, tmp_path / "run", minutes=0.02, **QUIET)
    facts = json.loads((tmp_path / "run" / "state.json").read_text())
    assert facts["finished"]
    assert facts["best"]["step"] <= facts["step"] < 10**6


def test_the_first_pictures_are_the_seed_s_choice(records):
    few = train.training_rows(Config("simcc", images=7, seed=1), records)
    assert len(few) == 7
    assert set(few) <= set(records.rows("train"))
    assert not np.array_equal(few, train.training_rows(Config("simcc", images=7, seed=2), records))


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_trains_and_leaves_a_full_precision_network(records, tmp_path, precision):
    config = dataclasses.replace(MADE_UP, precision=precision, steps=10)
    trained = train.train(config, records, tmp_path / "run", **QUIET)
    assert np.isfinite(trained.metrics["distance_px"])
    assert all(value.dtype == np.float32 for value in weights(trained))
    assert trained.network.model.layers[-1].compute_dtype == "float32"


def test_two_devices_share_a_batch_and_come_to_the_same_weights(tmp_path):
    child = subprocess.run(
        [sys.executable, "-m", "tests.training.child_training", "shared", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": "jax", "XLA_FLAGS": "--xla_force_host_platform_device_count=2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    assert float(child.stdout.splitlines()[-1]) < 1e-4


def test_the_ladder_trains_each_rung_and_judges_it_on_held_out_pictures(records, tmp_path):
    rungs = (ladder.Rung(12, 1, 60.0, 1920), ladder.Rung(24, 2, 9.0, 320))
    sizes_px = np.where(np.arange(len(records))[:, None] % 2, (1920, 1080), (400, 600))
    mixed = dataclasses.replace(records, samples=dataclasses.replace(records.samples, size_px=sizes_px))
    climbed = ladder.climb(MADE_UP, mixed, tmp_path, rungs=rungs, say=QUIET["say"])
    assert [(one.images, one.steps) for one in climbed] == [(12, 2), (24, 6)]
    test = records.rows("test")
    network = runs.load_run(tmp_path / "rung-2").network
    scale = np.where(test % 2, 1 / 6, 0.3)[:, None, None]

    def error(factor: float) -> float:
        found = predict(network, records, test, correction=Correction.original(factor))
        return float((np.abs(found[..., :2] - records.samples.xy_px[test]) * scale).mean())

    assert climbed[1].test_input_px == pytest.approx(error(6), rel=1e-4)
    assert climbed[1].test_input_px != climbed[1].train_input_px
    assert climbed[1].stretched_input_px == pytest.approx([error(factor) for factor in (6.25, 6.5, 8)], rel=1e-4)
