"""The plan of one part of a round: the best fleet of some depots, checked and split into decisions.

The departments of a depot share its vehicles: the depot is one pool. Sharing is a decision too. Its
value is the cost of the best fleet if each department keeps to its own vehicles, less the cost of
the plan; the cost of today's fleet is that with separate departments. If somebody rejected sharing,
each department is a pool of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import partial
from math import inf
from typing import Any

from pydantic import TypeAdapter

from costs.budget import MoneyTerms
from costs.kind_figures import KindFigures
from optimiser.bundles.choice import counts_without, exchangeable
from optimiser.bundles.joint import with_bundles
from optimiser.bundles.pool_plan import PoolPlan, bundles_of, fleets_of, too_small
from optimiser.depot.charge_points import (
    ChargePoints,
    PartPoints,
    charge_points,
    points_kr_year,
    points_need,
    solve_with_points,
    with_points,
)
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Decision, by_weight, pool_decisions
from optimiser.depot.fate import KeptVehicles
from optimiser.depot.fleet_changes import bound_by_verdicts
from optimiser.depot.nearest_today import (
    NOTHING_WITHDRAWN,
    Withdrawal,
    WithdrawnChanges,
    nearest_today,
)
from optimiser.depot.own_kinds import with_own_kinds
from optimiser.depot.pool_cost import (
    Counts,
    KrRange,
    PoolCost,
    PoolCostFunction,
    cost_function,
    fleet_counts,
)
from optimiser.depot.pool_problem import fleet_problem
from optimiser.depot.vehicle_pool import (
    VehicleMove,
    VehiclePool,
    department_pools,
    moves_of_pool,
)
from optimiser.depot.verdicts import Verdicts
from optimiser.model.body import current_body, stored_body
from optimiser.model.check import check_plan
from optimiser.model.check_workshop import check_workshop
from optimiser.model.files import kind_cells, trip_cells
from optimiser.model.plan import FleetAnswer, Plan
from optimiser.model.problem import Problem, ProblemError, Rules
from optimiser.model.remark import Remark, StoredRemark, remark
from optimiser.parts.chosen_fleet import (
    at_chosen_price,
    at_own_price,
    costs_at_own_price,
    solve_chosen,
)
from optimiser.parts.depot_plan import (
    DepotPlan,
    FleetFigures,
    Scheduled,
    depot_plan,
    fleet_figures,
    rule_breaks,
)
from optimiser.parts.fleet_use import fleet_use
from optimiser.parts.own_vehicles import with_own_vehicles
from optimiser.parts.planned_vehicles import PlannedVehicle, planned_vehicles
from optimiser.parts.ready_plan import kept_for_workshop, solve_ready, with_kept
from optimiser.parts.spare_today import spare_today
from optimiser.parts.standing import driven_figures, kept_unknown, set_apart, standing_beside
from optimiser.parts.workshop import (
    PoolWorkshop,
    Shifts,
    WorkshopRule,
    with_workshop,
    workshop_file,
    workshop_rule,
)
from optimiser.workers import CancelCheck

#: The gap for fleets of given counts, finer than that of a plan: the values of single decisions are
#: small beside the cost of a depot.
VALUE_GAP = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class PartInput:
    """The whole input of the plan of a part. `first` and `last` bound the period. A change that
    saves less than `least_saving_kr_year` is not proposed. `standing` are the vehicles of each
    depot that the plan does not count on, once `counted_input` has set them apart. `chosen_kr_t` is
    the price of CO2e of the fleet that people chose; None: nobody chose one. `coming` are the kinds
    of vehicles that move into pools, by their ids; `kinds` need not hold them. `workshop`: no more
    trips than today are to lack a vehicle while one is there, also with these shifts, for which a
    plan has `kept` some; None: nobody asks for that. At the depots `unshared` it saves too little
    that departments share."""

    depots: tuple[VehiclePool, ...]
    kinds: Mapping[str, KindFigures]
    rules: Rules
    verdicts: Verdicts
    first: datetime
    last: datetime
    least_saving_kr_year: float = 0.0
    standing: Mapping[str, VehiclePool] = field(default_factory=dict[str, VehiclePool])
    chosen_kr_t: float | None = None
    coming: Mapping[str, Sequence[KindFigures]] = field(
        default_factory=dict[str, Sequence[KindFigures]]
    )
    workshop: Shifts | None = None
    kept: Sequence[KeptVehicles] = ()
    unshared: frozenset[str] = frozenset()

    @property
    def least_of_bundles(self) -> float:
        """The least that a decision is to save; of a fleet that people chose, nothing is too
        small."""
        return self.least_saving_kr_year if self.chosen_kr_t is None else -inf


@dataclass(frozen=True, slots=True)
class SolvedCounts:
    """The cost of a pool at counts, as `optimiser.depot.pool_cost` solved it."""

    pool: str
    counts: Counts
    cost: PoolCost


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPlan:
    """The plan of a part with its proof, its depots and its decisions in order of rank.

    `fleet_plan` is the content of `PLAN.json` without its notes, which are `notes`. `withdrawn`
    are the changes that are not proposed since each saves less than the round asks of one.
    `policies_kr_year` is how much less the cheapest fleet found costs without the policies of the
    round, and `policies_range` what is proven of that; none in rounds of earlier software. Today's
    fleet may cost `today_slack_kr_year` less than it is told to, which would be no saving; 0 in
    those, too. `kept` are the vehicles that stay for the workshop, and `unshared` the depots at
    which it saves too little that departments share. `solved` are kept only where vehicles may
    move between parts, and `coming` are the kinds of those that move into pools of the part;
    `moved`: vehicles move from or to it, which depends on other parts. `vehicles` are those of the
    plan with their slots; none in rounds of earlier software.
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
    policies_range: KrRange | None = None
    today_slack_kr_year: float = 0.0
    solved: tuple[SolvedCounts, ...] = ()
    coming: Mapping[str, tuple[KindFigures, ...]] = field(
        default_factory=dict[str, tuple[KindFigures, ...]]
    )
    moved: bool = False
    kept: tuple[KeptVehicles, ...] = ()
    unshared: frozenset[str] = frozenset()
    vehicles: tuple[PlannedVehicle, ...] = ()


_PART_PLAN = TypeAdapter(PartPlan)


def read_part_plan(content: object) -> PartPlan:
    """The plan of a part in its stored JSON."""
    return _PART_PLAN.validate_python(current_body(content))


def part_plan_json(plan: PartPlan) -> Any:
    """The JSON of a part's plan, as it is stored."""
    return stored_body(_PART_PLAN.dump_python(plan, mode="json"))


def counted_input(part_input: PartInput) -> PartInput:
    """The input with vehicles that have costs of their own as kinds of their own, and with those of
    which too little is known set apart."""
    depots, kinds = with_own_kinds(part_input.depots, part_input.kinds)
    come = {kind.kind: kind for found in part_input.coming.values() for kind in found}
    kinds = {**come, **kinds}
    apart = [set_apart(depot, kinds) for depot in depots]
    return replace(
        part_input,
        depots=tuple(counted for counted, _ in apart),
        kinds=kinds,
        standing={standing.pool_id: standing for _, standing in apart},
    )


def pools_of_part(part_input: PartInput) -> list[tuple[VehiclePool, list[VehiclePool]]]:
    """Each depot of a part with its pools: the depot itself, or its departments if sharing was
    rejected or saves too little."""
    return [
        (
            depot,
            department_pools(depot)
            if part_input.verdicts.sharing_rejected(depot.pool_id)
            or depot.pool_id in part_input.unshared
            else [depot],
        )
        for depot in part_input.depots
    ]


def part_points(part_input: PartInput) -> dict[str, ChargePoints]:
    """The charge points of each pool of a part."""
    found: dict[str, ChargePoints] = {}
    for depot, own in pools_of_part(part_input):
        found |= charge_points(depot, own, part_input.kinds)
    return found


@dataclass(frozen=True, slots=True)
class PartProblem:
    """The problem of a part, bound by the verdicts, and each depot with its pools.

    The rules mean the trips `bound`: these may not use the fallback. What the workshop asks of its
    fleets is `ready`; None: nothing.
    """

    pools: Sequence[tuple[VehiclePool, Sequence[VehiclePool]]]
    problem: Problem
    bound: frozenset[str]
    ready: WorkshopRule | None

    def scheduled(self, answer: FleetAnswer, own: Sequence[VehiclePool]) -> Scheduled:
        """An answer to the problem, in the pools `own`."""
        return Scheduled(self.problem, answer, frozenset(pool.pool_id for pool in own), self.bound)


def part_problem(part_input: PartInput) -> PartProblem:
    """The problem of a part, with the vehicles that are kept for the workshop.

    Raises:
        ProblemError: a figure is impossible.
    """
    pools = pools_of_part(part_input)
    every = [pool for _, own in pools for pool in own]
    coming = {pool: [kind.kind for kind in found] for pool, found in part_input.coming.items()}
    rules = _rules_of(part_input.rules, pools)
    problem = fleet_problem(every, part_input.kinds, rules, coming)
    for pool in every:
        problem = bound_by_verdicts(pool, problem, part_input.verdicts)
    problem, bound = with_own_vehicles(every, problem)
    ready = workshop_rule(every, part_input.workshop)
    return PartProblem(pools, with_kept(problem, part_input.kept), bound, ready)


def _rules_of(rules: Rules, pools: Sequence[tuple[VehiclePool, Sequence[VehiclePool]]]) -> Rules:
    """`rules` with the reserves of the pools of depots, and of no others, and without moves, which
    `optimiser.parts.moved_parts` makes between plans of parts.

    Where the departments of a depot are pools of their own, the one with most vehicles holds the
    reserve of the depot: apart they have as many vehicles to spare as if they shared.
    """
    rules = replace(rules, moves=False)
    if not isinstance(rules.reserve, Mapping):
        return rules
    reserve: dict[str, int] = {}
    for depot, own in pools:
        if (count := rules.reserve.get(depot.pool_id, 0)) > 0:
            reserve[max(own, key=lambda pool: len(pool.road_vehicles)).pool_id] = count
        named = (pool.pool_id for pool in own if pool.pool_id in rules.reserve)
        reserve |= {pool_id: rules.reserve[pool_id] for pool_id in named}
    return replace(rules, reserve=reserve)


def plan_part(
    cancelled: CancelCheck, part_input: PartInput, *, seconds_max: float, gap: float
) -> PartPlan:
    """The plan of a part: its best fleet as decisions, which the checker has verified. Departments
    share where that saves enough.

    Raises:
        ProblemError: no fleet keeps the rules, or the plan failed its check.
    """
    plan = _plan(cancelled, part_input, seconds_max=seconds_max, gap=gap)
    loose = _hardly_shared(part_input, plan)
    if not loose:
        return plan
    apart = replace(part_input, unshared=frozenset(loose))
    plan = _plan(cancelled, apart, seconds_max=seconds_max, gap=gap)
    least = part_input.least_saving_kr_year
    return replace(
        plan,
        depots=tuple(
            replace(depot, unshared_kr_year=loose.get(depot.depot_id)) for depot in plan.depots
        ),
        withdrawn=plan.withdrawn + WithdrawnChanges(len(loose), sum(loose.values()), least),
        unshared=apart.unshared,
    )


def _hardly_shared(part_input: PartInput, plan: PartPlan) -> dict[str, float]:
    """What it saves a year that departments share, at the depots at which that is less than the
    least saving. Under a cap on CO2e they share, as it may not be kept else."""
    if part_input.rules.co2_max_t_year is not None:
        return {}
    return {
        one.depot_id: one.left_out_kr_year
        for one in plan.decisions
        if one.action is Action.POOL
        and one.key not in part_input.verdicts.accepted
        and one.left_out_kr_year is not None
        and one.left_out_kr_year < part_input.least_of_bundles
    }


def _plan(
    cancelled: CancelCheck, part_input: PartInput, *, seconds_max: float, gap: float
) -> PartPlan:
    """The plan of a part whose departments share as the input says."""
    part_input = counted_input(part_input)
    part = part_problem(part_input)
    unkept, kinds = part.problem, part_input.kinds
    points = part_points(part_input)
    ready = solve_ready(
        at_chosen_price(unkept, part_input.chosen_kr_t),
        points,
        ready=part.ready,
        seconds_max=seconds_max,
        gap=gap,
        cancelled=cancelled,
    )
    decided = at_chosen_price(unkept, part_input.chosen_kr_t)
    pointed = ready.pointed
    plan = pointed.plan
    if plan.best.cost_kr_year is None or pointed.lower_bound_kr_year is None:
        raise ProblemError(plan.best.reason or remark(Remark.NO_FLEET))
    fine = min(gap, VALUE_GAP)
    before = solved = _nothing_solved(points)
    workshops = {} if part.ready is None else part.ready.workshops(decided)
    values = cost_functions(decided, plan, points, seconds_max, fine, cancelled, solved, workshops)
    cheapest = plan.best.cost_kr_year + points_kr_year(plan.best, points)
    proven = KrRange(min(pointed.lower_bound_kr_year, cheapest), cheapest)
    near, withdrawn = nearest_today(
        decided,
        plan,
        values,
        seconds_max=seconds_max,
        gap=fine,
        cancelled=cancelled,
        least_saving_kr_year=max(0.0, part_input.least_of_bundles),
        beside=lambda answer: points_kr_year(answer, points),
        too_small=partial(_too_small, part_input, part, plan, values),
    )
    own = at_own_price(
        unkept,
        decided,
        replace(pointed, plan=near),
        seconds_max=seconds_max,
        gap=fine,
        cancelled=cancelled,
    )
    if near is not plan:
        solved = _nothing_solved(points)
        values = cost_functions(
            decided, near, points, seconds_max, fine, cancelled, solved, workshops
        )
    kept = (
        kept_for_workshop(decided, near.best, values, part_input.least_of_bundles)
        if ready.is_bound
        else ()
    )
    if decided is not unkept:
        values = costs_at_own_price(unkept, decided, own.plan, values)
    plan = own.plan
    problem = with_kept(unkept, kept)
    part = replace(part, problem=problem)
    refuse_wrong_plan(problem, plan, part.ready)
    best, bound = plan.best, own.lower_bound_kr_year
    if best.cost_kr_year is None or bound is None:
        raise ProblemError(best.reason or remark(Remark.NO_FLEET))
    cost = best.cost_kr_year + points_kr_year(best, points)
    depots: list[DepotPlan] = []
    decisions: list[Decision] = []
    pool_plans = pools_planned(part_input, part, plan, values)
    bundles = bundles_of(pool_plans, part_input.least_of_bundles)
    today_slack: dict[str, float] = {}
    for depot, own in part.pools:
        of_depot: list[Decision] = []
        standing = part_input.standing[depot.pool_id]
        for pool in own:
            of_depot += pool_decisions(
                pool,
                kinds,
                problem,
                plan,
                part_input.verdicts,
                values[pool.pool_id],
                points[pool.pool_id],
                exchangeable(bundles, pool.pool_id),
                kept=kept,
                unknown=standing_beside(pool, standing),
            )
        today, then = part.scheduled(plan.baseline, own), part.scheduled(best, own)
        baseline = fleet_figures(problem, plan.baseline, own, kinds, points)
        proposed = fleet_figures(problem, best, own, kinds, points)
        beside = driven_figures(standing, kinds, problem.rules, problem.year_factor)
        spare_of = (problem, own, points)
        whose_today, of_today = "", plan.baseline
        use_today = fleet_use(problem, plan.baseline, own, kinds, standing, built=0)
        if len(own) == 1 and len(department_pools(depot)) > 1:
            pools = department_pools(depot)
            own_points = charge_points(depot, pools, kinds)
            apart, alone = _apart(depot, part_input, own_points, seconds_max, gap, cancelled)
            today, best_apart = (
                apart.scheduled(answer, pools) for answer in (alone.baseline, alone.best)
            )
            figures_apart = [
                fleet_figures(apart.problem, answer, pools, kinds, own_points)
                for answer in (alone.baseline, alone.best)
            ]
            of_depot.insert(
                0,
                _pooling(
                    depot,
                    today=(figures_apart[0], baseline),
                    best=(figures_apart[1], proposed),
                    lacking=max(0, best_apart.without_vehicle - then.without_vehicle),
                    co2_kr_t=problem.rules.co2_kr_t,
                ),
            )
            baseline = figures_apart[0]
            spare_of = (apart.problem, pools, own_points)
            whose_today, of_today = depot.pool_id, alone.baseline
            use_today = fleet_use(apart.problem, alone.baseline, pools, kinds, standing, built=0)
        today_slack[whose_today] = _slack(of_today)
        spare = spare_today(
            spare_of[0],
            baseline,
            spare_of[1],
            kinds,
            spare_of[2],
            seconds_max=seconds_max,
            gap=gap,
            cancelled=cancelled,
        )
        driven = driven_figures(depot, kinds, problem.rules, problem.year_factor) + beside
        built_kr = points_kr_year(
            plan.baseline, {pool.pool_id: points[pool.pool_id] for pool in own}
        )
        driven = replace(driven, cost_kr_year=driven.cost_kr_year + built_kr)
        breaks = rule_breaks(today, then)
        decisions += [replace(decision, depot_id=depot.pool_id) for decision in of_depot]
        decisions += kept_unknown(standing, kinds, problem.year_factor)
        figures = baseline + beside, proposed + beside
        need = points_need(plan, own, points, standing)
        uses = (
            use_today,
            fleet_use(
                problem, best, own, kinds, standing, built=0 if need is None else need.to_build
            ),
        )
        depots.append(
            depot_plan(
                depot, standing, own, plan, kinds, figures, breaks, need, uses, spare, driven
            )
        )
        cost, bound = cost + beside.cost_kr_year, bound + beside.cost_kr_year
    decisions = with_bundles(
        decisions,
        bundles,
        fleets_of(pool_plans),
        part_input.least_of_bundles,
        part_input.verdicts.accepted,
    )
    policies_kr_year, policies_range = _policies(
        at_chosen_price(unkept, part_input.chosen_kr_t),
        points,
        proven,
        seconds_max,
        gap,
        cancelled,
        are_any=ready.is_bound,
    )
    return PartPlan(
        depots=tuple(depots),
        decisions=tuple(decisions),
        lower_bound_kr_year=min(bound, cost),
        cost_kr_year=cost,
        seconds=plan.seconds,
        fleet_plan=replace(plan, notes=()).to_json(),
        notes=plan.notes,
        withdrawn=withdrawn,
        policies_kr_year=policies_kr_year,
        policies_range=policies_range,
        today_slack_kr_year=sum(today_slack.values()),
        solved=tuple(
            SolvedCounts(pool, counts, cost)
            for pool in solved
            for counts, cost in {**before[pool], **solved[pool]}.items()
        )
        if part_input.rules.moves and decided is unkept
        else (),
        kept=kept,
        vehicles=planned_vehicles(
            (pool for _, own in part.pools for pool in own),
            kinds,
            problem,
            plan,
            part_input.verdicts,
        ),
    )


def pools_planned(
    part_input: PartInput,
    part: PartProblem,
    plan: Plan,
    values: Mapping[str, PoolCostFunction],
    moves: Sequence[VehicleMove] = (),
) -> list[PoolPlan]:
    """The pools of a part with their fleets in a plan; `values` are the costs of their counts."""
    found: list[PoolPlan] = []
    for _, own in part.pools:
        for pool in own:
            now, then = fleet_counts(part.problem, plan, pool.pool_id)
            found.append(
                PoolPlan(
                    pool=pool,
                    kinds=part_input.kinds,
                    now=now,
                    then=then,
                    verdicts=part_input.verdicts,
                    evaluate=values[pool.pool_id],
                    green_keep=part.problem.rules.green_keep,
                    moves=moves_of_pool(pool.pool_id, moves),
                )
            )
    return found


def _too_small(
    part_input: PartInput,
    part: PartProblem,
    plan: Plan,
    values: Mapping[str, PoolCostFunction],
    pool_id: str,
    counts: dict[str, int],
    may_have: Callable[[dict[str, int]], bool],
) -> Withdrawal | None:
    """Changes of a pool with some counts that save too little together."""
    found = [
        replace(one, then=counts)
        for one in pools_planned(part_input, part, plan, values)
        if one.pool.pool_id == pool_id
    ]
    small = too_small(found[0], part_input.least_of_bundles, lambda then: may_have(dict(then)))
    if small is None:
        return None
    units, kr_year = small
    then = counts_without(units, fleets_of(found))[pool_id]
    return Withdrawal(then, len(units), kr_year)


def _policies(
    problem: Problem,
    points: PartPoints,
    cheapest: KrRange,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck,
    *,
    are_any: bool,
) -> tuple[float, KrRange]:
    """The cost of the policies a year: how much less the cheapest fleet found without them costs,
    and what is proven of that.

    Each of the two searches ends at a gap of its own, so that their difference may be off by both.
    The least cost with the policies lies in the range `cheapest`. `problem` keeps none for the
    workshop; `are_any`: the fleet does.
    """
    rules = problem.rules
    if not (rules.green_keep or rules.reserve or rules.no_fallback_needs or are_any):
        return 0.0, KrRange(0.0, 0.0)
    rules = replace(rules, green_keep=False, reserve=0, no_fallback_needs=())
    pointed = solve_with_points(
        replace(problem, rules=rules), points, seconds_max=seconds_max, gap=gap, cancelled=cancelled
    )
    best, bound = pointed.plan.best, pointed.lower_bound_kr_year
    assert best.cost_kr_year is not None, "what the rules allow is allowed without them"
    assert bound is not None, "a plan with a cost has a bound"
    # What keeps the policies is a fleet without them, too, which the search may not have found.
    free = min(best.cost_kr_year + points_kr_year(best, points), cheapest.high)
    bound = min(bound, free)
    return cheapest.high - free, KrRange(max(0.0, cheapest.low - free), cheapest.high - bound)


def _slack(answer: FleetAnswer) -> float:
    """The most by which an answer may cost too much, as far as is proven, in kr. a year."""
    assert answer.cost_kr_year is not None, "today's fleet has a cost"
    assert answer.lower_bound_kr_year is not None, "a plan with a cost has a bound"
    return max(0.0, answer.cost_kr_year - answer.lower_bound_kr_year)


#: By pool, the costs at counts that are solved.
SolvedByPool = dict[str, dict[Counts, PoolCost]]


def _nothing_solved(points: PartPoints) -> SolvedByPool:
    return {pool: {} for pool in points}


def cost_functions(
    problem: Problem,
    plan: Plan,
    points: PartPoints,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck,
    solved: SolvedByPool,
    workshops: Mapping[str, PoolWorkshop],
) -> dict[str, PoolCostFunction]:
    """The costs of `solved_costs`, with the charge points of each pool."""
    costs = solved_costs(problem, plan, seconds_max, gap, cancelled, solved, workshops)
    return {pool: with_points(cost, points[pool]) for pool, cost in costs.items()}


def solved_costs(
    problem: Problem,
    plan: Plan,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck,
    solved: SolvedByPool,
    workshops: Mapping[str, PoolWorkshop],
) -> dict[str, PoolCostFunction]:
    """The `cost_function` of each pool, with what it lacks with a vehicle in the workshop, if that
    is asked for. They know what is `solved` and add to it."""
    values = {
        pool: cost_function(
            problem,
            plan,
            pool,
            seconds_max=seconds_max,
            gap=gap,
            cancelled=cancelled,
            solved=solved[pool],
        )
        for pool in sorted({kind.pool for kind in problem.kinds})
    }
    return {
        pool: with_workshop(evaluate, workshops[pool]) if pool in workshops else evaluate
        for pool, evaluate in values.items()
    }


def refuse_wrong_plan(problem: Problem, plan: Plan, ready: WorkshopRule | None = None) -> None:
    """Refuse a plan that the checker, which shares no code with the solver, finds wrong, or of
    which it counts other trips without a vehicle than the rule `ready` of the workshop does.

    Raises:
        ProblemError: the plan is wrong.
    """
    rules = {name: value for name, value in asdict(problem.rules).items() if value is not None}
    told, trips, kinds = plan.to_json(), trip_cells(problem), kind_cells(problem)
    wrong: Sequence[str] = check_plan(told, trips, kinds, rules)
    if ready is not None and not wrong:
        rule = workshop_file(ready, problem, plan.best.counts_of(problem.kinds))
        wrong = check_workshop(rule, told, trips, kinds, rules).wrong
    if wrong:
        raise ProblemError(remark(Remark.PLAN_WRONG, wrong="; ".join(wrong[:5])))


def ranked_decisions(parts: Sequence[PartPlan]) -> list[Decision]:
    """The decisions of all parts in one order of rank, where a bundle saves what its parts do.

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
        depot_id = max(queues, key=lambda d: (queues[d][0].whole_saving_kr_year, d))
        order.append(queues[depot_id].pop(0))
        if not queues[depot_id]:
            del queues[depot_id]
    return order + by_weight(kept)


def _apart(
    depot: VehiclePool,
    part_input: PartInput,
    points: PartPoints,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck,
) -> tuple[PartProblem, Plan]:
    """The problem and the plan of a depot if its departments keep to their own vehicles."""
    own = department_pools(depot)
    rules = replace(_rules_of(part_input.rules, [(depot, own)]), co2_max_t_year=None)
    problem, bound = with_own_vehicles(own, fleet_problem(own, part_input.kinds, rules))
    ready = workshop_rule(own, part_input.workshop)
    plan = solve_chosen(
        problem,
        points,
        part_input.chosen_kr_t,
        ready=ready,
        seconds_max=seconds_max,
        gap=gap,
        cancelled=cancelled,
    ).plan
    return PartProblem([(depot, own)], problem, bound, ready), plan


def _pooling(
    depot: VehiclePool,
    *,
    today: tuple[FleetFigures, FleetFigures],
    best: tuple[FleetFigures, FleetFigures],
    lacking: int,
    co2_kr_t: float,
) -> Decision:
    """The decision that the departments share vehicles; it comes first, as others build on it.

    `today` and `best` are the figures of today's fleet and of the best one, with the departments
    apart and together. Apart, `lacking` more trips have no vehicle and may not go by taxi.
    """
    left_out_kr = best[0].cost_kr_year - best[1].cost_kr_year
    saving_kr_year = today[0].cost_kr_year - today[1].cost_kr_year
    saving_co2_t_year = today[0].co2_t_year - today[1].co2_t_year
    return Decision(
        key=DecisionKey(Action.POOL, depot.pool_id),
        action=Action.POOL,
        depot_id=depot.pool_id,
        count=best[0].vehicles - best[1].vehicles,
        departments=tuple(sorted({c.department for c in depot.road_vehicles})),
        saving_kr_year=saving_kr_year,
        saving_co2_t_year=saving_co2_t_year,
        left_out_kr_year=None if lacking else left_out_kr,
        left_out_trips=lacking,
        money=MoneyTerms(
            saving_kr_year=saving_kr_year, unpaid_kr_year=co2_kr_t * saving_co2_t_year
        ),
        upfront_kr=0.0,
        trips=len(depot.road_trips),
        km=sum(trip.km for trip in depot.road_trips),
    )
