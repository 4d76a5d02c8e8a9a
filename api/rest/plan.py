"""The milestones of the plan for programs: `/v1/milestones`."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    FreeText,
    Name,
    PageBody,
    PageQuery,
    Query,
    RequestBody,
    ResponseBody,
    Told,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import cut, key_after
from api.rest.frame.problems import Problem
from fleet.actor import Permission
from fleet.localtime import local_now
from tracker import plan
from tracker.plan import MilestoneStatus

_RANK: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=0)])


class MilestonesQuery(PageQuery):
    """Which milestones: of a programme, or all."""

    programme_id: Name | None = None


class MilestoneReport(RequestBody):
    """How far a milestone is, and what there is to say of it."""

    model_config = example(status="in_progress", note="Udbuddet er sendt ud")

    status: Annotated[MilestoneStatus, Field(strict=False)]
    note: FreeText = ""
    id: Told = None
    title: Told = None
    initiative: Told = None
    programme_id: Told = None
    programme: Told = None
    year: Told = None
    quarter: Told = None
    late: Told = None


class MilestoneTold(ResponseBody):
    """A dated result of the plan, which is due at the end of its quarter. `late`: it is not done
    and its quarter has ended, in a programme of which somebody has told how far it is."""

    id: str
    title: str
    initiative: str
    programme_id: str
    programme: str
    year: int
    quarter: int
    status: MilestoneStatus
    note: str
    late: bool


class Milestones(PageBody):
    """Milestones, by programme and quarter."""

    items: list[MilestoneTold]


class MilestoneChangeTold(ResponseBody):
    """How far somebody said that a milestone is, and when."""

    status: MilestoneStatus
    note: str
    actor: str
    at: datetime


class MilestoneHistory(ResponseBody):
    """The changes of a milestone, the latest first."""

    items: list[MilestoneChangeTold]


async def list_milestones(call: Call[MilestonesQuery]) -> Milestones:
    asked, after, today = call.asked, key_after(call.asked, _RANK), local_now().date()
    found = [
        (rank, one)
        for rank, one in enumerate(await plan.milestones(call.pool))
        if asked.programme_id in (None, one.programme_id) and (after is None or rank > after)
    ]
    items, more = cut(found, asked.limit, lambda ranked: ranked[0])
    return Milestones(items=[_told(one, today) for _, one in items], next=more)


async def show_milestone(call: Call[Any]) -> MilestoneTold:
    return _told((await _milestone(call))[0], local_now().date())


async def show_history(call: Call[Query]) -> MilestoneHistory:
    _, changes = await _milestone(call)
    return MilestoneHistory(
        items=[
            MilestoneChangeTold(status=one.status, note=one.note, actor=one.actor, at=one.at)
            for one in changes
        ]
    )


async def report(call: Call[MilestoneReport]) -> MilestoneTold:
    known, _ = await _milestone(call)
    asked = call.asked
    if (asked.status, asked.note) != (known.status, known.note):
        await plan.change_milestone(
            call.pool, call.actor, known.milestone_id, asked.status, asked.note
        )
    return await show_milestone(call)


async def _milestone(
    call: Call[Any],
) -> tuple[plan.Milestone, list[plan.MilestoneChange]]:
    """The milestone in the address, and its changes.

    Raises:
        Problem: there is none.
    """
    milestone_id = call.name("milestone")
    try:
        found, changes = await plan.milestone(call.pool, milestone_id)
    except KeyError:
        raise Problem(404, f"there is no milestone {milestone_id}") from None
    return found, list(changes)


def _told(one: plan.Milestone, today: date) -> MilestoneTold:
    return MilestoneTold(
        id=one.milestone_id,
        title=one.title,
        initiative=one.initiative,
        programme_id=one.programme_id,
        programme=one.programme,
        year=one.year,
        quarter=one.quarter,
        status=one.status,
        note=one.note,
        late=one.late(today),
    )


_ONE = "/v1/milestones/{milestone}"

PLAN = (
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
