"""What the child process tells while it works, with an engine that has already finished."""

import numpy as np
import pytest

from inference import isolated_work
from inference.pose.looks import Looks
from inference.pose.pipeline import to_estimate
from tests.tracklets import tracklet


@pytest.fixture
def two_people(monkeypatch):
    none = np.empty(0)
    looks = Looks(
        np.arange(90) / 30, np.zeros(90), np.zeros(90, bool), none.astype(int), none, none, none.reshape(0, 2)
    )
    people = [tracklet(0, 3, x_px=300), tracklet(0, 3, x_px=1300, colour=(0.0, 0.0, 200.0))]
    estimate = to_estimate(people, looks, [], (1920, 1080), "blazepose-full")

    class Engine:
        def estimate(self, video, *, on_progress, workers):
            return estimate

    monkeypatch.setattr(isolated_work, "get_estimator", lambda name, *, model_dir, file: Engine())


def test_is_heard_of_before_each_portrait(two_people, monkeypatch, tmp_path):
    told = []

    def portrait_of(path, person):
        told.append("portrait")
        return b"jpeg"

    monkeypatch.setattr(isolated_work, "portrait_of", portrait_of)
    found = isolated_work.find_people(
        tmp_path / "clip.mp4", tmp_path, isolated_work.EngineChoice("any"), tmp_path, 1, send=told.append
    )
    assert told == [isolated_work.Share(1.0), "portrait"] * 2
    assert [person.number for person in found] == [0, 1]
    assert (tmp_path / "portrait-1.jpg").read_bytes() == b"jpeg"
