"""Single pictures read by a pose engine: nothing is followed and nothing smoothed, so each answer is the engine's own."""

from typing import Protocol, runtime_checkable

from inference.estimators.pictures import Picture
from inference.pose.reading import PoseReader, Reading, Region
from inference.pose.tracking import PeopleTracker, TrackingConfig, off_centre


@runtime_checkable
class ReadsPictures(Protocol):
    """An engine that can be asked about one picture as well as about a whole clip."""

    name: str

    def reader(self) -> PoseReader[Picture]: ...


def read_still(reader: PoseReader[Picture], picture: Picture, region: Region | None) -> Reading | None:
    """Who is in `region`; without one, the most prominent person whom the engine finds and believes in, or None.

    The search is the one in the first frame of a clip: the whole picture and its parts, the readings judged alike.
    """
    if region is not None:
        return reader.read(picture, region)
    config = TrackingConfig()
    people = [sighting.reading for sighting in PeopleTracker(reader, picture.size_px).follow(picture, 0.0)]

    def prominence(reading: Reading) -> float:
        place = reading.next_region
        return place.side_px * (1 - config.off_centre_cost * off_centre(place, picture.size_px))

    return max(people, key=prominence, default=None)
