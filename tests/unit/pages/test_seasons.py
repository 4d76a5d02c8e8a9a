"""What a period tells nothing of is told by its season."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.reports.notes import notes_sheet
from api.pages.words.language import Language
from api.pages.words.seasons import DAYS_TELLING, Season, season_note, season_words, seasons_untold
from costs.assumptions import FigureKey, shipped_assumptions
from fleet.period import Period
from tests.samples.proposals import ROUND

YEAR = date(2026, 1, 1), date(2026, 12, 31)


@pytest.mark.parametrize(
    ("day", "season"),
    [
        (date(2026, 11, 30), Season.AUTUMN),
        (date(2026, 12, 1), Season.WINTER),
        (date(2026, 2, 28), Season.WINTER),
        (date(2026, 3, 1), Season.SPRING),
        (date(2026, 6, 1), Season.SUMMER),
        (date(2026, 9, 1), Season.AUTUMN),
    ],
)
def test_a_season_has_three_months(day: date, season: Season) -> None:
    assert Season.of(day) is season


def test_eight_weeks_of_autumn_tell_of_autumn_alone() -> None:
    autumn = date(2026, 9, 21), date(2026, 11, 15)
    assert seasons_untold(*autumn) == [Season.WINTER, Season.SPRING, Season.SUMMER]
    assert season_note(Period(*autumn), Language.ENGLISH) == (
        "The trips of 8 weeks stand for a year. Not in them: winter (December to February), spring"
        " (March to May) and summer (June to August)."
    )
    assert season_note(Period(*autumn), Language.DANISH) == (
        "8 ugers ture står for et helt år. Ikke med i dem: vinter (december til februar), forår"
        " (marts til maj) og sommer (juni til august)."
    )


def test_more_trips_in_the_year_than_in_its_days_are_told_too() -> None:
    autumn = Period(date(2026, 9, 21), date(2026, 11, 15))
    note = season_note(autumn, Language.DANISH)
    assert season_words((autumn, 1.0), Language.DANISH) == note
    told = season_words((autumn, 1.25), Language.DANISH)
    assert told.startswith(note)
    assert "1,25 gange" in told
    assert season_words((Period(*YEAR), 1.0), Language.DANISH) == ""


def test_a_whole_year_needs_no_note_and_nine_months_one_of_a_season() -> None:
    assert season_note(Period(*YEAR), Language.ENGLISH) == ""
    nine = season_note(Period(date(2026, 3, 1), date(2026, 11, 30)), Language.DANISH)
    few = season_note(Period(date(2026, 3, 2), date(2026, 3, 6)), Language.ENGLISH)
    assert few.startswith("The trips of a few days stand for a year.")
    assert (
        nine == "39 ugers ture står for et helt år. Ikke med i dem: vinter (december til februar)."
    )


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 1_500))
def test_a_season_is_untold_exactly_where_too_few_of_its_days_are_held(
    first: date, length: int
) -> None:
    last = first + timedelta(days=length)
    days = [first + timedelta(days=number) for number in range(length + 1)]
    held = {season: sum(Season.of(day) is season for day in days) for season in Season}
    assert seasons_untold(first, last) == [one for one in Season if held[one] < DAYS_TELLING]


def test_a_workbook_names_the_seasons_and_the_figures_that_are_out_of_date() -> None:
    old = [
        replace(one, valid_from=2019)
        for one in (shipped_assumptions().at(2026).figure(FigureKey.CHARGE_POINT_KR),)
    ]
    found = notes_sheet(ROUND, old, Language.DANISH)
    told = " ".join(str(row[0]) for row in found.rows)
    assert season_words((ROUND.period, ROUND.year_over_period), Language.DANISH) in told
    assert "Runden bygger på 1 forældet tal: Ladepunkt, opsat (2019)." in told
    assert "forældet" not in str(notes_sheet(ROUND, (), Language.DANISH).rows)
