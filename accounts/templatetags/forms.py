"""What kind of field a form field is, for the one template that draws them all."""

from django import forms, template
from django.forms.boundfield import BoundField

register = template.Library()


@register.filter
def is_tick(field: BoundField) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def is_choice(field: BoundField) -> bool:
    return isinstance(field.field.widget, forms.Select)
