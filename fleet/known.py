"""Computes how far the use of a vehicle is known in a period: the one definition, for pages and
rounds.

Silence is not idleness, so days that are not known count for nothing. A working day is known when
the vehicle's tracker was heard in enough of its hours, when a driving log covers it, or when the
vehicle was used. A vehicle is known when enough of the working days are. Whether its tracker is
heard at this moment is another question: that is contact, not knowledge.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fleet.arrays import Bools, Floats, Ints
from fleet.period_grid import PeriodCalendar

#: The intervals in hours at which a tracker may be expected to be heard: divisors of a day.
EXPECTED_INTERVALS_H = (1, 2, 3, 4, 6, 8, 12, 24)


@dataclass(frozen=True, slots=True)
class UseEvidence:
    """The evidence of the use of vehicles, as parallel arrays with an entry for a vehicle and a
    day.

    Attributes:
        vehicle: a place in the list of vehicles.
        day: a place in the calendar.
        heard: bit h is set when the tracker was heard, or a driving log covers, the hour that
            begins h hours after local midnight.
        used: the vehicle drove, or its engine worked.
    """

    vehicle: Ints
    day: Ints
    heard: Ints
    used: Bools


@dataclass(frozen=True, slots=True)
class KnownUse:
    """How far the use of one vehicle is known.

    Attributes:
        expected_h: the tracker is expected to be heard once in so many hours.
        covered_share: share of the period's hours in which it was heard as expected.
        known_share: share of the period's working days that are known; where the period has none,
            the covered share.
        known: whether that share is not below the limit; otherwise the vehicle must not be called
            idle.
        days_known: the known working days.
        days_used: working days on which the vehicle was used.
    """

    expected_h: int
    covered_share: float
    known_share: float
    known: bool
    days_known: int
    days_used: int


def known_use_by_vehicle(
    calendar: PeriodCalendar, evidence: UseEvidence, count: int, coverage_min: float
) -> list[KnownUse]:
    """How far each of `count` vehicles is known.

    `coverage_min` is the share of a day's hours that makes a day known, and the share of the
    working days that makes a vehicle known.
    """
    expected_h, covered_h = _coverage(calendar, evidence, count)
    covered = sums_by_place(evidence.vehicle, covered_h, count) / max(int(calendar.hours.sum()), 1)
    works = calendar.works[evidence.day]
    known = _known(calendar, evidence, covered_h, coverage_min)
    days_known = sums_by_place(evidence.vehicle, works & known, count)
    days_used = sums_by_place(evidence.vehicle, works & evidence.used, count)
    working_days = int(calendar.works.sum())
    share = days_known / working_days if working_days else covered
    columns = (
        *(expected_h.tolist(), covered.tolist(), share.tolist(), (share >= coverage_min).tolist()),
        *(days_known.astype(np.int64).tolist(), days_used.astype(np.int64).tolist()),
    )
    return [KnownUse(*values) for values in zip(*columns, strict=True)]


def known_days(
    calendar: PeriodCalendar, evidence: UseEvidence, count: int, coverage_min: float
) -> Bools:
    """Whether each day of the calendar is known of each of `count` vehicles, one row each. Of a day
    that is no working day the same is asked."""
    _, covered_h = _coverage(calendar, evidence, count)
    found = np.zeros((count, calendar.period.days), dtype=np.bool_)
    known = _known(calendar, evidence, covered_h, coverage_min)
    np.logical_or.at(found, (evidence.vehicle, evidence.day), known)
    return found


def _known(
    calendar: PeriodCalendar, evidence: UseEvidence, covered_h: Floats, coverage_min: float
) -> Bools:
    """Whether each row makes its day known: it was heard in enough hours, or used."""
    hours = np.maximum(calendar.hours[evidence.day], 1)
    return (covered_h >= coverage_min * hours) | evidence.used


def sums_by_place(place: Ints, values: npt.NDArray[np.generic], count: int) -> Floats:
    """The sums of `values` for each of `count` places; `place` is that of each value."""
    return np.bincount(place, values.astype(np.float64), count).astype(np.float64)


def _coverage(calendar: PeriodCalendar, evidence: UseEvidence, count: int) -> tuple[Ints, Floats]:
    """The interval at which each vehicle is expected to be heard, and the hours of each row in
    which it was.

    The interval is the shortest of `EXPECTED_INTERVALS_H` that the tracker keeps throughout at
    least half of the days on which it is heard.
    """
    hours = calendar.hours[evidence.day]
    days_heard = sums_by_place(evidence.vehicle, evidence.heard != 0, count)
    expected_h = np.zeros(count, dtype=np.int64)
    covered_h = np.zeros(len(evidence.day))
    for width in EXPECTED_INTERVALS_H:
        covered = _hours_covered(evidence.heard, hours, width)
        kept = sums_by_place(evidence.vehicle, (covered >= hours) & (evidence.heard != 0), count)
        fits = (expected_h == 0) & ((2 * kept >= days_heard) | (width == EXPECTED_INTERVALS_H[-1]))
        expected_h[fits] = width
        covered_h = np.where(fits[evidence.vehicle], covered, covered_h)
        if expected_h.all():
            break
    return expected_h, covered_h


def _hours_covered(heard: Ints, hours: Ints, width: int) -> Ints:
    """The hours of each day that lie in stretches of `width` hours in which the tracker was
    `heard`; the last stretch of a day may be shorter."""
    any_of = heard
    for later in range(1, width):
        any_of = any_of | heard >> later
    first_of = sum(1 << begin for begin in range(0, 25, width))
    whole = hours // width * width
    last = (any_of >> whole & 1) * (hours - whole)
    return np.bitwise_count(any_of & first_of & ((1 << whole) - 1)) * np.int64(width) + last
