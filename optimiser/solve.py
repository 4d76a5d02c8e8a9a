"""`solve(problem, ...)` solves the fleet composition problem: it returns a `Plan` with its proof.

A component is a piece of the problem that shares no vehicle with the rest. Each pool is a
component, solved by itself. If the pools together exceed a cap on CO2e, they become one component.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import groupby
from math import inf

from fleet.saying import Saying
from optimiser.duties.incumbent import Incumbent, first_incumbent, least_co2
from optimiser.duties.make_arrays import make_arrays, with_bounds
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.duties.roster import Roster
from optimiser.model.clock import Clock
from optimiser.model.plan import OPTIMAL_GAP, FleetAnswer, FleetLine, Plan
from optimiser.model.problem import Kind, Problem
from optimiser.model.remark import Remark, remark
from optimiser.model.vehicle_slot import VehicleSlot
from optimiser.notes import largest_co2, notes
from optimiser.search.improve import SearchState, improve
from optimiser.search.parallel import ProcessTeam

#: The least and the greatest number of vehicles of a kind; None means no limit.
CountBounds = tuple[int, int | None]

#: The share of the time for today's fleet, which is the easier of the two problems.
_BASELINE_SHARE = 0.3

#: The share of the time in which several processes work on today's fleet and the best one at once.
_BOTH_SHARE = 0.9

#: The least time limit, in seconds, at which starting processes is worth while.
_TEAM_SECONDS_MIN = 5.0

#: The first price of CO2e that the search for a cap tries, and the most prices that it tries.
_FIRST_PRICE_KR_T = 2_000.0
_PRICES_MAX = 8

#: Under a cap on CO2e, the shares of the time left for the search without the cap and for least
#: CO2e.
_UNCAPPED_SHARE = 0.4
_LEAST_CO2_SHARE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveProgress:
    """The progress of one phase of a solve.

    The phases are baseline and plan, and under a cap that binds also co2 and capped. With several
    processes, baseline and plan are one phase, with the sums of both. `done` of `tasks` have had
    their first step. `cost_kr_year` is infinite as long as no plan keeps the cap; in the phase co2,
    cost and bound are tonnes.
    """

    phase: str
    done: int
    tasks: int
    cost_kr_year: float
    lower_bound_kr_year: float
    seconds: float


def solve(
    problem: Problem,
    *,
    seconds_max: float,
    gap: float,
    on_progress: Callable[[SolveProgress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    workers: int = 1,
) -> Plan:
    """The cheapest fleet for `problem`, and the baseline: today's fleet under the same rules.

    The search stops at a relative gap of `gap` (0 asks for the optimum), after about `seconds_max`,
    or soon after `cancelled()` is true; the plan is then the best so far, and its bound holds. The
    same problem and number of `workers` give the same plan, unless time cuts a step of the search
    short. Several `workers` are processes that solve pools, and today's fleet and the best one, at
    once.

    Limits: a kind whose battery hardly recovers overnight makes one block of the whole period,
    which is too large to be solved exactly; its plan keeps every rule, but the gap may stay.
    """
    begin = time.monotonic()
    is_cancelled = cancelled or _not_cancelled
    clock = Clock(end=begin + seconds_max, cancelled=is_cancelled)
    today: list[CountBounds] = [(kind.count_now, kind.count_now) for kind in problem.kinds]
    incumbents_now = [first_incumbent(arrays) for arrays in _components(problem, today)]
    impossible = _impossible_counts(problem)
    incumbents = (
        []
        if impossible
        else [first_incumbent(_allowed(problem, incumbent.arrays)) for incumbent in incumbents_now]
    )
    # Processes take a second to start; small components are done by then.
    in_this_process = workers == 1 or seconds_max < _TEAM_SECONDS_MIN
    in_this_process = in_this_process or not any(
        incumbent.arrays.is_large for incumbent in [*incumbents_now, *incumbents]
    )
    with nullcontext() if in_this_process else ProcessTeam(workers, is_cancelled) as team:
        run = _SolveRun(
            begin=begin, gap=gap, seed=problem.rules.seed, on_progress=on_progress, team=team
        )
        if team is None:
            run.improve("baseline", incumbents_now, clock.for_share(_BASELINE_SHARE))
        else:
            run.improve(
                "baseline and plan", [*incumbents_now, *incumbents], clock.for_share(_BOTH_SHARE)
            )
        for incumbent, incumbent_today in zip(
            incumbents, incumbents_now, strict=impossible is None
        ):
            if incumbent_today.roster is not None and _within_bounds(
                incumbent.arrays, incumbent_today.roster
            ):
                incumbent.offer(incumbent_today.roster)
        best = impossible or _best(run, problem, incumbents, clock)
    return Plan(
        best=best,
        baseline=_answer(
            problem, incumbents_now, sum(incumbent.bound for incumbent in incumbents_now)
        ),
        period_days=problem.period_days,
        seconds=time.monotonic() - begin,
        notes=notes(problem),
    )


def _best(
    run: "_SolveRun", problem: Problem, incumbents: Sequence[Incumbent], clock: Clock
) -> FleetAnswer:
    """The best fleet that the search finds from `incumbents`, within the cap on CO2e if any."""
    cap = problem.rules.co2_max_t_year
    if cap is None:
        run.improve("plan", incumbents, clock)
        return _answer(problem, incumbents, sum(incumbent.bound for incumbent in incumbents))
    run.improve("plan", incumbents, clock.for_share(_UNCAPPED_SHARE))
    whole = _joined(problem, [incumbent.arrays for incumbent in incumbents], cap)
    capped = Incumbent(arrays=whole, bound=sum(incumbent.bound for incumbent in incumbents))
    capped.offer(_merged(whole, incumbents))
    if capped.roster is None:
        green = [first_incumbent(least_co2(incumbent.arrays)) for incumbent in incumbents]
        run.improve("co2", green, clock.for_share(_LEAST_CO2_SHARE))
        least_t = sum(incumbent.bound for incumbent in green)
        if least_t > cap * (1 + OPTIMAL_GAP):
            return _infeasible(
                remark(
                    Remark.CAP_TOO_LOW,
                    cap=cap,
                    least=round(least_t, 3),
                    **largest_co2([incumbent.arrays for incumbent in incumbents]),
                )
            )
        capped.offer(_merged(whole, green))
        if any(incumbent.arrays.is_large for incumbent in incumbents):
            _improve_by_price(run, incumbents, capped, clock)
        else:
            run.improve("capped", [capped], clock)
    if capped.infeasible and capped.roster is None:
        return _infeasible(
            remark(
                Remark.CAP_NOT_REACHED,
                cap=cap,
                **largest_co2([incumbent.arrays for incumbent in incumbents]),
            )
        )
    if capped.roster is None:
        return _infeasible(remark(Remark.CAP_NOT_PROVEN, cap=cap))
    return _answer(problem, [capped], capped.bound)


def _improve_by_price(
    run: "_SolveRun", free: Sequence[Incumbent], capped: Incumbent, clock: Clock
) -> None:
    """Improves `capped` by a price on CO2e at which the components keep the cap of themselves.

    This is a Lagrangian relaxation. At every price, the cost of the components less the price of
    the allowed tonnes is a lower bound. At the lowest price that suffices, their rosters are nearly
    the best within the cap.
    """
    cap = capped.arrays.co2_max_t
    assert cap is not None, "there is a cap to be kept"
    low, high = 0.0, inf
    price = _FIRST_PRICE_KR_T
    for step in range(_PRICES_MAX):
        if clock.is_over or capped.kr - capped.bound <= run.gap * capped.kr:
            return
        priced = [first_incumbent(_with_co2_price(incumbent.arrays, price)) for incumbent in free]
        run.improve("capped", priced, clock.for_share(1 / (_PRICES_MAX - step)))
        capped.raise_bound(sum(incumbent.bound for incumbent in priced) - price * cap)
        merged = _merged(capped.arrays, priced)
        capped.offer(merged)
        if merged.co2_t(capped.arrays) > cap:
            low = price
        else:
            high = price
        price = 4 * price if high == inf else (low + high) / 2


def _with_co2_price(arrays: PoolArrays, kr_t: float) -> PoolArrays:
    """`arrays` where a tonne of CO2e costs `kr_t` more."""
    return replace(
        arrays,
        kr=arrays.kr + kr_t * arrays.co2_t,
        fallback_kr=arrays.fallback_kr + kr_t * arrays.fallback_co2_t,
    )


def _allowed(problem: Problem, arrays: PoolArrays) -> PoolArrays:
    """`arrays` with the counts that contracts and the purchase policy allow."""
    return with_bounds(arrays, [(kind.min_count, problem.count_max(kind)) for kind in arrays.kinds])


@dataclass(slots=True)
class _SolveRun:
    """One call of `solve`: the settings of its searches, and the function to which they report."""

    begin: float
    gap: float
    seed: int
    on_progress: Callable[[SolveProgress], None] | None
    team: ProcessTeam | None

    def improve(self, phase: str, incumbents: Sequence[Incumbent], clock: Clock) -> None:
        """Improves `incumbents` in place."""

        def report(state: SearchState) -> None:
            if self.on_progress is not None:
                self.on_progress(
                    SolveProgress(
                        phase=phase,
                        done=state.done,
                        tasks=state.tasks,
                        cost_kr_year=state.kr,
                        lower_bound_kr_year=state.bound,
                        seconds=time.monotonic() - self.begin,
                    )
                )

        improver = improve if self.team is None else self.team.improve
        improver(incumbents, gap=self.gap, seed=self.seed, clock=clock, report=report)


def _not_cancelled() -> bool:
    return False


def _impossible_counts(problem: Problem) -> FleetAnswer | None:
    for kind in problem.kinds:
        most = problem.count_max(kind)
        if most is not None and kind.min_count > most:
            return _infeasible(
                remark(Remark.COUNTS, kind=kind.label, least=kind.min_count, most=most)
            )
    return None


def _components(problem: Problem, bounds: Sequence[CountBounds]) -> list[PoolArrays]:
    """One component for each pool, in the order of their names."""
    kinds = sorted(zip(problem.kinds, bounds, strict=True), key=lambda pair: pair[0].pool)
    of_pool = {pool: list(pairs) for pool, pairs in groupby(kinds, key=lambda pair: pair[0].pool)}
    trips = sorted(problem.trips, key=lambda trip: trip.pool)
    driven = {pool: list(group) for pool, group in groupby(trips, key=lambda trip: trip.pool)}
    components: list[PoolArrays] = []
    for pool in sorted(of_pool.keys() | driven.keys()):
        pairs = of_pool.get(pool, [])
        components.append(
            make_arrays(
                problem,
                driven.get(pool, []),
                [kind for kind, _ in pairs],
                [bound for _, bound in pairs],
                None,
            )
        )
    return components


def _joined(problem: Problem, components: Sequence[PoolArrays], co2_max_t: float) -> PoolArrays:
    """All `components` as one component, under a cap on CO2e."""
    kinds = [kind for arrays in components for kind in arrays.kinds]
    bounds: list[CountBounds] = [
        pair for arrays in components for pair in zip(arrays.low, arrays.high, strict=True)
    ]
    return make_arrays(problem, problem.trips, kinds, bounds, co2_max_t)


def _merged(whole: PoolArrays, pieces: Sequence[Incumbent]) -> Roster:
    """The rosters of `pieces` as one roster of `whole`, the component that `_joined` made."""
    index = {trip.trip_id: t for t, trip in enumerate(whole.trips)}
    duties: list[list[list[int]]] = []
    for incumbent in pieces:
        assert incumbent.roster is not None, "without a cap every component has a roster"
        duties += [
            [[index[incumbent.arrays.trips[t].trip_id] for t in duty] for duty in vehicles]
            for vehicles in incumbent.roster.duties
        ]
    return Roster(duties)


def _within_bounds(arrays: PoolArrays, roster: Roster) -> bool:
    bounds = zip(arrays.low, roster.counts, arrays.high, strict=True)
    return all(low <= count <= high for low, count, high in bounds)


def _infeasible(reason: Saying) -> FleetAnswer:
    return FleetAnswer(
        status="infeasible",
        cost_kr_year=None,
        lower_bound_kr_year=None,
        gap=None,
        co2_t_year=None,
        fleet=(),
        assignments={},
        reason=reason,
    )


def _answer(problem: Problem, incumbents: Sequence[Incumbent], bound: float) -> FleetAnswer:
    """The rosters of all components as one answer; the vehicle with most trips has number 1."""
    counts: dict[str, int] = {}
    vehicle: dict[str, VehicleSlot] = {}
    cost = co2_t = 0.0
    for incumbent in incumbents:
        assert incumbent.roster is not None, "only a cap leaves a component without a roster"
        cost += incumbent.kr
        co2_t += incumbent.roster.co2_t(incumbent.arrays)
        for kind, duties in zip(incumbent.arrays.kinds, incumbent.roster.duties, strict=True):
            counts[kind.label] = len(duties)
            for number, duty in enumerate(sorted(duties, key=len, reverse=True), start=1):
                slot = kind.slot(number)
                for t in duty:
                    vehicle[incumbent.arrays.trips[t].trip_id] = slot
    bound = min(bound, cost)
    gap = (cost - bound) / cost if cost > 0 else 0.0
    return FleetAnswer(
        status="optimal" if gap <= OPTIMAL_GAP else "feasible",
        cost_kr_year=cost,
        lower_bound_kr_year=bound,
        gap=gap,
        co2_t_year=co2_t,
        fleet=tuple(_fleet_line(kind, counts[kind.label]) for kind in problem.kinds),
        assignments={trip.trip_id: vehicle.get(trip.trip_id) for trip in problem.trips},
    )


def _fleet_line(kind: Kind, count: int) -> FleetLine:
    return FleetLine(type=kind.type, pool=kind.pool, count=count, count_now=kind.count_now)
