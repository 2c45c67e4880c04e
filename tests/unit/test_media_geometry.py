from fractions import Fraction

import numpy as np
import pytest

from inference.media.frames import _Clock
from inference.media.geometry import Geometry
from inference.media.opening import MAX_PIXELS
from inference.media.probe import MediaInfo
from inference.media.transcode import is_browser_playable, playable_size


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_map_to_coded_pixels_agrees_with_the_turned_array(rotation_deg, mirrored):
    coded = np.arange(6 * 4, dtype=np.uint8).reshape(4, 6)
    size = (4, 6) if rotation_deg in (90, 270) else (6, 4)
    geometry = Geometry((6, 4), size, rotation_deg, mirrored)
    upright = geometry.turn(coded)
    assert upright.shape == (size[1], size[0])
    assert upright.flags.c_contiguous
    for y in range(size[1]):
        for x in range(size[0]):
            x_coded, y_coded = geometry.upright_to_coded() @ (x + 0.5, y + 0.5, 1)
            assert coded[int(y_coded), int(x_coded)] == upright[y, x]


def test_the_map_undoes_the_pixel_aspect():
    geometry = Geometry((96, 64), (64, 128), 90)
    assert geometry.square_px == (128, 64)
    assert geometry.upright_to_coded() @ (64, 128, 1) == pytest.approx((96, 0))


def test_clockwise_quarter_turn_brings_the_left_column_to_the_top():
    coded = np.array([[1, 2], [3, 4]], np.uint8)
    assert Geometry((2, 2), (2, 2), 90).turn(coded).tolist() == [[3, 1], [4, 2]]


@pytest.mark.parametrize(
    ("stamps", "times"),
    [
        ([10, 20, 30], [0, 0.1, 0.2]),
        ([None, 20, None], [0, 0.2, 0.3]),
        ([0, 10, 10, 20], [0, 0.1, 0.101, 0.2]),
        ([0, 20, 10, 30], [0, 0.2, 0.201, 0.3]),
        ([0, 500, 0, 10, 20], [0, 5, 5.1, 5.2, 5.3]),
    ],
)
def test_times_increase_whatever_the_stamps(stamps, times):
    clock = _Clock(stamps[0], Fraction(1, 100), 0.1)
    assert [clock.time_of(stamp) for stamp in stamps] == pytest.approx(times)


def info(**changes) -> MediaInfo:
    values = {
        "width_px": 640,
        "height_px": 360,
        "duration_s": 2.0,
        "fps": 30.0,
        "frames_expected": 60,
        "rotation_deg": 0,
        "codec": "h264",
        "container": "mp4",
        "pixel_format": "yuv420p",
        "has_audio": True,
        "audio_codec": "aac",
    }
    return MediaInfo(**(values | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"has_audio": False, "audio_codec": None},
        {"start_s": 0.01},
        {"codec": "vp9", "audio_codec": "opus"},
        {"codec": "vp8", "container": "webm", "audio_codec": "vorbis"},
        {"codec": "vp9", "container": "webm", "audio_codec": "opus"},
    ],
)
def test_browsers_play(changes):
    assert is_browser_playable(info(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"codec": "av1"},
        {"codec": "hevc"},
        {"start_s": 0.4},
        {"is_interlaced": True},
        {"is_mirrored": True},
        {"is_regular": False},
        {"codec": "prores"},
        {"pixel_format": "yuv420p10le"},
        {"pixel_format": "yuv444p"},
        {"container": "mov"},
        {"container": "matroska"},
        {"audio_codec": "pcm_s16le"},
        {"codec": "h264", "container": "webm"},
        {"codec": "vp8", "container": "mp4"},
        {"codec": "vp9", "container": "webm", "audio_codec": "aac"},
    ],
)
def test_browsers_do_not_play(changes):
    assert not is_browser_playable(info(**changes))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((640, 360), (640, 360)),
        ((3840, 2160), (1280, 720)),
        ((1080, 1920), (720, 1280)),
        ((1279, 719), (1280, 720)),
        ((33, 47), (32, 48)),
        ((4000, 1), (1280, 2)),
    ],
)
def test_size_of_the_copy(size, expected):
    assert playable_size(size) == expected


def test_4k_of_cinema_fits():
    assert MAX_PIXELS >= 4096 * 2160
