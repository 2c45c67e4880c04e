"""Fill an installation with demo data that tells a story (docs/demo-data.md)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from choreography.demo.seeding import CURATOR_EMAIL, DANCER_EMAIL, PASSWORD, seed_demo
from choreography.models import Choreography


class Command(BaseCommand):
    help = "Create two demo dances, a demo dancer with three takes, and a demo curator. What exists is left alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing if the catalogue has any choreography")

    def handle(self, *args: Any, if_empty: bool = False, **options: Any) -> None:
        if if_empty and Choreography.objects.exists():
            self.stdout.write("The catalogue is not empty: no demo data was added.")
            return
        seed_demo(now=timezone.now())
        self.stdout.write(
            f"Demo data is there. Sign in as {DANCER_EMAIL} or {CURATOR_EMAIL} with the password {PASSWORD}."
        )
        self.stdout.write("Everybody knows this password: keep demo data off a site that others can reach.")
