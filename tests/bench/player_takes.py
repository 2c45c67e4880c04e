"""A guide and a take of the same dance, both with a drawn video, on a site that runs: two films to be kept in step."""

import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from accounts.models import User
from choreography import services
from choreography.demo.elevator import ELEVATOR
from choreography.demo.motion import perform
from choreography.demo.seeding import DANCER_EMAIL
from choreography.demo.story import TAKES
from choreography.judging import judged, load
from choreography.models import Attempt, Guide
from choreography.poster import poster_from_track
from inference import storage
from inference.models import Video
from inference.pose import codec
from inference.pose.track import PoseTrack
from tests.bench.drawn import drawn
from tests.composites import write_clip

SIZE_PX = (540, 960)
FPS = 30
TAKE_FROM_FRAME = 30
"""The take begins a second after the guide, so that the two films have different clocks."""
CUT_AT_FRAME = 200
SMALLER = 0.6
"""From its cut on the take is filmed from further away."""


@dataclass(frozen=True)
class Filmed:
    """Addresses on the site."""

    guide: str
    take: str


def film_the_demo(seconds: float) -> Filmed:
    """Give the demo's first dance a drawn video of its first `seconds`, and its dancer a take of it with one too."""
    frames = round(seconds * FPS)
    danced = next(take for take in TAKES if take.routine is ELEVATOR and not take.mirrored).danced()
    guide_track = _part(perform(ELEVATOR), 0, frames)
    take_track = _further_away(_part(danced, TAKE_FROM_FRAME, frames))
    dancer = User.objects.get(email=DANCER_EMAIL)
    guide = Guide.objects.select_related("choreography").get(choreography__slug=ELEVATOR.slug, state="published")
    guide.video = _film(guide_track, dancer)
    guide.duration_s = float(guide_track.t_s[-1])
    guide.save(update_fields=["video", "duration_s"])
    storage.save_bytes(guide.track_key, codec.encode(guide_track))
    return Filmed(
        guide.choreography.get_absolute_url(), _take(guide, guide_track, take_track, dancer).get_absolute_url()
    )


def _part(track: PoseTrack, start: int, end: int) -> PoseTrack:
    t_s = np.arange(end - start) / FPS
    return replace(
        track,
        t_s=t_s,
        **{name: getattr(track, name)[start:end] for name in ("xy_px", "conf", "xyz_m", "interpolated", "begins_shot")},
    )


def _further_away(track: PoseTrack) -> PoseTrack:
    xy_px, begins_shot = track.xy_px.copy(), track.begins_shot.copy()
    foot_of_the_picture = np.array([0.5, 0.9]) * track.size_px
    xy_px[CUT_AT_FRAME:] = foot_of_the_picture + SMALLER * (xy_px[CUT_AT_FRAME:] - foot_of_the_picture)
    begins_shot[CUT_AT_FRAME] = True
    return replace(track, xy_px=xy_px.astype(np.float32), begins_shot=begins_shot)


def _take(guide: Guide, guide_track: PoseTrack, track: PoseTrack, dancer: User) -> Attempt:
    video = _film(track, dancer)
    attempt = Attempt.objects.create(
        dancer=dancer, choreography=guide.choreography, guide=guide, video=video, track_key=video.track_key
    )
    result = judged(load(attempt, track, guide_track=guide_track))
    poster = poster_from_track(track, bpm=ELEVATOR.bpm, first_beat_s=0.0)
    services.save_analysis(attempt, result=result, poster=poster)
    return attempt


def _film(track: PoseTrack, owner: User) -> Video:
    video_id = uuid.uuid4()
    with TemporaryDirectory() as folder:
        path = write_clip(Path(folder) / "film.mp4", drawn(track, SIZE_PX, len(track.t_s)), fps=FPS)
        key = storage.save_path(storage.video_original_key(video_id, path.name), path)
        size_bytes = path.stat().st_size
    return Video.objects.create(
        id=video_id,
        owner=owner,
        original_key=key,
        original_name="film.mp4",
        size_bytes=size_bytes,
        playable_key=key,
        playable_type="video/mp4",
        track_key=storage.save_bytes(storage.video_track_key(video_id, 1), codec.encode(track)),
        width_px=SIZE_PX[0],
        height_px=SIZE_PX[1],
        duration_s=len(track.t_s) / FPS,
        fps=FPS,
    )
