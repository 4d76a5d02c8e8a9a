"""The history of the register: who changed what, for acts that have no history of their own.

An act writes its line in the transaction that changes the thing, so that there is neither a change
without its line nor a line without its change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor

SQL = statements("register_change")


#: The content of a change that removed its subject.
REMOVED: Mapping[str, object] = {"removed": True}


class Subject(StrEnum):
    """The kind of thing that was changed, as the table names it."""

    VEHICLE = "vehicle"
    ZONE = "zone"
    CLOSING_DAY = "closing_day"
    DEVICE = "device"
    KEY = "key"
    DRIVING_LOG = "driving_log"


@dataclass(frozen=True, slots=True)
class RegisterChange:
    """One change: the `content` that the subject has since, by column, and who made it when."""

    content: Mapping[str, object]
    actor: str
    at: datetime


async def record_change(
    connection: PooledConnection,
    actor: Actor,
    subject: Subject,
    subject_id: str,
    content: Mapping[str, object],
) -> None:
    """Add a line to the history of a thing; call it in the transaction that changes the thing."""
    await connection.execute(SQL["record"], subject.value, subject_id, content, str(actor))


async def changes_of(pool: Pool, subject: Subject, subject_id: str) -> list[RegisterChange]:
    """The history of a thing, the latest change first."""
    rows = await pool.fetch(SQL["of_subject"], subject.value, subject_id)
    return [RegisterChange(row["content"], row["actor"], row["at"]) for row in rows]
