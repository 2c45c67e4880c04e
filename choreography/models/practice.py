"""What was danced: attempts (takes) and how they compare with their guide."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from choreography.models.catalogue import Choreography, Guide
from inference.models import Job, Video


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


class Comparison(models.Model):
    """The result of one attempt: `score` is null where the comparison could not judge, with the reason in `verdict`."""

    attempt = models.OneToOneField(Attempt, on_delete=models.CASCADE, related_name="comparison")
    scoring_version = models.CharField(max_length=20)
    verdict = models.CharField(max_length=40)
    score = models.FloatField(null=True)
    offset_s = models.FloatField(null=True)
    mirrored = models.BooleanField(default=False)
    coverage = models.FloatField()
    result = models.JSONField()
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
