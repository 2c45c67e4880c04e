"""What a training is made of, each part alone."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New

from ml_training import ladder
from ml_training.config import Config
from ml_training.errors import TrainingError
from ml_training.journal import Journal, Pace
from ml_training.learner import learning_rate
from ml_training.settings import with_settings
from ml_training.train import Clock
from tests.training.made_up import MADE_UP, made_up_records

CONFIG = Config("simcc", options={"width": 64}, learning_rate=1.0, warmup_steps=10, frozen_steps=0)


def test_the_learning_rate_rises_and_falls_to_nothing():
    rates = [learning_rate(CONFIG, step, 100) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(1.0, abs=0.03)
    assert all(later < sooner for sooner, later in pairwise(rates[10:]))
    assert rates[-1] < 0.001
    assert learning_rate(replace(CONFIG, schedule="constant"), 99, 100) == 1.0


def test_the_learning_rate_rises_again_after_the_thaw():
    config = replace(CONFIG, frozen_steps=50, schedule="constant")
    assert [learning_rate(config, step, 100) for step in (0, 49, 50, 60)] == pytest.approx([0.1, 1.0, 0.1, 1.0])


def test_settings_of_every_kind():
    config = with_settings(
        CONFIG,
        ["steps=2000", "options.width=0.5", "augmentation.flip=false", "precision=mixed_bfloat16", "images=null"],
    )
    assert (config.steps, config.options, config.augmentation.flip) == (2000, {"width": 0.5}, False)
    assert (config.precision, config.images) == ("mixed_bfloat16", None)
    assert with_settings(CONFIG, ["learning_rate=1", "images=50"]).images == 50


@pytest.mark.parametrize(
    "setting", ["stepz=1", "steps", "steps=many", "augmentation=1", "augmentation.spin=2", "options=3"]
)
def test_settings_that_make_no_sense(setting):
    with pytest.raises(TrainingError) as refused:
        with_settings(CONFIG, [setting])
    assert refused.value.code == "unknown_setting"


def test_pace_leaves_pauses_out():
    now = [0.0]
    pace = Pace(batch=10, clock=lambda: now[0])
    pace.start(5, waited_s=1.0)
    now[0] = 4.0
    with pace.paused():
        now[0] = 104.0
    assert pace.since_last(13, waited_s=2.0) == (20.0, 0.25)
    now[0] = 105.0
    assert pace.since_last(14, waited_s=2.0) == (10.0, 0.0)
    assert pace.over_all(14, waited_s=2.0) == (18.0, 0.2)


def test_steps_are_fewer_where_the_minutes_do_not_suffice():
    now = [0.0]
    clock = Clock(minutes=10, clock=lambda: now[0])
    assert clock.affordable(0, 1000) == 1000
    now[0] = 60.0
    clock.start(5)
    now[0] = 100.0
    assert clock.affordable(25, 1000) == 25 + int(500 * 0.97 / 2)
    assert clock.affordable(25, 100) == 100
    assert not clock.is_over()
    now[0] = 600.0
    assert clock.is_over()


def test_the_journal_forgets_what_lies_behind_the_step_gone_back_to(tmp_path):
    (tmp_path / "history.jsonl").write_text('{"step": 10}\n{"step": 20}\n{"step": 3')
    journal = Journal(tmp_path, first_step=10)
    journal.write_history({"step": 20, "loss": 0.5})
    journal.write_curves(20, {"loss": 0.5})
    journal.close()
    lines = [json.loads(line) for line in (tmp_path / "history.jsonl").read_text().splitlines()]
    assert lines == [{"step": 10}, {"step": 20, "loss": 0.5}]
    (events,) = (tmp_path / "tb").iterdir()
    _, start, curve = _events(events)
    assert (start.step, start.session_log.status) == (10, start.session_log.START)
    assert (curve.step, curve.summary.value[0].tag, curve.summary.value[0].simple_value) == (20, "loss", 0.5)


def _events(path):
    reader = PyRecordReader_New(str(path))
    events = []
    for _ in range(3):
        reader.GetNext()
        events.append(Event.FromString(reader.record()))
    return events


def test_the_ladder_keeps_the_original_s_proportions(tmp_path):
    records = made_up_records(tmp_path)
    configs = ladder.rung_configs(replace(MADE_UP, batch=4), records)
    assert [config.images for config in configs] == [2, 6, 12, 24]
    assert [config.steps for config in configs] == [2, 15, 45, 120]
    assert {(config.ema, config.optimizer, config.augmentation.flip) for config in configs} == {(0.0, "adam", False)}


def test_the_ladder_states_the_original_s_numbers_in_one_unit():
    first, last = ladder.RUNGS[0], ladder.RUNGS[-1]
    text = ladder.table([ladder.Climbed(rung, 10, 20, 5.0, 6.0, 0.1, (7.0, 8.0, 9.0)) for rung in (first, last)])
    rows = text.splitlines()[2:]
    assert "| 66.82 px of 1920 | 11.1 | 67 |" in rows[0]
    assert "| 8.22 px of 320 | 8.2 | 49 |" in rows[1]
    assert "| 5.0 | 6.0 | 36 | 10.0% | 7.0 / 8.0 / 9.0 |" in rows[1]
    assert "factors 6.25 / 6.5 / 8," in text.splitlines()[0]
