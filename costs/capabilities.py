"""Capabilities, which trips may need and kinds offer, with the names that people gave them.

Files, the register and the solver use the code of a capability, such as `towbar`. People see its
name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import refuse_unseen

SQL = statements("basis")

#: Characters of a name.
NAME_MAX = 60


class NameFault(StrEnum):
    """The reason why a capability cannot have a name."""

    LONG = "long"
    #: It has a ;, which parts capabilities where people write several.
    PARTED = "parted"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """A capability that a kind offers or that somebody named.

    `name` is the municipality's own name, and empty after the municipality withdrew it. `name`,
    `named_by` and `named_at` are None when nobody ever gave a name. `kinds` are the names of the
    kinds that offer the capability.
    """

    code: str
    name: str | None
    named_by: str | None
    named_at: datetime | None
    kinds: tuple[str, ...]


def name_faults(names: Mapping[str, str]) -> dict[str, NameFault]:
    """What is wrong with the names of all capabilities, by their codes. Where the name is empty,
    the code stands for it."""
    found: dict[str, NameFault] = {}
    taken: set[str] = set()
    for code, given in names.items():
        name = given or code
        if len(name) > NAME_MAX:
            found[code] = NameFault.LONG
        elif ";" in name:
            found[code] = NameFault.PARTED
        elif name.casefold() in taken:
            found[code] = NameFault.TAKEN
        taken.add(name.casefold())
    return found


async def capabilities(pool: Pool) -> list[Capability]:
    """Every capability that a kind offers or that somebody named, in the order of the codes."""
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


async def count_names_given(pool: Pool) -> int:
    """How many times a capability was given a name."""
    return await pool.fetchval(SQL["capability_changes"])


async def put_capability_names(
    pool: Pool, actor: Actor, names: Mapping[str, str], seen: int | None = None
) -> None:
    """Give capabilities the municipality's own names, by their codes, all or none.

    With an empty name a capability has the product's name again. `seen` is the number of times that
    a name was given which the actor saw.

    Raises:
        ChangedSinceError: somebody else gave a name.
    """
    actor.require(Permission.COSTS_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_basis"])
        refuse_unseen(seen, await connection.fetchval(SQL["capability_changes"]))
        for code, name in names.items():
            was = {"name": await connection.fetchval(SQL["capability_name"], code)}
            await connection.execute(SQL["name_capability"], code, name, str(actor))
            detail = {"name": name}
            await record(
                connection, actor, Act.CHANGED, Subject.CAPABILITY, code, detail, before=was
            )
