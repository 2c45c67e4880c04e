"""The practice plan: the worst moments, widened to what can be danced, each with the speeds at which to practise it."""

from collections.abc import Sequence
from dataclasses import dataclass

from choreography.comparison.counts import CountGrid, DanceMap
from choreography.comparison.reasons_config import ReasonsConfig
from choreography.comparison.result import Drill, Finding

_TIMING = ("late", "early")


@dataclass(frozen=True)
class _Moment:
    """A stretch of the guide to practise, and the findings that it answers, worst first."""

    start_s: float
    end_s: float
    findings: tuple[int, ...]

    def joined(self, other: "_Moment") -> "_Moment":
        return _Moment(
            min(self.start_s, other.start_s), max(self.end_s, other.end_s), (*self.findings, *other.findings)
        )


def practice_plan(findings: Sequence[Finding], dance: DanceMap, config: ReasonsConfig) -> tuple[Drill, ...]:
    """At most `config.drills` stretches for the findings that rank first, the worst first.

    A stretch is widened to whole counts and to at least `config.least_drill_s`; a fault that goes on for long is
    practised where its place says it was worst. Stretches that mostly overlap become one, as long as that stays practicable:
    one that only touches another would make its loop twice as long.
    """
    moments: list[_Moment] = []
    for index, finding in enumerate(findings):
        moment = _moment(index, finding, dance, config)
        near = next((at for at, known in enumerate(moments) if _belong_together(known, moment, config)), None)
        if near is not None:
            moments[near] = moments[near].joined(moment)
        elif len(moments) < config.drills:
            moments.append(moment)
    return tuple(_drill(moment, findings, dance, config) for moment in moments)


def _moment(index: int, finding: Finding, dance: DanceMap, config: ReasonsConfig) -> _Moment:
    start_s, end_s = finding.start_s, finding.end_s
    if end_s - start_s > config.most_drill_s:
        start_s, end_s = _worst_part_s(finding, dance, config)
    return _Moment(*_widened(start_s, end_s, dance.grid, config), (index,))


def _worst_part_s(finding: Finding, dance: DanceMap, config: ReasonsConfig) -> tuple[float, float]:
    """The eight that the finding's place names, or its beginning where there are no counts."""
    spans = dance.spans(finding.start_s, finding.end_s, config.most_drill_s)
    named = (
        (start_s, end_s)
        for _, start_s, end_s in spans
        if dance.grid and dance.place_of(start_s, end_s) == finding.place
    )
    return next(named, (finding.start_s, finding.start_s + config.most_drill_s))


def _widened(start_s: float, end_s: float, grid: CountGrid | None, config: ReasonsConfig) -> tuple[float, float]:
    """Whole counts around the stretch, or its own length, but never less than `least_drill_s`; not before 0."""
    missing_s = max(config.least_drill_s - (end_s - start_s), 0.0)
    start_s, end_s = max(start_s - missing_s / 2, 0.0), end_s + missing_s / 2
    if grid is None:
        return start_s, max(end_s, start_s + config.least_drill_s)
    # A tenth of a beat over is not worth another count.
    first = grid.beat_at(start_s + 0.1 * grid.beat_s)
    last = grid.beat_at(end_s - 0.1 * grid.beat_s) + 1
    return max(grid.first_count_s + first * grid.beat_s, 0.0), grid.first_count_s + last * grid.beat_s


def _belong_together(one: _Moment, other: _Moment, config: ReasonsConfig) -> bool:
    joined = one.joined(other)
    overlap_s = min(one.end_s, other.end_s) - max(one.start_s, other.start_s)
    shorter_s = min(one.end_s - one.start_s, other.end_s - other.start_s)
    return overlap_s >= config.overlap_share * shorter_s and joined.end_s - joined.start_s <= config.most_drill_s


def _drill(moment: _Moment, findings: Sequence[Finding], dance: DanceMap, config: ReasonsConfig) -> Drill:
    only_timing = all(findings[index].kind in _TIMING for index in moment.findings)
    return Drill(
        finding=moment.findings[0],
        start_s=moment.start_s,
        end_s=moment.end_s,
        place=dance.place_of(moment.start_s, moment.end_s),
        speeds=config.timing_drill_speeds if only_timing else config.drill_speeds,
    )
