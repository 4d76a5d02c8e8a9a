"""Tries the days since the latest round, each night the day before, and days again whose data or
decisions changed.

A day is tried when the fingerprint of what its trial rests on is another one than that which is
stored. So nights on which the server was off are made up for in turn, late data change the day, and
a day of which nothing changed costs next to nothing.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import structlog

from db.connect import Pool
from db.statements import statements
from fleet.known import UseEvidence, known_days
from fleet.localtime import LOCAL_ZONE, day_start
from fleet.period import Period
from fleet.period_grid import PeriodCalendar
from optimiser.depot.vehicle_pool import DrivenTrip
from optimiser.rounds.prepare import as_kept
from optimiser.settings import OptimiserSettings
from optimiser.trial.day import DAYS_BEFORE, TrialCase, TriedDay, tried_days
from optimiser.trial.fleet import RegisteredVehicle, StandingFleet, fleet_on
from optimiser.trial.planned import TriedVersion, VersionDays, read_version, versions_in_force
from optimiser.workers import Workers

SQL = statements("trial")
ROUND_SQL = statements("round")
USE_SQL = statements("use")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: The local hour from which on the day before is tried: most vehicles are back by then.
FROM_HOUR = 3

#: The days before the first tried one from which it is learned how often each tracker is heard.
RHYTHM_DAYS = 28

#: How many days are handed to a process at a time, and stored together.
BATCH = 20

#: It grows when the trial itself changes, so that every day is tried again.
_METHOD = 1

_TRIP_PREFIX = "round trip "


@dataclass(frozen=True, slots=True)
class TrialRun:
    """How many days of depots a run tried, and how many are left for the next one."""

    tried: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """A day of a depot that is to be tried."""

    depot_id: str
    day: date
    fleet: StandingFleet
    unknown: tuple[str, ...]
    digest: str
    version: TriedVersion


async def try_days(
    pool: Pool,
    settings: OptimiserSettings,
    workers: Workers,
    now: datetime,
    *,
    keep_days: int = 0,
) -> TrialRun:
    """Try the days that are due at a moment, the earliest first, at most `trial_at_once` of them.
    `keep_days` are the days for which trips are kept; 0: for ever."""
    local = now.astimezone(LOCAL_ZONE)
    last = local.date() - timedelta(days=1 if local.hour >= FROM_HOUR else 2)
    back = settings.trial_days
    if keep_days:
        # A day whose trips are deleted in part would be tried without them.
        back = min(back, keep_days - DAYS_BEFORE - 2)
    earliest = last - timedelta(days=max(0, back - 1))
    due: list[_Due] = []
    for version in await versions_in_force(pool):
        first, until = max(version.first, earliest), min(version.last or last, last)
        if first <= until:
            due += await _due(pool, settings, version, first, until)
    due.sort(key=lambda one: (one.day, one.depot_id))
    at_once = due[: settings.trial_at_once]
    tried = 0
    for begin in range(0, len(at_once), BATCH):
        tried += await _try(pool, workers, at_once[begin : begin + BATCH])
    return TrialRun(tried, len(due) - len(at_once))


async def _due(
    pool: Pool, settings: OptimiserSettings, version: VersionDays, first: date, last: date
) -> list[_Due]:
    """The days of a version from `first` to `last` that are to be tried."""
    read = await read_version(pool, version)
    if read is None:
        return []
    depots = sorted(read.plan.depots)
    since = first - timedelta(days=DAYS_BEFORE)
    digests = {
        (row["depot_id"], row["day"]): row["digest"]
        for row in await pool.fetch(SQL["days"], _midnight(since), _midnight(last, 1), depots)
    }
    stored = {
        (row["depot_id"], row["day"]): row["digest"]
        for row in await pool.fetch(SQL["tried"], first)
    }
    coverage_min = as_kept(settings, version.rules).coverage_min
    known = await _known(pool, first, last, coverage_min)
    at_depot: defaultdict[str, list[RegisteredVehicle]] = defaultdict(list)
    for vehicle in read.register:
        at_depot[vehicle.depot_id].append(vehicle)
    found: list[_Due] = []
    for begin, end in read.cuts(first, last):
        fleet = fleet_on(read.plan, read.register, read.rejected_on(begin), begin)
        for depot_id in depots:
            counted = [
                one
                for one in at_depot[depot_id]
                if one.is_there(begin) and one.vehicle_id not in read.plan.standing
            ]
            rests_on = _text(read, depot_id, fleet, at_depot[depot_id])
            for day in _days(begin, end):
                unknown = tuple(
                    one.vehicle_id for one in counted if (one.vehicle_id, day) not in known
                )
                before = (day - timedelta(days=number) for number in range(DAYS_BEFORE + 1))
                own = [digests.get((depot_id, one), "") for one in before]
                text = "\n".join([rests_on, *unknown, "", *own])
                digest = hashlib.sha256(text.encode()).hexdigest()
                if stored.get((depot_id, day)) != digest:
                    found.append(
                        _Due(
                            depot_id=depot_id,
                            day=day,
                            fleet=fleet,
                            unknown=unknown,
                            digest=digest,
                            version=read,
                        )
                    )
    return found


def _text(
    read: TriedVersion,
    depot_id: str,
    fleet: StandingFleet,
    vehicles: Sequence[RegisteredVehicle],
) -> str:
    """What the trials of a depot rest on beside its days, as a text that is the same for the
    same."""
    counts = sorted(fleet.of_depot(depot_id).items())
    facts = [
        (one.vehicle_id, one.kind, one.department, None if one.needs is None else sorted(one.needs))
        for one in vehicles
        if one.vehicle_id not in read.plan.standing
    ]
    return repr((_METHOD, read.round_id, depot_id in fleet.apart, counts, facts))


async def _known(
    pool: Pool, first: date, last: date, coverage_min: float
) -> frozenset[tuple[str, date]]:
    """The vehicles with the days from `first` to `last` on which it is known whether each drove."""
    since = first - timedelta(days=RHYTHM_DAYS)
    rows = await pool.fetch(USE_SQL["evidence"], since, last, None)
    ids = sorted({row["vehicle_id"] for row in rows})
    place = {name: i for i, name in enumerate(ids)}
    evidence = UseEvidence(
        np.array([place[row["vehicle_id"]] for row in rows], dtype=np.int64),
        np.array([row["day"] for row in rows], dtype=np.int64),
        np.array([row["heard"] for row in rows], dtype=np.int64),
        np.array([row["used"] for row in rows], dtype=np.bool_),
    )
    calendar = PeriodCalendar(Period(since, last), _midnight(last, 1).timestamp())
    found = known_days(calendar, evidence, len(ids), coverage_min)
    return frozenset(
        (ids[vehicle], since + timedelta(days=int(day))) for vehicle, day in np.argwhere(found)
    )


async def _try(pool: Pool, workers: Workers, due: Sequence[_Due]) -> int:
    """Try some days and store what they came to; returns how many."""
    read_at = await pool.fetchval(ROUND_SQL["now"])
    cases = [await _case(pool, one) for one in due]
    tried = await workers.run(tried_days, cases)
    stored = 0
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(ROUND_SQL["hold_private"])
        for one, found in zip(due, tried, strict=False):
            if found is None:
                LOG.warning("a day cannot be tried", depot=one.depot_id, day=str(one.day))
                continue
            await connection.execute(SQL["store_day"], *_day_row(one, found))
            await connection.execute(SQL["forget_misses"], one.depot_id, one.day)
            await connection.execute(
                SQL["store_misses"], one.depot_id, one.day, *_miss_columns(found)
            )
            stored += 1
        # Sweeps since `read_at` did not see these trials, so this deletes the private days now.
        await connection.execute(ROUND_SQL["forget_private"], read_at)
    return stored


async def _case(pool: Pool, due: _Due) -> TrialCase:
    read = due.version
    rows = await pool.fetch(
        ROUND_SQL["round_trips"],
        _midnight(due.day, -DAYS_BEFORE),
        _midnight(due.day, 1),
        [due.depot_id],
    )
    vehicles: Mapping[str, RegisteredVehicle] = {
        one.vehicle_id: one for one in read.register if one.vehicle_id not in read.plan.standing
    }
    trips = [
        DrivenTrip(
            trip_id=row["trip_id"],
            vehicle_id=row["vehicle_id"],
            start=row["start_ts"],
            end=row["end_ts"],
            km=row["km"],
        )
        for row in rows
        if row["vehicle_id"] in vehicles
    ]
    drove = sorted({trip.vehicle_id for trip in trips})
    return TrialCase(
        depot_id=due.depot_id,
        day=due.day,
        apart=due.depot_id in due.fleet.apart,
        counts=due.fleet.of_depot(due.depot_id),
        vehicles=[vehicles[one] for one in drove],
        trips=trips,
        kinds=read.kinds,
        rules=read.rules,
    )


def _day_row(due: _Due, found: TriedDay) -> tuple[object, ...]:
    misses = found.misses
    return (
        due.depot_id,
        due.day,
        due.version.round_id,
        found.vehicles,
        found.trips,
        found.km,
        len(misses),
        sum(one.km for one in misses),
        sum(one.kr for one in misses),
        sum(one.co2_kg for one in misses),
        list(due.unknown),
        due.digest,
    )


def _miss_columns(found: TriedDay) -> tuple[list[object], ...]:
    misses = found.misses
    return (
        [int(one.trip_id.removeprefix(_TRIP_PREFIX)) for one in misses],
        [one.reason.value for one in misses],
        [one.km for one in misses],
        [one.kr for one in misses],
        [one.co2_kg for one in misses],
        [one.own_only for one in misses],
    )


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _midnight(day: date, later: int = 0) -> datetime:
    """The moment at which a local day begins, or one some days later."""
    return day_start(day + timedelta(days=later)).astimezone(UTC)
