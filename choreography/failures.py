"""Words for what the product refuses, by stable code."""

from django.utils.translation import gettext_lazy as _

from inference.failures import failure_message

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
    "not_publishable": _("This guide has no skeleton yet. Wait for its analysis to finish, then publish it."),
}


def message_for(code: str) -> str:
    return str(MESSAGES[code]) if code in MESSAGES else failure_message(code)
