"""What can go wrong in training and is somebody's to mend."""

import sys
from collections.abc import Callable


class TrainingError(Exception):
    """Says what is wrong and what to do about it. `code` is stable; nothing half-written is left behind."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[type["TrainingError"], tuple[str, str]]:
        """It must come back whole from another process."""
        return type(self), (self.code, str(self))


def run_command(main: Callable[[], None]) -> None:
    """Run a command; an anticipated error is one line on stderr and exit status 2."""
    try:
        main()
    except TrainingError as error:
        sys.exit(_told(f"{error.code}: {error}", 2))
    except KeyboardInterrupt:
        sys.exit(_told("stopped: what was finished is kept; the same command goes on from there", 130))


def _told(message: str, status: int) -> int:
    print(message, file=sys.stderr)
    return status
