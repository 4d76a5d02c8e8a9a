"""Offers the numbers in milestones as targets of indicators, of which a person takes some."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor, Permission
from tracker.documents.placing import PlanRefusedError
from tracker.importer.numbers import FoundNumber, found_numbers
from tracker.importer.plan_file import Milestone, PlanFile
from tracker.indicators import (
    IndicatorDetails,
    IndicatorKind,
    add_indicator_within,
    indicators,
)
from tracker.milestones import milestones
from tracker.quarter import Quarter

SQL = statements("plan_document")

#: The letters of the name of an indicator.
_NAME_MAX = 100

#: Targets by the milestones that they are of: what is to be reached, and its unit.
_Known = Collection[tuple[str, float | None, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTarget:
    """A number in a milestone as the target of an indicator. `milestone_id` is the one in the file,
    or that of a plan that is here, and `key` names the number among all of its plan."""

    key: str
    milestone_id: str
    text: str
    number: FoundNumber
    details: IndicatorDetails


def offered_targets(plan: PlanFile, source: str = "") -> Sequence[OfferedTarget]:
    """The targets that a plan names, in its order; `source` is where they stand."""
    return [
        _offered(one.id, one.text, number, _last_quarter(one, plan), source)
        for one in plan.milestones
        for number in found_numbers(one.text)
    ]


async def open_targets(pool: Pool, plan_id: int) -> Sequence[OfferedTarget]:
    """The targets that the milestones of a plan which is here name, and no indicator of them has.
    Empty where there is no such plan."""
    known = await known_targets(pool, plan_id)
    return [
        _offered(one.milestone_id, one.text, number, one.planned, one.section)
        for one in await milestones(pool, plan_id)
        for number in found_numbers(one.text)
        if (one.milestone_id, number.value, number.unit) not in known
    ]


async def known_targets(pool: Pool, plan_id: int) -> _Known:
    """The targets of the indicators that milestones of a plan have."""
    return {
        (one.milestone_id, one.details.target, one.details.unit)
        for one in await indicators(pool, plan_id)
        if one.milestone_id is not None
    }


def not_known(
    offered: Sequence[OfferedTarget], earlier: Mapping[str, str], known: _Known
) -> Sequence[OfferedTarget]:
    """The targets that are not `known`; `earlier` are the milestones that are here, by their ids
    in the file."""
    return [
        one
        for one in offered
        if (earlier.get(one.milestone_id), one.details.target, one.details.unit) not in known
    ]


async def add_targets(
    connection: PooledConnection,
    actor: Actor,
    plan_id: int,
    plan: PlanFile,
    source: str,
    keys: Collection[str],
) -> None:
    """Make indicators of the targets with these keys, in the transaction that took their plan. One
    that its milestone has already stays as it is.

    Raises:
        PlanRefusedError: the plan names no such target.
    """
    actor.require(Permission.PLAN_MANAGE)
    if not keys:
        return
    offered = {one.key: one for one in offered_targets(plan, source)}
    if unknown := [key for key in keys if key not in offered]:
        raise PlanRefusedError(f"{unknown[0]!r} is no number of a milestone")
    rows = await connection.fetch(SQL["targets_of_milestones"], plan_id)
    ids = {row["document_id"]: row["milestone_id"] for row in rows}
    known = {(row["milestone_id"], row["target"], row["unit"]) for row in rows}
    for one in not_known([offered[key] for key in dict.fromkeys(keys)], ids, known):
        await add_indicator_within(
            connection, actor, one.details, milestone_id=ids[one.milestone_id]
        )


def _offered(
    milestone_id: str, text: str, number: FoundNumber, due: Quarter | None, source: str
) -> OfferedTarget:
    # What a measure is of stands in the whole text; what is counted stands behind the number.
    name = text if number.is_measured else number.unit[:1].upper() + number.unit[1:]
    return OfferedTarget(
        key=f"{milestone_id}={number.value:.12g} {number.unit}",
        milestone_id=milestone_id,
        text=text,
        number=number,
        details=IndicatorDetails(
            name=name if len(name) <= _NAME_MAX else name[: _NAME_MAX - 1].rstrip() + "…",
            kind=IndicatorKind.OUTPUT,
            unit=number.unit,
            target=number.value,
            target_day=None if due is None else due.last_day,
            source=source,
        ),
    )


def _last_quarter(one: Milestone, plan: PlanFile) -> Quarter | None:
    year = one.year or plan.year
    return None if year is None or one.quarter_to is None else Quarter(year, one.quarter_to)
