"""A run, an exported file and an engine judged on the same pictures; the page of the worst; sites that fail."""

import json
import sys
import zipfile
from dataclasses import replace

import cv2
import numpy as np
import pytest

from ml_training import evaluate, site_reading, worst_page
from ml_training.data.cache import open_records, write_records
from ml_training.data.framing import followed_region
from ml_training.errors import TrainingError
from ml_training.site_reading import read_by_site
from ml_training.trained_on import TrainedOn
from tests.training.test_metrics import found_of, samples_of, standing

COUNT, SIZE_PX = 12, (640, 480)
OFF_PX = 6.0
TINY = {"input_px": 32, "width": 8, "depth": 1, "channels": 16, "split": 2}

# Stands for the site: it says that everybody's joints lie in a line down the middle of the square that it was shown.
SITE = """
import json, sys
import numpy as np
command, listed, _, out, how, name = sys.argv[2:]
asked = [json.loads(line) for line in open(listed)]
if name == "broken":
    sys.exit("CommandError: unknown_estimator: No pose engine is called 'broken'")
xy = np.full((len(asked), 29, 2), np.nan)
for row, each in enumerate(asked):
    open(each["image"], "rb").close()
    if each["region"]:
        xy[row] = each["region"][:2]
np.savez(out, xy=xy, conf=np.ones((len(asked), 29)), ms=np.full(len(asked), 7.5), model=name, how=how)
"""


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """(samples, data folder): twelve people, each with a dance of their own, a bright dot on each nose."""
    root = tmp_path_factory.mktemp("people")
    shift = np.random.default_rng(2).integers(-60, 60, (COUNT, 1, 2))
    names = np.array([f"{row}.png" for row in range(COUNT)])
    samples = replace(samples_of(standing(COUNT) + shift, size_px=SIZE_PX), root=str(root), image=names)
    for row in range(COUNT):
        picture = np.zeros((*SIZE_PX[::-1], 3), np.uint8)
        cv2.circle(picture, samples.xy_px[row, 24].astype(int).tolist(), 5, (255, 255, 255), cv2.FILLED)
        cv2.imwrite(str(root / f"{row}.png"), picture)
    write_records(samples, root / "data", "person")
    return samples, root / "data"


@pytest.fixture
def site(tmp_path, monkeypatch):
    (tmp_path / "site.py").write_text(SITE)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {tmp_path / "site.py"} "$@"\n')
    python.chmod(0o755)
    monkeypatch.setenv("KDANCE_PYTHON", str(python))


def test_an_engine_is_shown_the_square_around_the_labels(people, site):
    judged, found, shown = evaluate.evaluate("blazepose-full", people[1])
    assert 0 < judged.pictures == len(shown) < COUNT
    regions = [followed_region(xy, name) for xy, name in zip(shown.xy_px, shown.image.tolist(), strict=True)]
    np.testing.assert_allclose(found[:, 0, :2], [(each.x_px, each.y_px) for each in regions], rtol=1e-6)
    assert (judged.ms, judged.rendered, judged.file_bytes) == (7.5, False, None)
    assert judged.judgement.by_joint["center_hip"].mae_px > 1, "the square does not give the hips away"
    assert json.loads(json.dumps(evaluate.as_json(judged)))["judgement"]["overall"]["pictures"] == judged.pictures
    assert "23 direct joints" in evaluate.told(judged)


def test_an_engine_that_has_to_find_the_person_gets_no_square(people, site):
    judged, found, _ = evaluate.evaluate("blazepose-full", people[1], find=True)
    assert np.isnan(found[..., :2]).all()
    assert (judged.judgement.overall.found, judged.judgement.overall.pck_height) == (0, 0)
    assert judged.judgement.overall.mae_px is None
    assert judged.judgement.oks_ap["ap"] == 0
    assert "-" in evaluate.told(judged)


def test_a_picture_of_another_size_than_its_label(people, site):
    """The engine is shown the same part of the picture, and its answer comes back in the label's pixels."""
    samples, _ = people
    two = samples.take([0, 1])
    doubled = replace(two, xy_px=two.xy_px * 2, size_px=two.size_px * 2)
    plain, large = read_by_site(two, "any"), read_by_site(doubled, "any")
    np.testing.assert_allclose(large.found[..., :2], 2 * plain.found[..., :2], rtol=1e-6)


def test_a_picture_in_a_zip_is_unpacked_for_the_site(people, site, tmp_path):
    samples, data = people
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(data.parent / "0.png", "a/0.png")
    zipped = replace(samples.take([0]), root=str(tmp_path), image=np.array(["all.zip::a/0.png"]))
    np.testing.assert_array_equal(read_by_site(zipped, "any").found, read_by_site(samples.take([0]), "any").found)


def test_what_the_site_refuses_is_told(people, site, monkeypatch):
    with pytest.raises(TrainingError, match="No pose engine is called") as error:
        evaluate.evaluate("broken", people[1])
    assert error.value.code == "site_failed"
    with pytest.raises(TrainingError) as error:
        evaluate.evaluate("nowhere.onnx", people[1])
    assert error.value.code == "no_model"
    monkeypatch.setenv("KDANCE_PYTHON", "/nowhere/python")
    with pytest.raises(TrainingError) as error:
        evaluate.evaluate("blazepose-full", people[1])
    assert error.value.code == "no_site"


def test_at_most_so_many_pictures_spread_over_the_split(people, site):
    everything = evaluate.evaluate("any", people[1], split="train")[2]
    judged, _, some = evaluate.evaluate("any", people[1], split="train", most=3)
    assert judged.pictures == 3
    assert {some.image[0], some.image[-1]} == {everything.image[0], everything.image[-1]}


def write_run(folder, build=None):
    """An untrained network as a run; returns the network."""
    import keras

    from ml_training.checkpoint import WEIGHTS, save_weights
    from ml_training.config import Config
    from ml_training.models.base import build_network
    from ml_training.runs import write_config

    keras.utils.set_random_seed(1)
    network = (build or build_network)("simcc", TINY)
    write_config(folder, Config("simcc", TINY))
    save_weights(network.model, folder / WEIGHTS)
    return network


def of_whole_pictures(*_):
    """As `cnn_extend`, in a thousandth of its size."""
    import keras
    from keras import ops

    from ml_training.data.records import InputSpec
    from ml_training.models.base import Network

    picture = keras.Input((180, 320, 3))
    flat = keras.layers.Flatten()(keras.layers.AveragePooling2D(60)(picture))
    model = keras.Model(picture, keras.layers.Reshape((29, 2))(keras.layers.Dense(58)(flat)))

    def decode(xy):
        return ops.concatenate([xy, ops.ones_like(xy[..., :1])], axis=-1)

    return Network("whole", InputSpec("letterbox", 320, 180), model, lambda target, outputs: 0.0, decode)


def test_a_run_is_read_by_its_best_weights(people, tmp_path):
    """Of an untrained network: the figures are those of what `predict` says, in the picture's pixels."""
    from ml_training.correction import Correction
    from ml_training.metrics import judge
    from ml_training.predict import predict
    from ml_training.runs import write_correction

    network = write_run(tmp_path)
    correction = Correction(np.full((29, 2), 5.0), np.ones((29, 2)), np.ones((29, 2), bool))
    write_correction(tmp_path, correction)
    judged, found, shown = evaluate.evaluate(str(tmp_path), people[1])
    records = open_records(people[1], "person")
    rows = records.rows("test")
    np.testing.assert_allclose(found, predict(network, records, rows, correction=correction), atol=1e-3)
    assert judged.judgement.overall == judge(found, shown).overall
    assert judged.parameters == network.model.count_params()
    assert judged.sees == "the person's square, 32x32"
    plain, unmoved, _ = evaluate.evaluate(str(tmp_path), people[1], corrected=False)
    side_px = followed_region(shown.xy_px[0], str(shown.image[0])).side_px
    moved = np.linalg.norm(found[0, :, :2] - unmoved[0, :, :2], axis=1)
    np.testing.assert_allclose(moved, np.hypot(5, 5) * side_px / 32, rtol=1e-3)
    assert plain.judgement.overall.mae_px != judged.judgement.overall.mae_px
    assert judged.seen is None
    assert "not known" in evaluate.told(judged)


def test_a_run_is_not_judged_on_whom_it_was_trained_on(people, tmp_path):
    _, data = people
    write_run(tmp_path)
    records = open_records(data, "person")
    TrainedOn.of(records).write(tmp_path)
    assert evaluate.evaluate(str(tmp_path), data)[0].seen == ()
    seen, _, shown = evaluate.evaluate(str(tmp_path), data, split="train")
    known = {f"dancer {name}" for name in shown.dancer} | {f"song {name}" for name in shown.song}
    assert set(seen.seen) == known

    # The same dancers in other pictures, where the test split holds one who was trained on.
    other = replace(records, folder=records.folder.with_name("other"), split=np.roll(records.split, 1))
    TrainedOn.of(other).write(tmp_path)
    with pytest.raises(TrainingError, match="dancer ") as refused:
        evaluate.evaluate(str(tmp_path), data)
    assert refused.value.code == "seen_in_training"
    allowed, _, _ = evaluate.evaluate(str(tmp_path), data, may_be_seen=True)
    assert allowed.seen
    assert f"SEEN IN TRAINING: {len(allowed.seen)}" in evaluate.told(allowed)
    assert evaluate.as_json(allowed)["seen"]


def test_whether_pictures_are_rendered_is_known_without_them(people, site, tmp_path):
    write_records(replace(people[0], rendered=True), tmp_path, "person")
    assert open_records(tmp_path, "person").rendered
    judged, _, _ = evaluate.evaluate("blazepose-full", tmp_path)
    assert judged.rendered
    assert "RENDERED" in evaluate.told(judged)


def test_the_factor_of_the_first_version_stretches_whole_pictures(people, tmp_path, monkeypatch):
    from ml_training import runs

    samples, data = people
    write_records(samples, data, "letterbox")
    write_run(tmp_path / "square")
    write_run(tmp_path / "whole", of_whole_pictures)
    monkeypatch.setattr(runs, "build_network", of_whole_pictures)
    plain = evaluate.evaluate(str(tmp_path / "whole"), data, corrected=False)[1]
    stretched = evaluate.evaluate(str(tmp_path / "whole"), data, factor=6.5)[1]
    # The picture is 640 x 480 and lies in the middle of 320 x 180.
    corner = np.array([-(320 * 480 / 180 - 640) / 2, 0])
    np.testing.assert_allclose(stretched[..., :2] - corner, (plain[..., :2] - corner) * 6.5 / 6, rtol=1e-3)
    for factor in (0.0, float("nan")):
        with pytest.raises(TrainingError) as refused:
            evaluate.evaluate(str(tmp_path / "whole"), data, factor=factor)
        assert refused.value.code == "no_factor"
    monkeypatch.undo()
    with pytest.raises(TrainingError) as refused:
        evaluate.evaluate(str(tmp_path / "square"), data, factor=6.5)
    assert refused.value.code == "no_factor"
    with pytest.raises(TrainingError, match="cnn_extend"):
        evaluate.evaluate("blazepose-full", data, factor=6.5)


def test_the_worst_come_first_and_the_unmeasurable_not_at_all():
    xy = standing(4)
    xy[3] = np.nan
    found = found_of(standing(4))
    found[0, :, :2] += 3
    found[1, :, :2] += 30
    found[2, :, :2] = np.nan
    assert worst_page.worst_rows(found, samples_of(xy)) == [2, 1, 0]
    assert worst_page.worst_rows(found, samples_of(xy), count=1) == [2]


def test_the_page_shows_both_skeletons_and_escapes_what_it_says(people, tmp_path):
    samples = replace(people[0], song=np.array(["<b>loud</b>"] * COUNT))
    found = found_of(samples.xy_px)
    found[..., 0] += OFF_PX
    found[3, :, :2] = np.nan
    worst_page.write_page(tmp_path / "worst.html", "a & b", "first line\n1 < 2", found, samples)
    page = (tmp_path / "worst.html").read_text()
    assert page.count("<figure>") == COUNT
    assert "nobody was found" in page
    assert "a &amp; b" in page
    assert "1 &lt; 2" in page
    assert "<b>loud" not in page
    hidden = np.zeros(29, bool)
    drawn = worst_page.drawn(np.zeros((480, 640, 3), np.uint8), samples.xy_px[0].astype(float), hidden, found[0, :, :2])
    for colour in (worst_page.TRUE_COLOUR, worst_page.FOUND_COLOUR):
        assert (drawn == colour).all(axis=2).sum() > 100


def test_the_repository_is_found():
    assert (site_reading.REPOSITORY / "manage.py").is_file()
