"""The assumptions in the database: those in force, and every change with its actor."""

from dataclasses import dataclass
from datetime import datetime

from costs.assumptions import Assumptions, Figure, FigureKey, shipped_assumptions
from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from db.scope.read_once import read_once
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import refuse_unseen

SQL = statements("basis")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionChange:
    """One change of a figure.

    `value` is None when somebody withdrew the municipality's own figure; `source` then says why.
    """

    key: FigureKey
    valid_from: int
    value: float | None
    source: str
    note: str
    actor: str
    at: datetime


@read_once
async def read_assumptions(pool: Pool) -> Assumptions:
    """The assumptions in force: the shipped figures, with the municipality's own in their place."""
    rows = await pool.fetch(SQL["assumptions"])
    return shipped_assumptions().overlaid(
        Figure(
            key=FigureKey(row["key"]),
            valid_from=row["valid_from"],
            value=row["value"],
            source=row["source"],
            note=row["note"],
        )
        for row in rows
    )


async def assumption_history(pool: Pool, key: FigureKey) -> list[AssumptionChange]:
    """Every change of a figure, the latest first."""
    rows = await pool.fetch(SQL["assumption_history"], key.value)
    return [
        AssumptionChange(key=key, **{name: value for name, value in row.items() if name != "key"})
        for row in rows
    ]


async def changes_of_assumptions(pool: Pool) -> dict[str, int]:
    """The number of changes of each figure that was changed, by its key."""
    return {row["key"]: row["changes"] for row in await pool.fetch(SQL["changes_of_assumptions"])}


async def put_assumption(pool: Pool, actor: Actor, figure: Figure, seen: int | None = None) -> None:
    """Put a figure of the municipality's own in force. `seen` is the number of changes of the
    figure that the actor saw.

    Raises:
        ChangedSinceError: somebody else changed it.
    """
    actor.require(Permission.COSTS_CHANGE)
    what = figure.key, figure.valid_from, figure.value, figure.source, figure.note
    await _add(pool, actor, *what, seen=seen)


async def withdraw_assumption(
    pool: Pool,
    actor: Actor,
    key: FigureKey,
    valid_from: int,
    reason: str,
    seen: int | None = None,
) -> None:
    """Withdraw the municipality's own figure; the shipped one holds again.

    Raises:
        ChangedSinceError: as `put_assumption`.
    """
    actor.require(Permission.COSTS_CHANGE)
    await _add(pool, actor, key, valid_from, None, reason, "", seen=seen)


async def _add(
    pool: Pool,
    actor: Actor,
    key: FigureKey,
    valid_from: int,
    value: float | None,
    source: str,
    note: str,
    *,
    seen: int | None,
) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_basis"])
        refuse_unseen(seen, await connection.fetchval(SQL["assumption_changes"], key.value))
        before = await connection.fetchrow(SQL["own_assumption"], key.value, valid_from)
        await connection.execute(
            SQL["add_assumption"], key.value, valid_from, value, source, note, str(actor)
        )
        act = Act.REMOVED if value is None else Act.CHANGED
        detail = {"valid_from": valid_from, "value": value, "source": source}
        was = None if before is None else dict(before)
        await record(connection, actor, act, Subject.ASSUMPTION, key.value, detail, before=was)
