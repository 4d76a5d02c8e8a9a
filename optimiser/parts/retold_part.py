"""What a planned part says of its depots and decisions once vehicles move from it or to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from costs.kind_figures import KindFigures
from optimiser.bundles.choice import Units, exchangeable
from optimiser.depot.charge_points import PartPoints, points_kr_year, points_need
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Arrival, Decision, StayReason, pool_decisions
from optimiser.depot.pool_cost import PoolCostFunction
from optimiser.depot.vehicle_pool import VehicleMove, VehiclePool, department_of, moves_of_pool
from optimiser.model.plan import Plan
from optimiser.model.problem import Kind
from optimiser.parts.depot_plan import (
    DepotPlan,
    DepotRule,
    FleetFigures,
    RuleBreak,
    depot_plan,
    fleet_figures,
    rule_breaks,
)
from optimiser.parts.fleet_use import fleet_use
from optimiser.parts.part_plan import (
    PartInput,
    PartPlan,
    PartProblem,
    counted_input,
    part_points,
    part_problem,
)
from optimiser.parts.planned_vehicles import planned_vehicles
from optimiser.parts.ready_plan import kept_for_workshop
from optimiser.parts.standing import driven_figures, standing_beside
from optimiser.parts.workshop import PoolWorkshop


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPart:
    """A part with its input, its problem and its plan, and what was `told` of it with all depots
    apart. `coming` are the kinds that `moves` bring to pools that had none of them."""

    told: PartPlan
    counted: PartInput
    problem: PartProblem
    plan: Plan
    moves: Sequence[VehicleMove] = ()
    coming: Mapping[str, tuple[KindFigures, ...]] = field(
        default_factory=dict[str, tuple[KindFigures, ...]]
    )

    @property
    def points(self) -> PartPoints:
        return {
            pool: own.with_arrivals(moves_of_pool(pool, self.moves).came)
            for pool, own in part_points(self.counted).items()
        }

    @property
    def workshops(self) -> dict[str, PoolWorkshop]:
        """What the workshop asks of each pool; none where it asks nothing."""
        ready = self.problem.ready
        return {} if ready is None else ready.workshops(self.problem.problem)

    @property
    def pools(self) -> list[VehiclePool]:
        return [pool for _, own in self.problem.pools for pool in own]

    @property
    def is_of_moves(self) -> bool:
        """Whether vehicles move from or to it."""
        ids = {pool.pool_id for pool in self.pools}
        return any(not ids.isdisjoint((one.from_pool, one.to_pool)) for one in self.moves)


def told_problem(part_input: PartInput, told: PartPlan) -> PartProblem:
    """The problem that a stored plan of a part answers, from the same input.

    Where vehicles move from or to the part, two rules bind all parts in sum: that green vehicles
    stay, and that only green kinds grow. So the problem is without them; the greatest counts are
    those that the plan has with the vehicles that came, and a kind that is not green may have no
    more.

    Raises:
        ProblemError: a figure is impossible.
    """
    given = replace(part_input, coming=told.coming, kept=told.kept, unshared=told.unshared)
    part = part_problem(counted_input(given))
    if not told.moved:
        return part
    problem = part.problem
    counts = {(line["pool"], line["type"]): line["count"] for line in told.fleet_plan["fleet"]}
    kinds: list[Kind] = []
    for kind in problem.kinds:
        is_bound = problem.rules.green_only_new and kind.is_fossil
        most = kind.count_now if kind.max_count is None and is_bound else kind.max_count
        if most is not None:
            most = max(most, counts.get((kind.pool, kind.type), 0))
        kinds.append(replace(kind, max_count=most))
    rules = replace(problem.rules, green_only_new=False, green_keep=False)
    return replace(part, problem=replace(problem, kinds=tuple(kinds), rules=rules))


def retold(
    part: OpenedPart,
    mended_kr_year: float,
    values: Mapping[str, PoolCostFunction],
    bundles: Sequence[Units],
) -> PartPlan:
    """The plan of the part with its moves, which costs `mended_kr_year` more as green vehicles are
    kept over all pools; `values` are the costs of any counts of its pools. A vehicle that comes to
    it has a decision in it, which `with_both_ends` joins with that of the pool from which it
    comes."""
    problem, plan, points = part.problem.problem, part.plan, part.points
    told = {depot.depot_id: depot for depot in part.told.depots}
    kept = (
        kept_for_workshop(problem, plan.best, values, part.counted.least_of_bundles)
        if part.told.kept
        else ()
    )
    depots: list[DepotPlan] = []
    decisions: list[Decision] = []
    assert plan.best.cost_kr_year is not None
    cost = plan.best.cost_kr_year + points_kr_year(plan.best, points)
    for depot, own in part.problem.pools:
        before = [one for one in part.told.decisions if one.depot_id == depot.pool_id]
        after = _depot_plan(part, depot, own, told[depot.pool_id])
        depots.append(after)
        decisions += [
            _pooling(one, told[depot.pool_id].proposed, after.proposed)
            for one in before
            if one.action is Action.POOL
        ]
        for pool in own:
            found = pool_decisions(
                pool,
                part.counted.kinds,
                problem,
                plan,
                part.counted.verdicts,
                values[pool.pool_id],
                points[pool.pool_id],
                exchangeable(bundles, pool.pool_id),
                moves_of_pool(pool.pool_id, part.moves),
                kept=kept,
                unknown=standing_beside(pool, part.counted.standing[depot.pool_id]),
            )
            decisions += _of_depot(found, depot, pool, before)
        decisions += [one for one in before if one.why is StayReason.UNKNOWN]
        cost += _standing(part, depot).cost_kr_year
    return replace(
        part.told,
        depots=tuple(depots),
        decisions=tuple(decisions),
        lower_bound_kr_year=min(part.told.lower_bound_kr_year, cost),
        cost_kr_year=cost,
        fleet_plan=replace(plan, notes=()).to_json(),
        policies_kr_year=part.told.policies_kr_year + mended_kr_year,
        policies_range=part.told.policies_range and part.told.policies_range.plus(mended_kr_year),
        solved=(),
        coming=part.coming,
        kept=kept,
        moved=True,
        vehicles=planned_vehicles(
            part.pools,
            part.counted.kinds,
            problem,
            plan,
            part.counted.verdicts,
            part.moves,
        ),
    )


def with_both_ends(parts: Sequence[PartPlan]) -> list[PartPlan]:
    """The plans of parts, where a vehicle that moves has one decision, of the depot that it leaves,
    with what it saves at both ends."""
    came = {one.key: one for part in parts for one in part.decisions if one.arrival is not None}
    return [
        replace(
            part,
            decisions=tuple(
                _joined(one, came[one.key]) if one.action is Action.MOVE else one
                for one in part.decisions
                if one.arrival is None
            ),
        )
        if part.moved
        else part
        for part in parts
    ]


def _joined(leaving: Decision, coming: Decision) -> Decision:
    """The decision on a move from those at its two ends."""
    found = (leaving.left_out_kr_year, coming.left_out_kr_year)
    assert leaving.money is not None
    assert coming.money is not None
    return replace(
        leaving,
        saving_kr_year=leaving.saving_kr_year + coming.saving_kr_year,
        saving_co2_t_year=leaving.saving_co2_t_year + coming.saving_co2_t_year,
        left_out_kr_year=None if None in found else sum(kr or 0.0 for kr in found),
        left_out_trips=leaving.left_out_trips + coming.left_out_trips,
        left_out_spare=leaving.left_out_spare + coming.left_out_spare,
        left_out_workshop=leaving.left_out_workshop + coming.left_out_workshop,
        upfront_kr=(leaving.upfront_kr or 0.0) + (coming.upfront_kr or 0.0),
        charge_points=leaving.charge_points + coming.charge_points,
        money=leaving.money.plus(coming.money),
        arrival=coming.arrival,
    )


def _of_depot(
    found: Sequence[Decision], depot: VehiclePool, pool: VehiclePool, before: Sequence[Decision]
) -> list[Decision]:
    """The decisions of a pool as those of its depot, which had those `before` with all apart."""
    ids = {vehicle.vehicle_id for vehicle in pool.vehicles}
    keys = {one.key for one in found}
    replaced = [one for one in before if one.action is not Action.KEEP and one.key not in keys]
    decisions: list[Decision] = []
    for one in found:
        if one.action is Action.MOVE and one.vehicle_id not in ids:
            assert one.money is not None
            end = Arrival(
                depot_id=depot.pool_id,
                department=department_of(pool.pool_id, depot.pool_id),
                saving_kr_year=one.saving_kr_year,
                saving_co2_t_year=one.saving_co2_t_year,
                money=one.money,
                charge_points=one.charge_points,
                days_used=one.days_used,
                trips=one.trips,
                km=one.km,
            )
            decisions.append(replace(one, depot_id=depot.pool_id, arrival=end))
        else:
            decisions.append(
                replace(one, depot_id=depot.pool_id, apart=_apart(one, before, replaced))
            )
    return decisions


def _standing(part: OpenedPart, depot: VehiclePool) -> FleetFigures:
    problem = part.problem.problem
    standing = part.counted.standing[depot.pool_id]
    return driven_figures(standing, part.counted.kinds, problem.rules, problem.year_factor)


def _depot_plan(
    part: OpenedPart, depot: VehiclePool, own: Sequence[VehiclePool], told: DepotPlan
) -> DepotPlan:
    """The plan of a depot; what it says of today's fleet stays as it was `told`."""
    problem, plan, kinds = part.problem.problem, part.plan, part.counted.kinds
    standing = part.counted.standing[depot.pool_id]
    proposed = fleet_figures(problem, plan.best, own, kinds, part.points) + _standing(part, depot)
    need = points_need(plan, own, part.points, standing)
    then = part.problem.scheduled(plan.best, own)
    use = fleet_use(
        problem, plan.best, own, kinds, standing, built=0 if need is None else need.to_build
    )
    assert told.uses is not None, "the part is of this version of the software"
    found = depot_plan(
        depot,
        standing,
        own,
        plan,
        kinds,
        (told.baseline, proposed),
        _breaks(told.breaks, rule_breaks(then, then)),
        need,
        (told.uses[0], use),
        told.spare_today,
        told.driven,
    )
    return replace(found, unshared_kr_year=told.unshared_kr_year)


def _breaks(told: Sequence[RuleBreak], then: Sequence[RuleBreak]) -> tuple[RuleBreak, ...]:
    """The rules that today's fleet breaks as it was `told`, and those that the new one breaks."""
    today = {one.rule: one.today for one in told}
    proposed = {one.rule: one.proposed for one in then}
    return tuple(
        RuleBreak(rule=rule, today=today.get(rule, 0), proposed=proposed.get(rule, 0))
        for rule in DepotRule
        if today.get(rule) or proposed.get(rule)
    )


def _pooling(pooling: Decision, told: FleetFigures, after: FleetFigures) -> Decision:
    """The decision that departments share, where the plan costs what it does `after` the moves."""
    left_out = pooling.left_out_kr_year
    return replace(
        pooling,
        count=pooling.count + told.vehicles - after.vehicles,
        left_out_kr_year=None
        if left_out is None
        else left_out + told.cost_kr_year - after.cost_kr_year,
    )


def _apart(
    decision: Decision, before: Sequence[Decision], replaced: Sequence[Decision]
) -> DecisionKey | None:
    """The key of what was proposed in place of a change with all depots apart, if it was another
    one of those `replaced`: the same vehicle went in another way, or a new one came for one that
    moves now."""
    if decision.action is Action.KEEP or any(one.key == decision.key for one in before):
        return None
    same = [
        one.key
        for one in replaced
        if (
            one.vehicle_id == decision.vehicle_id
            if decision.vehicle_id is not None
            else one.action is Action.REPLACE and one.new_kind == decision.new_kind
        )
    ]
    return same[0] if same else None
