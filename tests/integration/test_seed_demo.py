import io
import wave

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.utils.timezone import localdate

from accounts.models import User
from choreography.demo.routines import ROUTINES
from choreography.models import (
    Artist,
    Attempt,
    Choreography,
    Comparison,
    EightMemory,
    Guide,
    GuideState,
    PracticeSpell,
    Section,
    SectionKind,
    Song,
)
from choreography.queries.memory import today_of
from inference import storage
from inference.pose import codec

pytestmark = pytest.mark.django_db
COUNTED = (
    User,
    EmailAddress,
    Artist,
    Song,
    Choreography,
    Section,
    Guide,
    Attempt,
    Comparison,
    PracticeSpell,
    EightMemory,
)


@pytest.fixture
def said():
    out = io.StringIO()
    call_command("seed_demo", stdout=out)
    return out.getvalue()


def counts():
    return {model.__name__: model.objects.count() for model in COUNTED}


def test_both_demo_people_can_sign_in_and_only_the_curator_keeps_the_catalogue(said):
    dancer = authenticate(email="dancer@example.com", password="kdance-demo")
    curator = authenticate(email="curator@example.com", password="kdance-demo")
    assert (dancer.is_staff, dancer.is_superuser) == (False, False)
    assert (curator.is_staff, curator.is_superuser) == (True, True)
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == 2
    assert "dancer@example.com" in said
    assert "kdance-demo" in said


def test_each_dance_is_credited_and_has_a_guide_to_dance_to(said):
    for routine in ROUTINES:
        choreography = Choreography.objects.select_related("song__artist").get(slug=routine.slug)
        assert choreography.is_demo
        assert choreography.licence == "Apache-2.0"
        assert choreography.choreographer
        assert choreography.song.title_ko
        assert choreography.song.artist.name_ko == "케이댄스 데모 크루"
        assert {section.kind for section in choreography.sections.all()} <= set(SectionKind.values)
        guide = choreography.guides.get(state=GuideState.PUBLISHED)
        track = codec.decode(storage.read_key(guide.track_key))
        assert track.duration_s == pytest.approx(guide.duration_s, abs=0.05)
        with storage.open_key(guide.audio_key) as file, wave.open(io.BytesIO(file.read())) as sound:
            assert sound.getnframes() / sound.getframerate() == pytest.approx(guide.duration_s, abs=0.1)
        assert guide.beats["bpm"] == pytest.approx(choreography.song.bpm, rel=0.01)
        assert guide.poster["duration_s"] == pytest.approx(8 * 60 / choreography.song.bpm, abs=0.01)
        assert guide.video is None


def test_the_takes_tell_of_progress_with_scores_that_were_computed(said):
    late, mirrored, good = Attempt.objects.filter(is_demo=True).select_related("comparison").order_by("created_at")
    scores = [take.comparison.score for take in (late, mirrored, good)]
    assert scores == sorted(scores)
    assert scores[0] < 75
    assert scores[-1] > 85
    assert late.comparison.result["lag_ms"] == pytest.approx(250, abs=40)
    assert mirrored.comparison.mirrored
    assert not good.comparison.mirrored
    assert len({take.created_at.date() for take in (late, mirrored, good)}) == 3
    for take in (late, mirrored, good):
        assert codec.decode(storage.read_key(take.track_key)).model == "authored"
        assert take.poster is not None
        assert take.comparison.created_at == take.created_at


def test_the_dancer_has_practised_and_finds_weak_eights_due_today(said):
    dancer = User.objects.get(email="dancer@example.com")
    taken = PracticeSpell.objects.filter(dancer=dancer, kind="take")
    assert {spell.take_id for spell in taken} == set(Attempt.objects.values_list("id", flat=True))
    assert {spell.day for spell in taken} == {localdate(take.created_at) for take in Attempt.objects.all()}
    today = today_of(dancer, localdate(), [])
    assert [(due.choreography.slug, due.eights) for due in today.due] == [("paper-lantern-radio", 2)]
    assert EightMemory.objects.filter(choreography__slug="elevator-to-daylight", mastered_on__isnull=False).exists()


def test_a_second_run_changes_nothing(said):
    before = counts()
    published = dict(Guide.objects.values_list("id", "published_at"))
    User.objects.filter(email="dancer@example.com").update(display_name="Renamed")
    call_command("seed_demo", stdout=io.StringIO())
    assert counts() == before
    assert dict(Guide.objects.values_list("id", "published_at")) == published
    assert User.objects.get(email="dancer@example.com").display_name == "Renamed"


def test_a_take_that_was_deleted_comes_back(said):
    Attempt.objects.filter(comparison__mirrored=True).delete()
    call_command("seed_demo", stdout=io.StringIO())
    assert Attempt.objects.count() == 3


def test_a_catalogue_in_use_is_left_alone_if_asked(db):
    artist = Artist.objects.create(name_en="Somebody")
    song = Song.objects.create(artist=artist, title_en="Something")
    Choreography.objects.create(slug="something", song=song, choreographer="Somebody", licence="own work")
    out = io.StringIO()
    call_command("seed_demo", if_empty=True, stdout=out)
    assert "not empty" in out.getvalue()
    assert User.objects.count() == 0
    assert Choreography.objects.count() == 1


def test_an_empty_catalogue_is_filled_if_asked(db):
    call_command("seed_demo", if_empty=True, stdout=io.StringIO())
    assert Choreography.objects.count() == len(ROUTINES)
