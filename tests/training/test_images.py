"""Pictures by name: files and members of zips, whole ones only."""

import struct
import zipfile

import cv2
import numpy as np
import pytest

from ml_training.data.images import picture_size, read_picture, size_in
from ml_training.errors import TrainingError


def encoded(suffix, width=60, height=40):
    """Red on the left, blue on the right."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, : width // 2, 2] = picture[:, width // 2 :, 0] = 255
    return cv2.imencode(suffix, picture)[1].tobytes()


def test_files_and_members_of_zips_give_rgb(tmp_path):
    (tmp_path / "a.png").write_bytes(encoded(".png"))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("clip/b.jpg", encoded(".jpg"))
    for image in ("a.png", "b.zip::clip/b.jpg"):
        pixels = read_picture(tmp_path, image)
        assert pixels.shape == (40, 60, 3)
        assert pixels.dtype == np.uint8
        assert np.allclose(pixels[20, 5], (255, 0, 0), atol=3)
        assert np.allclose(pixels[20, 55], (0, 0, 255), atol=3)
        assert picture_size(tmp_path, image) == (60, 40)


@pytest.mark.parametrize(
    ("content", "code"),
    [(None, "missing_picture"), (b"", "damaged_picture"), (b"no picture", "damaged_picture")]
    + [(encoded(suffix)[:-40], "damaged_picture") for suffix in (".jpg", ".png")],
)
def test_what_is_no_whole_picture_is_refused(tmp_path, content, code):
    if content is not None:
        (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(TrainingError, match=r"a\.jpg") as refused:
        read_picture(tmp_path, "a.jpg")
    assert refused.value.code == code


def test_a_damaged_zip_and_a_member_that_is_not_there_are_told_apart(tmp_path):
    with zipfile.ZipFile(tmp_path / "whole.zip", "w") as archive:
        archive.writestr("a.jpg", encoded(".jpg"))
    (tmp_path / "cut.zip").write_bytes((tmp_path / "whole.zip").read_bytes()[:200])
    for image, code in {"whole.zip::b.jpg": "missing_picture", "cut.zip::a.jpg": "damaged_picture"}.items():
        with pytest.raises(TrainingError) as refused:
            read_picture(tmp_path, image)
        assert refused.value.code == code


def test_a_camera_that_says_turn_the_picture_turns_neither_its_size_nor_its_pixels(tmp_path):
    """Labels were made on the pixels as they lie in the file."""
    plain = encoded(".jpg")
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHII", 0x0112, 3, 1, 6) + struct.pack("<I", 0)
    note = b"Exif\0\0" + tiff
    (tmp_path / "a.jpg").write_bytes(plain[:2] + b"\xff\xe1" + struct.pack(">H", len(note) + 2) + note + plain[2:])
    assert cv2.imread(str(tmp_path / "a.jpg")).shape == (60, 40, 3)
    assert read_picture(tmp_path, "a.jpg").shape == (40, 60, 3)
    assert picture_size(tmp_path, "a.jpg") == (60, 40)


def test_a_size_behind_long_notes_is_found(tmp_path):
    plain = encoded(".jpg")
    notes = (b"\xff\xe2" + struct.pack(">H", 60_002) + bytes(60_000)) * 3
    (tmp_path / "a.jpg").write_bytes(plain[:2] + notes + plain[2:])
    assert size_in((tmp_path / "a.jpg").read_bytes()[:4096]) is None
    assert picture_size(tmp_path, "a.jpg") == (60, 40)
