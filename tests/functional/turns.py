"""Tests that measure moments have the machine to themselves: the other processes of their run wait meanwhile."""

import fcntl


class Turns:
    """The tests of one process take turns with those of the run's others; `folder` is the run's."""

    def __init__(self, folder):
        self._room = (folder / "room.lock").open("w")
        self._door = (folder / "door.lock").open("w")
        self._is_alone = False

    def begin(self, *, alone):
        """Go in; who goes in alone waits until everybody is out."""
        if alone and self._is_alone:
            return
        # Who waits for an empty room keeps the door meanwhile: others would go in one after the other and never leave it empty.
        fcntl.flock(self._door, fcntl.LOCK_EX)
        fcntl.flock(self._room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(self._door, fcntl.LOCK_UN)
        self._is_alone = alone

    def end(self):
        fcntl.flock(self._room, fcntl.LOCK_UN)
        self._is_alone = False
