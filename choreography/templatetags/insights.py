"""What the pages of the insights ask for while they are drawn."""

from django import template
from django.conf import settings

from choreography.insight_matrix import Matrix, matrix_of
from choreography.insight_tables import shown_number
from choreography.market.payloads import CorrelationPayload, RegressionPayload
from choreography.market.verdicts import beyond_chance
from choreography.queries.market import SourceView

register = template.Library()


@register.simple_tag
def insights_are_public() -> bool:
    """Whether everybody sees a summary."""
    return bool(settings.INSIGHTS_PUBLIC_SUMMARY)


@register.filter
def as_matrix(correlations: CorrelationPayload) -> Matrix:
    return matrix_of(correlations)


@register.filter
def signed(value: float, digits: int) -> str:
    """+0.12, −0.12 or 0.00: a difference, told as one."""
    words = shown_number(value, digits)
    return f"+{words}" if value > 0 and words.strip("0.,") else words


@register.filter
def grouped(number: float, digits: int = 0) -> str:
    return shown_number(number, digits)


@register.filter
def may_be_chance(model: RegressionPayload) -> bool:
    return not beyond_chance(model)


@register.filter
def percent(share: float) -> str:
    """0.062 as 6; a share that was adjusted can fall below nothing and is nothing then."""
    return shown_number(max(0.0, share) * 100, 0)


@register.filter
def choices(sources: list[SourceView]) -> list[SourceView]:
    """Those whose rows can be looked at: years cannot."""
    return [source for source in sources if source.url]


@register.filter
def has_tag(genres: tuple[str, ...], tag: str) -> bool:
    return tag in genres


@register.filter
def split(words: str) -> list[str]:
    return words.split()
