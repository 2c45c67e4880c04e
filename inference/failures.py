"""What people read when a job did not work out: for each stable code, what happened and what they can do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_MESSAGES: dict[str, Promise] = {
    "empty_file": _("The file is empty. The upload may have been interrupted: please choose the clip again."),
    "not_a_video": _("This is not a video that we can read. Please upload an MP4, MOV or WebM clip."),
    "still_image": _("This is a picture, not a video. Please upload a clip of you dancing."),
    "no_picture": _("This file has sound but no picture. Please upload a video of you dancing."),
    "unsupported_codec": _(
        "We cannot read the way this video is encoded. Please save it as MP4 (H.264) and upload it again."
    ),
    "too_long": _("This clip is too long. Please cut it down to the part that you want to practise."),
    "too_short": _("This clip is shorter than a second. Please upload a longer one."),
    "too_large": _("This file is too large. Please cut the clip, or record it at a lower resolution."),
    "sign_in_first": _("You are not signed in. Sign in, then send the clip again."),
    "too_many_pixels": _("The picture is larger than 4K. Please record or save it at 4K or less."),
    "damaged_file": _(
        "The file is damaged or incomplete. Please play it on your device to check it, then upload it again."
    ),
    "decoder_died": _(
        "This clip could not be read to its end. Please save it again as MP4, for example with your phone's editor, "
        "and upload the new file."
    ),
    "no_dancer": _("Nobody was found in the clip. Step back until your whole body is in the picture, in good light."),
    "only_upper_body": _(
        "The legs are outside the picture all through this clip. Put the camera further away, or tilt it down, so that "
        "your feet are in view too."
    ),
    "slide_show": _("This clip shows still pictures. Please upload a video in which you dance."),
    "too_little_in_view": _(
        "Too little of you is in view. Put the camera further away, so that you are seen from head to toe."
    ),
    "model_unusable": _(
        "The pose model of this site could not be used. We have logged it: please try again later, your clip is kept."
    ),
    "gave_up": _("The work on this clip was interrupted three times, so we stopped. Please try again later."),
    "cancelled": _("You cancelled this. Start it again whenever you like."),
    "internal": _("Something went wrong on our side, not with your clip. We have logged it: please try again later."),
}


def failure_message(code: str) -> str:
    """The text for a failure code, in the language of the moment; an unknown code reads as our own mistake."""
    return str(_MESSAGES.get(code, _MESSAGES["internal"]))
