"""Procrastinate, the queue that carries the ids of jobs."""

import procrastinate


def on_app_ready(app: procrastinate.App) -> None:
    """Register our tasks once Django's apps are loaded."""
