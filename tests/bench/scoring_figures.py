"""The pictures of docs/scoring.md, drawn by the scoring itself: `make bench-scoring-figures`

The curves come from the configuration in force; the dancers are made learners whose faults are known. Seeded: the same
scoring draws the same pictures.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from choreography.comparison.compare import compare
from choreography.comparison.config import DEFAULT_CONFIG, ScoringConfig
from choreography.comparison.counts import CountGrid, DanceMap
from choreography.comparison.metrics import direction_error_deg, shown_weights
from choreography.comparison.normalise import LENGTHS, SEGMENTS, Movement, movement_of
from choreography.comparison.turn import find_turn, turned, wandering_yaw_deg
from ml_training.rendering.dances import BEATS_A_MINUTE, make_dance
from tests.bench.figures import a_build, a_camera
from tests.bench.learners import learner
from tests.bench.motion_edits import spliced
from tests.bench.svg import Chart, Picture, Point

Floats = NDArray[np.float64]

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "images"
_POINTS = (0, 25, 50, 75, 100)
_EIGHT_S = 8 * 60.0 / BEATS_A_MINUTE
_YAW_DEG = 30.0


def main() -> None:
    pictures = {**curves(DEFAULT_CONFIG), "turn": turn(), "lag": lag(), "eights": eights()}
    for name, picture in pictures.items():
        path = FOLDER / f"scoring-{name}.svg"
        path.write_text(str(picture), encoding="utf-8")
        print(path.relative_to(FOLDER.parent.parent))


def curves(config: ScoringConfig) -> dict[str, Picture]:
    """Points by quality, lag and size."""
    return {
        "shape-points": _curve(
            config.quality_knots, config.score_knots, 1.0, (0, 0.25, 0.5, 0.75, 1), "quality", "shape"
        ),
        "timing-points": _curve(
            config.lag_knots_ms, config.lag_points, 700.0, range(0, 701, 100), "ms late or early", "timing"
        ),
        "size-points": _curve(
            config.size_knots, config.size_points, 2.0, (0, 0.5, 1, 1.5, 2), "times the guide's size or energy", "size"
        ),
    }


def turn() -> Picture:
    """The moment that profits most from turning the take back."""
    config, dance = DEFAULT_CONFIG, make_dance(41, 20.0)
    shown = movement_of(learner(dance, seed=1), config)
    filmed = learner(dance, body=a_build(3), camera=a_camera(yaw_deg=_YAW_DEG), seed=2)
    danced = movement_of(filmed, config, shown.t_s)
    found = find_turn(shown, danced, config)
    back = turned(danced, found, config, wandering_yaw_deg(shown, danced, found, config))
    before, after = (_error_deg(shown, each, config) for each in (danced, back))
    whole = shown.seen.all(axis=1) & danced.seen.all(axis=1)
    row = int(np.argmax(np.where(whole, before - after, -np.inf)))
    picture = Picture(760, 330, "A dancer as the guide shows it, filmed from the side, and turned back")
    titles = (
        "the guide",
        f"the take, camera {_YAW_DEG:.0f}° to the side: {before[row]:.0f}° off",
        f"turned back by {abs(found.yaw_deg):.0f}°: {after[row]:.0f}° off",
    )
    for column, (title, each) in enumerate(zip(titles, (None, danced, back), strict=True)):
        centre = (127.0 + 253.0 * column, 158.0)
        picture.text((centre[0], 26), title, anchor="middle")
        _figure(picture, shown.vectors[row], centre, "guide" if each is None else "guide faint")
        if each is not None:
            _figure(picture, each.vectors[row], centre, "me")
    return picture


def lag() -> Picture:
    """A take that falls behind, hurries ahead and dances something else for a while."""
    seconds, other_s = 44.0, (34.0, 39.0)
    dance = make_dance(42, seconds)
    knots_s, knots_ms = (0, 7, 12, 15, 20, 25, 29, 32, seconds), (0, 0, 180, 180, 0, -120, -120, 0, 0)
    late_s = np.interp(dance.t_s, knots_s, knots_ms) / 1000.0
    strays = spliced([dance, make_dance(43, seconds), dance], other_s, 0.4)
    take = learner(strays.at(dance.t_s - late_s).at_clock(dance.t_s), body=a_build(4), seed=2)
    result = compare(learner(dance, seed=1), take, offset_hint_s=0.0)
    t_s, lag_ms = np.array(result.timeline.t_s), np.array(result.timeline.lag_ms)
    picture = Picture(760, 290, "The lag that was danced and the lag that was found over a take of 44 seconds")
    chart = Chart(picture, (0.0, -200.0), (seconds, 250.0))
    for first, last in _runs(~np.isfinite(lag_ms)):
        left, top = chart.at(float(t_s[first]), 250.0)
        right, bottom = chart.at(float(t_s[last - 1]), -200.0)
        picture.box((left, top), right - left, bottom - top, "unknown")
    chart.axes(range(0, 45, 5), (-200, -100, 0, 100, 200), "seconds of the guide", "ms late")
    chart.line(zip(knots_s, knots_ms, strict=True), "ink dash")
    for first, last in _runs(np.isfinite(lag_ms)):
        chart.line(zip(t_s[first:last].tolist(), lag_ms[first:last].tolist(), strict=True), "me")
    picture.text((700, 22), "dashed: danced; line: found; grey: another dance, so not told", anchor="end", style="mist")
    return picture


def eights() -> Picture:
    """A clean take but for one eight in which something else is danced."""
    count, wrong = 14, 8
    dance = make_dance(44, count * _EIGHT_S)
    strays = spliced([dance, make_dance(45, count * _EIGHT_S), dance], (wrong * _EIGHT_S, (wrong + 1) * _EIGHT_S), 0.4)
    result = compare(
        learner(dance, seed=1),
        learner(strays, body=a_build(5), seed=2),
        offset_hint_s=0.0,
        dance=DanceMap(CountGrid(BEATS_A_MINUTE, 0.0)),
    )
    scores = [eight.went.score for eight in result.eights if eight.went.score is not None]
    mean, total = float(np.mean(scores)), result.score or 0.0
    picture = Picture(
        760, 290, f"Scores of {count} eights, one of them bad; their mean {mean:.0f}, the total {total:.0f}"
    )
    chart = Chart(picture, (0.5, 0.0), (len(scores) + 0.5, 100.0), right=120.0)
    chart.axes(range(1, len(scores) + 1), _POINTS, "eight", "score")
    for number, score in enumerate(scores, start=1):
        left, top = chart.at(number - 0.32, score)
        right, bottom = chart.at(number + 0.32, 0.0)
        picture.box((left, top), right - left, bottom - top, "wrong" if number - 1 == result.worst_eight else "guide")
    for name, value, lift in (("mean", mean, -6), ("total", total, 14)):
        chart.line(((0.5, value), (len(scores) + 0.5, value)), "ink dash" if name == "mean" else "me")
        x, y = chart.at(len(scores) + 0.5, value)
        picture.text((x + 8, y + lift), f"{name} {value:.0f}")
    return picture


def _curve(
    knots: tuple[float, ...],
    points: tuple[float, ...],
    most: float,
    ticks: Sequence[float],
    name: str,
    part: str,
) -> Picture:
    picture = Picture(640, 260, f"Points for {part} by {name}")
    chart = Chart(picture, (0.0, 0.0), (most, 100.0))
    chart.axes(ticks, _POINTS, name, "points")
    inside = [(x, y) for x, y in zip(knots, points, strict=True) if x <= most]
    chart.line(inside if inside[-1][0] == most else [*inside, (most, float(np.interp(most, knots, points)))], "guide")
    for knot in inside:
        picture.dot(chart.at(*knot), 4, "guide")
    return picture


def _error_deg(shown: Movement, danced: Movement, config: ScoringConfig) -> Floats:
    """(N,) weighted mean error of the body."""
    weights = np.where(danced.seen, shown_weights(shown, config), 0.0)
    error_deg = direction_error_deg(shown, danced)
    return np.asarray((weights * error_deg).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9))


def _figure(picture: Picture, vectors: Floats, centre: Point, style: str, px: float = 62.0) -> None:
    """A body of usual proportions whose segments point as the vectors (S, 2) do; `px` a torso length."""
    hips, shoulders = np.array(centre), np.array(centre) + px * vectors[0]
    ends: dict[str, Floats] = {}
    for index, (segment, vector) in enumerate(zip(SEGMENTS, vectors * LENGTHS[:, None] * px, strict=True)):
        if segment.start[0].startswith("right") and segment.end[0].startswith("left"):
            middle = shoulders if "shoulder" in segment.end[0] else hips
            ends |= {segment.start[0]: middle - vector / 2, segment.end[0]: middle + vector / 2}
            picture.line((_point(middle - vector / 2), _point(middle + vector / 2)), style)
        elif segment.limb == "torso":
            picture.line((_point(hips), _point(shoulders)), style)
        elif segment.limb == "head":
            nose = shoulders + vectors[index] * LENGTHS[index] * px if index == 3 else ends["nose"]
            ends["nose"] = nose
        else:
            start = ends[segment.start[0]]
            ends[segment.end[0]] = start + vector
            picture.line((_point(start), _point(start + vector)), style)
    picture.line((_point(shoulders), _point(ends["nose"])), style)
    picture.dot(_point(ends["nose"]), 5, style)


def _point(at: Floats) -> Point:
    return float(at[0]), float(at[1])


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return [(int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]


if __name__ == "__main__":
    main()
