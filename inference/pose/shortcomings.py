"""What makes a clip harder to judge than it need be: each a code, the stretches of time that it concerns and a value.

Nothing is said about a single frame: a limb behind the body for a moment is dancing, not a mistake.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inference.pose.clip_view import ClipView, Floats, Mask, fps_of, heights_px, stretches
from inference.pose.people import PersonKind
from inference.pose.quality_report import QualityFinding, Stretch

WEIGHTS = {
    "absent": 1.0,
    "legs_cut_off": 0.9,
    "frozen": 0.9,
    "arms_cut_off": 0.8,
    "far_away": 0.8,
    "cuts": 0.7,
    "legs_hidden": 0.7,
    "low_frame_rate": 0.7,
    "several_people": 0.6,
    "dark": 0.6,
    "blurred": 0.6,
    "dropped_frames": 0.6,
    "head_cut_off": 0.5,
    "arms_hidden": 0.5,
    "camera_moves": 0.5,
}
"""All codes, and how much each matters where it concerns the whole clip.

The value of a finding is the share of the frames that it concerns, but: "cuts", their number; "several_people", how many
people; "low_frame_rate", frames a second; "absent", "frozen", the longest stretch in seconds; "far_away", the dancer's
height as a share of the picture's; "dark", the mean luma.
"""

LIMB_PAIRS = {"legs": ("left_leg", "right_leg"), "arms": ("left_arm", "right_arm")}


@dataclass(frozen=True)
class _Weighed:
    """A finding and the share of the clip that it concerns."""

    finding: QualityFinding
    share: float


def shortcomings(view: ClipView) -> tuple[QualityFinding, ...]:
    """The findings of a clip, the worst first."""
    if not len(view.track.t_s):
        return ()
    weighed = [*_of_the_dancer(view), *_of_the_pictures(view), *_of_the_clock(view)]
    weighed.sort(key=lambda entry: -WEIGHTS[entry.finding.code] * entry.share)
    return tuple(entry.finding for entry in weighed)


def _of_the_dancer(view: ClipView) -> Iterator[_Weighed]:
    config, found = view.config, view.track.found
    if not found.any():
        return
    yield from _lasting(view, "absent", ~found, config.least_absence_s, in_seconds=True)
    cut_off = {"head": view.limb_cut_off("head")}
    hidden = {}
    for pair, limbs in LIMB_PAIRS.items():
        cut_off[pair] = np.logical_or(*(view.limb_cut_off(limb) for limb in limbs))
        unseen = ~np.logical_and(*(view.limb_in_view(limb) for limb in limbs))
        hidden[pair] = found & unseen & ~cut_off[pair]
    for part, mask in cut_off.items():
        yield from _lasting(view, f"{part}_cut_off", mask, config.least_stretch_s)
    for pair, mask in hidden.items():
        yield from _lasting(view, f"{pair}_hidden", mask, config.least_hidden_s)
    yield from _far_away(view)
    yield from _several_people(view)


def _lasting(
    view: ClipView, code: str, mask: Mask, least_s: float, *, value: float | None = None, in_seconds: bool = False
) -> Iterator[_Weighed]:
    """A finding for a mask that holds long enough somewhere."""
    times = view.stretches(mask, least_s)
    if not times:
        return
    part = _time_share(times, view)
    if in_seconds:
        value = times[0][1] - times[0][0]
    yield _Weighed(_finding(view, code, times, part if value is None else value), part)


def _far_away(view: ClipView) -> Iterator[_Weighed]:
    """Judged by the tallest posture of each second and a half: who crouches is no farther away."""
    heights = np.nan_to_num(view.height_px) / max(view.track.size_px)
    reach = max(1, round(0.75 * fps_of(view.track.t_s)))
    tallest = np.array([heights[max(0, at - reach) : at + reach + 1].max() for at in range(len(heights))])
    small = view.track.found & (tallest < view.config.far_away_height)
    if small.any():
        yield from _lasting(
            view, "far_away", small, view.config.least_stretch_s, value=float(np.median(tallest[small]))
        )


def _several_people(view: ClipView) -> Iterator[_Weighed]:
    """Others of about the dancer's height, who dance too: posters and mirror images were told apart before."""
    beside = np.zeros(len(view.track.t_s), bool)
    rivals = 0
    for person in view.estimate.people:
        if person.track is view.track or person.kind is not PersonKind.DANCER:
            continue
        both = person.track.found & view.track.found
        large = np.zeros_like(both)
        large[both] = heights_px(person.track)[both] >= view.config.rival_size * view.height_px[both]
        if view.stretches(large, view.config.least_stretch_s):
            rivals += 1
            beside |= large
    yield from _lasting(view, "several_people", beside, view.config.least_stretch_s, value=1.0 + rivals)


def _of_the_pictures(view: ClipView) -> Iterator[_Weighed]:
    config, looks = view.config, view.estimate.looks
    if not len(looks.t_s):
        return
    if len(looks.sampled):
        dark = looks.brightness < config.dark_luma
        moving = np.hypot(*looks.camera_shift.T) / _sample_steps_s(view) > config.moving_camera_per_s
        blurred = (looks.sharpness < config.blurred_sharpness) & ~dark & ~moving
        brightness = float(looks.brightness[dark].mean()) if dark.any() else 0.0
        yield from _sampled(view, "dark", dark, value=brightness)
        yield from _sampled(view, "blurred", blurred)
        yield from _sampled(view, "camera_moves", moving)
    cuts_s = looks.t_s[looks.begins_shot]
    if len(cuts_s):
        moments = [(float(at_s), float(at_s)) for at_s in cuts_s]
        yield _Weighed(_finding(view, "cuts", moments, len(cuts_s)), min(1.0, len(cuts_s) / 5))
    frozen = stretches(np.append(looks.change[1:] < config.frozen_change, False), looks.t_s, config.least_frozen_s, 0.0)
    if frozen:
        longest_s = frozen[0][1] - frozen[0][0]
        yield _Weighed(_finding(view, "frozen", frozen, longest_s), _time_share(frozen, view))


def _sampled(view: ClipView, code: str, mask: Mask, value: float | None = None) -> Iterator[_Weighed]:
    """A finding for a mask of the samples that holds for long enough; a sample stands for the time to the next one."""
    looks, config = view.estimate.looks, view.config
    times = stretches(mask, looks.t_s[looks.sampled], config.least_look_s, config.bridge_s)
    if times:
        part = _time_share(times, view)
        yield _Weighed(_finding(view, code, times, part if value is None else value), part)


def _sample_steps_s(view: ClipView) -> Floats:
    """How long before each sample the one before was taken."""
    t_s = view.estimate.looks.t_s[view.estimate.looks.sampled]
    return np.maximum(np.diff(t_s, prepend=t_s[0] - 1.0), 1e-3)


def _of_the_clock(view: ClipView) -> Iterator[_Weighed]:
    config, t_s = view.config, view.estimate.looks.t_s
    if len(t_s) < 2:
        return
    fps = fps_of(t_s)
    if fps < config.low_fps:
        whole: list[Stretch] = [(float(t_s[0]), float(t_s[-1]))]
        yield _Weighed(_finding(view, "low_frame_rate", whole, fps), 1.0)
    steps_s = np.diff(t_s)
    late = np.append(steps_s > config.dropped_steps / fps, False)
    part = float(steps_s[late[:-1]].sum() / max(t_s[-1] - t_s[0], 1e-9))
    if part >= config.dropped_share:
        times = stretches(late, t_s, 0.0, 2 * config.bridge_s)
        yield _Weighed(_finding(view, "dropped_frames", times, part), part)


def _finding(view: ClipView, code: str, times: list[Stretch], value: float) -> QualityFinding:
    return QualityFinding(code, tuple(times[: view.config.most_stretches]), float(value))


def _time_share(times: list[Stretch], view: ClipView) -> float:
    return min(1.0, sum(end - start for start, end in times) / max(view.track.duration_s, 1e-9))
