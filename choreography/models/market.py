"""The market: imported audio features and where they came from, labels with their artists, partners, stored analyses."""

import secrets
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from choreography.models.catalogue import in_language
from inference.models import Job

INVITATION_HOLDS = timedelta(days=14)


class FeatureKind(models.TextChoices):
    TRACKS = "tracks", _("tracks")
    ARTISTS = "artists", _("artists")
    YEARS = "years", _("years")


class FeatureImport(models.Model):
    """A file that was read, known again by its SHA-256. Of each kind one is active: the last one that was asked for.

    The rows of one that is not active any more are gone; the record of it stays.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=FeatureKind)
    file_name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField("SHA-256", max_length=64)
    size_bytes = models.BigIntegerField(_("size"))
    row_count = models.PositiveIntegerField(_("rows"))
    # Names that stand in more than one row, at most a few of them: [{"name", "rows"}].
    repeated = models.JSONField(_("names more than once"), default=list, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    imported_at = models.DateTimeField(_("imported"), default=timezone.now)

    class Meta:
        verbose_name = _("import of audio features")
        verbose_name_plural = _("imports of audio features")
        ordering: ClassVar = ["-imported_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "sha256"], name="a_feature_file_is_known_once"),
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(is_active=True), name="one_active_import_a_kind"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=FeatureKind.values), name="feature_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.row_count})"


class FeatureRow(models.Model):
    """One line of a file: an artist, a track or a year. Values are in the units of the file (market/features.py)."""

    source = models.ForeignKey(FeatureImport, on_delete=models.CASCADE, related_name="feature_rows")
    line = models.PositiveIntegerField()
    name = models.TextField(blank=True)
    # Exact names: of the artist itself, or of a track's artists; none for a year.
    artists = ArrayField(models.TextField(), default=list)
    genres = ArrayField(models.TextField(), default=list)
    year = models.PositiveSmallIntegerField(null=True)
    popularity = models.FloatField()
    danceability = models.FloatField()
    energy = models.FloatField()
    valence = models.FloatField()
    acousticness = models.FloatField()
    instrumentalness = models.FloatField()
    liveness = models.FloatField()
    speechiness = models.FloatField()
    loudness = models.FloatField()
    tempo = models.FloatField()
    duration_ms = models.FloatField()
    key = models.SmallIntegerField(null=True)
    mode = models.SmallIntegerField(null=True)
    # Tracks of which an artist's row is the mean, where the file says so.
    count = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("row of audio features")
        verbose_name_plural = _("rows of audio features")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "line"], name="one_row_a_line"),
            models.CheckConstraint(condition=models.Q(popularity__range=(0, 100)), name="popularity_from_0_to_100"),
        ]
        indexes: ClassVar = [GinIndex(fields=["genres"], name="feature_row_genres")]

    def __str__(self) -> str:
        return self.name or f"{self.line}"


class Label(models.Model):
    """A label and the artists it counts as its own, by the exact names that catalogue and imported files give them."""

    name_en = models.CharField(_("name in English"), max_length=100, unique=True)
    name_ko = models.CharField(_("name in Korean"), max_length=100, blank=True)
    artists = ArrayField(models.CharField(max_length=200), verbose_name=_("artists"), default=list, blank=True)

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        ordering: ClassVar = ["name_en"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self.name_en, self.name_ko)


def _new_token() -> str:
    return secrets.token_urlsafe(24)


class Partner(models.Model):
    """Somebody invited to the insights by a link; whoever accepts it first is `person`.

    Of our own dances a partner of a label sees those of its artists; one without a label sees all.
    """

    name = models.CharField(_("who is invited"), max_length=100)
    label = models.ForeignKey(
        Label, null=True, blank=True, on_delete=models.PROTECT, related_name="partners", verbose_name=_("label")
    )
    token = models.CharField(max_length=43, unique=True, default=_new_token, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="partnerships",
        editable=False, verbose_name=_("accepted by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("invited"), default=timezone.now, editable=False)
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering: ClassVar = ["-created_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=True, accepted_at__isnull=True)
                | models.Q(person__isnull=False, accepted_at__isnull=False),
                name="an_accepted_invitation_has_a_person",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_invitation_url(self) -> str:
        return reverse("insights_invitation", args=[self.token])

    @property
    def is_open(self) -> bool:
        """Whether the link can still be accepted."""
        return self.person_id is None and timezone.now() < self.created_at + INVITATION_HOLDS


class MarketAnalysis(models.Model):
    """What was asked of the market (market/payloads.py: AnalysisRequest) and, once its job is done, the answer."""

    key = models.CharField(max_length=64, unique=True)
    request = models.JSONField()
    result = models.JSONField(null=True)
    job = models.OneToOneField(Job, null=True, on_delete=models.SET_NULL, related_name="market_analysis")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("market analysis")
        verbose_name_plural = _("market analyses")

    def __str__(self) -> str:
        return f"{self.request.get('kind')} {self.key[:8]}"


class DancesCount(models.Model):
    """How our own dances were practised until a Monday: only what may be told (choreography.crowds), and of nobody by name.

    `result` and `eights` as queries/own_counts.py and own_eights.py write them; `dancers` by the dances they are of.
    """

    monday = models.DateField(unique=True)
    counted_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)
    eights = models.JSONField(default=dict)
    dancers = models.JSONField(default=dict)
    job = models.OneToOneField(Job, null=True, on_delete=models.SET_NULL, related_name="dances_count")

    class Meta:
        verbose_name = _("count of our own dances")
        verbose_name_plural = _("counts of our own dances")
        ordering: ClassVar = ["-monday"]

    def __str__(self) -> str:
        return f"{self.monday}"
