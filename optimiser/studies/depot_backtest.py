"""The backtests of the depots of a part: its plan beside a fleet that knew the first weeks only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from fleet.localtime import LOCAL_ZONE, day_start, local_day
from optimiser.depot.pool_problem import fleet_problem
from optimiser.depot.vehicle_pool import VehiclePool, department_pools
from optimiser.model.plan import FleetAnswer, Plan
from optimiser.model.problem import Problem
from optimiser.model.remark import StoredRemark
from optimiser.parts.chosen_fleet import solve_chosen
from optimiser.parts.part_plan import PartInput, PartProblem, part_points, part_problem
from optimiser.studies.backtest import Backtest, replay, split_trips, workshop_replay
from optimiser.wanted import stop_if
from optimiser.workers import CancelCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotBacktest:
    """The backtest of a depot.

    `found` is None if the period is too short, or if no fleet keeps the cap on CO2e; `reason` then
    says why.
    """

    depot_id: str
    found: Backtest | None
    reason: StoredRemark | None = None


def depot_backtests(
    part_input: PartInput,
    plan: Plan,
    *,
    share: float,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck,
) -> tuple[DepotBacktest, ...]:
    """Chooses a fleet on the first weeks and tries it on the rest, depot by depot, beside the fleet
    of `plan` and that of today, whose departments drive apart. The first weeks are the share
    `share` of all; `seconds_max` and `gap` hold for the choice.

    The verdicts and a cap on CO2e over all depots bind the chosen fleet as they bind the plan. The
    choice uses the needs of the first weeks only: the vehicles that the plan keeps for the workshop
    are not kept, but those that these weeks ask for.
    """
    split = split_day(part_input.first, part_input.last, share)
    if split is None:
        return tuple(DepotBacktest(depot_id=d.pool_id, found=None) for d in part_input.depots)
    moment = day_start(split)
    unkept = replace(part_input, kept=())
    early = _between(unkept, part_input.depots, part_input.first, moment)
    late = _between(unkept, part_input.depots, moment, part_input.last)
    tried = [
        depot.pool_id
        for depot, after in zip(early.depots, late.depots, strict=True)
        if depot.road_trips and after.road_trips
    ]
    if not tried:
        return tuple(DepotBacktest(depot_id=d.pool_id, found=None) for d in part_input.depots)
    first = part_problem(
        replace(early, depots=tuple(d for d in early.depots if d.pool_id in tried))
    )
    chosen = solve_chosen(
        first.problem,
        part_points(early),
        part_input.chosen_kr_t,
        ready=first.ready,
        seconds_max=seconds_max,
        gap=gap,
        cancelled=cancelled,
        proven=False,
    ).plan
    reason = None if chosen.best.cost_kr_year is not None else chosen.best.reason
    found: list[DepotBacktest] = []
    for depot in late.depots:
        if reason is not None or depot.pool_id not in tried:
            found.append(DepotBacktest(depot_id=depot.pool_id, found=None, reason=reason))
            continue
        part = part_problem(replace(late, depots=(depot,)))
        rest, apart = _from(part.problem, moment), _from(_of_departments(part, late), moment)
        now = {kind.label: kind.count_now for kind in apart.kinds}
        stop_if(cancelled)
        planned = _planned_counts(plan.best, rest)
        backtest = Backtest(
            first=local_day(part_input.first),
            split=split,
            last=local_day(part_input.last - timedelta(seconds=1)),
            chosen=replay(rest, chosen.best.counts_of(rest.kinds)),
            workshop=workshop_replay(rest, chosen.best.counts_of(rest.kinds)),
            workshop_today=workshop_replay(apart, now),
            today=replay(apart, now),
            proposed=None if planned is None else replay(rest, planned),
            workshop_proposed=None if planned is None else workshop_replay(rest, planned),
        )
        found.append(DepotBacktest(depot_id=depot.pool_id, found=backtest))
    return tuple(found)


def _from(problem: Problem, moment: datetime) -> Problem:
    """The problem with the trips from a moment on."""
    _, after = split_trips(problem.trips, moment)
    return replace(problem, trips=tuple(after))


def _of_departments(part: PartProblem, part_input: PartInput) -> Problem:
    """The problem of a part with its departments apart, as today's fleet is driven. No rule binds
    who drives."""
    pools = [one for _, own in part.pools for pool in own for one in department_pools(pool)]
    rules = replace(part.problem.rules, reserve=0, no_fallback_needs=())
    return fleet_problem(pools, part_input.kinds, rules)


def _planned_counts(answer: FleetAnswer, problem: Problem) -> dict[str, int] | None:
    """The vehicles of an answer in the pools of `problem`, by the label of their kind; None if the
    problem lacks one of their kinds, as the cost of a vehicle was changed since."""
    labels = {(kind.pool, kind.type): kind.label for kind in problem.kinds}
    pools = {pool for pool, _ in labels}
    counts = dict.fromkeys(labels.values(), 0)
    for line in answer.fleet:
        label = labels.get((line.pool, line.type))
        if label is not None:
            counts[label] = line.count
        elif line.count and line.pool in pools:
            return None
    return counts


def split_day(first: datetime, last: datetime, share: float) -> date | None:
    """The first day of the weeks on which a fleet is tried; None if there are not two weeks."""
    weeks = (last.astimezone(LOCAL_ZONE).date() - first.astimezone(LOCAL_ZONE).date()).days // 7
    if weeks < 2:
        return None
    return local_day(first) + timedelta(weeks=min(weeks - 1, max(1, round(weeks * share))))


def _between(
    part_input: PartInput, depots: Sequence[VehiclePool], first: datetime, last: datetime
) -> PartInput:
    """The input of the part for the time from `first` to `last` of its period."""
    share = (last - first) / (part_input.last - part_input.first)
    days = (part_input.rules.period_days or 1.0) * share
    return replace(
        part_input,
        depots=tuple(
            replace(depot, trips=[trip for trip in depot.trips if first <= trip.start < last])
            for depot in depots
        ),
        rules=replace(part_input.rules, period_days=days),
        first=first,
        last=last,
    )
