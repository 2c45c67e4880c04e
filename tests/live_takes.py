"""A guide, a take of it danced before the webcam, and a browser that sends it."""

import json
import uuid
from dataclasses import replace

from django.urls import reverse

from inference.pose import codec
from tests.motion import SHORT_AND_BROAD, Dance, performed

DANCE = Dance(seed=21, duration_s=12.0)
GUIDE = performed(DANCE)
TAKE = replace(performed(DANCE, SHORT_AND_BROAD, noise_px=2.0, late_s=0.05), model="tasks-vision-lite")
BYTES = codec.encode(TAKE)
PART_BYTES = 8 * 1024  # a track of twelve seconds has some parts then


class Browser:
    """Speaks as static/js/live/sender.js does."""

    def __init__(self, client, guide, data=BYTES, offset_s=0.0):
        self.client, self.guide, self.data, self.offset_s = client, guide, data, offset_s
        self.id = uuid.uuid4()

    def open(self, **changes):
        asked = {"id": str(self.id), "offset_s": self.offset_s, "size_bytes": len(self.data)} | changes
        address = reverse("live_takes", args=[self.guide.choreography.slug])
        return self.client.post(address, json.dumps(asked), content_type="application/json")

    def part(self, number, data=None):
        sent = self.data[number * PART_BYTES : (number + 1) * PART_BYTES] if data is None else data
        address = reverse("live_part", args=[self.id, number])
        return self.client.put(address, sent, content_type="application/octet-stream")

    def done(self):
        return self.client.post(reverse("live_done", args=[self.id]))

    def delete(self):
        return self.client.delete(reverse("live_take", args=[self.id]))

    @property
    def parts(self):
        return range(-(-len(self.data) // PART_BYTES))

    def send(self):
        assert self.open().status_code == 200
        for number in self.parts:
            assert self.part(number).status_code == 204
        return self.done()


def refused(response):
    error = response.json()["error"]
    assert len(error["message"]) >= 10
    return response.status_code, error["code"]
