#!/usr/bin/env python
"""Django's command line for KDance."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kdance_site.settings")
    from django.core.management import execute_from_command_line

    from kdance_site.embedded_postgres.server import stop_on_sigterm

    stop_on_sigterm()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
