"""The principles in the database: those in force, their versions, and the act of changing one."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import refuse_unseen
from optimiser.purchases.faults import FieldsRefusedError
from optimiser.purchases.principles import (
    Principle,
    PrincipleRow,
    Principles,
    principle_faults,
    shipped_principles,
)

SQL = statements("purchase")


async def read_principles(connection: Pool | PooledConnection) -> Principles:
    """The principles as they are now: the shipped ones, with those that somebody changed in their
    place."""
    rows = await connection.fetch(SQL["principles"])
    return shipped_principles().overlaid(_row(row) for row in rows)


async def principle_history(pool: Pool, principle: Principle) -> Sequence[PrincipleRow]:
    """The versions of a principle that somebody made, the latest first."""
    return [_row(row) for row in await pool.fetch(SQL["principle_history"], principle.value)]


async def changes_of_principles(connection: Pool | PooledConnection) -> Mapping[Principle, int]:
    """The number of changes of each principle."""
    rows = await connection.fetch(SQL["principle_changes"])
    changed = {row["principle"]: row["changes"] for row in rows}
    return {one: changed.get(one.value, 0) for one in Principle}


@unscoped
async def put_principle(
    pool: Pool, actor: Actor, row: PrincipleRow, *, seen: int | None = None
) -> None:
    """Change a principle. `seen` is the number of its changes that the actor saw.

    Raises:
        FieldsRefusedError: something of it cannot be.
        ChangedSinceError: somebody else changed it.
    """
    actor.require(Permission.PURCHASES_DECIDE)
    if found := principle_faults(row):
        raise FieldsRefusedError(found)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_principles"])
        refuse_unseen(seen, (await changes_of_principles(connection))[row.principle])
        before = _content((await read_principles(connection)).of(row.principle))
        content = _content(row)
        if content == before:
            return
        await connection.execute(
            SQL["add_principle"], row.principle.value, *content.values(), str(actor)
        )
        await record(
            connection,
            actor,
            Act.CHANGED,
            Subject.PRINCIPLE,
            row.principle.value,
            content,
            before=before,
        )


def _content(row: PrincipleRow) -> dict[str, object]:
    """What somebody can change of a principle, in the order of the statement."""
    return {
        "text_da": row.text_da.strip(),
        "text_en": row.text_en.strip(),
        "figure": row.figure,
        "from_year": row.from_year,
        "in_force": row.in_force,
        "source": row.source.strip(),
    }


def _row(row: asyncpg.Record) -> PrincipleRow:
    values: dict[str, Any] = dict(row)
    values["principle"] = Principle(row["principle"])
    return PrincipleRow(**values)
