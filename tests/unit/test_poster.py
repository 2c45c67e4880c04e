import itertools
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from choreography.demo.motion import perform
from choreography.demo.routines import ROUTINES
from choreography.poster import COUNTS, HEIGHT, TRAIL_POINTS, WIDTH, blurred, poster_from_track
from choreography.poster_svg import COLOURS, poster_svg
from inference.pose.skeleton import SKELETON
from inference.pose.track import JOINT_COUNT, PoseTrack

ROUTINE = ROUTINES[0]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def track():
    return perform(ROUTINE)


@pytest.fixture(scope="module")
def poster(track):
    return poster_from_track(track, bpm=ROUTINE.bpm, first_beat_s=ROUTINE.first_beat_s)


def parsed(svg):
    return ET.fromstring(svg)  # noqa: S314 - our own


def all_points(poster):
    figures = [point for figure in poster["figures"] for point in figure]
    trails = [point for trail in poster["trails"].values() for point in trail]
    return [point for point in figures + trails if point is not None]


def standing_still(seconds=20.0, waving_from_s=None):
    """A figure of 29 joints that stands, and from some time on for four seconds circles its left arm."""
    t_s = np.arange(round(seconds * 30)) / 30
    base = perform(ROUTINE).xy_px[0]
    xy_px = np.repeat(base[None], len(t_s), axis=0)
    if waving_from_s is not None:
        on = (t_s >= waving_from_s) & (t_s < waving_from_s + 4)
        arm = [SKELETON.index(f"left_{joint}") for joint in ("elbow", "wrist", "palm_thumb", "palm_pinky")]
        circle = 60 * np.stack([np.cos(6 * t_s[on]), np.sin(6 * t_s[on])], axis=1)
        xy_px[np.ix_(on, arm)] += circle[:, None, :].astype(np.float32)
    conf = np.full((len(t_s), JOINT_COUNT), 0.9, dtype=np.float32)
    return PoseTrack(t_s=t_s, xy_px=xy_px, conf=conf, size_px=(720, 1280), model="test")


def test_eight_figures_and_four_trails_of_whole_numbers_inside_the_paper(poster):
    assert len(poster["figures"]) == COUNTS
    assert {len(figure) for figure in poster["figures"]} == {JOINT_COUNT}
    assert set(poster["trails"]) == {"left_hand", "right_hand", "left_foot", "right_foot"}
    assert {len(trail) for trail in poster["trails"].values()} == {TRAIL_POINTS}
    assert all(isinstance(value, int) for point in all_points(poster) for value in point)
    x, y = np.array(all_points(poster)).T
    assert x.min() >= 0
    assert x.max() <= WIDTH
    assert y.min() >= 0
    assert y.max() <= HEIGHT


def test_the_drawing_uses_the_room_it_has(poster):
    x, y = np.array(all_points(poster)).T
    assert np.ptp(x) > 0.85 * WIDTH or np.ptp(y) > 0.75 * HEIGHT


def test_it_lasts_an_eight_count(poster):
    assert poster["duration_s"] == pytest.approx(8 * 60 / ROUTINE.bpm, abs=1e-3)


def test_figures_keep_their_proportions_and_come_nearer(track, poster):
    def shin_to_thigh(points):
        hip, knee, ankle = (np.array(points[SKELETON.index(f"left_{j}")], float) for j in ("hip", "knee", "ankle"))
        return np.linalg.norm(knee - ankle) / np.linalg.norm(hip - knee)

    wide = np.linalg.norm(track.joint("left_ear") - track.joint("neck"), axis=1)
    assert wide.min() > 0
    ratios = [shin_to_thigh(figure) for figure in poster["figures"]]
    in_track = [shin_to_thigh(xy) for xy in track.xy_px]
    assert min(in_track) - 0.05 <= min(ratios) <= max(ratios) <= max(in_track) + 0.05
    necks = [figure[SKELETON.index("center_hip")] for figure in poster["figures"]]
    assert necks[0][0] < necks[-1][0]
    assert necks[0][1] < necks[-1][1]


def test_where_the_dancer_stands_in_the_picture_and_how_large_does_not_matter(track, poster):
    elsewhere = replace(track, xy_px=(track.xy_px * 1.5 + [200, -80]).astype(np.float32), size_px=(1400, 1900))
    other = poster_from_track(elsewhere, bpm=ROUTINE.bpm, first_beat_s=ROUTINE.first_beat_s)
    np.testing.assert_allclose(all_points(other), all_points(poster), atol=1)


def test_the_frame_rate_does_not_matter(track, poster):
    half = PoseTrack(track.t_s[::2], track.xy_px[::2], track.conf[::2], track.size_px, track.model)
    other = poster_from_track(half, bpm=ROUTINE.bpm, first_beat_s=ROUTINE.first_beat_s)
    assert np.median(np.abs(np.subtract(all_points(other), all_points(poster)))) < 3


def test_the_loudest_eight_is_drawn():
    moving = standing_still(waving_from_s=8.0)
    poster = poster_from_track(moving, bpm=120.0, first_beat_s=0.0)
    hand = np.array(poster["trails"]["left_hand"])
    still = poster_from_track(standing_still(), bpm=120.0, first_beat_s=0.0)
    assert (
        np.abs(np.diff(hand, n=2, axis=0)).sum()
        > 10 * np.abs(np.diff(np.array(still["trails"]["left_hand"]), n=2, axis=0)).sum()
    )


def test_without_a_tempo_the_liveliest_four_seconds_are_drawn():
    lively = poster_from_track(standing_still(waving_from_s=9.1), bpm=None)
    counted = poster_from_track(standing_still(waving_from_s=9.0), bpm=120.0, first_beat_s=1.0)
    assert lively["duration_s"] == 4.0
    reach = [np.ptp(np.array(p["trails"]["left_hand"]), axis=0).sum() for p in (lively, counted)]
    assert reach[0] == pytest.approx(reach[1], rel=0.1)


def test_a_clip_shorter_than_an_eight_is_drawn_whole(track):
    short = PoseTrack(track.t_s[90:150], track.xy_px[90:150], track.conf[90:150], track.size_px, track.model)
    poster = poster_from_track(short, bpm=ROUTINE.bpm, first_beat_s=0.0)
    assert poster["duration_s"] == pytest.approx(59 / 30, abs=1e-3)


def two_shots(cut_s):
    """A figure that stands still, filmed from one side of the picture and from `cut_s` on from the other."""
    still = standing_still()
    second = still.t_s >= cut_s
    xy_px = still.xy_px + np.where(second, 250, 0)[:, None, None].astype(np.float32) * [1, 0]
    return replace(still, xy_px=xy_px.astype(np.float32), begins_shot=np.diff(second, prepend=False))


def longest_stroke(poster):
    """Largest distance between neighbouring points of the trails."""
    return max(
        np.hypot(*np.subtract(one, other))
        for trail in poster["trails"].values()
        for one, other in itertools.pairwise(trail)
        if one is not None and other is not None
    )


@pytest.mark.parametrize("bpm", [None, 120.0])
def test_a_cut_is_no_movement(bpm):
    cut, still = two_shots(10.0), standing_still()
    assert poster_from_track(cut, bpm=bpm) == poster_from_track(still, bpm=bpm)
    uncut = replace(cut, begins_shot=np.zeros_like(cut.begins_shot))
    assert poster_from_track(uncut, bpm=bpm) != poster_from_track(still, bpm=bpm)


@pytest.mark.parametrize("late_s", [0.0, 0.01])
def test_no_trail_is_drawn_across_a_cut(late_s):
    """Wherever the cut falls between the frames; the clip is too short for a stretch without it."""
    cut = two_shots(3.0)
    short = PoseTrack(
        cut.t_s[:180] + late_s * (cut.t_s[:180] > 0),
        cut.xy_px[:180],
        cut.conf[:180],
        cut.size_px,
        cut.model,
        begins_shot=cut.begins_shot[:180],
    )
    uncut = replace(short, begins_shot=np.zeros(180, dtype=bool))
    strokes = [longest_stroke(poster_from_track(track, bpm=80.0)) for track in (short, uncut)]
    assert strokes[0] < 0.25 * strokes[1]


@pytest.mark.parametrize("frames", [0, 1, 10])
def test_no_poster_of_almost_nothing(track, frames):
    stub = PoseTrack(track.t_s[:frames], track.xy_px[:frames], track.conf[:frames], track.size_px, track.model)
    assert poster_from_track(stub, bpm=None) is None


def test_no_poster_where_the_dancer_is_hardly_found(track):
    hidden = np.arange(len(track.t_s)) % 60 < 50
    conf = np.where(hidden[:, None], 0, track.conf).astype(np.float32)
    xy_px = np.where(hidden[:, None, None], np.nan, track.xy_px).astype(np.float32)
    assert poster_from_track(replace(track, xy_px=xy_px, conf=conf), bpm=ROUTINE.bpm) is None


def test_a_joint_that_is_never_seen_is_left_out(track):
    conf = track.conf.copy()
    gone = [SKELETON.index(f"left_{joint}") for joint in ("wrist", "palm_thumb", "palm_pinky")]
    conf[:, gone] = 0
    poster = poster_from_track(replace(track, conf=conf), bpm=ROUTINE.bpm, first_beat_s=ROUTINE.first_beat_s)
    assert poster["trails"]["left_hand"] == [None] * TRAIL_POINTS
    assert None not in poster["trails"]["right_hand"]
    assert all(figure[index] is None for figure in poster["figures"] for index in gone)
    parsed(poster_svg(poster, "guide"))


@pytest.mark.parametrize("routine", ROUTINES, ids=[routine.slug for routine in ROUTINES])
@pytest.mark.parametrize("tone", ["guide", "me"])
def test_the_picture_is_small_stands_alone_and_has_its_colour(routine, tone):
    poster = poster_from_track(perform(routine), bpm=routine.bpm, first_beat_s=routine.first_beat_s)
    svg = poster_svg(poster, tone, routine.credit.title_ko)
    assert len(svg.encode()) < 25_000
    root = parsed(svg)
    assert root.get("viewBox") == f"0 0 {WIDTH} {HEIGHT}"
    assert not [element for element in root.iter() if element.tag in (f"{SVG}script", f"{SVG}image", f"{SVG}style")]
    links = [value for element in root.iter() for name, value in element.items() if name.endswith("href")]
    assert all(link.startswith("#") for link in links)
    assert COLOURS[tone] in svg
    assert COLOURS["me" if tone == "guide" else "guide"] not in svg
    assert len(root.findall(f".//{SVG}g[@id='line']/{SVG}path")) == 4


def test_a_title_is_text_and_nothing_else(poster):
    svg = poster_svg(poster, "guide", '</text><script>alert("1")</script> & 안녕')
    root = parsed(svg)
    assert root.find(f".//{SVG}script") is None
    assert root.find(f"{SVG}text").text == '</text><script>alert("1")</script> & 안녕'


def test_without_a_title_none_is_drawn(poster):
    root = parsed(poster_svg(poster, "me"))
    assert root.find(f"{SVG}text") is None
    assert root.find(f"{SVG}title") is None


@pytest.mark.parametrize("sigma", [0.7, 1.5, 2.0])
@pytest.mark.parametrize("shape", [(4,), (10, 2), (200, 2)])
def test_the_blur_is_a_gaussian_that_holds_the_ends(shape, sigma):
    values = np.random.default_rng(3).normal(size=shape)
    assert blurred(values, sigma) == pytest.approx(gaussian_filter1d(values, sigma, axis=0, mode="nearest"), abs=1e-12)
