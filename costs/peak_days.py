"""Named days that no period need hold: snow, an election, illness. More trips are wanted then, or
vehicles are missing."""

from dataclasses import dataclass
from enum import StrEnum

from costs.assumptions import FigureKey, YearFigures


class PeakDayName(StrEnum):
    """The peak days by name."""

    SNOW = "snow"
    ELECTION = "election"
    ILLNESS = "illness"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakDay:
    """A day that comes `days_year` times a year: with `more_trips` more trips than on a busy day,
    and without the share `missing` of the motor vehicles; both are shares."""

    name: PeakDayName
    more_trips: float
    missing: float
    days_year: float


def peak_days(figures: YearFigures) -> list[PeakDay]:
    """The peak days by the figures of a year, without those that do not come or change nothing."""
    found = [
        PeakDay(
            name=name,
            more_trips=figures[FigureKey(f"{name}_more_trips")] / 100,
            missing=figures[FigureKey(f"{name}_missing")] / 100,
            days_year=figures[FigureKey(f"{name}_days_year")],
        )
        for name in PeakDayName
    ]
    return [day for day in found if day.days_year and (day.more_trips or day.missing)]
