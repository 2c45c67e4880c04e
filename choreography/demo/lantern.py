"""Paper Lantern Radio: six eights with an opening, waves, knee lifts, a build and a chorus that asks for both sides."""

from choreography.demo.keys import FLOW, SLOW, SNAP, Eight, at, to_the_other_side
from choreography.demo.moves import (
    ACROSS,
    ACROSS_HIGH,
    ACROSS_LOW,
    AT_HEAD,
    BEHIND,
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
    TO_EYES,
    WIDE,
    Arm,
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

_CREST: Arm = ((0.95, 0.32, 0.1), (0.9, -0.42, 0.15))
_TROUGH: Arm = ((0.95, -0.30, 0.1), (0.9, 0.36, 0.15))
_MIDDLE: Arm = ((0.85, -0.45, 0.1), (0.9, -0.35, 0.15))

PICKUP: Eight = (
    at(4.4, both(ACROSS), stand(0.5, 0.10), chest(pitch=0.26), head(pitch=0.42), bounce(0.006), ease=SLOW),
    at(8, chest(pitch=0.30), head(pitch=0.46), stand(0.5, 0.12), ease=SLOW),
)

LIGHT_UP: Eight = (
    at(1, right((((0.75, -0.35, 0.5)), (-0.5, 0.75, 0.4))), chest(pitch=0.2, yaw=-0.2), head(pitch=0.34, yaw=-0.2)),
    at(3, right(STRAIGHT_UP), stand(0.3, 0.04), chest(roll=-0.10), head(pitch=-0.15, yaw=-0.35), ease=SLOW),
    at(4, left((((0.75, -0.35, 0.5)), (-0.5, 0.75, 0.4))), stand(0.6, 0.06), chest(roll=0.04), head(), ease=FLOW),
    at(5, both(FOLDED), chest(z=0.07), stand(0.5, 0.10), head(pitch=0.10), bounce(0.02), ease=SNAP),
    at(6, shrug(0.05, -0.01), chest(roll=-0.10, x=0.04), head(roll=0.10, yaw=0.3), ease=SNAP),
    at(6.5, shrug(-0.01, 0.05), chest(roll=0.10, x=-0.04), head(roll=-0.10, yaw=-0.3), ease=SNAP),
    at(7, both(LOW), left_foot(0.24), right_foot(-0.24), stand(0.5, 0.08), shrug(), chest(z=0.05, pitch=-0.12)),
    at(7, head(pitch=-0.2)),
    at(8, both(READY), stand(0.44, 0.12), chest(pitch=0.12), head(pitch=0.1), ease=FLOW),
)

WAVES: Eight = (
    at(1, left_foot(0.30), stand(0.76, 0.06, x=0.02), hips(yaw=0.15, roll=0.12), left(HIGH), right(ON_HIP)),
    at(1, chest(roll=0.12), head(yaw=0.4)),
    at(1.5, left(AT_HEAD), chest(roll=0.0), ease=SNAP),
    at(2, right_foot(-0.10, heel=0.5), left(ACROSS), stand(0.84, 0.10), hips(yaw=-0.1), chest(yaw=-0.2, pitch=0.1)),
    at(2, head(yaw=-0.1)),
    at(3, right_foot(-0.28), stand(0.24, 0.06, x=-0.02), hips(yaw=-0.15, roll=-0.12), right(HIGH), left(ON_HIP)),
    at(3, chest(roll=-0.12), head(yaw=-0.4)),
    at(3.5, right(AT_HEAD), chest(roll=0.0), ease=SNAP),
    at(4, left_foot(0.12, heel=0.5), right(ACROSS), stand(0.16, 0.10), hips(yaw=0.1), chest(yaw=0.2, pitch=0.1)),
    at(4, head(yaw=0.1)),
    at(5, left_foot(0.26), right(_CREST), left(_MIDDLE), stand(0.3, 0.09), hips(), chest(x=-0.05), head(yaw=-0.35)),
    at(5.5, right(_TROUGH), shrug(0.0, 0.05), chest(x=-0.02, roll=-0.05), stand(0.4, 0.11), ease=FLOW),
    at(6, right(_MIDDLE), shrug(0.05, 0.0), chest(x=0.02, roll=0.05), stand(0.55, 0.11), head(), ease=FLOW),
    at(6.5, left(_TROUGH), shrug(), chest(x=0.05), stand(0.66, 0.09), head(yaw=0.2), ease=FLOW),
    at(7, left(_CREST), stand(0.74, 0.08), head(yaw=0.4, roll=0.1), ease=FLOW),
    at(7.5, left(HANGING_POST), right(POST), chest(), head(), stand(0.5, 0.04), ease=SNAP),
    at(8, left(POST), right(HANGING_POST), stand(0.5, 0.10), head(pitch=0.1), ease=SNAP),
)

_KNEE: Eight = (
    at(1, right_foot(-0.10, 0.16, lift=0.34, heel=0.7), stand(0.97, 0.03), hips(yaw=0.12), chest(pitch=0.10)),
    at(1, left(PUSH), right(BEHIND), head(yaw=0.12)),
    at(2, right_foot(-0.26, -0.06), stand(0.45, 0.11), hips(yaw=-0.15), chest(yaw=0.1), both(CLASP), head(pitch=0.1)),
)

LIFTS: Eight = (
    *_KNEE,
    *(key.later(2) for key in to_the_other_side(_KNEE)),
    at(5, left_foot(0.36), stand(0.72, 0.17), hips(roll=0.05), chest(roll=0.12, pitch=0.08), left(WIDE)),
    at(5, right(ACROSS_HIGH), head(yaw=0.5), knees(0.5, 0.18)),
    at(6, right_foot(0.02, heel=0.3), left_foot(0.26), stand(0.7, 0.06), left(ON_HIP), right(LOW), chest(), ease=FLOW),
    at(6, hips(roll=-0.14), head(roll=-0.1, yaw=-0.2), knees(), ease=FLOW),
    at(7, right_foot(-0.20), left_foot(0.20), both(AT_HEAD), hips(pitch=-0.04), chest(z=0.08, pitch=-0.16), ease=SNAP),
    at(7, stand(0.5, 0.02), head(pitch=-0.22), ease=SNAP),
    at(7.5, chest(pitch=0.10), hips(pitch=0.12), stand(0.5, 0.10, z=-0.06), both(TO_EYES), head(pitch=0.1)),
    at(8, chest(pitch=0.22), hips(pitch=0.05), stand(0.5, 0.20), knees(0.6, 0.6), both(ACROSS_LOW), head(pitch=0.3)),
)

BUILD: Eight = (
    at(1, both(LOW), stand(0.70, 0.05), hips(roll=0.12), chest(roll=-0.04), head(), knees(), ease=SNAP),
    at(1.5, both(READY), ease=SNAP),
    at(2, both(_MIDDLE), stand(0.30, 0.05), hips(roll=-0.12), chest(roll=0.04), ease=SNAP),
    at(2.5, both(READY), ease=SNAP),
    at(3, both(WIDE), stand(0.68, 0.04), hips(roll=0.12), chest(roll=-0.05), head(pitch=-0.06), ease=SNAP),
    at(3.5, both(TO_EYES), ease=SNAP),
    at(4, both(HIGH), stand(0.32, 0.03), hips(roll=-0.10), chest(roll=0.05), head(pitch=-0.16), ease=SNAP),
    at(5, both(OVER_HEAD), stand(0.62, 0.05), hips(roll=0.10), chest(roll=0.14), head(roll=0.2), ease=FLOW),
    at(6, stand(0.38, 0.05), hips(roll=-0.10), chest(roll=-0.14), head(roll=-0.2), ease=FLOW),
    at(7, stand(0.5, 0.28), knees(0.8, 0.8), hips(pitch=0.10), chest(pitch=0.30), both(ACROSS), head(pitch=0.42)),
    at(7, left_foot(0.26), right_foot(-0.26)),
    at(8, stand(0.5, 0.30), bounce(0.0), ease=FLOW),
    at(8.55, stand(0.5, -0.03), knees(), hips(), chest(pitch=0.05), both(READY), head(), bounce(0.02), ease=SNAP),
    at(8.55, left_foot(0.26, lift=0.09, heel=0.4), right_foot(-0.26, lift=0.09, heel=0.4), ease=SNAP),
)

_LANTERN: Eight = (
    at(1, left_foot(0.30), right_foot(-0.30), stand(0.5, 0.13), knees(0.4, 0.4), both(HIGH), chest(pitch=-0.08)),
    at(1, head(pitch=-0.18)),
    at(1.5, both(ACROSS_HIGH), head(pitch=0.05), ease=SNAP),
    at(2, left(LOW), right(WIDE), stand(0.24, 0.12), chest(roll=-0.16), hips(roll=-0.08), head(yaw=-0.45), ease=SNAP),
    at(3, right(OVER_HEAD), left(FOLDED), stand(0.70, 0.09), chest(roll=0.14), hips(roll=0.10), head(roll=0.16)),
    at(4, left(OVER_HEAD), right(FOLDED), stand(0.30, 0.09), chest(roll=-0.14), hips(roll=-0.10), head(roll=-0.16)),
)

CHORUS: Eight = (
    *_LANTERN,
    at(5, right_foot(-0.36), right(WIDE), left(AT_HEAD), stand(0.24, 0.15), chest(roll=-0.12), hips(roll=-0.04)),
    at(5, head(yaw=-0.5), knees(0.18, 0.5)),
    at(5.5, right(CLASP), left(CLASP), stand(0.4, 0.12), ease=SNAP),
    at(6, right(STRAIGHT_UP), left(ON_HIP), stand(0.5, 0.05), chest(), hips(), head(pitch=-0.25), right_foot(-0.28)),
    at(7, left_foot(0.36), left(WIDE), right(AT_HEAD), stand(0.76, 0.15), chest(roll=0.12), hips(roll=0.04)),
    at(7, head(yaw=0.5), knees(0.5, 0.18)),
    at(7.5, both(CLASP), stand(0.6, 0.12), ease=SNAP),
    at(8, both(ACROSS_LOW), left_foot(0.26), stand(0.5, 0.20), knees(0.5, 0.5), chest(pitch=0.24), hips()),
    at(8, head(pitch=0.25)),
)

CHORUS_OTHER_SIDE: Eight = (
    *to_the_other_side(_LANTERN),
    at(5, hips(yaw=0.65), chest(yaw=0.15), left_foot(0.26, -0.10, turnout=0.7), stand(0.45, 0.09), right(PUSH)),
    at(5, left(BEHIND), head(yaw=0.1), knees()),
    at(6, hips(yaw=-0.65), chest(yaw=-0.15), right_foot(-0.26, -0.10, turnout=0.7), stand(0.55, 0.09), left(PUSH)),
    at(6, left_foot(0.26, 0.06), right(BEHIND), head(yaw=-0.1)),
    at(7, hips(pitch=0.12), chest(pitch=0.34), stand(0.5, 0.34), knees(0.9, 0.9), both(ACROSS_LOW), head(pitch=0.4)),
    at(7, left_foot(0.34), right_foot(-0.34)),
    at(7.5, stand(0.5, 0.12), hips(), chest(pitch=-0.06), both(POST), head(pitch=-0.1), ease=SNAP),
    at(
        8, right_foot(-0.44), stand(0.30, 0.17), knees(0.2, 0.6), right(AT_HEAD), left(LOW), chest(roll=-0.2), ease=SNAP
    ),
    at(8, hips(roll=-0.04), head(yaw=0.4, roll=0.18), bounce(0.0), ease=SNAP),
    at(11, both(REST), chest(), head(), hips(), stand(0.5, 0.05), knees(), ease=SLOW),
)

LANTERN = Routine(
    slug="paper-lantern-radio",
    credit=Credit(
        title_en="Paper Lantern Radio",
        title_ko="종이등 라디오",
        artist_en="KDance Demo Crew",
        artist_ko="케이댄스 데모 크루",
        artist_romanised="Keidaenseu Demo Keuru",
        choreographer="KDance Demo Crew",
    ),
    bpm=112.0,
    difficulty=4,
    pickup=PICKUP,
    eights=(LIGHT_UP, WAVES, LIFTS, BUILD, CHORUS, CHORUS_OTHER_SIDE),
    stretches=(Stretch("intro", 1), Stretch("verse", 2), Stretch("prechorus", 1), Stretch("chorus", 2)),
    bass=(0, 0, 5, 7, 8, 3),
)
