"""Sets and ends private periods of vehicles, and reads them with their actors."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import structlog

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import CONTENTION_ERRORS, Pool
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from register.private_sweep import SweepCounts, sweep_period
from register.private_time import PrivatePeriod, is_private, read_period
from register.vehicles import refuse_other_departments

SQL = statements("private")
DEVICE_SQL = statements("device")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: A schedule may begin this long before it is set, for clocks differ and people type slowly.
_PAST_MAX = timedelta(minutes=5)


class PrivacyError(ExpectedError, ValueError):
    """A private period cannot be set or ended as requested. The message says why."""


@dataclass(frozen=True, slots=True)
class RecordedPeriod:
    """A private period with its history: who set it and why, and who ended it early."""

    private_id: int
    period: PrivatePeriod
    note: str
    set_by: str
    set_at: datetime
    #: The number of deleted positions, which is also one of the counts in `removed`.
    deleted: int
    removed: SweepCounts
    ended_by: str | None
    ended_at: datetime | None


@unscoped
async def set_private(
    pool: Pool, actor: Actor, vehicle_id: str, period: PrivatePeriod, *, note: str = ""
) -> int:
    """Set a private period of a vehicle; the listeners know it within `AGE_MAX_S`.

    From this moment on nothing of its time is stored. The function deletes the data that is stored
    already, and the trip service detects trips again without it; the worker sweeps later if the
    function cannot. Returns the number of positions that were deleted at once; the period has the
    counts of all other data.

    Raises:
        PrivacyError: there is no such vehicle, the period ends before it begins, or a schedule of
            duty hours begins in the past.
    """
    actor.require(Permission.PRIVATE_CHANGE)
    if period.ends is not None and period.ends <= period.begins:
        raise PrivacyError("a private period ends after it begins")
    duty = period.duty
    if duty is not None:
        if not duty.weekdays or not duty.weekdays <= set(range(7)):
            raise PrivacyError("duty hours need at least one weekday")
        if period.begins < datetime.now(UTC) - _PAST_MAX:
            raise PrivacyError("duty hours begin now or later; a period without them may be past")
    async with pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval(DEVICE_SQL["vehicle_exists"], vehicle_id):
            raise PrivacyError(f"there is no vehicle {vehicle_id}")
        await refuse_other_departments(connection, actor, vehicle_id)
        private_id = await connection.fetchval(
            SQL["set_period"],
            vehicle_id,
            period.begins,
            period.ends,
            None if duty is None else sorted(duty.weekdays),
            None if duty is None else duty.begins,
            None if duty is None else duty.ends,
            duty is not None and duty.on_holidays,
            note,
            str(actor),
        )
        detail = {
            "begins": period.begins,
            "ends": period.ends,
            "duty": None if duty is None else str(duty),
            "duty_on_holidays": None if duty is None else duty.on_holidays,
            "note": note,
        }
        await record(connection, actor, Act.MADE_PRIVATE, Subject.VEHICLE, vehicle_id, detail)
    # In a second transaction: the period is in force from now on, even if the sweep fails.
    try:
        return (await sweep_period(pool, private_id)).positions
    except CONTENTION_ERRORS as error:
        LOG.warning("a private period is swept later", private_id=private_id, error=str(error))
        return 0


async def trips_at_stake(
    pool: Pool, vehicle_id: str, begins: datetime, ends: datetime | None
) -> int:
    """The number of stored trips that a private period of a vehicle would delete for good."""
    return await pool.fetchval(SQL["trips_at_stake"], vehicle_id, begins, ends)


@unscoped
async def end_private(pool: Pool, actor: Actor, private_id: int) -> None:
    """End a period now; its time until now stays unknown.

    Raises:
        PrivacyError: there is no such period, or it is over.
    """
    actor.require(Permission.PRIVATE_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        ended = await connection.fetchrow(SQL["end_period"], private_id, str(actor))
        if ended is None:
            raise PrivacyError(f"there is no private period {private_id} that has not ended")
        vehicle_id = ended["vehicle_id"]
        await refuse_other_departments(connection, actor, vehicle_id)
        detail = {"begins": ended["begins"], "ends": ended["ends"]}
        await record(
            connection,
            actor,
            Act.ENDED_PRIVATE,
            Subject.VEHICLE,
            vehicle_id,
            detail,
            before={"begins": None, "ends": ended["planned"]},
        )


async def is_private_now(pool: Pool, vehicle_id: str) -> bool:
    """Whether a vehicle is private at this moment."""
    periods = [one.period for one in await private_periods(pool, vehicle_id)]
    return is_private(datetime.now(UTC), periods)


async def positions_dropped_since(pool: Pool, vehicle_id: str, day: date) -> int:
    """The number of positions of a vehicle that were dropped as private since a local day."""
    return await pool.fetchval(SQL["dropped_positions"], vehicle_id, day)


async def private_periods(pool: Pool, vehicle_id: str) -> list[RecordedPeriod]:
    """All private periods of a vehicle, past ones included, the latest first."""
    return [
        RecordedPeriod(
            row["private_id"],
            read_period(row),
            row["note"],
            row["set_by"],
            row["set_at"],
            row["deleted"],
            SweepCounts(**row["removed"]),
            row["ended_by"],
            row["ended_at"],
        )
        for row in await pool.fetch(SQL["periods_of_vehicle"], vehicle_id)
    ]
