"""Demo data in the database: two people, two dances with their guides, and one dancer's takes and practice."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.timezone import localdate

from accounts.models import User
from choreography import memory, services
from choreography.comparison.compare import compare
from choreography.comparison.counts import DanceMap
from choreography.demo.beat import beat_wav
from choreography.demo.motion import perform
from choreography.demo.routine import Routine
from choreography.demo.routines import ROUTINES
from choreography.demo.story import LIVE, PRACTICES, TAKES, Practice, Take
from choreography.judging import judged, load
from choreography.memory import EightReport, Report, worst_limb
from choreography.models import (
    Artist,
    Attempt,
    Choreography,
    Comparison,
    Guide,
    PracticeKind,
    PracticeSpell,
    Section,
    Song,
)
from choreography.poster import poster_from_track
from inference import storage
from inference.isolated_listening import hear_beats
from inference.pose import codec
from inference.pose.track import PoseTrack

DANCER_EMAIL, CURATOR_EMAIL = "dancer@example.com", "curator@example.com"
PASSWORD = "kdance-demo"  # noqa: S105 - known to everybody: demo people exist only where seed_demo was run
LICENCE = "Apache-2.0"
SOURCE = "Written as motion for KDance (choreography/demo)"
PUBLISHED_BEFORE = timedelta(days=14)
_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "kdance:demo")


@transaction.atomic
def seed_demo(*, now: datetime) -> None:
    """Create what is missing of the demo data; what is there already stays as it is. `now` dates the story."""
    dancer = _person(DANCER_EMAIL, "Demo dancer")
    _person(CURATOR_EMAIL, "Demo curator", is_staff=True, is_superuser=True)
    guide_tracks = {routine.slug: perform(routine) for routine in ROUTINES}
    guides = {
        routine.slug: _guide(routine, guide_tracks[routine.slug], now - PUBLISHED_BEFORE - timedelta(hours=age))
        for age, routine in enumerate(ROUTINES)
    }
    for take in TAKES:
        _attempt(take, dancer, guides[take.routine.slug], guide_tracks[take.routine.slug], now)
    _live(LIVE, dancer, guides[LIVE.routine.slug], guide_tracks[LIVE.routine.slug], now)
    for practice in PRACTICES:
        _practice(practice, dancer, guides[practice.routine.slug], now)


def _live(take: Take, dancer: User, guide: Guide, guide_track: PoseTrack, now: datetime) -> None:
    """What the room tells after a dance: its minutes, and the points of each eight as the scoring has them."""
    key = uuid.uuid5(_NAMES, f"practice/{take.routine.slug}/{take.name}")
    if PracticeSpell.objects.filter(dancer=dancer, key=key).exists():
        return
    result = compare(
        guide_track, take.danced(), offset_hint_s=0.0, hint_source="known", dance=DanceMap(guide.grid)
    ).to_payload()
    eights = tuple(
        EightReport(eight["index"], eight["score"], worst_limb(eight["limbs"], result["mirrored"]), rate=1.0)
        for eight in result["eights"]
    )
    told = Report(
        key=key,
        slug=take.routine.slug,
        kind=PracticeKind.LIVE,
        day=localdate(now - take.before_today),
        danced_s=guide.duration_s or 0.0,
        eights=eights,
    )
    memory.report_practice(dancer, told, today=localdate(now))


def _practice(practice: Practice, dancer: User, guide: Guide, now: datetime) -> None:
    """By eye: minutes and no points, for nobody danced before a camera."""
    practised_at = now - practice.before_today
    PracticeSpell.objects.get_or_create(
        dancer=dancer,
        key=uuid.uuid5(_NAMES, f"practice/{practice.routine.slug}/{practice.name}"),
        defaults={
            "choreography_id": guide.choreography_id,
            "guide": guide,
            "kind": PracticeKind.DRILL,
            "day": localdate(practised_at),
            "danced_s": practice.minutes * 60.0,
            "created_at": practised_at,
        },
    )


def _person(email: str, display_name: str, *, is_staff: bool = False, is_superuser: bool = False) -> User:
    existing = User.objects.filter(email=email).first()
    if existing is not None:
        return existing
    person = User.objects.create_user(
        email, PASSWORD, display_name=display_name, is_staff=is_staff, is_superuser=is_superuser
    )
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def _guide(routine: Routine, track: PoseTrack, published_at: datetime) -> Guide:
    choreography = _choreography(routine, published_at)
    guide_id = uuid.uuid5(_NAMES, f"guide/{routine.slug}")
    guide = Guide.objects.filter(pk=guide_id).first()
    if guide is not None:
        return guide
    guide = Guide.objects.create(
        id=guide_id,
        choreography=choreography,
        version=1 + choreography.guides.count(),
        track_key=storage.save_bytes(storage.guide_track_key(guide_id), codec.encode(track)),
        audio_key=storage.save_bytes(storage.guide_audio_key(guide_id), beat_wav(routine)),
    )
    guide.beats = _beats_of(guide.audio_key)
    guide.save(update_fields=["beats"])
    poster = poster_from_track(track, bpm=routine.bpm, first_beat_s=routine.first_beat_s)
    services.make_guide_ready(guide, duration_s=float(track.t_s[-1]), poster=poster)
    services.publish_guide(guide)
    Guide.objects.filter(pk=guide_id).update(created_at=published_at, published_at=published_at)
    return guide


def _beats_of(audio_key: str) -> dict[str, Any] | None:
    """As the analysis of a guide's video finds them; here without a child process, for the sound is our own."""
    with storage.local_copy(audio_key) as path:
        return hear_beats(path, send=lambda _message: None)


def _choreography(routine: Routine, created_at: datetime) -> Choreography:
    existing = Choreography.objects.filter(slug=routine.slug).first()
    if existing is not None:
        return existing
    choreography = Choreography.objects.create(
        slug=routine.slug,
        song=_song(routine),
        difficulty=routine.difficulty,
        choreographer=routine.credit.choreographer,
        source=SOURCE,
        licence=LICENCE,
        is_demo=True,
    )
    Choreography.objects.filter(pk=choreography.pk).update(created_at=created_at)
    Section.objects.bulk_create(
        Section(choreography=choreography, kind=kind, start_s=start_s, end_s=end_s)
        for kind, start_s, end_s in routine.sections_s()
    )
    return choreography


def _song(routine: Routine) -> Song:
    credit = routine.credit
    artist, _ = Artist.objects.get_or_create(
        name_en=credit.artist_en,
        defaults={"name_ko": credit.artist_ko, "name_romanised": credit.artist_romanised},
    )
    song, _ = Song.objects.get_or_create(
        artist=artist,
        title_en=credit.title_en,
        defaults={"title_ko": credit.title_ko, "bpm": routine.bpm, "first_beat_s": routine.first_beat_s},
    )
    return song


def _attempt(take: Take, dancer: User, guide: Guide, guide_track: PoseTrack, now: datetime) -> None:
    attempt_id = uuid.uuid5(_NAMES, f"attempt/{take.routine.slug}/{take.name}")
    if Attempt.objects.filter(pk=attempt_id).exists():
        return
    track = take.danced()
    attempt = Attempt.objects.create(
        id=attempt_id,
        dancer=dancer,
        choreography_id=guide.choreography_id,
        guide=guide,
        track_key=storage.save_bytes(storage.attempt_track_key(attempt_id), codec.encode(track)),
        is_demo=True,
    )
    danced_at = now - take.before_today
    Attempt.objects.filter(pk=attempt_id).update(
        created_at=danced_at
    )  # before it is judged: practice takes its day from it
    result = judged(load(attempt, track, guide_track=guide_track))
    poster = poster_from_track(track, bpm=take.routine.bpm, first_beat_s=take.routine.first_beat_s)
    services.save_analysis(attempt, result=result, poster=poster)
    Comparison.objects.filter(attempt=attempt).update(created_at=danced_at)
