"""Rendered dancers as data: the same whatever happens, readable as AI Hub's, and true."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.pose.codec import load_npz
from inference.pose.skeleton import SKELETON
from ml_training.data.__main__ import parse
from ml_training.data.aihub import NOT_LABELLED, VISIBLE, read_label
from ml_training.data.layout import find_labels
from ml_training.data.rendered import Plan, clips_of
from ml_training.errors import TrainingError
from ml_training.rendering.body import BodyDataMissing, Shape, body_data, make_body
from ml_training.rendering.camera import Camera
from ml_training.rendering.casting import make_scene
from ml_training.rendering.dances import make_freestyle
from ml_training.rendering.furniture import ball, box, thing
from ml_training.rendering.lens import Lens
from ml_training.rendering.looks import Clothes
from ml_training.rendering.motion import LIMBS
from ml_training.rendering.raster import rasterise
from ml_training.rendering.scene import Bystander, Scene, Stage
from ml_training.rendering.sound import RATE_HZ, make_music
from tests.bench.accuracy_dancers import films_in
from tests.training.processes import gone

REPOSITORY = Path(__file__).resolve().parents[2]
SMALL = Camera((160, 120), distance_m=4.0, focal_share=1.6)


@pytest.fixture(scope="module")
def bodies():
    try:
        return body_data()
    except BodyDataMissing as missing:
        pytest.skip(str(missing))


def command(out, *more):
    words = ["render", "--out", str(out), "--people", "2", "--pictures", "10", "--size", "160x96", *more]
    return [sys.executable, "-m", "ml_training.data", *words]


def render(out, *more):
    subprocess.run(command(out, *more), cwd=REPOSITORY, check=True, capture_output=True)
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def rendered(bodies, tmp_path_factory):
    out = tmp_path_factory.mktemp("rendered")
    return out, render(out, "--jobs", "2")


def test_a_drawing_process_that_is_killed_is_told(bodies, tmp_path):
    """For want of memory the kernel kills one; the others' pictures stay."""
    with subprocess.Popen(
        command(tmp_path, "--jobs", "2"), cwd=REPOSITORY, start_new_session=True, stderr=subprocess.PIPE, text=True
    ) as process:
        while not (drawing := drawing_processes(process.pid)):
            assert process.poll() is None
            time.sleep(0.02)
        os.kill(drawing[0], signal.SIGKILL)
        told = process.communicate()[1]
    assert process.returncode == 2
    assert "worker_died" in told
    assert "Traceback" not in told


def drawing_processes(parent):
    """Children that multiprocessing spawned to work: of each, its command says so."""
    found = []
    for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        with contextlib.suppress(FileNotFoundError):
            if b"--multiprocessing-fork" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(int(child))
    return found


def test_killed_and_done_by_other_jobs_the_pictures_are_the_same(rendered, tmp_path):
    _, whole = rendered
    with subprocess.Popen(
        command(tmp_path, "--jobs", "1"), cwd=REPOSITORY, start_new_session=True, stderr=subprocess.DEVNULL
    ) as process:
        while len(list(tmp_path.rglob("*.jpg"))) < 2:
            assert process.poll() is None
            time.sleep(0.03)
        process.kill()
    assert gone(process.pid)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.jpg")}
    assert all(cv2.imread(str(path)) is not None for path in kept)
    again = render(tmp_path, "--jobs", "1")
    assert {name: data for name, data in again.items() if not name.endswith(".draft")} == whole
    assert sum(path.stat().st_mtime_ns == stamp for path, stamp in kept.items()) >= len(kept) - 2


def test_the_labels_are_found_as_ai_hubs_are(rendered):
    root, _ = rendered
    found = find_labels(root)
    assert (len(found.labels), found.pictures_without_label, found.found_twice) == (10, 0, 0)
    for file in found.labels:
        assert cv2.imread(str(root / file.image)).shape == (96, 160, 3)
        label = read_label(root / file.label)
        inside = ((label.xy_px > -0.51) & (label.xy_px < [159.51, 95.51])).all(axis=1)
        np.testing.assert_array_equal(inside, label.visibility != NOT_LABELLED)
    songs = {(file.name.song, file.name.dancer) for file in found.labels}
    assert len({song for song, _ in songs}) == len(songs)
    assert len({dancer for _, dancer in songs}) == 2


def test_the_card_counts_what_is_there(rendered):
    root, files = rendered
    card = files["DATA_CARD.md"].decode()
    seen = [read_label(path).visibility for path in root.rglob("*D0*.json")]
    assert f"seen | {np.mean(np.array(seen) == VISIBLE):.1%}" in card
    assert "10 pictures of 160 x 96" in card
    assert "What it is not" in card


def test_another_plan_does_not_mix_with_the_one_before(rendered):
    root, files = rendered
    arguments = parse(["render", "--out", str(root), "--people", "2", "--pictures", "10", "--size", "160x96"])
    arguments.seed = 5
    with pytest.raises(TrainingError, match="another plan") as error:
        arguments.run(arguments)
    assert error.value.code == "other_pictures"
    assert all((root / name).read_bytes() == data for name, data in files.items())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"views": "FX"}, "unknown_view"),
        ({"people": 0}, "bad_number"),
        ({"videos": True, "size": (161, 96)}, "odd_size"),
        ({"bvh": Path("/nonexistent")}, "no_captures"),
    ],
)
def test_what_cannot_be_drawn_is_told(tmp_path, change, code):
    arguments = parse(["render", "--out", str(tmp_path / "out")])
    for name, value in change.items():
        setattr(arguments, name, value)
    with pytest.raises(TrainingError) as error:
        arguments.run(arguments)
    assert error.value.code == code
    assert not (tmp_path / "out").exists()


def test_a_capture_that_is_none_is_told_before_anything_is_drawn(tmp_path):
    (tmp_path / "broken.bvh").write_text("HIERARCHY ROOT")
    arguments = parse(["render", "--out", str(tmp_path / "out"), "--bvh", str(tmp_path)])
    with pytest.raises(TrainingError, match=r"broken\.bvh") as error:
        arguments.run(arguments)
    assert error.value.code == "bad_capture"


def test_pictures_are_drawn_without_what_films_alone_need():
    blocked = "import sys; sys.modules.update(av=None, tensorflow=None, faster_coco_eval=None); "
    subprocess.run([sys.executable, "-c", blocked + "import ml_training.data.render"], cwd=REPOSITORY, check=True)


def test_every_picture_of_a_plan_is_in_one_clip_and_views_are_shared_out():
    clips = clips_of(Plan(7, 100, (64, 64), "FFL", 0))
    assert sum(clip.pictures for clip in clips) == 100
    assert len({clip.name for clip in clips}) == len(clips)
    front = sum(clip.view == "F" for clip in clips) / len(clips)
    assert 0.5 < front < 0.8


def test_joints_that_are_seen_lie_on_the_dancer(bodies):
    """By the picture itself: where a seen joint is, the room is covered."""
    covered = []
    for seed in range(6):
        motion = make_freestyle(seed, 3.0, 110.0).at(np.arange(1.0, 2.5, 0.5))
        scene, motion = make_scene(np.random.default_rng(seed), bodies, Shape(), "FLRBHF"[seed], (320, 240), motion)
        scene = replace(scene, bystanders=(), furniture=None, room=replace(scene.room, noise=0.0))
        stage = Stage(scene, motion)
        empty = np.clip(scene.backdrop.rgb * scene.room.exposure, 0, 1) * 255.0
        for row in range(len(motion.t_s)):
            shot = stage.shot(row, np.random.default_rng(0))
            away = np.abs(cv2.GaussianBlur(shot.rgb, (3, 3), 0) - cv2.GaussianBlur(empty, (5, 5), 0)).max(axis=2)
            column, line = np.round(stage.truth().xy_px[row][~shot.hidden]).astype(int).T
            covered.append(away[line, column] > 8)
    assert np.concatenate(covered).mean() > 0.9


def test_a_camera_held_askew_leans_what_stands_upright():
    camera = Camera((200, 200), height_m=0.9, aim_m=0.9, roll_rad=np.radians(10))
    (foot, head), _ = camera.project(np.array([[0.0, 0.0, 0.0], [0.0, 1.8, 0.0]]))
    lean = head - foot
    assert np.degrees(np.arctan2(lean[0], -lean[1])) == pytest.approx(10)
    np.testing.assert_allclose(camera.axes @ camera.axes.T, np.eye(3), atol=1e-12)


def shot_with(bodies, **more):
    body = make_body(bodies, Shape())
    motion = make_freestyle(3, 2.0, 110.0).at(np.array([1.0]))
    motion = replace(motion, floor_xz=np.zeros((1, 2)))
    return Stage(Scene(body, camera=SMALL, **more), motion).shot(0, np.random.default_rng(0)).hidden


def test_furniture_hides_what_is_behind_it_alone(bodies):
    wall, free = np.array([0.5, 0.4, 0.3]), shot_with(bodies)
    assert free.mean() < 0.6
    assert shot_with(bodies, furniture=box((0, 1, 1.5), (3, 3, 0.1), wall)).all()
    np.testing.assert_array_equal(shot_with(bodies, furniture=box((0, 1, -1.5), (3, 3, 0.1), wall)), free)
    low = shot_with(bodies, furniture=box((0, 0.4, 1.5), (3, 0.8, 0.1), wall))
    assert low[SKELETON.index("left_ankle")]
    assert low[SKELETON.index("nose")] == free[SKELETON.index("nose")]


def test_somebody_in_the_way_hides_and_somebody_behind_does_not(bodies):
    body, free = make_body(bodies, Shape("male", weight=1.0)), shot_with(bodies)
    motion = make_freestyle(3, 2.0, 110.0).at(np.array([1.0]))
    before, behind = (replace(motion, floor_xz=np.array([[0.0, z]])) for z in (1.2, -2.0))
    assert shot_with(bodies, bystanders=(Bystander(body, Clothes(), before),)).sum() > free.sum() + 8
    np.testing.assert_array_equal(shot_with(bodies, bystanders=(Bystander(body, Clothes(), behind),)), free)


@pytest.mark.parametrize("azimuth", [0.3, 1.9, 3.6, 5.2])
def test_furniture_is_closed(azimuth):
    """Seen from any side, what is nearest is a face that looks at the camera: nothing shines through."""
    rng = np.random.default_rng(1)
    camera = Camera((80, 80), azimuth_rad=azimuth)
    for mesh in (box((0, 1, 0), (1, 1, 1), np.ones(3)), ball((0, 1, 0), (0.5, 0.5, 0.5), np.ones(3), rng)):
        xy_px, depth = camera.project(mesh.vertices)
        front = rasterise(xy_px, depth, mesh.faces, camera.size_px)
        back = rasterise(xy_px, depth, mesh.faces[:, ::-1], camera.size_px)
        assert len(front.pixel) > 250
        shared, near, far = np.intersect1d(front.pixel, back.pixel, return_indices=True)
        assert len(shared) > 0.97 * len(front.pixel)
        assert (front.depth[near] <= back.depth[far] + 1e-4).all()
    assert all(np.isfinite(thing(rng).vertices).all() for _ in range(30))


def test_a_freestyle_dance_is_one_of_a_body_and_its_own():
    dance, again, other = (make_freestyle(seed, 20.0, 100.0) for seed in (1, 1, 2))
    for limb in LIMBS:
        np.testing.assert_allclose(np.linalg.norm(dance.limbs[limb], axis=1), 1, atol=1e-9)
        np.testing.assert_array_equal(dance.limbs[limb], again.limbs[limb])
    assert np.abs(dance.limbs["left_forearm"] - other.limbs["left_forearm"]).max() > 0.5
    bend = np.degrees(
        np.arccos(np.clip(np.sum(dance.limbs["left_upper_arm"] * dance.limbs["left_forearm"], axis=1), -1, 1))
    )
    assert bend.max() < 165
    raised = dance.limbs["left_upper_arm"][:, 1]
    assert (raised.min(), raised.max()) == (pytest.approx(-0.95, abs=0.15), pytest.approx(0.9, abs=0.25))
    assert dance.height.min() >= 0


def test_music_keeps_the_beat():
    music = make_music(4, 120.0, 8.0)
    assert (len(music), music.dtype) == (8 * RATE_HZ, np.float32)
    assert 0.5 < np.abs(music).max() <= 1
    np.testing.assert_array_equal(music, make_music(4, 120.0, 8.0))
    loudness = np.square(music).reshape(-1, RATE_HZ // 50).mean(axis=1)
    rise = np.maximum(np.diff(loudness, prepend=0), 0)
    on_the_beat = rise.reshape(-1, 25)[:, 0]  # a fiftieth of a second each: a beat of 0.5 s is 25 of them
    assert on_the_beat.sum() > 0.5 * rise.sum()


def test_a_lens_that_does_nothing_and_ones_that_do():
    rgb = np.random.default_rng(0).integers(0, 256, (60, 80, 3)).astype(np.uint8)
    np.testing.assert_array_equal(Lens().develop(rgb), rgb)
    assert Lens(blur_px=2.0).develop(rgb).std() < 0.5 * rgb.std()
    smeared = Lens(streak_px=9.0, streak_rad=0.0).develop(rgb).astype(float)
    assert np.abs(np.diff(smeared, axis=1)).mean() < 0.5 * np.abs(np.diff(smeared, axis=0)).mean()
    dark = Lens(vignette=0.5).develop(np.full((61, 81, 3), 200, np.uint8))
    assert (dark[30, 40, 0], dark[0, 0, 0]) == (200, 100)


def test_a_film_has_its_truth_and_music(bodies, tmp_path):
    av = pytest.importorskip("av")
    subprocess.run(
        [
            *(sys.executable, "-m", "ml_training.data", "render", "--out", str(tmp_path), "--people", "1"),
            *("--pictures", "0", "--size", "160x96", "--views", "F", "--videos", "--seconds", "1", "--jobs", "1"),
        ],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    )
    (video,) = tmp_path.glob("videos/*.mp4")
    track = load_npz(video.with_suffix(".npz"))
    facts = json.loads(video.with_suffix(".json").read_text())
    assert (len(track.t_s), track.size_px, len(facts["height_px"])) == (30, (160, 96), 30)
    with av.open(str(video)) as file:
        assert sum(1 for _ in file.decode(video=0)) == 30
        assert float(file.streams.audio[0].duration * file.streams.audio[0].time_base) == pytest.approx(1.0, abs=0.06)
    assert set(np.unique(track.conf)) <= {np.float32(0.25), np.float32(1.0)}
    (clip,) = films_in(tmp_path)
    assert (clip.video, clip.height_px.shape, clip.seen.shape) == (video, (30,), (30, 29))
