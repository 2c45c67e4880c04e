"""What is imported: the files in use, their tags, and the rows of an analysis as arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
from django.db.models import Avg, Count, F, Func, QuerySet, Sum, TextField

from choreography.market.features import FEATURES, POPULARITY
from choreography.market.payloads import SelectionRequest, TrendRequest
from choreography.market.sample import Sample, Years
from choreography.models import FeatureImport, FeatureKind, FeatureRow

MOST_TAGS = 300
_AT_A_TIME = 5_000
_NUMBERS = (POPULARITY, *FEATURES)


class NoRows(LookupError):
    """The file was replaced by a newer one, and its rows went with it."""


@dataclass(frozen=True)
class Facts:
    """Of an import, as long as it is in use: its most frequent tags with their rows, and whether rows have a year."""

    tags: tuple[tuple[str, int], ...]
    has_years: bool


def sources_in_use() -> dict[str, FeatureImport]:
    """By kind."""
    return {source.kind: source for source in FeatureImport.objects.filter(is_active=True)}


def facts_of(source: FeatureImport) -> Facts:
    return _facts(source.pk, source.imported_at)


def has_tag(source: FeatureImport, tag: str) -> bool:
    return FeatureRow.objects.filter(source=source, genres__contains=[tag]).exists()


def sample_of(request: SelectionRequest) -> Sample:
    """All in one query, which sees the rows of one moment. Raises NoRows."""
    rows = FeatureRow.objects.filter(source=request["source"]).order_by("line")
    if request["genres"]:
        rows = rows.filter(genres__overlap=request["genres"])
    names: list[str] = []
    artists: list[tuple[str, ...]] = []
    numbers: list[np.ndarray[Any, np.dtype[np.float64]]] = []
    for batch in _batches(rows.values_list("name", "artists", *_NUMBERS)):
        names += [row[0] for row in batch]
        artists += [tuple(row[1]) for row in batch]
        numbers.append(np.array([row[2:] for row in batch], dtype=np.float64))
    if not names:
        raise NoRows
    values = np.concatenate(numbers)
    return Sample(tuple(names), tuple(artists), popularity=values[:, 0].copy(), values=values[:, 1:].copy())


def years_of(request: TrendRequest) -> Years:
    """Of a file of years its rows; of a file of tracks the means of each year. Raises NoRows."""
    rows = FeatureRow.objects.filter(source=request["source"], year__isnull=False).values("year").order_by("year")
    behind = Sum("count") if _kind_of(request["source"]) == FeatureKind.YEARS else Count("pk")
    found = list(rows.annotate(behind=behind, **_means()).values_list("year", "behind", *_means()))
    if not found:
        raise NoRows
    values = np.array([row[2:] for row in found], dtype=np.float64)
    return Years(
        year=np.array([row[0] for row in found], dtype=np.int64),
        popularity=values[:, 0].copy(),
        values=values[:, 1:].copy(),
        rows=np.array([row[1] or 0 for row in found], dtype=np.int64),
    )


def _means() -> dict[str, Avg]:
    return {f"mean_{name}": Avg(name) for name in _NUMBERS}


def _kind_of(source_pk: int) -> str | None:
    return FeatureImport.objects.filter(pk=source_pk).values_list("kind", flat=True).first()


def _batches(rows: QuerySet[Any, Any]) -> Iterator[Sequence[tuple[Any, ...]]]:
    batch: list[tuple[Any, ...]] = []
    for row in rows.iterator(chunk_size=_AT_A_TIME):
        batch.append(row)
        if len(batch) == _AT_A_TIME:
            yield batch
            batch = []
    if batch:
        yield batch


@lru_cache(maxsize=16)
def _facts(source_pk: int, imported_at: datetime) -> Facts:
    """Kept by the process, for it reads every row, and the rows of an import never change."""
    rows = FeatureRow.objects.filter(source=source_pk)
    tag = Func(F("genres"), function="unnest", output_field=TextField())
    tag.set_returning = True
    tags = rows.annotate(tag=tag).values("tag").annotate(rows=Count("pk", distinct=True)).order_by("-rows", "tag")
    return Facts(
        tags=tuple((tag, rows) for tag, rows in tags.values_list("tag", "rows")[:MOST_TAGS]),
        has_years=rows.filter(year__isnull=False).exists(),
    )
