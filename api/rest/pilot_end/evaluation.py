"""The evaluation of the pilot, for programs: `/v1/evaluation`."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    ResponseBody,
)
from api.rest.frame.operations import Call, Operation
from api.rest.pilot_end.asked import EvaluationQuery, evaluation_of
from api.rest.pilot_end.goals import GoalTold, goals_told
from fleet.actor import Permission
from optimiser.pilot_end.evaluation import Evaluation
from optimiser.pilot_end.figures import Measure, compared
from optimiser.pilot_end.measures import Doubt


class DaysTold(ResponseBody):
    """The first and the last local day of a period, and its working days."""

    first: date
    last: date
    working_days: int


class FigureTold(ResponseBody):
    """A figure before and after, null where it is not known, and by how much it is more, null where
    the two do not compare. Shares run from 0 to 1; the others are kr., tonnes, km, hours or
    numbers, as their names say."""

    name: Measure
    before: float | None
    after: float | None
    change: float | None


class DecisionsTold(ResponseBody):
    """The proposed changes that stand, by what is in force on them. They are of so many
    `proposals`, as what is proposed together is several changes. Those that are done or late are
    among the accepted."""

    proposals: int
    proposed: int
    accepted: int
    rejected: int
    open: int
    done: int
    late: int
    accepted_kr_year: float
    carried_kr_year: float
    promised_kr: float
    achieved_kr: float
    leaked_kr: float
    promised_co2_t: float
    achieved_co2_t: float
    promised_co2_kr: float
    achieved_co2_kr: float


class EvaluationTold(ResponseBody):
    """The pilot before and after, what was done of what was decided, and its goals. `doubts` say
    what does not compare. The head of a department is told of their own vehicles."""

    before: DaysTold | None
    after: DaysTold | None
    doubts: list[Doubt]
    figures: list[FigureTold]
    decisions: DecisionsTold
    goals: list[GoalTold]


async def show_evaluation(call: Call[EvaluationQuery]) -> EvaluationTold:
    found = await evaluation_of(call, call.asked)
    decided, total = found.decided, found.total
    return EvaluationTold(
        before=_days(found, after=False),
        after=_days(found, after=True),
        doubts=list(found.doubts),
        figures=[
            FigureTold(name=one.measure, before=one.before, after=one.after, change=one.change)
            for one in compared(found)
        ],
        decisions=DecisionsTold(
            proposals=decided.proposals,
            proposed=decided.proposed,
            accepted=decided.accepted,
            rejected=decided.rejected,
            open=decided.open,
            done=decided.done,
            late=decided.late,
            accepted_kr_year=found.accepted_kr_year,
            carried_kr_year=found.carried_kr_year,
            promised_kr=total.promised_kr,
            achieved_kr=total.achieved_kr,
            leaked_kr=total.leaked_kr,
            promised_co2_t=total.promised_co2_t,
            achieved_co2_t=total.achieved_co2_t,
            promised_co2_kr=total.promised_co2_kr,
            achieved_co2_kr=total.achieved_co2_kr,
        ),
        goals=goals_told(found),
    )


def _days(found: Evaluation, *, after: bool) -> DaysTold | None:
    one = found.after if after else found.before
    if one is None:
        return None
    return DaysTold(first=one.first, last=one.last, working_days=one.working_days)


EVALUATION: Sequence[Operation[Any, Any]] = (
    Operation(
        "GET",
        "/v1/evaluation",
        Permission.FIGURES_READ,
        mark("The evaluation of the pilot, before and after"),
        EvaluationQuery,
        EvaluationTold,
        show_evaluation,
    ),
)
