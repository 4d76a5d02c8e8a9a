"""Lets a person see tracks of a vehicle: once a day they say why, and what they see is recorded.

A track tells where people at work were. So who reads one has a reason, which the audit log keeps
with every day that was shown (docs/data-protection.md). A reader of tracks takes a `TrackAccess`,
and so cannot forget to ask for it. Programs and people at the machine itself are asked for no
reason: their names tell what they are for, and what they read is recorded likewise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from fleet.localtime import day_start, local_now

SQL = statements("audit")

#: The bounds of a reason, in characters.
REASON_MIN = 3
REASON_MAX = 200


class TrackReasonError(ExpectedError, ValueError):
    """A reason is empty, too short or too long."""

    def __init__(self) -> None:
        super().__init__(f"a reason has {REASON_MIN} to {REASON_MAX} characters")


class NoTracksError(ExpectedError, LookupError):
    """There is no such vehicle, or it is of a department that the actor does not see; None stands
    for all vehicles."""

    def __init__(self, vehicle_id: str | None) -> None:
        super().__init__(
            "name a vehicle: of all vehicles only those see tracks who see all departments"
            if vehicle_id is None
            else f"there is no vehicle {vehicle_id}"
        )


@dataclass(frozen=True, slots=True)
class TrackAccess:
    """That an actor may see the tracks of a vehicle today, or (None) of all vehicles, and why."""

    vehicle_id: str | None
    reason: str


@unscoped
async def ask_track(pool: Pool, actor: Actor, vehicle_id: str | None, reason: str) -> TrackAccess:
    """Say why the actor looks at the tracks of a vehicle today, or (None) of all vehicles.

    Raises:
        TrackReasonError: the reason is no reason.
        NoTracksError: the actor sees no such vehicle.
    """
    actor.require(Permission.TRACKS_READ)
    given = _reason(reason)
    async with pool.acquire() as connection, connection.transaction():
        await _refuse_unseen(connection, actor, [vehicle_id])
        detail = {"reason": given}
        await record(connection, actor, Act.TRACK_ASKED, Subject.VEHICLE, vehicle_id or "", detail)
    return TrackAccess(vehicle_id, given)


@unscoped
async def track_access(pool: Pool, actor: Actor, vehicle_id: str | None) -> TrackAccess | None:
    """The access to a vehicle's tracks, or (None) to those of all vehicles, for which the actor
    gave a reason today; None where they have yet to give one.

    Raises:
        NotAllowedError: the actor sees figures only.
        NoTracksError: the actor sees no such vehicle.
    """
    actor.require(Permission.TRACKS_READ)
    async with pool.acquire() as connection:
        await _refuse_unseen(connection, actor, [vehicle_id])
        if actor.account_id is None:
            return TrackAccess(vehicle_id, "")
        reason = await connection.fetchval(
            SQL["reason_since"], vehicle_id or "", actor.account_id, _midnight()
        )
    return None if reason is None else TrackAccess(vehicle_id, reason)


@unscoped
async def ask_tracks(pool: Pool, actor: Actor, vehicle_ids: Sequence[str], reason: str) -> None:
    """Say why the actor looks at the tracks of some vehicles today, of each of them.

    Raises:
        TrackReasonError: the reason is no reason.
        NoTracksError: the actor does not see one of the vehicles.
    """
    actor.require(Permission.TRACKS_READ)
    given = _reason(reason)
    async with pool.acquire() as connection, connection.transaction():
        await _refuse_unseen(connection, actor, vehicle_ids)
        for vehicle_id in vehicle_ids:
            await record(
                connection, actor, Act.TRACK_ASKED, Subject.VEHICLE, vehicle_id, {"reason": given}
            )


@unscoped
async def tracks_access(
    pool: Pool, actor: Actor, vehicle_ids: Sequence[str]
) -> list[TrackAccess] | None:
    """The access to the tracks of each of some vehicles, for all of which the actor gave a reason
    today; None where they have yet to give one for some of them.

    Raises:
        NotAllowedError: the actor sees figures only.
        NoTracksError: the actor does not see one of the vehicles.
    """
    actor.require(Permission.TRACKS_READ)
    async with pool.acquire() as connection:
        await _refuse_unseen(connection, actor, vehicle_ids)
        if actor.account_id is None:
            return [TrackAccess(vehicle_id, "") for vehicle_id in vehicle_ids]
        rows = await connection.fetch(
            SQL["reasons_since"], list(vehicle_ids), actor.account_id, _midnight()
        )
    given = {row["vehicle_id"]: row["reason"] for row in rows}
    if set(vehicle_ids) - set(given):
        return None
    return [TrackAccess(vehicle_id, given[vehicle_id]) for vehicle_id in vehicle_ids]


@unscoped
async def record_track(
    pool: Pool, actor: Actor, access: TrackAccess, first: date, last: date | None = None
) -> None:
    """Record that the actor is shown the tracks of a day, or from a day to another; once a day for
    the same ones."""
    actor.require(Permission.TRACKS_READ)
    await record_tracks(pool, actor, [access], first, last)


@unscoped
async def record_tracks(
    pool: Pool,
    actor: Actor,
    access: Sequence[TrackAccess],
    first: date,
    last: date | None = None,
) -> None:
    """The same for the tracks of several vehicles."""
    actor.require(Permission.TRACKS_READ)
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(
            SQL["shown_since"],
            [one.vehicle_id or "" for one in access],
            str(actor),
            actor.account_id,
            _midnight(),
        )
        known = [(row["vehicle_id"], row["detail"]) for row in rows]
        for one in access:
            shown: Mapping[str, object] = {
                "reason": one.reason,
                "from": first.isoformat(),
                "to": (last or first).isoformat(),
            }
            vehicle = one.vehicle_id or ""
            if (vehicle, shown) not in known:
                await record(connection, actor, Act.TRACK_READ, Subject.VEHICLE, vehicle, shown)


def _reason(reason: str) -> str:
    """The reason as it is kept.

    Raises:
        TrackReasonError: it is none.
    """
    given = " ".join(reason.split())
    if not REASON_MIN <= len(given) <= REASON_MAX:
        raise TrackReasonError
    return given


async def _refuse_unseen(
    connection: PooledConnection, actor: Actor, vehicle_ids: Sequence[str | None]
) -> None:
    rows = await connection.fetch(
        SQL["departments_of"], [one for one in vehicle_ids if one is not None]
    )
    departments = {row["vehicle_id"]: row["department"] for row in rows}
    for vehicle_id in vehicle_ids:
        if vehicle_id is None:
            if actor.departments is not None:
                raise NoTracksError(None)
        elif vehicle_id not in departments or (
            actor.departments is not None and departments[vehicle_id] not in actor.departments
        ):
            raise NoTracksError(vehicle_id)


def _midnight() -> datetime:
    return day_start(local_now().date())
