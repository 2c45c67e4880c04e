"""What practice leaves behind: when somebody danced, and which eights have to come back."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from choreography.models.catalogue import Choreography, Guide
from choreography.models.practice import Attempt


class PracticeKind(models.TextChoices):
    WATCH = "watch", _("watched")
    LIVE = "live", _("danced live")
    DRILL = "drill", _("drilled")
    TAKE = "take", _("take")


class PracticeSpell(models.Model):
    """A time of practising, and what was seen of the eights in it: the evidence of which `EightMemory` is made.

    `key` is the browser's own, so that a report whose answer was lost is not counted twice; a take's is the take's.
    """

    key = models.UUIDField()
    dancer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="practice_spells")
    choreography = models.ForeignKey(Choreography, on_delete=models.CASCADE, related_name="practice_spells")
    guide = models.ForeignKey(Guide, null=True, on_delete=models.SET_NULL, related_name="practice_spells")
    kind = models.CharField(max_length=5, choices=PracticeKind)
    # The dancer's own day, as the browser names it.
    day = models.DateField()
    danced_s = models.FloatField()
    # [{"start_s", "end_s", "score", "limb", "rate"}], in seconds of the guide; score null where nothing was judged.
    eights = models.JSONField(default=list, blank=True)
    take = models.OneToOneField(
        Attempt, null=True, blank=True, on_delete=models.SET_NULL, related_name="practice_spell"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("practice")
        verbose_name_plural = _("practice")
        indexes: ClassVar = [
            models.Index(fields=["dancer", "day"], name="practice_dancer_day"),
            models.Index(fields=["dancer", "choreography", "created_at"], name="practice_of_a_dance"),
            models.Index(fields=["dancer", "created_at"], name="practice_dancer_created"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dancer", "key"], name="a_practice_is_told_once"),
            models.CheckConstraint(condition=models.Q(danced_s__gte=0), name="practice_takes_time"),
            models.CheckConstraint(condition=models.Q(kind__in=PracticeKind.values), name="practice_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.choreography} {self.day} {self.danced_s:.0f} s"


class EightMemory(models.Model):
    """How well a dancer knows one eight of a choreography, and when it is to be practised again.

    Made of `PracticeSpell`s by the rules of `choreography.spacing`; it counts while its guide is the published one and
    its stretch is still an eight of it.
    """

    dancer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="eight_memories")
    choreography = models.ForeignKey(Choreography, on_delete=models.CASCADE, related_name="eight_memories")
    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="eight_memories")
    # The index of `DanceMap.spans`: 0 begins at the first count, and it may be negative.
    eight = models.IntegerField()
    start_s = models.FloatField()
    end_s = models.FloatField()
    # The worst limb when it was last judged, the dancer's own; empty where none stood out.
    limb = models.CharField(max_length=12, blank=True)
    best_score = models.FloatField(null=True)
    last_score = models.FloatField(null=True)
    # The last day on which what was danced moved it: not slow, and judged.
    judged_on = models.DateField(null=True)
    in_a_row = models.PositiveSmallIntegerField(default=0)
    # Null while there is nothing to come back for.
    stage = models.PositiveSmallIntegerField(null=True)
    due_on = models.DateField(null=True)
    strong_on = models.DateField(null=True)
    mastered_on = models.DateField(null=True)
    danced_on = models.DateField()

    class Meta:
        verbose_name = _("eight to remember")
        verbose_name_plural = _("eights to remember")
        ordering: ClassVar = ["choreography", "eight"]
        indexes: ClassVar = [models.Index(fields=["dancer", "due_on"], name="eight_memory_due")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dancer", "choreography", "eight"], name="one_memory_an_eight"),
            models.CheckConstraint(
                condition=models.Q(last_score__isnull=True) | models.Q(last_score__range=(0, 100)),
                name="eight_memory_from_0_to_100",
            ),
            models.CheckConstraint(
                condition=models.Q(stage__isnull=True, due_on__isnull=True)
                | models.Q(stage__isnull=False, due_on__isnull=False),
                name="what_comes_back_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.choreography} {self.eight}"
