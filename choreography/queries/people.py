"""Reads of who was seen in a clip, for people to say which of them they are."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from choreography.models import Attempt, Guide
from inference.models import Person, Video
from inference.pose.people import PersonKind
from inference.serving import version_of

_NOTES: dict[str, Promise] = {
    PersonKind.STILL: gettext_lazy("hardly moves"),
    PersonKind.REFLECTION: gettext_lazy("mirror image"),
}


@dataclass(frozen=True)
class PersonChoice:
    """One person to choose; `place` and `note` are words, `note` is empty for an ordinary dancer."""

    number: int
    name: str
    place: str
    note: str
    portrait_url: str
    is_judged: bool
    can_be_judged: bool


def people_of_attempt(attempt: Attempt) -> list[PersonChoice]:
    """Whom the dancer can choose; nobody where one person alone was seen."""
    return _choices(attempt.video, attempt.track_key, lambda person: attempt_portrait_url(attempt, person))


def people_of_guide(guide: Guide) -> list[PersonChoice]:
    return _choices(guide.video, guide.track_key, lambda person: _portrait_url("guide_portrait", guide, person))


def judged_person(attempt: Attempt) -> Person | None:
    """Whom the take's result is about, or whom it would have been; None for a clip of before people were kept."""
    people = [] if attempt.video is None else list(attempt.video.people.all())
    judged = [person for person in people if is_judged(person, attempt.video, attempt.track_key)]
    return judged[0] if judged else None


def is_judged(person: Person, video: Video | None, judged_key: str) -> bool:
    """By the track that the result was made from; before there is one, whom the job looks at."""
    if judged_key:
        return person.track_key == judged_key
    return video is not None and person.pk == video.dancer_id


def attempt_portrait_url(attempt: Attempt, person: Person) -> str:
    return _portrait_url("attempt_portrait", attempt, person)


def _choices(video: Video | None, judged_key: str, portrait_url: Callable[[Person], str]) -> list[PersonChoice]:
    people = [] if video is None else list(video.people.all())
    if len(people) < 2:
        return []
    dancers_first = sorted(people, key=lambda person: (person.kind != PersonKind.DANCER, person.number))
    return [
        PersonChoice(
            number=person.number,
            name=_("Person %(number)d") % {"number": place},
            place=_place(person),
            note=_note(person),
            portrait_url=portrait_url(person),
            is_judged=is_judged(person, video, judged_key),
            can_be_judged=person.refusal is None,
        )
        for place, person in enumerate(dancers_first, start=1)
    ]


def _place(person: Person) -> str:
    time = {"time": f"{int(person.portrait_s) // 60}:{int(person.portrait_s) % 60:02d}"}
    if person.portrait_x < 1 / 3:
        return _("on the left at %(time)s") % time
    if person.portrait_x > 2 / 3:
        return _("on the right at %(time)s") % time
    return _("in the middle at %(time)s") % time


def _note(person: Person) -> str:
    if person.refusal is not None:
        return _("too little in view to be judged")
    return str(_NOTES.get(person.kind, ""))


def _portrait_url(view: str, subject: Attempt | Guide, person: Person) -> str:
    if not person.portrait_key:
        return ""
    return f"{reverse(view, args=[subject.pk, person.number])}?v={version_of(person.portrait_key)}"
