"""The ONNX engine on the processor: equal to LiteRT graph by graph and reading by reading, and in batches as by itself."""

import json

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from inference import onnx_weights, weights
from inference.estimators.base import Cancelled
from inference.estimators.batching import Rendezvous, in_threads
from inference.estimators.blazepose_decoding import DETECTOR_SIDE, LANDMARK_SIDE, anchor_centres
from inference.estimators.blazepose_graph import DETECTOR_OUTPUTS, LANDMARK_OUTPUTS, BlazePoseReader
from inference.estimators.onnx_blazepose import PARTS_ON_A_CARD, OnnxEngine, blazepose
from inference.estimators.onnx_graph import OnnxGraph
from inference.estimators.onnx_pose import OnnxPoseReader
from inference.estimators.pictures import PlanarPicture
from inference.estimators.registry import estimator_names, get_estimator
from inference.media.errors import NotAVideo
from inference.media.frames import read_frames
from inference.pose.reading import Region
from inference.weights import MODELS, WeightsError, load_weights
from tests.media import make_clip, regular_times

VARIANTS = ("lite", "full", "heavy")
CLIPS = ("jesse_dance.mp4", "same_dance_0.mp4", "same_dance_1.mp4")
EVERY_NTH = 7


@pytest.fixture(scope="module")
def model_dir():
    """Where `make setup` prepared the models; prepared and converted now if that was not done."""
    folder = weights.default_model_dir()
    weights.prepare(weights.DEFAULT_SOURCE, folder)
    onnx_weights.prepare(folder)
    return folder


@pytest.fixture(scope="module")
def pictures(shared_data):
    frames = [
        frame
        for clip in CLIPS
        for number, frame in enumerate(read_frames(shared_data / "video" / clip))
        if number % EVERY_NTH == 0
    ]
    assert len(frames) >= 50
    return [PlanarPicture(frame) for frame in frames]


def outputs_of(name):
    return DETECTOR_OUTPUTS if name == "detector" else LANDMARK_OUTPUTS


def onnx_graph(model_dir, name):
    return OnnxGraph(onnx_weights.load_onnx(model_dir, name), outputs_of(name))


def whole(picture):
    width, height = picture.size_px
    return Region(width / 2, height / 2, max(width, height), 0.0)


class TestWeights:
    def test_converts_once_and_always_the_same(self, model_dir, tmp_path):
        assert not onnx_weights.prepare(model_dir)
        for name in MODELS:
            (tmp_path / f"{name}.tflite").write_bytes((model_dir / f"{name}.tflite").read_bytes())
        (tmp_path / "manifest.json").write_bytes((model_dir / "manifest.json").read_bytes())
        assert onnx_weights.prepare(tmp_path)
        manifest = (tmp_path / onnx_weights.MANIFEST).read_bytes()
        assert manifest == (model_dir / onnx_weights.MANIFEST).read_bytes()
        (tmp_path / "lite.onnx").write_bytes(b"half")
        with pytest.raises(WeightsError, match=r"damaged.*onnx_weights"):
            onnx_weights.load_onnx(tmp_path, "lite")
        assert onnx_weights.prepare(tmp_path)
        assert onnx_weights.load_onnx(tmp_path, "lite") == onnx_weights.load_onnx(model_dir, "lite")

    def test_says_what_is_missing(self, tmp_path, capsys):
        assert onnx_weights.main(["--models", str(tmp_path)]) == 1
        assert "make setup" in capsys.readouterr().err
        weights.prepare(weights.DEFAULT_SOURCE, tmp_path)
        with pytest.raises(WeightsError, match=r"full\.onnx is missing.*onnx_weights"):
            onnx_weights.load_onnx(tmp_path, "full")

    def test_is_tied_to_what_it_was_made_from(self, model_dir, tmp_path):
        for name in ("manifest.json", onnx_weights.MANIFEST, "lite.tflite", "lite.onnx"):
            (tmp_path / name).write_bytes((model_dir / name).read_bytes())
        manifest = json.loads((tmp_path / onnx_weights.MANIFEST).read_bytes())
        manifest["models"]["lite"]["source_sha256"] = "0" * 64
        (tmp_path / onnx_weights.MANIFEST).write_text(json.dumps(manifest))
        with pytest.raises(WeightsError, match=r"another lite\.tflite"):
            onnx_weights.load_onnx(tmp_path, "lite")


@pytest.mark.parametrize("name", ["detector", *VARIANTS])
def test_graphs_give_what_litert_gives(model_dir, name):
    """Within 1e-4 of an output's range on average, for each picture of a batch.

    On noise the landmark models are undecided: single numbers of LiteRT's own two sets of kernels lie up to 6e-4 apart.
    """
    interpreter = Interpreter(model_content=load_weights(model_dir, name), num_threads=1)
    interpreter.allocate_tensors()
    (taken,) = interpreter.get_input_details()
    batch = np.random.default_rng(0).random((3, *taken["shape"][1:]), dtype=np.float32)
    together = onnx_graph(model_dir, name).ask_together(batch)
    for place, values in enumerate(batch):
        interpreter.set_tensor(taken["index"], values[None])
        interpreter.invoke()
        expected = {
            given["name"]: interpreter.get_tensor(given["index"])[0] for given in interpreter.get_output_details()
        }
        for output, found in zip(outputs_of(name), together, strict=True):
            apart = np.abs(found[place] - expected[output]) / max(1.0, float(np.abs(expected[output]).max()))
            assert apart.mean() <= 1e-4
            assert apart.max() <= 1e-3


@pytest.mark.parametrize("variant", VARIANTS)
def test_reads_real_dancers_as_litert_does(model_dir, pictures, variant):
    """The same region given, landmarks lie within 0.05 px on average; the detector finds the same regions."""
    litert = BlazePoseReader(model_dir, variant)
    detector, landmarks = onnx_graph(model_dir, "detector"), onnx_graph(model_dir, variant)
    onnx = OnnxPoseReader(detector.ask, landmarks.ask)
    apart = []
    for picture in pictures:
        theirs = litert.detect(picture, whole(picture))
        ours = onnx.detect(picture, whole(picture)) if variant == "lite" else theirs
        assert len(ours) == len(theirs)
        for our, their in zip(ours, theirs, strict=True):
            assert our.score == pytest.approx(their.score, abs=1e-4)
            assert our.region.x_px == pytest.approx(their.region.x_px, abs=0.05)
            assert our.region.side_px == pytest.approx(their.region.side_px, abs=0.05)
        for person in theirs:
            first, second = (reader.read(picture, person.region) for reader in (litert, onnx))
            assert second.score == pytest.approx(first.score, abs=1e-3)
            np.testing.assert_allclose(second.xyz_m, first.xyz_m, atol=1e-3)
            apart.append(np.linalg.norm(second.xyz_px[:, :2] - first.xyz_px[:, :2], axis=1))
    assert len(apart) >= 50
    assert np.mean(apart) <= 0.05


class OneByOne:
    """A graph that answers a batch one by one: what batching must not differ from."""

    is_on_gpu = False

    def __init__(self, graph):
        self._graph = graph
        self.batches = []

    def ask_together(self, values):
        self.batches.append(len(values))
        answers = [self._graph.ask(value) for value in values]
        return [np.stack(outputs) for outputs in zip(*answers, strict=True)]


def test_a_real_clip_reads_the_same_in_batches(model_dir, shared_data):
    clip = shared_data / "video" / "avatar.mp4"
    graphs = onnx_graph(model_dir, "detector"), onnx_graph(model_dir, "lite")
    alone = [OneByOne(graph) for graph in graphs]
    batched = blazepose("lite", model_dir, batch=PARTS_ON_A_CARD).estimate(clip).track
    expected = (
        OnnxEngine("same", *alone, OnnxPoseReader, model_dir=model_dir, batch=PARTS_ON_A_CARD).estimate(clip).track
    )
    assert max(alone[1].batches) == 2
    np.testing.assert_array_equal(batched.found, expected.found)
    assert batched.found.all()
    apart = np.linalg.norm(batched.xy_px - expected.xy_px, axis=2)
    assert float(apart.mean()) <= 0.05


def test_real_pictures_read_the_same_thirty_two_at_once(model_dir, pictures):
    landmarks = onnx_graph(model_dir, "lite")
    batches = []

    def ask_together(values):
        batches.append(len(values))
        return landmarks.ask_together(values)

    def task(reader, picture):
        def read(on_count):
            with rendezvous.seat():
                return reader.read(picture, whole(picture))

        return read

    alone = OnnxPoseReader(pytest.fail, landmarks.ask)
    with Rendezvous({"landmarks": ask_together}, 32, patience_s=60) as rendezvous:
        reader = OnnxPoseReader(pytest.fail, rendezvous.asking("landmarks"))
        readings = in_threads([task(reader, picture) for picture in pictures[:32]], lambda count: None)
    assert batches == [32]
    for picture, reading in zip(pictures, readings, strict=False):
        expected = alone.read(picture, whole(picture))
        apart = np.linalg.norm(reading.xyz_px - expected.xyz_px, axis=1)
        assert float(apart.mean()) <= 0.05


class Figure:
    """The two graphs of a person who fills every picture; the nose lies the further right the brighter the crop."""

    def __init__(self):
        self.batches = {"detector": [], "landmarks": []}

    def detector(self, values):
        self.batches["detector"].append(len(values))
        centres = anchor_centres()
        anchor = len(centres) // 2
        raw = np.zeros((len(values), len(centres), 12), dtype=np.float32)
        logits = np.full((len(values), len(centres), 1), -9, dtype=np.float32)
        logits[:, anchor] = 4
        middle = (0.5 - centres[anchor]) * DETECTOR_SIDE
        raw[:, anchor, :6] = [*middle, 100, 100, *middle]
        raw[:, anchor, 6:8] = middle - (0, 0.4 * DETECTOR_SIDE)
        return [raw, logits]

    def landmarks(self, values):
        self.batches["landmarks"].append(len(values))
        places = np.full((len(values), 39, 5), 6, dtype=np.float32)
        places[:, :, 0], places[:, :, 1] = 128, np.linspace(60, 200, 39)
        places[:, 11:13, 1], places[:, 23:25, 1], places[:, 33, 1] = 90, 128, 128
        places[:, 34, 1] = 128 - 0.4 * LANDMARK_SIDE
        places[:, 0, 0] = 64 + 128 * values.mean(axis=(1, 2, 3))
        cold = np.full((len(values), 64, 64, 39), -20, dtype=np.float32)
        sure = np.full((len(values), 1), 0.99, dtype=np.float32)
        return [places.reshape(len(values), -1), sure, cold, np.zeros((len(values), 117), dtype=np.float32)]

    def engine(self, model_dir, **options):
        return OnnxEngine(
            "figure", Asked(self.detector), Asked(self.landmarks), OnnxPoseReader, model_dir=model_dir, **options
        )


class Asked:
    """An `OnnxGraph` that is a function."""

    is_on_gpu = False

    def __init__(self, answer):
        self.ask_together = answer

    def ask(self, values):
        return [output[0] for output in self.ask_together(values[None])]


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory):
    """48 s, enough for 32 parts."""
    return make_clip(tmp_path_factory.mktemp("clips") / "long.mp4", regular_times(48.5, 30), size=(64, 96))


def test_thirty_two_parts_go_through_in_lock_step(long_clip, tmp_path):
    figure, alone = Figure(), Figure()
    batched = figure.engine(tmp_path, batch=PARTS_ON_A_CARD).estimate(long_clip).track
    assert PARTS_ON_A_CARD == 32
    assert max(figure.batches["landmarks"]) == 32
    # Some ask for landmarks while others have the detector look again, and the parts do not end together.
    assert np.median(figure.batches["landmarks"]) >= 20
    expected = alone.engine(tmp_path).estimate(long_clip, workers=2).track
    assert set(alone.batches["landmarks"]) == {1}
    assert batched.found.all()
    np.testing.assert_array_equal(batched.t_s, expected.t_s)
    np.testing.assert_allclose(batched.xy_px, expected.xy_px, atol=0.05)


def test_cancelling_ends_the_threads(long_clip, tmp_path):
    def on_progress(progress):
        if progress.done > 50:
            raise Cancelled

    with pytest.raises(Cancelled):
        Figure().engine(tmp_path, batch=8).estimate(long_clip, on_progress=on_progress)


def test_a_model_that_fails_fails_the_clip(long_clip, tmp_path):
    figure = Figure()

    def fail(values):
        raise RuntimeError("out of memory on the card")

    figure.landmarks = fail
    with pytest.raises(RuntimeError, match="on the card"):
        figure.engine(tmp_path, batch=8).estimate(long_clip)


def test_is_an_engine_by_name(model_dir, tmp_path):
    assert {f"blazepose-{variant}-onnx" for variant in VARIANTS} <= set(estimator_names())
    engine = get_estimator("blazepose-lite-onnx", model_dir=model_dir)
    assert engine.name == "blazepose-lite-onnx"
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(NotAVideo):
        engine.estimate(tmp_path / "text.mp4")
    with pytest.raises(WeightsError):
        get_estimator("blazepose-lite-onnx", model_dir=tmp_path)
