"""What can be danced: artists, songs, choreographies, their sections and guides."""

import uuid
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from choreography.comparison.counts import CountGrid, DanceMap, SectionSpan
from inference.models import Job, Video


class Artist(models.Model):
    """A group or a soloist, under every name people type."""

    name_en = models.CharField(_("name in English"), max_length=100)
    name_ko = models.CharField(_("name in Korean"), max_length=100, blank=True)
    name_romanised = models.CharField(_("romanised name"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("artist")
        verbose_name_plural = _("artists")
        ordering: ClassVar = ["name_en"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self.name_en, self.name_ko)


class Song(models.Model):
    """A recording with its tempo."""

    artist = models.ForeignKey(Artist, on_delete=models.PROTECT, related_name="songs", verbose_name=_("artist"))
    title_en = models.CharField(_("title in Latin script"), max_length=200)
    title_ko = models.CharField(_("title in Korean script"), max_length=200, blank=True)
    # The bounds are those of a guide's own counts: a slip of the keys would cut every dance into thousands of eights.
    bpm = models.FloatField(
        _("tempo (beats per minute)"), null=True, blank=True, validators=[MinValueValidator(30), MaxValueValidator(300)]
    )
    first_beat_s = models.FloatField(
        _("first count of the guide (s)"),
        default=0.0,
        validators=[MinValueValidator(-3600), MaxValueValidator(3600)],
    )
    released_on = models.DateField(_("release date"), null=True, blank=True)

    class Meta:
        verbose_name = _("song")
        verbose_name_plural = _("songs")
        ordering: ClassVar = ["title_en"]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return in_language(self.title_en, self.title_ko)

    @property
    def grid(self) -> CountGrid | None:
        return CountGrid(self.bpm, self.first_beat_s) if self.bpm else None


class Difficulty(models.IntegerChoices):
    FIRST_STEPS = 1, _("first steps")
    EASY = 2, _("easy")
    MEDIUM = 3, _("medium")
    HARD = 4, _("hard")
    IDOL = 5, _("idol")


class Choreography(models.Model):
    """One dance to one song, with the credit that its makers are due."""

    slug = models.SlugField(max_length=80, unique=True)
    song = models.ForeignKey(Song, on_delete=models.PROTECT, related_name="choreographies", verbose_name=_("song"))
    part = models.CharField(_("part or version"), max_length=100, blank=True)
    difficulty = models.PositiveSmallIntegerField(_("difficulty"), choices=Difficulty, default=Difficulty.EASY)
    dancers = models.PositiveSmallIntegerField(
        _("number of dancers"), default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    choreographer = models.CharField(_("choreographer"), max_length=200)
    source = models.CharField(_("source"), max_length=300, blank=True)
    licence = models.CharField(_("licence"), max_length=200)
    is_demo = models.BooleanField(_("demo data"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    # Every name of the dance as one word each; kept by the database (migration 0002), read by queries.catalogue.
    search_text = models.TextField(default="", blank=True, editable=False)

    class Meta:
        verbose_name = _("choreography")
        verbose_name_plural = _("choreographies")
        ordering: ClassVar = ["-created_at", "pk"]
        indexes: ClassVar = [GinIndex(fields=["search_text"], name="choreography_search", opclasses=["gin_trgm_ops"])]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(difficulty__range=(1, 5)), name="difficulty_from_1_to_5"),
        ]

    def __str__(self) -> str:
        return f"{self.song} - {self.song.artist}"

    def get_absolute_url(self) -> str:
        return reverse("choreography", args=[self.slug])


class SectionKind(models.TextChoices):
    INTRO = "intro", _("intro")
    VERSE = "verse", _("verse")
    PRECHORUS = "prechorus", _("pre-chorus")
    CHORUS = "chorus", _("chorus")
    DANCE_BREAK = "break", _("dance break")
    BRIDGE = "bridge", _("bridge")
    OUTRO = "outro", _("outro")


class Section(models.Model):
    """A stretch of the song, in seconds of the guide."""

    choreography = models.ForeignKey(Choreography, on_delete=models.CASCADE, related_name="sections")
    kind = models.CharField(_("kind"), max_length=10, choices=SectionKind)
    start_s = models.FloatField(_("start (s)"), validators=[MinValueValidator(0)])
    end_s = models.FloatField(_("end (s)"))

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering: ClassVar = ["start_s"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(start_s__gte=0, end_s__gt=models.F("start_s")), name="section_ends_after_its_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.start_s:.1f}-{self.end_s:.1f} s"


class GuideState(models.TextChoices):
    DRAFT = "draft", _("draft")
    PROCESSING = "processing", _("processing")
    READY = "ready", _("ready")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Guide(models.Model):
    """A version of the dance that learners follow: a video with its track, or a track alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    choreography = models.ForeignKey(Choreography, on_delete=models.CASCADE, related_name="guides")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=GuideState, default=GuideState.DRAFT)
    video = models.OneToOneField(Video, null=True, blank=True, on_delete=models.SET_NULL, related_name="guide")
    job = models.OneToOneField(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="guide")
    track_key = models.CharField(max_length=200, blank=True)
    audio_key = models.CharField(max_length=200, blank=True)
    poster = models.JSONField(null=True, blank=True)
    duration_s = models.FloatField(null=True)
    # Where the counts of this version lie, as a curator set them; without them the song's tempo counts.
    bpm = models.FloatField(_("beats per minute"), null=True, blank=True)
    first_count_s = models.FloatField(_("a count 1 (s)"), null=True, blank=True)
    # What was found in its sound (inference.media.beats), as a proposal.
    beats = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("guide")
        verbose_name_plural = _("guides")
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["choreography", "version"], name="guide_version_is_unique"),
            models.UniqueConstraint(
                fields=["choreography"], condition=models.Q(state="published"), name="one_published_guide"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["ready", "published"]) | ~models.Q(track_key=""),
                name="a_ready_guide_has_a_track",
            ),
            models.CheckConstraint(condition=models.Q(state__in=GuideState.values), name="guide_state_is_known"),
            models.CheckConstraint(
                condition=models.Q(bpm__isnull=True, first_count_s__isnull=True)
                | models.Q(bpm__range=(30, 300), first_count_s__isnull=False),
                name="guide_counts_are_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.choreography} v{self.version}"

    @property
    def is_published(self) -> bool:
        return self.state == GuideState.PUBLISHED

    @property
    def sound_key(self) -> str:
        """Where its music is stored: in its video, or beside a track that has none; empty where there is none."""
        return self.video.original_key if self.video is not None else self.audio_key

    @property
    def grid(self) -> CountGrid | None:
        """Where the counts lie: as set for this version, else by the song's tempo."""
        if self.bpm is not None and self.first_count_s is not None:
            return CountGrid(self.bpm, self.first_count_s)
        return self.choreography.song.grid

    def set_grid(self, grid: CountGrid | None) -> None:
        """Counts of its own for this version; None goes back to the song's tempo."""
        self.bpm, self.first_count_s = (grid.bpm, grid.first_count_s) if grid else (None, None)
        self.save(update_fields=["bpm", "first_count_s"])

    @property
    def dance_map(self) -> DanceMap:
        sections = self.choreography.sections.all()
        return DanceMap(self.grid, tuple(SectionSpan(part.kind, part.start_s, part.end_s) for part in sections))


def in_language(english: str, korean: str) -> str:
    return korean if korean and (get_language() or "en").startswith("ko") else english
