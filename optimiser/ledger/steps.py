"""The steps by which an accepted proposal is carried out, and the day of each. It is pure.

The last step is done on the day before the proposal takes hold, and the others some months before
it; where nobody works on such a day, on the last working day before it. No step is to be done
sooner than `LEAST_DAYS` after the acceptance: whoever is to do it must have a chance to.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from costs.budget import MONTHS, next_month, notice_day
from fleet.localtime import is_working_day
from optimiser.depot.decision_key import Action

#: The days that each step has at the least.
LEAST_DAYS = 14

_ON, _BACK = timedelta(days=1), timedelta(days=-1)


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
    """The months before a proposal takes hold by which steps are to be done. Those of notice are an
    assumption."""

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
    contract_end: date | None,
    charge_points: int,
    lead: LeadTimes,
    notice_months: int,
) -> list[PlannedStep]:
    """The steps of an accepted proposal in the order of their days. `takes_hold` is the first of a
    month. A vehicle that stays has none. Notice is given before the contract ends, or before the
    vehicle goes where that is sooner."""
    if action not in LAST_STEP:
        return []
    last = LAST_STEP[action]
    months: dict[Step, int] = {}
    if action in (Action.REPLACE, Action.BUY):
        months[Step.ORDER] = lead.order_months
    if charge_points:
        months[Step.CHARGER] = lead.charger_months
    if action in (Action.DISPOSE, Action.MOVE, Action.POOL):
        months[Step.TELL_USERS] = lead.tell_months
    soonest = _working_day(accepted + timedelta(days=LEAST_DAYS), _ON)
    days = {step: day_before(months_before(takes_hold, count)) for step, count in months.items()}
    if action in (Action.DISPOSE, Action.REPLACE) and contract_end is not None:
        ends = min(contract_end, day_before(takes_hold))
        days[Step.GIVE_NOTICE] = notice_day(ends, notice_months)
    steps = [
        PlannedStep(step, max(soonest, _working_day(day, _BACK))) for step, day in days.items()
    ]
    ends = max([_working_day(day_before(takes_hold), _BACK), soonest, *(one.due for one in steps)])
    order = list(Step)
    return sorted(
        [*steps, PlannedStep(last, ends)], key=lambda one: (one.due, order.index(one.step))
    )


def _working_day(day: date, step: timedelta) -> date:
    """The nearest working day from a day on, or back, which may be the day itself."""
    while not is_working_day(day):
        day += step
    return day


def months_before(month: date, count: int) -> date:
    """The first of the month that is `count` months before one."""
    index = month.year * MONTHS + month.month - 1 - count
    return date(index // MONTHS, index % MONTHS + 1, 1)


def day_before(day: date) -> date:
    return day - timedelta(days=1)
