"""The assumptions in the database: those in force, and every change with who made it."""

from dataclasses import dataclass
from datetime import datetime

from costs.assumptions import Assumptions, Figure, Key, shipped
from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor

SQL = statements("basis")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionChange:
    """One change of a figure. `value` None: somebody withdrew the municipality's own figure, and
    `source` says why."""

    key: Key
    valid_from: int
    value: float | None
    source: str
    note: str
    actor: str
    at: datetime


async def read_assumptions(pool: Pool) -> Assumptions:
    """The assumptions in force: what is shipped, and the municipality's own over it."""
    rows = await pool.fetch(SQL["assumptions"])
    return shipped().overlaid(
        Figure(
            key=Key(row["key"]),
            valid_from=row["valid_from"],
            value=row["value"],
            source=row["source"],
            note=row["note"],
        )
        for row in rows
    )


async def assumption_history(pool: Pool, key: Key) -> list[AssumptionChange]:
    """Every change of a figure, the latest first."""
    rows = await pool.fetch(SQL["assumption_history"], key.value)
    return [
        AssumptionChange(key=key, **{name: value for name, value in row.items() if name != "key"})
        for row in rows
    ]


async def put_assumption(pool: Pool, actor: Actor, figure: Figure) -> None:
    """Put a figure of the municipality's own in force."""
    await pool.execute(
        SQL["add_assumption"],
        figure.key.value,
        figure.valid_from,
        figure.value,
        figure.source,
        figure.note,
        str(actor),
    )


async def withdraw_assumption(
    pool: Pool, actor: Actor, key: Key, valid_from: int, reason: str
) -> None:
    """Withdraw the municipality's own figure; the shipped one holds again."""
    await pool.execute(SQL["add_assumption"], key.value, valid_from, None, reason, "", str(actor))
