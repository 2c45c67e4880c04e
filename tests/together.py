"""Which tests of a run stay on one of its processes, and in their order; every other test goes to whoever is free.

pytest-xdist has marks for that, but with a pytest from 9.2 on they are silently ignored: https://github.com/pytest-dev/pytest-xdist/issues/1386.
"""

from pathlib import PurePosixPath

from xdist.scheduler import LoadScopeScheduling

BROWSER_TESTS = PurePosixPath("tests/functional")
WITHOUT_A_PRODUCT = {"test_launch.py", "test_media_plays.py"}
# Two products are started, one for each half; these take about as long as all others together.
FIRST_HALF = {
    "test_drill.py", "test_live.py", "test_live_engine.py", "test_live_trouble.py", "test_people.py", "test_player.py",
    "test_player_tools.py", "test_space.py",
}  # fmt: skip


class Together(LoadScopeScheduling):
    def _split_scope(self, nodeid):
        """The name of what stays together with this test; the largest begin."""
        file = PurePosixPath(nodeid.partition("::")[0])
        if file.parent == BROWSER_TESTS and file.name not in WITHOUT_A_PRODUCT:
            return "the player" if file.name in FIRST_HALF else "the pages"
        return nodeid
