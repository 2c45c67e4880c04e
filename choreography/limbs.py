"""Names of limbs for people. Left and right are the dancer's own."""

from django.utils.translation import gettext_lazy as _

LIMB_LABELS = {
    "torso": _("torso"),
    "left_arm": _("left arm"),
    "right_arm": _("right arm"),
    "left_leg": _("left leg"),
    "right_leg": _("right leg"),
    "head": _("head"),
}
OTHER_SIDE = {"left": "right", "right": "left"}


def limb_label(limb: str) -> str:
    return str(LIMB_LABELS[limb])


def own_limb(limb: str, mirrored: bool) -> str:
    """The limb that the dancer used for the guide's `limb`: who danced the mirror image used the other one."""
    side, _separator, name = limb.partition("_")
    return f"{OTHER_SIDE[side]}_{name}" if mirrored and side in OTHER_SIDE else limb
