"""Formats numbers, money, days and times as readers of each language write them.

A no-break space keeps a number and its unit together.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from functools import cache, lru_cache

from babel.dates import format_date, format_datetime, get_day_names, get_month_names
from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol

from api.pages.words.language import Language
from api.pages.words.units import KR, OF_ONE, say_unit
from fleet.localtime import LOCAL_ZONE

NBSP = "\u00a0"
MINUS = "\u2212"
EN_DASH = "\u2013"


@dataclass(frozen=True, slots=True)
class Formats:
    """Formats values in a language."""

    language: Language

    def number(self, value: float | Decimal, decimals: int = 0) -> str:
        """A number: `1234.5` with one decimal is `1.234,5` in Danish and `1,234.5` in English."""
        # Babel's own formatting would take half the time of a page with a thousand numbers.
        written = f"{value:,.{decimals}f}"
        if not written.strip("-0.,"):
            written = written.lstrip("-")  # no minus before what was rounded to zero
        return written.translate(_marks(self.language))

    def figure(self, value: float) -> str:
        """An assumption with the decimals that it has, at most six: `0,0625`."""
        shown = round(value, 6) or 0  # no minus before what is rounded to zero
        return format_decimal(shown, format="#,##0.######", locale=self.language.locale)

    def amount(self, value: float) -> str:
        """Kroner without their unit, with the decimals that they have; øre have two: `40,50`."""
        return self.with_ore(self.figure(value))

    def with_ore(self, written: str) -> str:
        """An amount as it is written, with a second digit of øre where it has one."""
        has_one = written[-2:-1] == get_decimal_symbol(self.language.locale)
        return f"{written}0" if has_one else written

    def grouped(self, text: str) -> str:
        """A number as a field has it, such as `50000`, in groups: `50.000`; another text as it
        is."""
        whole, sign, decimals = text.partition(get_decimal_symbol(self.language.locale))
        return f"{self.number(int(whole))}{sign}{decimals}" if whole.isdecimal() else text

    def month_name(self, number: float) -> str:
        """A month by its number from 1: `november` or `November`."""
        return get_month_names("wide", locale=self.language.locale)[int(number)]

    def with_sign(self, text: str) -> str:
        """A number as text, such as `2.5`, with the decimal sign of the language; another word as
        it is."""
        try:
            float(text)
        except ValueError:
            return text
        return text.replace(".", get_decimal_symbol(self.language.locale))

    def kr(self, value: float, decimals: int = 0) -> str:
        """Kroner, whole ones without `decimals`: `412.000 kr.` or `DKK 412,000`."""
        if self.language is Language.DANISH:
            return f"{self.number(value, decimals)}{NBSP}kr."
        return f"DKK{NBSP}{self.number(value, decimals)}"

    def measure(self, value: float, unit: str) -> str:
        """An assumption with its unit, as it is kept: `40.000 kr.` or `DKK 40,000`."""
        if unit in KR:
            return self.kr(value)
        said = say_unit(unit, self.language)
        said = OF_ONE.get(said, said) if value == 1 else said
        is_share = self.language is Language.ENGLISH and said.startswith("%")
        return f"{self.figure(value)}{'' if is_share else NBSP}{said}"

    def tonnes(self, value: float) -> str:
        """Tonnes of CO2e with one decimal: `12,4 ton CO₂e`."""
        unit = "ton" if self.language is Language.DANISH else "tonnes"
        return f"{self.number(value, 1)}{NBSP}{unit}{NBSP}CO₂e"

    def km(self, value: float, decimals: int = 0) -> str:
        return f"{self.number(value, decimals)}{NBSP}km"

    def speed(self, value_kmh: float, decimals: int = 0) -> str:
        unit = "km/t" if self.language is Language.DANISH else "km/h"
        return f"{self.number(value_kmh, decimals)}{NBSP}{unit}"

    def percent(self, share: float, decimals: int = 0) -> str:
        """A share of 0 to 1 in per cent: `37 %` in Danish, `37%` in English."""
        space = NBSP if self.language is Language.DANISH else ""
        return f"{self.number(share * 100, decimals)}{space}%"

    def percent_at_most(self, share: float) -> str:
        """A share in per cent, rounded up to a tenth, so that "at most" stays true."""
        tenth = (Decimal(repr(share)) * 100).quantize(Decimal("0.1"), ROUND_CEILING)
        return self.percent(float(tenth) / 100, 1)

    def day(self, value: date) -> str:
        """A day: `lør. 21. nov. 2026` or `Sat 21 Nov 2026`."""
        return _day(value, self.language)

    def short_day(self, value: date) -> str:
        """A day without its weekday, for tables: `21. nov. 2026` or `21 Nov 2026`."""
        return _short_day(value, self.language)

    def month(self, value: date) -> str:
        """The short name of a day's month: `nov.` or `Nov`."""
        return _month(value, self.language)

    def weekday(self, index: int) -> str:
        """The short name of a weekday, 0 for Monday: `man.` or `Mon`."""
        return get_day_names("abbreviated", locale=self.language.locale)[index]

    def days(self, first: date, last: date) -> str:
        """A period without weekdays: `21. sep. 2026 – 15. nov. 2026`."""
        pattern = "d. MMM y" if self.language is Language.DANISH else "d MMM y"
        ends = (format_date(d, pattern, locale=self.language.locale) for d in (first, last))
        return f"{NBSP}{EN_DASH} ".join(ends)

    def moment(self, value: datetime) -> str:
        """Local time: `lør. 21. nov. 2026 kl. 14.05` or `Sat 21 Nov 2026, 14:05`."""
        if self.language is Language.DANISH:
            return self._local(value, f"EEE d. MMM y 'kl.'{NBSP}HH.mm")
        return self._local(value, "EEE d MMM y, HH:mm")

    def short_moment(self, value: datetime) -> str:
        """Local time without weekday and year, for tables: `21. nov. kl. 14.05`."""
        if self.language is Language.DANISH:
            return self._local(value, f"d. MMM 'kl.'{NBSP}HH.mm")
        return self._local(value, "d MMM, HH:mm")

    def clock(self, value: datetime) -> str:
        """Local time of day: `14.05` or `14:05`."""
        return self._local(value, "HH.mm" if self.language is Language.DANISH else "HH:mm")

    def duration(self, minutes: float) -> str:
        """A duration: `2 t. 05 min.` or `2 h 05 min`, whole hours alone, or minutes alone under an
        hour."""
        hours, rest = divmod(round(minutes), 60)
        hour, minute = ("t.", "min.") if self.language is Language.DANISH else ("h", "min")
        if not hours:
            return f"{rest}{NBSP}{minute}"
        whole = f"{self.number(hours)}{NBSP}{hour}"
        return f"{whole}{NBSP}{rest:02d}{NBSP}{minute}" if rest else whole

    def span(self, seconds: float) -> str:
        """A time span in its largest unit that says enough: `12 sek.`, `5 min.`, `3 dage`."""
        danish = self.language is Language.DANISH
        if seconds < 90:
            return f"{self.number(seconds)}{NBSP}{'sek.' if danish else 's'}"
        if seconds < 48 * 3600:
            return self.duration(seconds / 60)
        return f"{self.number(seconds // 86_400)}{NBSP}{'dage' if danish else 'days'}"

    def _local(self, value: datetime, pattern: str) -> str:
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return _written(value, pattern, self.language)


@lru_cache(maxsize=10_000)  # a page shows twice when each vehicle was last heard
def _written(value: datetime, pattern: str, language: Language) -> str:
    return format_datetime(value, pattern, tzinfo=LOCAL_ZONE, locale=language.locale)


@lru_cache(maxsize=1_000)  # the page of a year shows every day
def _day(value: date, language: Language) -> str:
    pattern = "EEE d. MMM y" if language is Language.DANISH else "EEE d MMM y"
    return format_date(value, pattern, locale=language.locale)


@lru_cache(maxsize=1_000)  # a list of vehicles has many days
def _short_day(value: date, language: Language) -> str:
    pattern = "d. MMM y" if language is Language.DANISH else "d MMM y"
    return format_date(value, pattern, locale=language.locale)


@lru_cache(maxsize=1_000)  # a calendar of contracts has a month in each row
def _month(value: date, language: Language) -> str:
    return format_date(value, "MMM", locale=language.locale)


@cache
def _marks(language: Language) -> dict[int, str]:
    """The map from Python's separators in a number to those of a language."""
    marks = (get_group_symbol(language.locale), get_decimal_symbol(language.locale), MINUS)
    return dict(zip(map(ord, ",.-"), marks, strict=True))


#: The filters that templates may use, by the names of the methods.
FORMAT_FILTERS: tuple[str, ...] = (
    "number",
    "figure",
    "grouped",
    "month_name",
    "kr",
    "measure",
    "tonnes",
    "km",
    "speed",
    "percent",
    "percent_at_most",
    "day",
    "short_day",
    "month",
    "moment",
    "short_moment",
    "clock",
    "duration",
    "span",
)
