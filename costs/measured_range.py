"""How far vehicles drive on a full battery or tank in winter and otherwise, as trackers told.

A range is a ratio of sums: all km over all that was used for them. The rounding of single readings
cancels in the sums; an average of single ratios would weigh short trips, which are all rounding,
like long ones.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import ConfigDict

from fleet.vehicle import Energy


class Level(StrEnum):
    """The store of energy whose level a tracker tells."""

    BATTERY = "battery"
    TANK = "tank"


def level_of(energy: Energy) -> Level | None:
    """The level that says how far a vehicle comes; None for bicycles, whose battery only helps."""
    if energy is Energy.BICYCLE:
        return None
    return Level.BATTERY if energy is Energy.ELECTRIC else Level.TANK


@dataclass(frozen=True, slots=True)
class MonthUse:
    """The part of a full battery or tank that was used in a calendar month, in per cent, and the km
    and trips that it was used for."""

    month: int
    km: float
    pct: float
    trips: int


@dataclass(frozen=True, slots=True)
class SeasonRange:
    """The km that 100 % last for, and the km and trips from which that is known."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    range_km: float
    km: float
    trips: int


@dataclass(frozen=True, slots=True)
class MeasuredRange:
    """The measured range in winter and in the rest of the year; None where too little is known."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    winter: SeasonRange | None = None
    otherwise: SeasonRange | None = None

    @property
    def km(self) -> float:
        """The km from which it is known."""
        return sum(one.km for one in (self.winter, self.otherwise) if one)

    @property
    def trips(self) -> int:
        """The trips from which it is known."""
        return sum(one.trips for one in (self.winter, self.otherwise) if one)

    def planned_with(self, catalogue_km: float) -> SeasonRange | None:
        """The measured range to plan with, the cautious one: that in winter.

        Where winter is not measured, the catalogue's planning range holds, which is one in winter:
        None, unless the vehicles did not even come that far in the rest of the year.
        """
        if self.winter:
            return self.winter
        short = self.otherwise and self.otherwise.range_km < catalogue_km
        return self.otherwise if short else None


def measured_range(
    uses: Sequence[MonthUse], winter: Collection[int], km_min: float
) -> MeasuredRange | None:
    """The range that follows from the use by month; None: too little is known.

    Args:
        winter: the months of winter, from 1.
        km_min: nothing is said of a season with fewer km.
    """
    cold = _season([use for use in uses if use.month in winter], km_min)
    warm = _season([use for use in uses if use.month not in winter], km_min)
    return MeasuredRange(cold, warm) if cold or warm else None


def _season(uses: Sequence[MonthUse], km_min: float) -> SeasonRange | None:
    km, pct = sum(use.km for use in uses), sum(use.pct for use in uses)
    if km < max(km_min, 1.0) or pct <= 0:
        return None
    # The kept figures are as rough as the km themselves: they tell of no single day.
    return SeasonRange(float(round(100 * km / pct)), float(round(km)), sum(u.trips for u in uses))


def months_between(first: int, last: int) -> frozenset[int]:
    """The months from `first` to `last`, both included, over New Year where `last` is before."""
    return frozenset((first - 1 + i) % 12 + 1 for i in range((last - first) % 12 + 1))
