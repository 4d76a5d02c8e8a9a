"""The status of a quarter of a plan as programs are told it."""

from dataclasses import asdict
from datetime import date, datetime

from api.rest.frame.bodies import ResponseBody
from api.rest.plans.milestones import QuarterTold
from reports.plan_status import PlanStatus, StatusMove, StatusTally
from tracker.indicators import IndicatorKind
from tracker.quarter import Quarter
from tracker.since.moves import Move
from tracker.since.promises import Outcome


class StatusTallyTold(ResponseBody):
    """How many milestones stand how. `counted` are those that are to be reached."""

    total: int
    counted: int
    open: int
    done: int
    late: int
    needs_decision: int
    silent: int
    owned: int
    actively_owned: int


class ProgrammeStatusTold(ResponseBody):
    """A programme, and how its milestones stand."""

    id: str
    name: str
    tally: StatusTallyTold


class PromiseTold(ResponseBody):
    """A milestone that was promised for the quarter, what became of it, and when it is due now."""

    milestone_id: str
    title: str
    outcome: Outcome
    due: QuarterTold | None


class MoveTold(ResponseBody):
    """A milestone that stands otherwise than before, and when it was and is due."""

    milestone_id: str
    title: str
    move: Move
    before: QuarterTold | None
    after: QuarterTold | None


class NeededTold(ResponseBody):
    """Something that is to be decided: by whom, and before which day."""

    milestone_id: str
    title: str
    by: str
    before: date | None


class IndicatorStatusTold(ResponseBody):
    """An indicator with its target and its last value."""

    name: str
    kind: IndicatorKind
    unit: str
    target: float | None
    target_day: date | None
    day: date | None
    value: float | None
    source: str


class StatusTold(ResponseBody):
    """The status of a quarter of a plan. Promises are those of the plan as it stood on
    `promised_on`, and changes are told since `since`: the day of the report `last_report`, null
    where there is none."""

    plan_id: int
    quarter: QuarterTold
    at: datetime
    promised_on: date
    since: date
    last_report: int | None
    whole: StatusTallyTold
    programmes: list[ProgrammeStatusTold]
    late: list[str]
    promises: list[PromiseTold]
    changes: list[MoveTold]
    decisions: list[NeededTold]
    indicators: list[IndicatorStatusTold]


def status_told(found: PlanStatus) -> StatusTold:
    """A status as programs are told it. `late` has the ids of milestones."""
    return StatusTold(
        plan_id=found.plan_id,
        quarter=QuarterTold(year=found.quarter.year, quarter=found.quarter.quarter),
        at=found.at,
        promised_on=found.promised_on,
        since=found.since,
        last_report=found.last_report,
        whole=_tally(found.whole),
        programmes=[
            ProgrammeStatusTold(id=one.programme_id, name=one.name, tally=_tally(one.tally))
            for one in found.programmes
        ],
        late=[one.milestone_id for one in found.late],
        promises=[
            PromiseTold(
                milestone_id=one.milestone_id,
                title=one.title,
                outcome=one.outcome,
                due=_quarter(one.due),
            )
            for one in found.promises
        ],
        changes=[move_told(one) for one in found.moves],
        decisions=[
            NeededTold(
                milestone_id=one.milestone_id,
                title=one.title,
                by=one.decision_by,
                before=one.decision_before,
            )
            for one in found.decisions
        ],
        indicators=[
            IndicatorStatusTold(
                name=one.name,
                kind=one.kind,
                unit=one.unit,
                target=one.target,
                target_day=one.target_day,
                day=one.values[-1][0] if one.values else None,
                value=one.values[-1][1] if one.values else None,
                source=one.source,
            )
            for one in found.indicators
        ],
    )


def move_told(one: StatusMove) -> MoveTold:
    """A change as programs are told it."""
    return MoveTold(
        milestone_id=one.milestone_id,
        title=one.title,
        move=one.move,
        before=_quarter(one.before),
        after=_quarter(one.after),
    )


def _tally(one: StatusTally) -> StatusTallyTold:
    return StatusTallyTold.model_validate(asdict(one))


def _quarter(due: Quarter | None) -> QuarterTold | None:
    return None if due is None else QuarterTold(year=due.year, quarter=due.quarter)
