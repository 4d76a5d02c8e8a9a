"""The plans of years and how far they are, for programs: `/v1/plans`."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import Field

from api.pages.words.language import mark
from api.rest.frame.bodies import Day, Query, ResponseBody
from api.rest.frame.operations import Call, Operation
from api.rest.plans.milestones import MilestoneChangeTold, QuarterTold, changes_told
from fleet.actor import Permission
from fleet.localtime import day_start, local_now
from tracker.milestone import MilestoneStatus
from tracker.milestones import changes_since, read_progress
from tracker.plans import Plan, initiatives, plan, plans, programmes, strands
from tracker.progress import Tally

Key = TypeVar("Key")


class SinceQuery(Query):
    """From which day silence counts, or changes are told; without one: as on pages."""

    since: Annotated[Day | None, Field(description="a local day")] = None

    def day(self, call: Call[Any], today: date) -> date:
        return self.since or call.context.settings.silent_since(today)


class ReadingTold(ResponseBody):
    """The document that a person confirmed last; `digest` is its SHA-256."""

    file_name: str
    digest: str
    confirmed_by: str
    confirmed_at: datetime


class NotPlacedTold(ResponseBody):
    """Lines of the document that could be placed nowhere."""

    line_from: int
    line_to: int
    text: str


class PlanTold(ResponseBody):
    """A plan of a year. `title` is that of the document, `name` what people call it. `reading` is
    null for a plan that was typed in or came with the system. One with `removed_at` was removed."""

    id: int
    name: str
    title: str | None
    year: int | None
    policies: list[str]
    follows: int | None
    is_shipped: bool
    reading: ReadingTold | None
    removed_at: datetime | None
    revision: int


class PlansTold(ResponseBody):
    """All plans, the latest year first."""

    items: list[PlanTold]


class ResourceTold(ResponseBody):
    """The work of a centre that a programme may use. `aarsvaerk`: years of work of one person;
    null: a share without a number."""

    centre: str
    aarsvaerk: float | None


class InitiativeTold(ResponseBody):
    """An initiative of a programme."""

    id: str
    section: str
    name: str


class ProgrammeTold(ResponseBody):
    """A programme of a plan with its initiatives. `is_taken`: somebody has made it theirs."""

    id: str
    number: str
    name: str
    purpose: str
    success_criteria: list[str]
    partners_internal: list[str]
    partners_external: list[str]
    resources: list[ResourceTold]
    initiatives: list[InitiativeTold]
    is_taken: bool
    revision: int


class StrandTold(ResponseBody):
    """The same matter through the quarters: its milestones in their order."""

    id: int
    section: str
    title: str
    milestones: list[str]


class WholePlanTold(PlanTold):
    """A plan with its programmes and strands, and what could not be placed."""

    programmes: list[ProgrammeTold]
    strands: list[StrandTold]
    not_placed: list[NotPlacedTold]


class TallyTold(ResponseBody):
    """How many milestones stand how. All but `by_status` and `done_share` count open ones only.
    `done_share` runs from 0 to 1, of those that are neither merged nor dropped."""

    by_status: dict[MilestoneStatus, int]
    total: int
    open: int
    late: int
    needs_decision: int
    silent: int
    owned: int
    actively_owned: int
    done_share: float | None


class QuarterTally(ResponseBody):
    """The milestones that are due in a quarter; null: in none."""

    quarter: QuarterTold | None
    tally: TallyTold


class OwnerTally(ResponseBody):
    """The milestones that a contact owns; null: those that nobody owns."""

    owner_id: int | None
    tally: TallyTold


class ProgressTold(ResponseBody):
    """How far a plan is, on the day `today`; silence counts from the day `since`."""

    today: date
    since: date
    whole: TallyTold
    by_programme: dict[str, TallyTold]
    by_initiative: dict[str, TallyTold]
    by_quarter: list[QuarterTally]
    by_owner: list[OwnerTally]
    by_centre: dict[str, TallyTold]
    by_strand: dict[int, TallyTold]


class PlanChangeTold(MilestoneChangeTold):
    """A change of a milestone of the plan."""

    milestone_id: str


class PlanChangesTold(ResponseBody):
    """The changes of the milestones of a plan since the start of a day, the latest first."""

    since: date
    items: list[PlanChangeTold]


async def list_plans(call: Call[Query]) -> PlansTold:
    return PlansTold(items=[PlanTold.model_validate(_told(one)) for one in await plans(call.pool)])


async def show_plan(call: Call[Query]) -> WholePlanTold:
    one = await plan(call.pool, call.id("plan_id"))
    by_programme: dict[str, list[InitiativeTold]] = {}
    for part in await initiatives(call.pool, one.plan_id):
        if part.gone_at is None:
            by_programme.setdefault(part.programme_id, []).append(
                InitiativeTold(id=part.initiative_id, section=part.section, name=part.name)
            )
    return WholePlanTold.model_validate(
        _told(one)
        | {
            "programmes": [
                ProgrammeTold(
                    id=part.programme_id,
                    number=part.number,
                    name=part.name,
                    purpose=part.purpose,
                    success_criteria=list(part.success_criteria),
                    partners_internal=list(part.partners_internal),
                    partners_external=list(part.partners_external),
                    resources=[
                        ResourceTold(centre=own.centre, aarsvaerk=own.aarsvaerk)
                        for own in part.resources
                    ],
                    initiatives=by_programme.get(part.programme_id, []),
                    is_taken=part.is_taken,
                    revision=part.revision,
                )
                for part in await programmes(call.pool, one.plan_id)
                if part.gone_at is None
            ],
            "strands": [
                StrandTold(
                    id=own.strand_id,
                    section=own.section,
                    title=own.title,
                    milestones=list(own.milestones),
                )
                for own in await strands(call.pool, one.plan_id)
            ],
            "not_placed": [
                NotPlacedTold(line_from=own.line_from, line_to=own.line_to, text=own.text)
                for own in one.not_placed
            ],
        }
    )


async def show_progress(call: Call[SinceQuery]) -> ProgressTold:
    one = await plan(call.pool, call.id("plan_id"))
    today = local_now().date()
    found = await read_progress(call.pool, today, call.asked.day(call, today), one.plan_id)
    return ProgressTold(
        today=found.today,
        since=found.since,
        whole=_tally(found.whole),
        by_programme=_tallies(found.by_programme),
        by_initiative=_tallies(found.by_initiative),
        by_quarter=[
            QuarterTally(
                quarter=None if due is None else QuarterTold(year=due.year, quarter=due.quarter),
                tally=_tally(tally),
            )
            for due, tally in sorted(
                found.by_quarter.items(), key=lambda one: (one[0] is None, one[0] or (0, 0))
            )
        ],
        by_owner=[
            OwnerTally(owner_id=owner_id, tally=_tally(tally))
            for owner_id, tally in sorted(found.by_owner.items(), key=lambda one: one[0] or 0)
        ],
        by_centre=_tallies(found.by_centre),
        by_strand=_tallies(found.by_strand),
    )


async def show_changes(call: Call[SinceQuery]) -> PlanChangesTold:
    one = await plan(call.pool, call.id("plan_id"))
    since = call.asked.day(call, local_now().date())
    changes = await changes_since(call.pool, one.plan_id, day_start(since))
    return PlanChangesTold(
        since=since,
        items=[
            PlanChangeTold(milestone_id=change.milestone_id, **told.model_dump())
            for change, told in zip(changes, changes_told(changes), strict=True)
        ],
    )


def _told(one: Plan) -> dict[str, object]:
    reading = one.reading
    return {
        "id": one.plan_id,
        "name": one.name,
        "title": one.title,
        "year": one.year,
        "policies": list(one.policies),
        "follows": one.follows,
        "is_shipped": one.is_shipped,
        "reading": (
            None
            if reading is None
            else ReadingTold(
                file_name=reading.file_name,
                digest=reading.digest,
                confirmed_by=reading.confirmed_by,
                confirmed_at=reading.confirmed_at,
            )
        ),
        "removed_at": one.removed_at,
        "revision": one.revision,
    }


def _tallies(tallies: Mapping[Key, Tally]) -> dict[Key, TallyTold]:
    return {key: _tally(one) for key, one in tallies.items()}


def _tally(one: Tally) -> TallyTold:
    return TallyTold(
        by_status=dict(one.by_status),
        total=one.total,
        open=one.open,
        late=one.late,
        needs_decision=one.needs_decision,
        silent=one.silent,
        owned=one.owned,
        actively_owned=one.actively_owned,
        done_share=one.done_share,
    )


PLANS = (
    Operation(
        "GET",
        "/v1/plans",
        Permission.FIGURES_READ,
        mark("The plans of all years"),
        Query,
        PlansTold,
        list_plans,
    ),
    Operation(
        "GET",
        "/v1/plans/{plan_id}",
        Permission.FIGURES_READ,
        mark("A plan with its programmes, initiatives and strands"),
        Query,
        WholePlanTold,
        show_plan,
    ),
    Operation(
        "GET",
        "/v1/plans/{plan_id}/progress",
        Permission.FIGURES_READ,
        mark("How far a plan is, by programme, quarter, owner and centre"),
        SinceQuery,
        ProgressTold,
        show_progress,
    ),
    Operation(
        "GET",
        "/v1/plans/{plan_id}/changes",
        Permission.FIGURES_READ,
        mark("What changed in a plan since a day"),
        SinceQuery,
        PlanChangesTold,
        show_changes,
    ),
)
