"""The steps by which an accepted proposal is carried out, and the day of each. It is pure.

The last step is done on the day before the proposal takes hold, and the others some months before
it; where nobody works on such a day, on the last working day before it. No step is to be done
sooner than `LEAST_DAYS` after its day was found: whoever is to do it must have a chance to. When
the register has other days of the vehicle since, a step that was to be done sooner anyway stays so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from costs.budget import MONTHS, MoneyTerms, departure, next_month, notice_day
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
    RECEIVE = "receive"


#: The step after which the fleet is as it was proposed.
LAST_STEP = {
    Action.DISPOSE: Step.HAND_OVER,
    Action.REPLACE: Step.HAND_OVER,
    Action.BUY: Step.RECEIVE,
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


@dataclass(frozen=True, slots=True)
class VehicleDays:
    """What the register has of a vehicle that is to go: the last day of its contract, and the first
    day on which it is out of the fleet. None: it has no such day."""

    contract_end: date | None = None
    leaves_on: date | None = None

    def takes_hold(self, terms: MoneyTerms, begins: date) -> date:
        """The month from which a proposal with these terms can save that may begin in a month: the
        one after the vehicle leaves, and else as its contract lets it go."""
        if self.leaves_on is not None:
            return next_month(day_before(self.leaves_on))
        return departure(replace(terms, contract_end=self.contract_end), begins).day


def begins_by(proposed: date, accepted: date) -> date:
    """The first month in which a proposal may take hold that is `proposed` from a month on and was
    accepted on a day."""
    return max(proposed, next_month(accepted))


def planned_steps(
    action: Action,
    *,
    asked_on: date,
    takes_hold: date,
    days: VehicleDays,
    charge_points: int,
    lead: LeadTimes,
    notice_months: int,
    before: Mapping[Step, date] | None = None,
) -> list[PlannedStep]:
    """The steps of an accepted proposal in the order of their days, as they are found on the day
    `asked_on`. `takes_hold` is the first of a month. A vehicle that stays has none. Notice is given
    before the contract ends, or before the vehicle goes where that is sooner. `before` has the days
    that were found earlier."""
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
    soonest = _working_day(asked_on + timedelta(days=LEAST_DAYS), _ON)
    known = before or {}
    last_day = day_before(days.leaves_on or takes_hold)
    found = {step: day_before(months_before(takes_hold, count)) for step, count in months.items()}
    if action in (Action.DISPOSE, Action.REPLACE) and days.contract_end is not None:
        found[Step.GIVE_NOTICE] = notice_day(min(days.contract_end, last_day), notice_months)
    steps = [
        PlannedStep(step, max(_working_day(day, _BACK), min(known.get(step, soonest), soonest)))
        for step, day in found.items()
    ]
    least = min(known.get(last, soonest), soonest)
    ends = max([_working_day(last_day, _BACK), least, *(one.due for one in steps)])
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
