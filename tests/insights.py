"""The market as the pages of the insights find it: made-up files already imported, analyses already counted."""

import hashlib
from copy import deepcopy

from django.utils import timezone

from choreography.insights import key_of
from choreography.market.features import FEATURES, POPULARITY
from choreography.models import FeatureImport, FeatureRow, Label, MarketAnalysis, Partner
from choreography.queries.market_requests import (
    Selection,
    default_requests,
    selection_request,
    sources_in_use,
    trend_request,
)
from choreography.queries.market_rows import sample_of, years_of
from tests import market
from tests.factories import UserFactory

NUMBERS = (POPULARITY, *FEATURES)
_counted = {}


def stored_artists(rows=None):
    rows = market.artists_rows(320) if rows is None else rows
    return _stored("artists", ({**row, "name": row["artists"], "artists": [row["artists"]]} for row in rows))


def stored_years(rows=None):
    rows = market.years_rows() if rows is None else rows
    return _stored("years", ({**row, "name": "", "artists": [], "genres": []} for row in rows))


def stored_tracks(rows=None):
    return _stored("tracks", market.tracks_rows(400) if rows is None else rows)


def answer_defaults():
    """Count, without a worker, what the page shows first."""
    for request in default_requests():
        answer(request)


def answer(request):
    MarketAnalysis.objects.update_or_create(
        key=key_of(request), defaults={"request": request, "result": counted(request)}
    )


def answer_selection(**choice):
    selection = Selection("artists", **choice)
    answer(selection_request(selection, sources_in_use(), Label.objects.all()))


def answer_trend():
    answer(trend_request(sources_in_use()))


def counted(request):
    """The same numbers are counted once in all tests of a process."""
    from choreography.market.analysis import analyse_selection, analyse_trend

    rows = years_of(request) if request["kind"] == "trend" else sample_of(request)
    rosters = request.get("rosters")
    key = (rows.values.tobytes(), rows.popularity.tobytes(), repr(rosters))
    if key not in _counted:
        _counted[key] = analyse_trend(rows) if rosters is None else analyse_selection(rows, rosters)
    return deepcopy(_counted[key])


def partner_person(label=None, **fields):
    """Somebody who accepted an invitation."""
    person = UserFactory()
    Partner.objects.create(name="Partner", label=label, person=person, accepted_at=timezone.now(), **fields)
    return person


def _stored(kind, rows):
    rows = list(rows)
    source = FeatureImport.objects.create(
        kind=kind,
        file_name=f"{kind}.csv",
        sha256=hashlib.sha256(f"{kind}{len(rows)}{FeatureImport.objects.count()}".encode()).hexdigest(),
        size_bytes=100 * len(rows),
        row_count=len(rows),
    )
    FeatureRow.objects.bulk_create(
        FeatureRow(
            source=source,
            line=line,
            name=row["name"],
            artists=row["artists"],
            genres=row["genres"],
            year=row.get("year"),
            count=row.get("count"),
            **{name: row[name] for name in NUMBERS},
        )
        for line, row in enumerate(rows, start=2)
    )
    return source
