"""What the pages of practising ask for while they are drawn."""

from datetime import datetime, timedelta

from django import template
from django.utils.timesince import timesince
from django.utils.timezone import now

from choreography.models import Attempt, Guide
from choreography.queries.seen import Seen, seen_of_attempt, seen_of_guide
from inference.serving import version_of

register = template.Library()

A_MINUTE = timedelta(minutes=1)


@register.simple_tag
def seen_in(subject: Attempt | Guide) -> Seen | None:
    """How well the dancer of a take or a guide could be seen."""
    return seen_of_guide(subject) if isinstance(subject, Guide) else seen_of_attempt(subject)


@register.filter
def roughly_since(moment: datetime) -> str:
    """`2 weeks`, not `2 weeks, 3 days`; nothing for less than a minute."""
    return timesince(moment, depth=1) if now() - moment >= A_MINUTE else ""


@register.filter
def version(key: str) -> str:
    """For the address of what is made anew when another person of the clip is chosen."""
    return version_of(key)
