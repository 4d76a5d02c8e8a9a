"""The geometry of a day at a depot: a row for each vehicle, and in it a bar for each trip.

The picture is as wide as a phone. So a name stands above its bars, and the hours are those in which
anybody drove.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil, floor

from fleet.localtime import LOCAL_ZONE
from optimiser.days.depot_day import DayRow, DrawnTrip, lanes

#: The size of the picture and its parts, in the picture's own pixels.
WIDTH = 360
LEFT = 4
AXIS_HEIGHT = 20
NAME_HEIGHT = 17
BAR_HEIGHT = 13
LANE_HEIGHT = 16
ROW_GAP = 6

#: The fewest hours that a picture spans, and the shortest bar that can be seen.
HOURS_MIN = 6
BAR_MIN = 2.0

_DAY_H = 24


@dataclass(frozen=True, slots=True)
class Bar:
    """The bar of a trip."""

    x: float
    y: float
    width: float
    trip: DrawnTrip


@dataclass(frozen=True, slots=True)
class Band:
    """The place of a row from `y` to `end_y`, with its bars."""

    y: float
    end_y: float
    row: DayRow
    bars: Sequence[Bar]

    @property
    def name_y(self) -> float:
        """The line on which its name stands."""
        return self.y + NAME_HEIGHT - 4

    @property
    def bars_y(self) -> float:
        """Where its bars begin, and the lines of hours: these would cross its name above."""
        return self.y + NAME_HEIGHT


@dataclass(frozen=True, slots=True)
class DayPicture:
    """The picture of one fleet on one day; `ticks` are hours with their places."""

    height: float
    ticks: Sequence[tuple[int, float]]
    bands: Sequence[Band]


def hours_of(day: date, rows: Sequence[DayRow]) -> tuple[int, int]:
    """The first and the last hour of the day between which its trips lie."""
    moments = [moment for row in rows for trip in row.trips for moment in (trip.start, trip.end)]
    hours = [_hour(day, moment) for moment in moments]
    first, last = floor(min(hours, default=8)), ceil(max(hours, default=16))
    first = max(0, min(first, _DAY_H - HOURS_MIN))
    return first, max(last, first + HOURS_MIN)


def day_picture(day: date, rows: Sequence[DayRow], hours: tuple[int, int]) -> DayPicture:
    """The picture of `rows` on a day between two hours of it."""
    first, last = hours
    scale = (WIDTH - 2 * LEFT) / (last - first)

    def place(hour: float) -> float:
        return round(LEFT + (min(max(hour, first), last) - first) * scale, 1)

    y = float(AXIS_HEIGHT)
    bands: list[Band] = []
    for row in rows:
        own = lanes(row.trips)
        bars = [
            Bar(
                x=place(_hour(day, trip.start)),
                y=y + NAME_HEIGHT + number * LANE_HEIGHT,
                width=max(
                    BAR_MIN,
                    round(place(_hour(day, trip.end)) - place(_hour(day, trip.start)), 1),
                ),
                trip=trip,
            )
            for number, lane in enumerate(own)
            for trip in lane
        ]
        end_y = y + NAME_HEIGHT + max(1, len(own)) * LANE_HEIGHT
        bands.append(Band(y, end_y, row, bars))
        y = end_y + ROW_GAP
    step = 1 if last - first <= 8 else 2 if last - first <= 16 else 3
    ticks = [(hour, place(hour)) for hour in range(first, last + 1) if hour % step == 0]
    return DayPicture(y, ticks, bands)


def _hour(day: date, moment: datetime) -> float:
    """The local hour of the day at a moment, from 0 to 24; moments of other days are its ends."""
    local = moment.astimezone(LOCAL_ZONE)
    if local.date() < day:
        return 0.0
    if local.date() > day:
        return float(_DAY_H)
    return timedelta(hours=local.hour, minutes=local.minute, seconds=local.second) / timedelta(
        hours=1
    )
