import av
import numpy as np
import pytest
from scipy.io import wavfile

from inference.media.audio import read_audio
from inference.media.errors import MediaError, NoPicture
from tests.media import AUDIO_RATE, beep, beep_start_s, make_clip, make_sound, make_wave, regular_times

RATE = 16_000


def test_no_sound(tmp_path):
    assert read_audio(make_clip(tmp_path / "a.mp4")) is None


def test_no_picture(tmp_path):
    with pytest.raises(NoPicture):
        read_audio(make_sound(tmp_path / "a.m4a"))


def test_a_wave_file_is_heard_from_its_first_sample(tmp_path):
    samples = read_audio(make_wave(tmp_path / "a.bin", beep(0.5, 0.0, 1.5)))
    assert len(samples) == pytest.approx(1.5 * RATE, abs=2)
    assert beep_start_s(samples, RATE) == pytest.approx(0.5, abs=0.002)


def test_a_wave_file_that_claims_more_than_it_has_gives_what_it_has(tmp_path):
    data = bytearray(make_wave(tmp_path / "a.wav", beep(0.5, 0.0, 1.5)).read_bytes())
    data[40:44] = b"\xff\xff\xff\x7f"
    (tmp_path / "long.wav").write_bytes(data)
    assert len(read_audio(tmp_path / "long.wav")) == pytest.approx(1.5 * RATE, abs=2)
    (tmp_path / "none.wav").write_bytes(data[:20])
    with pytest.raises(MediaError):
        read_audio(tmp_path / "none.wav")


def test_samples_that_are_no_sound_spoil_nothing_but_their_moment(tmp_path):
    """One wild sample would outweigh the whole song."""
    sound = beep(0.5, 0.0, 1.5).astype(np.float32)
    for at_s, wild in ((1.0, np.nan), (1.1, 1e30), (1.2, -np.inf)):
        sound[round(at_s * AUDIO_RATE)] = wild
    wavfile.write(tmp_path / "wild.wav", AUDIO_RATE, sound)
    samples = read_audio(tmp_path / "wild.wav")
    assert np.abs(samples).max() <= 1.0
    assert beep_start_s(samples, RATE) == pytest.approx(0.5, abs=0.002)
    assert np.abs(samples[round(1.3 * RATE) :]).max() < 0.01


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "aac"), ("a.webm", "libopus"), ("a.mov", "pcm_s16le")])
@pytest.mark.parametrize("rate", [16_000, 22_050, 48_000])
def test_one_channel_at_the_rate_that_was_asked_for(name, codec, rate, tmp_path):
    video = "libvpx" if name.endswith("webm") else "libx264"
    samples = read_audio(make_clip(tmp_path / name, codec=video, beep_s=0.5, sound_codec=codec), rate=rate)
    assert samples.dtype == np.float32
    assert samples.shape == (pytest.approx(1.5 * rate, abs=0.05 * rate),)
    assert beep_start_s(samples, rate) == pytest.approx(0.5, abs=0.004)
    assert 0.7 < np.abs(samples).max() < 1.0


def test_sound_that_starts_before_the_picture_is_cut(tmp_path):
    times = [0.4 + time for time in regular_times(1.5, 30)]
    samples = read_audio(make_clip(tmp_path / "a.mp4", times, beep_s=0.9))
    assert beep_start_s(samples, RATE) == pytest.approx(0.5, abs=0.004)


def test_sound_that_starts_late_is_preceded_by_silence(tmp_path):
    samples = read_audio(make_clip(tmp_path / "a.mkv", beep_s=1.0, sound_from_s=0.6, sound_codec="pcm_s16le"))
    assert beep_start_s(samples, RATE) == pytest.approx(1.0, abs=0.004)
    assert not samples[: round(0.55 * RATE)].any()


def test_sound_ends_with_the_pictures(tmp_path):
    samples = read_audio(make_clip(tmp_path / "a.mp4", beep_s=0.5, sound_until_s=5.0))
    assert len(samples) == 1.5 * RATE


def test_a_pause_in_the_sound_is_silence(tmp_path):
    clip = make_clip(tmp_path / "a.mkv", beep_s=1.0, sound_codec="pcm_s16le")
    with av.open(str(clip)) as source, av.open(str(tmp_path / "b.mkv"), "w") as output:
        streams = {s.index: output.add_stream_from_template(s, opaque=True) for s in source.streams}
        for packet in source.demux():
            paused = packet.stream.type == "audio" and packet.pts is not None and 300 <= packet.pts < 700
            if packet.size and not paused:
                packet.stream = streams[packet.stream.index]
                output.mux(packet)
    samples = read_audio(tmp_path / "b.mkv")
    assert beep_start_s(samples, RATE) == pytest.approx(1.0, abs=0.004)
    assert len(samples) == pytest.approx(1.5 * RATE, abs=2)
