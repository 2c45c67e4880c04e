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


def limb_label(limb: str) -> str:
    return str(LIMB_LABELS[limb])
