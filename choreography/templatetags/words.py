"""The words that the browser's modules say, in the person's language."""

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString

from choreography.words import browser_words

register = template.Library()


@register.simple_tag
def words_json() -> SafeString:
    return json_script(browser_words(), "words")
