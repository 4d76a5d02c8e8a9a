"""The study of a part, made after its plan: sensitivity, curve, charging and backtest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from costs.kind_figures import KindFigures
from costs.peak_days import PeakDay
from fleet.vehicle import Energy
from optimiser.depot.charge_points import PartPoints, points_kr_year, solve_with_points
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.fleet_changes import fleet_changes
from optimiser.depot.pool_cost import fleet_counts, pool_cost
from optimiser.depot.vehicle_pool import VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.model.body import current_body, stored_body
from optimiser.model.plan import FleetAnswer, FleetLine, Plan
from optimiser.model.problem import Problem, ProblemError, RoundTrip, Rules
from optimiser.model.vehicle_slot import VehicleSlot
from optimiser.parts.chosen_fleet import at_chosen_price, at_own_price
from optimiser.parts.depot_plan import fleet_figures
from optimiser.parts.joined_plan import bounded
from optimiser.parts.part_plan import (
    PartInput,
    counted_input,
    part_points,
    part_problem,
    refuse_wrong_plan,
)
from optimiser.parts.ready_plan import solve_ready
from optimiser.parts.standing import driven_figures
from optimiser.studies.charging import ChargingNeed, ElectricTrip, ElectricVehicle, charging_need
from optimiser.studies.curve import PricedFleet, best_at_price, bound_at, priced_fleets
from optimiser.studies.decisions_cost import decisions_kr_year
from optimiser.studies.depot_backtest import DepotBacktest, depot_backtests
from optimiser.studies.peak_day import PeakDayOutcome, peak_day_outcome
from optimiser.studies.planned_fleet import planned_if_as_good
from optimiser.studies.policies import PolicyStudy, policy_answers
from optimiser.studies.sensitivity import MovedFigure, SensitivityOutcome, with_demand
from optimiser.workers import CancelCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The input of a part with one figure moved: its kinds and rules, and the factor on demand."""

    moved: MovedFigure
    factor: float
    kinds: Mapping[str, KindFigures]
    rules: Rules
    demand: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyEffort:
    """The effort of a study.

    `seconds_max` and `gap` hold for each solve, `curve_solves` and `curve_price_max_kr_t` (of CO2e)
    for the curve. `backtest_share` is the share of weeks on which the backtest chooses a fleet.
    `kwh_km` is assumed for electric kinds of which only the range is known. `peak_days` are laid
    over the busiest day of each depot.
    """

    seconds_max: float
    gap: float
    curve_solves: int
    curve_price_max_kr_t: float
    backtest_share: float
    kwh_km: float
    peak_days: tuple[PeakDay, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotCharging:
    """The charging need of a depot's electric vehicles, in today's fleet and in the plan."""

    depot_id: str
    today: ChargingNeed
    proposed: ChargingNeed


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotPeakDays:
    """What the peak days do to a depot's fleet."""

    depot_id: str
    outcomes: tuple[PeakDayOutcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The study of a part. `curves` hold each depot's fleets at prices of CO2e, without a cap.
    `policies` is None in studies of earlier software, and where no fleet keeps the cap.
    `decisions_kr_year` is what the decisions of people cost; None: it is not known."""

    sensitivity: tuple[SensitivityOutcome, ...]
    charging: tuple[DepotCharging, ...]
    backtest: tuple[DepotBacktest, ...]
    curves: tuple[tuple[PricedFleet, ...], ...] = ()
    peak_days: tuple[DepotPeakDays, ...] = ()
    policies: PolicyStudy | None = None
    decisions_kr_year: float | None = None


_STUDY = TypeAdapter(Study)


def read_study(content: object) -> Study:
    """The study of a part in its stored JSON."""
    return _STUDY.validate_python(current_body(content))


def study_json(result: Study) -> Any:
    """The JSON of a part's study, as it is stored."""
    return stored_body(_STUDY.dump_python(result, mode="json"))


def study(
    cancelled: CancelCheck,
    part_input: PartInput,
    plan: Plan,
    scenarios: Sequence[Scenario],
    effort: StudyEffort,
) -> Study:
    """The study of a part with the plan `plan`."""
    counted = counted_input(part_input)
    return Study(
        sensitivity=tuple(_outcome(part_input, plan, s, effort, cancelled) for s in scenarios),
        curves=tuple(_curve(depot, counted, plan, effort, cancelled) for depot in counted.depots),
        charging=tuple(
            _charging(depot, counted, plan, effort, cancelled) for depot in counted.depots
        ),
        backtest=depot_backtests(
            counted,
            plan,
            share=effort.backtest_share,
            seconds_max=effort.seconds_max,
            gap=effort.gap,
            cancelled=cancelled,
        ),
        peak_days=tuple(
            _peak_days(depot, counted, plan, effort, cancelled) for depot in counted.depots
        ),
        policies=_policies(counted, plan, effort, cancelled),
        decisions_kr_year=decisions_kr_year(
            counted, seconds_max=effort.seconds_max, gap=effort.gap, cancelled=cancelled
        ),
    )


def _outcome(
    part_input: PartInput,
    planned: Plan,
    scenario: Scenario,
    effort: StudyEffort,
    cancelled: CancelCheck,
) -> SensitivityOutcome:
    """The outcome of a scenario: rejections still bind the new plan, and acceptances do not. Where
    the `planned` fleet is as good as the one that is found, nothing is overturned."""
    verdicts = Verdicts(rejected=part_input.verdicts.rejected)
    depots = tuple(
        replace(
            depot,
            trips=with_demand(
                depot.trips,
                scenario.demand,
                first=part_input.first,
                last=part_input.last,
                seed=part_input.rules.seed,
            ),
        )
        if scenario.demand != 1
        else depot
        for depot in part_input.depots
    )
    moved = counted_input(
        replace(
            part_input,
            depots=depots,
            kinds=scenario.kinds,
            rules=scenario.rules,
            verdicts=verdicts,
        )
    )
    part = part_problem(moved)
    problem = part.problem
    points = part_points(moved)
    decided = at_chosen_price(problem, part_input.chosen_kr_t)
    found = solve_ready(
        decided,
        points,
        ready=part.ready,
        seconds_max=effort.seconds_max,
        gap=effort.gap,
        cancelled=cancelled,
        proven=False,
    ).pointed
    found = planned_if_as_good(
        decided,
        points,
        found,
        planned.best,
        ready=part.ready,
        seconds_max=effort.seconds_max,
        gap=effort.gap,
        cancelled=cancelled,
    )
    plan = at_own_price(
        problem,
        decided,
        found,
        seconds_max=effort.seconds_max,
        gap=effort.gap,
        cancelled=cancelled,
    ).plan
    if plan.best.cost_kr_year is None:
        return SensitivityOutcome(
            moved=scenario.moved,
            factor=scenario.factor,
            vehicles=0,
            saving_kr_year=0.0,
            keys=(),
            possible=False,
        )
    keys = [DecisionKey(Action.POOL, depot.pool_id) for depot, own in part.pools if len(own) == 1]
    for _, own in part.pools:
        for pool in own:
            now, then = fleet_counts(problem, plan, pool.pool_id)
            green_keep = scenario.rules.green_keep
            changes = fleet_changes(pool, moved.kinds, now, then, verdicts, green_keep=green_keep)
            keys += [change.key(pool.pool_id) for change in changes]
    return SensitivityOutcome(
        moved=scenario.moved,
        factor=scenario.factor,
        vehicles=sum(line.count for line in plan.best.fleet),
        saving_kr_year=(plan.baseline.cost_kr_year or 0.0)
        - plan.best.cost_kr_year
        - points_kr_year(plan.best, points),
        keys=tuple(keys),
    )


def _curve(
    depot: VehiclePool,
    part_input: PartInput,
    plan: Plan,
    effort: StudyEffort,
    cancelled: CancelCheck,
) -> tuple[PricedFleet, ...]:
    """The fleets of a depot, the planned one among them: what the workshop asks for is not found
    best at each price, so the search may end at dearer ones."""
    # Each fleet keeps what the workshop asks of it, which another price of CO2e may change.
    own = replace(part_input, depots=(depot,), kept=())
    part = part_problem(own)
    problem = part.problem
    points = part_points(own)

    standing, kinds = part_input.standing[depot.pool_id], part_input.kinds
    free = replace(problem.rules, co2_kr_t=0.0)
    beside = driven_figures(standing, kinds, free, problem.year_factor)

    def at(price_kr_t: float) -> PricedFleet:
        found = best_at_price(
            problem,
            points,
            price_kr_t,
            ready=part.ready,
            seconds_max=effort.seconds_max,
            gap=effort.gap,
            cancelled=cancelled,
        )
        return with_beside(found)

    def with_beside(found: PricedFleet) -> PricedFleet:
        price_kr_t = found.price_kr_t
        lines = [(line.type, line.count_now, line.count) for line in found.fleet]
        lines += [(vehicle.kind, 1, 1) for vehicle in standing.vehicles]
        return replace(
            found,
            cost_kr_year=found.cost_kr_year + beside.cost_kr_year,
            co2_t_year=found.co2_t_year + beside.co2_t_year,
            bound_kr_year=found.bound_kr_year
            + beside.cost_kr_year
            + price_kr_t * beside.co2_t_year,
            fleet=tuple(
                FleetLine(
                    type=kinds[type_].catalogue_kind, pool=depot.pool_id, count=n, count_now=now
                )
                for type_, now, n in lines
            ),
        )

    fleets = priced_fleets(
        at, price_max_kr_t=effort.curve_price_max_kr_t, solves=effort.curve_solves
    )
    planned = _planned(part_input, problem, points, plan)
    if planned is None:
        return tuple(fleets)
    whole = with_beside(planned)
    price = whole.price_kr_t
    bound = min(bound_at(fleets, price), whole.total(price))
    known = replace(whole, bound_kr_year=bound)
    return tuple(sorted([*fleets, known], key=lambda one: one.price_kr_t))


def _planned(
    part_input: PartInput, problem: Problem, points: PartPoints, plan: Plan
) -> PricedFleet | None:
    """The planned fleet of the only depot of a part, with no bound, at the price of CO2e at which
    it was planned; None: it is no fleet of the depot by itself, since vehicles move, or since trips
    changed."""
    best = plan.best
    lacks = any(trip.trip_id not in best.assignments for trip in problem.trips)
    if len(part_input.depots) > 1 or lacks or best.cost_kr_year is None:
        return None
    assigned = {trip.trip_id: best.assignments[trip.trip_id] for trip in problem.trips}
    costs = [
        pool_cost(problem, replace(best, assignments=assigned), pool)
        for pool in sorted({kind.pool for kind in problem.kinds})
    ]
    cost = sum(one.cost_kr_year for one in costs)
    co2_t = sum(one.co2_t_year for one in costs)
    found = bounded(
        replace(best, assignments=assigned, cost_kr_year=cost, co2_t_year=co2_t, broken=()), 0.0
    )
    try:
        refuse_wrong_plan(problem, replace(plan, best=found))
    except ProblemError:
        return None
    price = problem.rules.co2_kr_t
    return PricedFleet(
        price_kr_t=price,
        cost_kr_year=cost + points_kr_year(found, points) - price * co2_t,
        co2_t_year=co2_t,
        bound_kr_year=0.0,
        fleet=found.fleet,
    )


def _policies(
    part_input: PartInput, plan: Plan, effort: StudyEffort, cancelled: CancelCheck
) -> PolicyStudy | None:
    part, points, kinds = part_problem(part_input), part_points(part_input), part_input.kinds
    problem = part.problem
    unkept = part_problem(replace(part_input, kept=())).problem
    free, costs = policy_answers(
        problem,
        unkept,
        points,
        planned=plan.best,
        ready=part.ready,
        seconds_max=effort.seconds_max,
        gap=effort.gap,
        cancelled=cancelled,
    )
    if free.cost_kr_year is None:
        return None
    pools = [pool for _, own in part.pools for pool in own]
    figures = fleet_figures(problem, free, pools, kinds, points)
    for standing in part_input.standing.values():
        figures += driven_figures(standing, kinds, problem.rules, problem.year_factor)
    return PolicyStudy(free=figures, costs=costs)


def _charging(
    depot: VehiclePool,
    part_input: PartInput,
    plan: Plan,
    effort: StudyEffort,
    cancelled: CancelCheck,
) -> DepotCharging:
    problem = part_problem(replace(part_input, depots=(depot,))).problem
    return DepotCharging(
        depot_id=depot.pool_id,
        today=charging_need(
            _electric_vehicles(problem, plan.baseline, part_input.kinds, effort.kwh_km), cancelled
        ),
        proposed=charging_need(
            _electric_vehicles(problem, plan.best, part_input.kinds, effort.kwh_km), cancelled
        ),
    )


def _electric_vehicles(
    problem: Problem, answer: FleetAnswer, kinds: Mapping[str, KindFigures], kwh_km: float
) -> list[ElectricVehicle]:
    """The electric vehicles of an answer, each with its trips."""
    driven: dict[VehicleSlot, list[RoundTrip]] = {}
    for trip in sorted(problem.trips, key=lambda trip: (trip.start, trip.end)):
        # The plan lacks trips that the trip service detected, or cut again, after it was made.
        vehicle = answer.assignments.get(trip.trip_id)
        if vehicle is not None:
            driven.setdefault(vehicle, []).append(trip)
    counts = {(line.pool, line.type): line.count for line in answer.fleet}
    vehicles: list[ElectricVehicle] = []
    for kind in problem.kinds:
        if kind.energy is not Energy.ELECTRIC or not kind.range_km or not kind.charge_km_h:
            continue
        kw = kinds[kind.type].charge_kw
        # The battery of the plan: a km uses the energy that the charger gives per km regained.
        used = kwh_km if kw is None else kw / kind.charge_km_h
        # A vehicle whose own cost was changed since the plan was made is of another kind by now.
        for number in range(1, counts.get((kind.pool, kind.type), 0) + 1):
            own = driven.get(kind.slot(number), [])
            vehicles.append(
                ElectricVehicle(
                    capacity_kwh=kind.range_km * used,
                    power_kw=kind.charge_km_h * used,
                    trips=tuple(ElectricTrip(t.start, t.end, t.km * used) for t in own),
                )
            )
    return vehicles


def _peak_days(
    depot: VehiclePool,
    part_input: PartInput,
    plan: Plan,
    effort: StudyEffort,
    cancelled: CancelCheck,
) -> DepotPeakDays:
    """The peak days at a depot. One without round trips has no busy day to lay them over."""
    if not depot.road_trips:
        return DepotPeakDays(depot_id=depot.pool_id, outcomes=())
    alone = replace(part_input, depots=(depot,))
    problem = part_problem(alone).problem
    points = part_points(alone)

    def best(of_day: Problem) -> FleetAnswer:
        return solve_with_points(
            of_day, points, seconds_max=effort.seconds_max, gap=effort.gap, cancelled=cancelled
        ).plan.best

    outcomes: list[PeakDayOutcome] = []
    for peak in effort.peak_days:
        found = peak_day_outcome(problem, plan.baseline, plan.best, peak, points, best)
        named = tuple((part_input.kinds[kind].name, count) for kind, count in found.ready_vehicles)
        outcomes.append(replace(found, ready_vehicles=named))
    return DepotPeakDays(depot_id=depot.pool_id, outcomes=tuple(outcomes))
