import itertools

import av
import numpy as np
import pytest

from inference.media import transcode
from inference.media.audio import read_audio
from inference.media.errors import NotAVideo
from inference.media.frames import key_frame_times, read_frames
from inference.media.probe import probe
from inference.media.transcode import KEY_EVERY_S, LONGEST_SIDE_PX, is_browser_playable, to_playable
from tests.integration.test_media_frames import assert_corners
from tests.media import BLUE, DATA, GREEN, RED, WHITE, beep_start_s, make_clip, number_of, regular_times

RATE = 16_000
QUICK_KEYS = {"preset": "ultrafast", "g": "15", "crf": "18"}
B_FRAMES = {"preset": "veryfast", "g": "15", "bf": "3", "crf": "18"}
LATE = [0.4 + time for time in regular_times(1.5, 30)]
UNEVEN = [0, 0.05, 0.1, 0.3, 0.31, 0.5, 0.9, 1.0, 1.4, 1.5]

COPIED = {
    "h264.mp4": {"options": QUICK_KEYS, "beep_s": 0.7},
    "h264.mov": {"options": QUICK_KEYS, "beep_s": 0.7},
    "b_frames.mp4": {"options": B_FRAMES, "beep_s": 0.7},
    "h264.mkv": {"options": QUICK_KEYS, "beep_s": 0.7},
    "late.mp4": {"options": B_FRAMES, "beep_s": 0.9, "times_s": LATE},
    "uneven.mp4": {"options": B_FRAMES, "beep_s": 0.7, "times_s": UNEVEN},
    "turned.mov": {"options": QUICK_KEYS, "beep_s": 0.7, "rotation_ccw_deg": -90},
    "vp9.webm": {"codec": "libvpx-vp9", "beep_s": 0.7, "sound_codec": "libopus"},
}
ENCODED = {
    # Matroska stores no decoding stamps, and the first ones cannot be guessed where pictures are reordered.
    "b_frames.mkv": {"options": B_FRAMES, "beep_s": 0.7},
    "hevc10.mp4": {"codec": "libx265", "pixels": "yuv420p10le", "beep_s": 0.7},
    "prores.mov": {"codec": "prores_ks", "pixels": "yuv422p10le", "beep_s": 0.7, "sound_codec": "pcm_s16le"},
    "recorded.webm": {
        "codec": "libvpx",
        "beep_s": 0.7,
        "sound_codec": "libopus",
        "container_options": {"live": "1"},
    },
    "full_range.mov": {"codec": "mjpeg", "pixels": "yuvj420p"},
    "late.webm": {"codec": "libvpx", "beep_s": 0.9, "times_s": LATE, "sound_codec": "libopus"},
    "uneven.webm": {"codec": "libvpx", "beep_s": 0.7, "times_s": UNEVEN, "sound_codec": "libopus"},
    "long_groups.mp4": {"times_s": regular_times(3, 30), "options": {"preset": "ultrafast", "g": "300"}},
    "late_sound.webm": {"codec": "libvpx", "beep_s": 0.9, "sound_from_s": 0.6, "sound_codec": "libopus"},
}


@pytest.mark.parametrize("name", [*COPIED, *ENCODED])
def test_the_copy_plays_at_the_times_of_the_original(name, tmp_path):
    values = (COPIED | ENCODED)[name]
    clip, copy = make_clip(tmp_path / name, **values), tmp_path / "copy.mp4"
    to_playable(clip, copy)
    originals, copies = list(read_frames(clip)), list(read_frames(copy))
    assert [frame.t_s for frame in copies] == pytest.approx([frame.t_s for frame in originals], abs=0.001)
    wrong = [number_of(a.rgb()) - number_of(b.rgb()) for a, b in zip(originals, copies, strict=True)]
    assert sum(difference != 0 for difference in wrong) <= 2, wrong
    info = probe(copy)
    assert is_browser_playable(info)
    assert info.has_audio == ("beep_s" in values)
    if info.has_audio:
        beeps = [beep_start_s(read_audio(path, rate=RATE), RATE) for path in (clip, copy)]
        assert beeps[1] == pytest.approx(beeps[0], abs=0.01)
        shown_from = values.get("times_s", [0.0])[0]
        assert beeps[0] == pytest.approx(values["beep_s"] - shown_from, abs=0.01)


@pytest.mark.parametrize("name", COPIED)
def test_what_is_fine_is_copied_bit_by_bit(name, tmp_path):
    clip, copy = make_clip(tmp_path / name, **COPIED[name]), tmp_path / "copy.mp4"
    to_playable(clip, copy)
    originals, copies = read_frames(clip), read_frames(copy)
    assert all(np.array_equal(a.rgb(), b.rgb()) for a, b in zip(originals, copies, strict=True))


@pytest.mark.parametrize("name", ["h264.mp4", "recorded.webm"])
def test_the_index_comes_first_and_the_duration_is_known(name, tmp_path):
    clip, copy = make_clip(tmp_path / name, **(COPIED | ENCODED)[name]), tmp_path / "copy.mp4"
    to_playable(clip, copy)
    data = copy.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(copy)) as container:
        assert container.duration / av.time_base == pytest.approx(1.5, abs=0.1)


def test_key_frames_stand_close(tmp_path):
    clip, copy = make_clip(tmp_path / "a.mp4", **ENCODED["long_groups.mp4"]), tmp_path / "copy.mp4"
    to_playable(clip, copy)
    keys = key_frame_times(copy)
    assert len(keys) >= 6
    assert max(b - a for a, b in itertools.pairwise(keys)) <= KEY_EVERY_S + 1 / 30


@pytest.mark.parametrize("codec", ["libx264", "libvpx-vp9", "libx265"])
@pytest.mark.parametrize("turn", [{"rotation_ccw_deg": -90}, {"rotation_ccw_deg": -90, "mirrored": True}])
def test_the_copy_is_upright(codec, turn, tmp_path):
    clip = make_clip(
        tmp_path / "a.mov" if codec != "libvpx-vp9" else tmp_path / "a.mp4", codec=codec, corners=True, **turn
    )
    to_playable(clip, tmp_path / "copy.mp4")
    frame = next(read_frames(tmp_path / "copy.mp4"))
    assert frame.size_px == (64, 96)
    is_encoded = codec == "libx265" or "mirrored" in turn
    assert frame.rotation_deg == (0 if is_encoded else 90), "encoding bakes the turn in, copying keeps it"
    expected = (RED, WHITE, BLUE, GREEN) if "mirrored" in turn else (WHITE, RED, GREEN, BLUE)
    assert_corners(frame.rgb(), *expected)


def test_large_pictures_become_smaller(tmp_path):
    clip = make_clip(tmp_path / "a.mp4", [0.0, 0.5, 1.0], size=(2560, 1440), corners=True)
    to_playable(clip, tmp_path / "copy.mp4")
    frame = next(read_frames(tmp_path / "copy.mp4"))
    assert frame.size_px == (LONGEST_SIDE_PX, 720)
    assert_corners(frame.rgb(), RED, GREEN, BLUE, WHITE)


def test_high_dynamic_range_becomes_ordinary_colour(tmp_path):
    tags = "log-level=none:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc:range=limited"
    clip = make_clip(
        tmp_path / "a.mp4",
        regular_times(1.5, 10),
        codec="libx265",
        pixels="yuv420p10le",
        corners=True,
        options={"preset": "ultrafast", "x265-params": tags},
    )
    to_playable(clip, tmp_path / "copy.mp4")
    with av.open(str(tmp_path / "copy.mp4")) as container:
        picture = next(container.decode(video=0))
    assert (picture.colorspace, picture.color_trc, picture.color_primaries) == (1, 1, 1), "BT.709 throughout"
    original, copy = (next(read_frames(path)).rgb()[16, 24].astype(int) for path in (clip, tmp_path / "copy.mp4"))
    assert copy[0] - copy[1] > original[0] - original[1], "red is redder in the narrower gamut"


def test_odd_sides_become_even(tmp_path):
    clip = make_clip(tmp_path / "a.webm", codec="libvpx", size=(97, 65))
    to_playable(clip, tmp_path / "copy.mp4")
    info = probe(tmp_path / "copy.mp4")
    assert (info.width_px % 2, info.height_px % 2) == (0, 0)
    assert abs(info.width_px - 97) <= 1


def test_progress_rises_to_one(tmp_path):
    seen = []
    to_playable(make_clip(tmp_path / "a.webm", codec="libvpx"), tmp_path / "copy.mp4", on_progress=seen.append)
    assert len(seen) >= 4
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


@pytest.mark.parametrize("name", ["h264.mp4", "recorded.webm"])
def test_cancelling_leaves_nothing_behind(name, tmp_path):
    clip = make_clip(tmp_path / name, **(COPIED | ENCODED)[name])

    def cancel(fraction):
        if fraction > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        to_playable(clip, tmp_path / "copy.mp4", on_progress=cancel)
    assert list(tmp_path.iterdir()) == [clip]


def test_a_refused_file_leaves_nothing_behind(tmp_path):
    (tmp_path / "a.mp4").write_text("no video")
    with pytest.raises(NotAVideo):
        to_playable(tmp_path / "a.mp4", tmp_path / "copy.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_an_earlier_copy_stays_until_the_new_one_is_complete(tmp_path):
    clip, copy = make_clip(tmp_path / "a.mp4"), tmp_path / "copy.mp4"
    copy.write_bytes(b"the copy before")

    def check(fraction):
        assert fraction == 1.0 or copy.read_bytes() == b"the copy before"

    to_playable(clip, copy, on_progress=check)
    assert probe(copy).frames_expected == 45


def test_a_truncated_clip_is_encoded_as_far_as_it_goes(tmp_path, monkeypatch):
    clip = make_clip(
        tmp_path / "a.mp4", regular_times(2, 30), options=QUICK_KEYS, container_options={"movflags": "faststart"}
    )
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size * 3 // 4])
    monkeypatch.setattr(transcode, "_copy", None)
    to_playable(clip, tmp_path / "copy.mp4")
    assert [f.t_s for f in read_frames(tmp_path / "copy.mp4")] == pytest.approx([f.t_s for f in read_frames(clip)])


@pytest.mark.skipif(not DATA.is_dir(), reason="the folder of real clips is not there")
@pytest.mark.parametrize("name", ["squats.mp4", "jesse_dance.mp4", "portrait_60fps_balance.mp4"])
def test_real_clips(name, tmp_path):
    clip, copy = DATA / "video" / name, tmp_path / "copy.mp4"
    to_playable(clip, copy)
    assert is_browser_playable(probe(copy))
    assert [f.t_s for f in read_frames(copy)] == pytest.approx([f.t_s for f in read_frames(clip)], abs=0.001)


def test_where_and_with_what_it_was_filmed_is_not_handed_on(tmp_path):
    plain, told, copy = make_clip(tmp_path / "plain.mp4", options=QUICK_KEYS), tmp_path / "told.mp4", tmp_path / "c.mp4"
    with av.open(str(plain)) as source, av.open(str(told), "w", options={"movflags": "use_metadata_tags"}) as target:
        target.metadata.update({"location": "+37.5665+126.9780/", "com.apple.quicktime.model": "a phone"})
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    assert is_browser_playable(probe(plain))
    assert not is_browser_playable(probe(told))
    to_playable(told, copy)
    assert is_browser_playable(probe(copy))
    assert b"+37.5665" in told.read_bytes()
    assert b"+37.5665" not in copy.read_bytes()
