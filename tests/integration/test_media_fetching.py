"""A file from outside that names other files or addresses makes us open none of them.

Each trap is first sprung with FFmpeg's restrictions taken off, where its own defaults allow that: what cannot catch
proves nothing.
"""

import contextlib
import ctypes
import os
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error
import pytest

from inference.media.audio import read_audio
from inference.media.errors import MediaError
from inference.media.frames import key_frame_times, read_frames
from inference.media.probe import probe
from inference.media.transcode import to_playable
from tests.media import make_clip

_IN_OPEN = 0x20
QUICK = {"preset": "ultrafast", "g": "15"}


@dataclass
class Canary:
    """A file that nobody may open (the kernel tells) and an address that nobody may call."""

    path: Path
    url: str
    _notices: int
    _server: socket.socket

    def has_sung(self) -> bool:
        """Whether either was touched since the last time."""
        return bool(self._was_opened() | self._was_called())

    def _was_opened(self) -> bool:
        try:
            return bool(os.read(self._notices, 65536))
        except BlockingIOError:
            return False

    def _was_called(self) -> bool:
        try:
            self._server.accept()[0].close()
        except BlockingIOError:
            return False
        return True


@pytest.fixture
def canary(tmp_path):
    path = make_clip(tmp_path / "canary.mp4", [0.0, 0.5, 1.0])
    libc = ctypes.CDLL(None, use_errno=True)
    notices = libc.inotify_init1(os.O_NONBLOCK)
    assert libc.inotify_add_watch(notices, os.fsencode(path), _IN_OPEN) >= 0
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield Canary(path, f"http://127.0.0.1:{server.getsockname()[1]}/canary.mp4", notices, server)
    os.close(notices)


def _playlist(name: str) -> str:
    return f"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:3\n#EXTINF:2.0,\n{name}\n#EXT-X-ENDLIST\n"


def _hls_file(canary: Canary, folder: Path) -> Path:
    return _written(folder / "clip.m3u8", _playlist(str(canary.path)))


def _hls_address(canary: Canary, folder: Path) -> Path:
    return _written(folder / "clip.m3u8", _playlist(canary.url))


def _hls_key(canary: Canary, folder: Path) -> Path:
    key = f'#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXT-X-KEY:METHOD=AES-128,URI="{canary.url}"\n'
    return _written(folder / "clip.m3u8", key + f"#EXTINF:2.0,\n{folder / 'part.ts'}\n#EXT-X-ENDLIST\n")


def _hls_of_lists(canary: Canary, folder: Path) -> Path:
    return _written(folder / "clip.m3u8", f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{canary.url}\n")


def _concat(canary: Canary, folder: Path) -> Path:
    return _written(folder / "clip.mp4", f"ffconcat version 1.0\nfile '{canary.path}'\n")


def _dash(canary: Canary, folder: Path) -> Path:
    return _written(
        folder / "clip.mpd",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S" '
        'profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet mimeType="video/mp4">'
        f'<Representation id="1" bandwidth="1"><BaseURL>{canary.url}</BaseURL></Representation></AdaptationSet>'
        "</Period></MPD>",
    )


def _session(canary: Canary, folder: Path) -> Path:
    port = canary.url.split(":")[2].split("/")[0]
    return _written(
        folder / "clip.sdp",
        f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\n"
        "a=rtpmap:96 H264/90000\n",
    )


def _subtitles_in_two_files(canary: Canary, folder: Path) -> Path:
    """VobSub: FFmpeg opens the .sub beside the .idx of the same name."""
    (folder / "canary.sub").symlink_to(canary.path)
    return _written(
        folder / "canary.idx",
        "# VobSub index file, v7 (do not modify this line!)\nid: en, index: 0\n"
        "timestamp: 00:00:01:000, filepos: 000000000\n",
    )


def _subtitles(canary: Canary, folder: Path) -> Path:
    return _written(folder / "clip.srt", f'1\n00:00:00,000 --> 00:00:02,000\n<font face="{canary.url}">dance</font>\n')


def _styled_subtitles(canary: Canary, folder: Path) -> Path:
    return _written(
        folder / "clip.ass",
        f"[Script Info]\nScriptType: v4.00+\nAudio File: {canary.path}\nVideo File: {canary.url}\n\n[Events]\n"
        "Format: Layer, Start, End, Text\nDialogue: 0,0:00:00.00,0:00:02.00,dance\n",
    )


def _numbered_pictures(canary: Canary, folder: Path) -> Path:
    """A name that means a series of files to FFmpeg, and the first of the series."""
    (folder / "img1.png").symlink_to(canary.path)
    return _written(folder / "img%d.png", "\x00" * 64)


def _reference_movie(canary: Canary, folder: Path) -> Path:
    address = b"url " + struct.pack(">I", len(canary.url) + 1) + canary.url.encode() + b"\0"
    movie = _box(b"moov", _box(b"rmra", _box(b"rmda", _box(b"rdrf", bytes(4) + address))))
    return _written(folder / "clip.mov", _box(b"ftyp", b"qt  \0\0\0\0qt  ") + movie)


def _external_data(canary: Canary, folder: Path) -> Path:
    """A QuickTime movie whose track says that its data lie in another file (an alias record in `dref`)."""
    clip = make_clip(folder / "clip.mov", options=QUICK)
    own = _box(b"dref", struct.pack(">II", 0, 1) + _box(b"url ", b"\0\0\0\1"))
    other = _box(b"dref", struct.pack(">II", 0, 1) + _box(b"alis", bytes(4) + _alias(canary.path)))
    return _written(clip, _with_box_replaced(clip.read_bytes(), own, other))


def _linked_recording(canary: Canary, folder: Path) -> Path:
    """Matroska with chapters and an attachment, that names the file before it and the one behind it."""
    plain = make_clip(folder / "plain.mkv", options=QUICK)
    with av.open(str(plain)) as source, av.open(str(folder / "clip.mkv"), "w") as output:
        stream = output.add_stream_from_template(source.streams.video[0], opaque=True)
        output.add_attachment("canary.mp4", "font/ttf", b"not a font")
        chapter = {"id": 1, "start": 0, "end": 1000, "time_base": Fraction(1, 1000)}
        output.set_chapters([chapter | {"metadata": {"title": canary.url}}])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                output.mux(packet)
    name = canary.path.name.encode()
    links = b"\x3c\x83\xab" + bytes([0x80 | len(name)]) + name + b"\x3e\x83\xbb" + bytes([0x80 | len(name)]) + name
    data = bytearray((folder / "clip.mkv").read_bytes())
    void = data.index(b"\xec", data.index(b"\x11\x4d\x9b\x74"))  # room that the muxer left behind its table of contents
    begin = void + (2 if data[void + 1] & 0x80 else 9)
    room = data[void + 1] & 0x7F if data[void + 1] & 0x80 else int.from_bytes(data[void + 2 : begin], "big")
    info = b"\x15\x49\xa9\x66" + bytes([0x80 | len(links)]) + links
    assert room > len(info) + 2
    left = begin + room - void - len(info)
    data[void : void + len(info)] = info
    data[void + len(info) : begin + room] = b"\xec\x01" + (left - 9).to_bytes(7, "big") + bytes(left - 9)
    return _written(folder / "clip.mkv", bytes(data))


def _playlist_in_front_of_a_clip(canary: Canary, folder: Path) -> Path:
    clip = make_clip(folder / "clip.mp4", options=QUICK)
    return _written(clip, _playlist(canary.url).encode() + clip.read_bytes())


def _playlist_inside_and_behind_a_clip(canary: Canary, folder: Path) -> Path:
    clip = make_clip(folder / "clip.mp4", options=QUICK)
    data, lines = clip.read_bytes(), _playlist(canary.url).encode()
    index = data.index(b"moov") - 4
    return _written(clip, data[:index] + _box(b"free", lines) + data[index:] + lines)


def _written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def _with_box_replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    """Exchange a box deep in `moov`, which lies behind the data, and mend the sizes of those around it."""
    mended, at = bytearray(data), data.index(old)
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        begin = data.rindex(kind, 0, at) - 4
        size = struct.unpack_from(">I", data, begin)[0]
        struct.pack_into(">I", mended, begin, size + len(new) - len(old))
    mended[at : at + len(old)] = new
    return bytes(mended)


def _alias(path: Path) -> bytes:
    """A Macintosh alias record to a file by its absolute path, as QuickTime wrote them."""
    volume, name = b"root", path.name.encode()[:63]
    head = bytes(10) + bytes([len(volume)]) + volume.ljust(27, b"\0") + bytes(12)
    head += bytes([len(name)]) + name.ljust(63, b"\0") + bytes(16) + struct.pack(">HH", 1, 1) + bytes(16)
    full = os.fsencode(path)
    padded = full + b"\0" * (len(full) % 2)
    return head + struct.pack(">HH", 2, len(full)) + padded + struct.pack(">Hh", 0, 0) + struct.pack(">hH", -1, 0)


Trap = Callable[[Canary, Path], Path]
OPEN_DOORS = {"protocol_whitelist": "file,http,tcp,crypto,udp,rtp", "allowed_extensions": "ALL", "safe": "0"}
# What springs only with more doors open, or with FFmpeg built otherwise, is here without its control.
SPRUNG: dict[Trap, dict[str, str]] = {
    _hls_file: {},
    _hls_address: {},
    _hls_of_lists: {},
    _concat: {},
    _subtitles_in_two_files: {},
    _numbered_pictures: {},
    _external_data: {"enable_drefs": "1", "use_absolute_path": "1"},
}
HARMLESS_BY_NATURE: tuple[Trap, ...] = (
    _hls_key,
    _dash,
    _session,
    _subtitles,
    _styled_subtitles,
    _reference_movie,
    _linked_recording,
    _playlist_in_front_of_a_clip,
    _playlist_inside_and_behind_a_clip,
)


@pytest.mark.parametrize("trap", SPRUNG)
def test_the_traps_catch_whoever_opens_them_without_care(trap, canary, tmp_path):
    clip = trap(canary, tmp_path)
    canary.has_sung()
    unrestricted = OPEN_DOORS | SPRUNG[trap]
    with (
        contextlib.suppress(av.error.FFmpegError, StopIteration),
        av.open(str(clip), options=unrestricted, timeout=0.3) as container,
    ):
        next(container.demux())
    assert canary.has_sung()


@pytest.mark.parametrize("trap", [*SPRUNG, *HARMLESS_BY_NATURE])
@pytest.mark.parametrize("name", [None, "upload.mp4"])
def test_nothing_else_is_opened(trap, name, canary, tmp_path):
    clip = trap(canary, tmp_path)
    if name is not None:
        clip = clip.rename(tmp_path / name)
    canary.has_sung()
    for use in (probe, read_audio, key_frame_times, lambda path: list(read_frames(path)), _convert):
        with contextlib.suppress(MediaError):
            use(clip)
    assert not canary.has_sung()


def _convert(path: Path) -> None:
    to_playable(path, path.with_name("copy.mp4"))


@pytest.mark.parametrize("trap", [_linked_recording, _playlist_inside_and_behind_a_clip])
def test_a_good_clip_is_used_whatever_hangs_on_it(trap, canary, tmp_path):
    clip = trap(canary, tmp_path)
    assert probe(clip).frames_expected == 45
    assert len(list(read_frames(clip))) == 45
