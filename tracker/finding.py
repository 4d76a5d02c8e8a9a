"""Finds the milestones that somebody asks for, late ones first, and how far these are."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from db.connect import Pool
from tracker.contacts import owner_standings
from tracker.milestone import MilestoneStatus
from tracker.milestones import standings, with_words
from tracker.progress import (
    Counted,
    Kind,
    OwnerStanding,
    Standing,
)
from tracker.quarter import Quarter

#: After every quarter.
NEVER = Quarter(9999, 4)


class Matter(StrEnum):
    """The standing of the milestones that somebody asks for; the names are those of `Tally`."""

    LATE = "late"
    NEEDS_DECISION = "needs_decision"
    #: Open, with no owner who is there.
    UNOWNED = "unowned"
    SILENT = "silent"
    OPEN = "open"
    DONE = "done"

    def is_of(self, kind: Kind) -> bool:
        """Whether milestones of a kind stand so."""
        match self:
            case Matter.LATE:
                return kind.late
            case Matter.NEEDS_DECISION:
                return kind.needs_decision
            case Matter.UNOWNED:
                return kind.status.is_open and not kind.owned
            case Matter.SILENT:
                return kind.silent
            case Matter.OPEN:
                return kind.status.is_open
            case Matter.DONE:
                return kind.status is MilestoneStatus.DONE


class Without(StrEnum):
    """Asks for milestones that have none: no quarter, or nobody who owns them."""

    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The milestones that somebody asks for; None: whichever. A `centre` of "" is none. `matter`
    narrows what is found, and not the progress."""

    plan_id: int | None = None
    programme_id: str | None = None
    quarter: Quarter | Without | None = None
    owner: int | Without | None = None
    centre: str | None = None
    words: Sequence[str] = ()
    matter: Matter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The ids of the milestones that were found: late ones first, then by quarter, as the document
    has them. `counted` has all that was asked for, whatever its matter, and `among` all milestones
    of the plan.

    `by_quarter` has the same ids by the quarter in which they are due; None: in none.
    """

    counted: Counted
    ids: Sequence[str]
    among: Sequence[Standing]
    by_quarter: Mapping[Quarter | None, Sequence[str]]


async def find(pool: Pool, asked: Asked, today: date, since: date) -> Found:
    """Find milestones, as they stand on the day `today`; silence counts from the day `since`."""
    # All at once: each waits for the database, and none needs another.
    owners, all_of_plan, named = await asyncio.gather(
        owner_standings(pool),
        standings(pool, asked.plan_id),
        with_words(pool, asked.plan_id, asked.words),
    )
    return found_among(all_of_plan, owners, asked, named=named, today=today, since=since)


def found_among(
    all_of_plan: Sequence[Standing],
    owners: Mapping[int, OwnerStanding],
    asked: Asked,
    *,
    named: set[str] | None,
    today: date,
    since: date,
) -> Found:
    """The milestones of a plan that are asked for; `named` are the ids of those with the
    words, None: no words are asked for."""
    narrowed = _narrowed(all_of_plan, asked, named)
    counted = Counted(narrowed, owners, today=today, since=since)
    kinds = counted.kinds()
    if asked.matter is not None:
        wanted = {kind for kind in set(kinds) if asked.matter.is_of(kind)}
        pairs = [pair for pair in zip(narrowed, kinds, strict=True) if pair[1] in wanted]
    else:
        pairs = zip(narrowed, kinds, strict=True)
    # Of those of one quarter, the order of the document stays.
    together: dict[tuple[bool, Quarter | None], list[str]] = {}
    for one, kind in pairs:
        together.setdefault((kind.late, one.due), []).append(one.milestone_id)
    ids: list[str] = []
    by_quarter: dict[Quarter | None, list[str]] = {}
    for (_, due), group in sorted(
        together.items(), key=lambda item: (not item[0][0], item[0][1] or NEVER)
    ):
        ids += group
        by_quarter.setdefault(due, []).extend(group)
    return Found(counted=counted, ids=ids, among=all_of_plan, by_quarter=by_quarter)


def _narrowed(
    all_of_plan: Sequence[Standing], asked: Asked, named: set[str] | None
) -> Sequence[Standing]:
    found = all_of_plan
    if named is not None:
        found = [one for one in found if one.milestone_id in named]
    if asked.programme_id is not None:
        found = [one for one in found if one.programme_id == asked.programme_id]
    if asked.quarter is not None:
        due = None if isinstance(asked.quarter, Without) else asked.quarter
        found = [one for one in found if one.due == due]
    if asked.owner is not None:
        owner = None if isinstance(asked.owner, Without) else asked.owner
        found = [one for one in found if one.owner_id == owner]
    if asked.centre is not None:
        found = [one for one in found if one.centre == asked.centre]
    return found
