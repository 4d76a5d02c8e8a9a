"""The evaluation that a program asks for."""

from typing import Annotated, Any

from pydantic import Field

from api.pages.pilot_end.periods import asked_periods, pilot_limits
from api.rest.frame.bodies import Day, Query
from api.rest.frame.operations import Call
from api.rest.frame.problems import Problem
from fleet.localtime import local_now
from ingest.listeners.problem import RefusedPart
from optimiser.pilot_end.evaluation import Evaluation
from reports.pilot_end import read_evaluation


class EvaluationQuery(Query):
    """The days of the two periods; absent: those of the first round, and the latest weeks. Who may
    not see single trips is told of the whole weeks that hold these days and are over."""

    before_from: Annotated[Day | None, Field(alias="before-from")] = None
    before_to: Annotated[Day | None, Field(alias="before-to")] = None
    after_from: Annotated[Day | None, Field(alias="after-from")] = None
    after_to: Annotated[Day | None, Field(alias="after-to")] = None


def days_asked(asked: EvaluationQuery) -> dict[str, str]:
    """The days of the two periods, as the address of the page has them."""
    given = {
        "before-from": asked.before_from,
        "before-to": asked.before_to,
        "after-from": asked.after_from,
        "after-to": asked.after_to,
    }
    return {name: day.isoformat() for name, day in given.items() if day is not None}


async def evaluation_of(call: Call[Any], asked: EvaluationQuery | None = None) -> Evaluation:
    """The evaluation as who asks sees it; of the usual periods where none are asked for.

    Raises:
        Problem: a period ends before it begins, or who asks may not be told of its days.
    """
    days = {} if asked is None else days_asked(asked)
    context = call.context
    periods, asked_days = await asked_periods(context, days, call.actor)
    if asked_days.errors:
        parts = [RefusedPart(None, name, text) for name, text in asked_days.errors.items()]
        raise Problem(422, "the request cannot be read", parts)
    return await read_evaluation(
        call.pool,
        context.months,
        call.actor,
        periods,
        pilot_limits(context.settings),
        local_now().date(),
    )
