"""Which pictures of a clip to read where there are more of them than are needed."""

import math

from inference.media.packets import PacketScan


class Pace:
    """Every n-th picture of a clip, so that about `target_fps` are read a second.

    Time is cut into slots of n usual steps, and the first picture in each is due. A slot begins half a step before its
    picture's time, so that stamps rounded to milliseconds fall inside. Where the stamps can be trusted, what is due
    depends on the file alone and not on where reading begins, so that parts of a clip agree.
    """

    def __init__(self, scan: PacketScan, target_fps: float) -> None:
        span_s = float((int(scan.pts[-1]) - int(scan.pts[0])) * scan.tick_s) if len(scan.pts) else 0.0
        fps = (len(scan.pts) - 1) / span_s if span_s > 0 else target_fps
        steps = max(1, round(fps / target_fps))
        self._slots_per_s = fps / steps
        self._lead = 0.5 / steps
        self._due = self._due_stamps(scan) if scan.is_clean else None
        self._slot: int | None = None

    def is_due(self, stamp: int | None, t_s: float) -> bool:
        """Whether the picture with this stamp, shown at `t_s`, is to be read; to be asked for each picture in order."""
        if self._due is not None:
            return stamp in self._due
        slot, self._slot = self._slot, self._slot_of(t_s)
        return slot != self._slot

    def can_be_left_out(self, stamp: int | None) -> bool:
        """Whether the picture in a packet with this stamp will not be read, as far as is known beforehand."""
        return self._due is not None and stamp not in self._due

    def _due_stamps(self, scan: PacketScan) -> frozenset[int]:
        stamps = scan.pts.tolist()
        slots = [self._slot_of(float((stamp - stamps[0]) * scan.tick_s)) for stamp in stamps]
        before = [None, *slots]
        return frozenset(stamp for stamp, slot, last in zip(stamps, slots, before, strict=False) if slot != last)

    def _slot_of(self, t_s: float) -> int:
        return math.floor(t_s * self._slots_per_s + self._lead)
