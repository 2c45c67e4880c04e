"""The curators' desk for market insight: labels with their artists, and who is invited."""

import unicodedata
from copy import copy
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from choreography.insights import prepare_default_analyses
from choreography.models import FeatureImport, Label, Partner
from inference.curating import ForCurators

MOST_ARTISTS = 500
LONGEST_NAME = 200


class NamesField(forms.CharField):
    """A name a line, each once, kept as it is written but for the spaces around it."""

    widget = forms.Textarea(attrs={"rows": 12, "cols": 60})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = unicodedata.normalize("NFC", super().to_python(value) or "").splitlines()
        return list(dict.fromkeys(filter(None, (line.strip() for line in lines))))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > MOST_ARTISTS:
            raise forms.ValidationError(_("At most %(most)s artists, please.") % {"most": MOST_ARTISTS})
        for name in value:
            if len(name) > LONGEST_NAME:
                raise forms.ValidationError(_("This name is too long: %(name)s…") % {"name": name[:40]})

    def run_validators(self, value: Any) -> None:
        super().run_validators("\n".join(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(super().has_changed(self.prepare_value(initial), data))


class LabelForm(forms.ModelForm[Label]):
    artists = NamesField(
        label=_("Artists"),
        required=False,
        help_text=_("One name a line, exactly as the catalogue and the imported files write it: capitals count, too."),
    )

    class Meta:
        model = Label
        fields = ("name_en", "name_ko", "artists")


@admin.register(Label)
class LabelAdmin(ForCurators, admin.ModelAdmin[Label]):
    """Changed rosters are compared anew at once, so that the page has them when it is opened."""

    form = LabelForm
    list_display = ("name_en", "name_ko", "artist_count")
    search_fields = ("name_en", "name_ko")

    @admin.display(description=_("artists"))
    def artist_count(self, label: Label) -> int:
        return len(label.artists)

    def save_model(self, request: HttpRequest, obj: Label, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        transaction.on_commit(prepare_default_analyses)

    def delete_model(self, request: HttpRequest, obj: Label) -> None:
        super().delete_model(request, obj)
        transaction.on_commit(prepare_default_analyses)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        transaction.on_commit(prepare_default_analyses)


class PartnerForm(forms.ModelForm[Partner]):
    invitation = forms.CharField(
        label=_("Link to send"),
        required=False,
        disabled=True,
        help_text=_("Whoever opens it first and accepts is this partner. It holds for 14 days."),
        widget=forms.TextInput(attrs={"size": 70}),
    )

    class Meta:
        model = Partner
        fields = ("name", "label")


@admin.register(Partner)
class PartnerAdmin(ForCurators, admin.ModelAdmin[Partner]):
    """A partner is invited by a link, and no longer sees anything once the row is deleted."""

    form = PartnerForm
    list_display = ("name", "label", "standing", "created_at")
    list_select_related = ("label", "person")
    autocomplete_fields = ("label",)
    search_fields = ("name",)

    @admin.display(description=_("invitation"))
    def standing(self, partner: Partner) -> str:
        if partner.person is not None:
            return str(_("accepted by %(person)s") % {"person": partner.person})
        return str(_("not accepted yet") if partner.is_open else _("too old: delete it and invite anew"))

    def get_fields(self, request: HttpRequest, obj: Partner | None = None) -> Any:
        if obj is None:
            return ("name", "label")
        return ("name", "label", "standing", *(("invitation",) if obj.is_open else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: Partner | None = None) -> Any:
        return () if obj is None else ("standing",)

    def get_form(self, request: HttpRequest, obj: Partner | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None or not obj.is_open:
            form.base_fields.pop("invitation", None)
            return form
        # The field itself is shared by all requests.
        form.base_fields["invitation"] = link = copy(form.base_fields["invitation"])
        link.initial = request.build_absolute_uri(obj.get_invitation_url())
        return form

    def response_add(self, request: HttpRequest, obj: Partner, post_url_continue: str | None = None) -> HttpResponse:
        messages.success(request, _("Invited. Copy the link below and send it."))
        return HttpResponseRedirect(reverse("admin:choreography_partner_change", args=[obj.pk]))


@admin.register(FeatureImport)
class FeatureImportAdmin(ForCurators, admin.ModelAdmin[FeatureImport]):
    """What the page's figures rest on. Files come and go by `manage.py import_audio_features` alone."""

    list_display = ("file_name", "kind", "row_count", "imported_at", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("file_name", "sha256")

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
