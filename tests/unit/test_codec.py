"""Tracks as files: what comes back, and what is refused."""

import json
import struct
import tracemalloc
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.estimators.fake import stick_figure
from inference.pose import codec, planes
from inference.pose.codec import TrackFileError, decode, encode, load_npz, save_npz
from inference.pose.skeleton import SKELETON
from inference.pose.track import PoseTrack

GOLDEN = Path(__file__).resolve().parent.parent / "golden"


def golden_track() -> PoseTrack:
    """48 frames at uneven times with cuts before 10 and 34; nobody in view in frames 20 to 33, no depth in frame 5."""
    t_s = np.arange(48) / 30 + 0.004 * (np.arange(48) % 3)
    track = stick_figure(t_s)
    xy_px, conf = track.xy_px.copy(), track.conf * np.linspace(1, 0.3, 29, dtype=np.float32)
    xy_px[20:34], conf[20:34] = np.nan, 0
    xyz_m = in_space(track)
    xyz_m[20:34], xyz_m[5] = np.nan, np.nan
    return replace(
        track,
        xy_px=xy_px,
        conf=conf,
        model="authored",
        xyz_m=xyz_m,
        interpolated=np.arange(48) % 3 == 1,
        begins_shot=np.isin(np.arange(48), [10, 34]),
    )


def in_space(track: PoseTrack) -> np.ndarray:
    """(T, 29, 3) the track's joints in metres, on a body that is bent to the front and sways."""
    flat = (track.xy_px - track.xy_px[:, :1]) / 300
    depth = 0.3 * np.sin(flat[..., 1] + 0.1 * np.arange(len(track.t_s))[:, None])
    xyz = np.concatenate([flat, (depth - depth[:, :1])[..., None]], axis=2)
    return xyz.astype(np.float32)


def flat(track: PoseTrack) -> PoseTrack:
    return replace(track, xyz_m=np.full_like(track.xyz_m, np.nan))


def parts(data: bytes) -> tuple[dict, bytes]:
    (length,) = struct.unpack_from("<I", data, 8)
    return json.loads(data[12 : 12 + length]), data[12 + length :]


def streams(data: bytes) -> tuple[dict, bytes, bytes]:
    """The header and what the two streams inflate to."""
    header, rest = parts(data)
    body, world = rest[: header["body_bytes"]], rest[header["body_bytes"] :]
    return header, zlib.decompress(body), zlib.decompress(world) if world else b""


def with_streams(header: dict, body: bytes, world: bytes = b"") -> bytes:
    """A file whose header tells the truth about the length of its (compressed) streams."""
    return rebuilt({**header, "body_bytes": len(body), "world_bytes": len(world)}, body + world)


def rebuilt(header: object, compressed: bytes, *, magic: bytes = b"KDTR", version: int = 2) -> bytes:
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
        assert np.nanmax(np.abs(back.xyz_m - track.xyz_m)) <= codec.WORLD_STEP_M / 2 + 1e-6
        assert (back.size_px, back.model) == (track.size_px, track.model)

    def test_keeps_what_is_said_of_single_frames(self):
        track = golden_track()
        back = decode(encode(track))
        np.testing.assert_array_equal(back.interpolated, track.interpolated)
        np.testing.assert_array_equal(back.begins_shot, track.begins_shot)
        np.testing.assert_array_equal(np.isnan(back.xyz_m), np.isnan(track.xyz_m))

    def test_a_second_round_changes_nothing(self):
        once = decode(encode(golden_track()))
        assert encode(decode(encode(once))) == encode(once)

    def test_a_flat_track_pays_nothing_for_space(self):
        data = encode(flat(golden_track()))
        assert parts(data)[0]["world_bytes"] == 0
        assert np.isnan(decode(data).xyz_m).all()
        assert len(encode(golden_track())) > len(data) + 200

    def test_depth_without_a_dancer_is_not_kept(self):
        track = golden_track()
        back = decode(encode(replace(track, xyz_m=np.ones_like(track.xyz_m))))
        np.testing.assert_array_equal(np.isfinite(back.xyz_m).all(axis=(1, 2)), track.found)

    def test_gaps_cost_next_to_nothing(self):
        """Every tenth of a second the dancer is lost for as long: each return must not be paid like a new track."""
        whole = stick_figure(np.arange(600) / 30)
        whole = replace(whole, xyz_m=in_space(whole))
        lost = np.arange(600) // 3 % 2 == 1
        xy_px, conf, xyz_m = whole.xy_px.copy(), whole.conf.copy(), whole.xyz_m.copy()
        xy_px[lost], conf[lost], xyz_m[lost] = np.nan, 0, np.nan
        assert len(encode(replace(whole, xy_px=xy_px, conf=conf, xyz_m=xyz_m))) < 1.1 * len(encode(whole))

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
        assert len(encode(track)) < 0.25 * 600 * 29 * 5
        assert len(encode(replace(track, xyz_m=in_space(track)))) < 0.25 * 600 * 29 * 11

    @pytest.mark.parametrize("seed", range(8))
    def test_whatever_the_numbers_are_they_come_back(self, seed):
        """Jumps from end to end of the range, unknown frames anywhere: the differences wrap around and come back."""
        random = np.random.default_rng(seed)
        frames = int(random.integers(0, 40))
        found, known = random.uniform(size=(2, frames)) < 0.7
        conf = random.uniform(0.01, 1, (frames, 29)) * found[:, None]
        xy_px = random.uniform(-4000, 4000, (frames, 29, 2))
        xyz_m = np.where((known & found)[:, None, None], random.uniform(-130, 130, (frames, 29, 3)), np.nan)
        track = PoseTrack(
            t_s=np.cumsum(random.uniform(2e-5, 50, frames)),
            xy_px=np.where(found[:, None, None], xy_px, np.nan).astype(np.float32),
            conf=conf.astype(np.float32),
            size_px=(int(random.integers(1000, 2000)), 1920),
            model="made up",
            xyz_m=xyz_m.astype(np.float32),
            interpolated=random.uniform(size=frames) < 0.5,
            begins_shot=random.uniform(size=frames) < 0.1,
        )
        back = decode(encode(track))
        assert back.t_s == pytest.approx(track.t_s, abs=5.1e-6)
        assert back.conf == pytest.approx(track.conf, abs=1 / 500)
        assert back.xy_px == pytest.approx(track.xy_px, abs=0.07, nan_ok=True)
        assert back.xyz_m == pytest.approx(track.xyz_m, abs=0.0021, nan_ok=True)
        np.testing.assert_array_equal(back.interpolated, track.interpolated)
        np.testing.assert_array_equal(back.begins_shot, track.begins_shot)

    def test_golden_bytes_mean_the_golden_track(self):
        golden, expected = decode((GOLDEN / "track.kdt").read_bytes()), json.loads((GOLDEN / "track.json").read_text())
        self.means_the_golden_track(golden, expected)
        assert golden.xyz_m == pytest.approx(golden_track().xyz_m, abs=0.0021, nan_ok=True)
        assert golden.xyz_m[expected["frame"]].ravel() == pytest.approx(expected["xyz_m"], abs=1e-6)
        assert np.flatnonzero(golden.interpolated).tolist() == expected["interpolated"]
        assert np.flatnonzero(golden.begins_shot).tolist() == expected["begins_shot"]
        assert np.flatnonzero(np.isnan(golden.xyz_m[:, 0, 0])).tolist() == expected["flat"]

    def test_the_first_version_is_still_read(self):
        golden = decode((GOLDEN / "track.v1.kdt").read_bytes())
        self.means_the_golden_track(golden, json.loads((GOLDEN / "track.json").read_text()))
        assert np.isnan(golden.xyz_m).all()
        assert not golden.interpolated.any()
        assert not golden.begins_shot.any()

    def means_the_golden_track(self, golden, expected):
        assert golden.xy_px == pytest.approx(golden_track().xy_px, abs=0.05, nan_ok=True)
        assert golden.t_s[expected["frame"]] == expected["t_s"]
        assert golden.xy_px[expected["frame"]].ravel() == pytest.approx(expected["xy_px"], abs=1e-3)
        assert golden.conf[expected["frame"]] == pytest.approx(expected["conf"], abs=1e-6)
        assert np.flatnonzero(~golden.found).tolist() == list(range(*expected["missing"]))

    def test_golden_bytes_are_what_is_written(self):
        """Compressed lengths may differ from one build of zlib to the next."""
        written, golden = streams(encode(golden_track())), streams((GOLDEN / "track.kdt").read_bytes())
        lengths = {"body_bytes": 0, "world_bytes": 0}
        assert {**written[0], **lengths} == {**golden[0], **lengths}
        assert written[1:] == golden[1:]

    @pytest.mark.parametrize("length", [0, 4, 11, 12, 100, 900])
    def test_refuses_what_is_cut_short(self, length):
        code = refusal(decode, encode(golden_track())[:length])
        assert code == ("not_a_track" if length < 12 else "damaged")

    def test_refuses_other_files_and_later_versions(self):
        header, body = parts(encode(golden_track()))
        assert refusal(decode, rebuilt(header, body, magic=b"\x89PNG")) == "not_a_track"
        assert refusal(decode, rebuilt(header, body, version=3)) == "unsupported_version"
        assert refusal(decode, rebuilt(header, body, version=0)) == "unsupported_version"

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
            ({"body_bytes": -1}, "bad_values"),
            ({"body_bytes": 10**12}, "bad_values"),
            ({"body_bytes": None}, "bad_values"),
            ({"body_bytes": 100}, "damaged"),
            ({"world_bytes": 0}, "damaged"),
            ({"world_bytes": 2.5}, "bad_values"),
            ({"parents": None}, "bad_values"),
            ({"parents": [-1] * 28}, "bad_values"),
            ({"parents": [-1, 1] + [0] * 27}, "bad_values"),
            ({"parents": [-2] + [0] * 28}, "bad_values"),
            ({"parents": [-1, False] + [0] * 27}, "bad_values"),
            ({"parents": [-1, 0.0] + [0] * 27}, "bad_values"),
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

    @pytest.mark.parametrize("which", ["body", "world"])
    def test_a_bomb_is_not_inflated(self, which):
        header, body, _ = streams(encode(golden_track()))
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

        data = with_streams(header, bomb) if which == "body" else with_streams(header, zlib.compress(body), bomb)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(planes.zlib, "decompressobj", Watched)
            assert refusal(decode, data) == "damaged"
        assert inflated == ([48 * 150 + 1] if which == "body" else [48 * 150, 48 * 174 + 1])

    def test_takes_no_memory_for_frames_that_cannot_be_there(self):
        header, _, _ = streams(encode(golden_track()))
        data = with_streams({**header, "frames": codec.MAX_FRAMES}, zlib.compress(b"\0" * 10_000))
        tracemalloc.start()
        assert refusal(decode, data) == "damaged"
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
        tracemalloc.stop()

    def test_refuses_times_that_stand_still(self):
        header, body, _ = streams(encode(flat(golden_track())))
        still = bytes(48 * 4) + body[48 * 4 :]
        assert refusal(decode, with_streams(header, zlib.compress(still))) == "bad_values"

    @pytest.mark.parametrize("flag", [4, 8, 128])
    def test_refuses_flags_that_mean_nothing(self, flag):
        """4 says that the frame lies in space, which is nonsense in a flat track."""
        header, body, _ = streams(encode(flat(golden_track())))
        flagged = body[: 48 * 4] + bytes([flag]) + body[48 * 4 + 1 :]
        assert refusal(decode, with_streams(header, zlib.compress(flagged))) == "bad_values"

    def test_refuses_bytes_behind_the_end(self):
        assert refusal(decode, encode(golden_track()) + b"\0") == "damaged"

    @pytest.mark.parametrize("golden", ["track.kdt", "track.v1.kdt"])
    def test_altered_bytes_are_refused_or_give_a_track(self, golden):
        """No altered file does anything but decode or raise TrackFileError."""
        random = np.random.default_rng(20)
        whole = (GOLDEN / golden).read_bytes()
        codes = set()
        for _ in range(400):
            data = bytearray(whole)
            for place in random.integers(0, len(data), random.integers(1, 4)):
                data[place] = random.integers(256)
            try:
                assert len(decode(bytes(data)).t_s) <= codec.MAX_FRAMES
            except TrackFileError as error:
                codes.add(error.code)
        assert {"damaged", "other_joints"} <= codes

    def test_altered_planes_are_refused_or_give_a_track(self):
        """As before, behind the checksum: what a stranger writes with a compressor of his own."""
        random = np.random.default_rng(21)
        header, *whole = streams(encode(golden_track()))
        tracks, codes = 0, set()
        for _ in range(200):
            body, world = (bytearray(stream) for stream in whole)
            for stream in (body, world):
                stream[random.integers(len(stream))] = random.integers(256)
            try:
                tracks += len(decode(with_streams(header, zlib.compress(body), zlib.compress(world))).t_s) == 48
            except TrackFileError as error:
                codes.add(error.code)
        assert tracks > 100
        assert codes <= {"bad_values"}

    def test_will_not_write_two_frames_on_one_tick(self):
        track = golden_track()
        assert refusal(encode, replace(track, t_s=track.t_s * 1e-5)) == "bad_values"


class TestNpz:
    def test_gives_back_exactly_what_it_got(self, tmp_path):
        track = golden_track()
        save_npz(track, tmp_path / "track.npz")
        back = load_npz(tmp_path / "track.npz")
        for name in ("t_s", "xy_px", "conf", "xyz_m", "interpolated", "begins_shot"):
            np.testing.assert_array_equal(getattr(back, name), getattr(track, name))
        assert (back.size_px, back.model) == (track.size_px, track.model)

    def test_holds_the_documented_arrays_and_leaves_nothing_beside(self, tmp_path):
        save_npz(golden_track(), tmp_path / "track.npz")
        with np.load(tmp_path / "track.npz", allow_pickle=False) as arrays:
            shapes = {name: arrays[name].shape for name in arrays.files}
        assert shapes == {
            "t_s": (48,), "xy_px": (48, 29, 2), "conf": (48, 29), "size_px": (2,), "joints": (29,), "model": (),
            "xyz_m": (48, 29, 3), "interpolated": (48,), "begins_shot": (48,)
        }  # fmt: skip
        assert [path.name for path in tmp_path.iterdir()] == ["track.npz"]

    def test_files_from_before_there_was_space_are_still_read(self, tmp_path):
        back = load_npz(self.change(tmp_path))
        np.testing.assert_array_equal(back.xy_px, golden_track().xy_px)
        assert np.isnan(back.xyz_m).all()
        assert not (back.interpolated | back.begins_shot).any()

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
            ({"xyz_m": np.zeros((48, 29, 2))}, "bad_shape"),
            ({"xyz_m": np.zeros((48, 29, 3), dtype=bool)}, "bad_shape"),
            ({"xyz_m": np.full((48, 29, 3), np.inf)}, "bad_values"),
            ({"xyz_m": np.where(np.arange(3) == 1, np.nan, np.zeros((48, 29, 3)))}, "bad_values"),
            ({"interpolated": np.zeros(48)}, "bad_shape"),
            ({"begins_shot": np.zeros((48, 1), dtype=bool)}, "bad_shape"),
            ({"begins_shot": np.array([None] * 48)}, "pickle_refused"),
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
