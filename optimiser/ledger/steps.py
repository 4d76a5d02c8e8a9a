"""The steps by which an accepted proposal is carried out, and the day of each. It is pure.

The last step is done on the day before the proposal takes hold, and the others some months before
it. No step is to be done sooner than `LEAST_DAYS` after the acceptance: whoever is to do it must
have a chance to.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from costs.budget import MONTHS, next_month
from optimiser.depot.decision_key import Action

#: The days that each step has at the least.
LEAST_DAYS = 14


class Step(StrEnum):
    """The steps of carrying out a proposal, as the table names them."""

    GIVE_NOTICE = "give_notice"
    ORDER = "order"
    CHARGER = "charger"
    TELL_USERS = "tell_users"
    HAND_OVER = "hand_over"
    MOVE = "move"
    KEYS = "keys"


#: The step after which the fleet is as it was proposed.
LAST_STEP = {
    Action.DISPOSE: Step.HAND_OVER,
    Action.REPLACE: Step.HAND_OVER,
    Action.BUY: Step.HAND_OVER,
    Action.MOVE: Step.MOVE,
    Action.POOL: Step.KEYS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTimes:
    """The months before a proposal takes hold by which steps are to be done."""

    notice_months: int
    order_months: int
    charger_months: int = 1
    tell_months: int = 1


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step and the day by which it is to be done."""

    step: Step
    due: date


def begins_by(proposed: date, accepted: date) -> date:
    """The first month in which a proposal may take hold that is `proposed` from a month on and was
    accepted on a day."""
    return max(proposed, next_month(accepted))


def planned_steps(
    action: Action,
    *,
    accepted: date,
    takes_hold: date,
    has_contract: bool,
    charge_points: int,
    lead: LeadTimes,
) -> list[PlannedStep]:
    """The steps of an accepted proposal in the order of their days. `takes_hold` is the first of a
    month. A vehicle that stays has none."""
    if action not in LAST_STEP:
        return []
    last = LAST_STEP[action]
    months: dict[Step, int] = {}
    if action in (Action.DISPOSE, Action.REPLACE) and has_contract:
        months[Step.GIVE_NOTICE] = lead.notice_months
    if action in (Action.REPLACE, Action.BUY):
        months[Step.ORDER] = lead.order_months
    if charge_points:
        months[Step.CHARGER] = lead.charger_months
    if action in (Action.DISPOSE, Action.MOVE, Action.POOL):
        months[Step.TELL_USERS] = lead.tell_months
    soonest = accepted + timedelta(days=LEAST_DAYS)
    steps = [
        PlannedStep(step, max(soonest, day_before(months_before(takes_hold, count))))
        for step, count in months.items()
    ]
    ends = max([day_before(takes_hold), soonest, *(one.due for one in steps)])
    order = list(Step)
    return sorted(
        [*steps, PlannedStep(last, ends)], key=lambda one: (one.due, order.index(one.step))
    )


def months_before(month: date, count: int) -> date:
    """The first of the month that is `count` months before one."""
    index = month.year * MONTHS + month.month - 1 - count
    return date(index // MONTHS, index % MONTHS + 1, 1)


def day_before(day: date) -> date:
    return day - timedelta(days=1)
