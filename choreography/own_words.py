"""Sentences, tables and the chart about how our own dances are practised, in the reader's language."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from choreography.crowds import ends_of_shares
from choreography.dances_count import CountState
from choreography.insight_charts import AxisPayload, BarsPayload, PlacesPayload, SeriesPayload
from choreography.insight_tables import Cell, Column, Table, Word
from choreography.queries.own_insights import OwnDance, OwnDancePage, OwnEight, OwnWeek, Tempo, is_near


def most_practised_words(first: OwnDance | None) -> str:
    """The one sentence that comes first."""
    if first is None or first.takes is None:
        return _("None of these dances has been danced by five people yet, so there is nothing to tell.")
    return _("“%(title)s” is practised most: %(takes)s takes or more, by %(dancers)s dancers or more.") % {
        "title": first.choreography.song.title,
        "takes": count_words(first.takes),
        "dancers": count_words(first.dancers or 0),
    }


def count_state_words(state: CountState, *, is_first: bool) -> str:
    """Empty where last week is counted; `is_first` where nothing was counted before."""
    if state == CountState.READY:
        return ""
    if state == CountState.FAILED:
        if is_first:
            return _(
                "Counting these dances did not work. It begins anew when somebody looks here in ten minutes or later."
            )
        return _(
            "Last week could not be counted: these are older figures. Looking here in ten minutes or later begins it anew."
        )
    if is_first:
        return _("These dances are being counted for the first time. Look again in a moment.")
    return _("Last week is being counted at this moment; until then these are older figures.")


def dance_words(page: OwnDancePage) -> str:
    """What a dance's page says first."""
    dance = page.dance
    if page.counted_until is None:
        return count_state_words(page.state, is_first=True)
    if dance.takes is None:
        return _("By the last count fewer than five people had sent a take of it. With the fifth its figures come.")
    if dance.hardest is None or dance.hardest.failing_percent is None:
        return _("%(takes)s takes or more, by %(dancers)s dancers or more.") % {
            "takes": count_words(dance.takes),
            "dancers": count_words(dance.dancers or 0),
        }
    return _("Dancers stumble most here: %(place)s. %(share)s do not have it yet.") % {
        "place": dance.hardest.label,
        "share": capfirst(share_words(dance.hardest.failing_percent, dance.hardest.dancers or 0)),
    }


def share_words(percent: int, dancers: int) -> str:
    """As it may be told of so many: never as nobody or everybody."""
    least, most = ends_of_shares(dancers)
    if percent <= least:
        return _("about %(percent)d%% or fewer") % {"percent": percent}
    if percent >= most:
        return _("about %(percent)d%% or more") % {"percent": percent}
    return _("about %(percent)d%%") % {"percent": percent}


def tempo_words(tempo: Tempo) -> str:
    words = _heard_and_set_words(tempo)
    if tempo.heard_bpm is not None and not tempo.is_steady:
        return " ".join([words, _("The beat is not steady all the way.")])
    return words


def _heard_and_set_words(tempo: Tempo) -> str:
    heard, is_set = tempo.heard_bpm, tempo.set_bpm
    if heard is None:
        if is_set is None:
            return _("No beat was heard in the guide's sound, and no counts are set.")
        words = _("No beat was heard in the guide's sound. The counts are set at %(set)s beats a minute.")
        return words % {"set": bpm_words(is_set)}
    if is_set is None:
        return _("%(heard)s beats a minute are heard in the guide's sound. No counts are set.") % {
            "heard": bpm_words(heard)
        }
    both = {"heard": bpm_words(heard), "set": bpm_words(is_set)}
    if is_near(heard, is_set):
        return _("%(heard)s beats a minute are heard in the guide's sound, and so the counts are set.") % both
    if is_near(heard, 2 * is_set) or is_near(2 * heard, is_set):
        return _("%(heard)s beats a minute are heard, %(set)s are set: the same beat, counted at another speed.") % both
    return _("%(heard)s beats a minute are heard, but %(set)s are set. A curator should listen to the guide.") % both


def count_words(count: int) -> str:
    """12,345"""
    return str(number_format(count, 0, force_grouping=True))


def bpm_words(bpm: float) -> str:
    rounded = round(bpm, 1)
    return number_format(rounded, 0 if rounded.is_integer() else 1)


def day_words(day: date) -> str:
    return date_format(day, "M j" if translation.get_language() != "ko" else "n월 j일")


def weeks_chart(weeks: Sequence[OwnWeek]) -> BarsPayload:
    return BarsPayload(
        kind="bars",
        label=_("Takes a week"),
        x=PlacesPayload(label=_("Week from"), values=[day_words(week.start) for week in weeks]),
        y=AxisPayload(label="", min=0, digits=0),
        series=[SeriesPayload(name=_("Takes"), values=[week.takes for week in weeks])],
        hidden_words=_("fewer than 5 dancers"),
    )


def weeks_table(weeks: Iterable[OwnWeek]) -> Table:
    rows: list[list[Cell]] = [
        [Word(week.start.isoformat(), day_words(week.start)), _told(week.takes)] for week in weeks
    ]
    return Table("weeks", _("Takes a week"), [Column("week_from", _("Week from")), _takes()], rows)


def eights_table(eights: Iterable[OwnEight]) -> Table:
    columns = [
        Column("eight", _("Eight")),
        Column("start_s", _("from (s)"), 1),
        Column("end_s", _("to (s)"), 1),
        _dancers(),
        Column("failing_percent", _("Do not have it yet (percent, in tens)"), 0),
    ]
    rows: list[list[Cell]] = [
        [
            eight.label,
            round(eight.start_s, 3),
            round(eight.end_s, 3),
            _told(eight.dancers),
            _told(eight.failing_percent),
        ]
        for eight in eights
    ]
    return Table("eights", _("Eight by eight: how many do not have it yet"), columns, rows)


def dances_table(dances: Iterable[OwnDance]) -> Table:
    columns = [
        Column("dance", _("Choreography")),
        Column("artist", _("Artist")),
        Column("slug", _("Address"), is_shown=False),
        Column("tempo_heard_bpm", _("Tempo heard"), 1),
        Column("tempo_set_bpm", _("Tempo set"), 1),
        _takes(),
        _dancers(),
        Column("mean_score", _("Mean score"), 0),
        Column("hardest_eight", _("Hardest eight")),
        Column("hardest_failing_percent", _("Do not have it yet (percent, in tens)"), 0),
    ]
    return Table("dances", _("Our own dances"), columns, [_dance_row(dance) for dance in dances])


def _dance_row(dance: OwnDance) -> list[Cell]:
    song, hardest = dance.choreography.song, dance.hardest
    return [
        song.title,
        song.artist.name,
        dance.choreography.slug,
        dance.tempo.heard_bpm,
        dance.tempo.set_bpm,
        _told(dance.takes),
        _told(dance.dancers),
        _told(dance.mean_score),
        hardest.label if hardest else _told(None),
        _told(hardest.failing_percent if hardest else None),
    ]


def _takes() -> Column:
    return Column("takes_at_least", _("Takes (or more)"), 0)


def _dancers() -> Column:
    return Column("dancers_at_least", _("Dancers (or more)"), 0)


def _told(figure: int | None) -> Cell:
    return Word("under_5_dancers", capfirst(_("fewer than 5 dancers"))) if figure is None else figure
