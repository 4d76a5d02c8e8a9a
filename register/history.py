"""The history of the register, for things that have no history table of their own.

An act writes its line in the transaction that changes the thing, so that no change is without its
line and no line without its change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor
from fleet.errors import refuse_unseen

SQL = statements("register_change")


#: The content of a change that removed its subject.
REMOVED: Mapping[str, object] = {"removed": True}


class RegisterSubject(StrEnum):
    """The kinds of things whose changes are recorded, as the table names them."""

    VEHICLE = "vehicle"
    ZONE = "zone"
    CLOSING_DAY = "closing_day"
    DEVICE = "device"
    KEY = "key"
    DRIVING_LOG = "driving_log"
    MUNICIPALITY = "municipality"


@dataclass(frozen=True, slots=True)
class RegisterChange:
    """One change: the new values by column, the actor and the moment."""

    content: Mapping[str, object]
    actor: str
    at: datetime


async def record_change(
    connection: PooledConnection,
    actor: Actor,
    subject: RegisterSubject,
    subject_id: str,
    content: Mapping[str, object],
    before: Mapping[str, object] | None = None,
) -> None:
    """Add a line to the history of a thing, and an entry to the audit log; call it in the
    transaction that changes the thing. The entry tells what was `before` of it."""
    await connection.execute(SQL["record"], subject.value, subject_id, content, str(actor))
    act = Act.REMOVED if REMOVED.items() <= content.items() else Act.CHANGED
    await record(connection, actor, act, Subject(subject.value), subject_id, content, before=before)


async def hold_subject(connection: PooledConnection, subject: RegisterSubject) -> None:
    """Let other acts on such things wait until the transaction ends."""
    await connection.execute(SQL["hold"], subject.value)


async def refuse_unseen_changes(
    connection: PooledConnection, subject: RegisterSubject, subject_id: str, seen: int | None
) -> None:
    """Let other acts on such things wait until the transaction ends, and refuse one whose actor
    `seen` another number of changes than there are; see `fleet.errors`.

    Raises:
        ChangedSinceError: somebody else made a change.
    """
    await hold_subject(connection, subject)
    refuse_unseen(seen, await connection.fetchval(SQL["changes"], subject.value, subject_id))


async def count_changes(pool: Pool, subject: RegisterSubject, subject_id: str) -> int:
    """The number of changes of a thing."""
    return await pool.fetchval(SQL["changes"], subject.value, subject_id)


async def changes_of_each(pool: Pool, subject: RegisterSubject) -> dict[str, int]:
    """The number of changes of each thing of a kind that was changed, by its id."""
    rows = await pool.fetch(SQL["changes_of_each"], subject.value)
    return {row["subject_id"]: row["changes"] for row in rows}


async def register_changes(
    pool: Pool, subject: RegisterSubject, subject_id: str
) -> list[RegisterChange]:
    """The history of a thing, the latest change first."""
    rows = await pool.fetch(SQL["of_subject"], subject.value, subject_id)
    return [RegisterChange(row["content"], row["actor"], row["at"]) for row in rows]
