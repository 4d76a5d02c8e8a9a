"""The acts on what-ifs: ask one, keep it, share it, throw it away, or cancel it.

The fleet unit asks them. None of these acts changes a round, a decision or the register.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import asyncpg

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, NotAllowedError, Permission
from fleet.errors import refuse_unseen
from optimiser.what_if.changes import Changes, changes_json
from optimiser.what_if.checking import AskedPart, askable, faults_of
from optimiser.what_if.faults import (
    NAME_MAX,
    Fault,
    NotDoneError,
    NotOwnError,
    NoWhatIfError,
    RoundSupersededError,
    WhatIfError,
    refuse_faulty,
)

SQL = statements("what_if")


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfRequest:
    """What somebody asks: beside which version of a round, of which depots, and what is to be
    different there."""

    round_id: int
    name: str
    depots: tuple[str, ...]
    changes: Changes


def _refuse_heads(actor: Actor) -> None:
    """Raises NotAllowedError where an actor sees some departments only."""
    if actor.departments is not None:
        raise NotAllowedError(None, f"{actor} may not do this: the fleet unit asks what-ifs")


@unscoped
async def ask(pool: Pool, actor: Actor, asked: WhatIfRequest) -> int:
    """Ask a what-if; returns its id. A worker then solves it.

    Raises:
        NotAllowedError: the actor is not of the fleet unit.
        RoundSupersededError: another version of a round is the latest one.
        WhatIfError: it cannot be asked so.
    """
    actor.require(Permission.ROUNDS_REQUEST)
    _refuse_heads(actor)
    name = asked.name.strip()
    latest = await pool.fetchrow(SQL["round_of_what_if"], asked.round_id)
    if latest is None:
        raise WhatIfError("round", Fault.NO_ROUND)
    if latest["latest_id"] != asked.round_id:
        raise RoundSupersededError(asked.round_id, latest["latest_id"])
    if not latest["is_kept"]:
        raise WhatIfError("round", Fault.EARLIER)
    parts = await askable(pool, asked.round_id)
    found: list[WhatIfError] = []
    if not name:
        found.append(WhatIfError("name", Fault.NAME_MISSING))
    elif len(name) > NAME_MAX:
        found.append(WhatIfError("name", Fault.NAME_TOO_LONG))
    found += await faults_of(
        pool, asked.round_id, latest["number"], parts, asked.depots, asked.changes
    )
    refuse_faulty(found)
    concerned = concerned_parts(parts, asked.depots, asked.changes)
    departments = sorted({name for part in concerned for name in part.departments})
    content = changes_json(asked.changes)
    async with pool.acquire() as connection, connection.transaction():
        what_if_id = await connection.fetchval(
            SQL["ask"],
            asked.round_id,
            name,
            list(asked.depots),
            departments,
            content,
            str(actor),
            actor.account_id,
            len(concerned),
        )
        await _record(connection, actor, what_if_id, Act.REQUESTED, {"name": name})
    return what_if_id


def concerned_parts(
    parts: Collection[AskedPart], depots: Collection[str], changes: Changes
) -> list[AskedPart]:
    """The parts of a round that a what-if takes: those of its depots, and those to which a vehicle
    would have come that stays or goes by the changes."""
    pinned = frozenset((*changes.stay, *changes.go))
    return [
        part
        for part in parts
        if not part.depots.isdisjoint(depots) or not pinned.isdisjoint(part.arriving)
    ]


@unscoped
async def keep(pool: Pool, actor: Actor, what_if_id: int, *, seen: int | None = None) -> None:
    """Keep a what-if, so that it does not go by itself. `seen` is the revision that the actor saw;
    None: they did not look.

    Raises:
        NoWhatIfError: there is none that the actor sees.
        NotOwnError: somebody else asked it.
        NotDoneError: it has no answer.
        ChangedSinceError: it has another revision now.
    """
    actor.require(Permission.ROUNDS_REQUEST)
    async with pool.acquire() as connection, connection.transaction():
        row = await _own(connection, actor, what_if_id, seen)
        if row["state"] != "done":
            raise NotDoneError("it has no answer yet")
        if row["kept_at"] is None:
            await connection.execute(SQL["keep"], what_if_id)
            await _record(connection, actor, what_if_id, Act.KEPT, {"name": row["name"]})


@unscoped
async def share(
    pool: Pool, actor: Actor, what_if_id: int, *, shared: bool = True, seen: int | None = None
) -> None:
    """Share a what-if with the fleet unit and the heads of the departments that it concerns, or
    with nobody any more. What is shared is kept.

    Raises:
        As `keep`.
    """
    actor.require(Permission.ROUNDS_REQUEST)
    async with pool.acquire() as connection, connection.transaction():
        row = await _own(connection, actor, what_if_id, seen)
        if row["state"] != "done":
            raise NotDoneError("it has no answer yet")
        if (row["shared_at"] is not None) is shared:
            return
        await connection.execute(SQL["share"], what_if_id, shared)
        detail = {"name": row["name"], "shared": shared}
        await _record(connection, actor, what_if_id, Act.CHANGED, detail)


@unscoped
async def throw_away(pool: Pool, actor: Actor, what_if_id: int, *, seen: int | None = None) -> None:
    """Throw a what-if away. Its answer is forgotten; that there was one stays in its history.

    Raises:
        NoWhatIfError, NotOwnError, ChangedSinceError: as `keep`.
    """
    actor.require(Permission.ROUNDS_REQUEST)
    async with pool.acquire() as connection, connection.transaction():
        row = await _own(connection, actor, what_if_id, seen)
        await connection.execute(SQL["throw_away"], what_if_id)
        await connection.execute(SQL["forget_vehicles"], what_if_id)
        await _record(connection, actor, what_if_id, Act.REMOVED, {"name": row["name"]})


@unscoped
async def cancel(pool: Pool, actor: Actor, what_if_id: int) -> bool:
    """Cancel a what-if; its worker stops soon. Returns false if it had ended already.

    Raises:
        NoWhatIfError, NotOwnError: as `keep`.
    """
    actor.require(Permission.ROUNDS_REQUEST)
    async with pool.acquire() as connection, connection.transaction():
        row = await _own(connection, actor, what_if_id, None)
        if await connection.fetchval(SQL["cancel"], what_if_id) is None:
            return False
        await _record(connection, actor, what_if_id, Act.CANCELLED, {"name": row["name"]})
    return True


async def _own(
    connection: PooledConnection, actor: Actor, what_if_id: int, seen: int | None
) -> asyncpg.Record:
    """A what-if of the actor's, until the transaction ends."""
    _refuse_heads(actor)
    row = await connection.fetchrow(SQL["lock"], what_if_id)
    is_own = row is not None and (
        (row["account_id"] is None and row["asked_by"] == str(actor))
        if actor.account_id is None
        else row["account_id"] == actor.account_id
    )
    if row is None or not (is_own or row["shared_at"] is not None):
        raise NoWhatIfError(f"there is no what-if {what_if_id}")
    if not is_own:
        raise NotOwnError(f"what-if {what_if_id} is of {row['asked_by']}")
    refuse_unseen(seen, row["revision"])
    return row


async def _record(
    connection: PooledConnection,
    actor: Actor,
    what_if_id: int,
    act: Act,
    detail: Mapping[str, object],
) -> None:
    content = {"act": act.value, **detail}
    await connection.execute(SQL["record"], what_if_id, content, str(actor))
    await record(connection, actor, act, Subject.WHAT_IF, what_if_id, detail)
