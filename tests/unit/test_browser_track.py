"""Tracks that browsers send: what a camera can have seen is taken as it is, the rest is refused by its code."""

import json
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.pose import codec
from inference.pose.browser_track import DEFAULT_LIMITS, BrowserTrackError, read_browser_track
from inference.pose.calming import calmed
from inference.pose.skeleton import SKELETON
from inference.pose.track import JOINT_COUNT
from tests.motion import Dance, performed, unfound

LONGEST_S = 70.0
TRACK = replace(performed(Dance(seed=4, duration_s=6.0), noise_px=1.5), model="tasks-vision-full")
IN_SPACE = replace(TRACK, xyz_m=np.random.default_rng(0).normal(0, 0.4, (*TRACK.conf.shape, 3)).astype(np.float32))
BYTES = codec.encode(IN_SPACE)


def read(track, longest_s=LONGEST_S):
    return read_browser_track(codec.encode(track), longest_s=longest_s)


def at_rate(fps, seconds=5.0):
    frames = round(seconds * fps) + 1
    part = slice(0, 1)
    return replace(
        TRACK,
        t_s=np.arange(frames) / fps,
        xy_px=np.repeat(TRACK.xy_px[part], frames, axis=0),
        conf=np.repeat(TRACK.conf[part], frames, axis=0),
        xyz_m=np.repeat(TRACK.xyz_m[part], frames, axis=0),
        interpolated=np.zeros(frames, bool),
        begins_shot=np.zeros(frames, bool),
    )


def moved(track, frames, joint, by_px):
    xy_px = track.xy_px.copy()
    xy_px[frames, SKELETON.index(joint), 0] += by_px
    return replace(track, xy_px=xy_px)


def lifted(track, frames, by_m):
    xyz_m = track.xyz_m.copy()
    xyz_m[frames, 0, 2] = by_m
    return replace(track, xyz_m=xyz_m)


ALL = slice(None)
FRAMES = len(TRACK.t_s)

GOOD = {
    "with metres": IN_SPACE,
    "in the picture alone": TRACK,
    "nobody for a while": unfound(TRACK, (1.0, 3.0)),
    "nobody at all": unfound(TRACK),
    "a slow device": at_rate(4.0),
    "a fast one": at_rate(119.0),
    "a page that was hidden": replace(TRACK, t_s=TRACK.t_s + 20.0 * (TRACK.t_s > 3.0)),
    "a slip of the engine": moved(TRACK, slice(5, 7), "nose", 5000.0),
    "a small camera": replace(TRACK, size_px=(320, 240), xy_px=TRACK.xy_px / 4),
}
BAD = {
    "other model": (replace(TRACK, model="blazepose-full"), "unknown_model"),
    "no name": (replace(TRACK, model=""), "unknown_model"),
    "a picture like a stamp": (replace(TRACK, size_px=(63, 900)), "bad_picture"),
    "a picture like a wall": (replace(TRACK, size_px=(900, 8193)), "bad_picture"),
    "less than a second": (at_rate(30.0, 0.9), "too_short"),
    "one frame": (at_rate(30.0, 0.0), "too_short"),
    "longer than the guide": (at_rate(30.0, LONGEST_S + 0.1), "too_long"),
    "more frames than a camera gives": (at_rate(200.0, 60.0), "too_long"),
    "a slide show": (at_rate(2.5), "bad_rate"),
    "no camera": (at_rate(150.0), "bad_rate"),
    "not from the start": (replace(TRACK, t_s=TRACK.t_s + 1.1), "bad_clock"),
    "from before the start": (replace(TRACK, t_s=TRACK.t_s - 1.1), "bad_clock"),
    "a hand in the next street": (moved(TRACK, ALL, "left_wrist", 2.05 * 1280), "bad_positions"),
    "a giant": (lifted(IN_SPACE, ALL, 5.1), "bad_positions"),
    "a giant now and then": (lifted(IN_SPACE, slice(0, FRAMES // 20), -5.1), "bad_positions"),
}


@pytest.mark.parametrize("case", GOOD)
def test_what_a_camera_can_have_seen_is_taken_as_it_is(case):
    was = GOOD[case]
    track = read(was)
    assert np.allclose(track.t_s, was.t_s, atol=1e-5)
    assert track.model == was.model
    assert np.array_equal(track.found, was.found)


@pytest.mark.parametrize("case", BAD)
def test_what_it_cannot_is_refused(case):
    track, code = BAD[case]
    with pytest.raises(BrowserTrackError) as refused:
        read(track)
    assert refused.value.code == code


def with_header(**changes):
    length = struct.unpack_from("<I", BYTES, 8)[0]
    header = json.loads(BYTES[12 : 12 + length]) | changes
    encoded = json.dumps(header).encode()
    return BYTES[:8] + struct.pack("<I", len(encoded)) + encoded + BYTES[12 + length :]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_a_track"),
        (BYTES[:-1], "not_a_track"),
        (BYTES + b"\x00", "not_a_track"),
        (with_header(frames=10**9), "too_long"),
        (with_header(frames=499_999), "too_long"),
        (with_header(frames="many"), "too_long"),
        (with_header(joints=[*SKELETON.joints[1:], "tail"]), "bad_joints"),
        (with_header(size_px=[0, 0]), "not_a_track"),
        (with_header(model=["tasks-vision-lite"]), "not_a_track"),
    ],
)
def test_files_that_lie_are_refused(data, code):
    with pytest.raises(BrowserTrackError) as refused:
        read_browser_track(data, longest_s=LONGEST_S)
    assert refused.value.code == code


def test_a_bomb_is_refused_before_it_goes_off():
    frames = int(LONGEST_S * DEFAULT_LIMITS.most_fps) + 2
    bomb = zlib.compress(b"\x00" * (frames * (5 + 5 * JOINT_COUNT)))
    header = json.loads(with_header()[12 : 12 + struct.unpack_from("<I", with_header(), 8)[0]])
    encoded = json.dumps(header | {"frames": frames, "body_bytes": len(bomb), "world_bytes": 0}).encode()
    data = BYTES[:8] + struct.pack("<I", len(encoded)) + encoded + bomb
    assert len(data) < 20_000
    with pytest.raises(BrowserTrackError) as refused:
        read_browser_track(data, longest_s=LONGEST_S)
    assert refused.value.code == "too_long"


@settings(max_examples=150, deadline=None)
@given(
    places=st.lists(st.tuples(st.integers(0, len(BYTES) - 1), st.integers(0, 255)), max_size=12),
    cut=st.one_of(st.none(), st.integers(0, len(BYTES))),
)
def test_no_bytes_break_it(places, cut):
    """Whatever is altered on the way, it is a usable track or a refusal, and what is usable can be calmed."""
    data = bytearray(BYTES)
    for place, value in places:
        data[place] = value
    try:
        track = read_browser_track(bytes(data[:cut]), longest_s=LONGEST_S)
    except BrowserTrackError:
        return
    assert np.isfinite(calmed(track).xy_px[calmed(track).found]).all()


# Calming


def test_calming_takes_the_tremble_and_leaves_the_dance():
    truth = performed(Dance(seed=4, duration_s=6.0))
    before, after = TRACK, calmed(TRACK)
    error = [np.linalg.norm(track.xy_px - truth.xy_px, axis=2).mean() for track in (before, after)]
    assert error[1] < 0.8 * error[0]
    assert np.array_equal(after.t_s, before.t_s)


def test_calming_makes_nobody_up_and_bridges_no_gap():
    gone = unfound(TRACK, (1.0, 3.0))
    after = calmed(gone)
    assert np.array_equal(after.found, gone.found)
    assert np.isnan(after.xy_px[~after.found]).all()
    blink = unfound(unfound(TRACK, (1.0, 3.0)), (3.2, 10.0))
    assert not calmed(blink).found[blink.t_s >= 1.0].any()
    jumped = replace(TRACK, t_s=TRACK.t_s + 5.0 * (TRACK.t_s > 3.0))
    alone = calmed(replace(jumped, conf=np.where(jumped.t_s[:, None] < 5.0, jumped.conf, 0).astype(np.float32)))
    assert np.allclose(calmed(jumped).xy_px[jumped.t_s < 5.0], alone.xy_px[jumped.t_s < 5.0])
