"""A day of a depot before and after a plan: the trips of each vehicle, and what moved where.

A plan takes every round trip at the time at which it was driven. It says which vehicle does it, and
moves none in time. Vehicles alike are exchangeable in a plan, so a trip of one that stays may stand
at another one alike; only the trips of vehicles that leave are marked.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from operator import attrgetter

import numpy as np

from fleet.localtime import day_start
from fleet.names.order import name_order
from fleet.period import Period
from optimiser.parts.planned_vehicles import PlannedVehicle


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """How many round trips began on a day, and how many vehicles were out at once at most."""

    day: date
    trips: int
    out: int


@dataclass(frozen=True, slots=True)
class ChosenDays:
    """The days that stand for all others: a typical and the busiest one."""

    typical: DayCount
    busiest: DayCount


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivenRoundTrip:
    """A round trip that is stored, with its id in plans."""

    trip_id: str
    vehicle_id: str
    start: datetime
    end: datetime


class TripMark(StrEnum):
    """Whose a trip is: of the vehicle of the proposal, of another one that leaves, or of one that
    stays."""

    PROPOSED = "proposed"
    LEAVING = "leaving"
    STAYING = "staying"


class RowKind(StrEnum):
    """What a row is of: a vehicle of today, one to be bought, or what serves when none is free."""

    VEHICLE = "vehicle"
    BOUGHT = "bought"
    FALLBACK = "fallback"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTrip:
    """A trip in a row. `driven_by` is the name of the vehicle that drove it."""

    start: datetime
    end: datetime
    mark: TripMark
    driven_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """A row of the picture. `name` is empty for the fallback. `leaves`: the plan does not have the
    vehicle."""

    kind: RowKind
    name: str
    leaves: bool = False
    trips: Sequence[DrawnTrip] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotDay:
    """A day of a depot. `still` vehicles did no trip on it, neither as driven nor in the plan.
    `found_since` trips are stored and not in the plan, as they were found after it was made.
    `uncounted` vehicles drove from the depot on it and are not in the round's calculation."""

    count: DayCount
    before: Sequence[DayRow]
    after: Sequence[DayRow]
    still: int
    found_since: int
    uncounted: int

    @property
    def moved(self) -> Sequence[tuple[DrawnTrip, DayRow]]:
        """The trips of vehicles that leave, in order of time, each with the row that takes it."""
        found = [
            (trip, row)
            for row in self.after
            for trip in row.trips
            if trip.mark is not TripMark.STAYING
        ]
        return sorted(found, key=lambda pair: (pair[0].start, pair[0].driven_by))

    @property
    def to_fallback(self) -> int:
        """How many trips no vehicle of the plan does."""
        return sum(len(row.trips) for row in self.after if row.kind is RowKind.FALLBACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotFleet:
    """The vehicles that a picture knows: the names of those that the visitor sees, by id, which of
    them the round counts at the depot (`here`), which leave, and those with which no plan counts,
    since too little is known of them. `proposed` is the vehicle of the proposal; None: it is of
    none. `planned` are the vehicles of the plan by their slots."""

    names: Mapping[str, str]
    here: Collection[str]
    leaving: Collection[str]
    standing: Collection[str]
    proposed: str | None
    planned: Mapping[str, PlannedVehicle]


def day_counts(period: Period, starts: Sequence[float], ends: Sequence[float]) -> list[DayCount]:
    """The days of a period on which round trips began. `starts` and `ends` are those of the trips,
    in seconds since 1970. Who returns at the moment at which another leaves is not out with it."""
    days = [period.first + timedelta(days=number) for number in range(period.days)]
    midnights = np.array([day_start(day).timestamp() for day in days])
    moments = np.concatenate([np.array(starts), np.array(ends)])
    steps = np.repeat([1, -1], [len(starts), len(ends)])
    order = np.lexsort((steps, moments))
    out = np.cumsum(steps[order])
    at = np.searchsorted(midnights, moments[order], side="right") - 1
    most = np.zeros(len(days), dtype=np.int64)
    np.maximum.at(most, at, out)
    begun = np.searchsorted(midnights, np.array(starts), side="right") - 1
    trips = np.bincount(begun, minlength=len(days))
    return [
        DayCount(day=day, trips=int(trips[number]), out=int(most[number]))
        for number, day in enumerate(days)
        if trips[number]
    ]


def chosen_days(counts: Sequence[DayCount], working: Collection[date]) -> ChosenDays | None:
    """The typical and the busiest of the days with trips.

    Typical is the working day with the median number of trips, of several the latest one. Busiest
    is the day with most vehicles out at once, and of several the first: that of the busiest moment
    which a round tells. None: no trip began on a working day.
    """
    at_work = [one for one in counts if one.day in working]
    if not at_work:
        return None
    ordered = sorted(at_work, key=lambda one: (one.trips, one.day))
    median = ordered[(len(ordered) - 1) // 2].trips
    typical = max((one for one in at_work if one.trips == median), key=lambda one: one.day)
    busiest = min(counts, key=lambda one: (-one.out, one.day))
    return ChosenDays(typical, busiest)


@dataclass(slots=True)
class _Rows:
    """The rows of one picture while trips are put into them, by what they are of."""

    trips: defaultdict[tuple[RowKind, str], list[DrawnTrip]] = field(
        default_factory=lambda: defaultdict[tuple[RowKind, str], list[DrawnTrip]](list)
    )

    def drawn(self, fleet: DepotFleet, shown: Collection[str]) -> list[DayRow]:
        """The rows: the vehicle of the proposal, the others by name, the bought ones, and what
        serves when none is free."""
        keys = set(self.trips) | {(RowKind.VEHICLE, one) for one in shown}
        rows = [
            (
                (list(RowKind).index(kind), of != fleet.proposed, name_order(name)),
                DayRow(
                    kind=kind,
                    name=name,
                    leaves=kind is RowKind.VEHICLE and of in fleet.leaving,
                    trips=sorted(self.trips[kind, of], key=attrgetter("start", "end")),
                ),
            )
            for kind, of in keys
            for name in [fleet.names.get(of, "") if kind is RowKind.VEHICLE else of]
        ]
        return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def depot_day(
    count: DayCount,
    trips: Sequence[DrivenRoundTrip],
    served: Mapping[str, str | None],
    fleet: DepotFleet,
) -> DepotDay:
    """The day with its `trips`; `served` has for each trip of the plan the slot of the vehicle that
    does it, or None for the fallback. Trips of vehicles that the round does not count are not
    drawn, as its figures of the depot are without them."""
    before, after = _Rows(), _Rows()
    found_since = 0
    for trip in trips:
        if trip.vehicle_id not in fleet.here:
            continue
        drawn = DrawnTrip(
            start=trip.start,
            end=trip.end,
            mark=_mark(trip.vehicle_id, fleet),
            driven_by=fleet.names.get(trip.vehicle_id, ""),
        )
        own = (RowKind.VEHICLE, trip.vehicle_id)
        before.trips[own].append(drawn)
        if trip.trip_id in served:
            after.trips[_taker(served[trip.trip_id], fleet)].append(drawn)
        elif trip.vehicle_id in fleet.standing:
            after.trips[own].append(drawn)
        else:
            found_since += 1
    shown = {of for rows in (before, after) for kind, of in rows.trips if kind is RowKind.VEHICLE}
    if fleet.proposed is not None:
        shown.add(fleet.proposed)
    return DepotDay(
        count=count,
        before=before.drawn(fleet, shown.intersection(fleet.here)),
        after=after.drawn(fleet, shown),
        still=len(set(fleet.here) - shown),
        found_since=found_since,
        uncounted=len({trip.vehicle_id for trip in trips} - set(fleet.here)),
    )


def _mark(vehicle_id: str, fleet: DepotFleet) -> TripMark:
    if vehicle_id == fleet.proposed and vehicle_id in fleet.leaving:
        return TripMark.PROPOSED
    return TripMark.LEAVING if vehicle_id in fleet.leaving else TripMark.STAYING


def _taker(slot: str | None, fleet: DepotFleet) -> tuple[RowKind, str]:
    if slot is None:
        return RowKind.FALLBACK, ""
    vehicle = fleet.planned[slot]
    if vehicle.vehicle_id is None:
        return RowKind.BOUGHT, vehicle.name
    return RowKind.VEHICLE, vehicle.vehicle_id


def lanes(trips: Sequence[DrawnTrip]) -> list[list[DrawnTrip]]:
    """The trips of a row in lanes in which none overlaps another: one lane for a vehicle, and as
    many as go at once for taxis."""
    free: list[list[DrawnTrip]] = []
    for trip in sorted(trips, key=attrgetter("start", "end")):
        lane = next((one for one in free if one[-1].end <= trip.start), None)
        if lane is None:
            free.append([trip])
        else:
            lane.append(trip)
    return free
