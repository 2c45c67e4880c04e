"""What the pose benches reckon: medians, ratios, distances, the clip played to and fro, what processes take."""

import os
import subprocess
import sys

import av
import numpy as np
import pytest

from inference.pose.reading import LANDMARK_COUNT, Detection, Reading, Region
from tests.bench.clips import ClipSize, real_dance, write_clip
from tests.bench.distances import apart, summary
from tests.bench.drawn import drawn_dance
from tests.bench.following import follow, positions, smoothed
from tests.bench.pose_table import Round, Run, better, row_of, table
from tests.bench.processes import CommandFailed, Memory, cpu_seconds, family, run_watched
from tests.media import make_clip, number_of, regular_times

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def run(fps, *, cpu_ms=10.0, peak_mb=100.0):
    return Run(fps=fps, cpu_ms_per_frame=cpu_ms, found_share=1.0, peak_mb=peak_mb, sum_mb=2 * peak_mb, pss_mb=peak_mb)


class TestTable:
    rounds = (
        Round(run(100, peak_mb=150), run(40), run(60)),
        Round(run(80, peak_mb=170), run(20), run(50)),
        Round(run(90, peak_mb=160), run(36), run(100)),
    )

    def test_frame_rates_are_medians_and_ratios_follow_from_what_is_printed(self):
        row = row_of(self.rounds)
        assert (row["fps"], row["peer_fps"], row["peer2_fps"]) == (90, 36, 60)
        assert (row["ratio"], row["ratio2"]) == (2.5, 1.5)

    def test_ranges_are_of_runs_of_the_same_round(self):
        row = row_of(self.rounds)
        assert row["ratio_range"] == [2.5, 4.0]
        assert row["ratio2_range"] == [0.9, 1.67]

    def test_memory_is_the_most_of_all_rounds(self):
        assert (row_of(self.rounds)["peak_mb"], row_of(self.rounds)["sum_mb"]) == (170, 340)

    def test_the_peer_may_decode_the_way_that_is_faster(self):
        assert better({"AUTO": run(40), "NONE": run(35)}) == "AUTO"
        assert better({"AUTO": run(40), "NONE": run(45)}) == "NONE"

    def test_a_row_stands_under_its_headings(self):
        heading, row = table([{"clip": "720p", "model": "full", **row_of(self.rounds)}]).splitlines()
        assert len(heading) == len(row)
        assert heading.split()[:3] == ["clip", "model", "fps"]
        assert row.split()[:3] == ["720p", "full", "90"]


class TestDistances:
    def test_of_itself_is_nothing(self):
        points = np.random.default_rng(0).normal(size=(5, 33, 2))
        found = summary([points], [points])
        assert (found.mean, found.largest, found.same_share, found.frames) == (0, 0, 1, 5)

    def test_a_shift_is_found_in_its_unit(self):
        points = np.zeros((4, 33, 3))
        found = summary([points], [points + np.array([0.003, 0, 0.004])], scale=1000)
        assert found.mean == pytest.approx(5)
        assert found.same_share == 0

    def test_one_bad_frame_moves_the_mean_and_not_the_median_frame(self):
        points = np.zeros((9, 33, 2))
        other = points.copy()
        other[4] = 300
        found = summary([points], [other])
        assert found.mean == pytest.approx(300 * np.sqrt(2) / 9)
        assert found.median_frame == 0
        assert found.same_share == pytest.approx(8 / 9)

    def test_frames_that_only_one_has_are_counted_and_not_measured(self):
        first, second = np.zeros((4, 33, 2)), np.zeros((4, 33, 2))
        first[0], second[1], first[2], second[2] = np.nan, np.nan, np.nan, np.nan
        found = summary([first], [second])
        assert (found.frames, found.only_one, found.mean) == (1, 2, 0)

    def test_other_frames_are_refused(self):
        with pytest.raises(ValueError, match="same frames"):
            apart(np.zeros((4, 33, 2)), np.zeros((5, 33, 2)))

    def test_nothing_in_common_is_no_agreement(self):
        with pytest.raises(ValueError, match="nothing in common"):
            summary([np.zeros((2, 33, 2))], [np.full((2, 33, 2), np.nan)])


class StagedReader:
    """Sees a person at x = picture; a negative picture shows nobody. Notes what it was asked."""

    def __init__(self):
        self.asked = []

    def detect(self, picture, within):
        self.asked.append(f"detect {picture}")
        return [Detection(0.9, self._at(picture))] if picture >= 0 else []

    def read(self, picture, region):
        self.asked.append(f"read {picture} at {region.x_px:g}")
        score = 0.9 if picture >= 0 else 0.1
        blank = np.ones(LANDMARK_COUNT)
        xyz = np.full((LANDMARK_COUNT, 3), float(picture))
        return Reading(xyz, xyz, blank, blank, score, self._at(picture))

    def _at(self, picture):
        return Region(float(picture), 0.0, 100.0, 0.0)


class TestFollowing:
    def test_the_detector_runs_only_when_the_dancer_is_lost(self):
        reader = StagedReader()
        readings = follow(reader, [10, 20, -1, 30], (100, 100))
        assert [reading is not None for reading in readings] == [True, True, False, True]
        assert reader.asked == [
            "detect 10",
            "read 10 at 10",
            "read 20 at 10",
            "read -1 at 20",
            "detect 30",
            "read 30 at 30",
        ]

    def test_the_filter_begins_anew_after_a_loss(self):
        readings = follow(StagedReader(), [10, 20, -1, 500, 500], (100, 100))
        filtered = smoothed(readings, np.arange(5) / 30)
        assert np.isnan(filtered[2]).all()
        assert filtered[3, 0, 0] == 500
        assert 10 < filtered[1, 0, 0] < 20
        assert positions(readings)[1, 0, 0] == 20


class TestClips:
    def test_a_short_dance_is_played_to_and_fro(self, tmp_path):
        source = make_clip(tmp_path / "short.mp4", regular_times(0.2, 30))
        numbers = [number_of(rgb) for rgb in real_dance(source, 9)]
        assert numbers == [0, 1, 2, 3, 4, 5, 4, 3, 2]

    def test_a_long_one_is_cut(self, tmp_path):
        source = make_clip(tmp_path / "long.mp4", regular_times(0.5, 30))
        assert [number_of(rgb) for rgb in real_dance(source, 4)] == [0, 1, 2, 3]

    def test_clips_have_the_size_and_a_key_frame_a_second(self, tmp_path):
        path = tmp_path / "clip.mp4"
        write_clip(path, drawn_dance((90, 160), 40), ClipSize(180, 320, 500_000))
        with av.open(str(path)) as clip:
            stream = clip.streams.video[0]
            assert (stream.width, stream.height, stream.frames, stream.average_rate) == (180, 320, 40, 30)
            keys = [round(packet.pts * packet.time_base * 30) for packet in clip.demux(stream) if packet.is_keyframe]
        assert keys == [0, 30]


@linux_only
class TestProcesses:
    def test_the_last_line_comes_back_with_the_memory_of_every_process(self):
        hold = "import time; held = bytearray(60_000_000); time.sleep(1.2)"
        script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{hold}']); print('so'); print('{{\"n\": 3}}')"
        result, memory = run_watched([sys.executable, "-c", script])
        assert result == {"n": 3}
        assert 60 < memory.largest_rss < 120
        assert len(memory.peaks) == 2
        assert memory.largest_rss < memory.sum_rss

    def test_a_failure_tells_what_the_command_said(self):
        with pytest.raises(CommandFailed, match="no such model"):
            run_watched([sys.executable, "-c", "raise SystemExit('no such model')"])

    def test_a_family_is_the_process_and_what_it_started(self):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        try:
            assert set(family(os.getpid())) >= {os.getpid(), child.pid}
        finally:
            child.communicate(b"\n")
        assert child.pid not in family(os.getpid())

    def test_the_work_of_running_children_counts(self):
        work = "print(sum(i * i for i in range(3_000_000)), flush=True); input()"
        before = cpu_seconds()
        child = subprocess.Popen([sys.executable, "-c", work], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            child.stdout.readline()
            assert cpu_seconds() - before > 0.05
        finally:
            child.communicate(b"\n")

    def test_a_process_that_has_gone_takes_nothing(self):
        memory = Memory()
        memory.look([2**22 + 1])
        assert memory.largest_rss == 0
