"""Assumptions: the sourced, dated figures behind every cost and emission.

A figure holds from its year until the next figure of the same key. The first figure of a key also
holds before its year, since nobody knows an older one. `assumptions.toml` has the figures that the
product ships, and the unit and bounds of each key. The fleet unit adds figures of its own.
"""

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter

SHIPPED_FILE = Path(__file__).parent / "assumptions.toml"

YEAR_MIN, YEAR_MAX = 2000, 2100

#: A source that begins with this says that the figure is an estimate of the product.
ESTIMATE_PREFIX = "skøn"


class AssumptionError(ValueError):
    """A figure is impossible. The message names the key and says why."""


class FigureKey(StrEnum):
    """The assumptions by their keys; the unit of each is in `quantities()`."""

    PETROL_KR_L = "petrol_kr_l"
    DIESEL_KR_L = "diesel_kr_l"
    HVO_KR_L = "hvo_kr_l"
    BIOGAS_KR_KG = "biogas_kr_kg"
    HYDROGEN_KR_KG = "hydrogen_kr_kg"
    ELECTRICITY_KR_KWH = "electricity_kr_kwh"
    PETROL_TTW_KG_L = "petrol_ttw_kg_l"
    PETROL_WTW_KG_L = "petrol_wtw_kg_l"
    DIESEL_TTW_KG_L = "diesel_ttw_kg_l"
    DIESEL_WTW_KG_L = "diesel_wtw_kg_l"
    HVO_TTW_KG_L = "hvo_ttw_kg_l"
    HVO_WTW_KG_L = "hvo_wtw_kg_l"
    BIOGAS_TTW_KG_KG = "biogas_ttw_kg_kg"
    BIOGAS_WTW_KG_KG = "biogas_wtw_kg_kg"
    HYDROGEN_WTW_KG_KG = "hydrogen_wtw_kg_kg"
    GRID_G_KWH = "grid_g_kwh"
    PETROL_REAL_OVER_WLTP = "petrol_real_over_wltp"
    DIESEL_REAL_OVER_WLTP = "diesel_real_over_wltp"
    GAS_REAL_OVER_WLTP = "gas_real_over_wltp"
    ELECTRIC_REAL_OVER_WLTP = "electric_real_over_wltp"
    WINTER_RANGE_OVER_WLTP = "winter_range_over_wltp"
    WINTER_FIRST_MONTH = "winter_first_month"
    WINTER_LAST_MONTH = "winter_last_month"
    MEASURED_KM_MIN = "measured_km_min"
    CHARGE_POINT_KR = "charge_point_kr"
    CHARGE_POINT_YEARS = "charge_point_years"
    CHARGE_POINT_KW = "charge_point_kw"
    GRID_KR_KW = "grid_kr_kw"
    DISCOUNT_RATE = "discount_rate"
    PERIOD_YEARS = "period_years"
    NOTICE_MONTHS = "notice_months"
    CO2_KR_T = "co2_kr_t"
    WELL_TO_WHEEL = "well_to_wheel"
    SHOWN_KM_YEAR = "shown_km_year"
    MILEAGE_HIGH_KR_KM = "mileage_high_kr_km"
    MILEAGE_LOW_KR_KM = "mileage_low_kr_km"
    MILEAGE_BICYCLE_KR_KM = "mileage_bicycle_kr_km"
    MILEAGE_BREAK_KM = "mileage_break_km"
    FALLBACK_KR_TRIP = "fallback_kr_trip"
    FALLBACK_L_KM = "fallback_l_km"
    YEAR_OVER_PERIOD = "year_over_period"
    SNOW_MORE_TRIPS = "snow_more_trips"
    SNOW_MISSING = "snow_missing"
    SNOW_DAYS_YEAR = "snow_days_year"
    ELECTION_MORE_TRIPS = "election_more_trips"
    ELECTION_MISSING = "election_missing"
    ELECTION_DAYS_YEAR = "election_days_year"
    ILLNESS_MORE_TRIPS = "illness_more_trips"
    ILLNESS_MISSING = "illness_missing"
    ILLNESS_DAYS_YEAR = "illness_days_year"


#: The figures that a sensitivity analysis moves together as "the energy price".
ENERGY_PRICES: frozenset[FigureKey] = frozenset(
    {
        FigureKey.PETROL_KR_L,
        FigureKey.DIESEL_KR_L,
        FigureKey.HVO_KR_L,
        FigureKey.BIOGAS_KR_KG,
        FigureKey.HYDROGEN_KR_KG,
        FigureKey.ELECTRICITY_KR_KWH,
    }
)

#: The keys whose figures are 0 for no and 1 for yes.
SWITCH_KEYS: frozenset[FigureKey] = frozenset({FigureKey.WELL_TO_WHEEL})

#: The keys whose figures are months, from 1 to 12.
MONTH_KEYS: frozenset[FigureKey] = frozenset(
    {FigureKey.WINTER_FIRST_MONTH, FigureKey.WINTER_LAST_MONTH}
)

#: The keys whose figures are whole numbers.
WHOLE_KEYS: frozenset[FigureKey] = frozenset({FigureKey.NOTICE_MONTHS})


class FigureGroup(StrEnum):
    """The group of figures under which the pages show a key."""

    ENERGY_PRICE = "energy_price"
    EMISSION = "emission"
    CONSUMPTION = "consumption"
    CHARGING = "charging"
    FINANCE = "finance"
    MILEAGE = "mileage"
    FALLBACK = "fallback"
    DEMAND = "demand"


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureQuantity:
    """The quantity behind a key: its unit as people write it, and its least and greatest value. A
    figure is out of date from `renew_years` after its year on; None: it does not age."""

    key: FigureKey
    group: FigureGroup
    unit: str
    least: float
    most: float
    renew_years: int | None = None

    def refusal(self, value: float) -> str | None:
        """The reason why `value` is impossible; None if it is possible."""
        if not math.isfinite(value):
            return f"{self.key}: {value} is not a number"
        if not self.least <= value <= self.most:
            return f"{self.key}: {value:g} is not between {self.least:g} and {self.most:g}"
        if self.key in SWITCH_KEYS and value not in (0, 1):
            return f"{self.key}: {value:g} is neither 0 nor 1"
        if self.key in MONTH_KEYS and value != int(value):
            return f"{self.key}: {value:g} is no month"
        if self.key in WHOLE_KEYS and value != int(value):
            return f"{self.key}: {value:g} is no whole number"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The value of a key from the year `valid_from` on, with its source."""

    key: FigureKey
    valid_from: int
    value: float
    source: str
    note: str = ""

    def __post_init__(self) -> None:
        refusal = quantities()[self.key].refusal(self.value)
        if refusal:
            raise AssumptionError(refusal)
        if not YEAR_MIN <= self.valid_from <= YEAR_MAX:
            raise AssumptionError(f"{self.key}: {self.valid_from} is no year of ours")
        if not self.source.strip():
            raise AssumptionError(f"{self.key}: a figure needs a source")


def is_out_of_date(figure: Figure, year: int) -> bool:
    """Whether a figure is too old for a calculation of a year."""
    renew_years = quantities()[figure.key].renew_years
    return renew_years is not None and figure.valid_from + renew_years <= year


def is_estimate(source: str) -> bool:
    """Whether a source says that the figure is an estimate."""
    return source.casefold().startswith(ESTIMATE_PREFIX)


class YearFigures:
    """The figures of one year: exactly one for every key."""

    def __init__(self, year: int, by_key: Mapping[FigureKey, Figure]) -> None:
        missing = [key for key in FigureKey if key not in by_key]
        if missing:
            raise AssumptionError(f"there is no figure for {', '.join(missing)}")
        self.year = year
        self._by_key = dict(by_key)

    def __getitem__(self, key: FigureKey) -> float:
        return self._by_key[key].value

    def figure(self, key: FigureKey) -> Figure:
        """The figure with its source."""
        return self._by_key[key]

    @property
    def out_of_date(self) -> list[Figure]:
        """The figures that are too old for the year, the oldest first."""
        old = [figure for figure in self._by_key.values() if is_out_of_date(figure, self.year)]
        return sorted(old, key=lambda figure: figure.valid_from)

    @property
    def well_to_wheel(self) -> bool:
        """Whether the optimiser also counts the emissions from producing fuel and power."""
        return self[FigureKey.WELL_TO_WHEEL] == 1


@dataclass(frozen=True)
class Assumptions:
    """Figures in force, any number of years for each key; at most one for a key and year."""

    figures: tuple[Figure, ...]

    def __post_init__(self) -> None:
        pairs = {(figure.key, figure.valid_from) for figure in self.figures}
        if len(pairs) < len(self.figures):
            raise AssumptionError("two figures of one key hold from the same year")

    @cached_property
    def _series(self) -> dict[FigureKey, list[Figure]]:
        series: dict[FigureKey, list[Figure]] = {}
        for figure in sorted(self.figures, key=lambda f: f.valid_from):
            series.setdefault(figure.key, []).append(figure)
        return series

    def at(self, year: int) -> YearFigures:
        """The figures that hold in `year`.

        Raises:
            AssumptionError: a key has no figure at all.
        """
        return YearFigures(
            year,
            {
                key: max(
                    (figure for figure in series if figure.valid_from <= year),
                    key=lambda f: f.valid_from,
                    default=series[0],
                )
                for key, series in self._series.items()
            },
        )

    def scaled(self, keys: FigureKey | Iterable[FigureKey], factor: float) -> "Assumptions":
        """These assumptions with the values of some keys times `factor`, in every year."""
        chosen = {keys} if isinstance(keys, FigureKey) else set(keys)
        return Assumptions(
            tuple(
                replace(figure, value=figure.value * factor) if figure.key in chosen else figure
                for figure in self.figures
            )
        )

    def overlaid(self, figures: Iterable[Figure]) -> "Assumptions":
        """These assumptions with `figures` in place of those of the same key and year."""
        by_place = {(figure.key, figure.valid_from): figure for figure in self.figures}
        by_place |= {(figure.key, figure.valid_from): figure for figure in figures}
        order = {key: rank for rank, key in enumerate(quantities())}
        places = sorted(by_place, key=lambda place: (order[place[0]], place[1]))
        return Assumptions(tuple(by_place[place] for place in places))

    def to_json(self) -> list[dict[str, Any]]:
        """The figures as JSON, as a round stores them."""
        return [asdict(figure) for figure in self.figures]

    @classmethod
    def from_json(cls, content: object) -> "Assumptions":
        """The assumptions in the JSON of `to_json`; the figures that the product ships stand in for
        keys that it did not know when they were stored."""
        stored = _FIGURES.validate_python(content)
        known = {figure.key for figure in stored}
        later = [figure for figure in shipped_assumptions().figures if figure.key not in known]
        return cls((*stored, *later))


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """A key's table in `assumptions.toml`."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    group: FigureGroup
    unit: str
    least: float
    most: float
    renew_years: int | None = None
    figures: tuple[dict[str, Any], ...]


_FIGURES = TypeAdapter(tuple[Figure, ...])
_FIGURE = TypeAdapter(Figure)
_ENTRIES = TypeAdapter(dict[FigureKey, _Entry])


@cache
def _shipped_entries() -> dict[FigureKey, _Entry]:
    return _ENTRIES.validate_python(tomllib.loads(SHIPPED_FILE.read_text(encoding="utf-8")))


@cache
def quantities() -> Mapping[FigureKey, FigureQuantity]:
    """The quantity behind each key, in the order in which the pages show keys."""
    return {
        key: FigureQuantity(
            key=key,
            group=entry.group,
            unit=entry.unit,
            least=entry.least,
            most=entry.most,
            renew_years=entry.renew_years,
        )
        for key, entry in _shipped_entries().items()
    }


@cache
def shipped_assumptions() -> Assumptions:
    """The assumptions that the product ships."""
    return Assumptions(
        tuple(
            _FIGURE.validate_python({"key": key, **row})
            for key, entry in _shipped_entries().items()
            for row in entry.figures
        )
    )
