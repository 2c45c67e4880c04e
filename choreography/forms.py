"""What pages send, made sure of before it reaches a use-case."""

from django import forms
from django.http import QueryDict

from choreography.services import NobodyThere


class ChosenPersonForm(forms.Form):
    person = forms.IntegerField(min_value=0, max_value=99)


def chosen_person(data: QueryDict) -> int:
    """The number of the person who was chosen. Raises NobodyThere where there is none."""
    form = ChosenPersonForm(data)
    if not form.is_valid():
        raise NobodyThere
    number: int = form.cleaned_data["person"]
    return number
