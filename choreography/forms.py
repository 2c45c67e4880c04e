"""What pages send, made sure of before it reaches a use-case."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from choreography.comparison.counts import CountGrid
from choreography.limbs import LIMB_LABELS
from choreography.services import BadFirstCount, BadStart, BadTempo, NobodyThere


class ChosenPersonForm(forms.Form):
    person = forms.IntegerField(min_value=0, max_value=99)


def chosen_person(data: QueryDict) -> int:
    """The number of the person who was chosen. Raises NobodyThere where there is none."""
    form = ChosenPersonForm(data)
    if not form.is_valid():
        raise NobodyThere
    number: int = form.cleaned_data["person"]
    return number


class StartForm(forms.Form):
    start_s = forms.FloatField()


def chosen_start(data: QueryDict) -> float | None:
    """Where the dancer puts the start; None to have it found again. Raises BadStart for what is no number."""
    if "find_again" in data:
        return None
    form = StartForm(data)
    if not form.is_valid():
        raise BadStart
    start_s: float = form.cleaned_data["start_s"]
    return start_s


class CountsForm(forms.Form):
    bpm = forms.FloatField(min_value=30, max_value=300)
    first_count_s = forms.FloatField(min_value=-3600, max_value=3600)


def chosen_grid(data: QueryDict) -> CountGrid | None:
    """Counts as a curator set them; None to go by the song's tempo. Raises BadTempo, BadFirstCount."""
    if "use_song" in data:
        return None
    form = CountsForm(data)
    if not form.is_valid():
        raise BadTempo if "bpm" in form.errors else BadFirstCount
    return CountGrid(form.cleaned_data["bpm"], form.cleaned_data["first_count_s"])


class RatingForm(forms.Form):
    score = forms.IntegerField(
        label=_("Your rating, 0 to 100"),
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "data-rating": "number"}),
    )
    limbs = forms.MultipleChoiceField(
        label=_("To work on"),
        choices=LIMB_LABELS.items(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Left and right are the guide's: a take danced as its mirror image is shown turned round."),
    )
