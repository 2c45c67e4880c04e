"""The demo dancer's story: three takes of one dance over nine days, each with its own mistakes, and drills between them.

The scores are computed.
"""

from dataclasses import dataclass
from datetime import timedelta

from choreography.demo.body import DancerBody
from choreography.demo.camera import Camera
from choreography.demo.elevator import ELEVATOR
from choreography.demo.lantern import LANTERN
from choreography.demo.motion import Forgotten, perform
from choreography.demo.routine import Routine
from inference.pose.track import PoseTrack

LEARNER = DancerBody(
    thigh_m=0.385,
    shank_m=0.372,
    hip_half_width_m=0.102,
    torso_m=0.47,
    shoulder_half_width_m=0.166,
    upper_arm_m=0.258,
    forearm_m=0.228,
)
PHONE_ON_A_SHELF = Camera(distance_m=3.7, height_m=1.25, px_per_m=318.0, mark_x_px=374.0, eye_level_px=610.0)


@dataclass(frozen=True)
class Take:
    """How one attempt was danced. The dancer followed the guide live, so guide and take start together."""

    name: str
    routine: Routine
    before_today: timedelta
    seed: int
    sloppiness: float
    delay_s: float = 0.0
    mirrored: bool = False
    forgotten: tuple[Forgotten, ...] = ()

    def danced(self) -> PoseTrack:
        return perform(
            self.routine,
            LEARNER,
            camera=PHONE_ON_A_SHELF,
            delay_s=self.delay_s,
            mirrored=self.mirrored,
            sloppiness=self.sloppiness,
            forgotten=self.forgotten,
            seed=self.seed,
        )


TAKES: tuple[Take, ...] = (
    Take(
        name="late",
        routine=ELEVATOR,
        before_today=timedelta(days=9, hours=2),
        seed=11,
        sloppiness=0.9,
        delay_s=0.25,
        forgotten=(Forgotten("right_arm", eight=2, first_count=3), Forgotten("arms", eight=3, first_count=5)),
    ),
    Take(
        name="mirrored",
        routine=ELEVATOR,
        before_today=timedelta(days=4, hours=5),
        seed=12,
        sloppiness=0.95,
        mirrored=True,
        forgotten=(
            Forgotten("left_arm", eight=3, first_count=5),
            Forgotten("all", eight=4, first_count=3, last_count=4),
        ),
    ),
    Take(
        name="good",
        routine=ELEVATOR,
        before_today=timedelta(days=1, hours=3),
        seed=13,
        sloppiness=0.6,
        forgotten=(Forgotten("left_arm", eight=2, first_count=2, last_count=3),),
    ),
)


@dataclass(frozen=True)
class Practice:
    """A drill by eye between two takes: minutes, and no points."""

    name: str
    routine: Routine
    before_today: timedelta
    minutes: float


PRACTICES: tuple[Practice, ...] = (
    Practice("slow", ELEVATOR, timedelta(days=8, hours=3), minutes=6.0),
    Practice("chorus", ELEVATOR, timedelta(days=6, hours=2), minutes=9.0),
    Practice("arms", ELEVATOR, timedelta(days=3, hours=4), minutes=5.0),
    Practice("once more", ELEVATOR, timedelta(days=2, hours=3), minutes=7.0),
)

LIVE = Take(
    name="live",
    routine=LANTERN,
    before_today=timedelta(days=1),
    seed=21,
    sloppiness=1.0,
    delay_s=0.06,
    forgotten=(Forgotten("arms", eight=2, first_count=1), Forgotten("left_arm", eight=3, first_count=1)),
)
"""A first dance of the hard one before the webcam: no take was sent, and two eights are left to practise today."""
