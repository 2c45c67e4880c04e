"""How well the scores agree with what teachers gave the same takes (docs/teachers.md)."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from choreography.comparison.agreement import LEAST_TAKES, Agreement, Estimate
from choreography.models import Choreography
from choreography.queries.agreement import agreement_report


class Command(BaseCommand):
    help = "Compare the scores with teachers' ratings: rank correlations, mean difference, limbs, with 95 % intervals."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--choreography", metavar="SLUG", help="only takes of this choreography")
        parser.add_argument(
            "--scoring-version",
            metavar="V",
            help="scores of this version, also unpublished ones that rescore drafted (default: what dancers see)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = agreement_report(
            choreography=_choreography(options["choreography"]), version=options["scoring_version"]
        )
        if report.version is not None:
            self.stdout.write(f"Scoring version {report.version}.")
        if report.left_out:
            self.stdout.write(f"Rated, but without a score of this version: {report.left_out} takes.")
        for line in lines(report.found):
            self.stdout.write(line)


def lines(found: Agreement) -> Iterator[str]:
    yield f"Rated takes            {found.n:4}"
    if not found.is_enough:
        yield f"Too few: with fewer than {LEAST_TAKES} rated takes no figure would mean anything."
        return
    yield _line("Spearman's rho", found.spearman, "{:+.2f}")
    yield _line("Kendall's tau-b", found.kendall, "{:+.2f}")
    yield _line("Machine - people", found.difference, "{:+.1f}", " points")
    few = f"too few: {{}} of at least {LEAST_TAKES} takes"
    if found.between_teachers is None and found.n_several < LEAST_TAKES:
        yield f"Between teachers       {few.format(found.n_several)} have two ratings"
    else:
        yield _line("Between teachers", found.between_teachers, "{:+.2f}", " (ICC(1))")
    for label, hits in (("Weakest limb marked", found.weakest_limb), ("A finding marked", found.findings)):
        if hits is None:
            yield f"{label:<22} {few.format(found.n_marked)} have marked limbs and such a result"
        else:
            yield _line(label, hits.rate, "{:.2f}", f", by chance {hits.chance:.2f}")


def _line(label: str, estimate: Estimate | None, form: str, tail: str = "") -> str:
    if estimate is None:
        return f"{label:<22} undefined: all scores are alike"
    value, low, high = (form.format(number) for number in (estimate.value, estimate.low, estimate.high))
    return f"{label:<22} {value:>6}  [{low}, {high}]  n = {estimate.n}{tail}"


def _choreography(slug: str | None) -> Choreography | None:
    if slug is None:
        return None
    found = Choreography.objects.filter(slug=slug).first()
    if found is None:
        raise CommandError(f"There is no choreography {slug}. (no_such_choreography)")
    return found
