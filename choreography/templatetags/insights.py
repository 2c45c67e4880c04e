"""What the pages of the insights ask for while they are drawn."""

from django import template
from django.utils.formats import number_format

from choreography.insight_matrix import Matrix, matrix_of
from choreography.market.payloads import CorrelationPayload
from choreography.queries.market import SourceView

register = template.Library()


@register.filter
def as_matrix(correlations: CorrelationPayload) -> Matrix:
    return matrix_of(correlations)


@register.filter
def signed(value: float, digits: int) -> str:
    """+0.12, −0.12 or 0.00: a difference, told as one."""
    words: str = number_format(round(abs(value), digits), digits, force_grouping=True)
    if not words.strip("0.,"):
        return words
    return f"{'+' if value > 0 else chr(0x2212)}{words}"


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
