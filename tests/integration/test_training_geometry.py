"""What a network was trained to see and to say is what the site shows it and understands, to half a pixel.

Training cuts its pictures by itself (`ml_training.data.cutting`), the site by `inference.estimators`: a dot that marks a
joint must lie in the same place of both inputs, and what is said of it must come back to where it was drawn.
"""

import json

import numpy as np
import pytest

from inference.estimators.onnx_declared import read_declaration
from inference.estimators.onnx_decoding import region_around
from inference.estimators.onnx_model import DeclaredReader
from inference.estimators.pictures import RgbPicture
from inference.pose.mapping import DIRECT
from inference.pose.skeleton import SKELETON
from ml_training.data.augment import plain
from ml_training.data.cutting import cut, record_map
from ml_training.data.framing import letterbox_region, person_region
from ml_training.data.records import InputSpec
from tests.training.figures import dot_picture, leaning_xy

SPECS = [InputSpec("person", 192, 192), InputSpec("letterbox", 320, 180)]
SIZES = [(960, 540), (540, 960)]


@pytest.fixture(params=SPECS, ids=lambda spec: f"{spec.kind}-{spec.width}x{spec.height}")
def spec(request):
    return request.param


@pytest.mark.parametrize("size_px", SIZES, ids=["landscape", "portrait"])
@pytest.mark.parametrize("joint", ["left_wrist", "right_palm_pinky", "left_bigtoe", "nose"])
def test_both_see_the_joint_in_one_place_and_bring_it_back(spec, size_px, joint):
    xy = leaning_xy(*size_px, 25)
    picture = dot_picture(xy[SKELETON.index(joint)], *size_px, 8.0)
    seen: list[np.ndarray] = []
    reader = DeclaredReader(unasked, finder(seen), declaration=declared(spec))
    reading = reader.read(RgbPicture(picture), person_region(xy))
    trained_on, target = as_trained(picture, xy, spec)
    np.testing.assert_allclose(middle_of(seen[0]), middle_of(trained_on), atol=0.1)
    np.testing.assert_allclose(middle_of(seen[0]), target[SKELETON.index(joint), :2], atol=0.3)
    np.testing.assert_allclose(reading.xyz_px[DIRECT[joint], :2], xy[SKELETON.index(joint)], atol=0.5)


def test_both_see_the_same_pixels(spec):
    picture = np.random.default_rng(4).integers(0, 256, (18, 32, 3), dtype=np.uint8).repeat(30, 0).repeat(30, 1)
    xy = leaning_xy(960, 540, -40)
    seen: list[np.ndarray] = []
    DeclaredReader(unasked, finder(seen), declaration=declared(spec)).read(RgbPicture(picture), person_region(xy))
    trained_on, _ = as_trained(picture, xy, spec)
    off = np.abs(seen[0] - trained_on)
    assert off.mean() < (3 if spec.kind == "person" else 1)  # a person's record is sampled twice, a whole picture once


def test_a_person_is_framed_in_training_as_the_site_follows_them():
    xy = leaning_xy(960, 540, 25)
    landmarks, sure = np.zeros((33, 2)), np.zeros(33)
    for joint, landmark in DIRECT.items():
        landmarks[landmark], sure[landmark] = xy[SKELETON.index(joint)], 0.9
    followed, framed = region_around(landmarks, sure), person_region(xy)
    assert (framed.x_px, framed.y_px) == pytest.approx((followed.x_px, followed.y_px))
    assert framed.angle_rad == pytest.approx(followed.angle_rad)
    assert framed.side_px == pytest.approx(followed.side_px, rel=0.03)  # the little toes are in training's reach alone


@pytest.mark.parametrize("size_px", [*SIZES, (1920, 1080), (640, 640)])
def test_a_whole_picture_lies_in_the_same_box(size_px):
    asked: list[object] = []

    class Asked(RgbPicture):
        def crop(self, region, side, *, beyond):
            asked.append(region)
            return super().crop(region, side, beyond=beyond)

    reader = DeclaredReader(unasked, finder([]), declaration=declared(InputSpec("letterbox", 320, 180)))
    reader.read(Asked(np.full((size_px[1], size_px[0], 3), 9, np.uint8)), person_region(leaning_xy(*size_px, 0)))
    assert asked == [letterbox_region(size_px, (320, 180))]


def as_trained(picture, xy, spec):
    to_picture = record_map(spec.kind, xy, picture.shape[1::-1])
    inverse = np.linalg.inv(to_picture[:, :2])
    in_record = (xy - to_picture[:, 2]) @ inverse.T
    return plain(cut(picture, to_picture, spec.kind), in_record, np.ones(len(xy)), spec)


def declared(spec):
    size = spec.width if spec.width == spec.height else [spec.width, spec.height]
    asked = {"size_px": size, "crop": spec.kind, "colour": "rgb", "layout": "nhwc"}
    said = {"kind": "coordinates", "names": ["keypoints"], "columns": ["x", "y", "conf"]}
    return read_declaration(
        {
            "kdance.input": json.dumps({**asked, "scale": 1, "mean": [0, 0, 0], "std": [1, 1, 1]}),
            "kdance.output": json.dumps(said),
            "kdance.joints": json.dumps(SKELETON.joints),
            "kdance.licence": "CC0-1.0",
        }
    )


def finder(seen):
    """A model that says of every joint that it lies in the middle of what is bright, and keeps what it was shown."""

    def ask(image):
        seen.append(image)
        x, y = middle_of(image)
        height, width = image.shape[:2]
        return [np.tile(np.float32([x / width, y / height, 0.9]), (len(SKELETON.joints), 1))]

    return ask


def unasked(image):
    raise AssertionError("nobody is to be looked for")


def middle_of(image):
    light = image[..., 1].astype(np.float64)
    x, y = np.arange(light.shape[1]), np.arange(light.shape[0])
    return np.array([(light.sum(axis=0) * x).sum(), (light.sum(axis=1) * y).sum()]) / light.sum()
