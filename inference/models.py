"""Videos that came in, and the jobs that work on them."""

import uuid
from pathlib import PurePath
from typing import ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inference.pose.people import PersonKind


class Video(models.Model):
    """One uploaded clip: the file as it came, and a copy that browsers play where the first does not.

    `original_key`, `playable_key` and `track_key` are keys of the private storage; `inference.storage` makes them.
    `dancer` is the person to be judged, and `track_key` that person's track. A clip that was searched before several
    people were told apart has a track and no people. (The database checks that the dancer is one of the clip's own
    people: migration 0003.)
    The owner is empty only for guide videos whose curator closed the account: a dancer's clips go with the account.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="videos")
    original_key = models.CharField(max_length=200)
    original_name = models.CharField(max_length=200)
    size_bytes = models.BigIntegerField()
    playable_key = models.CharField(max_length=200, blank=True)
    playable_type = models.CharField(max_length=40, blank=True)
    track_key = models.CharField(max_length=200, blank=True)
    dancer = models.ForeignKey("Person", null=True, on_delete=models.SET_NULL, related_name="+")
    width_px = models.PositiveIntegerField(null=True)
    height_px = models.PositiveIntegerField(null=True)
    duration_s = models.FloatField(null=True)
    fps = models.FloatField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("video")
        verbose_name_plural = _("videos")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(size_bytes__gt=0), name="video_is_not_empty"),
        ]

    def __str__(self) -> str:
        return PurePath(self.original_name).name

    @property
    def keys(self) -> list[str]:
        """Every stored object that belongs to this video."""
        of_people = [key for person in self.people.all() for key in (person.track_key, person.portrait_key)]
        keys = (self.original_key, self.playable_key, self.track_key, *of_people)
        return list(dict.fromkeys(key for key in keys if key))


class Person(models.Model):
    """Somebody seen in a clip: 0 is the most prominent. Times are seconds of the clip.

    `portrait_s` and `portrait_x` say where the person stood for the portrait, across the picture from 0 to 1; with one
    person alone there is no portrait. `report` is a `QualityReport`, for this person.
    """

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="people")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in PersonKind])
    track_key = models.CharField(max_length=200)
    portrait_key = models.CharField(max_length=200, blank=True)
    portrait_s = models.FloatField()
    portrait_x = models.FloatField()
    prominence = models.FloatField()
    seen_share = models.FloatField()
    first_s = models.FloatField()
    last_s = models.FloatField()
    report = models.JSONField()

    class Meta:
        verbose_name = _("person in a clip")
        verbose_name_plural = _("people in clips")
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["video", "number"], name="person_number_is_unique"),
            # So that `Video.dancer` can refer to both: to a person, and of this clip.
            models.UniqueConstraint(fields=["video", "id"], name="person_belongs_to_one_video"),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in PersonKind]), name="person_kind_is_known"
            ),
            models.CheckConstraint(condition=~models.Q(track_key=""), name="person_has_a_track"),
            models.CheckConstraint(condition=models.Q(seen_share__range=(0, 1)), name="person_seen_share_is_a_share"),
            models.CheckConstraint(
                condition=models.Q(first_s__gte=0, last_s__gte=models.F("first_s")),
                name="person_is_last_seen_after_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"

    @property
    def refusal(self) -> str | None:
        """The code of why this person cannot be judged at all, if so."""
        refusal: str | None = self.report["refusal"]
        return refusal


class PoseModel(models.Model):
    """A trained model that a curator gave to the site; the active one searches new clips. The file never changes.

    `says` is what the file says of itself (`inference.estimators.onnx_declared`), for people to read; `reading_ms` is how
    long one reading took when it was tried out.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(
        _("name"),
        max_length=50,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9._-]*\Z", _("Small letters, digits, dots and dashes only."))],
        help_text=_("Each skeleton that the model finds carries this name. It cannot be changed."),
    )
    key = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    size_bytes = models.BigIntegerField()
    licence = models.CharField(_("licence"), max_length=200)
    says = models.JSONField()
    reading_ms = models.FloatField()
    note = models.TextField(_("note"), blank=True, max_length=2000)
    is_active = models.BooleanField(_("used for new clips"), default=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("pose model")
        verbose_name_plural = _("pose models")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_active"], condition=models.Q(is_active=True), name="one_pose_model_is_active"
            ),
            models.CheckConstraint(condition=models.Q(size_bytes__gt=0), name="pose_model_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name


class JobState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("working")
    SUCCEEDED = "succeeded", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


FINAL_STATES = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


class JobStage(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    CHECKING = "checking", _("Checking the clip")
    CONVERTING = "converting", _("Converting")
    FINDING = "finding", _("Finding you")
    COMPARING = "comparing", _("Comparing")
    DONE = "done", _("Done")


class Job(models.Model):
    """Long work on one subject. The row is the truth; the queue carries only its id. States: docs/jobs.md.

    `attempt` counts every start and fences the writes of older ones; `crashes` counts starts that ended in silence.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="jobs")
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    stage = models.CharField(max_length=10, choices=JobStage, default=JobStage.QUEUED)
    percent = models.PositiveSmallIntegerField(default=0)
    frames_per_s = models.FloatField(null=True)
    left_s = models.FloatField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    crashes = models.PositiveSmallIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    failure_code = models.CharField(max_length=40, blank=True)
    queue_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes: ClassVar = [models.Index(fields=["state", "queued_at"], name="job_state_queued")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(percent__lte=100), name="job_percent_at_most_100"),
            models.CheckConstraint(condition=models.Q(state__in=JobState.values), name="job_state_is_known"),
            models.CheckConstraint(condition=models.Q(stage__in=JobStage.values), name="job_stage_is_known"),
            models.CheckConstraint(
                condition=~models.Q(state="failed") | ~models.Q(failure_code=""), name="job_failure_has_a_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES
