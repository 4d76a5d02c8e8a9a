"""Reads vehicles and round trips from the database as the pools of the optimiser."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import asyncpg
import numpy as np

from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.known import KnownUse, UseEvidence, known_use_by_vehicle
from fleet.period import Period
from fleet.period_grid import PeriodCalendar
from optimiser.depot.fate import Fate, vehicle_fate
from optimiser.depot.vehicle_pool import DrivenTrip, PoolVehicle, VehiclePool
from optimiser.settings import OptimiserSettings
from register.municipality.closing_days import closed_between
from register.vehicles import DrivenVehicle, NoVehicleError, Ruling, driven_vehicles
from register.zones_stored import depots

SQL = statements("round")
USE_SQL = statements("use")

#: Seconds between two looks at what trips are still to be found.
_LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class DepotIds:
    """Depots with road vehicles: `active` are ids of those with round trips.

    `without_trips` are the names of the others.
    """

    active: tuple[str, ...]
    without_trips: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleProspect:
    """One vehicle as a round of proposals sees it, with its round trips.

    `known` tells how far its use is known; None if no data tells of it. `keep_until` is the end of
    the horizon.
    """

    vehicle: DrivenVehicle
    known: KnownUse | None
    pool_vehicle: PoolVehicle
    trips: Sequence[DrivenTrip]
    keep_until: date


async def vehicles_behind(pool: Pool, round_id: int, most_s: float) -> int:
    """The number of vehicles whose trips are still to be found after at most `most_s` seconds; 0 as
    soon as no vehicle is behind, or the round is over.

    With the trips of some positions a round would call vehicles unknown that drove. Nobody waits
    for positions that come meanwhile, nor for trackers that are set aside.
    """
    ends = time.monotonic() + most_s
    until = await pool.fetchval(SQL["count_positions"])
    while True:
        behind: int | None = await pool.fetchval(SQL["vehicles_behind"], round_id, until)
        if not behind:
            return 0
        if time.monotonic() >= ends:
            return behind
        await asyncio.sleep(_LOOK_S)


async def round_period(pool: Pool | PooledConnection, row: asyncpg.Record) -> Period:
    """The data period of a round, with the municipality's closing days."""
    first, last = row["period_first"], row["period_last"]
    return Period(first, last, await closed_between(pool, first, last))


async def depot_ids(pool: Pool | PooledConnection, period: Period) -> DepotIds:
    """The depots that have road vehicles."""
    rows = await pool.fetch(SQL["depots_with_vehicles"], period.start, period.end)
    return DepotIds(
        tuple(row["depot_id"] for row in rows if row["active"]),
        tuple(row["name"] for row in rows if not row["active"]),
    )


async def counted_depots(
    pool: Pool, period: Period, settings: OptimiserSettings, active: Sequence[str]
) -> list[str]:
    """The depots of `active` with a vehicle that made trips and of which enough is known."""
    known = await read_known(pool, period, settings)
    found = {
        vehicle.depot_id
        for vehicle in await driven_vehicles(pool, period)
        if vehicle.trips
        and pool_vehicle(vehicle, known.get(vehicle.vehicle_id), period, settings).fate
        not in (Fate.UNKNOWN, Fate.MACHINE)
    }
    return [depot_id for depot_id in active if depot_id in found]


async def read_depots(
    pool: Pool, period: Period, settings: OptimiserSettings, wanted: Collection[str]
) -> tuple[VehiclePool, ...]:
    """The `wanted` depots with their vehicles and the round trips of the period."""
    known = await read_known(pool, period, settings)
    candidates: defaultdict[str, list[PoolVehicle]] = defaultdict(list)
    for vehicle in await driven_vehicles(pool, period):
        if vehicle.depot_id in wanted:
            candidates[vehicle.depot_id].append(
                pool_vehicle(vehicle, known.get(vehicle.vehicle_id), period, settings)
            )
    trips: defaultdict[str, list[DrivenTrip]] = defaultdict(list)
    for depot_id, trip in await read_trips(pool, period, wanted):
        trips[depot_id].append(trip)
    points = {depot.depot_id: depot.charge_points for depot in await depots(pool)}
    return tuple(
        VehiclePool(depot_id, candidates[depot_id], trips[depot_id], points.get(depot_id))
        for depot_id in sorted(wanted)
    )


async def read_trips(
    pool: Pool, period: Period, wanted: Collection[str]
) -> list[tuple[str, DrivenTrip]]:
    """The round trips of the `wanted` depots in a period with the depot of each, by their start."""
    rows = await pool.fetch(SQL["round_trips"], period.start, period.end, sorted(wanted))
    return [(row["depot_id"], _trip(row)) for row in rows]


async def read_known(
    pool: Pool, period: Period, settings: OptimiserSettings, vehicle_id: str | None = None
) -> dict[str, KnownUse]:
    """How far the use of vehicles is known in a period, by their ids.

    A vehicle that is absent from the result has no data. With `vehicle_id` only that vehicle is
    read.
    """
    rows = await pool.fetch(USE_SQL["evidence"], period.first, period.last, vehicle_id)
    ids = sorted({row["vehicle_id"] for row in rows})
    place = {name: i for i, name in enumerate(ids)}
    evidence = UseEvidence(
        np.array([place[row["vehicle_id"]] for row in rows], dtype=np.int64),
        np.array([row["day"] for row in rows], dtype=np.int64),
        np.array([row["heard"] for row in rows], dtype=np.int64),
        np.array([row["used"] for row in rows], dtype=np.bool_),
    )
    calendar = PeriodCalendar(period, datetime.now(UTC).timestamp())
    known = known_use_by_vehicle(calendar, evidence, len(ids), settings.coverage_min)
    return dict(zip(ids, known, strict=True))


async def read_prospect(
    pool: Pool, period: Period, settings: OptimiserSettings, vehicle_id: str
) -> VehicleProspect:
    """One vehicle as a round of the period sees it.

    Raises:
        NoVehicleError: there is no such vehicle.
    """
    vehicles = await driven_vehicles(pool, period, vehicle_id)
    if not vehicles:
        raise NoVehicleError(vehicle_id)
    known = (await read_known(pool, period, settings, vehicle_id)).get(vehicle_id)
    rows = await pool.fetch(SQL["trips_of_vehicle"], vehicle_id, period.start, period.end)
    return VehicleProspect(
        vehicle=vehicles[0],
        known=known,
        pool_vehicle=pool_vehicle(vehicles[0], known, period, settings),
        trips=[_trip(row) for row in rows],
        keep_until=keep_until(period, settings),
    )


def keep_until(period: Period, settings: OptimiserSettings) -> date:
    """The end of the horizon: a contract that runs beyond it keeps its vehicle."""
    return period.last + timedelta(days=settings.contract_horizon_days)


def pool_vehicle(
    vehicle: DrivenVehicle, known: KnownUse | None, period: Period, settings: OptimiserSettings
) -> PoolVehicle:
    """A vehicle and its use for the optimiser; `known` is None if no data tells of the vehicle."""
    return PoolVehicle(
        vehicle_id=vehicle.vehicle_id,
        name=vehicle.name,
        kind=vehicle.kind,
        fate=vehicle_fate(
            contract_end=vehicle.contract_end,
            keep_until=keep_until(period, settings),
            known=known is not None and known.known,
            measured_in=vehicle.measured_in,
            ruling=vehicle.ruling,
        ),
        days_used=0 if known is None else known.days_used,
        trips=vehicle.trips,
        # Rounded to the metre, as the last bits of a sum depend on the database's order of adding.
        km=round(vehicle.km, 3),
        department=vehicle.department,
        contract_end=vehicle.contract_end,
        needs=vehicle.needs,
        registered_on=vehicle.registered_on,
        mileage_km=vehicle.mileage_km,
        cost_kr_year=vehicle.cost_kr_year,
        sale_value_kr=vehicle.sale_value_kr,
        exit_cost_kr=vehicle.exit_cost_kr,
        ruled_to_go=vehicle.ruling is Ruling.GO,
        is_use_known=known is not None and known.known,
    )


def _trip(row: asyncpg.Record) -> DrivenTrip:
    return DrivenTrip(
        trip_id=row["trip_id"],
        vehicle_id=row["vehicle_id"],
        start=row["start_ts"],
        end=row["end_ts"],
        km=row["km"],
    )
