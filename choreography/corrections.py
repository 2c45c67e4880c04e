"""How to mend a shape: one whole sentence for each correction, and another where the part of the body asks for its own."""

from django.utils.translation import gettext as _

from choreography.body_words import OBJECTS, SUBJECTS, Words
from choreography.comparison.result import Correction

DEGREES_STEP = 5
MOST_DEGREES = 90
"""Beyond it nobody can use the number, and none that a camera gave is as exact."""

GENERAL: dict[Correction, Words] = {
    "raise": lambda: _("Raise %(part)s %(about)s"),
    "lower": lambda: _("Lower %(part)s %(about)s"),
    "out": lambda: _("Take %(part)s %(about)s further out"),
    "in": lambda: _("Bring %(part)s %(about)s further in"),
    "left": lambda: _("Take %(part)s %(about)s further to your left"),
    "right": lambda: _("Take %(part)s %(about)s further to your right"),
    "forward": lambda: _("Bring %(part)s %(about)s further forward"),
    "back": lambda: _("Take %(part)s %(about)s further back"),
    "bend": lambda: _("Bend %(part)s %(about)s more"),
    "straighten": lambda: _("Straighten %(part)s %(about)s more"),
    "other": lambda: _("%(subject)s does something else here"),
}

LEAN: dict[Correction, Words] = {
    "raise": lambda: _("Straighten your upper body %(about)s"),
    "lower": lambda: _("Lean your upper body %(about)s further down"),
    "bend": lambda: _("Lean your upper body %(about)s further down"),
    "straighten": lambda: _("Straighten your upper body %(about)s"),
    "left": lambda: _("Lean your upper body %(about)s further to your left"),
    "right": lambda: _("Lean your upper body %(about)s further to your right"),
    "forward": lambda: _("Lean your upper body %(about)s further forward"),
    "back": lambda: _("Lean your upper body %(about)s further back"),
    "out": lambda: _("Open your upper body %(about)s more"),
    "in": lambda: _("Close your upper body %(about)s more"),
}

SPECIAL: dict[str, dict[Correction, Words]] = {
    "head": {
        "raise": lambda: _("Lift your head %(about)s"),
        "lower": lambda: _("Lower your head %(about)s"),
        "bend": lambda: _("Lower your head %(about)s"),
        "straighten": lambda: _("Lift your head %(about)s"),
        "left": lambda: _("Tilt your head %(about)s further to your left"),
        "right": lambda: _("Tilt your head %(about)s further to your right"),
        "forward": lambda: _("Tilt your head %(about)s further forward"),
        "back": lambda: _("Tilt your head %(about)s further back"),
        "out": lambda: _("Turn your head %(about)s further out"),
        "in": lambda: _("Turn your head %(about)s further in"),
    },
    "upper_body": LEAN,
    "all": LEAN | {"other": lambda: _("You dance something else here")},
    "hips": {
        "bend": lambda: _("Bend %(about)s more at your hips"),
        "straighten": lambda: _("Straighten up %(about)s more at your hips"),
        "out": lambda: _("Open your hips %(about)s more"),
        "in": lambda: _("Close your hips %(about)s more"),
        "other": lambda: _("Your hips do something else here"),
    },
}


def shape_sentence(part: str, correction: Correction, degrees: float | None) -> str:
    """ "Raise your left elbow about 30°"; `part` is a key of `body_words.OBJECTS`."""
    pattern = SPECIAL.get(part, {}).get(correction) or GENERAL[correction]
    words = {"part": OBJECTS[part](), "subject": SUBJECTS[part](), "about": _about(degrees)}
    return " ".join((pattern() % words).split())  # no gap where the degrees are not known


def _about(degrees: float | None) -> str:
    if degrees is None:
        return ""
    if abs(degrees) > MOST_DEGREES:
        return _("a lot")
    return _("about %(degrees)d°") % {"degrees": max(DEGREES_STEP, DEGREES_STEP * round(abs(degrees) / DEGREES_STEP))}
