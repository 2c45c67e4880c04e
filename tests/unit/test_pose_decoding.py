"""What BlazePose's numbers mean: anchors, boxes, heat maps, regions, crops."""

import math

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from inference.estimators.blazepose_decoding import (
    Boxes,
    anchor_centres,
    decode_detections,
    decode_reading,
    iou,
    merge_boxes,
    refine,
    to_detections,
)
from inference.estimators.pictures import PlanarPicture, RgbPicture, yuv_to_rgb_matrix
from inference.media.geometry import Geometry
from inference.pose.reading import Region


def test_anchors():
    centres = anchor_centres()
    assert centres.shape == (2254, 2)
    assert centres[0] == pytest.approx((0.5 / 28, 0.5 / 28))
    assert centres[2] == pytest.approx((1.5 / 28, 0.5 / 28))
    assert centres[28 * 28 * 2] == pytest.approx((0.5 / 14, 0.5 / 14))
    assert centres[-1] == pytest.approx((6.5 / 7, 6.5 / 7))


def test_decodes_one_box():
    raw, logits = np.zeros((2254, 12), np.float32), np.full((2254, 1), -10, np.float32)
    logits[100] = 3.0
    raw[100] = [22.4, -22.4, 44.8, 89.6, 0, 0, 0, -56, 1, 2, 3, 4]
    boxes = decode_detections(raw, logits, anchor_centres())
    x, y = anchor_centres()[100]
    assert boxes.scores == pytest.approx([1 / (1 + math.exp(-3))])
    assert boxes.corners[0] == pytest.approx((x, y - 0.3, x + 0.2, y + 0.1))
    assert boxes.points[0, :2] == pytest.approx(np.array([(x, y), (x, y - 0.25)]))


def test_half_is_enough_and_the_best_comes_first():
    logits = np.full((2254, 1), -0.01, np.float32)
    logits[[5, 900, 2000], 0] = 0.0, 2.0, 1.0
    scores = decode_detections(np.zeros((2254, 12), np.float32), logits, anchor_centres()).scores
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)
    assert scores[-1] == 0.5


def test_overlapping_boxes_become_their_weighted_mean():
    corners = np.array([[0.0, 0, 1, 1], [0.1, 0, 1.1, 1], [3, 3, 4, 4]])
    points = np.stack([np.full((4, 2), value) for value in (0.0, 1.0, 5.0)])
    merged = merge_boxes(Boxes(corners, points, np.array([0.9, 0.6, 0.7])))
    assert merged.scores.tolist() == [0.9, 0.7]
    assert merged.corners[0] == pytest.approx((0.04, 0, 1.04, 1))
    assert merged.points[:, 0, 0] == pytest.approx([0.4, 5.0])


def test_boxes_without_area_end_the_merging_too():
    flat = Boxes(np.zeros((3, 4)), np.zeros((3, 4, 2)), np.array([0.9, 0.8, 0.7]))
    assert len(merge_boxes(flat).scores) == 3
    assert merge_boxes(Boxes(np.zeros((0, 4)), np.zeros((0, 4, 2)), np.zeros(0))).points.shape == (0, 4, 2)


def test_iou():
    box = np.array([0.0, 0, 2, 2])
    others = np.array([[0.0, 0, 2, 2], [1, 0, 3, 2], [5, 5, 6, 6]])
    assert iou(box, others) == pytest.approx([1, 1 / 3, 0])


def test_detections_lie_in_the_picture():
    points = np.array([[[0.5, 0.5], [0.5, 0.25], [0, 0], [0, 0]]])
    whole = Region(960, 540, 1920, 0.0)
    (found,) = to_detections(Boxes(np.zeros((1, 4)), points, np.array([0.8])), whole)
    assert (found.region.x_px, found.region.y_px) == pytest.approx((960, 540))
    assert found.region.side_px == pytest.approx(2 * 480 * 1.25)
    assert found.region.angle_rad == pytest.approx(0)


class TestRefine:
    def heat(self, column: int, row: int, logit: float = 4.0) -> np.ndarray:
        heat_map = np.full((64, 64, 39), -30, np.float32)
        heat_map[row, column] = logit
        return heat_map

    def test_moves_to_the_heat(self):
        unit = np.full((39, 2), 0.5)
        assert refine(unit, self.heat(34, 30)) == pytest.approx(np.tile((34 / 64, 30 / 64), (39, 1)))

    def test_takes_the_weighted_mean(self):
        heat_map = self.heat(30, 32)
        heat_map[32, 32] = 4.0
        assert refine(np.full((39, 2), 0.5), heat_map)[0] == pytest.approx((31 / 64, 32 / 64))

    def test_stays_where_the_heat_is_weak_or_far(self):
        unit = np.full((39, 2), 0.5)
        np.testing.assert_array_equal(refine(unit, self.heat(33, 33, logit=-0.1)), unit)
        np.testing.assert_array_equal(refine(unit, self.heat(36, 32)), unit)

    def test_outside_the_map_and_at_its_border(self):
        unit = np.full((39, 2), 0.5)
        unit[0], unit[1], unit[2] = (1.2, 0.5), (-0.4, 0.5), (0.99, 0.99)
        refined = refine(unit, self.heat(63, 63))
        np.testing.assert_array_equal(refined[:2], unit[:2])
        assert refined[2] == pytest.approx((63 / 64, 63 / 64))

    def test_the_other_side_of_the_map_does_not_leak_in(self):
        unit = np.full((39, 2), 0.001)
        np.testing.assert_array_equal(refine(unit, self.heat(63, 63)), unit)


def test_a_reading_lies_in_the_picture_and_says_where_to_look_next():
    raw = np.zeros((39, 5), np.float32)
    raw[:, :2] = 128
    raw[:, 3:] = -2, 3
    raw[0, :3] = 128, 64, 25.6
    raw[34, :2] = 128, 28
    heat_map = np.full((64, 64, 39), -30, np.float32)
    world = np.zeros((39, 3), np.float32)
    world[0] = 0.1, -0.6, -0.2
    reading = decode_reading(raw.reshape(195), 0.9, heat_map, world.reshape(117), Region(400, 300, 512, math.pi / 2))
    assert reading.xyz_px[0] == pytest.approx((528, 300, 51.2))
    assert reading.xyz_m[0] == pytest.approx((0.6, 0.1, -0.2))
    assert reading.visibility == pytest.approx(np.full(33, 1 / (1 + math.exp(2))))
    assert reading.presence == pytest.approx(np.full(33, 1 / (1 + math.exp(-3))))
    region = reading.next_region
    assert (region.x_px, region.y_px, region.side_px) == pytest.approx((400, 300, 2 * 200 * 1.25))
    assert region.angle_rad == pytest.approx(math.pi / 2)


def ramp(width: int = 120, height: int = 90) -> np.ndarray:
    """Red tells the column, green the row."""
    y, x = np.mgrid[:height, :width].astype(np.uint8)
    return np.stack([x * 2, y * 2, np.full_like(x, 77)], axis=-1)


class TestCrop:
    def test_corners_fall_on_corners(self):
        region = Region(60, 45, 64, 0.0)
        matrix = region.crop_matrix(32)
        assert matrix @ (0, 0, 1) == pytest.approx((28, 13))
        assert matrix @ (32, 32, 1) == pytest.approx((92, 77))
        crop = RgbPicture(ramp()).crop(region, 32, beyond=cv2.BORDER_CONSTANT)
        assert crop[0, 0].tolist() == [56, 26, 77]
        assert crop[31, 31].tolist() == [(28 + 62) * 2, (13 + 62) * 2, 77]

    def test_turns(self):
        crop = RgbPicture(ramp()).crop(Region(60, 45, 64, math.pi / 2), 32, beyond=cv2.BORDER_CONSTANT)
        assert crop[0, 16].tolist() == [184, 90, 77]  # its upper border looks to the right
        assert crop[16, 0].tolist() == [120, 26, 77]

    def test_beyond_the_picture(self):
        picture, region = RgbPicture(ramp()), Region(0, 0, 64, 0.0)
        assert picture.crop(region, 32, beyond=cv2.BORDER_CONSTANT)[0, 0].tolist() == [0, 0, 0]
        assert picture.crop(region, 32, beyond=cv2.BORDER_REPLICATE)[0, 0].tolist() == [0, 0, 77]


class FakeFrame:
    """A decoded frame of a coded RGB picture, as `inference.media.frames.Frame` has it."""

    def __init__(self, rgb: np.ndarray, geometry: Geometry, matrix: str = "bt601", full_range: bool = False) -> None:
        self.geometry, self.matrix, self.full_range, self.size_px = geometry, matrix, full_range, geometry.size_px
        linear = yuv_to_rgb_matrix(matrix, full_range=full_range)
        yuv = np.clip(np.rint((rgb - linear[:, 3]) @ np.linalg.inv(linear[:, :3]).T), 0, 255).astype(np.uint8)
        height, width = rgb.shape[:2]
        u, v = (
            cv2.resize(yuv[:, :, plane], (width // 2, height // 2), interpolation=cv2.INTER_AREA) for plane in (1, 2)
        )
        self.planes = yuv[:, :, 0], u, v

    def yuv420(self):
        return self.planes

    def rgb(self) -> np.ndarray:
        """What FFmpeg makes of the planes, upright."""
        stacked = np.concatenate([plane.ravel() for plane in self.planes]).reshape(-1, self.planes[0].shape[1])
        picture = av.VideoFrame.from_ndarray(stacked, format="yuv420p")
        converted = picture.reformat(
            format="rgb24",
            src_colorspace=Colorspace.ITU709 if self.matrix == "bt709" else Colorspace.ITU601,
            src_color_range=ColorRange.JPEG if self.full_range else ColorRange.MPEG,
        )
        return self.geometry.turn(converted.to_ndarray())


def photo() -> np.ndarray:
    """Smooth colours, so that half the colour resolution loses little."""
    noise = np.random.default_rng(5).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return cv2.resize(noise, (160, 120), interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("matrix", ["bt601", "bt709"])
@pytest.mark.parametrize(
    ("rotation_deg", "mirrored"), [(0, False), (90, False), (180, False), (270, False), (0, True), (90, True)]
)
def test_planes_give_the_same_crop_as_rgb(rotation_deg, mirrored, matrix, full_range):
    size = (160, 120) if rotation_deg in (0, 180) else (120, 160)
    geometry = Geometry((160, 120), size, rotation_deg, mirrored)
    frame = FakeFrame(photo(), geometry, matrix, full_range)
    ours, theirs = PlanarPicture(frame), RgbPicture(frame.rgb())
    assert ours.size_px == theirs.size_px == size
    for region, closeness in ((Region(62, 58, 70, 0.4), 2.2), (Region(62, 58, 15, 0.4), 3.5)):
        crops = [picture.crop(region, 64, beyond=cv2.BORDER_REPLICATE).astype(int) for picture in (ours, theirs)]
        difference = crops[0] - crops[1]
        assert float(np.abs(difference).mean()) < closeness
        assert difference.mean(axis=(0, 1)) == pytest.approx([0] * 3, abs=0.25)  # no brighter and no darker


def test_planes_are_black_beyond_the_picture():
    geometry = Geometry((160, 120), (160, 120))
    for full_range in (False, True):
        crop = PlanarPicture(FakeFrame(photo(), geometry, full_range=full_range)).crop(
            Region(80, 60, 400, 0.0), 64, beyond=cv2.BORDER_CONSTANT
        )
        assert crop[0, 0].tolist() == [0, 0, 0]


def test_white_and_grey_come_out_of_yuv():
    for matrix in ("bt601", "bt709"):
        linear = yuv_to_rgb_matrix(matrix, full_range=False)
        assert linear @ (235, 128, 128, 1) == pytest.approx([255] * 3)
        assert linear @ (16, 128, 128, 1) == pytest.approx([0] * 3, abs=1e-9)
    assert yuv_to_rgb_matrix("bt601", full_range=False)[0, 2] == pytest.approx(1.596, abs=1e-3)
    assert yuv_to_rgb_matrix("bt709", full_range=False)[0, 2] == pytest.approx(1.793, abs=1e-3)
