"""Who is the dancer: not the poster, not the mirror, not who walks through at the back."""

import numpy as np

from inference.pose.casting import cast
from inference.pose.looks import Looks
from inference.pose.people import PersonKind
from inference.pose.pipeline import to_estimate
from tests.tracklets import tracklet

SIZE = (1280, 1000)


def people(*tracklets, seconds=6.0):
    t_s = np.arange(round(seconds * 30)) / 30
    frames, none = len(t_s), np.empty(0)
    looks = Looks(t_s, np.zeros(frames), np.zeros(frames, bool), none.astype(int), none, none, none.reshape(0, 2))
    return to_estimate(tracklets, looks, [], SIZE, "m").people


def hips(person):
    return round(float(np.nanmedian(person.track.joint("center_hip")[:, 0])))


def test_nobody():
    assert people() == ()
    assert cast([]) == ()


def test_the_large_one_in_the_middle_is_the_dancer():
    at_side, middle, far = tracklet(0, 6, x_px=150), tracklet(0, 6, x_px=640), tracklet(0, 6, x_px=900, side_px=250)
    assert [hips(person) for person in people(at_side, middle, far)] == [640, 150, 900]


def test_who_dances_is_preferred_to_who_stands_in_front():
    standing = tracklet(0, 6, x_px=500, side_px=700, swing=0.006)
    dancing = tracklet(0, 6, x_px=900, side_px=500, swing=0.3)
    assert hips(people(standing, dancing)[0]) == 900


def test_a_poster_is_still_and_last():
    poster = tracklet(0, 6, x_px=640, side_px=900, swing=0.0)
    dancer = tracklet(0, 6, x_px=250, side_px=400)
    first, second = people(poster, dancer)
    assert (hips(first), first.kind) == (250, PersonKind.DANCER)
    assert (hips(second), second.kind) == (640, PersonKind.STILL)


def test_who_walks_through_without_moving_the_arms_is_no_poster():
    (walker,) = people(tracklet(0, 6, x_px=np.linspace(100, 1100, 180), swing=0.0))
    assert walker.kind == PersonKind.DANCER


def test_alone_even_a_still_person_is_listed():
    (person,) = people(tracklet(0, 6, swing=0.0))
    assert person.kind == PersonKind.STILL


def test_a_mirror_image_is_a_reflection():
    dancer = tracklet(0, 6, x_px=500)
    mirrored = tracklet(0, 6, x_px=1000, side_px=350, mirrored=True)
    kinds = {hips(person): person.kind for person in people(mirrored, dancer)}
    assert kinds == {500: PersonKind.DANCER, 1000: PersonKind.REFLECTION}


def test_two_dancers_in_step_are_two_dancers():
    kinds = [person.kind for person in people(tracklet(0, 6, x_px=400), tracklet(0, 6, x_px=900, side_px=350))]
    assert kinds == [PersonKind.DANCER] * 2


def test_who_is_seen_for_a_moment_is_not_listed():
    assert [hips(person) for person in people(tracklet(0, 6, x_px=500), tracklet(2, 2.8, x_px=1000))] == [500]


def test_unless_there_is_nobody_else():
    assert [hips(person) for person in people(tracklet(2, 2.8, x_px=1000))] == [1000]


def test_the_portrait_shows_the_person_at_their_best():
    dancer = tracklet(0, 6, x_px=500)
    dancer.conf[:60] = 0.4
    (person,) = people(dancer)
    assert person.portrait_s >= 1.9
    frame = int(np.searchsorted(person.track.t_s, person.portrait_s - 1e-6))
    xy = person.track.xy_px[frame]
    half = person.portrait.side_px / 2
    assert np.all(np.abs(xy - (person.portrait.x_px, person.portrait.y_px)) <= half)


def test_the_portrait_shows_nobody_else_if_that_can_be():
    """Somebody passes in front of the dancer in the first four seconds."""
    passing = tracklet(0, 6, x_px=np.concatenate([np.full(120, 560.0), np.full(60, 1150.0)]), side_px=580)
    dancer, _ = people(tracklet(0, 6, x_px=500), passing)
    assert dancer.portrait_s >= 4
