"""Words for what the product refuses, by stable code."""

from django.utils.translation import gettext_lazy as _

from inference.failures import failure_message

_LOST_ON_THE_WAY = _("This take arrived damaged. Send it again; if that does not help, dance it once more.")
_OTHER_VERSION = _("This take was recorded by another version of this site. Reload the page, then dance again.")
_BAD_CLOCK = _("The times of this take do not fit the guide, so the two cannot be compared. Please dance it again.")

MESSAGES = {
    "no_file": _("No clip arrived. Choose one and send it again."),
    "no_guide": _("This choreography has no guide at the moment. Pick another one, or come back later."),
    "too_many_open": _("Three of your takes are still being looked at. Wait for one to finish, then send the next."),
    "still_working": _("This clip is being worked on right now. Wait for it to finish, or cancel it first."),
    "no_such_person": _("Nobody with this number is in the clip. Reload the page, then choose again."),
    "no_result_yet": _("This take has no result yet. Wait until it is compared, then move its start."),
    "bad_start": _(
        "With this start your take and the guide would have nothing in common. Choose a start at which both dance."
    ),
    "guide_in_use": _(
        "Dancers follow this guide, or have danced to it. To show somebody else, upload the clip as a new version."
    ),
    "bad_tempo": _("Counts need a tempo of 30 to 300 beats per minute."),
    "bad_first_count": _("Say when a count 1 falls, in seconds of the guide; a time before its beginning is negative."),
    "live_too_large": _("This take is too long to be sent at once. Dance a part of the choreography, then send that."),
    "live_other_take": _(
        "This take was already sent in another form. Throw it away here: what arrived is in your history."
    ),
    "live_no_such_part": _LOST_ON_THE_WAY,
    "live_bad_part": _LOST_ON_THE_WAY,
    "live_incomplete": _("Parts of this take have not arrived yet. Send it again: only what is missing is sent."),
    "live_is_done": _("This take has arrived already. You find it in your history."),
    "live_not_a_track": _LOST_ON_THE_WAY,
    "live_bad_joints": _OTHER_VERSION,
    "live_unknown_model": _OTHER_VERSION,
    "live_bad_picture": _(
        "Your camera's picture is smaller or larger than we can use. Choose another one and dance again."
    ),
    "live_bad_clock": _BAD_CLOCK,
    "live_bad_rate": _(
        "Your device found too few poses a second to judge this take. Close other programs and tabs, then dance again."
    ),
    "live_too_short": _("This take is shorter than a second. Dance a little more of it."),
    "live_too_long": _("This take is more than a minute longer than the guide. Dance it again from its start."),
    "live_bad_positions": _(
        "The poses of this take lie far outside the picture. Stand so that the camera sees all of you, then dance again."
    ),
    "live_bad_start": _BAD_CLOCK,
    "signed_out": _("You are signed out. Sign in again, then go on."),
    "bad_report": _("What was practised did not arrive whole, so it is not counted."),
    "unknown_dance": _("This choreography is not there any more, or has no guide at the moment."),
    "unknown_eight": _("This dance has no such eight. Reload the page: its counts may have changed."),
    "not_today": _("Only what was practised today or yesterday can be added. Check the date of this device."),
    "too_many_reports": _("So much was sent within an hour that this is not counted yet. Try again later."),
    "too_much_practice": _("Within a day at most twelve hours of practice count. Rest is part of learning."),
    "not_publishable": _("This guide has no skeleton yet. Wait for its analysis to finish, then publish it."),
}


def message_for(code: str) -> str:
    return str(MESSAGES[code]) if code in MESSAGES else failure_message(code)
