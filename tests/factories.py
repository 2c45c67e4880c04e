"""Rows for tests, by name of what they stand for. `with_track=True` stores a track's file and a poster with the row."""

import uuid

import factory
import numpy as np
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import User
from choreography.models import (
    Artist,
    Attempt,
    Choreography,
    Comparison,
    Guide,
    GuideState,
    LiveTake,
    Section,
    SectionKind,
    Song,
)
from inference import storage
from inference.models import Job, JobState, Video
from inference.pose.codec import encode
from inference.pose.track import JOINT_COUNT, PoseTrack

PASSWORD = "correct horse battery staple"

POSTER = {
    "version": 1,
    "figures": [[[500, 300 + 30 * joint] for joint in range(JOINT_COUNT)] for _ in range(8)],
    "trails": {
        name: [[200 + 40 * step, 400 + 60 * (step % 3)] for step in range(16)]
        for name in ("left_hand", "right_hand", "left_foot", "right_foot")
    },
    "duration_s": 4.0,
}


def still_track():
    """Somebody who stands still for a second."""
    frames = 30
    joints = np.stack([np.full(JOINT_COUNT, 360.0), np.linspace(100.0, 1180.0, JOINT_COUNT)], axis=-1)
    return PoseTrack(
        t_s=np.arange(frames) / 30,
        xy_px=np.repeat(joints[None], frames, axis=0).astype(np.float32),
        conf=np.ones((frames, JOINT_COUNT), dtype=np.float32),
        size_px=(720, 1280),
        model="authored",
    )


def stored_track(key):
    storage.save_bytes(key, encode(still_track()))
    return key


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"dancer{n}@example.org")
    display_name = factory.Sequence(lambda n: f"Dancer {n}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.create_user(password=kwargs.pop("password", PASSWORD), **kwargs)


class CuratorFactory(UserFactory):
    email = factory.Sequence(lambda n: f"curator{n}@example.org")
    is_staff = True


class ArtistFactory(DjangoModelFactory):
    class Meta:
        model = Artist

    name_en = factory.Sequence(lambda n: f"Group {n}")


class SongFactory(DjangoModelFactory):
    class Meta:
        model = Song

    artist = factory.SubFactory(ArtistFactory)
    title_en = factory.Sequence(lambda n: f"Song {n}")
    bpm = 120.0


class ChoreographyFactory(DjangoModelFactory):
    """Without a guide: dancers do not see it. `PublishedChoreographyFactory` makes one they do see."""

    class Meta:
        model = Choreography

    slug = factory.Sequence(lambda n: f"dance-{n}")
    song = factory.SubFactory(SongFactory)
    choreographer = "KDance"
    licence = "CC0 1.0"


class SectionFactory(DjangoModelFactory):
    class Meta:
        model = Section

    choreography = factory.SubFactory(ChoreographyFactory)
    kind = SectionKind.CHORUS
    start_s = 0.0
    end_s = 8.0


class GuideFactory(DjangoModelFactory):
    class Meta:
        model = Guide

    id = factory.LazyFunction(uuid.uuid4)
    choreography = factory.SubFactory(ChoreographyFactory)
    version = factory.Sequence(lambda n: n + 1)
    state = GuideState.READY
    track_key = factory.LazyAttribute(lambda guide: f"guides/{guide.choreography.pk}/{guide.version}.kdt")
    duration_s = 30.0

    class Params:
        published = factory.Trait(state=GuideState.PUBLISHED, published_at=factory.LazyFunction(timezone.now))
        with_track = factory.Trait(
            track_key=factory.LazyAttribute(lambda guide: stored_track(storage.guide_track_key(guide.id))),
            poster=POSTER,
        )


class PublishedChoreographyFactory(ChoreographyFactory):
    class Meta:
        skip_postgeneration_save = True

    guide = factory.RelatedFactory(GuideFactory, factory_related_name="choreography", published=True)


class VideoFactory(DjangoModelFactory):
    class Meta:
        model = Video

    owner = factory.SubFactory(UserFactory)
    original_key = factory.Sequence(lambda n: f"videos/{n}/original")
    original_name = "take.mp4"
    size_bytes = 1_000_000


class JobFactory(DjangoModelFactory):
    class Meta:
        model = Job

    kind = "analyse_attempt"
    owner = factory.SubFactory(UserFactory)
    state = JobState.QUEUED


class AttemptFactory(DjangoModelFactory):
    class Meta:
        model = Attempt

    id = factory.LazyFunction(uuid.uuid4)
    dancer = factory.SubFactory(UserFactory)
    guide = factory.SubFactory(GuideFactory, published=True)
    choreography = factory.SelfAttribute("guide.choreography")

    class Params:
        with_track = factory.Trait(
            track_key=factory.LazyAttribute(lambda take: stored_track(storage.attempt_track_key(take.id))),
            poster=POSTER,
        )


class LiveTakeFactory(DjangoModelFactory):
    """Begun; nothing of it has arrived."""

    class Meta:
        model = LiveTake

    id = factory.LazyFunction(uuid.uuid4)
    dancer = factory.SubFactory(UserFactory)
    guide = factory.SubFactory(GuideFactory, published=True)
    choreography = factory.SelfAttribute("guide.choreography")
    offset_s = 0.0
    size_bytes = 100_000


class ComparisonFactory(DjangoModelFactory):
    class Meta:
        model = Comparison

    attempt = factory.SubFactory(AttemptFactory)
    scoring_version = "test"
    verdict = "judged"
    score = 70.0
    offset_s = 0.0
    coverage = 1.0
    result = factory.LazyFunction(lambda: {"scoring_version": "test", "verdict": "judged"})
