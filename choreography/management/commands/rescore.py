"""Compare stored takes again by today's scoring: look at the change in scores first, then publish it."""

from argparse import ArgumentParser
from collections.abc import Iterator
from statistics import mean, median
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from choreography import rescoring
from choreography.comparison.config import DEFAULT_CONFIG
from choreography.judging import can_be_judged, judge_each
from choreography.models import Attempt, Choreography
from choreography.rescoring import Change, Publication

SHOWN_LARGEST = 5
NAMED_AT_MOST = 10
INTERRUPTED = 130
HEADINGS = f"{'take':<8}  {'choreography':<24} {'version':<10} {'score':>14} {'change':>7}  changed"


class Command(BaseCommand):
    help = (
        "Compare stored takes again by today's scoring, into drafts that dancers do not see, and print what would "
        "change. With --publish the drafts become the results; the old ones are kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--choreography", metavar="SLUG", help="only takes of this choreography")
        parser.add_argument("--attempts", metavar="UUID", nargs="+", type=UUID, default=[], help="only these takes")
        step = parser.add_mutually_exclusive_group()  # drafts are to be looked at before dancers see them
        step.add_argument(
            "--again",
            action="store_true",
            help="also takes with a draft, and results of today's version (after counts or sections were changed)",
        )
        step.add_argument("--publish", action="store_true", help="show dancers what the drafts say")

    def handle(self, *args: Any, **options: Any) -> None:
        version = DEFAULT_CONFIG.version
        takes = self._chosen(options["choreography"], options["attempts"])
        if options["publish"]:
            self._publish(takes, version)
        else:
            self._draft(takes, version, again=options["again"])

    def _chosen(self, slug: str | None, ids: list[UUID]) -> QuerySet[Attempt]:
        if slug is not None and not Choreography.objects.filter(slug=slug).exists():
            raise CommandError(f"There is no choreography {slug}. (no_such_choreography)")
        takes = rescoring.judged_takes(slug=slug, ids=ids)
        unknown = set(ids) - set(takes.values_list("pk", flat=True)) if ids else set()
        if unknown:
            raise CommandError(f"No result is stored of {_named(sorted(unknown))}. (no_such_take)")
        return takes

    def _draft(self, takes: QuerySet[Attempt], version: str, *, again: bool) -> None:
        due = takes if again else rescoring.without_draft(rescoring.outdated(takes, version), version)
        count, left_out = due.count(), list[UUID]()
        self.stdout.write(f"Scoring version {version}: {takes.count()} takes with a result, {count} to compare now.")
        try:
            for done, (attempt, result) in enumerate(judge_each(rescoring.to_judge(due)), start=1):
                if result is None or not rescoring.save_draft(attempt, result):
                    left_out.append(attempt.pk)
                self._show_progress(done, count)
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. What was compared is kept: run the same command again to go on.", returncode=INTERRUPTED
            ) from None
        self._report(takes, version, left_out)

    def _report(self, takes: QuerySet[Attempt], version: str, left_out: list[UUID]) -> None:
        summary = Summary()
        for change in rescoring.changes(takes, version):
            if not summary.count:
                self.stdout.write("\n" + HEADINGS)
            self.stdout.write(_row(change))
            summary.add(change)
        for line in summary.lines():
            self.stdout.write(line)
        if left_out:
            self.stdout.write(
                f"Not compared, because a track is gone or broken or the take was changed meanwhile: {_named(left_out)}."
            )
        self.stdout.write("Nothing that dancers see has changed." + (" Next: --publish." if summary.count else ""))

    def _publish(self, takes: QuerySet[Attempt], version: str) -> None:
        lacking = rescoring.without_draft(rescoring.outdated(takes, version), version)
        left = self._refuse_if_judgeable(lacking, version)
        published, stale = 0, list[UUID]()
        ids = list(rescoring.with_draft(takes, version).values_list("pk", flat=True))
        for done, attempt_id in enumerate(ids, start=1):
            if rescoring.publish(attempt_id, version) is Publication.PUBLISHED:
                published += 1
            else:
                stale.append(attempt_id)
            self._show_progress(done, len(ids))
        self.stdout.write(f"Published {published} results of version {version}; the old ones are kept.")
        if left:
            self.stdout.write(f"As they were, because a track is gone or broken: {_named(left)}.")
        if stale:
            raise CommandError(f"Judged anew meanwhile: {_named(stale)}. Run rescore again. (stale_drafts)")

    def _refuse_if_judgeable(self, lacking: QuerySet[Attempt], version: str) -> list[UUID]:
        """The takes that no draft can be made of. Raises CommandError at the first that only has none yet."""
        left = []
        for attempt in rescoring.to_judge(lacking):
            if can_be_judged(attempt):
                raise CommandError(
                    f"{lacking.count()} takes have no draft of version {version}, or were judged anew after it "
                    f"(take {attempt.pk}). Run rescore without --publish first. (missing_drafts)"
                )
            left.append(attempt.pk)
        return left

    def _show_progress(self, done: int, count: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{done} of {count}", ending="" if done < count else "\n")
        elif done % 100 == 0:
            self.stderr.write(f"{done} of {count}")


class Summary:
    """Of changes that are seen once, one after the other."""

    def __init__(self) -> None:
        self.count = self.gained = self.lost = self.verdicts = self.grades = 0
        self.points: list[float] = []
        self.largest: list[Change] = []

    def add(self, change: Change) -> None:
        self.count += 1
        self.gained += change.old_score is None and change.new_score is not None
        self.lost += change.old_score is not None and change.new_score is None
        self.verdicts += change.old_verdict != change.new_verdict
        self.grades += change.old_grade != change.new_grade
        if change.points is not None:
            self.points.append(change.points)
            self.largest = sorted([*self.largest, change], key=_size, reverse=True)[:SHOWN_LARGEST]

    def lines(self) -> Iterator[str]:
        if not self.count:
            yield "No drafts."
            return
        yield f"\n{self.count} takes: {self.grades} change their grade, {self.verdicts} their verdict;"
        yield f"{self.gained} get a score that had none, {self.lost} lose theirs."
        if self.points:
            yield f"Change in points: mean {mean(self.points):+.1f}, median {median(self.points):+.1f}."
            yield (
                "Largest: "
                + ", ".join(f"{change.points:+.1f} ({_short(change.take)})" for change in self.largest)
                + "."
            )


def _row(change: Change) -> str:
    points = "" if change.points is None else f"{change.points:+.1f}"
    versions = f"{change.old_version} -> {change.new_version}"
    scores = f"{_score(change.old_score)} -> {_score(change.new_score)}"
    return (
        f"{_short(change.take)}  {change.choreography:<24.24} {versions:<10} {scores:>14} {points:>7}  {_words(change)}"
    ).rstrip()


def _words(change: Change) -> str:
    if change.old_verdict != change.new_verdict:
        return f"{change.old_verdict} -> {change.new_verdict}"
    return "" if change.old_grade == change.new_grade else f"{change.old_grade} -> {change.new_grade}"


def _size(change: Change) -> float:
    return abs(change.points or 0.0)


def _score(score: float | None) -> str:
    return "-" if score is None else f"{score:.1f}"


def _short(take: UUID) -> str:
    return str(take)[:8]


def _named(takes: list[UUID]) -> str:
    more = len(takes) - NAMED_AT_MOST
    return ", ".join(str(take) for take in takes[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
