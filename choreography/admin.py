"""The curators' desk: the catalogue, and guides from upload to publication."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.models import User
from choreography import admin_market, services  # noqa: F401  (it registers its own)
from choreography.comparison.counts import CountGrid
from choreography.failures import message_for
from choreography.forms import chosen_grid, chosen_person
from choreography.models import Artist, Choreography, Guide, GuideState, Section, Song
from choreography.queries.agreement import NEWEST, agreement_report
from choreography.queries.catalogue import player_payload_for_guide
from choreography.queries.counts import counts_desk, grid_of
from choreography.queries.people import people_of_guide
from inference.curating import ForCurators
from inference.progress import snapshot
from inference.services import cancel_job

admin.site.site_title = admin.site.site_header = _("KDance: the curators' desk")
admin.site.index_title = _("Catalogue and people")


@admin.register(Artist)
class ArtistAdmin(ForCurators, admin.ModelAdmin[Artist]):
    list_display = ("name_en", "name_ko", "name_romanised")
    search_fields = ("name_en", "name_ko", "name_romanised")


@admin.register(Song)
class SongAdmin(ForCurators, admin.ModelAdmin[Song]):
    list_display = ("title_en", "title_ko", "artist", "bpm", "released_on")
    list_select_related = ("artist",)
    search_fields = ("title_en", "title_ko", "artist__name_en", "artist__name_ko")
    autocomplete_fields = ("artist",)


class SectionInline(ForCurators, admin.TabularInline[Section, Choreography]):
    """The sections in seconds of the guide, with their length in eights: a wrong boundary shows as a broken number."""

    model = Section
    fields = ("kind", "start_s", "end_s", "eights")
    readonly_fields = ("eights",)
    extra = 0
    grid: CountGrid | None = None

    def get_formset(self, request: HttpRequest, obj: Choreography | None = None, **kwargs: Any) -> Any:
        self.grid = grid_of(obj) if obj else None
        return super().get_formset(request, obj, **kwargs)

    @admin.display(description=_("eights"))
    def eights(self, section: Section) -> str:
        if self.grid is None or section.pk is None:
            return "-"
        return f"{(section.end_s - section.start_s) / self.grid.eight_s:.1f}".removesuffix(".0")


@admin.register(Choreography)
class ChoreographyAdmin(ForCurators, admin.ModelAdmin[Choreography]):
    list_display = ("slug", "song", "difficulty", "dancers", "choreographer", "guide_link")
    list_filter = ("difficulty", "dancers", "is_demo")
    list_select_related = ("song__artist",)
    search_fields = ("slug", "song__title_en", "song__title_ko", "song__artist__name_en", "song__artist__name_ko")
    autocomplete_fields = ("song",)
    inlines = (SectionInline,)
    change_form_template = "admin/choreography/choreography/change_form.html"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        choreography = self.get_object(request, unquote(object_id))
        report = agreement_report(choreography=choreography, newest=NEWEST) if choreography else None
        return super().change_view(request, object_id, form_url, {"agreement": report, **(extra_context or {})})

    def delete_model(self, request: HttpRequest, obj: Choreography) -> None:
        services.delete_choreography(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Choreography]) -> None:
        for choreography in queryset:
            services.delete_choreography(choreography)

    @admin.display(description=_("guide"))
    def guide_link(self, choreography: Choreography) -> str:
        return format_html('<a href="{}">{}</a>', _upload_page(choreography.pk), _("upload a guide"))


class NewGuideForm(forms.ModelForm[Guide]):
    clip = forms.FileField(
        label=_("guide video"),
        help_text=_("mp4, mov or webm; one dancer in full view, filmed from the front."),
        widget=forms.ClearableFileInput(attrs={"accept": "video/mp4,video/quicktime,video/webm"}),
    )

    class Meta:
        model = Guide
        fields = ("choreography",)


@admin.register(Guide)
class GuideAdmin(ForCurators, admin.ModelAdmin[Guide]):
    """Upload, watch the job, preview the skeleton over the video, publish."""

    list_display = ("choreography", "version", "state", "progress", "duration", "created_at")
    list_filter = ("state",)
    list_select_related = ("choreography__song__artist", "job")
    autocomplete_fields = ("choreography",)
    change_form_template = "admin/choreography/guide/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Guide]:
        return super().get_queryset(request).select_related("job", "video").defer("poster")

    @admin.display(description=_("progress"))
    def progress(self, guide: Guide) -> str:
        return f"{guide.job.get_state_display()} {guide.job.percent}%" if guide.job else "-"

    @admin.display(description=_("duration"), ordering="duration_s")
    def duration(self, guide: Guide) -> str:
        return "-" if guide.duration_s is None else f"{guide.duration_s:.1f} s"

    def get_form(self, request: HttpRequest, obj: Guide | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            return NewGuideForm
        return super().get_form(request, obj, change=change, **kwargs | {"fields": ()})

    def save_model(self, request: HttpRequest, obj: Guide, form: Any, change: bool) -> None:
        """A new guide comes from its clip; an existing one changes by its buttons alone."""
        if change:
            return
        made = services.add_guide(
            choreography=form.cleaned_data["choreography"],
            upload=cast("UploadedFile[Any]", form.cleaned_data["clip"]),
            curator=cast(User, request.user),
        )
        obj.__dict__.update(made.__dict__)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Guides have no related rows to edit here."""

    def response_add(self, request: HttpRequest, obj: Guide, post_url_continue: str | None = None) -> HttpResponse:
        return HttpResponseRedirect(_change_page(obj.pk))

    def delete_model(self, request: HttpRequest, obj: Guide) -> None:
        services.delete_guide(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Guide]) -> None:
        for guide in queryset.select_related("job"):
            services.delete_guide(guide)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        guide = self.get_object(request, unquote(object_id))
        context: dict[str, Any] = {"guide": guide, **(extra_context or {})}
        if guide is not None:
            context["snapshot"] = snapshot(guide.job) if guide.job else None
            context["player_payload"] = player_payload_for_guide(guide) if guide.track_key else None
            context["upload_url"] = _upload_page(guide.choreography_id)
            context["people"] = people_of_guide(guide)
            context["can_choose"] = guide.state != GuideState.PUBLISHED and (guide.job is None or guide.job.is_final)
            context["counts"] = counts_desk(guide)
            context["can_publish"] = guide.state in (GuideState.READY, GuideState.WITHDRAWN)
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        actions = {
            "publish": self.publish,
            "withdraw": self.withdraw,
            "cancel": self.cancel,
            "retry": self.retry,
            "dancer": self.dancer,
            "counts": self.counts,
        }
        own = [
            path(
                f"<uuid:guide_id>/{name}/",
                self.admin_site.admin_view(require_POST(view)),
                name=f"choreography_guide_{name}",
            )
            for name, view in actions.items()
        ]
        return own + super().get_urls()

    def publish(self, request: HttpRequest, guide_id: UUID) -> HttpResponse:
        try:
            services.publish_guide(self._guide(guide_id))
        except services.NotPublishable as refusal:
            messages.error(request, message_for(refusal.code))
        else:
            messages.success(request, _("Published: dancers see this guide now."))
        return HttpResponseRedirect(_change_page(guide_id))

    def withdraw(self, request: HttpRequest, guide_id: UUID) -> HttpResponse:
        services.withdraw_guide(self._guide(guide_id))
        messages.success(request, _("Withdrawn: dancers no longer see this guide."))
        return HttpResponseRedirect(_change_page(guide_id))

    def cancel(self, request: HttpRequest, guide_id: UUID) -> HttpResponse:
        guide = self._guide(guide_id)
        if guide.job is not None:
            cancel_job(guide.job)
        return HttpResponseRedirect(_change_page(guide_id))

    def retry(self, request: HttpRequest, guide_id: UUID) -> HttpResponse:
        services.retry_guide(self._guide(guide_id))
        return HttpResponseRedirect(_change_page(guide_id))

    def dancer(self, request: HttpRequest, guide_id: UUID) -> HttpResponse:
        """Take another person of the clip as the guide."""
        guide = self._guide(guide_id)
        try:
            services.judge_person_of_guide(guide, chosen_person(request.POST), curator=cast(User, request.user))
        except services.PracticeError as refusal:
            messages.error(request, message_for(refusal.code))
        return HttpResponseRedirect(_change_page(guide_id))

    def counts(self, request: HttpRequest, guide_id: UUID) -> HttpResponse:
        """Set where the counts lie, or go by the song's tempo."""
        try:
            was_danced = services.set_counts(self._guide(guide_id), chosen_grid(request.POST))
        except services.PracticeError as refusal:
            messages.error(request, message_for(refusal.code))
        else:
            messages.success(request, _("Counts saved."))
            if was_danced:
                messages.info(
                    request,
                    _("Takes keep their scores. Eights and counts named in new results follow the new counts."),
                )
        return HttpResponseRedirect(_change_page(guide_id))

    def _guide(self, guide_id: UUID) -> Guide:
        return get_object_or_404(Guide.objects.select_related("job"), pk=guide_id)


def _upload_page(choreography_id: int) -> str:
    return reverse("admin:choreography_guide_add") + f"?choreography={choreography_id}"


def _change_page(guide_id: UUID) -> str:
    return reverse("admin:choreography_guide_change", args=[guide_id])
