"""The what-ifs that a person sees: their own, and those that somebody shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import asyncpg

from costs.assumptions import FigureKey
from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.period import Period
from fleet.saying import Saying
from optimiser.rounds.data import round_period
from optimiser.rounds.failure import FailureReason, read_detail
from optimiser.rounds.named_trips import name_trips
from optimiser.rounds.part_input import round_basis
from optimiser.what_if.answer import Answer, Outcome, read_answer, read_outcome
from optimiser.what_if.changes import Changes, read_changes

SQL = statements("what_if")
ROUND_SQL = statements("round")


class WhatIfState(StrEnum):
    """The state of a what-if, as the table names it."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """A what-if: what was asked beside which version of a round, and the answer once there is one.

    `depots` are those that the reader sees, with their names, and `changes` are without those about
    vehicles that are not seen, of which there are `hidden_changes`. `solved_parts` of `parts`
    are solved. `reason` and `detail` say why it failed. `is_own`: the reader asked it.
    `is_superseded`: a later version of a round is done.
    """

    what_if_id: int
    round_id: int
    number: int
    version: int
    name: str
    depots: Sequence[str]
    depot_names: Sequence[str]
    changes: Changes
    hidden_changes: int
    asked_by: str
    asked_at: datetime
    state: WhatIfState
    parts: int
    solved_parts: int
    finished_at: datetime | None
    reason: FailureReason | None
    detail: Saying | None
    answer: Answer | None
    kept_at: datetime | None
    shared_at: datetime | None
    revision: int
    is_own: bool
    is_superseded: bool

    @property
    def is_open(self) -> bool:
        """Whether it is still to be solved."""
        return self.state in (WhatIfState.QUEUED, WhatIfState.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferingVehicle:
    """A vehicle of which a what-if makes something else than its round, by name."""

    vehicle_id: str
    name: str
    depot_id: str
    before: Outcome
    after: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfEntry:
    """An entry of the history of a what-if."""

    content: Mapping[str, object]
    actor: str
    at: datetime


def may_see(reader: Actor) -> bool:
    """Whether any what-if is shown to a reader: the fleet unit asks them, and heads of departments
    see those that are shared and concern them."""
    return reader.may(Permission.ROUNDS_REQUEST) or reader.departments is not None


async def what_ifs(pool: Pool, reader: Actor, most: int, before: int | None = None) -> list[WhatIf]:
    """At most `most` of the what-ifs that a reader sees, the latest first, with ids below
    `before`."""
    return await _read(pool, reader, None, most, before)


async def what_if(pool: Pool, reader: Actor, what_if_id: int) -> WhatIf | None:
    """A what-if; None: there is none that the reader sees."""
    found = await _read(pool, reader, what_if_id, 1, None)
    return found[0] if found else None


async def differing_vehicles(pool: Pool, what_if_id: int) -> list[DifferingVehicle]:
    """The vehicles of which a what-if makes something else, as far as they are seen."""
    return [
        DifferingVehicle(
            vehicle_id=row["vehicle_id"],
            name=row["name"],
            depot_id=row["depot_id"],
            before=read_outcome(row["in_round"]),
            after=read_outcome(row["in_answer"]),
        )
        for row in await pool.fetch(SQL["vehicles_of"], what_if_id)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedOfRound:
    """What the changes of a what-if are about, as its round has it: its values of the changed
    figures, and the names of kinds and vehicles by id, as far as they are seen. Its trips are those
    of `period`, and a year has `year_over_period` times as many."""

    figures: Mapping[FigureKey, float]
    kinds: Mapping[str, str]
    vehicles: Mapping[str, str]
    period: Period
    year_over_period: float


async def asked_of_round(pool: Pool, found: WhatIf) -> AskedOfRound:
    """What the changes of a what-if are about, as its round has it."""
    changes = found.changes
    figures: dict[FigureKey, float] = {}
    kinds: dict[str, str] = {}
    if changes.figures or changes.more or changes.peak is not None:
        basis = await round_basis(pool, found.round_id)
        figures = {key: basis.figures[key] for key in FigureKey}
        kinds = {kind.kind: kind.name for kind in basis.catalogue}
    rows = await pool.fetch(ROUND_SQL["vehicles_named"], sorted(changes.vehicle_ids))
    row = await pool.fetchrow(ROUND_SQL["basis_of"], found.round_id)
    assert row is not None, "a what-if is asked beside a round that is done"
    period = await round_period(pool, row)
    return AskedOfRound(
        figures=figures,
        kinds=kinds,
        vehicles={row["vehicle_id"]: row["name"] for row in rows},
        period=period,
        year_over_period=period.days / row["rules"]["period_days"],
    )


async def history(pool: Pool, what_if_id: int) -> list[WhatIfEntry]:
    """What people did with a what-if, the latest first."""
    return [WhatIfEntry(**dict(row)) for row in await pool.fetch(SQL["history"], what_if_id)]


async def _read(
    pool: Pool, reader: Actor, what_if_id: int | None, most: int, before: int | None
) -> list[WhatIf]:
    if not may_see(reader):
        return []
    rows = await pool.fetch(
        SQL["what_ifs"], what_if_id, reader.account_id, str(reader), most, before
    )
    details = [read_detail(row["detail"]) for row in rows]
    named = iter(await name_trips(pool, [one for one in details if one is not None]))
    changes = [read_changes(row["changes"]) for row in rows]
    seen = await _seen(pool, changes)
    return [
        _what_if(
            row,
            asked,
            asked.of_depots(row["depots"], seen),
            None if detail is None else next(named),
        )
        for row, asked, detail in zip(rows, changes, details, strict=True)
    ]


async def _seen(pool: Pool, changes: Sequence[Changes]) -> set[str]:
    """The vehicles that some changes name, as far as they are seen."""
    named = sorted({one for asked in changes for one in asked.vehicle_ids})
    if not named:
        return set()
    return {row["vehicle_id"] for row in await pool.fetch(ROUND_SQL["vehicles_named"], named)}


def _seen_at(depots: Sequence[str], content: object) -> Answer:
    """An answer without what is bought at other depots than these."""
    answer = read_answer(content)
    return replace(answer, bought=tuple(one for one in answer.bought if one.depot_id in depots))


def _what_if(row: asyncpg.Record, asked: Changes, seen: Changes, detail: Saying | None) -> WhatIf:
    return WhatIf(
        what_if_id=row["what_if_id"],
        round_id=row["round_id"],
        number=row["number"],
        version=row["version"],
        name=row["name"],
        depots=row["depots"],
        depot_names=row["names"],
        changes=seen,
        hidden_changes=len(asked.vehicle_ids) - len(seen.vehicle_ids),
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        state=WhatIfState(row["state"]),
        parts=row["parts"],
        solved_parts=row["solved_parts"],
        finished_at=row["finished_at"],
        reason=FailureReason(row["reason"]) if row["reason"] else None,
        detail=detail,
        answer=None if row["answer"] is None else _seen_at(row["depots"], row["answer"]),
        kept_at=row["kept_at"],
        shared_at=row["shared_at"],
        revision=row["revision"],
        is_own=row["is_own"],
        is_superseded=row["is_superseded"],
    )
