"""What was danced: attempts (takes) and how they compare with their guide."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from choreography.models.catalogue import Choreography, Guide
from inference.models import Job, Video

LEAST_OVERLAP_S = 1.0
"""What a take and its guide have in common at least wherever somebody moves the start to."""


class Attempt(models.Model):
    """One take of a choreography by one dancer, against the guide that was published then."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dancer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="attempts")
    choreography = models.ForeignKey(Choreography, on_delete=models.PROTECT, related_name="attempts")
    guide = models.ForeignKey(Guide, on_delete=models.PROTECT, related_name="attempts")
    video = models.OneToOneField(Video, null=True, blank=True, on_delete=models.SET_NULL, related_name="attempt")
    job = models.OneToOneField(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="attempt_row")
    track_key = models.CharField(max_length=200, blank=True)
    poster = models.JSONField(null=True, blank=True)
    # What was heard of the guide's song (SoundEvidence's JSON), kept so that comparing again needs no video.
    sound = models.JSONField(null=True, blank=True)
    # Where the dancer moved the start by hand: the guide's time 0 in seconds of the take.
    start_s = models.FloatField(null=True, blank=True)
    # Danced live: where the guide's time 0 lies in the take by the browser's clock, the device's latency taken off.
    live_offset_s = models.FloatField(null=True, blank=True)
    # And where its last frame lies.
    live_end_s = models.FloatField(null=True, blank=True)
    # The dancer lets teachers see and rate this take.
    is_open_to_teachers = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("take")
        verbose_name_plural = _("takes")
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["dancer", "-created_at"], name="attempt_dancer_created")]

    def __str__(self) -> str:
        return f"{self.choreography} {self.created_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("attempt", args=[self.pk])

    @property
    def is_live(self) -> bool:
        """Danced before the webcam, of which the joints alone were sent."""
        return self.live_offset_s is not None

    @property
    def start_range_s(self) -> tuple[float, float]:
        """The least and the greatest `start_s` that leave something to compare."""
        guide_s = self.guide.duration_s or 0.0
        # A take that is neither was danced to the guide as it played.
        take_s = (self.video.duration_s if self.video is not None else self.live_end_s) or guide_s
        return LEAST_OVERLAP_S - guide_s, take_s - LEAST_OVERLAP_S

    def can_start_at(self, start_s: float) -> bool:
        """False also for what is no number."""
        least_s, most_s = self.start_range_s
        return least_s <= start_s <= most_s


class LiveTake(models.Model):
    """A take danced before the webcam, while its joints arrive part by part; done, it is an `Attempt`.

    The browser makes the id, so that a take whose answer was lost is sent again without becoming two.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    dancer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="live_takes")
    choreography = models.ForeignKey(Choreography, on_delete=models.CASCADE, related_name="live_takes")
    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="live_takes")
    # t_take = t_guide + offset_s, as the browser knows it.
    offset_s = models.FloatField()
    size_bytes = models.PositiveIntegerField()
    attempt = models.OneToOneField(Attempt, null=True, blank=True, on_delete=models.CASCADE, related_name="live_take")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("live take")
        verbose_name_plural = _("live takes")
        indexes: ClassVar = [models.Index(fields=["dancer", "-created_at"], name="live_take_dancer_created")]

    def __str__(self) -> str:
        return f"{self.choreography} {self.created_at:%Y-%m-%d %H:%M}"


class Scored(models.Model):
    """What a version of the scoring found: `score` is null where it could not judge, with the reason in `verdict`."""

    scoring_version = models.CharField(max_length=20)
    verdict = models.CharField(max_length=40)
    score = models.FloatField(null=True)
    offset_s = models.FloatField(null=True)
    mirrored = models.BooleanField(default=False)
    coverage = models.FloatField()
    result = models.JSONField()

    class Meta:
        abstract = True


class Comparison(Scored):
    """The result of one attempt that its dancer sees."""

    attempt = models.OneToOneField(Attempt, on_delete=models.CASCADE, related_name="comparison")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(score__isnull=True) | models.Q(score__range=(0, 100)), name="score_from_0_to_100"
            ),
        ]

    def __str__(self) -> str:
        return self.verdict if self.score is None else f"{self.score:.0f}"


class ScoredVersion(Scored):
    """What one version of the scoring says of a take: the ones of before, and drafts that nobody is shown yet.

    What dancers see is the take's `Comparison`; `rescore` writes here first and publishes from here.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="scored_versions")
    created_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("scored version")
        verbose_name_plural = _("scored versions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["attempt", "scoring_version"], name="one_result_a_version"),
            models.CheckConstraint(
                condition=models.Q(score__isnull=True) | models.Q(score__range=(0, 100)),
                name="scored_version_from_0_to_100",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scoring_version}: {self.verdict if self.score is None else round(self.score)}"


class Rating(models.Model):
    """What a teacher gives a take without having seen the machine's score; `limbs` are those to work on."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="ratings")
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ratings")
    score = models.PositiveSmallIntegerField(_("score"))
    limbs = models.JSONField(_("limbs to work on"), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["attempt", "teacher"], name="one_rating_a_teacher"),
            models.CheckConstraint(condition=models.Q(score__range=(0, 100)), name="rating_from_0_to_100"),
        ]

    def __str__(self) -> str:
        return f"{self.score}"
