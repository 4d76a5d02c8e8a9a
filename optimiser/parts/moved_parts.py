"""Moves vehicles between the planned parts of a round: what one depot lets go serves at another.

The parts were planned apart. `optimiser.parts.move_choice` says which vehicles move. The solver
plans the pools to which they come anew, at their new counts, and everything else stays as it was.
All plans together are then checked as one plan in which vehicles may move, and each by itself, as
the proof certificate has it.

The bounds stay those of depots that keep to themselves: that no fleet with other moves costs less
is not proven.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from costs.kind_figures import KindFigures
from optimiser.bundles.joint import with_bundles
from optimiser.bundles.pool_plan import bundles_of, fleets_of
from optimiser.depot.pool_cost import fleet_counts, pool_cost
from optimiser.depot.pool_problem import fleet_problem
from optimiser.model.plan import FleetLine, Plan
from optimiser.model.problem import Kind, ProblemError
from optimiser.model.remark import Remark, remark
from optimiser.parts.chosen_fleet import at_chosen_price
from optimiser.parts.joined_plan import bounded, joined_plan
from optimiser.parts.move_choice import PoolFleet, choose_moves
from optimiser.parts.own_vehicles import OWN_VEHICLE
from optimiser.parts.part_plan import (
    VALUE_GAP,
    PartInput,
    PartPlan,
    SolvedByPool,
    cost_functions,
    counted_input,
    part_problem,
    pools_planned,
    refuse_wrong_plan,
    solved_costs,
)
from optimiser.parts.retold_part import OpenedPart, retold, told_problem, with_both_ends
from optimiser.wanted import solve_wanted
from optimiser.workers import CancelCheck


def move_between(
    cancelled: CancelCheck,
    inputs: Sequence[PartInput],
    plans: Sequence[PartPlan],
    *,
    seconds_max: float,
    gap: float,
) -> list[PartPlan]:
    """The `plans` of all parts of a round, with the moves that are worth it.

    A plan that is `moved` differs from the one in `plans`; the others are the same.

    Raises:
        ProblemError: the plans together failed their check.
    """
    parts = [_opened(*pair) for pair in zip(inputs, plans, strict=True)]
    rules, fine = inputs[0].rules, min(gap, VALUE_GAP)
    solved: SolvedByPool = {pool.pool_id: {} for part in parts for pool in part.pools}
    fleets = [
        fleet
        for part, coming in zip(parts, _coming(parts), strict=True)
        for fleet in _fleets(_with_kinds(part, coming), solved, seconds_max, fine, cancelled)
    ]
    # Where people chose what each depot has, no more green vehicles are kept than they chose.
    is_chosen = any(one.chosen_kr_t is not None for one in inputs)
    if is_chosen:
        rules = replace(rules, green_keep=False)
    choice = choose_moves(
        fleets,
        least_saving_kr_year=inputs[0].least_saving_kr_year,
        green_keep=rules.green_keep,
        is_chosen=is_chosen,
    )
    figures = {name: kind for part in parts for name, kind in part.counted.kinds.items()}
    changed = [
        replace(
            _with_counts(part, figures, choice.counts, seconds_max, fine, cancelled),
            moves=choice.moves,
        )
        for part in parts
    ]
    joined = joined_plan(
        [(part.problem.problem, part.plan) for part in changed], replace(rules, moves=True)
    )
    refuse_wrong_plan(*joined)
    told: dict[int, OpenedPart] = {
        number: part
        for number, (before, part) in enumerate(zip(parts, changed, strict=True))
        if part.plan is not before.plan or part.is_of_moves
    }
    values = {
        number: cost_functions(
            part.problem.problem,
            part.plan,
            part.points,
            seconds_max,
            fine,
            cancelled,
            _solved_of(part, solved),
            part.workshops,
        )
        for number, part in told.items()
    }
    pools = [
        pool
        for number, part in told.items()
        for pool in pools_planned(part.counted, part.problem, part.plan, values[number], part.moves)
    ]
    bundles = bundles_of(pools, inputs[0].least_of_bundles)
    plans = with_both_ends(
        [
            retold(
                told[number],
                sum(choice.mended_kr.get(pool.pool_id, 0.0) for pool in part.pools),
                values[number],
                bundles,
            )
            if number in told
            else part.told
            for number, part in enumerate(changed)
        ]
    )
    bundled = {
        one.key: one
        for one in with_bundles(
            (one for number in told for one in plans[number].decisions),
            bundles,
            fleets_of(pools),
            inputs[0].least_of_bundles,
            {key for part in told.values() for key in part.counted.verdicts.accepted},
        )
    }
    plans = [
        replace(plan, decisions=tuple(bundled[one.key] for one in plan.decisions))
        if number in told
        else plan
        for number, plan in enumerate(plans)
    ]
    for number in told:
        _refuse_wrong_part(inputs[number], plans[number])
    return plans


def _refuse_wrong_part(part_input: PartInput, told: PartPlan) -> None:
    """Refuse a plan with moves of which the proof certificate, which reads it by itself, would find
    a fault.

    Raises:
        ProblemError: the plan is wrong.
    """
    part = told_problem(part_input, told)
    refuse_wrong_plan(part.problem, Plan.from_json(told.fleet_plan), part.ready)


def _opened(part_input: PartInput, told: PartPlan) -> OpenedPart:
    # What the workshop asks for, each step of the choice keeps: another vehicle may do for it.
    counted = counted_input(replace(part_input, unshared=told.unshared))
    plan = replace(Plan.from_json(told.fleet_plan), notes=told.notes)
    return OpenedPart(told=told, counted=counted, problem=part_problem(counted), plan=plan)


def _with_kinds(part: OpenedPart, coming: Mapping[str, Sequence[KindFigures]]) -> OpenedPart:
    """The part with the kinds that are `coming` to its pools, of which it has none yet."""
    kinds = {kind.kind: kind for found in coming.values() for kind in found}
    counted = replace(part.counted, kinds={**kinds, **part.counted.kinds})
    problem = part.problem.problem
    known = {(kind.pool, kind.type) for kind in problem.kinds}
    offers = frozenset({OWN_VEHICLE}).intersection(problem.rules.no_fallback_needs)
    ids = {pool: [kind.kind for kind in found] for pool, found in coming.items()}
    more = [
        replace(kind, offers=kind.offers | offers)
        for kind in fleet_problem(part.pools, counted.kinds, problem.rules, ids).kinds
        if (kind.pool, kind.type) not in known
    ]
    return replace(
        part,
        counted=counted,
        problem=replace(part.problem, problem=replace(problem, kinds=(*problem.kinds, *more))),
        plan=_with_lines(part.plan, more),
    )


def _with_lines(plan: Plan, more: Sequence[Kind]) -> Plan:
    """The plan with lines for kinds of which neither fleet has any."""
    lines = tuple(FleetLine(type=k.type, pool=k.pool, count=0, count_now=0) for k in more)
    return replace(
        plan,
        best=replace(plan.best, fleet=plan.best.fleet + lines),
        baseline=replace(plan.baseline, fleet=plan.baseline.fleet + lines),
    )


def _solved_of(part: OpenedPart, solved: SolvedByPool) -> SolvedByPool:
    """What is `solved` at counts of the kinds of a part."""
    kinds = {(kind.pool, kind.type) for kind in part.problem.problem.kinds}
    return {
        pool.pool_id: {
            counts: cost
            for counts, cost in solved[pool.pool_id].items()
            if all((pool.pool_id, kind) in kinds for kind, _ in counts)
        }
        for pool in part.pools
    }


def _coming(parts: Sequence[OpenedPart]) -> list[dict[str, list[KindFigures]]]:
    """For each part, the kinds that may come to its pools: those that other pools let go."""
    gone: list[tuple[str, KindFigures]] = []
    for part in parts:
        for line in part.plan.best.fleet:
            if line.count < line.count_now:
                gone.append((line.pool, part.counted.kinds[line.type]))
    return [
        {
            pool.pool_id: list(
                {kind.kind: kind for origin, kind in gone if origin != pool.pool_id}.values()
            )
            for pool in part.pools
        }
        for part in parts
    ]


def _fleets(
    part: OpenedPart, solved: SolvedByPool, seconds_max: float, gap: float, cancelled: CancelCheck
) -> list[PoolFleet]:
    """The fleets of the pools of a part, whose costs add to what is `solved`."""
    problem, points = part.problem.problem, part.points
    for one in part.told.solved:
        solved[one.pool][one.counts] = one.cost
    costs = solved_costs(problem, part.plan, seconds_max, gap, cancelled, solved, part.workshops)
    fleets: list[PoolFleet] = []
    for pool in part.pools:
        now, then = fleet_counts(problem, part.plan, pool.pool_id)
        fleets.append(
            PoolFleet(
                pool=pool,
                problem=problem,
                verdicts=part.counted.verdicts,
                evaluate=costs[pool.pool_id],
                points=points[pool.pool_id],
                now=now,
                counts=then,
            )
        )
    return fleets


def _with_counts(
    part: OpenedPart,
    figures: Mapping[str, KindFigures],
    counts: Mapping[str, Mapping[str, int]],
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck,
) -> OpenedPart:
    """The part with its pools at these `counts`; the part itself if it has them.

    Raises:
        ProblemError: the time was too short for a plan.
    """
    wanted = {
        (pool.pool_id, kind): count
        for pool in part.pools
        for kind, count in counts[pool.pool_id].items()
    }
    had = {(line.pool, line.type): line.count for line in part.plan.best.fleet}
    if all(had.get(place, 0) == count for place, count in wanted.items()):
        return part
    coming: dict[str, list[KindFigures]] = {}
    for (pool, kind), count in wanted.items():
        if count and (pool, kind) not in had:
            coming.setdefault(pool, []).append(figures[kind])
    wider = _with_kinds(part, coming)
    problem = wider.problem.problem
    kinds = [
        replace(
            kind,
            max_count=None
            if kind.max_count is None
            else max(kind.max_count, wanted[kind.pool, kind.type]),
        )
        for kind in problem.kinds
    ]
    problem = replace(problem, kinds=tuple(kinds))
    # These counts are chosen already: no rule on counts binds them further.
    fixed = replace(
        problem,
        kinds=tuple(
            replace(
                kind,
                min_count=wanted[kind.pool, kind.type],
                max_count=wanted[kind.pool, kind.type],
            )
            for kind in kinds
        ),
        rules=replace(problem.rules, green_only_new=False, green_keep=False),
    )
    decided = at_chosen_price(fixed, part.counted.chosen_kr_t)
    best = solve_wanted(decided, seconds_max=seconds_max, gap=gap, cancelled=cancelled).best
    bound = part.plan.best.lower_bound_kr_year
    if best.cost_kr_year is None or bound is None:
        raise ProblemError(best.reason or remark(Remark.NO_FLEET))
    if decided is not fixed:
        costs = [pool_cost(fixed, best, pool.pool_id) for pool in part.pools]
        best = replace(
            best,
            cost_kr_year=sum(cost.cost_kr_year for cost in costs),
            co2_t_year=sum(cost.co2_t_year for cost in costs),
        )
    return replace(
        wider,
        problem=replace(wider.problem, problem=problem),
        plan=replace(wider.plan, best=bounded(best, bound)),
        coming={pool: tuple(found) for pool, found in coming.items()},
    )
