"""The study of a part, made after its plan: sensitivity, curve, charging and backtest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from costs.kind_figures import KindFigures
from fleet.localtime import LOCAL_ZONE, day_start, local_day
from fleet.vehicle import Energy
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.fleet_changes import fleet_changes
from optimiser.depot.part_plan import Question, problem_of
from optimiser.depot.pool_cost import fleet_counts
from optimiser.depot.vehicle_pool import VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.model.body import current_body, stored_body
from optimiser.model.plan import FleetAnswer, Plan
from optimiser.model.problem import Problem, Rules
from optimiser.model.remark import StoredRemark
from optimiser.model.vehicle_slot import VehicleSlot
from optimiser.solve import solve
from optimiser.studies.backtest import Backtest, replay, split_trips
from optimiser.studies.charging import Charging, Drive, Duty, charging
from optimiser.studies.curve import PricedFleet, best_at_price, priced_fleets
from optimiser.studies.sensitivity import Moved, Outcome, with_demand
from optimiser.workers import Cancelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A question with one figure moved: kinds and rules as they then are, demand by a factor."""

    moved: Moved
    factor: float
    kinds: Mapping[str, KindFigures]
    rules: Rules
    demand: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyEffort:
    """How much work a study is.

    `seconds_max` and `gap` hold for each solve, `curve_solves` and `curve_price_max_kr_t` (of CO2e)
    for the curve. `backtest_share` is the share of weeks on which the backtest chooses a fleet.
    `kwh_km` is assumed for electric kinds of which only the range is known.
    """

    seconds_max: float
    gap: float
    curve_solves: int
    curve_price_max_kr_t: float
    backtest_share: float
    kwh_km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotCharging:
    """What a depot's electric vehicles need, as today's fleet and as the plan has them."""

    depot_id: str
    today: Charging
    proposed: Charging


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotBacktest:
    """A depot's backtest; None when the period is too short for one, or there was no fleet to try:
    `reason` then says why no fleet keeps the cap on CO2e."""

    depot_id: str
    found: Backtest | None
    reason: StoredRemark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The study of a part. `curves` hold each depot's fleets at prices of CO2e, without a cap."""

    sensitivity: tuple[Outcome, ...]
    charging: tuple[DepotCharging, ...]
    backtest: tuple[DepotBacktest, ...]
    curves: tuple[tuple[PricedFleet, ...], ...] = ()


_STUDY = TypeAdapter(Study)


def read_study(content: object) -> Study:
    """A part's study from the JSON that was stored of it."""
    return _STUDY.validate_python(current_body(content))


def study_json(found: Study) -> Any:
    """A part's study as JSON, to be stored."""
    return stored_body(_STUDY.dump_python(found, mode="json"))


def study(
    cancelled: Cancelled,
    question: Question,
    plan: Plan,
    scenarios: Sequence[Scenario],
    effort: StudyEffort,
) -> Study:
    """The study of a part whose plan is `plan`."""
    return Study(
        sensitivity=tuple(_outcome(question, s, effort, cancelled) for s in scenarios),
        curves=tuple(_curve(depot, question, effort, cancelled) for depot in question.depots),
        charging=tuple(_charging(depot, question, plan, effort) for depot in question.depots),
        backtest=_backtest(question, effort, cancelled),
    )


def _outcome(
    question: Question, scenario: Scenario, effort: StudyEffort, cancelled: Cancelled
) -> Outcome:
    """The part planned again: rejected decisions stay so, accepted ones must prove themselves."""
    verdicts = Verdicts(rejected=question.verdicts.rejected)
    depots = tuple(
        replace(
            depot,
            trips=with_demand(
                depot.trips,
                scenario.demand,
                first=question.first,
                last=question.last,
                seed=question.rules.seed,
            ),
        )
        if scenario.demand != 1
        else depot
        for depot in question.depots
    )
    moved = replace(
        question, depots=depots, kinds=scenario.kinds, rules=scenario.rules, verdicts=verdicts
    )
    pools, problem = problem_of(moved)
    plan = solve(problem, seconds_max=effort.seconds_max, gap=effort.gap, cancelled=cancelled)
    if plan.best.cost_kr_year is None:
        return Outcome(
            moved=scenario.moved,
            factor=scenario.factor,
            vehicles=0,
            saving_kr_year=0.0,
            keys=(),
            possible=False,
        )
    keys = [DecisionKey(Action.POOL, depot.pool_id) for depot, own in pools if len(own) == 1]
    for _, own in pools:
        for pool in own:
            now, then = fleet_counts(problem, plan, pool.pool_id)
            changes = fleet_changes(pool, scenario.kinds, now, then, verdicts)
            keys += [change.key(pool.pool_id) for change in changes]
    return Outcome(
        moved=scenario.moved,
        factor=scenario.factor,
        vehicles=sum(line.count for line in plan.best.fleet),
        saving_kr_year=(plan.baseline.cost_kr_year or 0.0) - plan.best.cost_kr_year,
        keys=tuple(keys),
    )


def _curve(
    depot: VehiclePool, question: Question, effort: StudyEffort, cancelled: Cancelled
) -> tuple[PricedFleet, ...]:
    _, problem = problem_of(replace(question, depots=(depot,)))

    def at(price_kr_t: float) -> PricedFleet:
        return best_at_price(
            problem,
            price_kr_t,
            seconds_max=effort.seconds_max,
            gap=effort.gap,
            cancelled=cancelled,
        )

    fleets = priced_fleets(
        at, price_max_kr_t=effort.curve_price_max_kr_t, solves=effort.curve_solves
    )
    return tuple(fleets)


def _charging(
    depot: VehiclePool, question: Question, plan: Plan, effort: StudyEffort
) -> DepotCharging:
    _, problem = problem_of(replace(question, depots=(depot,)))
    return DepotCharging(
        depot_id=depot.pool_id,
        today=charging(_duties(problem, plan.baseline, question.kinds, effort.kwh_km)),
        proposed=charging(_duties(problem, plan.best, question.kinds, effort.kwh_km)),
    )


def _duties(
    problem: Problem, answer: FleetAnswer, kinds: Mapping[str, KindFigures], kwh_km: float
) -> list[Duty]:
    """The electric vehicles of an answer, each with its drives."""
    drives: dict[VehicleSlot, list[Drive]] = {}
    for trip in sorted(problem.trips, key=lambda trip: (trip.start, trip.end)):
        # The plan does not have a trip that was detected, or cut anew, since it was made.
        vehicle = answer.assignments.get(trip.trip_id)
        if vehicle is not None:
            drives.setdefault(vehicle, []).append(Drive(trip.start, trip.end, trip.km))
    counts = {(line.pool, line.type): line.count for line in answer.fleet}
    duties: list[Duty] = []
    for kind in problem.kinds:
        if kind.energy is not Energy.ELECTRIC or not kind.range_km or not kind.charge_km_h:
            continue
        kw = kinds[kind.type].charge_kw
        # The plan's own battery: what a km takes is what the charger gives per km regained.
        used = kwh_km if kw is None else kw / kind.charge_km_h
        for number in range(1, counts[kind.pool, kind.type] + 1):
            own = drives.get(kind.slot(number), [])
            duties.append(
                Duty(
                    capacity_kwh=kind.range_km * used,
                    power_kw=kind.charge_km_h * used,
                    drives=tuple(Drive(d.start, d.end, d.kwh * used) for d in own),
                )
            )
    return duties


def _backtest(
    question: Question, effort: StudyEffort, cancelled: Cancelled
) -> tuple[DepotBacktest, ...]:
    """A fleet is chosen on the first weeks and tried on the rest, depot by depot.

    As the plan, the chosen fleet is bound by the verdicts and by a cap on CO2e over all depots. It
    knows the needs of the first weeks and nothing of the rest.
    """
    split = split_day(question.first, question.last, effort.backtest_share)
    if split is None:
        return tuple(DepotBacktest(depot_id=d.pool_id, found=None) for d in question.depots)
    moment = day_start(split)
    early = _between(question, question.depots, question.first, moment)
    late = _between(question, question.depots, moment, question.last)
    tried = [
        depot.pool_id
        for depot, after in zip(early.depots, late.depots, strict=True)
        if depot.road_trips and after.road_trips
    ]
    if not tried:
        return tuple(DepotBacktest(depot_id=d.pool_id, found=None) for d in question.depots)
    _, first = problem_of(
        replace(early, depots=tuple(d for d in early.depots if d.pool_id in tried))
    )
    chosen = solve(first, seconds_max=effort.seconds_max, gap=effort.gap, cancelled=cancelled)
    reason = None if chosen.best.cost_kr_year is not None else chosen.best.reason
    found: list[DepotBacktest] = []
    for depot in late.depots:
        if reason is not None or depot.pool_id not in tried:
            found.append(DepotBacktest(depot_id=depot.pool_id, found=None, reason=reason))
            continue
        _, rest = problem_of(replace(late, depots=(depot,)))
        _, after = split_trips(rest.trips, moment)
        rest = replace(rest, trips=tuple(after))
        backtest = Backtest(
            first=local_day(question.first),
            split=split,
            last=local_day(question.last - timedelta(seconds=1)),
            chosen=replay(rest, _counts(rest, chosen.best)),
            today=replay(rest, _counts(rest, chosen.baseline)),
        )
        found.append(DepotBacktest(depot_id=depot.pool_id, found=backtest))
    return tuple(found)


def split_day(first: datetime, last: datetime, share: float) -> date | None:
    """The first day of the weeks that a fleet is tried on; None when there are not two weeks."""
    weeks = (last.astimezone(LOCAL_ZONE).date() - first.astimezone(LOCAL_ZONE).date()).days // 7
    if weeks < 2:
        return None
    return local_day(first) + timedelta(weeks=min(weeks - 1, max(1, round(weeks * share))))


def _between(
    question: Question, depots: Sequence[VehiclePool], first: datetime, last: datetime
) -> Question:
    """The question on the days from `first` to `last` of its period."""
    share = (last - first) / (question.last - question.first)
    days = (question.rules.period_days or 1.0) * share
    return replace(
        question,
        depots=tuple(
            replace(depot, trips=[trip for trip in depot.trips if first <= trip.start < last])
            for depot in depots
        ),
        rules=replace(question.rules, period_days=days),
        first=first,
        last=last,
    )


def _counts(problem: Problem, answer: FleetAnswer) -> dict[str, int]:
    """How many of the problem's kinds an answer has, by label."""
    counts = {(line.pool, line.type): line.count for line in answer.fleet}
    return {kind.label: counts[kind.pool, kind.type] for kind in problem.kinds}
