"""The plan of one part of a round: the best fleet of some depots, checked and cut into decisions.

The departments of a depot share its vehicles: the depot is one pool. Sharing is a decision too. Its
value is the cost of the best fleet when each department keeps to its own vehicles, less the cost of
the plan; today's fleet is measured as its departments use it today. If somebody rejected sharing,
each department is a pool of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from costs.kind_figures import KindFigures
from fleet.vehicle import GREEN_ENERGIES, Energy
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Decision, TightDay, decisions_of, tight_days
from optimiser.depot.fate import Fate
from optimiser.depot.fleet_changes import bound_by_verdicts
from optimiser.depot.nearest_today import nearest_today
from optimiser.depot.pool_cost import Evaluate, PoolCost, evaluator, pool_cost
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
from optimiser.solve import solve
from optimiser.workers import Cancelled

#: The gap to which fleets of given counts are solved, finer than a plan's: values of single
#: decisions are small beside the cost of a depot.
VALUE_GAP = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All that the plan of a part depends on. `first` and `last` bound the period."""

    depots: tuple[VehiclePool, ...]
    kinds: Mapping[str, KindFigures]
    rules: Rules
    verdicts: Verdicts
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFigures:
    """A fleet under the model. kr. and tonnes are a year."""

    vehicles: int
    green_vehicles: int
    cost_kr_year: float
    co2_t_year: float
    fallback_trips_year: float

    def __add__(self, other: "FleetFigures") -> "FleetFigures":
        pairs = zip(asdict(self).items(), asdict(other).values(), strict=True)
        return FleetFigures(**{name: a + b for (name, a), b in pairs})


NO_FIGURES = FleetFigures(
    vehicles=0, green_vehicles=0, cost_kr_year=0.0, co2_t_year=0.0, fallback_trips_year=0.0
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountChange:
    """How many of a kind there are and would be."""

    kind: str
    energy: Energy
    count_now: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotPlan:
    """One depot in a plan. At most `peak` of today's vehicles were out at once, first at
    `peak_at`. `unknown` names the vehicles of which too little is known."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPlan:
    """The plan of a part with its proof, its depots and its decisions in order of rank.
    `fleet_plan` is `PLAN.json` but for its notes, which are `notes`."""

    depots: tuple[DepotPlan, ...]
    decisions: tuple[Decision, ...]
    lower_bound_kr_year: float
    cost_kr_year: float
    seconds: float
    fleet_plan: dict[str, Any]
    notes: tuple[StoredRemark, ...] = ()


_PART_PLAN = TypeAdapter(PartPlan)


def read_part_plan(content: object) -> PartPlan:
    """A part's plan from the JSON that was stored of it."""
    return _PART_PLAN.validate_python(current_body(content))


def part_plan_json(plan: PartPlan) -> Any:
    """A part's plan as JSON, to be stored."""
    return stored_body(_PART_PLAN.dump_python(plan, mode="json"))


def pools_of(depot: VehiclePool, verdicts: Verdicts) -> list[VehiclePool]:
    """The depot as a pool, or its departments as pools where sharing was rejected."""
    return departments_of(depot) if verdicts.apart(depot.pool_id) else [depot]


def departments_of(depot: VehiclePool) -> list[VehiclePool]:
    """Each department of a depot with its own vehicles and trips, a pool by itself."""
    pools: list[VehiclePool] = []
    for name in sorted({c.department for c in depot.road}):
        own = [c for c in depot.candidates if c.department == name]
        ids = {c.vehicle_id for c in own}
        trips = [trip for trip in depot.trips if trip.vehicle_id in ids]
        pools.append(VehiclePool(department_pool_id(depot.pool_id, name), own, trips))
    return pools


def problem_of(question: Question) -> tuple[list[tuple[VehiclePool, list[VehiclePool]]], Problem]:
    """The problem of the depots of a question, bound by the verdicts.

    Returns:
        Each depot with its pools, and the problem.

    Raises:
        ProblemError: a figure cannot be.
    """
    pools = [(depot, pools_of(depot, question.verdicts)) for depot in question.depots]
    every = [pool for _, own in pools for pool in own]
    problem = fleet_problem(every, question.kinds, question.rules)
    for pool in every:
        problem = bound_by_verdicts(pool, problem, question.verdicts)
    return pools, problem


def plan_part(
    cancelled: Cancelled, question: Question, *, seconds_max: float, gap: float
) -> PartPlan:
    """The best fleet of a part as decisions. The checker verifies it before anybody sees it.

    Raises:
        ProblemError: no fleet keeps the rules, or the plan failed its check.
    """
    pools, problem = problem_of(question)
    plan = solve(problem, seconds_max=seconds_max, gap=gap, cancelled=cancelled)
    if plan.best.cost_kr_year is None:
        raise ProblemError(plan.best.reason or remark(Remark.NO_FLEET))
    fine = min(gap, VALUE_GAP)
    values = _evaluators(problem, plan, seconds_max, fine)
    near = nearest_today(problem, plan, values, seconds_max=seconds_max, gap=fine)
    if near is not plan:
        plan, values = near, _evaluators(problem, near, seconds_max, fine)
    refuse_wrong(problem, plan)
    best = plan.best
    assert best.cost_kr_year is not None
    assert best.lower_bound_kr_year is not None
    depots: list[DepotPlan] = []
    decisions: list[Decision] = []
    for depot, own in pools:
        of_depot: list[Decision] = []
        for pool in own:
            evaluate = values[pool.pool_id]
            of_depot += decisions_of(
                pool, question.kinds, problem, plan, question.verdicts, evaluate
            )
        baseline = _figures(problem, plan.baseline, own, question.kinds)
        proposed = _figures(problem, best, own, question.kinds)
        if len(own) == 1 and len(departments_of(depot)) > 1:
            apart = _apart(depot, question, seconds_max, gap, cancelled)
            of_depot.insert(0, _pooling(depot, baseline, proposed, apart))
            baseline = apart[0]
        decisions += [replace(decision, depot_id=depot.pool_id) for decision in of_depot]
        depots.append(_depot_plan(depot, own, plan, question, baseline, proposed))
    return PartPlan(
        depots=tuple(depots),
        decisions=tuple(decisions),
        lower_bound_kr_year=best.lower_bound_kr_year,
        cost_kr_year=best.cost_kr_year,
        seconds=plan.seconds,
        fleet_plan=replace(plan, notes=()).to_json(),
        notes=plan.notes,
    )


def _evaluators(
    problem: Problem, plan: Plan, seconds_max: float, gap: float
) -> dict[str, Evaluate]:
    """The `evaluator` of each pool."""
    pools = sorted({kind.pool for kind in problem.kinds})
    return {
        pool: evaluator(problem, plan, pool, seconds_max=seconds_max, gap=gap) for pool in pools
    }


def refuse_wrong(problem: Problem, plan: Plan) -> None:
    """Raises ProblemError if the checker, which knows nothing of the solver, refuses the plan."""
    rules = {name: value for name, value in asdict(problem.rules).items() if value is not None}
    wrong = check_plan(plan.to_json(), trip_cells(problem), kind_cells(problem), rules)
    if wrong:
        raise ProblemError(remark(Remark.PLAN_WRONG, wrong="; ".join(wrong[:5])))


def ranked(parts: Sequence[PartPlan]) -> list[Decision]:
    """The decisions of all parts in one order of rank.

    Decisions of one depot keep their order, since their values build on each other. Vehicles that
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
    depot: VehiclePool, question: Question, seconds_max: float, gap: float, cancelled: Cancelled
) -> tuple[FleetFigures, FleetFigures]:
    """The figures of a depot whose departments each keep to their own vehicles.

    Returns:
        The figures of today's fleet, and those of the best fleet.
    """
    own = departments_of(depot)
    rules = replace(question.rules, co2_max_t_year=None)
    problem = fleet_problem(own, question.kinds, rules)
    plan = solve(problem, seconds_max=seconds_max, gap=gap, cancelled=cancelled)
    return (
        _figures(problem, plan.baseline, own, question.kinds),
        _figures(problem, plan.best, own, question.kinds),
    )


def _pooling(
    depot: VehiclePool,
    together: FleetFigures,
    proposed: FleetFigures,
    apart: tuple[FleetFigures, FleetFigures],
) -> Decision:
    """The decision that the departments share. It comes first, as the others build on it."""
    today, best = apart
    return Decision(
        key=DecisionKey(Action.POOL, depot.pool_id),
        action=Action.POOL,
        depot_id=depot.pool_id,
        count=best.vehicles - proposed.vehicles,
        departments=tuple(sorted({c.department for c in depot.road})),
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
    question: Question,
    baseline: FleetFigures,
    proposed: FleetFigures,
) -> DepotPlan:
    trips = depot.road_trips
    peak, peak_at = peak_out((trip.start, trip.end) for trip in trips)
    pools = {pool.pool_id for pool in own}
    changes: dict[str, CountChange] = {}
    for line in plan.best.fleet:
        if line.pool in pools and (line.count or line.count_now):
            kind = question.kinds[line.type]
            known = changes.get(line.type)
            changes[line.type] = CountChange(
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
        departments=tuple(sorted({c.department for c in depot.road if c.department})),
        apart=len(own) > 1,
        unknown=tuple(c.name for c in depot.road if c.fate is Fate.UNKNOWN),
    )


def _figures(
    problem: Problem,
    answer: FleetAnswer,
    own: Sequence[VehiclePool],
    kinds: Mapping[str, KindFigures],
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
        cost_kr_year=sum(cost.cost_kr_year for cost in costs),
        co2_t_year=sum(cost.co2_t_year for cost in costs),
        fallback_trips_year=fallback * problem.year_factor,
    )
