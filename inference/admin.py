"""The curators' desk for pose models: give one, choose which searches new clips."""

from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from inference import own_models
from inference.curating import ForCurators
from inference.model_words import refusal_message
from inference.models import PoseModel

if TYPE_CHECKING:
    from accounts.models import User


class NewModelForm(forms.ModelForm[PoseModel]):
    file = forms.FileField(
        label=_("model"),
        help_text=_(
            "An ONNX file that says how it wants to be used, as the training code exports it. It is tried out here first, "
            "which takes a few seconds."
        ),
        # An empty file has words of our own.
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".onnx"}),
    )
    tried: own_models.TriedModel

    class Meta:
        model = PoseModel
        fields = ("name", "file", "note")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                self.tried = own_models.try_model(name=cleaned["name"], upload=cleaned["file"])
            except own_models.ModelRefused as refusal:
                self.add_error(
                    "file", forms.ValidationError(refusal_message(refusal.code, refusal.detail), refusal.code)
                )
        return cleaned


@admin.register(PoseModel)
class PoseModelAdmin(ForCurators, admin.ModelAdmin[PoseModel]):
    list_display = ("name", "is_active", "licence", "size", "reading", "created_at")
    search_fields = ("name", "note")
    readonly_fields = ("name", "is_active", "licence", "size", "reading", "sha256", "entries", "created_at")
    change_form_template = "admin/inference/posemodel/change_form.html"

    @admin.display(description=_("size"), ordering="size_bytes")
    def size(self, model: PoseModel) -> str:
        return filesizeformat(model.size_bytes)

    @admin.display(description=_("one reading"), ordering="reading_ms")
    def reading(self, model: PoseModel) -> str:
        return f"{model.reading_ms:.1f} ms"

    @admin.display(description=_("what the file says"))
    def entries(self, model: PoseModel) -> str:
        rows = format_html_join(
            "", '<tr><th scope="row">{}</th><td class="entry">{}</td></tr>', sorted(model.says.items())
        )
        return format_html("<table>{}</table>", rows)

    def get_readonly_fields(self, request: HttpRequest, obj: PoseModel | None = None) -> Any:
        return () if obj is None else self.readonly_fields

    def get_form(self, request: HttpRequest, obj: PoseModel | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            return NewModelForm
        # Nothing but the note can be changed: the rest is what the trial of the file showed.
        return super().get_form(request, obj, change=change, **kwargs | {"fields": ("note",)})

    def get_fields(self, request: HttpRequest, obj: PoseModel | None = None) -> Any:
        return NewModelForm.Meta.fields if obj is None else ("note", *self.readonly_fields)

    def save_model(self, request: HttpRequest, obj: PoseModel, form: Any, change: bool) -> None:
        """A new model comes from its file; of an existing one only the note changes."""
        if change:
            super().save_model(request, obj, form, change)
            return
        made = own_models.keep_model(
            name=form.cleaned_data["name"],
            upload=cast("File[Any]", form.cleaned_data["file"]),
            tried=form.tried,
            note=form.cleaned_data["note"],
            curator=cast("User", request.user),
        )
        obj.__dict__.update(made.__dict__)

    def response_add(self, request: HttpRequest, obj: PoseModel, post_url_continue: str | None = None) -> HttpResponse:
        messages.success(request, _("The model runs here. Use it for new clips when you are ready."))
        return HttpResponseRedirect(_change_page(obj.pk))

    def delete_model(self, request: HttpRequest, obj: PoseModel) -> None:
        own_models.delete_model(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[PoseModel]) -> None:
        with transaction.atomic():
            for model in queryset:
                own_models.delete_model(model)

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<uuid:model_id>/{name}/",
                self.admin_site.admin_view(require_POST(view)),
                name=f"inference_posemodel_{name}",
            )
            for name, view in {"activate": self.activate, "deactivate": self.deactivate}.items()
        ]
        return own + super().get_urls()

    def activate(self, request: HttpRequest, model_id: UUID) -> HttpResponse:
        model = get_object_or_404(PoseModel, pk=model_id)
        own_models.activate_model(model)
        self.log_change(request, model, gettext("used for new clips"))
        messages.success(request, _("New clips are searched with this model. Skeletons found before stay as they are."))
        return HttpResponseRedirect(_change_page(model_id))

    def deactivate(self, request: HttpRequest, model_id: UUID) -> HttpResponse:
        model = get_object_or_404(PoseModel, pk=model_id)
        own_models.deactivate_model(model)
        self.log_change(request, model, gettext("no longer used for new clips"))
        messages.success(request, _("New clips are searched with the site's own engine again."))
        return HttpResponseRedirect(_change_page(model_id))


def _change_page(model_id: UUID) -> str:
    return reverse("admin:inference_posemodel_change", args=[model_id])
