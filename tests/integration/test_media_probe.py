import itertools
import random
import struct
import time
from pathlib import Path

import av
import numpy as np
import pytest

from inference.media.audio import read_audio
from inference.media.errors import (
    DamagedFile,
    EmptyFile,
    MediaError,
    NoPicture,
    NotAVideo,
    StillImage,
    TooLarge,
    TooLong,
    TooManyPixels,
    TooShort,
    UnsupportedCodec,
)
from inference.media.frames import key_frame_times, read_frames
from inference.media.probe import probe
from inference.media.transcode import to_playable
from tests.media import DATA, make_clip, make_sound, regular_times

CODECS = {
    "h264.mp4": {"codec": "libx264"},
    "h264.mov": {"codec": "libx264"},
    "hevc.mp4": {"codec": "libx265", "pixels": "yuv420p10le"},
    "vp8.webm": {"codec": "libvpx"},
    "vp9.webm": {"codec": "libvpx-vp9"},
    "mpeg4.mp4": {"codec": "mpeg4"},
    "mjpeg.mov": {"codec": "mjpeg", "pixels": "yuvj420p"},
    "prores.mov": {"codec": "prores_ks", "pixels": "yuv422p10le"},
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Path:
    """2 s of H.264 with sound, its index in front."""
    path = tmp_path_factory.mktemp("plain") / "plain.mp4"
    options = {"preset": "ultrafast", "g": "15"}
    return make_clip(
        path, regular_times(2, 30), beep_s=0.5, options=options, container_options={"movflags": "faststart"}
    )


@pytest.mark.parametrize("name", CODECS)
def test_what_phones_and_browsers_record_is_understood(name, tmp_path):
    info = probe(make_clip(tmp_path / name, **CODECS[name]))
    assert (info.width_px, info.height_px, info.rotation_deg) == (96, 64, 0)
    assert info.duration_s == pytest.approx(1.5, abs=0.002)
    assert info.fps == pytest.approx(30, abs=0.1)
    assert info.frames_expected == 45
    assert info.container == name.split(".")[1]
    assert info.codec == name.split(".")[0]
    assert info.pixel_format == CODECS[name].get("pixels", "yuv420p")


def test_sound_is_named(plain):
    info = probe(plain)
    assert (info.has_audio, info.audio_codec) == (True, "aac")


def test_a_recording_without_a_duration_in_its_header(tmp_path):
    clip = make_clip(tmp_path / "live.webm", codec="libvpx", container="webm", container_options={"live": "1"})
    with av.open(str(clip)) as container:
        assert container.duration is None
    assert probe(clip).duration_s == pytest.approx(1.5, abs=0.002)


def test_upside_down_and_sideways(tmp_path):
    info = probe(make_clip(tmp_path / "a.mp4", rotation_ccw_deg=-90))
    assert (info.width_px, info.height_px, info.rotation_deg) == (64, 96, 90)


def test_limits(plain):
    assert probe(plain, max_duration_s=2.0, max_bytes=plain.stat().st_size).frames_expected == 60
    with pytest.raises(TooLong):
        probe(plain, max_duration_s=1.9)
    with pytest.raises(TooLarge):
        probe(plain, max_bytes=plain.stat().st_size - 1)


def test_too_short(tmp_path):
    with pytest.raises(TooShort):
        probe(make_clip(tmp_path / "a.mp4", regular_times(0.9, 30)))


def test_one_picture_is_too_short(tmp_path):
    with pytest.raises(TooShort):
        probe(make_clip(tmp_path / "a.mp4", [0.0]))


def test_more_than_4k(tmp_path):
    clip = make_clip(tmp_path / "a.mp4", regular_times(0.1, 30), size=(4400, 2300))
    with pytest.raises(TooManyPixels):
        probe(clip)


def test_4k_is_welcome(tmp_path):
    clip = make_clip(tmp_path / "a.mp4", [0.0, 1.0], size=(3840, 2160))
    assert probe(clip).width_px == 3840


def test_a_header_that_claims_no_duration_is_not_believed(plain, tmp_path):
    clip = tmp_path / "a.mp4"
    clip.write_bytes(_with_movie_duration(plain.read_bytes(), 1))
    with av.open(str(clip)) as container:
        assert container.duration < 1000
    assert probe(clip).duration_s == pytest.approx(2, abs=0.01)
    with pytest.raises(TooLong):
        probe(clip, max_duration_s=1)


def test_a_header_that_claims_ten_hours_is_not_believed(tmp_path):
    clip = make_clip(tmp_path / "a.webm", codec="libvpx")
    data = bytearray(clip.read_bytes())
    struct.pack_into(">d", data, data.index(b"\x44\x89\x88") + 3, 36_000_000.0)  # Matroska's Duration, in ms
    clip.write_bytes(data)
    with av.open(str(clip)) as container:
        assert container.duration == 36_000 * av.time_base
    assert probe(clip, max_duration_s=2).duration_s == pytest.approx(1.5, abs=0.01)


def test_empty_file(tmp_path):
    (tmp_path / "a.mp4").touch()
    with pytest.raises(EmptyFile):
        probe(tmp_path / "a.mp4")


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.gif"])
def test_still_images(name, tmp_path):
    image = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
    (tmp_path / name).write_bytes(_encoded(image, name))
    with pytest.raises(StillImage):
        probe(tmp_path / name)


@pytest.mark.parametrize("name", ["a.m4a", "a.mp4", "a.wav", "a.mp3", "a.mka"])
def test_sound_without_a_picture(name, tmp_path):
    if name in ("a.wav", "a.mp3"):
        magic = {"a.wav": b"RIFF\x24\x00\x00\x00WAVEfmt ", "a.mp3": b"ID3\x04"}[name]
        (tmp_path / name).write_bytes(magic + bytes(500))
    else:
        make_sound(tmp_path / name)
    with pytest.raises(NoPicture):
        probe(tmp_path / name)


def test_cover_art_is_not_a_video(tmp_path):
    path = make_clip(tmp_path / "a.mkv", regular_times(0.1, 30), beep_s=0.5, sound_until_s=1.5)
    with av.open(str(path)) as source, av.open(str(tmp_path / "b.mp4"), "w") as output:
        sound = output.add_stream_from_template(source.streams.audio[0], opaque=True)
        cover = output.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 32, 32, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
        output.mux(cover.encode(frame.reformat(format="yuvj420p")))
        output.mux(cover.encode(None))
        for packet in source.demux(source.streams.audio[0]):
            if packet.size:
                packet.stream = sound
                output.mux(packet)
    with pytest.raises(NoPicture):
        probe(tmp_path / "b.mp4")


def test_a_codec_that_we_do_not_decode(tmp_path):
    with pytest.raises(UnsupportedCodec):
        probe(make_clip(tmp_path / "a.mov", codec="qtrle", pixels="rgb24"))


@pytest.mark.parametrize(
    "content",
    [
        b"This is the story of a dance.\n" * 40,
        b"\x00" * 4096,
        bytes(random.Random(1).randbytes(4096)),
        b"\x00\x00\x00\x18ftypmp42",
        b"<html><body>502 Bad Gateway</body></html>",
        b"%PDF-1.7\n",
        b"PK\x03\x04" + bytes(100),
    ],
)
def test_not_a_video_whatever_its_name(content, tmp_path):
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(NotAVideo):
        probe(tmp_path / "a.mp4")


def _playlist(other: Path) -> str:
    return f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:3\n#EXTINF:2.0,\n{other}\n#EXT-X-ENDLIST\n"


def _concat(other: Path) -> str:
    return f"ffconcat version 1.0\nfile '{other}'\n"


@pytest.mark.parametrize("script", [_playlist, _concat])
@pytest.mark.parametrize("name", ["a.mp4", "a.m3u8", "a.ffconcat"])
def test_a_script_that_names_another_file_is_not_followed(script, name, plain, tmp_path):
    (tmp_path / name).write_text(script(plain))
    with pytest.raises(NotAVideo):
        probe(tmp_path / name)


@pytest.mark.parametrize("name", ["concat:a.mp4", "a%03d.mp4", "http:--b.mp4", "-i.mp4"])
def test_odd_names_are_just_names(name, plain, tmp_path):
    (tmp_path / name).write_bytes(plain.read_bytes())
    assert probe(tmp_path / name).frames_expected == 60


def test_a_clip_cut_off_in_the_upload(plain, tmp_path):
    whole = plain.read_bytes()
    for tenths in range(10):
        clip = tmp_path / f"{tenths}.mp4"
        clip.write_bytes(whole[: max(40, len(whole) * tenths // 10)])
        try:
            info = probe(clip)
        except (DamagedFile, NotAVideo):
            assert tenths < 8
        else:
            assert 1 <= info.duration_s < 2
            assert 0 < len(list(read_frames(clip))) < 60


def test_an_index_at_the_end_that_never_arrived(tmp_path):
    whole = make_clip(tmp_path / "a.mp4").read_bytes()
    (tmp_path / "b.mp4").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises((DamagedFile, NotAVideo)):
        probe(tmp_path / "b.mp4")


def test_noise_behind_a_true_header(plain, tmp_path):
    whole = plain.read_bytes()
    begin = whole.index(b"mdat") + 4
    (tmp_path / "a.mp4").write_bytes(whole[:begin] + random.Random(2).randbytes(len(whole) - begin))
    with pytest.raises(DamagedFile):
        probe(tmp_path / "a.mp4")


def test_zeros_behind_a_true_header(plain, tmp_path):
    whole = plain.read_bytes()
    begin = whole.index(b"mdat") + 4
    (tmp_path / "a.mp4").write_bytes(whole[:begin] + bytes(len(whole) - begin))
    with pytest.raises(DamagedFile):
        probe(tmp_path / "a.mp4")


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_mutated_files_are_read_or_refused(kind, tmp_path):
    """A hundred broken files a container: whatever is wrong with them, only a MediaError may come out, and soon."""
    codec = {"mp4": {}, "webm": {"codec": "libvpx", "sound_codec": "libopus"}}[kind]
    whole = make_clip(
        tmp_path / f"whole.{kind}", regular_times(1.1, 15), size=(48, 32), beep_s=0.5, **codec
    ).read_bytes()
    clip, outcomes = tmp_path / f"clip.{kind}", set()
    for seed in range(100):
        clip.write_bytes(_mutated(whole, random.Random(seed)))
        started = time.monotonic()
        outcomes.add(_use(clip, tmp_path / "out.mp4"))
        assert time.monotonic() - started < 5, seed
    assert "used" in outcomes
    assert len(outcomes) > 2, "the mutations do not break anything"


def _use(clip: Path, out: Path) -> str:
    try:
        probe(clip, max_duration_s=60)
        times = [frame.t_s for frame in read_frames(clip, thread_type="NONE")]
        assert all(a < b for a, b in itertools.pairwise(times))
        assert key_frame_times(clip)[0] == 0
        list(read_frames(clip, start_s=0.5, end_s=0.9))
        read_audio(clip)
        to_playable(clip, out)
    except MediaError as error:
        return error.code
    return "used"


def _mutated(whole: bytes, chance: random.Random) -> bytes:
    data = bytearray(whole)
    for _ in range(chance.choice([1, 3, 10, 40])):
        begin = chance.randrange(len(data))
        length = chance.choice([1, 1, 4, 16])
        data[begin : begin + length] = chance.choice([chance.randbytes(length), b"\xff" * length, bytes(length)])
    return bytes(data[: chance.randrange(len(data))] if chance.random() < 0.1 else data)


def _with_movie_duration(whole: bytes, ticks: int) -> bytes:
    """mvhd, tkhd and mdhd claiming another duration (version 0 boxes)."""
    data = bytearray(whole)
    for box, offset in ((b"mvhd", 20), (b"mdhd", 20), (b"tkhd", 24)):
        at = data.find(box)
        while at >= 0:
            struct.pack_into(">I", data, at + offset, ticks)
            at = data.find(box, at + 4)
    return bytes(data)


def _encoded(image: av.VideoFrame, name: str) -> bytes:
    if name == "a.gif":
        return b"GIF89a" + bytes(100)
    if name == "a.webp":
        return b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(100)
    codec, pixels = {"a.png": ("png", "rgb24"), "a.jpg": ("mjpeg", "yuvj420p")}[name]
    context = av.CodecContext.create(codec, "w")
    context.width, context.height, context.pix_fmt, context.time_base = 32, 32, pixels, 1
    return b"".join(bytes(p) for f in (image.reformat(format=pixels), None) for p in context.encode(f))


@pytest.mark.skipif(not DATA.is_dir(), reason="the folder of real clips is not there")
def test_real_clips():
    clips = sorted((DATA / "video").glob("*.mp4"))
    assert clips
    for clip in clips:
        info = probe(clip, max_duration_s=60)
        assert len(list(read_frames(clip))) == info.frames_expected, clip.name
