"""The roll-out plan, for programs: `/v1/roll-out`."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from api.pages.pilot_end.periods import asked_periods, pilot_limits
from api.pages.words.language import mark
from api.rest.frame.bodies import (
    Day,
    Name,
    Query,
    RequestBody,
    ResponseBody,
    Revision,
    Told,
    example,
)
from api.rest.frame.operations import Call, Operation
from fleet.actor import Permission
from fleet.localtime import local_now
from optimiser.pilot_end.chosen import CHIPS_MONTH_MAX, DEPARTMENTS_MAX, choose
from optimiser.pilot_end.roll_out import RollOutChoice, Saving
from reports.pilot_end import read_roll_out


class ChipsTold(ResponseBody):
    """The trackers of a department in a month (its first day), the depots to be drawn first, and
    what is to be expected of them a year; null where nothing was measured."""

    month: date
    department: str
    trackers: int
    depots: list[str]
    depots_to_draw: list[str]
    saves_from: date | None
    kr_year: float | None
    kr_low: float | None
    kr_high: float | None
    co2_t_year: float | None


class RestsOn(ResponseBody):
    """What the expected saving rests on: what the pilot saved a year for each of its vehicles."""

    kr_year: float
    kr_low: float | None
    kr_high: float | None
    co2_t_year: float
    vehicles: int
    depots: int
    proposals: int
    months: int
    lag_months: int


class RollOutTold(ResponseBody):
    """The plan for the vehicles that have neither a tracker nor a driving log. Of the others
    `with_tracker` have a tracker, and `with_log_alone` have a driving log and no tracker: the plan
    has none for them. The head of a department is told of their own departments in it."""

    start: date
    trackers_month: int
    departments: list[str]
    revision: int
    with_tracker: int
    with_log_alone: int
    trackers: int
    depots_to_draw: int
    kr_year: float | None
    kr_low: float | None
    kr_high: float | None
    co2_t_year: float | None
    rests_on: RestsOn | None
    items: list[ChipsTold]


class RollOutBody(RequestBody):
    """The first month of the plan (its first day), how many trackers are put in a month, and the
    departments that come first. `revision` is the one that was read."""

    model_config = example(
        start="2027-01-01", trackers_month=20, departments=["Vej og Park"], revision=0
    )

    start: Annotated[Day, Field(strict=False)]
    trackers_month: Annotated[int, Field(ge=1, le=CHIPS_MONTH_MAX)]
    departments: Annotated[list[Name], Field(max_length=DEPARTMENTS_MAX, default_factory=list)]
    revision: Revision
    with_tracker: Told = None
    with_log_alone: Told = None
    trackers: Told = None
    depots_to_draw: Told = None
    kr_year: Told = None
    kr_low: Told = None
    kr_high: Told = None
    co2_t_year: Told = None
    rests_on: Told = None
    items: Told = None


async def show_roll_out(call: Call[Any]) -> RollOutTold:
    context, today = call.context, local_now().date()
    periods, _ = await asked_periods(context, {}, call.actor)
    found = await read_roll_out(
        call.pool, context.months, call.actor, periods.before, pilot_limits(context.settings), today
    )
    plan = found.plan
    pilot = plan.pilot
    return RollOutTold(
        start=plan.choice.start,
        trackers_month=plan.choice.chips_month,
        departments=list(plan.choice.departments),
        revision=found.changes,
        with_tracker=found.sources.trackers,
        with_log_alone=found.sources.logs,
        trackers=plan.chips,
        depots_to_draw=plan.depots_to_draw,
        **_saving(plan.saving),
        rests_on=None
        if pilot is None
        else RestsOn(
            kr_year=pilot.per_vehicle.kr_year,
            kr_low=pilot.per_vehicle.kr_low,
            kr_high=pilot.per_vehicle.kr_high,
            co2_t_year=pilot.per_vehicle.co2_t_year,
            vehicles=pilot.vehicles,
            depots=pilot.depots,
            proposals=pilot.proposals,
            months=pilot.months,
            lag_months=pilot.lag_months,
        ),
        items=[
            ChipsTold(
                month=one.month,
                department=one.department,
                trackers=one.chips,
                depots=list(one.depots),
                depots_to_draw=list(one.depots_to_draw),
                saves_from=one.saves_from,
                **_saving(one.saving),
            )
            for one in plan.rows
        ],
    )


async def put_roll_out(call: Call[RollOutBody]) -> RollOutTold:
    asked = call.asked
    choice = RollOutChoice(
        start=asked.start,
        chips_month=asked.trackers_month,
        departments=tuple(asked.departments),
    )
    await choose(call.pool, call.actor, choice, seen=asked.revision)
    return await show_roll_out(call)


def _saving(saving: Saving | None) -> dict[str, float | None]:
    names = ("kr_year", "kr_low", "kr_high", "co2_t_year")
    return {name: None if saving is None else getattr(saving, name) for name in names}


_CHANGED = "somebody changed it since"

ROLL_OUT: Sequence[Operation[Any, Any]] = (
    Operation(
        "GET",
        "/v1/roll-out",
        Permission.FIGURES_READ,
        mark("The plan by which the other vehicles get their trackers"),
        Query,
        RollOutTold,
        show_roll_out,
    ),
    Operation(
        "PUT",
        "/v1/roll-out",
        Permission.ROUNDS_REQUEST,
        mark("Choose the months and the order of the roll-out plan"),
        RollOutBody,
        RollOutTold,
        put_roll_out,
        conflict=_CHANGED,
    ),
)
