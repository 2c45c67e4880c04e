"""`manage.py compare`: one JSON object on standard output, or one kind sentence with a code."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from inference.estimators import registry
from inference.estimators.fake import estimate_of
from inference.pose import codec
from inference.pose.people import Estimate
from tests.motion import SHORT_AND_BROAD, Dance, performed, standing

DANCE = Dance(seed=8, duration_s=10.0)


class _Engine:
    """Finds the same dance in every video."""

    name = "made-up"

    def __init__(self, *, model_dir: Path | None) -> None:
        self.model_dir = model_dir

    def estimate(self, video: Path, *, on_progress: object = None, workers: int = 1) -> Estimate:
        return estimate_of(performed(DANCE, SHORT_AND_BROAD, from_s=2.0))


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    codec.save_npz(performed(DANCE), tmp_path / "guide.npz")
    return tmp_path / "guide.npz"


def output(*arguments: object) -> str:
    out = StringIO()
    call_command("compare", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_json_holds_one_object_with_the_whole_result(guide: Path, tmp_path: Path) -> None:
    attempt = tmp_path / "attempt.kdt"
    attempt.write_bytes(codec.encode(performed(DANCE, SHORT_AND_BROAD, from_s=2.0, noise_px=2.0)))
    result = json.loads(output(guide, attempt, "--json"))
    assert result["verdict"] == "judged"
    assert result["score"] > 95
    assert result["offset_s"] == pytest.approx(-2.0, abs=0.005)
    assert result["coverage"] == 1.0
    assert len(result["limbs"]) == 6
    assert {"mirrored", "confidence", "notices", "timeline"} <= set(result)


def test_a_video_goes_through_the_engine(guide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_FACTORIES", {"made-up": f"{__name__}._Engine"})
    video = tmp_path / "clip.mp4"
    video.write_bytes(b"whatever the engine makes of it")
    result = json.loads(output(guide, video, "--json", "--estimator", "made-up"))
    assert result["offset_s"] == pytest.approx(-2.0, abs=0.005)


def test_a_known_offset_gives_the_lateness(guide: Path, tmp_path: Path) -> None:
    codec.save_npz(performed(DANCE, SHORT_AND_BROAD, late_s=0.1), tmp_path / "late.npz")
    assert json.loads(output(guide, tmp_path / "late.npz", "--json", "--offset", "0"))["lag_ms"] == pytest.approx(
        100, abs=4
    )
    assert "Lag         +100 ms" in output(guide, tmp_path / "late.npz", "--offset", "0")


def test_people_get_a_table_with_the_worst_eight_and_what_was_wrong(guide: Path, tmp_path: Path) -> None:
    wrong = Dance(seed=3, duration_s=10.0)
    arm = ("left_upper_arm", "left_forearm")
    attempt = performed(DANCE, SHORT_AND_BROAD, noise_px=2.0, wrong=wrong, wrong_parts=arm, wrong_s=(4.0, 7.0))
    codec.save_npz(attempt, tmp_path / "attempt.npz")
    text = output(guide, tmp_path / "attempt.npz", "--counts", "120,0")
    assert text.startswith("Score ")
    assert re.search(r"^Worst      4.0-8.0 s, eight 2, counts 1-8 ", text, re.MULTILINE)
    assert re.search(r"^ 1\. left_arm shape .* s, eight \d, counts \d-\d  costs ", text, re.MULTILINE)


@pytest.mark.parametrize("counts", ["120", "20,0", "120,nan", "fast,0"])
def test_counts_that_are_none_are_refused(guide: Path, counts: str) -> None:
    with pytest.raises(CommandError, match="--counts"):
        output(guide, guide, "--counts", counts)


def test_listening_needs_videos(guide: Path) -> None:
    with pytest.raises(CommandError, match="no_sound"):
        output(guide, guide, "--listen")


def test_the_guides_own_video_gets_no_score(guide: Path) -> None:
    assert output(guide, guide) == "No score. This is the guide's own video. (guide_replayed)\n"


def test_people_get_the_reason_why_there_is_no_score(guide: Path, tmp_path: Path) -> None:
    codec.save_npz(standing(), tmp_path / "still.npz")
    assert (
        output(guide, tmp_path / "still.npz")
        == "No score. The dancer hardly moved while the guide danced. (stood_still)\n"
    )


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("missing.mp4", None, "no_such_file"), ("broken.npz", b"not a track", "not_a_track"), ("text.mp4", b"hello", "")],
)
def test_what_cannot_be_read_is_said_with_a_code(
    guide: Path, tmp_path: Path, name: str, content: bytes | None, code: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CommandError, match=rf"{name}.*\(\w*{code}\w*\)$") as caught:
        output(guide, tmp_path / name)
    assert caught.value.returncode == 1


def test_an_unknown_engine_is_said(guide: Path, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"video")
    with pytest.raises(CommandError, match="unknown_estimator"):
        output(guide, tmp_path / "clip.mp4", "--estimator", "crystal-ball")
