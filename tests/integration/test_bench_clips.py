"""The clips of the pose benches on real weights."""

from itertools import islice

from inference.estimators.blazepose_graph import BlazePoseReader
from inference.estimators.pictures import RgbPicture
from inference.weights import DEFAULT_SOURCE, default_model_dir, prepare
from tests.bench.drawn import drawn_dance
from tests.bench.following import follow

SIZE_PX = (360, 640)


def test_the_drawn_dancer_is_followed_like_a_real_one():
    prepare(DEFAULT_SOURCE, default_model_dir())
    pictures = islice(drawn_dance(SIZE_PX, 200), 0, 200, 8)
    readings = follow(BlazePoseReader(default_model_dir(), "lite"), map(RgbPicture, pictures), SIZE_PX)
    assert len(readings) == 25
    assert sum(reading is not None for reading in readings) >= 24
