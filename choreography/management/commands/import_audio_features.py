"""`manage.py import_audio_features FILE.csv`: published audio features for the insights (docs/insights.md)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from choreography.market.layouts import KINDS
from choreography.market.refusals import FileRefused
from choreography.market_import import Imported, import_features

INTERRUPTED = 130
SHOWN_REPEATED = 5


class Command(BaseCommand):
    help = (
        "Take in a CSV file of audio features in place of the one of its kind that is in use: data_w_genres.csv, "
        "data_by_artist.csv, data_by_year.csv, data.csv, tracks.csv, dataset.csv, SpotifyFeatures.csv, or any other with "
        "their columns. All of it is taken in, or nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--kind", choices=KINDS, help="what a row is (default: what the columns tell)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            imported = import_features(
                options["file"], kind=options["kind"], on_progress=self._show_progress, on_wait=self._say_waiting
            )
        except FileRefused as refusal:
            self._end_progress()
            raise CommandError(f"{refusal} ({refusal.code})") from None
        except KeyboardInterrupt:
            self._end_progress()
            raise CommandError("Stopped: a file is taken in whole or not at all.", returncode=INTERRUPTED) from None
        self._end_progress()
        self._report(imported)

    def _report(self, imported: Imported) -> None:
        source = imported.source
        if imported.was_known:
            self.stdout.write(f"This file is in use already: {_summary(imported)}. Nothing has changed.")
            return
        self.stdout.write(f"Imported {_summary(imported)}.")
        if imported.merged:
            self.stdout.write(f"{imported.merged:,} lines name a track again, under another genre: it counts once.")
        if imported.unnamed:
            self.stdout.write(f"{imported.unnamed:,} lines are left out: they name neither a track nor an artist.")
        if source.repeated:
            names = ", ".join(f"{found['name']} ({found['rows']})" for found in source.repeated[:SHOWN_REPEATED])
            self.stdout.write(f"Names that stand in more than one row: {names}{_more(len(source.repeated))}.")

    def _say_waiting(self) -> None:
        self._tell("Another import is at work: waiting until it ends.\n")

    def _show_progress(self, share: float) -> None:
        if self.stderr.isatty():
            self._tell(f"\r{share:4.0%}")

    def _end_progress(self) -> None:
        if self.stderr.isatty():
            self._tell("\r\x1b[K")

    def _tell(self, text: str) -> None:
        self.stderr.write(text, style_func=str, ending="")  # it is no error: not in red


def _summary(imported: Imported) -> str:
    source = imported.source
    return f"{source.row_count:,} {source.get_kind_display()} from {source.file_name}, SHA-256 {source.sha256}"


def _more(count: int) -> str:
    return ", and others" if count > SHOWN_REPEATED else ""
