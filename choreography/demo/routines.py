"""The demo choreographies: written by us, for this product, with nothing taken from any song or dance."""

from choreography.demo.elevator import ELEVATOR
from choreography.demo.lantern import LANTERN
from choreography.demo.routine import Routine

ROUTINES: tuple[Routine, ...] = (ELEVATOR, LANTERN)
