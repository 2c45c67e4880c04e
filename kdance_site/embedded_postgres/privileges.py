"""PostgreSQL refuses to run as root; this finds the way round it that the machine allows.

In a user namespace the server believes to be user 1000 while its files stay root's. Where a container forbids new
namespaces, it runs as `nobody` instead, with the one capability that lets it reach folders that are root's alone.
"""

import functools
import os
import subprocess

NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
NOBODY = 65534
DROPPED = (
    "setpriv",
    f"--reuid={NOBODY}",
    f"--regid={NOBODY}",
    "--clear-groups",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
)


@functools.cache
def unprivileged_prefix() -> tuple[str, ...]:
    """The words to put before a command that must not run as root; none for a normal user."""
    if os.geteuid() != 0:
        return ()
    for prefix in (NAMESPACE, DROPPED):
        if _works(prefix):
            return prefix
    raise PermissionError(
        "PostgreSQL refuses to run as root, and neither `unshare` nor `setpriv` works here: "
        "run as a normal user, or set DATABASE_URL to a PostgreSQL of your own."
    )


def owner_of_data() -> int:
    """The user id that must own the data folder under that prefix."""
    return NOBODY if unprivileged_prefix() == DROPPED else os.geteuid()


def _works(prefix: tuple[str, ...]) -> bool:
    try:
        return subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
