"""The history of accounts and of programs' tokens. It never holds a secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor

SQL = statements("account")


class AccessSubject(StrEnum):
    """The kinds of things whose changes are recorded, as the table names them."""

    ACCOUNT = "account"
    TOKEN = "token"  # noqa: S105 - a word of the table


@dataclass(frozen=True, slots=True)
class AccessChange:
    """One change: the new values, the actor and the moment."""

    content: Mapping[str, object]
    actor: str
    at: datetime


async def record_change(
    connection: PooledConnection,
    by: Actor,
    subject: AccessSubject,
    subject_id: int,
    content: Mapping[str, object],
    before: Mapping[str, object] | None = None,
) -> None:
    """Add a line to the history of a thing, and an entry to the audit log; call it in the
    transaction that changes the thing. The entry tells what was `before` of it."""
    await connection.execute(SQL["record"], subject.value, subject_id, content, str(by))
    await record(
        connection,
        by,
        Act.CHANGED,
        Subject(subject.value),
        subject_id,
        content,
        before=before,
    )


async def count_changes(
    connection: Pool | PooledConnection, subject: AccessSubject, subject_id: int
) -> int:
    """The number of changes of a thing."""
    return await connection.fetchval(SQL["change_count"], subject.value, subject_id)


async def access_changes(pool: Pool, subject: AccessSubject, subject_id: int) -> list[AccessChange]:
    """The history of a thing, the latest change first."""
    rows = await pool.fetch(SQL["changes"], subject.value, subject_id)
    return [AccessChange(row["content"], row["actor"], row["at"]) for row in rows]
