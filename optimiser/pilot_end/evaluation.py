"""The evaluation of the pilot: two periods, what was done of what was decided, and the goals.

It is pure. Of decisions it knows what the ledger and the rounds know, and computes none of it anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from optimiser.ledger.progress import Account, MonthSaving
from optimiser.pilot_end.goals import Goal, Metric
from optimiser.pilot_end.measures import Doubt, PeriodMeasures


class Outcome(StrEnum):
    """What became of a goal."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    #: It is not reached, and its day lies ahead.
    NOT_YET = "not_yet"
    UNKNOWN = "unknown"


class Untold(StrEnum):
    """Why it cannot be told whether a goal is reached, beside what two periods lack."""

    #: No proposal is accepted yet.
    NOTHING_ACCEPTED = "nothing_accepted"
    #: The goal is of the whole municipality, and the figures are those of some departments.
    OF_ALL = "of_all"
    #: There was nothing before of which something could become less.
    NOTHING_BEFORE = "nothing_before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The proposed changes that stand, by what is in force on them: those of so many `proposals`,
    as what is proposed together is several changes. Those that are `done` are among the
    `accepted`, and so are those that are `late`."""

    proposals: int = 0
    proposed: int = 0
    accepted: int = 0
    rejected: int = 0
    open: int = 0
    done: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalResult:
    """A goal with its value today, a share or an amount as its metric has it; None: it cannot be
    told, because of `why`."""

    goal: Goal
    value: float | None
    outcome: Outcome
    why: Doubt | Untold | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The evaluation on a day. `is_whole`: it is of all departments. `carried_co2_t_year` is what
    the proposals save a year that are carried out; see `optimiser.ledger.progress.Account`."""

    today: date
    before: PeriodMeasures | None
    after: PeriodMeasures | None
    doubts: Sequence[Doubt]
    decided: Decided
    total: MonthSaving
    accepted_kr_year: float
    carried_kr_year: float
    carried_co2_t_year: float
    watched_until: date | None
    watched_gaps: Sequence[date]
    goals: Sequence[GoalResult]
    is_whole: bool

    @property
    def both(self) -> tuple[PeriodMeasures, PeriodMeasures] | None:
        """The two periods, where there are both."""
        return None if self.before is None or self.after is None else (self.before, self.after)

    @property
    def compares_driving(self) -> bool:
        """Whether enough vehicles are known in both periods for what they drove to compare."""
        return self.both is not None and not _FEW & set(self.doubts)

    @property
    def paid_kr_year(self) -> tuple[float, float] | None:
        """What is paid before and after: for the fleet, and for taxi, hire and own car where both
        are known."""
        if self.both is None:
            return None
        before, after = self.both
        if before.hired is None or after.hired is None:
            return before.fleet_kr_year, after.fleet_kr_year
        return before.paid_kr_year, after.paid_kr_year


_FEW = {Doubt.FEW_KNOWN_BEFORE, Doubt.FEW_KNOWN_AFTER}


def evaluate(
    *,
    today: date,
    before: PeriodMeasures | None,
    after: PeriodMeasures | None,
    doubts: Sequence[Doubt],
    decided: Decided,
    account: Account,
    goals: Iterable[Goal],
    is_whole: bool,
) -> Evaluation:
    """The evaluation on the day `today`."""
    bare = Evaluation(
        today=today,
        before=before,
        after=after,
        doubts=doubts,
        decided=decided,
        total=account.total,
        accepted_kr_year=account.accepted_kr_year,
        carried_kr_year=account.carried_kr_year,
        carried_co2_t_year=account.carried_co2_t_year,
        watched_until=account.leakage.watched_until,
        watched_gaps=account.leakage.gaps,
        goals=(),
        is_whole=is_whole,
    )
    values = _values(bare)
    return replace(
        bare,
        goals=[_judged(goal, values[goal.metric], today, is_whole=is_whole) for goal in goals],
    )


#: The value of a metric, or why it cannot be told.
_Value = float | Doubt | Untold


def _values(found: Evaluation) -> Mapping[Metric, _Value]:
    decided = found.decided
    return {
        Metric.FEWER_VEHICLES: _less(
            None
            if found.both is None
            else (float(found.both[0].vehicles), float(found.both[1].vehicles)),
            found,
            by_driving=False,
        ),
        Metric.LOWER_COST: _less(found.paid_kr_year, found),
        Metric.LOWER_CO2: _less(
            None if found.both is None else (found.both[0].co2_t_year, found.both[1].co2_t_year),
            found,
        ),
        Metric.COVERAGE: _of_after(found, None if found.after is None else found.after.known_share),
        Metric.USE: _of_after(found, None if found.after is None else found.after.days_used_share),
        Metric.CARRIED_OUT: decided.done / decided.accepted
        if decided.accepted
        else Untold.NOTHING_ACCEPTED,
        Metric.SAVED_KR: found.carried_kr_year if decided.accepted else Untold.NOTHING_ACCEPTED,
        Metric.SAVED_CO2: found.carried_co2_t_year if decided.accepted else Untold.NOTHING_ACCEPTED,
    }


def _less(
    pair: tuple[float, float] | None, found: Evaluation, *, by_driving: bool = True
) -> _Value:
    """The share by which something became less."""
    if pair is None:
        return Doubt.NO_BEFORE if found.before is None else Doubt.NO_AFTER
    if by_driving and not found.compares_driving:
        return next(one for one in found.doubts if one in _FEW)
    before, after = pair
    return (before - after) / before if before > 0 else Untold.NOTHING_BEFORE


def _of_after(found: Evaluation, value: float | None) -> _Value:
    if value is not None:
        return value
    if found.after is None:
        return Doubt.NO_BEFORE if found.before is None else Doubt.NO_AFTER
    return Doubt.FEW_KNOWN_AFTER


def _judged(goal: Goal, value: _Value, today: date, *, is_whole: bool) -> GoalResult:
    if not is_whole:
        value = Untold.OF_ALL
    if isinstance(value, Doubt | Untold):
        return GoalResult(goal=goal, value=None, outcome=Outcome.UNKNOWN, why=value)
    if value >= goal.target:
        outcome = Outcome.REACHED
    else:
        outcome = Outcome.NOT_YET if today <= goal.by else Outcome.NOT_REACHED
    return GoalResult(goal=goal, value=value, outcome=outcome)
