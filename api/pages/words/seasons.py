"""Says which seasons are not in figures of a year that are scaled up from a shorter period."""

from collections import Counter
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from api.pages.words.formats import Formats
from api.pages.words.language import Language, mark, translations

#: The days of a season that a period must hold to tell of it: two weeks.
DAYS_TELLING = 14


class Season(StrEnum):
    """A season, of three months each: winter begins in December."""

    WINTER = "winter"
    SPRING = "spring"
    SUMMER = "summer"
    AUTUMN = "autumn"

    @classmethod
    def of(cls, day: date) -> "Season":
        """The season of a day."""
        return tuple(cls)[day.month % 12 // 3]


def seasons_untold(first: date, last: date) -> list[Season]:
    """The seasons of which the days from `first` to `last`, both included, tell nothing."""
    # The days after the first year are those of the same seasons once more.
    days = min((last - first).days + 1, 366)
    held = Counter(Season.of(first + timedelta(days=number)) for number in range(days))
    return [season for season in Season if held[season] < DAYS_TELLING]


_SEASONS = {
    Season.WINTER: mark("winter (December to February)"),
    Season.SPRING: mark("spring (March to May)"),
    Season.SUMMER: mark("summer (June to August)"),
    Season.AUTUMN: mark("autumn (September to November)"),
}

_WEEKS = mark("The trips of %(weeks)s weeks stand for a year. Not in them: %(seasons)s.")
_DAYS = mark("The trips of a few days stand for a year. Not in them: %(seasons)s.")
_AND = mark("%(others)s and %(last)s")
_DAYS_A_WEEK = 7


class Days(Protocol):
    """Local days, both included."""

    @property
    def first(self) -> date: ...
    @property
    def last(self) -> date: ...


_TIMES = mark("The trips of the year are counted as %(times)s times those of the period.")


def season_words(scaled: tuple[Days, float], language: Language) -> str:
    """What figures of a year do not tell of that are scaled up from the trips of some days, and by
    which factor its trips are others than those of the days; empty where neither is."""
    days, factor = scaled
    told = [season_note(days, language)]
    if round(factor * 1000) != 1000:
        times = Formats(language).number(factor, 2)
        told.append(translations(language).gettext(_TIMES) % {"times": times})
    return " ".join(one for one in told if one)


def season_note(days: Days, language: Language) -> str:
    """What figures of a year that are scaled up from the trips of some days do not tell of; empty
    where they tell of every season."""
    untold = seasons_untold(days.first, days.last)
    if not untold:
        return ""
    say = translations(language).gettext
    *others, last = [say(_SEASONS[season]) for season in untold]
    seasons = say(_AND) % {"others": ", ".join(others), "last": last} if others else last
    weeks = round(((days.last - days.first).days + 1) / _DAYS_A_WEEK)
    return say(_WEEKS if weeks > 1 else _DAYS) % {"weeks": weeks, "seasons": seasons}
