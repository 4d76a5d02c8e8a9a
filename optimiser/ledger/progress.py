"""What became of each accepted proposal: its state, and what it saved against what it promised.

It is pure. Months are whole: a proposal saves from the first of a month on, and one that is carried
out within a month from the next one on. Nothing is saved by a proposal before it was accepted,
whenever its vehicle left. Only months that have ended count. What is paid and the
value of CO2e, which nobody pays, are apart, and so are the one-off amounts of the month in which it
takes hold: the sale, the exit of a contract, and prices of vehicles and charge points, all as the
proposal has them. What leaks into journeys by taxi, hire and own car is taken off what is achieved.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from costs.budget import MONTHS, MoneyTerms, next_month
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.ledger.leakage import Carried, HiredMonth, Leak, Leakage, leakage
from optimiser.ledger.steps import LAST_STEP, Step

_KG_PER_T = 1000.0


class State(StrEnum):
    """How far an accepted proposal is."""

    PLANNED = "planned"
    ON_THE_WAY = "on_the_way"
    #: People said that it is carried out, and the register does not have it so yet.
    REPORTED = "reported"
    DONE = "done"
    LATE = "late"
    LEAKING = "leaking"


class Sign(StrEnum):
    """What is missing, or does not fit, of an accepted proposal."""

    #: A task that is not done has no owner.
    NO_OWNER = "no_owner"
    #: A task is not done by its day.
    OVERDUE = "overdue"
    #: The register has the vehicle as gone, and nobody said that it was handed over.
    NOT_HANDED_OVER = "not_handed_over"
    #: The same of a vehicle that is replaced: nobody said that the new one took its place.
    NOT_REPLACED = "not_replaced"
    #: Its tracker is silent, and nobody said that it was handed over.
    SILENT = "silent"
    #: It has not driven for as long, and nobody said that it was handed over.
    IDLE = "idle"
    #: It was said to be handed over, and the register still has it.
    STILL_REGISTERED = "still_registered"
    #: It was said to be moved, and the register still has it at its old depot.
    NOT_MOVED = "not_moved"
    #: It was said to be gone, and drove after that day.
    STILL_DRIVES = "still_drives"
    #: The register has another contract of it than the proposal, which runs on after it is to go.
    CONTRACT_RUNS = "contract_runs"
    #: The register has it leave the fleet later than was promised.
    LEAVES_LATER = "leaves_later"
    #: The latest round keeps its vehicle, and another one that was accepted since goes instead.
    STOOD_IN = "stood_in"
    #: The plan of the latest round has no room for it.
    NO_ROOM = "no_room"
    #: Journeys by taxi, hire or own car rose since.
    LEAKS = "leaks"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskState:
    """A step with its day, its owner ("": none), and the day on which it was done."""

    step: Step
    due: date
    owner: str = ""
    done_on: date | None = None

    def is_late(self, today: date) -> bool:
        return self.done_on is None and self.due < today


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleFacts:
    """What the register and the trackers tell of the vehicle of a proposal: the day from which it
    is out of the fleet, the last day of its contract, and the last days on which it was heard and
    drove."""

    retired_at: date | None = None
    contract_end: date | None = None
    heard_on: date | None = None
    drove_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undertaken:
    """A proposal that was accepted on the day `accepted_on`: what it promises from the month
    `takes_hold` on, its tasks and what is known of its vehicle (None: it is about none that leaves
    the fleet). Somebody said on the day `closed_on` that it is carried out. It counts
    `planned_kr_month` for trips that go by taxi, by which its saving is less. `is_at_old_depot`:
    the register has a vehicle that is to move where it was. `is_stood_in`: another vehicle goes
    instead, by a later acceptance, so that it promises nothing while it is not carried out.
    `is_shared`: it is of departments that are not seen, too, so that no sum has it.
    `has_no_room`: the plan of the latest round cannot have it, so that it promises nothing, either,
    while it is not carried out. `whole` names the proposal of which it is a change: several were
    accepted together where they have the same one."""

    number: int
    action: Action
    accepted_on: date
    takes_hold: date
    terms: MoneyTerms
    co2_t_year: float
    co2_kr_t: float
    depot_ids: frozenset[str]
    departments: frozenset[str]
    tasks: Sequence[TaskState]
    whole: tuple[DecisionKey, ...]
    vehicle: VehicleFacts | None = None
    closed_on: date | None = None
    planned_kr_month: float = 0.0
    is_at_old_depot: bool = False
    is_stood_in: bool = False
    is_shared: bool = False
    has_no_room: bool = False

    @property
    def is_expected(self) -> bool:
        """Whether it is to be carried out: no other vehicle goes instead, and the latest plan has
        it."""
        return not self.is_stood_in and not self.has_no_room

    @property
    def said_on(self) -> date | None:
        """The day on which the last step was done, as people said; None: nobody said so."""
        last = LAST_STEP.get(self.action)
        days = [one.done_on for one in self.tasks if one.step is last and one.done_on is not None]
        return days[0] if days else self.closed_on

    @property
    def planned_from(self) -> date | None:
        """The month from which it is to save by the day of its last step; None: that is done."""
        last = LAST_STEP.get(self.action)
        days = [one.due for one in self.waiting if one.step is last]
        return _saves_from(days[0]) if days else None

    @property
    def waiting(self) -> Sequence[TaskState]:
        """The tasks that are not done; none where somebody said that all is carried out."""
        if self.closed_on is not None:
            return ()
        return [one for one in self.tasks if one.done_on is None]

    def carried_on(self, today: date) -> date | None:
        """The day from which it is carried out: that on which the vehicle left the register, or its
        last task was done; of a vehicle that is replaced, the later of the two. Of what no register
        tells, each task is to be done. None: it is not."""
        if self.is_at_old_depot:
            return None
        days = [self.said_on if self.vehicle is None else self.vehicle.retired_at]
        if self.action in (Action.POOL, Action.BUY) and self.closed_on is None:
            days += [one.done_on for one in self.tasks]
        if self.action is Action.REPLACE:
            # Until another vehicle takes its place, nothing is saved by one that is gone.
            days += [self.said_on, *self._ordered_on]
        if any(day is None or day > today for day in days):
            return None
        return max(day for day in days if day is not None)

    @property
    def _ordered_on(self) -> Sequence[date | None]:
        """The day on which the new vehicle was ordered, where that is a task."""
        if self.closed_on is not None:
            return ()
        return [one.done_on for one in self.tasks if one.step is Step.ORDER]

    def has_left(self, today: date) -> bool:
        """Whether the register has the vehicle as gone."""
        left = None if self.vehicle is None else self.vehicle.retired_at
        return left is not None and left <= today

    @property
    def paid_kr_month(self) -> float:
        return self.terms.paid_kr_year / MONTHS


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSaving:
    """What was promised and achieved in a month; what is paid is below 0. `once` are one-off
    amounts, and `leaked` is taken off already."""

    month: date
    promised_kr: float = 0.0
    promised_once_kr: float = 0.0
    promised_co2_t: float = 0.0
    promised_co2_kr: float = 0.0
    achieved_kr: float = 0.0
    achieved_once_kr: float = 0.0
    achieved_co2_t: float = 0.0
    achieved_co2_kr: float = 0.0
    leaked_kr: float = 0.0
    leaked_co2_t: float = 0.0

    def __add__(self, other: "MonthSaving") -> "MonthSaving":
        return MonthSaving(
            month=self.month,
            promised_kr=self.promised_kr + other.promised_kr,
            promised_once_kr=self.promised_once_kr + other.promised_once_kr,
            promised_co2_t=self.promised_co2_t + other.promised_co2_t,
            promised_co2_kr=self.promised_co2_kr + other.promised_co2_kr,
            achieved_kr=self.achieved_kr + other.achieved_kr,
            achieved_once_kr=self.achieved_once_kr + other.achieved_once_kr,
            achieved_co2_t=self.achieved_co2_t + other.achieved_co2_t,
            achieved_co2_kr=self.achieved_co2_kr + other.achieved_co2_kr,
            leaked_kr=self.leaked_kr + other.leaked_kr,
            leaked_co2_t=self.leaked_co2_t + other.leaked_co2_t,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an accepted proposal is. `total` is the sum of its `months`, which begin with the one
    in which it takes hold or was carried out, whichever is first."""

    undertaken: Undertaken
    today: date
    state: State
    carried_on: date | None
    signs: Sequence[Sign]
    months: Sequence[MonthSaving]
    leaks: Sequence[Leak]

    @property
    def total(self) -> MonthSaving:
        return summed_up(self.months)

    @property
    def saves_since(self) -> date | None:
        """The month from which on it saves; None: it is not carried out."""
        return saves_since(self.undertaken, self.today)

    @property
    def is_counted(self) -> bool:
        """Whether it counts; where another vehicle goes instead, that one does, and what the latest
        plan has no room for saves nothing by it."""
        return self.carried_on is not None or self.undertaken.is_expected

    @property
    def is_without_room(self) -> bool:
        """Whether it does not count as the latest plan has no room for it."""
        one = self.undertaken
        return self.carried_on is None and one.has_no_room and not one.is_stood_in

    @property
    def accepted_kr_year(self) -> float:
        """What it saves in a full year, if it counts."""
        return self.undertaken.terms.paid_kr_year if self.is_counted else 0.0

    @property
    def carried_kr_year(self) -> float:
        """What it saves in a full year, if it is carried out."""
        return 0.0 if self.carried_on is None else self.undertaken.terms.paid_kr_year


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All accepted changes on a day, with their months from the first one on, added up: what is
    proposed together is several, which are carried out one by one.
    `leakage` tells what is not known of it. Those that other departments share are among the rows
    and in no sum: each of these would count them in full."""

    today: date
    rows: Sequence[Progress]
    months: Sequence[MonthSaving]
    leakage: Leakage

    @property
    def total(self) -> MonthSaving:
        return summed_up(self.months)

    @property
    def own(self) -> Sequence[Progress]:
        """Those that no other department shares."""
        return [one for one in self.rows if not one.undertaken.is_shared]

    @property
    def without_room(self) -> Sequence[Progress]:
        """Those of them for which the latest plan has no room, and which no sum has."""
        return [one for one in self.own if one.is_without_room]

    @property
    def without_room_kr_year(self) -> float:
        """What these would save in a full year, as a budget has it."""
        return sum(one.undertaken.terms.paid_kr_year for one in self.without_room)

    @property
    def carried(self) -> Sequence[Progress]:
        """Those of them that are carried out."""
        return [one for one in self.own if one.carried_on is not None]

    @property
    def shared(self) -> Sequence[Progress]:
        """Those that other departments share."""
        return [one for one in self.rows if one.undertaken.is_shared]

    @property
    def accepted_kr_year(self) -> float:
        """What the accepted proposals that count save in a full year, as a budget has it."""
        return sum(one.accepted_kr_year for one in self.own)

    @property
    def carried_kr_year(self) -> float:
        """What those of them save in a full year that are carried out."""
        return sum(one.carried_kr_year for one in self.own)

    @property
    def carried_co2_t_year(self) -> float:
        """The CO2e that these save in a full year."""
        return sum(one.undertaken.co2_t_year for one in self.carried)

    @property
    def late(self) -> Sequence[Progress]:
        return [one for one in self.rows if one.state is State.LATE]


def proposals_of(changes: Iterable[Progress]) -> int:
    """The number of proposals that some changes are of: what was accepted together is one."""
    return len({one.undertaken.whole for one in changes})


def account(
    undertaken: Iterable[Undertaken],
    hired: Iterable[HiredMonth],
    today: date,
    *,
    silent_days: int,
    leak_kg_km: float,
) -> Account:
    """What became of the accepted proposals by the day `today`.

    A vehicle is silent that was not heard for `silent_days`; a leaked km emits `leak_kg_km`.
    """
    every = list(undertaken)
    until = today.replace(day=1)
    carried = [
        _carried(one, since) for one in every if (since := saves_since(one, today)) is not None
    ]
    leaked = leakage(carried, hired, until)
    rows = [
        _progress(one, leaked.by_number.get(one.number, ()), today, silent_days, leak_kg_km)
        for one in every
    ]
    return Account(
        today=today,
        rows=rows,
        months=by_month(
            month for row in rows if not row.undertaken.is_shared for month in row.months
        ),
        leakage=leaked,
    )


def by_month(months: Iterable[MonthSaving]) -> list[MonthSaving]:
    """The savings of several proposals added up by month, in order and without a gap."""
    found: dict[date, MonthSaving] = {}
    for one in months:
        found[one.month] = found[one.month] + one if one.month in found else one
    if not found:
        return []
    return [found.get(month, MonthSaving(month=month)) for month in _months(min(found), max(found))]


def summed_up(months: Sequence[MonthSaving]) -> MonthSaving:
    """The sum of some months, named by the first of them."""
    total = MonthSaving(month=months[0].month if months else date.min)
    for one in months:
        total += one
    return total


def saves_since(one: Undertaken, today: date) -> date | None:
    """The month from which a proposal saves; None: it is not carried out."""
    carried_on = one.carried_on(today)
    if carried_on is None:
        return None
    return _saves_from(max(carried_on, one.accepted_on))


def _saves_from(day: date) -> date:
    """The first month that is whole for what is carried out on a day."""
    return day if day.day == 1 else next_month(day)


def _carried(one: Undertaken, since: date) -> Carried:
    return Carried(
        number=one.number,
        depot_ids=one.depot_ids,
        departments=one.departments,
        since=since,
        weight=one.paid_kr_month,
        planned_kr_month=one.planned_kr_month,
    )


def _progress(
    one: Undertaken, leaks: Sequence[Leak], today: date, silent_days: int, leak_kg_km: float
) -> Progress:
    signs = _signs(one, leaks, today, silent_days)
    until = today.replace(day=1)
    since = saves_since(one, today)
    by = {leak.month: leak for leak in leaks}
    first = one.takes_hold if since is None else min(one.takes_hold, since)
    counts = since is not None or one.is_expected
    months = [
        _month(one, month, since, by.get(month), leak_kg_km)
        for month in _months(first, until)
        if month < until and counts
    ]
    return Progress(
        undertaken=one,
        today=today,
        state=_state(one, signs, today),
        carried_on=one.carried_on(today),
        signs=signs,
        months=months,
        leaks=leaks,
    )


def _month(
    one: Undertaken, month: date, since: date | None, leak: Leak | None, leak_kg_km: float
) -> MonthSaving:
    co2_t = one.co2_t_year / MONTHS
    promised = month >= one.takes_hold
    achieved = since is not None and month >= since
    leaked_kr = 0.0 if leak is None else leak.kr
    leaked_t = 0.0 if leak is None else leak.km * leak_kg_km / _KG_PER_T
    achieved_t = (co2_t if achieved else 0.0) - leaked_t
    return MonthSaving(
        month=month,
        promised_kr=one.paid_kr_month if promised else 0.0,
        promised_once_kr=_once_kr(one.terms, month) if month == one.takes_hold else 0.0,
        promised_co2_t=co2_t if promised else 0.0,
        promised_co2_kr=co2_t * one.co2_kr_t if promised else 0.0,
        achieved_kr=(one.paid_kr_month if achieved else 0.0) - leaked_kr,
        achieved_once_kr=_once_kr(one.terms, month) if month == since else 0.0,
        achieved_co2_t=achieved_t,
        achieved_co2_kr=achieved_t * one.co2_kr_t,
        leaked_kr=leaked_kr,
        leaked_co2_t=leaked_t,
    )


def _once_kr(terms: MoneyTerms, since: date) -> float:
    """The one-off amounts where it takes hold in a month: leaving a contract that still runs then
    costs its exit."""
    runs = terms.contract_end is not None and since <= terms.contract_end
    exit_kr = (terms.exit_kr or 0.0) if runs else 0.0
    return terms.sale_kr - exit_kr - terms.price_kr - terms.charge_points_kr


def _signs(one: Undertaken, leaks: Sequence[Leak], today: date, silent_days: int) -> list[Sign]:
    said_on = one.said_on
    is_said = said_on is not None
    signs: list[Sign] = []
    if any(task.is_late(today) for task in one.waiting):
        signs.append(Sign.OVERDUE)
    if any(task.owner == "" for task in one.waiting):
        signs.append(Sign.NO_OWNER)
    vehicle = one.vehicle
    if vehicle is not None:
        gone = vehicle.retired_at if one.has_left(today) else None
        longest = timedelta(days=silent_days)
        if gone is not None and not is_said:
            is_replaced = one.action is Action.REPLACE
            signs.append(Sign.NOT_REPLACED if is_replaced else Sign.NOT_HANDED_OVER)
        if gone is None and is_said:
            signs.append(Sign.STILL_REGISTERED)
        if gone is None and not is_said:
            if vehicle.heard_on is not None and vehicle.heard_on < today - longest:
                signs.append(Sign.SILENT)
            elif vehicle.drove_on is not None and vehicle.drove_on < today - longest:
                signs.append(Sign.IDLE)
        left = said_on if gone is None else gone
        if left is not None and vehicle.drove_on is not None and vehicle.drove_on > left:
            signs.append(Sign.STILL_DRIVES)
        ends = None if vehicle.contract_end == one.terms.contract_end else vehicle.contract_end
        if gone is None and ends is not None and ends >= one.takes_hold:
            signs.append(Sign.CONTRACT_RUNS)
        leaves = vehicle.retired_at
        if gone is None and leaves is not None and _saves_from(leaves) > one.takes_hold:
            signs.append(Sign.LEAVES_LATER)
    if one.is_at_old_depot and is_said:
        signs.append(Sign.NOT_MOVED)
    if one.is_stood_in and one.carried_on(today) is None:
        signs.append(Sign.STOOD_IN)
    elif one.has_no_room and one.carried_on(today) is None:
        signs.append(Sign.NO_ROOM)
    if leaks:
        signs.append(Sign.LEAKS)
    return signs


def _state(one: Undertaken, signs: Sequence[Sign], today: date) -> State:
    is_carried = one.carried_on(today) is not None
    if Sign.STOOD_IN in signs:
        return State.PLANNED
    if Sign.OVERDUE in signs and not is_carried:
        return State.LATE
    lacks_register = Sign.STILL_REGISTERED in signs or Sign.NOT_MOVED in signs
    if not is_carried and lacks_register:
        return State.LATE if one.takes_hold <= today else State.REPORTED
    if Sign.LEAKS in signs:
        return State.LEAKING
    if Sign.OVERDUE in signs:
        return State.LATE
    if is_carried and not one.waiting:
        return State.DONE
    begun = is_carried or one.has_left(today) or any(task.done_on is not None for task in one.tasks)
    return State.ON_THE_WAY if begun else State.PLANNED


def _months(first: date, last: date) -> Sequence[date]:
    """The first days of the months from that of `first` to that of `last`."""
    found: list[date] = []
    month = first.replace(day=1)
    while month <= last:
        found.append(month)
        month = next_month(month)
    return found


def means_of(leaks: Iterable[Leak]) -> Mapping[str, float]:
    """The kr. that leaked, by the means."""
    found: dict[str, float] = {}
    for leak in leaks:
        for means, kr in leak.by_means.items():
            found[means.value] = found.get(means.value, 0.0) + kr
    return found
