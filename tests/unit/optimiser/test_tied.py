"""Components that rules on counts tie together: within the rules, and never below their bound."""

import math
import random
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from optimiser.components import allowed, ties_of, todays_components
from optimiser.duties.cost_model import CostModel, Cut, points_at
from optimiser.duties.fleet_rules import CountLimit, CountTies, GreenLeast, Reserve, TiePrices
from optimiser.duties.incumbent import Incumbent, first_incumbent
from optimiser.duties.make_arrays import with_bounds
from optimiser.duties.pieces import days_of
from optimiser.duties.roster import first_roster, with_counts
from optimiser.model.clock import Clock
from optimiser.model.problem import Problem
from optimiser.search.improve import improve
from optimiser.search.tied import improve_tied
from optimiser.search.tied_start import TiedStart, kept_bounds, tied_sample, tied_start
from tests.unit.optimiser.brute_force import optimum
from tests.unit.optimiser.cases import depot_weeks, never, ruled_problem


def improve_all(
    incumbents: Sequence[Incumbent], clock: Clock, bound_clock: Clock, gap: float
) -> None:
    for incumbent in incumbents:
        improve(
            [incumbent],
            gap=gap,
            seed=1,
            clock=clock,
            report=lambda _: None,
            once=True,
            bound_clock=bound_clock,
        )


def tied_problem(seed: int) -> Problem:
    free = ruled_problem(random.Random(seed))
    return replace(free, rules=replace(free.rules, moves=True))


def tied_depots() -> Problem:
    """Four large depots, whose vehicles may move between them."""
    depots = [depot_weeks(random.Random(8 + i), vehicles=6, weeks=4) for i in range(4)]
    now = {"el": 0, "el-lang": 0, "benzin": 1, "cykel": 0}
    return replace(
        depots[0],
        trips=tuple(
            replace(trip, trip_id=f"{i}{trip.trip_id}", pool=f"p{i}")
            for i, depot in enumerate(depots)
            for trip in depot.trips
        ),
        kinds=tuple(
            replace(kind, pool=f"p{i}", count_now=now[kind.type] if i else kind.count_now)
            for i, depot in enumerate(depots)
            for kind in depot.kinds
        ),
        rules=replace(depots[0].rules, reserve=1, green_keep=True, moves=True),
    )


def test_counts_keep_the_ties_and_the_bound_is_never_above_the_optimum() -> None:
    near = found_none = 0
    for seed in range(100):
        problem = tied_problem(seed)
        components = [allowed(problem, arrays) for arrays in todays_components(problem)]
        ties = ties_of(problem, components)
        best = optimum(problem)
        if ties is None or math.isinf(best):
            continue
        clock = Clock(end=time.monotonic() + 60, cancelled=never)
        rng = random.Random(seed)
        # Prices may be any, so that those of another problem must not make the bound wrong.
        odd = TiePrices(
            tuple(rng.choice((0.0, 900.0)) for _ in ties.limits), (0.0,) * len(ties.greens)
        )
        for start in (tied_start(tied_sample(components), ties, 1, clock), TiedStart(odd, None)):
            plan = improve_tied(components, ties, start, improve=improve_all, gap=0, clock=clock)
            assert plan.bound <= best * (1 + 1e-9) + 1e-6, f"case {seed}"
            if not plan.incumbents:
                found_none += 1
                continue
            assert plan.kr >= best * (1 - 1e-9) - 1e-6, f"case {seed}"
            rosters = [one.roster for one in plan.incumbents]
            counts = [n for roster in rosters if roster is not None for n in roster.counts]
            assert ties.are_kept(counts), f"case {seed}"
            near += plan.kr <= best * 1.01 + 1e-6
    assert near > 20
    assert not found_none


def test_prices_that_are_no_good_are_bettered_until_the_plan_is_within_the_gap() -> None:
    problem = tied_depots()
    components = [allowed(problem, arrays) for arrays in todays_components(problem)]
    ties = ties_of(problem, components)
    assert ties is not None
    gap = 0.001
    clock = Clock(end=time.monotonic() + 300, cancelled=never)
    plan = improve_tied(
        components, ties, TiedStart(ties.free, None), improve=improve_all, gap=gap, clock=clock
    )
    assert plan.incumbents
    assert plan.is_near(gap), f"{plan.kr} kr against {plan.bound}"
    rosters = [one.roster for one in plan.incumbents]
    assert ties.are_kept([n for roster in rosters if roster is not None for n in roster.counts])


def test_a_component_without_a_roster_at_mended_counts_leaves_the_mending_to_the_others() -> None:
    problem = tied_depots()
    components = [allowed(problem, arrays) for arrays in todays_components(problem)]
    ties = ties_of(problem, components)
    assert ties is not None
    failed: list[tuple[str, tuple[int, ...]]] = []

    def improve_but(
        incumbents: Sequence[Incumbent], clock: Clock, bound_clock: Clock, gap: float
    ) -> None:
        improve_all(incumbents, clock, bound_clock, gap)
        for incumbent in incumbents:
            arrays = incumbent.arrays
            if arrays.low == arrays.high and arrays.kinds[0].pool in ("p0", "p1"):
                incumbent.roster, incumbent.kr = None, math.inf
                failed.append((arrays.kinds[0].pool, arrays.low))

    clock = Clock(end=time.monotonic() + 300, cancelled=never)
    begin = TiedStart(ties.free, None)
    plan = improve_tied(components, ties, begin, improve=improve_but, gap=0.02, clock=clock)
    assert failed
    assert len(failed) == len(set(failed)), "what had no roster is not tried again"
    assert plan.incumbents
    assert plan.is_near(0.02), f"{plan.kr} kr against {plan.bound}"
    rosters = [one.roster for one in plan.incumbents]
    assert ties.are_kept([n for roster in rosters if roster is not None for n in roster.counts])


def test_without_time_there_is_a_plan_that_keeps_the_ties_and_costs_less_than_todays_counts() -> (
    None
):
    problem = tied_depots()
    components = [allowed(problem, arrays) for arrays in todays_components(problem)]
    ties = ties_of(problem, components)
    assert ties is not None
    clock = Clock(end=time.monotonic() + 300, cancelled=never)
    start = tied_start(tied_sample(components), ties, 1, clock)
    over = Clock(end=time.monotonic(), cancelled=never)
    todays_kr = 0.0
    for arrays in components:
        now = first_incumbent(
            with_bounds(arrays, [(k.count_now, k.count_now) for k in arrays.kinds])
        )
        improve_all([now], over, over, 1.0)
        todays_kr += now.kr
    assert math.isfinite(todays_kr)
    for begin in (start, TiedStart(ties.free, None)):
        plan = improve_tied(components, ties, begin, improve=improve_all, gap=0.001, clock=over)
        assert plan.incumbents
        assert plan.kr < todays_kr
        rosters = [one.roster for one in plan.incumbents]
        assert ties.are_kept([n for roster in rosters if roster is not None for n in roster.counts])


def test_a_component_has_a_bound_of_its_relaxation_before_its_time_is_over() -> None:
    [arrays, *_] = todays_components(tied_depots())
    arrays = allowed(tied_depots(), arrays)
    incumbents = [first_incumbent(arrays) for _ in range(2)]
    over = Clock(end=time.monotonic(), cancelled=never)
    for incumbent, last in zip(
        incumbents, (over, Clock(time.monotonic() + 60, never)), strict=True
    ):
        improve_all([incumbent], over, last, 0.0)
    without, bounded = incumbents
    assert without.bound < 0.5 * bounded.bound
    assert bounded.bound > 0.9 * bounded.kr


def test_all_counts_within_the_bounds_of_a_start_keep_the_ties() -> None:
    tried = 0
    rng = random.Random(1)
    for seed in range(100):
        problem = tied_problem(seed)
        components = [allowed(problem, arrays) for arrays in todays_components(problem)]
        ties = ties_of(problem, components)
        now = [[kind.count_now for kind in arrays.kinds] for arrays in components]
        if ties is None or not ties.are_kept([n for own in now for n in own]):
            continue
        bounded = kept_bounds(components, ties, now)
        if bounded is None:
            continue
        for _ in range(10):
            counts = [
                rng.randint(low, min(high, low + 5))
                for arrays in bounded
                for low, high in zip(arrays.low, arrays.high, strict=True)
            ]
            assert ties.are_kept(counts), f"case {seed}: {counts}"
            tried += 1
    assert tried > 100


def test_a_component_that_was_sent_without_its_trips_has_the_same_plain_ones() -> None:
    [arrays] = todays_components(depot_weeks(random.Random(3), vehicles=4, weeks=1))
    assert not arrays.as_numbers.trips
    assert arrays.as_numbers.with_plain_trips.plain_trips == arrays.plain_trips


def test_a_price_on_the_ties_adds_nothing_to_counts_that_keep_them_to_the_letter() -> None:
    ties = CountTies((CountLimit((0, 2), 3),), (GreenLeast((1,), (0, 2), 2),))
    prices = TiePrices((100.0,), (40.0,))
    counts = (1, 2, 2)
    added = sum(n * ties.price(k, prices) for k, n in enumerate(counts))
    assert added == ties.priced_kr(prices) == 220


def test_a_cost_model_is_the_highest_cut_of_each_slice_and_never_below_the_least() -> None:
    cuts = ((Cut(100.0, np.array([10.0, 0.0])), Cut(60.0, np.array([0.0, 5.0]))), ())
    model = CostModel(least=np.array([20.0, 7.0]), cuts=cuts)
    points = np.array([[0.0, 0.0], [5.0, 1.0], [9.0, 9.0]])
    assert model.trips_kr(points).tolist() == [107.0, 62.0, 27.0]


def test_as_many_may_be_out_as_a_reserve_leaves_and_too_few_hold_none() -> None:
    points, possible = points_at([Reserve((0, 1), 2)], np.array([[0, 0], [1, 0], [2, 3]]))
    assert points.tolist() == [[0, 0, 0], [1, 0, 0], [2, 3, 3]]
    assert possible.tolist() == [True, False, True]


def test_a_sample_of_days_stands_for_all_of_them() -> None:
    [arrays] = todays_components(depot_weeks(random.Random(3), vehicles=4, weeks=12))
    third = days_of(arrays, 3)
    assert len(third.trips) == len(third.plain_trips) == len(third.rules.must_serve)
    assert {trip.day % 3 for trip in third.plain_trips} == {0}
    assert third.fallback_kr.sum() == pytest.approx(arrays.fallback_kr.sum(), rel=0.1)
    assert days_of(arrays, 1).kr.tolist() == arrays.kr.tolist()


def test_other_counts_keep_the_duties_of_the_busiest_vehicles() -> None:
    [arrays] = todays_components(depot_weeks(random.Random(3), vehicles=4, weeks=1))
    roster = first_roster(arrays, [2, 0, 2, 1], never)
    busiest = max(roster.duties[0], key=len)
    changed = with_counts(arrays, roster, [1, 1, 2, 1])
    assert changed.counts == [1, 1, 2, 1]
    assert set(busiest) <= set(changed.duties[0][0])
    assert changed.duties[1][0], "what the other vehicle left is served by the new one"
    assert roster.counts == [2, 0, 2, 1]
