"""Words of templates about how our own dances are practised."""

from django import template

from choreography.own_words import bpm_words, count_state_words, count_words, most_practised_words, share_words
from choreography.queries.own_insights import OwnDancePage, OwnInsights, OwnList

register = template.Library()

register.filter("share", share_words)
register.filter("bpm", bpm_words)
register.filter("most_practised", most_practised_words)
register.filter("grouped", count_words)


@register.filter("state_words")
def state_words(own: OwnInsights | OwnList | OwnDancePage) -> str:
    return count_state_words(own.state, is_first=own.counted_until is None)
