"""The days on which a plan is tight."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fleet.localtime import local_day
from optimiser.depot.vehicle_pool import DrivenTrip
from optimiser.model.peak import peak_out
from optimiser.model.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class TightDay:
    """A tight day: all vehicles of the plan are out at once, or the fallback serves some trip.
    Where the departments of a depot do not share, it is tight for the vehicles of a `department`.
    """

    day: date
    out: int
    vehicles: int
    to_fallback: int
    department: str = ""


def tight_days(
    trips: Sequence[DrivenTrip], plan: Plan, vehicles: int, department: str = ""
) -> tuple[TightDay, ...]:
    """The days on which all `vehicles`, which share the `trips`, are out at once, or the fallback
    serves a trip."""
    served_by = plan.best.assignments
    by_day: defaultdict[date, list[DrivenTrip]] = defaultdict(list)
    for trip in trips:
        for day in days_of(trip):
            by_day[day].append(trip)
    tight: list[TightDay] = []
    for day, driven in sorted(by_day.items()):
        by_fleet = [trip for trip in driven if served_by[trip.trip_id] is not None]
        out, _ = peak_out(_spans(by_fleet))
        to_fallback = len(driven) - len(by_fleet)
        if out >= vehicles or to_fallback:
            tight.append(
                TightDay(
                    day=day,
                    out=out,
                    vehicles=vehicles,
                    to_fallback=to_fallback,
                    department=department,
                )
            )
    return tuple(tight)


def _spans(trips: Sequence[DrivenTrip]) -> list[tuple[datetime, datetime]]:
    return [(trip.start, trip.end) for trip in trips]


def days_of(trip: DrivenTrip) -> list[date]:
    """The local days of a trip."""
    first, last = local_day(trip.start), local_day(trip.end)
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]
