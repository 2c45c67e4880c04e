"""From a training run to tracks: networks that the training code exports search a rendered clip as the site's own engine does.

The networks are untrained and say one standing figure (tests/training/untrained.py): the way is tested, not the learning.
"""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from django.core.files import File
from django.core.management import call_command

from choreography import services
from choreography.models import Attempt
from inference import own_models, storage
from inference.jobs import run_job
from inference.models import JobState
from inference.pose import codec
from inference.pose.mapping import DIRECT
from inference.pose.skeleton import SKELETON
from ml_training.rendering.body import BodyDataMissing, Shape, body_data, make_body
from ml_training.rendering.camera import Camera
from ml_training.rendering.dances import make_dance
from ml_training.rendering.looks import Clothes, Room
from ml_training.rendering.scene import Scene
from ml_training.rendering.video import write_clip
from tests.factories import GuideFactory, UserFactory
from tests.training.untrained import LETTERBOX_FIGURE, standing

REPOSITORY = Path(__file__).resolve().parents[2]
PYTHON = REPOSITORY / ".venv-train/bin/python"
FRAMES = 36
DIRECT_PLACES = [SKELETON.index(joint) for joint in DIRECT]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The folder of both runs, each with its model.onnx."""
    if not PYTHON.exists():
        pytest.skip("no environment for training: `make test-training` installs it")
    folder = tmp_path_factory.mktemp("runs")
    command = [str(PYTHON), "-m", "tests.training.untrained", str(folder)]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    try:
        bodies = body_data()
    except BodyDataMissing as missing:
        pytest.skip(str(missing))
    path = tmp_path_factory.mktemp("clip") / "dancer.mp4"
    camera = Camera(size_px=(640, 360))
    write_clip(
        path,
        Scene(make_body(bodies, Shape()), Clothes(), camera, Room()),
        make_dance(11, 2.0).at(np.arange(FRAMES) / 30),
    )
    return path


@pytest.mark.parametrize("name", ["simcc", "cnn_extend"])
def test_an_exported_network_searches_a_clip_by_its_file(exported, clip, tmp_path, capsys, name):
    model = exported / name / "model.onnx"
    call_command("extract_pose", str(clip), out=tmp_path / "track.npz", model=str(model))
    assert json.loads(capsys.readouterr().out)["model"] == "model"
    track = codec.load_npz(tmp_path / "track.npz")
    assert track.found.mean() > 0.9
    if name == "cnn_extend":
        side, corner = LETTERBOX_FIGURE
        expected = (standing() * side + corner) * 2  # the clip is twice as large as the network's picture
        np.testing.assert_allclose(track.xy_px[FRAMES // 2, DIRECT_PLACES], expected[DIRECT_PLACES], atol=0.5)


@pytest.mark.django_db(transaction=True)
def test_an_exported_network_judges_a_take_once_a_curator_chose_it(exported, clip, quiet_jobs, monkeypatch):
    monkeypatch.setattr("inference.queue._defer", lambda job_id: None)
    curator = UserFactory(is_staff=True)
    with (exported / "simcc" / "model.onnx").open("rb") as content:
        file = File(content, name="model.onnx")
        tried = own_models.try_model(name="student", upload=file)
        model = own_models.keep_model(name="student", upload=file, tried=tried, note="", curator=curator)
    assert json.loads(model.says["network"]) == "simcc"
    own_models.activate_model(model)
    choreography = GuideFactory(published=True, with_track=True).choreography
    with clip.open("rb") as content:
        take = services.submit_attempt(
            dancer=UserFactory(), choreography=choreography, upload=File(content, name="take.mp4")
        )
    run_job(take.job_id)
    take = Attempt.objects.select_related("job", "video").get(pk=take.pk)
    assert take.job.state == JobState.SUCCEEDED
    assert codec.decode(storage.read_key(take.video.track_key)).model == "student"
