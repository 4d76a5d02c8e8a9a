"""The goals of the pilot, for programs: `/v1/pilot-goals`."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    Day,
    FreeText,
    Query,
    RequestBody,
    ResponseBody,
    Revision,
    Told,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.pilot_end.asked import evaluation_of
from fleet.actor import Permission
from optimiser.pilot_end.evaluation import Evaluation, Outcome, Untold
from optimiser.pilot_end.goals import (
    GoalText,
    Metric,
    NoGoalError,
    change_goal,
    read_goals,
    state_goal,
)
from optimiser.pilot_end.measures import Doubt


class GoalTold(ResponseBody):
    """A goal of the pilot: at least the `target` by a day, and where that was decided. Targets of
    shares run from 0 to 1. `value` is the one of the usual periods; null: it cannot be told, and
    `why` says why not."""

    id: int
    metric: Metric
    target: float
    by: date
    source: str
    revision: int
    value: float | None
    outcome: Outcome
    why: Doubt | Untold | None


class GoalBody(RequestBody):
    """What a goal says. Targets of shares run from 0 to 1."""

    model_config = example(
        metric="fewer_vehicles", target=0.1, by="2027-12-31", source="Budget 2027"
    )

    metric: Annotated[Metric, Field(strict=False)]
    target: Annotated[float, Field(gt=0, le=1e9)]
    by: Annotated[Day, Field(strict=False)]
    source: Annotated[FreeText, Field(min_length=1)]

    @property
    def text(self) -> GoalText:
        return GoalText(metric=self.metric, target=self.target, by=self.by, source=self.source)


class GoalChangeBody(GoalBody):
    """What a goal says now. `revision` is the one that was read."""

    model_config = example(
        metric="fewer_vehicles", target=0.1, by="2027-12-31", source="Budget 2027", revision=0
    )

    revision: Revision
    id: Told = None
    value: Told = None
    outcome: Told = None
    why: Told = None


class GoalRemoval(RequestBody):
    """A goal that no longer holds. `revision` is the one that was read."""

    model_config = example(revision=0)

    revision: Revision


class GoalsTold(ResponseBody):
    """The goals of the pilot, in the order in which they were stated."""

    items: list[GoalTold]


async def list_goals(call: Call[Query]) -> GoalsTold:
    return GoalsTold(items=goals_told(await evaluation_of(call)))


async def show_goal(call: Call[Query]) -> GoalTold:
    return await _goal(call, call.id("goal_id"))


async def add_goal(call: Call[GoalBody]) -> GoalTold:
    return await _goal(call, await state_goal(call.pool, call.actor, call.asked.text))


async def put_goal(call: Call[GoalChangeBody]) -> GoalTold:
    goal_id, asked = call.id("goal_id"), call.asked
    await change_goal(call.pool, call.actor, goal_id, asked.text, seen=asked.revision)
    return await _goal(call, goal_id)


async def remove_goal(call: Call[GoalRemoval]) -> GoalsTold:
    await change_goal(call.pool, call.actor, call.id("goal_id"), None, seen=call.asked.revision)
    return GoalsTold(items=goals_told(await evaluation_of(call)))


async def _goal(call: Call[Any], goal_id: int) -> GoalTold:
    """One goal.

    Raises:
        NoGoalError: there is none.
    """
    if all(one.goal_id != goal_id for one in await read_goals(call.pool)):
        raise NoGoalError(f"there is no goal {goal_id}")
    return next(one for one in goals_told(await evaluation_of(call)) if one.id == goal_id)


def goals_told(found: Evaluation) -> list[GoalTold]:
    """The goals of an evaluation."""
    return [
        GoalTold(
            id=one.goal.goal_id,
            metric=one.goal.metric,
            target=one.goal.target,
            by=one.goal.by,
            source=one.goal.text.source,
            revision=one.goal.changes,
            value=one.value,
            outcome=one.outcome,
            why=one.why,
        )
        for one in found.goals
    ]


_GOAL = "/v1/pilot-goals/{goal_id}"
_CHANGED = "somebody changed it since"

GOALS: Sequence[Operation[Any, Any]] = (
    Operation(
        "GET",
        "/v1/pilot-goals",
        Permission.FIGURES_READ,
        mark("The goals of the pilot, and whether they are reached"),
        Query,
        GoalsTold,
        list_goals,
    ),
    Operation(
        "POST",
        "/v1/pilot-goals",
        Permission.ROUNDS_REQUEST,
        mark("State a goal of the pilot"),
        GoalBody,
        GoalTold,
        add_goal,
        located="/v1/pilot-goals/{id}",
    ),
    Operation(
        "GET",
        _GOAL,
        Permission.FIGURES_READ,
        mark("One goal of the pilot"),
        Query,
        GoalTold,
        show_goal,
    ),
    Operation(
        "PUT",
        _GOAL,
        Permission.ROUNDS_REQUEST,
        mark("Change a goal of the pilot"),
        GoalChangeBody,
        GoalTold,
        put_goal,
        conflict=_CHANGED,
    ),
    Operation(
        "POST",
        f"{_GOAL}/removal",
        Permission.ROUNDS_REQUEST,
        mark("Remove a goal of the pilot"),
        GoalRemoval,
        GoalsTold,
        remove_goal,
        conflict=_CHANGED,
    ),
)
