"""Pictures by name: files and members of zips, whole ones only."""

import errno
import os
import struct
import zipfile
from pathlib import Path

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


def pack_one(path, content):
    """A deflated member; returns where its stream lies in the archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jpg", content)
        head = archive.getinfo("a.jpg")
    start = head.header_offset + 30 + len(head.filename)
    return range(start, start + head.compress_size)


def test_flipped_bytes_anywhere_in_a_deflated_member_are_a_damaged_picture(tmp_path):
    stream = pack_one(tmp_path / "a.zip", encoded(".jpg"))
    whole = (tmp_path / "a.zip").read_bytes()
    raised = set()
    for place in range(stream.start - 35, stream.stop):
        content = bytearray(whole)
        content[max(place, 0)] ^= 0xFF
        (tmp_path / f"{place}.zip").write_bytes(content)
        try:
            read_picture(tmp_path, f"{place}.zip::a.jpg")
        except TrainingError as error:
            raised.add((error.code, type(error.__cause__).__name__))
    assert {code for code, _ in raised} == {"damaged_picture"}
    assert {"error", "BadZipFile"} <= {cause for _, cause in raised}


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES])
def test_a_disk_or_a_permission_that_fails_is_told_apart_from_damage(tmp_path, monkeypatch, number):
    (tmp_path / "a.jpg").write_bytes(encoded(".jpg"))

    def fails(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "open", fails)
    with pytest.raises(TrainingError, match=os.strerror(number)) as refused:
        read_picture(tmp_path, "a.jpg")
    assert refused.value.code == "unreadable_picture"


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
