"""Capabilities, which trips may need and kinds offer, with the names that people gave them.

Files, the register and the solver know a capability by its code, as `towbar`; people see its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor

SQL = statements("basis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """A capability in use or named. `name` is the municipality's own, empty when it took that back;
    None with `named_by` and `named_at`: it never gave one. `kinds` are the names of the kinds that
    offer it."""

    code: str
    name: str | None
    named_by: str | None
    named_at: datetime | None
    kinds: tuple[str, ...]


async def capabilities(pool: Pool) -> list[Capability]:
    """Every capability that a kind offers or that was named, by its code."""
    return [
        Capability(
            code=row["capability"],
            name=row["name"],
            named_by=row["named_by"],
            named_at=row["named_at"],
            kinds=tuple(row["kinds"]),
        )
        for row in await pool.fetch(SQL["capabilities"])
    ]


async def put_capability_names(pool: Pool, actor: Actor, names: Mapping[str, str]) -> None:
    """Give capabilities the municipality's own names, by their codes, all or none; an empty name
    takes the product's again."""
    async with pool.acquire() as connection, connection.transaction():
        for code, name in names.items():
            await connection.execute(SQL["name_capability"], code, name, str(actor))
