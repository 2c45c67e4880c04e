"""Tracks as files: what comes back, and what is refused."""

import json
import struct
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.estimators.fake import stick_figure
from inference.pose import codec
from inference.pose.codec import TrackFileError, decode, encode, load_npz, save_npz
from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack

GOLDEN = Path(__file__).resolve().parent.parent / "golden"


def golden_track() -> PoseTrack:
    """48 frames at uneven times; nobody in view in frames 20 to 33."""
    t_s = np.arange(48) / 30 + 0.004 * (np.arange(48) % 3)
    track = stick_figure(t_s)
    xy_px, conf = track.xy_px.copy(), track.conf * np.linspace(1, 0.3, 29, dtype=np.float32)
    xy_px[20:34], conf[20:34] = np.nan, 0
    return replace(track, xy_px=xy_px, conf=conf, model="authored")


def parts(data: bytes) -> tuple[dict, bytes]:
    (length,) = struct.unpack_from("<I", data, 8)
    return json.loads(data[12 : 12 + length]), data[12 + length :]


def rebuilt(header: object, compressed: bytes, *, magic: bytes = b"KDTR", version: int = 1) -> bytes:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<4sHHI", magic, version, 0, len(raw)) + raw + compressed


def refusal(read, *args) -> str:
    with pytest.raises(TrackFileError) as caught:
        read(*args)
    return caught.value.code


class TestKdt:
    def test_loses_no_more_than_promised(self):
        track = golden_track()
        back = decode(encode(track))
        assert np.abs(back.t_s - track.t_s).max() <= 5.1e-6
        assert np.nanmax(np.abs(back.xy_px - track.xy_px)) <= codec.step_px(track.size_px) / 2 + 1e-4
        assert np.abs(back.conf - track.conf).max() <= 1 / 510 + 1e-6
        assert (back.size_px, back.model) == (track.size_px, track.model)

    def test_step_is_an_eighth_of_a_pixel_at_1080p(self):
        assert codec.step_px((1080, 1920)) == 0.125

    def test_keeps_gaps(self):
        back = decode(encode(golden_track()))
        assert np.flatnonzero(~back.found).tolist() == list(range(20, 34))
        assert np.isnan(back.xy_px[~back.found]).all()

    def test_a_tiny_confidence_does_not_vanish(self):
        track = golden_track()
        back = decode(encode(replace(track, conf=(track.found[:, None] * np.full((48, 29), 1e-4)).astype(np.float32))))
        assert (back.found == track.found).all()

    def test_nobody_at_all_and_no_frame_at_all(self):
        track = golden_track()
        nobody = replace(track, xy_px=np.full_like(track.xy_px, np.nan), conf=np.zeros_like(track.conf))
        assert not decode(encode(nobody)).found.any()
        empty = PoseTrack(track.t_s[:0], track.xy_px[:0], track.conf[:0], track.size_px, track.model)
        assert len(decode(encode(empty)).t_s) == 0

    def test_far_outside_the_picture_is_clamped(self):
        track = golden_track()
        xy_px = track.xy_px.copy()
        xy_px[0, 0], xy_px[1, 0] = (1e6, -1e6), (-1e6, 1e6)
        back = decode(encode(replace(track, xy_px=xy_px)))
        reach = codec.step_px(track.size_px) * 32767
        assert back.xy_px[0, 0] == pytest.approx((reach, -reach), rel=1e-3)
        assert back.xy_px[1, 0] == pytest.approx((-reach, reach), rel=1e-3)
        assert back.xy_px[2:20] == pytest.approx(track.xy_px[2:20], abs=0.05)

    def test_is_small(self):
        track = stick_figure(np.arange(600) / 30)
        assert len(encode(track)) < 0.4 * 600 * 29 * 5

    def test_golden_bytes_mean_the_golden_track(self):
        data = (GOLDEN / "track.kdt").read_bytes()
        golden, expected = decode(data), json.loads((GOLDEN / "track.json").read_text())
        assert golden.xy_px == pytest.approx(golden_track().xy_px, abs=0.05, nan_ok=True)
        assert golden.t_s[expected["frame"]] == expected["t_s"]
        assert golden.xy_px[expected["frame"]].ravel() == pytest.approx(expected["xy_px"], abs=1e-3)
        assert golden.conf[expected["frame"]] == pytest.approx(expected["conf"], abs=1e-6)

    def test_golden_bytes_are_what_is_written(self):
        written, golden = parts(encode(golden_track())), parts((GOLDEN / "track.kdt").read_bytes())
        assert written[0] == golden[0]
        assert zlib.decompress(written[1]) == zlib.decompress(golden[1])

    @pytest.mark.parametrize("length", [0, 4, 11, 12, 100, 900])
    def test_refuses_what_is_cut_short(self, length):
        code = refusal(decode, encode(golden_track())[:length])
        assert code == ("not_a_track" if length < 12 else "damaged")

    def test_refuses_other_files_and_later_versions(self):
        header, body = parts(encode(golden_track()))
        assert refusal(decode, rebuilt(header, body, magic=b"\x89PNG")) == "not_a_track"
        assert refusal(decode, rebuilt(header, body, version=2)) == "unsupported_version"

    def test_refuses_other_joints(self):
        header, body = parts(encode(golden_track()))
        swapped = [*header["joints"][:27], header["joints"][28], header["joints"][27]]
        assert refusal(decode, rebuilt({**header, "joints": swapped}, body)) == "other_joints"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"frames": 10**12}, "too_large"),
            ({"frames": -1}, "too_large"),
            ({"frames": True}, "too_large"),
            ({"frames": 47}, "damaged"),
            ({"frames": 49}, "damaged"),
            ({"size_px": [0, 100]}, "bad_values"),
            ({"size_px": [1e400, 1]}, "bad_values"),
            ({"size_px": "ab"}, "bad_values"),
            ({"model": None}, "bad_values"),
            ({"model": "x" * 101}, "bad_values"),
        ],
    )
    def test_refuses_a_false_header(self, change, code):
        header, body = parts(encode(golden_track()))
        assert refusal(decode, rebuilt({**header, **change}, body)) == code

    @pytest.mark.parametrize("raw", [b"[" * 16000, b"\xff\xfe", b"{}", b"[]", b"null"])
    def test_refuses_a_header_that_is_none(self, raw):
        _, body = parts(encode(golden_track()))
        assert refusal(decode, rebuilt(raw, body)) in {"damaged", "other_joints"}

    def test_refuses_a_header_longer_than_allowed(self):
        assert refusal(decode, rebuilt(b" " * 20_000, b"")) == "damaged"

    def test_a_bomb_is_not_inflated(self):
        header, _ = parts(encode(golden_track()))
        bomb = zlib.compress(b"\0" * 50_000_000)
        inflated = []
        original = zlib.decompressobj

        class Watched:
            def __init__(self):
                self._inner = original()

            def decompress(self, data, limit):
                inflated.append(len(output := self._inner.decompress(data, limit)))
                return output

            def __getattr__(self, name):
                return getattr(self._inner, name)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(codec.zlib, "decompressobj", Watched)
            assert refusal(decode, rebuilt(header, bomb)) == "damaged"
        assert inflated == [48 * 149 + 1]

    def test_refuses_times_that_stand_still(self):
        header, body = parts(encode(golden_track()))
        still = bytes(48 * 4) + zlib.decompress(body)[48 * 4 :]
        assert refusal(decode, rebuilt(header, zlib.compress(still))) == "bad_values"

    def test_will_not_write_two_frames_on_one_tick(self):
        track = golden_track()
        assert refusal(encode, replace(track, t_s=track.t_s * 1e-5)) == "bad_values"


class TestNpz:
    def test_gives_back_exactly_what_it_got(self, tmp_path):
        track = golden_track()
        save_npz(track, tmp_path / "track.npz")
        back = load_npz(tmp_path / "track.npz")
        for name in ("t_s", "xy_px", "conf"):
            np.testing.assert_array_equal(getattr(back, name), getattr(track, name))
        assert (back.size_px, back.model) == (track.size_px, track.model)

    def test_holds_the_documented_arrays_and_leaves_nothing_beside(self, tmp_path):
        save_npz(golden_track(), tmp_path / "track.npz")
        with np.load(tmp_path / "track.npz", allow_pickle=False) as arrays:
            shapes = {name: arrays[name].shape for name in arrays.files}
        assert shapes == {
            "t_s": (48,), "xy_px": (48, 29, 2), "conf": (48, 29), "size_px": (2,), "joints": (29,), "model": ()
        }  # fmt: skip
        assert [path.name for path in tmp_path.iterdir()] == ["track.npz"]

    def change(self, tmp_path, **changes) -> Path:
        track = golden_track()
        arrays = {
            "t_s": track.t_s,
            "xy_px": track.xy_px,
            "conf": track.conf,
            "size_px": np.array(track.size_px),
            "joints": np.array(SKELETON.joints),
            "model": np.array("authored"),
        }
        arrays.update(changes)
        path = tmp_path / "changed.npz"
        np.savez(path, **{name: array for name, array in arrays.items() if array is not None}, allow_pickle=True)
        return path

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"xy_px": None}, "not_a_track"),
            ({"xy_px": np.array([{"a": 1}], dtype=object)}, "pickle_refused"),
            ({"xy_px": np.zeros((48, 33, 2))}, "bad_shape"),
            ({"conf": np.zeros((47, 29))}, "bad_shape"),
            ({"t_s": np.float64(1.0)}, "bad_shape"),
            ({"t_s": np.array(["1"] * 48)}, "bad_shape"),
            ({"t_s": np.zeros(48)}, "bad_values"),
            ({"conf": np.full((48, 29), 1.5)}, "bad_values"),
            ({"size_px": np.array([1.5, 2.5])}, "bad_shape"),
            ({"size_px": np.array([0, 100])}, "bad_values"),
            ({"joints": np.array(SKELETON.joints[::-1])}, "other_joints"),
            ({"joints": np.arange(29)}, "other_joints"),
            ({"model": np.array(["a", "b"])}, "bad_shape"),
        ],
    )
    def test_refuses(self, tmp_path, changes, code):
        assert refusal(load_npz, self.change(tmp_path, **changes)) == code

    def test_refuses_other_files(self, tmp_path):
        path = tmp_path / "text.npz"
        path.write_text("hello")
        assert refusal(load_npz, path) == "not_a_track"

    def test_believes_no_announced_shape(self, tmp_path):
        """An array of a few bytes that announces terabytes must be refused before memory is taken for it."""
        header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 29, 2), }\n"
        liar = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + b"\0" * 64
        honest = self.change(tmp_path)
        path = tmp_path / "liar.npz"
        with zipfile.ZipFile(honest) as source, zipfile.ZipFile(path, "w") as target:
            for name in source.namelist():
                target.writestr(name, liar if name == "xy_px.npy" else source.read(name))
        assert refusal(load_npz, path) == "damaged"
