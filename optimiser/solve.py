"""`solve(problem, ...)` solves the fleet composition problem: it returns a `Plan` with its proof.

A component is a piece of the problem that shares no vehicle with the rest. Each pool is a
component, solved by itself. If the pools together break a cap on CO2e, or a rule that counts
vehicles over all pools, they become one component.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from math import inf

from optimiser.answers import (
    answer,
    impossible_counts,
    no_answer,
    rules_not_kept,
    unservable_trip,
)
from optimiser.components import (
    allowed,
    are_large,
    have_rosters,
    joined,
    merged,
    ties_of,
    todays_components,
)
from optimiser.duties.fleet_rules import CountTies
from optimiser.duties.incumbent import Incumbent, first_incumbent, least_co2
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.duties.roster import Roster
from optimiser.model.clock import Clock
from optimiser.model.plan import OPTIMAL_GAP, FleetAnswer, Plan
from optimiser.model.problem import Problem
from optimiser.model.remark import Remark, remark
from optimiser.notes import largest_co2, notes
from optimiser.search.gaps import are_near
from optimiser.search.improve import SearchState, improve
from optimiser.search.parallel import ProcessTeam
from optimiser.search.tied import improve_tied
from optimiser.search.tied_start import TiedStart, tied_sample, tied_start

#: The share of the time for today's fleet, which is the easier of the two problems.
_BASELINE_SHARE = 0.3

#: The share of the gap that today's fleet may have, and the share of the time for that. What it is
#: told to cost too much would count as a saving. A large component takes too long.
_TODAY_GAP_SHARE = 0.1
_TODAY_SHARE = 0.1

#: The share of the time in which several processes work on today's fleet and the best one at once.
_BOTH_SHARE = 0.9

#: The least time limit, in seconds, at which starting processes is worth while.
_TEAM_SECONDS_MIN = 5.0

#: The first price of CO2e that the search for a cap tries, and the most prices that it tries.
_FIRST_PRICE_KR_T = 2_000.0
_PRICES_MAX = 8

#: The share of the time for prices of the rules that tie components together.
_PRICES_SHARE = 0.25

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
    baseline: FleetAnswer | None = None,
) -> Plan:
    """The cheapest fleet for `problem`, and the baseline: today's fleet under the same rules.

    The search stops at a relative gap of `gap` (0 asks for the optimum), after about `seconds_max`,
    or soon after `cancelled()` is true; the plan is then the best so far, and its bound holds. The
    same problem and number of `workers` give the same plan, unless time cuts a step of the search
    short. Several `workers` are processes that solve pools, and today's fleet and the best one, at
    once. A `baseline` that is known is not solved again.

    Limits: a kind whose battery hardly recovers overnight makes one block of the whole period,
    which is too large to be solved exactly; its plan keeps every rule, but the gap may stay.
    """
    begin = time.monotonic()
    is_cancelled = cancelled or _not_cancelled
    clock = Clock(end=begin + seconds_max, cancelled=is_cancelled)
    components_now = todays_components(problem)
    incumbents_now = [first_incumbent(arrays) for arrays in components_now if baseline is None]
    impossible = impossible_counts(problem)
    incumbents = (
        []
        if impossible
        else [first_incumbent(allowed(problem, arrays)) for arrays in components_now]
    )
    impossible = impossible or unservable_trip(incumbents)
    incumbents = [] if impossible else incumbents
    # Processes take a second to start; small components are done by then.
    in_this_process = workers == 1 or seconds_max < _TEAM_SECONDS_MIN
    in_this_process = in_this_process or not any(
        incumbent.arrays.is_large for incumbent in [*incumbents_now, *incumbents]
    )
    with nullcontext() if in_this_process else ProcessTeam(workers, is_cancelled) as team:
        run = _SolveRun(
            begin=begin, gap=gap, seed=problem.rules.seed, on_progress=on_progress, team=team
        )
        ties = _ties_of_large(problem, incumbents)
        later = None
        if team is not None and ties is not None:
            components = [incumbent.arrays for incumbent in incumbents]
            later = team.begin_tied(components, ties, run.seed, clock.for_share(_PRICES_SHARE))
        if team is not None and ties is None:
            run.improve(
                "baseline and plan",
                [*incumbents_now, *incumbents],
                clock.for_share(_BOTH_SHARE),
                once=True,
            )
        if team is None or ties is not None or not (clock.is_over or are_near(incumbents_now, gap)):
            run.improve("baseline", incumbents_now, clock.for_share(_BASELINE_SHARE))
        _give_up_reserves(run, incumbents_now, clock.for_share(_BASELINE_SHARE))
        _refine_today(run, incumbents_now, clock.for_share(_TODAY_SHARE))
        for incumbent, incumbent_today in zip(incumbents, incumbents_now, strict=False):
            if incumbent_today.roster is not None and _within_bounds(
                incumbent.arrays, incumbent_today.roster
            ):
                incumbent.offer(incumbent_today.roster)
        if ties is not None:
            start = None if later is None or team is None else team.result_of(later)
            best = _best_tied(run, problem, incumbents, ties, start, clock)
        else:
            best = impossible or _best(run, problem, incumbents, clock)
    for incumbent, incumbent_today in zip(incumbents, incumbents_now, strict=False):
        roster = incumbent.roster
        if roster is not None and _within_bounds(incumbent_today.arrays, roster):
            # Another use of the same vehicles is nothing that a new fleet saves.
            incumbent_today.offer(roster)
    return Plan(
        best=best,
        baseline=baseline or _baseline(problem, incumbents_now),
        period_days=problem.period_days,
        seconds=time.monotonic() - begin,
        notes=notes(problem),
    )


def solve_today(
    problem: Problem,
    *,
    seconds_max: float,
    gap: float,
    cancelled: Callable[[], bool] | None = None,
) -> FleetAnswer:
    """The baseline alone: the counts of today with their best assignment, the rules as goals."""
    begin = time.monotonic()
    clock = Clock(end=begin + seconds_max, cancelled=cancelled or _not_cancelled)
    incumbents = [first_incumbent(arrays) for arrays in todays_components(problem)]
    run = _SolveRun(begin=begin, gap=gap, seed=problem.rules.seed, on_progress=None, team=None)
    run.improve("baseline", incumbents, clock)
    _give_up_reserves(run, incumbents, clock)
    _refine_today(run, incumbents, clock)
    return _baseline(problem, incumbents)


def _baseline(problem: Problem, incumbents: Sequence[Incumbent]) -> FleetAnswer:
    return answer(problem, incumbents, sum(incumbent.paid_bound for incumbent in incumbents))


def _refine_today(run: "_SolveRun", incumbents: Sequence[Incumbent], clock: Clock) -> None:
    """Improves today's fleet to a finer gap, in the components that are not large."""
    gap = _TODAY_GAP_SHARE * run.gap
    small = [incumbent for incumbent in incumbents if not incumbent.arrays.is_large]
    coarse = [incumbent for incumbent in small if not incumbent.is_near(incumbent.bound, gap)]
    if coarse and not clock.is_over:
        run.improve("baseline", coarse, clock, gap, once=True)


def _give_up_reserves(run: "_SolveRun", incumbents: Sequence[Incumbent], clock: Clock) -> None:
    """Replaces baselines whose reserve makes trips use the fallback against a rule.

    Those that are better without it are so from now on.
    """
    broken = [
        incumbent
        for incumbent in incumbents
        if incumbent.penalty_kr and incumbent.arrays.rules.reserves
    ]
    if not broken:
        return
    free: list[Incumbent] = []
    for incumbent in broken:
        arrays = incumbent.arrays
        without = first_incumbent(replace(arrays, rules=replace(arrays.rules, reserves=())))
        assert incumbent.roster is not None, "a baseline has always a roster"
        without.offer(incumbent.roster)
        free.append(without)
    run.improve("baseline", free, clock)
    for incumbent, without in zip(broken, free, strict=True):
        if without.penalty_kr < incumbent.penalty_kr:
            incumbent.take(without)
        elif without.bound <= without.kr - without.arrays.rules.penalty_kr:
            # That the reserve costs no further trip is not proven, so only the lower bound holds.
            incumbent.bound = min(incumbent.bound, without.bound)


def _best(
    run: "_SolveRun", problem: Problem, incumbents: Sequence[Incumbent], clock: Clock
) -> FleetAnswer:
    """The best fleet that the search finds from `incumbents`, within what ties them together."""
    cap = problem.rules.co2_max_t_year
    components = [incumbent.arrays for incumbent in incumbents]
    ties = ties_of(problem, components)
    if cap is None and ties is None:
        run.improve("plan", incumbents, clock)
        if not have_rosters(incumbents):
            return rules_not_kept(problem, incumbents)
        return answer(problem, incumbents, sum(incumbent.bound for incumbent in incumbents))
    run.improve("plan", incumbents, clock.for_share(_UNCAPPED_SHARE), once=True)
    if any(incumbent.infeasible for incumbent in incumbents):
        return rules_not_kept(problem, incumbents)
    whole = joined(problem, components, cap)
    capped = Incumbent(arrays=whole, bound=sum(incumbent.bound for incumbent in incumbents))
    if have_rosters(incumbents):
        capped.offer(merged(whole, incumbents))
    if cap is None:
        run.improve("tied", [capped], clock)
        if capped.roster is None:
            return rules_not_kept(problem, [capped])
        return answer(problem, [capped], capped.bound)
    if capped.roster is None or (ties is not None and not capped.is_near(capped.bound, run.gap)):
        green = [first_incumbent(least_co2(incumbent.arrays)) for incumbent in incumbents]
        run.improve("co2", green, clock.for_share(_LEAST_CO2_SHARE), once=True)
        if not have_rosters(green):
            return rules_not_kept(problem, green)
        least_t = sum(incumbent.bound for incumbent in green)
        if least_t > cap * (1 + OPTIMAL_GAP):
            return no_answer(
                remark(
                    Remark.CAP_TOO_LOW,
                    cap=cap,
                    least=round(least_t, 3),
                    **largest_co2([incumbent.arrays for incumbent in incumbents]),
                )
            )
        capped.offer(merged(whole, green))
        if any(incumbent.arrays.is_large for incumbent in incumbents):
            _improve_by_price(run, incumbents, capped, clock)
        else:
            run.improve("capped", [capped], clock)
    elif ties is None:
        # The cap does not bind.
        run.improve("plan", incumbents, clock)
        capped.offer(merged(whole, incumbents))
        capped.raise_bound(sum(incumbent.bound for incumbent in incumbents))
    if capped.infeasible and capped.roster is None:
        return no_answer(
            remark(
                Remark.CAP_NOT_REACHED,
                cap=cap,
                **largest_co2([incumbent.arrays for incumbent in incumbents]),
            )
        )
    if capped.roster is None:
        return no_answer(remark(Remark.CAP_NOT_PROVEN, cap=cap))
    return answer(problem, [capped], capped.bound)


def _best_tied(
    run: "_SolveRun",
    problem: Problem,
    incumbents: Sequence[Incumbent],
    ties: CountTies,
    start: TiedStart | None,
    clock: Clock,
) -> FleetAnswer:
    """The best fleet of large components that `ties` bind, from `start` if that is known."""
    components = [incumbent.arrays for incumbent in incumbents]
    if start is None:
        share = clock.for_share(_PRICES_SHARE)
        start = tied_start(tied_sample(components), ties, run.seed, share)
    tied = improve_tied(
        components,
        ties,
        start,
        improve=lambda own, clock, bound_clock, gap: run.improve(
            "tied", own, clock, gap=gap, once=True, bound_clock=bound_clock
        ),
        gap=run.gap,
        clock=clock,
    )
    if not tied.incumbents:
        return rules_not_kept(problem, [])
    untied = sum(incumbent.bound for incumbent in incumbents)
    return answer(problem, tied.incumbents, max(untied, tied.bound))


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
        run.improve("capped", priced, clock.for_share(1 / (_PRICES_MAX - step)), once=True)
        capped.raise_bound(sum(incumbent.bound for incumbent in priced) - price * cap)
        if not have_rosters(priced):
            return
        together = merged(capped.arrays, priced)
        capped.offer(together)
        if together.co2_t(capped.arrays) > cap:
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


@dataclass(slots=True)
class _SolveRun:
    """One call of `solve`: the settings of its searches, and the function to which they report."""

    begin: float
    gap: float
    seed: int
    on_progress: Callable[[SolveProgress], None] | None
    team: ProcessTeam | None

    def improve(
        self,
        phase: str,
        incumbents: Sequence[Incumbent],
        clock: Clock,
        gap: float | None = None,
        *,
        once: bool = False,
        bound_clock: Clock | None = None,
    ) -> None:
        """Improves `incumbents` in place, to the relative `gap` if it is not that of the run.

        If `once`, the search ends where it would have to ask for a finer gap of a component. One
        without a bound may go on until `bound_clock` is over.
        """

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
        improver(
            incumbents,
            gap=self.gap if gap is None else gap,
            seed=self.seed,
            clock=clock,
            report=report,
            once=once,
            bound_clock=bound_clock,
        )


def _not_cancelled() -> bool:
    return False


def _ties_of_large(problem: Problem, incumbents: Sequence[Incumbent]) -> CountTies | None:
    """The rules that tie `incumbents` together, if nothing else does and they are no one model."""
    components = [incumbent.arrays for incumbent in incumbents]
    if problem.rules.co2_max_t_year is not None or not are_large(components):
        return None
    return ties_of(problem, components)


def _within_bounds(arrays: PoolArrays, roster: Roster) -> bool:
    bounds = zip(arrays.low, roster.counts, arrays.high, strict=True)
    return all(low <= count <= high for low, count, high in bounds)
