"""What people read in a quality report: for each finding where it is and what to do about it next time.

The sentences fit a dancer who reads about a take as well as a curator who reads about a guide.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inference.pose.quality_report import QualityFinding, Stretch

_SENTENCES: dict[str, Promise] = {
    "absent": gettext_lazy("Nobody was in view. Stay inside the picture from the first step to the last."),
    "legs_cut_off": gettext_lazy("The legs left the picture. Put the camera further away, or tilt it down a little."),
    "arms_cut_off": gettext_lazy("The arms left the picture. Leave an arm's length of room on each side."),
    "head_cut_off": gettext_lazy("The head left the picture. Put the camera further away, or tilt it up a little."),
    "legs_hidden": gettext_lazy("The legs could not be made out. Clear away what stands in front of them."),
    "arms_hidden": gettext_lazy("The arms could not be made out. Sleeves that stand out from the rest help."),
    "far_away": gettext_lazy(
        "The body was small in the picture. Put the camera closer, as long as the feet stay in view."
    ),
    "several_people": gettext_lazy(
        "Somebody else was dancing in the picture. Check that the right person was followed."
    ),
    "cuts": gettext_lazy("The clip was cut together. Film one piece without a break."),
    "camera_moves": gettext_lazy("The camera moved. Lean it on something that stands still."),
    "dark": gettext_lazy("It was dark. Switch on a light, and keep it behind the camera."),
    "blurred": gettext_lazy("The picture was blurred. Wipe the lens and tap on the body to focus."),
    "low_frame_rate": gettext_lazy("There were few pictures a second. Film with 30 or 60, in good light."),
    "dropped_frames": gettext_lazy("Pictures are missing. Close other apps while filming, and send the original clip."),
    "frozen": gettext_lazy("The picture stood still. Check the clip on your phone, and send the original."),
}
_OTHERWISE = gettext_lazy("Something made this part hard to see.")


def advice(finding: QualityFinding) -> str:
    """What was hard to see and what to do, in the language of the moment."""
    return str(_SENTENCES.get(finding.code, _OTHERWISE))


def stretches(finding: QualityFinding, duration_s: float | None = None) -> list[Stretch]:
    """When it was, in the order of time; none if it concerns the whole of `duration_s`."""
    if finding.stretches_s and duration_s and _is_whole(finding.stretches_s[0], duration_s):
        return []
    return sorted(finding.stretches_s)


def span(stretch: Stretch) -> str:
    """0:12 to 0:20"""
    start, end = (clock(seconds) for seconds in stretch)
    return start if start == end else _("%(start)s to %(end)s") % {"start": start, "end": end}


def clock(seconds: float) -> str:
    """0:12"""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _is_whole(stretch: Stretch, duration_s: float) -> bool:
    return stretch[1] - stretch[0] >= 0.9 * duration_s
