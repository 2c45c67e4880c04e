"""Words of templates about how our own dances are practised."""

from django import template

from choreography.own_words import bpm_words, count_words, most_practised_words, share_words

register = template.Library()

register.filter("share", share_words)
register.filter("bpm", bpm_words)
register.filter("most_practised", most_practised_words)
register.filter("grouped", count_words)
