"""From the runs of a bench to its rows: medians, ratios and how far they spread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

COLUMNS = (
    ("clip", 10),
    ("model", 6),
    ("fps", 7),
    ("peer_fps", 9),
    ("peer2_fps", 10),
    ("ratio", 6),
    ("ratio2", 7),
    ("cpu_ms_per_frame", 17),
    ("peer_cpu_ms_per_frame", 22),
    ("peak_mb", 8),
    ("sum_mb", 7),
)

Cell = str | float | list[float] | None


@dataclass(frozen=True)
class Run:
    """One run of one contestant. Memory in MB (10^6 bytes): largest process, sum of the peaks, sum of PSS at one moment."""

    fps: float
    cpu_ms_per_frame: float
    found_share: float
    peak_mb: float
    sum_mb: float
    pss_mb: float


@dataclass(frozen=True)
class Round:
    """Runs of one round, one straight after the other: ours, the peer, the peer split over two processes."""

    ours: Run
    peer: Run
    peer2: Run


def better(runs: Mapping[str, Run]) -> str:
    """The name of the fastest."""
    return max(runs, key=lambda name: runs[name].fps)


def row_of(rounds: Sequence[Round]) -> dict[str, Cell]:
    """Medians over the rounds.

    `ratio` and `ratio2` are ratios of medians; `ratio_range` and `ratio2_range` the lowest and highest within one round.
    Memory is the most of all rounds.
    """
    ours, peer, peer2 = ([getattr(each, name) for each in rounds] for name in ("ours", "peer", "peer2"))
    fps, peer_fps, peer2_fps = (median(run.fps for run in runs) for runs in (ours, peer, peer2))
    return {
        "fps": round(fps, 1),
        "peer_fps": round(peer_fps, 1),
        "peer2_fps": round(peer2_fps, 1),
        "ratio": round(fps / peer_fps, 2),
        "ratio2": round(fps / peer2_fps, 2),
        "ratio_range": _range([each.ours.fps / each.peer.fps for each in rounds]),
        "ratio2_range": _range([each.ours.fps / each.peer2.fps for each in rounds]),
        "cpu_ms_per_frame": round(median(run.cpu_ms_per_frame for run in ours), 2),
        "peer_cpu_ms_per_frame": round(median(run.cpu_ms_per_frame for run in peer), 2),
        "peak_mb": round(max(run.peak_mb for run in ours)),
        "sum_mb": round(max(run.sum_mb for run in ours)),
        "pss_mb": round(max(run.pss_mb for run in ours)),
        "peer_peak_mb": round(max(run.peak_mb for run in peer)),
        "found": round(min(run.found_share for run in ours), 4),
        "peer_found": round(min(run.found_share for run in peer), 4),
        "rounds": len(rounds),
    }


def table(rows: Sequence[Mapping[str, Cell]]) -> str:
    lines = [" ".join(name.rjust(width) for name, width in COLUMNS)]
    lines += [" ".join(f"{row[name]}".rjust(width) for name, width in COLUMNS) for row in rows]
    return "\n".join(lines)


def _range(ratios: Sequence[float]) -> list[float]:
    return [round(min(ratios), 2), round(max(ratios), 2)]
