"""Learns from the levels of battery and tank what was used for the km of trips.

Only driving counts: the level at the end of a trip is not compared with that at the start of the
next one, between which a vehicle may be charged. A tank is the exception, since its level sloshes
by more than one trip uses: where two readings with a stop between them differ by no more than that,
nothing was filled in, and the later one takes the place of the earlier, so that the noise of all
readings between two fillings cancels.

The module is pure: it takes and returns plain values. A level that is not known is NaN.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from costs.measured_range import Level, MonthUse
from fleet.arrays import Floats, Ints
from fleet.earth import distance_m

#: A trip counts if its readings cover this share of its way at least.
COVERED_SHARE_MIN = 0.5

#: From so many readings on, each level and place is replaced by the median of itself and its
#: neighbours, so that no single wrong one counts.
MEDIAN_READINGS_MIN = 5

#: A level that falls by more than this, and by more than this for each km beside, did not fall by
#: driving: even the small battery of a plug-in hybrid lasts for 20 km.
FALL_PCT, FALL_PCT_KM = 10.0, 5.0


@dataclass(frozen=True, slots=True)
class LevelRules:
    """How the readings of a level behave.

    Attributes:
        rise_pct: a greater rise during a trip is no noise and no braking: energy came in.
        joined_pct: as far as two readings may differ between which the vehicle stood and nothing
            came in; None: they are not compared.
        range_km: the least and the greatest range that a vehicle can have. Another one comes from
            a sensor that stands still or tells something else.
    """

    rise_pct: float
    joined_pct: float | None
    range_km: tuple[float, float]


RULES = {
    Level.BATTERY: LevelRules(rise_pct=3, joined_pct=None, range_km=(20, 1_500)),
    Level.TANK: LevelRules(rise_pct=8, joined_pct=8, range_km=(50, 4_000)),
}


class DrawnLevel(NamedTuple):
    """The level at two readings of a trip, and the km between the two."""

    from_pct: float
    to_pct: float
    km: float


class LevelTrips(NamedTuple):
    """Trips with a level, as parallel arrays: the vehicle as a number from 1, the month, the km of
    the whole trip, what was read, and the level at which the next trip began, if that is known."""

    vehicle: Ints
    month: Ints
    trip_km: Floats
    from_pct: Floats
    to_pct: Floats
    km: Floats
    next_pct: Floats


class LevelReadings(NamedTuple):
    """The readings of a level during a trip in the order of time: where, what the odometer showed
    (NaN where it is not known), and how many per cent."""

    lat: Floats
    lon: Floats
    odometer_km: Floats
    pct: Floats


class TripWay(NamedTuple):
    """Where a trip began and ended, and its km."""

    start_lat: float
    start_lon: float
    end_lat: float
    end_lon: float
    km: float


def drawn_level(readings: LevelReadings, trip: TripWay, rules: LevelRules) -> DrawnLevel | None:
    """What the readings of a trip tell; None: too little, or energy came in meanwhile.

    The km between the readings are the odometer's. Without one, the km of the trip are shared out
    by the distances between the places: those between the readings are to those before and after
    them as the distances are.
    """
    told = np.isfinite(readings.pct)
    lat, lon, odometer_km, pct = (_without_single_ones(column[told]) for column in readings)
    if len(pct) < 2:
        return None
    steps_m = distance_m(
        np.concatenate(([trip.start_lat], lat)),
        np.concatenate(([trip.start_lon], lon)),
        np.concatenate((lat, [trip.end_lat])),
        np.concatenate((lon, [trip.end_lon])),
    )
    all_m, between_m = float(steps_m.sum()), float(steps_m[1:-1].sum())
    if all_m == 0 or between_m < COVERED_SHARE_MIN * all_m:
        return None
    if np.max(pct - np.minimum.accumulate(pct)) > rules.rise_pct:
        return None
    between_km = trip.km * between_m / all_m
    counted_km = float(odometer_km[-1] - odometer_km[0])
    if 0 < counted_km <= trip.km:  # not where it is NaN
        between_km = counted_km
    if pct[0] - pct[-1] > FALL_PCT + FALL_PCT_KM * between_km:
        return None
    return DrawnLevel(float(pct[0]), float(pct[-1]), between_km)


def _without_single_ones(values: Floats) -> Floats:
    """The median of each value and its neighbours, if there are enough values."""
    if len(values) < MEDIAN_READINGS_MIN:
        return values
    return np.median(np.stack((values[:-2], values[1:-1], values[2:])), axis=0)


def uses_by_vehicle(trips: LevelTrips, level: Level) -> dict[int, list[MonthUse]]:
    """What each vehicle used by month, by its number; a vehicle whose sensor cannot be believed is
    left out."""
    rules = RULES[level]
    known = np.isfinite(trips.km)
    if not known.any():
        return {}
    end_pct, km = trips.to_pct, trips.km
    if rules.joined_pct is not None:
        joined = np.abs(trips.next_pct - trips.to_pct) <= rules.joined_pct
        end_pct, km = np.where(joined, trips.next_pct, end_pct), np.where(joined, trips.trip_km, km)
    # A row for each vehicle and a column for each month.
    shape = (int(trips.vehicle.max()) + 1, 13)
    place = (trips.vehicle * shape[1] + trips.month)[known]
    km_sum, pct_sum, count = (
        np.bincount(place, weights=weights, minlength=shape[0] * shape[1]).reshape(shape)
        for weights in (km[known], (trips.from_pct - end_pct)[known], None)
    )
    least, most = rules.range_km
    km_all, pct_all = km_sum.sum(axis=1), pct_sum.sum(axis=1)
    believed = (100 * km_all >= least * pct_all) & (100 * km_all <= most * pct_all) & (pct_all > 0)
    return {
        int(vehicle): [
            MonthUse(
                int(month),
                float(km_sum[vehicle, month]),
                float(pct_sum[vehicle, month]),
                int(count[vehicle, month]),
            )
            for month in np.flatnonzero(count[vehicle])
        ]
        for vehicle in np.flatnonzero(believed)
    }


def added_up(uses: list[MonthUse]) -> list[MonthUse]:
    """Uses of several vehicles as one use a month."""
    months = sorted({use.month for use in uses})
    return [
        MonthUse(
            month,
            sum(use.km for use in uses if use.month == month),
            sum(use.pct for use in uses if use.month == month),
            sum(use.trips for use in uses if use.month == month),
        )
        for month in months
    ]
