"""What a dancer can ask of the catalogue."""

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from choreography.models import Difficulty


class Dancers(models.TextChoices):
    SOLO = "solo", _("solo")
    GROUP = "group", _("group")


class Tempo(models.TextChoices):
    SLOW = "slow", _("slow, under 100")
    MEDIUM = "medium", _("medium, 100 to 130")
    FAST = "fast", _("fast, over 130")


class Order(models.TextChoices):
    NEW = "new", _("newest first")
    POPULAR = "popular", _("most danced first")
    TITLE = "title", _("by title")


class CatalogueForm(forms.Form):
    """Every field may be left out; a value that makes no sense counts as left out."""

    q = forms.CharField(
        label=_("Song or artist"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    difficulty = forms.TypedChoiceField(
        label=_("Difficulty"),
        choices=[("", _("any")), *Difficulty.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )
    dancers = forms.ChoiceField(label=_("Dancers"), choices=[("", _("any")), *Dancers.choices], required=False)
    tempo = forms.ChoiceField(label=_("Beats per minute"), choices=[("", _("any")), *Tempo.choices], required=False)
    order = forms.ChoiceField(label=_("Order"), choices=[("", _("as it fits")), *Order.choices], required=False)
