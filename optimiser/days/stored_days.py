"""Reads the typical and the busiest day of a depot, as driven and as a proposal's round plans them.

Times of single trips are tracks: who reads them brings an access to each vehicle, and what is shown
is recorded. Only trips that are stored are read, so that private days and deleted ones are not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pydantic import TypeAdapter

from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.localtime import day_start
from fleet.period import Period
from optimiser.days.depot_day import (
    ChosenDays,
    DepotDay,
    DepotFleet,
    DrivenRoundTrip,
    chosen_days,
    day_counts,
    depot_day,
)
from optimiser.depot.decision_key import Action
from optimiser.depot.decisions import StayReason
from optimiser.parts.planned_vehicles import PlannedVehicle
from optimiser.rounds.data import round_period
from register.track_reasons import TrackAccess, record_tracks

SQL = statements("depot_day")

_VEHICLES = TypeAdapter(tuple[PlannedVehicle, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDepot:
    """A depot in the plan of a round; `days` are those to draw, and `drivers` the vehicles `here`,
    which the round counts at the depot, that drove on them. `vehicles` are those of the plan, none
    in rounds of earlier software."""

    round_id: int
    part: int
    depot_id: str
    proposed: str | None
    period: Period
    vehicles: Sequence[PlannedVehicle]
    days: ChosenDays | None
    here: frozenset[str]
    drivers: Sequence[str] = ()


async def planned_depot(pool: Pool, proposal_id: int) -> PlannedDepot | None:
    """The depot of a proposal with the days to draw, without any time; None where its plan is of
    vehicles that the visitor does not see, too."""
    row = await pool.fetchrow(SQL["plan_of_proposal"], proposal_id)
    if row is None:
        return None
    period = await round_period(pool, row)
    known = await pool.fetch(SQL["vehicles_at_depot"], row["round_id"], row["depot_id"])
    here = frozenset(one["vehicle_id"] for one in known)
    spans = await pool.fetchrow(
        SQL["spans"], row["depot_id"], period.start, period.end, sorted(here)
    )
    assert spans is not None, "an aggregate has a row"
    counts = day_counts(period, spans["starts"], spans["ends"])
    days = chosen_days(counts, frozenset(period.working_days))
    found = PlannedDepot(
        round_id=row["round_id"],
        part=row["part"],
        depot_id=row["depot_id"],
        proposed=row["vehicle_id"],
        period=period,
        vehicles=_VEHICLES.validate_python(row["vehicles"] or ()),
        days=days,
        here=here,
    )
    drove = {trip.vehicle_id for day in _days(days) for trip in await _trips_on(pool, found, day)}
    return replace(found, drivers=sorted(drove & here))


async def drawn_days(
    pool: Pool, actor: Actor, depot: PlannedDepot, access: Sequence[TrackAccess]
) -> list[DepotDay]:
    """The typical and the busiest day of a depot, or the one that is both. It is recorded that the
    actor is shown them; `access` is to each of the drivers."""
    actor.require(Permission.TRACKS_READ)
    assert {one.vehicle_id for one in access} >= set(depot.drivers), "an access to each driver"
    assert depot.days is not None, "there are days to draw"
    days = _days(depot.days)
    trips = {day: await _trips_on(pool, depot, day) for day in days}
    for day, driven in trips.items():
        drove = {trip.vehicle_id for trip in driven}
        await record_tracks(pool, actor, [one for one in access if one.vehicle_id in drove], day)
    ids = sorted({trip.trip_id for driven in trips.values() for trip in driven})
    rows = await pool.fetch(SQL["served"], depot.round_id, depot.part, ids)
    served = {row["trip_id"]: row["slot"] for row in rows}
    fleet = await _fleet(pool, depot)
    counts = {one.day: one for one in (depot.days.typical, depot.days.busiest)}
    return [depot_day(counts[day], trips[day], served, fleet) for day in days]


def _days(days: ChosenDays | None) -> list[date]:
    return [] if days is None else list(dict.fromkeys([days.typical.day, days.busiest.day]))


async def _trips_on(pool: Pool, depot: PlannedDepot, day: date) -> list[DrivenRoundTrip]:
    """The trips of the round's period that were under way on a local day."""
    begin, end = day_start(day), day_start(day + timedelta(days=1))
    rows = await pool.fetch(
        SQL["trips_between"], depot.depot_id, depot.period.start, depot.period.end, begin, end
    )
    return [
        DrivenRoundTrip(
            trip_id=row["trip_id"],
            vehicle_id=row["vehicle_id"],
            start=row["start_ts"],
            end=row["end_ts"],
        )
        for row in rows
    ]


async def _fleet(pool: Pool, depot: PlannedDepot) -> DepotFleet:
    """The vehicles of a depot, as its round proposes for them, and those that come to it."""
    rows = await pool.fetch(SQL["vehicles_at_depot"], depot.round_id, depot.depot_id)
    ids = {row["vehicle_id"] for row in rows}
    ids |= {one.vehicle_id for one in depot.vehicles if one.vehicle_id is not None}
    named = await pool.fetch(SQL["names_of"], sorted(ids))
    return DepotFleet(
        names={row["vehicle_id"]: row["name"] for row in named},
        here=depot.here,
        leaving=frozenset(r["vehicle_id"] for r in rows if r["action"] != Action.KEEP.value),
        standing=frozenset(
            row["vehicle_id"] for row in rows if row["why"] == StayReason.UNKNOWN.value
        ),
        proposed=depot.proposed if depot.proposed in depot.here else None,
        planned={one.slot: one for one in depot.vehicles},
    )
