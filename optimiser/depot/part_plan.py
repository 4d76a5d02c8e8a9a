"""The plan of one part of a round: the best fleet of some depots, checked and split into decisions.

The departments of a depot share its vehicles: the depot is one pool. Sharing is a decision too. Its
value is the cost of the best fleet if each department keeps to its own vehicles, less the cost of
the plan; the cost of today's fleet is that with separate departments. If somebody rejected sharing,
each department is a pool of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from costs.kind_figures import KindFigures
from fleet.vehicle import GREEN_ENERGIES, Energy
from optimiser.depot.charge_points import (
    ChargePoints,
    PartPoints,
    PointsNeed,
    charge_points,
    points_kr_year,
    points_need,
    solve_with_points,
    with_points,
)
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Decision, TightDay, pool_decisions, tight_days
from optimiser.depot.fate import Fate
from optimiser.depot.fleet_changes import bound_by_verdicts
from optimiser.depot.nearest_today import NOTHING_WITHDRAWN, WithdrawnChanges, nearest_today
from optimiser.depot.own_kinds import with_own_kinds
from optimiser.depot.pool_cost import PoolCost, PoolCostFunction, cost_function, pool_cost
from optimiser.depot.pool_problem import fleet_problem
from optimiser.depot.vehicle_pool import VehiclePool, department_pool_id
from optimiser.depot.verdicts import Verdicts
from optimiser.model.body import current_body, stored_body
from optimiser.model.check import check_plan
from optimiser.model.files import kind_cells, trip_cells
from optimiser.model.peak import peak_out
from optimiser.model.plan import FleetAnswer, Plan
from optimiser.model.problem import Problem, ProblemError, Rules
from optimiser.model.remark import Remark, StoredRemark, remark
from optimiser.workers import CancelCheck

#: The gap for fleets of given counts, finer than that of a plan: the values of single decisions are
#: small beside the cost of a depot.
VALUE_GAP = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class PartInput:
    """The whole input of the plan of a part. `first` and `last` bound the period. A change that
    saves less than `least_saving_kr_year` is not proposed."""

    depots: tuple[VehiclePool, ...]
    kinds: Mapping[str, KindFigures]
    rules: Rules
    verdicts: Verdicts
    first: datetime
    last: datetime
    least_saving_kr_year: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFigures:
    """The figures of a fleet under the model. kr. and tonnes are per year."""

    vehicles: int
    green_vehicles: int
    cost_kr_year: float
    co2_t_year: float
    fallback_trips_year: float

    def __add__(self, other: "FleetFigures") -> "FleetFigures":
        pairs = zip(asdict(self).items(), asdict(other).values(), strict=True)
        return FleetFigures(**{name: a + b for (name, a), b in pairs})


ZERO_FIGURES = FleetFigures(
    vehicles=0, green_vehicles=0, cost_kr_year=0.0, co2_t_year=0.0, fallback_trips_year=0.0
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountChange:
    """The number of vehicles of a kind today and in the plan."""

    kind: str
    energy: Energy
    count_now: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotPlan:
    """One depot in a plan.

    At most `peak` of today's vehicles were out at once, first at `peak_at`. `apart` is true if the
    departments do not share. `unknown` names the vehicles of which too little is known.
    `charge_points` is None where no kind has any, and in rounds of earlier software.
    """

    depot_id: str
    baseline: FleetFigures
    proposed: FleetFigures
    peak: int
    peak_at: datetime | None
    changes: tuple[CountChange, ...]
    tight_days: tuple[TightDay, ...]
    departments: tuple[str, ...]
    apart: bool
    unknown: tuple[str, ...]
    charge_points: PointsNeed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPlan:
    """The plan of a part with its proof, its depots and its decisions in order of rank.

    `fleet_plan` is the content of `PLAN.json` without its notes, which are `notes`. `withdrawn` are
    the changes that are not proposed since each saves less than the round asks of one.
    `policies_kr_year` is how much less the cheapest fleet would cost that keeps no reserve and may
    let green vehicles go.
    """

    depots: tuple[DepotPlan, ...]
    decisions: tuple[Decision, ...]
    lower_bound_kr_year: float
    cost_kr_year: float
    seconds: float
    fleet_plan: dict[str, Any]
    notes: tuple[StoredRemark, ...] = ()
    withdrawn: WithdrawnChanges = NOTHING_WITHDRAWN
    policies_kr_year: float = 0.0


_PART_PLAN = TypeAdapter(PartPlan)


def read_part_plan(content: object) -> PartPlan:
    """The plan of a part in its stored JSON."""
    return _PART_PLAN.validate_python(current_body(content))


def part_plan_json(plan: PartPlan) -> Any:
    """The JSON of a part's plan, as it is stored."""
    return stored_body(_PART_PLAN.dump_python(plan, mode="json"))


def depot_pools(depot: VehiclePool, verdicts: Verdicts) -> list[VehiclePool]:
    """The pools of a depot: the depot itself, or its departments if sharing was rejected."""
    return department_pools(depot) if verdicts.sharing_rejected(depot.pool_id) else [depot]


def department_pools(depot: VehiclePool) -> list[VehiclePool]:
    """The departments of a depot as pools, each with its own vehicles and trips."""
    pools: list[VehiclePool] = []
    for name in sorted({c.department for c in depot.road_vehicles}):
        own = [c for c in depot.vehicles if c.department == name]
        ids = {c.vehicle_id for c in own}
        trips = [trip for trip in depot.trips if trip.vehicle_id in ids]
        pools.append(VehiclePool(department_pool_id(depot.pool_id, name), own, trips))
    return pools


def priced_input(part_input: PartInput) -> PartInput:
    """The input with vehicles that have costs of their own as kinds of their own."""
    depots, kinds = with_own_kinds(part_input.depots, part_input.kinds)
    return replace(part_input, depots=depots, kinds=kinds)


def pools_of_part(part_input: PartInput) -> list[tuple[VehiclePool, list[VehiclePool]]]:
    """Each depot of a part with its pools."""
    return [(depot, depot_pools(depot, part_input.verdicts)) for depot in part_input.depots]


def part_points(part_input: PartInput) -> dict[str, ChargePoints]:
    """The charge points of each pool of a part."""
    found: dict[str, ChargePoints] = {}
    for depot, own in pools_of_part(part_input):
        found |= charge_points(depot, own, part_input.kinds)
    return found


def part_problem(
    part_input: PartInput,
) -> tuple[list[tuple[VehiclePool, list[VehiclePool]]], Problem]:
    """The problem of a part, bound by the verdicts.

    Returns:
        Each depot with its pools, and the problem.

    Raises:
        ProblemError: a figure is impossible.
    """
    pools = pools_of_part(part_input)
    every = [pool for _, own in pools for pool in own]
    problem = fleet_problem(every, part_input.kinds, part_input.rules)
    for pool in every:
        problem = bound_by_verdicts(pool, problem, part_input.verdicts)
    return pools, problem


def plan_part(
    cancelled: CancelCheck, part_input: PartInput, *, seconds_max: float, gap: float
) -> PartPlan:
    """The plan of a part: its best fleet as decisions, which the checker has verified.

    Raises:
        ProblemError: no fleet keeps the rules, or the plan failed its check.
    """
    part_input = priced_input(part_input)
    pools, problem = part_problem(part_input)
    points = part_points(part_input)
    pointed = solve_with_points(
        problem, points, seconds_max=seconds_max, gap=gap, cancelled=cancelled
    )
    plan, bound = pointed.plan, pointed.lower_bound_kr_year
    if plan.best.cost_kr_year is None or bound is None:
        raise ProblemError(plan.best.reason or remark(Remark.NO_FLEET))
    fine = min(gap, VALUE_GAP)
    values = _cost_functions(problem, plan, points, seconds_max, fine)
    cheapest = plan.best.cost_kr_year + points_kr_year(plan.best, points)
    near, withdrawn = nearest_today(
        problem,
        plan,
        values,
        seconds_max=seconds_max,
        gap=fine,
        least_saving_kr_year=part_input.least_saving_kr_year,
        beside=lambda answer: points_kr_year(answer, points),
    )
    if near is not plan:
        plan, values = near, _cost_functions(problem, near, points, seconds_max, fine)
    refuse_wrong_plan(problem, plan)
    best = plan.best
    assert best.cost_kr_year is not None
    cost = best.cost_kr_year + points_kr_year(best, points)
    depots: list[DepotPlan] = []
    decisions: list[Decision] = []
    for depot, own in pools:
        of_depot: list[Decision] = []
        for pool in own:
            of_depot += pool_decisions(
                pool,
                part_input.kinds,
                problem,
                plan,
                part_input.verdicts,
                values[pool.pool_id],
                points[pool.pool_id],
            )
        baseline = _figures(problem, plan.baseline, own, part_input.kinds, points)
        proposed = _figures(problem, best, own, part_input.kinds, points)
        if len(own) == 1 and len(department_pools(depot)) > 1:
            apart = _apart(depot, part_input, seconds_max, gap, cancelled)
            of_depot.insert(0, _pooling(depot, baseline, proposed, apart))
            baseline = apart[0]
        decisions += [replace(decision, depot_id=depot.pool_id) for decision in of_depot]
        need = points_need(plan, own, points)
        depots.append(_depot_plan(depot, own, plan, part_input, baseline, proposed, need))
    return PartPlan(
        depots=tuple(depots),
        decisions=tuple(decisions),
        lower_bound_kr_year=min(bound, cost),
        cost_kr_year=cost,
        seconds=plan.seconds,
        fleet_plan=replace(plan, notes=()).to_json(),
        notes=plan.notes,
        withdrawn=withdrawn,
        policies_kr_year=_policies_kr_year(problem, points, cheapest, seconds_max, gap, cancelled),
    )


def _policies_kr_year(
    problem: Problem,
    points: PartPoints,
    cheapest: float,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck,
) -> float:
    """What keeping green vehicles and holding a reserve cost a year: the cost of the `cheapest`
    fleet that does, less that of the cheapest one of all."""
    rules = problem.rules
    if not rules.green_keep and not rules.reserve:
        return 0.0
    free = replace(problem, rules=replace(rules, green_keep=False, reserve=0))
    best = solve_with_points(
        free, points, seconds_max=seconds_max, gap=gap, cancelled=cancelled
    ).plan.best
    assert best.cost_kr_year is not None, "what the rules allow is allowed without them"
    return max(0.0, cheapest - best.cost_kr_year - points_kr_year(best, points))


def _cost_functions(
    problem: Problem, plan: Plan, points: PartPoints, seconds_max: float, gap: float
) -> dict[str, PoolCostFunction]:
    """The `cost_function` of each pool, with its charge points."""
    pools = sorted({kind.pool for kind in problem.kinds})
    return {
        pool: with_points(
            cost_function(problem, plan, pool, seconds_max=seconds_max, gap=gap), points[pool]
        )
        for pool in pools
    }


def refuse_wrong_plan(problem: Problem, plan: Plan) -> None:
    """Refuse a plan that the checker, which shares no code with the solver, finds wrong.

    Raises:
        ProblemError: the plan is wrong.
    """
    rules = {name: value for name, value in asdict(problem.rules).items() if value is not None}
    wrong = check_plan(plan.to_json(), trip_cells(problem), kind_cells(problem), rules)
    if wrong:
        raise ProblemError(remark(Remark.PLAN_WRONG, wrong="; ".join(wrong[:5])))


def ranked_decisions(parts: Sequence[PartPlan]) -> list[Decision]:
    """The decisions of all parts in one order of rank.

    Decisions of one depot keep their order, because their values build on each other. Vehicles that
    stay come last.
    """
    queues: dict[str, list[Decision]] = {}
    kept: list[Decision] = []
    for decision in (decision for part in parts for decision in part.decisions):
        if decision.action is Action.KEEP:
            kept.append(decision)
        else:
            queues.setdefault(decision.depot_id, []).append(decision)
    order: list[Decision] = []
    while queues:
        depot_id = max(queues, key=lambda d: (queues[d][0].saving_kr_year, d))
        order.append(queues[depot_id].pop(0))
        if not queues[depot_id]:
            del queues[depot_id]
    return order + sorted(kept, key=lambda d: (-d.left_out_kr_year, str(d.key)))


def _apart(
    depot: VehiclePool,
    part_input: PartInput,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck,
) -> tuple[FleetFigures, FleetFigures]:
    """The figures of a depot if its departments keep to their own vehicles.

    Returns:
        The figures of today's fleet, and those of the best fleet.
    """
    own = department_pools(depot)
    rules = replace(part_input.rules, co2_max_t_year=None)
    problem = fleet_problem(own, part_input.kinds, rules)
    points = charge_points(depot, own, part_input.kinds)
    plan = solve_with_points(
        problem, points, seconds_max=seconds_max, gap=gap, cancelled=cancelled
    ).plan
    return (
        _figures(problem, plan.baseline, own, part_input.kinds, points),
        _figures(problem, plan.best, own, part_input.kinds, points),
    )


def _pooling(
    depot: VehiclePool,
    together: FleetFigures,
    proposed: FleetFigures,
    apart: tuple[FleetFigures, FleetFigures],
) -> Decision:
    """The decision that the departments share vehicles; it comes first, as others build on it."""
    today, best = apart
    return Decision(
        key=DecisionKey(Action.POOL, depot.pool_id),
        action=Action.POOL,
        depot_id=depot.pool_id,
        count=best.vehicles - proposed.vehicles,
        departments=tuple(sorted({c.department for c in depot.road_vehicles})),
        saving_kr_year=today.cost_kr_year - together.cost_kr_year,
        saving_co2_t_year=today.co2_t_year - together.co2_t_year,
        left_out_kr_year=best.cost_kr_year - proposed.cost_kr_year,
        upfront_kr=0.0,
        trips=len(depot.road_trips),
        km=sum(trip.km for trip in depot.road_trips),
    )


def _depot_plan(
    depot: VehiclePool,
    own: Sequence[VehiclePool],
    plan: Plan,
    part_input: PartInput,
    baseline: FleetFigures,
    proposed: FleetFigures,
    need: PointsNeed | None,
) -> DepotPlan:
    trips = depot.road_trips
    peak, peak_at = peak_out((trip.start, trip.end) for trip in trips)
    pools = {pool.pool_id for pool in own}
    changes: dict[str, CountChange] = {}
    for line in plan.best.fleet:
        if line.pool in pools and (line.count or line.count_now):
            kind = part_input.kinds[line.type]
            known = changes.get(kind.catalogue_kind)
            changes[kind.catalogue_kind] = CountChange(
                kind=kind.name,
                energy=kind.energy,
                count_now=line.count_now + (known.count_now if known else 0),
                count=line.count + (known.count if known else 0),
            )
    return DepotPlan(
        depot_id=depot.pool_id,
        baseline=baseline,
        proposed=proposed,
        peak=peak,
        peak_at=peak_at,
        changes=tuple(changes.values()),
        tight_days=tight_days(trips, plan, proposed.vehicles),
        departments=tuple(sorted({c.department for c in depot.road_vehicles if c.department})),
        apart=len(own) > 1,
        unknown=tuple(c.name for c in depot.road_vehicles if c.fate is Fate.UNKNOWN),
        charge_points=need,
    )


def _figures(
    problem: Problem,
    answer: FleetAnswer,
    own: Sequence[VehiclePool],
    kinds: Mapping[str, KindFigures],
    points: PartPoints,
) -> FleetFigures:
    pools = {pool.pool_id for pool in own}
    lines = [line for line in answer.fleet if line.pool in pools]
    costs: list[PoolCost] = [pool_cost(problem, answer, pool) for pool in sorted(pools)]
    fallback = sum(
        answer.assignments[trip.trip_id] is None for trip in problem.trips if trip.pool in pools
    )
    return FleetFigures(
        vehicles=sum(line.count for line in lines),
        green_vehicles=sum(
            line.count for line in lines if kinds[line.type].energy in GREEN_ENERGIES
        ),
        cost_kr_year=sum(cost.cost_kr_year for cost in costs)
        + points_kr_year(answer, {pool: points[pool] for pool in pools}),
        co2_t_year=sum(cost.co2_t_year for cost in costs),
        fallback_trips_year=fallback * problem.year_factor,
    )
