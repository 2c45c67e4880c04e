"""Parts of the body as a sentence needs them: as what is moved, and as what moves.

The two are translated apart, because Korean marks each with a particle that depends on the word's sound (손을, 손이;
머리를, 머리가). Sentences put them in whole.
"""

from collections.abc import Callable

from django.utils.translation import gettext as _

from choreography.comparison.result import Part

Words = Callable[[], str]

SIDED: frozenset[Part] = frozenset({"elbow", "hand", "knee", "foot", "arm", "leg"})
UNSIDED_LIMBS = {"torso": "upper_body", "head": "head", "all": "all"}

OBJECTS: dict[str, Words] = {
    "left_elbow": lambda: _("your left elbow"),
    "right_elbow": lambda: _("your right elbow"),
    "left_hand": lambda: _("your left hand"),
    "right_hand": lambda: _("your right hand"),
    "left_knee": lambda: _("your left knee"),
    "right_knee": lambda: _("your right knee"),
    "left_foot": lambda: _("your left foot"),
    "right_foot": lambda: _("your right foot"),
    "left_arm": lambda: _("your left arm"),
    "right_arm": lambda: _("your right arm"),
    "left_leg": lambda: _("your left leg"),
    "right_leg": lambda: _("your right leg"),
    "head": lambda: _("your head"),
    "upper_body": lambda: _("your upper body"),
    "hips": lambda: _("your hips"),
    "all": lambda: _("your whole body"),
}

SUBJECTS: dict[str, Words] = {
    "left_elbow": lambda: _("Your left elbow"),
    "right_elbow": lambda: _("Your right elbow"),
    "left_hand": lambda: _("Your left hand"),
    "right_hand": lambda: _("Your right hand"),
    "left_knee": lambda: _("Your left knee"),
    "right_knee": lambda: _("Your right knee"),
    "left_foot": lambda: _("Your left foot"),
    "right_foot": lambda: _("Your right foot"),
    "left_arm": lambda: _("Your left arm"),
    "right_arm": lambda: _("Your right arm"),
    "left_leg": lambda: _("Your left leg"),
    "right_leg": lambda: _("Your right leg"),
    "head": lambda: _("Your head"),
    "upper_body": lambda: _("Your upper body"),
    "hips": lambda: _("Your hips"),
    "arms": lambda: _("Your arms"),
    "legs": lambda: _("Your legs"),
    "all": lambda: _("Your whole body"),
}


def body_part(limb: str, part: Part) -> str:
    """The key of what to move: the part on the limb's side, or the limb where the part does not tell."""
    if limb == "all":
        return limb  # a whole body has no one part to move
    side, _separator, _name = limb.partition("_")
    if part in SIDED:
        return f"{side}_{part}" if side in ("left", "right") else UNSIDED_LIMBS[limb]
    return part


def body_limb(limb: str) -> str:
    """The key of a whole limb."""
    return UNSIDED_LIMBS.get(limb, limb)
