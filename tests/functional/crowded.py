"""Puts clips with several people into a running product: searched by an engine of scenes, everything else as always.

Run as a program on the product's own data: `python -m tests.functional.crowded take SCENE EMAIL` or `guide SCENE EMAIL`.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def crowded(product, what, scene, email):
    """The id of a new take of the demo dancer's, or of a guide of the curator's."""
    environment = {name: value for name, value in os.environ.items() if name != "KDANCE_TEST_MEDIA"} | {
        "DJANGO_SETTINGS_MODULE": "kdance_site.settings",
        "KDANCE_DATA_DIR": str(product.data_dir),
    }
    command = [sys.executable, "-m", "tests.functional.crowded", what, scene, email]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


def main(what, scene, email):
    import django

    django.setup()
    from django.conf import settings
    from django.core.files import File

    from accounts.models import User
    from choreography import services
    from choreography.models import GuideState
    from choreography.poster import poster_from_track
    from inference import isolated_work, queue, storage
    from inference.jobs import run_job
    from inference.pose import codec
    from tests import crowd
    from tests.factories import GuideFactory

    settings.POSE_ESTIMATOR = scene
    isolated_work.find_people = crowd.find_people
    queue._defer = lambda job_id: None  # or the product's worker would take it, and look with the real engine
    person = User.objects.get(email=email)
    guide = GuideFactory(
        state=GuideState.PUBLISHED,
        choreography__slug=f"two-of-us-{time.time_ns()}",
        choreography__song__title_en="Two of us",
    )
    track = crowd.teacher()
    guide.track_key = storage.save_bytes(storage.guide_track_key(guide.pk), codec.encode(track))
    guide.poster = poster_from_track(track, bpm=crowd.GUIDE_BPM, first_beat_s=0.0)
    guide.save()
    with tempfile.TemporaryDirectory() as folder:
        path = crowd.film(Path(folder) / "crowd.mp4", getattr(crowd, scene)().estimate(Path()))
        with path.open("rb") as clip:
            upload = File(clip, name="crowd.mp4")
            if what == "take":
                made = services.submit_attempt(dancer=person, choreography=guide.choreography, upload=upload)
            else:
                made = services.add_guide(choreography=guide.choreography, upload=upload, curator=person)
        run_job(made.job_id)
    print(made.pk)


if __name__ == "__main__":
    main(*sys.argv[1:])
