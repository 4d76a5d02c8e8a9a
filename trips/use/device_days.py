"""Counts what a device did on each local day, from its fixes, trips and round trips.

The module computes the same as the table `device_day`, for logs without a database and for the
tests that compare the two.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from fleet.arrays import Floats
from fleet.localtime import day_start, local_day
from fleet.moments import moment_at


class DeviceDay(NamedTuple):
    """One local day of one device.

    Attributes:
        heard: bit h is set when the device was heard in the hour that begins h hours after local
            midnight; a day has 23 to 25 hours.
        trips, km: the trips that departed on the day, and their km.
        driving_s, away_s: time of the day within trips, and within round trips.
        engine_hours: the hours of engine sessions, spread evenly over each session.
    """

    day: date
    positions: int = 0
    heard: int = 0
    trips: int = 0
    km: float = 0.0
    driving_s: float = 0.0
    away_s: float = 0.0
    engine_hours: float = 0.0


def device_days(
    ts: Floats,
    trips: Sequence[tuple[float, float, float]],
    away: Sequence[tuple[float, float]],
    sessions: Sequence[tuple[float, float, float]] = (),
) -> list[DeviceDay]:
    """The days on which something was heard or driven, in order.

    `ts` are the moments of the fixes; `trips` are start, end and km, `away` departures from and
    returns to the depot, `sessions` start, end and hours of engine work. Moments are seconds since
    1970.
    """
    drives = np.array(trips, dtype=np.float64).reshape(-1, 3)
    absences = np.array(away, dtype=np.float64).reshape(-1, 2)
    work = np.array(sessions, dtype=np.float64).reshape(-1, 3)
    moments = np.concatenate((ts, *(spans[:, :2].ravel() for spans in (drives, absences, work))))
    if not len(moments):
        return []
    days, midnights = local_days(float(moments.min()), float(moments.max()))
    fix_day = np.searchsorted(midnights, ts, side="right") - 1
    hour = np.floor((ts - midnights[fix_day]) / 3600).astype(np.int64)
    count = len(days)
    heard = np.zeros(count, dtype=np.int64)
    np.bitwise_or.at(heard, fix_day, 1 << hour)
    departed = np.searchsorted(midnights, drives[:, 0], side="right") - 1
    columns = (
        np.bincount(fix_day, minlength=count),
        heard,
        np.bincount(departed, minlength=count),
        np.bincount(departed, weights=drives[:, 2], minlength=count),
        seconds_within(drives[:, :2], midnights),
        seconds_within(absences, midnights),
        _hours_within(work, midnights),
    )
    return [
        DeviceDay(day, *row)
        for day, *row in zip(days, *(column.tolist() for column in columns), strict=True)
        if any(row)
    ]


def local_days(first: float, last: float) -> tuple[list[date], Floats]:
    """The local days from the moment `first` to `last`, and their midnights: one more, the end."""
    begin = local_day(moment_at(first))
    end = local_day(moment_at(last))
    days = [begin + timedelta(days=i) for i in range((end - begin).days + 2)]
    return days[:-1], np.array([day_start(day).timestamp() for day in days])


def seconds_within(spans: Floats, edges: Floats) -> Floats:
    """The seconds of `spans` (n starts and ends, overlaps counted twice) between each two
    neighbours of the ascending `edges`; one fewer than edges."""
    passed = np.zeros(len(edges))
    for sign, moments in ((1.0, np.sort(spans[:, 0])), (-1.0, np.sort(spans[:, 1]))):
        before = np.searchsorted(moments, edges)
        total = np.concatenate(([0.0], np.cumsum(moments - edges[0])))
        passed += sign * (before * (edges - edges[0]) - total[before])
    return np.diff(passed)


def _hours_within(sessions: Floats, midnights: Floats) -> Floats:
    hours = np.zeros(len(midnights) - 1)
    for start, end, ran in sessions[sessions[:, 1] > sessions[:, 0]]:
        share = seconds_within(np.array([[start, end]]), midnights) / (end - start)
        hours += ran * share
    return hours
