"""The milestones of plans for programs: `/v1/milestones`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, JsonValue, TypeAdapter

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    FreeText,
    Id,
    Name,
    PageBody,
    PageQuery,
    Query,
    RequestBody,
    ResponseBody,
    Revision,
    Told,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import cut, key_after
from fleet.actor import Permission
from fleet.localtime import local_now
from tracker.facts import Fact
from tracker.milestone import Level, Milestone, MilestoneChange, MilestoneStatus, is_late
from tracker.milestones import ids_in_order, milestone, milestones_of, standings
from tracker.progress import Standing
from tracker.quarter import Quarter
from tracker.saying import Said, say

_RANK: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=0)])


class MilestonesQuery(PageQuery):
    """Which milestones; without a value of each: all."""

    plan_id: Id | None = None
    programme_id: Name | None = None
    status: MilestoneStatus | None = None
    late: bool | None = None
    owner_id: Id | None = None
    centre: Name | None = None
    needs_decision: bool | None = None


class QuarterBody(RequestBody):
    """A quarter of a year."""

    year: Annotated[int, Field(ge=1990, le=2200)]
    quarter: Annotated[int, Field(ge=1, le=4)]


class MilestoneReport(RequestBody):
    """How far a milestone is, and what there is to say of it. `postponed_to` is the later quarter
    to which one that is `postponed` is moved, `merged_into` the milestone that stands for one that
    is `merged`; one that is `dropped` says why in its note. With a `revision`, which is the one
    that was read, the report is refused if somebody changed the milestone since."""

    model_config = example(status="in_progress", note="Udbuddet er sendt ud")

    status: Annotated[MilestoneStatus, Field(strict=False)]
    note: FreeText = ""
    postponed_to: QuarterBody | None = None
    merged_into: Name | None = None
    revision: Revision | None = None
    id: Told = None
    plan_id: Told = None
    programme_id: Told = None
    programme: Told = None
    initiative: Told = None
    section: Told = None
    title: Told = None
    text: Told = None
    level: Told = None
    parent_id: Told = None
    year: Told = None
    quarter: Told = None
    planned_year: Told = None
    planned_from: Told = None
    planned_to: Told = None
    late: Told = None
    said_at: Told = None
    owner_id: Told = None
    owner: Told = None
    deputy_id: Told = None
    deputy: Told = None
    centre: Told = None
    is_political: Told = None
    decision_by: Told = None
    decision_before: Told = None
    fact: Told = None
    meeting_id: Told = None


class QuarterTold(ResponseBody):
    """A quarter of a year."""

    year: int
    quarter: int


class FactTold(ResponseBody):
    """The answer of the system to a milestone: whether the fact holds, since when, and the
    count that it rests on."""

    fact: Fact
    holds: bool
    at: datetime | None
    count: int


class MilestoneTold(ResponseBody):
    """A result of a plan, which is due at the end of the `quarter` of the `year`; null: in none.
    The plan has `planned_year`, `planned_from` and `planned_to`.

    `late`: it is open and its quarter has ended, in a programme of which somebody has told how far
    it is. `text` are the words of the document, and `title` those that people use."""

    id: str
    plan_id: int
    programme_id: str
    programme: str
    initiative: str
    section: str
    title: str
    text: str
    level: Level
    parent_id: str | None
    year: int | None
    quarter: int | None
    planned_year: int | None
    planned_from: int | None
    planned_to: int | None
    status: MilestoneStatus
    note: str
    late: bool
    postponed_to: QuarterTold | None
    merged_into: str | None
    said_at: datetime | None
    owner_id: int | None
    owner: str | None
    deputy_id: int | None
    deputy: str | None
    centre: str
    is_political: bool
    decision_by: str
    decision_before: date | None
    meeting_id: int | None
    fact: FactTold | None
    revision: int


class Milestones(PageBody):
    """Milestones, by programme and quarter."""

    items: list[MilestoneTold]


class MilestoneChangeTold(ResponseBody):
    """A change of a milestone, and when it was made: the values that it set, and those that
    stood there before. `status` and `note` are null where they did not say how far it is."""

    status: MilestoneStatus | None
    note: str | None
    content: dict[str, JsonValue]
    before: dict[str, JsonValue]
    actor: str
    at: datetime


class MilestoneHistory(ResponseBody):
    """The changes of a milestone, the latest first."""

    items: list[MilestoneChangeTold]


async def list_milestones(call: Call[MilestonesQuery]) -> Milestones:
    asked, after, today = call.asked, key_after(call.asked, _RANK), local_now().date()
    standing = {one.milestone_id: one for one in await standings(call.pool, asked.plan_id)}
    found = [
        (rank, one)
        for rank, one in enumerate(await ids_in_order(call.pool, asked.plan_id))
        if (after is None or rank > after)
        and one in standing
        and _is_asked(standing[one], asked, today)
    ]
    # Only those of this page are read in full.
    ranked, more = cut(found, asked.limit, lambda one: one[0])
    shown = await milestones_of(call.pool, [one for _, one in ranked])
    return Milestones(items=[told(one, today) for one in shown.values()], next=more)


def _is_asked(one: Standing, asked: MilestonesQuery, today: date) -> bool:
    late = is_late(one.status, one.due, is_taken=one.is_taken, now=Quarter.of(today))
    return (
        asked.programme_id in (None, one.programme_id)
        and asked.status in (None, one.status)
        and asked.late in (None, late)
        and asked.owner_id in (None, one.owner_id)
        and asked.centre in (None, one.centre)
        and asked.needs_decision in (None, one.needs_decision and one.status.is_open)
    )


async def show_milestone(call: Call[Any]) -> MilestoneTold:
    found, _ = await milestone(call.pool, call.name("milestone"))
    return told(found, local_now().date())


async def show_history(call: Call[Query]) -> MilestoneHistory:
    _, changes = await milestone(call.pool, call.name("milestone"))
    return MilestoneHistory(items=changes_told(changes))


async def report(call: Call[MilestoneReport]) -> MilestoneTold:
    known, _ = await milestone(call.pool, call.name("milestone"))
    asked = call.asked
    until = None
    if asked.postponed_to is not None and asked.status is MilestoneStatus.POSTPONED:
        until = Quarter(asked.postponed_to.year, asked.postponed_to.quarter)
    said = Said(asked.status, asked.note, until, asked.merged_into)
    # A program that says the same once more changes nothing, so that it may repeat a request.
    if (said.status, said.note) != (known.status, known.note) or (
        until not in (None, known.postponed) or said.into not in (None, known.merged_into)
    ):
        await say(call.pool, call.actor, known.milestone_id, said, seen=asked.revision)
    return await show_milestone(call)


def changes_told(changes: Sequence[MilestoneChange]) -> list[MilestoneChangeTold]:
    return [
        MilestoneChangeTold.model_validate(
            {
                "status": one.status,
                "note": None if one.status is None else one.note,
                "content": one.content,
                "before": one.before,
                "actor": one.actor,
                "at": one.at,
            }
        )
        for one in changes
    ]


def told(one: Milestone, today: date) -> MilestoneTold:
    """A milestone as it stands on the day `today`."""
    due, answer, decision = one.due, one.answer, one.decision
    return MilestoneTold(
        id=one.milestone_id,
        plan_id=one.plan_id,
        programme_id=one.programme_id,
        programme=one.programme,
        initiative=one.initiative,
        section=one.section,
        title=one.title,
        text=one.text,
        level=one.level,
        parent_id=one.parent_id,
        year=None if due is None else due.year,
        quarter=None if due is None else due.quarter,
        planned_year=one.year,
        planned_from=one.quarter_from,
        planned_to=one.quarter_to,
        status=one.status,
        note=one.note,
        late=one.late(today),
        postponed_to=(
            None
            if one.postponed is None
            else QuarterTold(year=one.postponed.year, quarter=one.postponed.quarter)
        ),
        merged_into=one.merged_into,
        said_at=one.said_at,
        owner_id=None if one.owner is None else one.owner.contact_id,
        owner=None if one.owner is None else one.owner.name,
        deputy_id=None if one.deputy is None else one.deputy.contact_id,
        deputy=None if one.deputy is None else one.deputy.name,
        centre=one.centre,
        is_political=one.is_political,
        decision_by="" if decision is None else decision.by,
        decision_before=None if decision is None else decision.before,
        meeting_id=one.meeting_id,
        fact=(
            None
            if answer is None
            else FactTold(fact=answer.fact, holds=answer.holds, at=answer.at, count=answer.count)
        ),
        revision=one.revision,
    )


_ONE = "/v1/milestones/{milestone}"

MILESTONES = (
    Operation(
        "GET",
        "/v1/milestones",
        Permission.FIGURES_READ,
        mark("The milestones of the plan"),
        MilestonesQuery,
        Milestones,
        list_milestones,
    ),
    Operation(
        "GET",
        _ONE,
        Permission.FIGURES_READ,
        mark("One milestone"),
        Query,
        MilestoneTold,
        show_milestone,
    ),
    Operation(
        "PUT",
        _ONE,
        Permission.PLAN_REPORT,
        mark("Say how far a milestone is"),
        MilestoneReport,
        MilestoneTold,
        report,
        conflict=mark("somebody changed the milestone since it was read"),
    ),
    Operation(
        "GET",
        "/v1/milestones/{milestone}/history",
        Permission.FIGURES_READ,
        mark("Who said what of a milestone, the latest first"),
        Query,
        MilestoneHistory,
        show_history,
    ),
)
