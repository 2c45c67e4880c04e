"""What the practice room needs to dance a choreography before the webcam."""

from django.urls import reverse

from choreography.comparison.live_config import LiveConfig
from choreography.models import Choreography, Guide
from choreography.payloads import LIVE_VERSION, LivePayload
from choreography.queries.catalogue import player_payload_for_guide
from choreography.queries.engine_assets import engine_assets


def live_payload(choreography: Choreography, guide: Guide) -> LivePayload:
    slug = choreography.slug
    return {
        "version": LIVE_VERSION,
        "player": player_payload_for_guide(guide),
        "engine": engine_assets(),
        "config": LiveConfig().as_payload(),
        "urls": {
            "takes": f"{reverse('live_takes', args=[slug])}?guide={guide.pk}",
            "clip": reverse("attempt_upload", args=[slug]),
            "report": reverse("practice_report"),
        },
    }
