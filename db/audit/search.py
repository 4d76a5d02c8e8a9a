"""Searches the audit log, and tells who looked at which vehicles' tracks.

The log grows for years. Each search reads along one of the indexes of the table, from the latest
entry back, and continues after the last entry that was shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.audit.entry import Act, AuditEntry, Subject
from db.audit.record import record
from db.pool import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.localtime import LOCAL_ZONE
from fleet.names.order import name_order

SQL = statements("audit")

#: The most persons that a search offers by name.
PERSONS_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """The entries that a search is for: those from `begins` until before `ends`, of one person, of
    one act and of one kind of thing or one thing, where these are given."""

    begins: datetime
    ends: datetime
    actor: str | None = None
    act: Act | None = None
    subject: Subject | None = None
    subject_id: str | None = None


@dataclass(frozen=True, slots=True)
class TrackReading:
    """One person's looks at one vehicle's tracks for one reason: the first and the last, on how
    many days they gave the reason, and how many days' tracks they were shown."""

    actor: str
    vehicle_id: str
    #: None: the vehicle is not registered any more.
    vehicle_name: str | None
    department: str | None
    reason: str
    days: int
    shown: int
    first_at: datetime
    last_at: datetime


async def audit_entries(
    pool: Pool, chosen: AuditFilter, most: int, before: tuple[datetime, int] | None = None
) -> list[AuditEntry]:
    """The chosen entries, the latest first; `before` is the moment and the id of the last entry of
    the page before."""
    async with pool.acquire() as connection, connection.transaction():
        return await _entries(connection, chosen, most, before)


async def export_entries(
    pool: Pool, actor: Actor, chosen: AuditFilter, most: int
) -> list[AuditEntry]:
    """The chosen entries for a file, the latest first. Who takes the log out leaves an entry."""
    actor.require(Permission.AUDIT_READ)
    async with pool.acquire() as connection, connection.transaction():
        found = await _entries(connection, chosen, most, None)
        detail = {
            "entries": len(found),
            "from": chosen.begins.astimezone(LOCAL_ZONE).date(),
            # The last day of which there are entries in it: its end is no moment of them.
            "to": (chosen.ends - timedelta(microseconds=1)).astimezone(LOCAL_ZONE).date(),
            "actor": chosen.actor,
            "act": chosen.act,
            "subject": chosen.subject,
            "subject_id": chosen.subject_id,
        }
        given = {name: value for name, value in detail.items() if value is not None}
        await record(connection, actor, Act.EXPORTED, Subject.FILE, "audit", given)
    return found


async def recorded_persons(pool: Pool) -> list[str]:
    """The names in the log, up to `PERSONS_MAX`, in their order."""
    return [row["actor"] for row in await pool.fetch(SQL["persons"], PERSONS_MAX)]


async def track_readings(
    pool: Pool, begins: datetime, ends: datetime, most: int
) -> Sequence[TrackReading]:
    """Who looked at which vehicles' tracks and why, by person and vehicle."""
    rows = await pool.fetch(SQL["track_readings"], begins, ends, most)
    found = [TrackReading(**row) for row in rows]
    return sorted(found, key=lambda one: (one.actor, name_order(one.vehicle_name or "")))


async def _entries(
    connection: PooledConnection,
    chosen: AuditFilter,
    most: int,
    before: tuple[datetime, int] | None,
) -> list[AuditEntry]:
    # One plan for all searches would read the whole table.
    await connection.execute(SQL["plan_anew"])
    rows = await connection.fetch(
        SQL["entries"],
        chosen.actor,
        chosen.act,
        chosen.subject,
        chosen.subject_id,
        chosen.begins,
        *(before or (chosen.ends, 0)),
        most,
    )
    return [
        AuditEntry(
            entry_id=row["change_id"],
            act=Act(row["act"]),
            subject=Subject(row["subject"]),
            subject_id=row["subject_id"],
            detail=row["detail"],
            source=row["source"],
            actor=row["actor"],
            at=row["at"],
        )
        for row in rows
    ]
