"""The pose engine on real weights: parity with the published graphs, real people, nobody, and broken files."""

import io
import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from django.core.management import CommandError, call_command

from inference.estimators import fake
from inference.estimators.base import Cancelled, PoseEstimator
from inference.estimators.blazepose import BlazePose
from inference.estimators.blazepose_graph import BlazePoseReader
from inference.estimators.parts import Part, Span, read_part, read_parts
from inference.estimators.pictures import RgbPicture
from inference.estimators.registry import UnknownEstimator, estimator_names, get_estimator, register
from inference.media.errors import EmptyFile, NotAVideo
from inference.media.frames import read_frames
from inference.pose.codec import load_npz
from inference.pose.mapping import DIRECT
from inference.pose.reading import Region
from inference.pose.skeleton import SKELETON
from inference.pose.tracking import PeopleTracker
from inference.pose.tracklets import apart
from inference.tflite_cutting import keep_outputs
from inference.weights import (
    DEFAULT_SOURCE,
    MODELS,
    WeightsError,
    default_model_dir,
    load_weights,
    prepare,
)
from tests.media import make_clip, regular_times


@pytest.fixture(scope="module")
def model_dir() -> Path:
    """Where `make setup` prepared the models; prepared now if it did not run."""
    folder = default_model_dir()
    prepare(DEFAULT_SOURCE, folder)
    return folder


@pytest.fixture(scope="module")
def engine(model_dir) -> BlazePose:
    return BlazePose("full", model_dir)


@pytest.fixture(scope="module")
def reader(model_dir) -> BlazePoseReader:
    return BlazePoseReader(model_dir, "full")


def whole(picture: RgbPicture) -> Region:
    width, height = picture.size_px
    return Region(width / 2, height / 2, max(width, height), 0.0)


class TestWeights:
    def test_prepares_once_and_always_the_same(self, tmp_path):
        assert prepare(DEFAULT_SOURCE, tmp_path / "one")
        assert not prepare(DEFAULT_SOURCE, tmp_path / "one")
        assert prepare(DEFAULT_SOURCE, tmp_path / "two")
        names = sorted(path.name for path in (tmp_path / "one").iterdir())
        assert names == ["detector.tflite", "full.tflite", "heavy.tflite", "lite.tflite", "manifest.json"]
        for name in names:
            assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()

    def test_mends_a_damaged_model(self, tmp_path):
        prepare(DEFAULT_SOURCE, tmp_path)
        (tmp_path / "lite.tflite").write_bytes(b"half")
        with pytest.raises(WeightsError, match=r"damaged.*make setup"):
            load_weights(tmp_path, "lite")
        assert prepare(DEFAULT_SOURCE, tmp_path)
        assert len(load_weights(tmp_path, "lite")) > 1_000_000

    def test_says_what_is_missing(self, tmp_path):
        with pytest.raises(WeightsError, match="make setup"):
            load_weights(tmp_path, "full")
        with pytest.raises(WeightsError, match="npm ci"):
            prepare(tmp_path / "nowhere", tmp_path / "out")
        with pytest.raises(WeightsError):
            BlazePose("full", tmp_path)

    def test_refuses_other_weights(self, tmp_path):
        for model in MODELS.values():
            (tmp_path / model.source).write_bytes(b"TFL3")
        with pytest.raises(WeightsError, match="not the file"):
            prepare(tmp_path, tmp_path / "out")
        assert not (tmp_path / "out" / "manifest.json").exists()

    @pytest.mark.parametrize("name", ["detector", "lite", "full", "heavy"])
    def test_cutting_the_graph_changes_no_output(self, model_dir, name):
        model = MODELS[name]
        published = run((DEFAULT_SOURCE / model.source).read_bytes())
        cut = run(load_weights(model_dir, name))
        assert set(cut) == set(model.outputs)
        for output in model.outputs:
            np.testing.assert_array_equal(cut[output], published[output])

    def test_what_is_cut_off_is_gone(self, model_dir):
        assert len(load_weights(model_dir, "full")) < len((DEFAULT_SOURCE / MODELS["full"].source).read_bytes())
        with pytest.raises(KeyError):
            keep_outputs(load_weights(model_dir, "full"), ["Identity_2"])


def run(graph: bytes) -> dict[str, np.ndarray]:
    interpreter = Interpreter(model_content=graph, num_threads=1)
    interpreter.allocate_tensors()
    (taken,) = interpreter.get_input_details()
    interpreter.set_tensor(taken["index"], np.random.default_rng(0).random(taken["shape"], dtype=np.float32))
    interpreter.invoke()
    return {given["name"]: interpreter.get_tensor(given["index"]) for given in interpreter.get_output_details()}


class TestRegistry:
    def test_makes_engines_by_name(self, model_dir):
        assert estimator_names()[:3] == ("blazepose-lite", "blazepose-full", "blazepose-heavy")
        for variant in ("lite", "full", "heavy"):
            engine: PoseEstimator = get_estimator(f"blazepose-{variant}", model_dir=model_dir)
            assert engine.name == f"blazepose-{variant}"

    def test_knows_no_others(self):
        with pytest.raises(UnknownEstimator, match="openpose"):
            get_estimator("openpose")

    def test_the_fake_is_there_only_when_registered(self, monkeypatch):
        monkeypatch.setattr("inference.estimators.registry._FACTORIES", {})
        with pytest.raises(UnknownEstimator):
            get_estimator(fake.NAME)
        register(fake.NAME, fake.DOTTED_PATH)
        done = []
        track = (
            get_estimator(fake.NAME).estimate(Path("any.mp4"), on_progress=lambda news: done.append(news.done)).track
        )
        assert track.found.all()
        assert done == list(range(1, 91))


class TestOnePicture:
    @pytest.fixture
    def person(self, shared_data) -> RgbPicture:
        return RgbPicture(cv2.imread(str(shared_data / "images" / "one_person.jpg"))[:, :, ::-1])

    def test_finds_one_person(self, reader, person):
        (found,) = reader.detect(person, whole(person))
        reading = reader.read(person, found.region)
        assert found.score > 0.8
        assert reading.score > 0.95

    def test_finds_three_people(self, reader, shared_data):
        picture = RgbPicture(cv2.imread(str(shared_data / "images" / "three_people.jpg"))[:, :, ::-1])
        assert len(reader.detect(picture, whole(picture))) == 3

    def test_mirror_swaps_left_and_right(self, reader, person):
        mirrored = RgbPicture(person._rgb[:, ::-1])
        width, _ = person.size_px
        plain, other = (follow_still(reader, picture) for picture in (person, mirrored))
        flipped = other.xyz_px[:, :2] * (-1, 1) + (width, 0)
        swapped = flipped[[DIRECT_MIRROR.get(landmark, landmark) for landmark in range(33)]]
        apart = np.linalg.norm(swapped - plain.xyz_px[:, :2], axis=1)[list(DIRECT.values())]
        assert np.median(apart) < 0.03 * plain.next_region.side_px

    @pytest.mark.parametrize("shift_px", [(40, 25), (-30, 10)])
    def test_shifts_with_the_picture(self, reader, person, shift_px):
        height, width = person._rgb.shape[:2]
        moved = cv2.warpAffine(
            person._rgb,
            np.float64([[1, 0, shift_px[0]], [0, 1, shift_px[1]]]),
            (width, height),
            borderMode=cv2.BORDER_REPLICATE,
        )
        plain, other = follow_still(reader, person), follow_still(reader, RgbPicture(moved))
        apart = np.linalg.norm(other.xyz_px[:, :2] - plain.xyz_px[:, :2] - shift_px, axis=1)
        assert np.median(apart) < 0.02 * plain.next_region.side_px


DIRECT_MIRROR = {
    landmark: DIRECT[SKELETON.joints[SKELETON.mirrored_order[SKELETON.index(joint)]]]
    for joint, landmark in DIRECT.items()
}


def follow_still(reader: BlazePoseReader, picture: RgbPicture, frames: int = 5):
    """The reading once the region has settled."""
    tracker = PeopleTracker(reader, picture.size_px)
    sightings = [tracker.follow(picture, frame / 30) for frame in range(frames)]
    return sightings[-1][0].reading


class TestClips:
    def test_squats_lie_where_another_implementation_puts_them(self, engine, shared_data):
        """The golden landmarks are MediaPipe's, smoothed in real time, so they lag; the person is about 750 px tall."""
        golden = np.array(json.loads((shared_data / "video" / "squats.blazepose33.json").read_text()))[:, :, :2]
        track = engine.estimate(shared_data / "video" / "squats.mp4").track
        assert track.found.all()
        ours = np.stack([track.joint(joint) for joint in DIRECT], axis=1)
        apart = np.linalg.norm(ours - golden[:, list(DIRECT.values())], axis=2)
        assert apart.mean() < 8
        assert np.quantile(apart, 0.95) < 20

    def test_dancer_is_in_view_throughout(self, engine, shared_data):
        news = []
        track = engine.estimate(shared_data / "video" / "same_dance_0.mp4", on_progress=news.append).track
        assert track.found.all()
        assert (len(track.t_s), track.size_px, track.model) == (83, (576, 1024), "blazepose-full")
        assert np.diff(track.t_s) == pytest.approx(np.full(82, 1 / 30), abs=1e-3)
        assert [step.done for step in news] == sorted(step.done for step in news)
        assert {step.expected for step in news} == {83}

    def test_legs_out_of_view_are_not_trusted(self, engine, shared_data):
        track = engine.estimate(shared_data / "video" / "half_body.mp4").track
        conf = dict(zip(SKELETON.joints, track.conf.mean(axis=0), strict=True))
        assert conf["left_ankle"] < 0.2
        assert conf["right_bigtoe"] < 0.2
        assert conf["left_littletoe"] < 0.1
        assert conf["nose"] > 0.9

    def test_finds_who_stands_half_behind_somebody(self, engine, shared_data):
        """In the whole picture the detector sees only the one in front."""
        people = engine.estimate(shared_data / "video" / "two_people_cam01.mp4").people
        assert len(people) == 2
        for person in people:
            hips = person.track.joint("center_hip")
            assert person.track.found.all()
            assert np.linalg.norm(np.diff(hips, axis=0), axis=1).max() < 0.05 * max(person.track.size_px)

    def test_cut_in_two_it_is_nearly_the_same_and_always_the_same(self, engine, shared_data):
        """Tracking is chaotic: another way into the middle of a clip moves keypoints by a pixel or two on average."""
        clip = shared_data / "video" / "jesse_dance.mp4"
        whole_track, halves, again = (engine.estimate(clip, workers=workers).track for workers in (1, 2, 2))
        np.testing.assert_array_equal(halves.t_s, whole_track.t_s)
        np.testing.assert_array_equal(halves.xy_px, again.xy_px)
        apart = np.linalg.norm(halves.xy_px - whole_track.xy_px, axis=2)
        assert apart[:100].max() < 0.5
        assert apart.mean() < 3

    def test_a_part_that_misses_somebody_is_read_again(self, model_dir, shared_data):
        """The reader finds nobody on the left by itself; but the first part is told where the man there stands."""

        class Onesided(BlazePoseReader):
            def detect(self, picture, within):
                people = super().detect(picture, within)
                is_search = within.side_px in (1920, 0.6 * 1920)  # the whole picture, or a part of it
                return [person for person in people if not is_search or person.region.x_px > 600]

        man = Region(440, 770, 1250, 0.0)
        reader = Onesided(model_dir, "lite")
        clip = shared_data / "video" / "two_people_cam01.mp4"
        spans = [Span(0.0, 0.0, 1.2), Span(0.7, 1.2, None)]
        told, not_told = (
            Part(clip, model_dir, "lite", span, is_alone=False, starts=starts)
            for span, starts in zip(spans, ((man,), ()), strict=True)
        )
        runs = []

        def one_by_one(parts, on_count):
            runs.append([part.starts for part in parts])
            return [read_part(part, on_count, reader) for part in parts]

        tracklets = read_parts([told, not_told], ignore, one_by_one).tracklets
        whole = [tracklet for tracklet in tracklets if len(tracklet.t_s) == 50]
        assert [len(starts) for starts in runs[0]] == [1, 0]
        assert len(runs) == 2, "the second part must miss him, or this test tests nothing"
        assert len(whole) == 2
        assert apart(whole[0], whole[1]) > 0.2

    def test_cancelling_passes_through(self, engine, shared_data):
        def cancel(_):
            raise Cancelled

        for workers in (1, 2):
            with pytest.raises(Cancelled):
                engine.estimate(shared_data / "video" / "jesse_dance.mp4", on_progress=cancel, workers=workers)

    def test_a_dancer_who_goes_and_comes_back(self, reader, shared_data):
        frames = [frame.rgb() for frame in read_frames(shared_data / "video" / "same_dance_0.mp4", end_s=1.5)]
        tracker = PeopleTracker(reader, (576, 1024))
        away = range(15, 25)
        pictures = (np.full_like(rgb, 120) if index in away else rgb for index, rgb in enumerate(frames))
        found = [tracker.follow(RgbPicture(rgb), index / 30) != [] for index, rgb in enumerate(pictures)]
        assert found == [index not in away for index in range(len(frames))]


def ignore(_: int) -> None:
    """No progress wanted."""


class TestNobody:
    def test_a_moving_pattern_is_no_dancer(self, engine, tmp_path):
        track = engine.estimate(make_clip(tmp_path / "pattern.mp4", regular_times(2, 30), size=(320, 240))).track
        assert len(track.t_s) == 60
        assert not track.found.any()

    def test_things_that_look_like_a_person_for_a_moment(self, reader):
        """Blobs of noise that the detector or the landmarks may take for a body now and then."""
        rng = np.random.default_rng(7)
        for _ in range(3):
            noise = cv2.resize(
                rng.integers(0, 255, (9, 16, 3), dtype=np.uint8), (640, 360), interpolation=cv2.INTER_CUBIC
            )
            tracker = PeopleTracker(reader, (640, 360))
            assert not any(tracker.follow(RgbPicture(noise), frame / 30) for frame in range(3))


class TestBadFiles:
    def test_refuses_what_is_no_video(self, engine, tmp_path):
        (tmp_path / "empty.mp4").touch()
        (tmp_path / "text.mp4").write_text("hello " * 100)
        with pytest.raises(EmptyFile):
            engine.estimate(tmp_path / "empty.mp4")
        with pytest.raises(NotAVideo):
            engine.estimate(tmp_path / "text.mp4", workers=2)

    def test_a_clip_cut_short_gives_what_is_left(self, engine, tmp_path):
        """A Matroska file can be read up to the cut."""
        content = make_clip(tmp_path / "whole.mkv", regular_times(4, 30), options={"g": "15"}).read_bytes()
        (tmp_path / "cut.mkv").write_bytes(content[: len(content) * 2 // 3])
        assert 40 < len(engine.estimate(tmp_path / "cut.mkv", workers=2).track.t_s) < 110


class TestExtractPose:
    def call(self, *arguments: object) -> tuple[dict, str]:
        out, err = io.StringIO(), io.StringIO()
        call_command("extract_pose", *map(str, arguments), stdout=out, stderr=err)
        return json.loads(out.getvalue().splitlines()[-1]), err.getvalue()

    def test_writes_the_track_and_one_line(self, model_dir, shared_data, tmp_path):
        clip, out = shared_data / "video" / "same_dance_1.mp4", tmp_path / "track.npz"
        summary, progress = self.call(clip, "--out", out, "--model", "lite")
        track = load_npz(out)
        assert track.model == summary["model"] == "blazepose-lite"
        assert len(track.t_s) == summary["frames"] == 83
        assert int(track.found.sum()) == summary["found"]
        assert set(summary) == {"model", "frames", "seconds", "fps", "workers", "found", "people"}
        assert summary["people"] == [{"kind": "dancer", "found": 83}]
        assert math.isclose(summary["fps"], summary["frames"] / summary["seconds"], rel_tol=0.01)
        assert "of 83 frames" in progress

    def test_another_person_can_be_asked_for(self, model_dir, shared_data, tmp_path):
        clip, outs = shared_data / "video" / "two_people_cam01.mp4", [tmp_path / "0.npz", tmp_path / "1.npz"]
        for person, out in enumerate(outs):
            self.call(clip, "--out", out, "--model", "lite", "--person", person)
        first, second = (np.median(load_npz(out).joint("center_hip"), axis=0) for out in outs)
        assert np.linalg.norm(first - second) > 200
        with pytest.raises(CommandError, match="no_such_person: 2 people"):
            self.call(clip, "--out", tmp_path / "2.npz", "--model", "lite", "--person", 2)

    def test_bad_files_give_one_line_with_a_code(self, model_dir, tmp_path):
        (tmp_path / "text.mp4").write_text("hello " * 100)
        for name, code in (("text.mp4", "not_a_video"), ("missing.mp4", "cannot_open")):
            with pytest.raises(CommandError) as caught:
                self.call(tmp_path / name, "--out", tmp_path / "track.npz")
            assert str(caught.value).startswith(f"{code}: ")
            assert caught.value.returncode == 1
            assert "\n" not in str(caught.value)
        assert not (tmp_path / "track.npz").exists()

    def test_missing_models_and_missing_folders(self, model_dir, settings, tmp_path):
        with pytest.raises(CommandError, match="cannot_open"):
            self.call(tmp_path / "clip.mp4", "--out", tmp_path / "nowhere" / "track.npz")
        settings.MODEL_DIR = tmp_path
        with pytest.raises(CommandError, match=r"weights_missing: .*make setup"):
            self.call(tmp_path / "clip.mp4", "--out", tmp_path / "track.npz")
