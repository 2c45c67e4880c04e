"""Elevator to Daylight: four eights of first steps. Step-touch, boxes, a sweep, and a pose to end on."""

from choreography.demo.keys import FLOW, SLOW, SNAP, Eight, at, to_the_other_side
from choreography.demo.moves import (
    ACROSS,
    ACROSS_LOW,
    AT_HEAD,
    CLASP,
    FOLDED,
    HANGING_POST,
    HIGH,
    LOW,
    ON_HIP,
    OVER_HEAD,
    POST,
    PUSH,
    READY,
    REST,
    STRAIGHT_UP,
    WIDE,
    both,
    bounce,
    chest,
    head,
    hips,
    knees,
    left,
    left_foot,
    right,
    right_foot,
    shrug,
    stand,
)
from choreography.demo.routine import Credit, Routine, Stretch

PICKUP: Eight = (
    at(5, stand(0.68, 0.05), hips(roll=0.10), head(roll=0.08), bounce(0.03), ease=FLOW),
    at(6, stand(0.32, 0.05), hips(roll=-0.10), head(roll=-0.08), ease=FLOW),
    at(7, stand(0.66, 0.05), hips(roll=0.10), head(roll=0.08), both(READY), ease=FLOW),
    at(8, stand(0.34, 0.09), hips(), head(pitch=0.18), both(CLASP), chest(pitch=0.14), right_foot(-0.14), ease=FLOW),
)

_STEP_LEFT: Eight = (
    at(1, left_foot(0.38), stand(0.72, 0.05), hips(yaw=0.22, roll=0.08), chest(yaw=0.18, roll=0.10)),
    at(1, left(HIGH), right(ACROSS), head(yaw=0.42, pitch=-0.10)),
    at(2, right_foot(0.12, 0.03, heel=0.55), stand(0.86, 0.08), hips(roll=-0.05), chest(pitch=0.12), head()),
    at(2, both(CLASP)),
)

STEP_TOUCH: Eight = (
    *_STEP_LEFT,
    at(3, right_foot(-0.26), stand(0.28, 0.05), hips(yaw=-0.22, roll=-0.08), chest(yaw=-0.18, roll=-0.10)),
    at(3, right(HIGH), left(ACROSS), head(yaw=-0.42, pitch=-0.10)),
    at(4, left_foot(0.0, 0.03, heel=0.55), stand(0.14, 0.08), hips(roll=0.05), chest(pitch=0.12), head()),
    at(4, both(CLASP)),
    at(5, left_foot(0.30), stand(0.52, 0.06), hips(), chest(), both(HIGH), head(pitch=-0.16)),
    at(6, stand(0.52, 0.18), both(ACROSS_LOW), chest(pitch=0.24), head(pitch=0.24)),
    at(7, stand(0.76, 0.05, x=0.03), left(WIDE), right(ON_HIP), hips(roll=0.14), chest(roll=0.12), head(yaw=0.45)),
    at(8, stand(0.5, 0.07), left(ON_HIP), hips(), chest(), head(), left_foot(0.18), ease=FLOW),
)

BOXES: Eight = (
    at(1, right(POST), left(ON_HIP), stand(0.26, 0.05), hips(roll=-0.12), chest(roll=-0.06), head(yaw=-0.35)),
    at(2, left(HANGING_POST), stand(0.70, 0.05), hips(roll=0.12), chest(roll=0.06), head(yaw=0.35)),
    at(3, right(HANGING_POST), left(POST), stand(0.28, 0.05), hips(roll=-0.12), chest(roll=-0.08), head(roll=-0.12)),
    at(4, right(POST), left(POST), stand(0.5, 0.02), hips(), chest(), head(pitch=-0.12)),
    at(5, both(FOLDED), chest(z=0.07, pitch=-0.06), stand(0.5, 0.10), shrug(0.02, 0.02), head(pitch=0.10), ease=SNAP),
    at(5.5, chest(z=-0.05, pitch=0.12), shrug(), ease=SNAP),
    at(6, both(WIDE), chest(z=0.06, pitch=-0.08), stand(0.5, 0.03), head(pitch=-0.10), ease=SNAP),
    at(7, both(ON_HIP), chest(roll=-0.10), hips(roll=0.24), stand(0.78, 0.07, x=0.02), head(roll=0.12)),
    at(7, right_foot(-0.26, heel=0.35), knees(0.18, 0.05)),
    at(8, chest(roll=0.10), hips(roll=-0.24), stand(0.24, 0.07, x=-0.02), head(roll=-0.12)),
    at(8, right_foot(-0.26), left_foot(0.18, heel=0.35), knees(0.05, 0.18)),
)

SWEEP: Eight = (
    at(1, left_foot(0.34), stand(0.44, 0.22), knees(0.7, 0.7), hips(), both(ACROSS_LOW), chest(pitch=0.26)),
    at(1, head(pitch=0.26)),
    at(2, right(LOW), left(ACROSS), stand(0.28, 0.16), chest(yaw=-0.2, roll=-0.12), head(yaw=-0.4), ease=FLOW),
    at(3, right(WIDE), left(FOLDED), stand(0.36, 0.08), chest(yaw=-0.1), head(yaw=-0.3), ease=FLOW),
    at(4, right(STRAIGHT_UP), left(STRAIGHT_UP), stand(0.5, 0.02), chest(pitch=-0.1), head(pitch=-0.2), ease=FLOW),
    at(4, knees(), left_foot(0.22), right_foot(-0.22)),
    at(5, left(LOW), right(PUSH), stand(0.30, 0.14), hips(yaw=0.1), chest(yaw=0.26, roll=-0.05), head(pitch=0.06)),
    at(6, right(AT_HEAD), stand(0.66, 0.08), hips(roll=0.1), chest(yaw=-0.05, roll=0.06), head(yaw=0.2, roll=0.15)),
    at(7, left(PUSH), right(LOW), stand(0.70, 0.14), hips(yaw=-0.1), chest(yaw=-0.26, roll=0.05), head(pitch=0.06)),
    at(8, left(AT_HEAD), stand(0.34, 0.08), hips(roll=-0.1), chest(yaw=0.05, roll=-0.06), head(yaw=-0.2, roll=-0.15)),
)

ENDING: Eight = (
    *(key for key in to_the_other_side(_STEP_LEFT)),
    at(3, left_foot(0.20), stand(0.70, 0.08), hips(yaw=0.2, roll=0.1), chest(yaw=0.15, roll=0.12)),
    at(3, both(OVER_HEAD), head(roll=0.16)),
    at(4, stand(0.3, 0.08), hips(yaw=-0.2, roll=-0.1), chest(yaw=-0.15, roll=-0.12), right_foot(-0.26)),
    at(4, head(roll=-0.16)),
    at(5, stand(0.5, 0.30), knees(0.9, 0.9), hips(pitch=0.12), chest(pitch=0.3), both(ACROSS_LOW), head(pitch=0.3)),
    at(5, left_foot(0.30), right_foot(-0.30)),
    at(6.9, stand(0.5, 0.05), knees(), hips(), chest(pitch=-0.1), both(POST), head(pitch=-0.1), ease=SLOW),
    at(7, both(HIGH), ease=SNAP),
    at(8, left(ON_HIP), right(HIGH), stand(0.74, 0.06), hips(roll=0.20), chest(roll=-0.16), ease=SNAP),
    at(
        8,
        right_foot(-0.30, heel=0.4),
        knees(0.18, 0.0),
        head(yaw=-0.45, roll=-0.1, pitch=-0.15),
        bounce(0.0),
        ease=SNAP,
    ),
    at(10.5, right(REST), left(REST), head(), hips(roll=0.05), chest(), stand(0.6, 0.03), ease=SLOW),
)

ELEVATOR = Routine(
    slug="elevator-to-daylight",
    credit=Credit(
        title_en="Elevator to Daylight",
        title_ko="햇살 엘리베이터",
        artist_en="KDance Demo Crew",
        artist_ko="케이댄스 데모 크루",
        artist_romanised="Keidaenseu Demo Keuru",
        choreographer="KDance Demo Crew",
    ),
    bpm=120.0,
    difficulty=1,
    pickup=PICKUP,
    eights=(STEP_TOUCH, BOXES, SWEEP, ENDING),
    stretches=(Stretch("verse", 2), Stretch("chorus", 2)),
    bass=(0, 8, 3, 10),
)
