"""Cost against CO2e: every point is proven, and exhaustive search finds none better."""

import random
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from optimiser.solve import solve
from optimiser.studies.curve import (
    CurvePoint,
    PricedFleet,
    best_at_price,
    curve,
    evenly_spaced,
    greenest_within,
    priced_fleets,
)
from tests.unit.optimiser.cases import depot_weeks

FLEETS = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 40)), min_size=1, max_size=8, unique=True
)


def exact(fleets: list[tuple[int, int]], price: float) -> PricedFleet:
    """The best of some fleets (cost, CO2e) at a price, by trying all."""
    cost, co2 = min(fleets, key=lambda f: (f[0] + price * f[1], f[1]))
    return PricedFleet(
        price_kr_t=price,
        cost_kr_year=cost,
        co2_t_year=co2,
        bound_kr_year=cost + price * co2,
        fleet=(),
    )


def points_of(pools: list[list[tuple[int, int]]], solves: int = 20) -> list[CurvePoint]:
    return curve(
        [
            priced_fleets(lambda p, f=f: exact(f, p), price_max_kr_t=1_000, solves=solves)
            for f in pools
        ]
    )


@given(st.lists(FLEETS, min_size=1, max_size=3))
def test_no_fleet_of_all_is_below_the_bound_of_a_point(
    pools: list[list[tuple[int, int]]],
) -> None:
    """Every way to combine the pools' fleets, against every point of the curve."""
    combined = {(0, 0)}
    for fleets in pools:
        combined = {(a + c, b + e) for a, b in combined for c, e in fleets}
    for point in points_of(pools):
        least = min(c for c, e in combined if e <= point.co2_t_year + 1e-6)
        assert point.lower_bound_kr_year <= least + 1e-6
        assert (round(point.cost_kr_year), round(point.co2_t_year)) in combined
        # Found with enough solves, a point is on the lower hull, and its bound is its cost.
        assert point.gap <= 1e-6


@given(st.lists(FLEETS, min_size=1, max_size=3))
def test_points_go_from_least_cost_to_least_co2_and_none_dominates_another(
    pools: list[list[tuple[int, int]]],
) -> None:
    points = points_of(pools, solves=3)
    for a, b in pairwise(points):
        assert a.cost_kr_year < b.cost_kr_year
        assert a.co2_t_year > b.co2_t_year
    assert all(p.lower_bound_kr_year <= p.cost_kr_year for p in points)


def test_a_depots_curve_holds_against_the_solver_with_a_cap() -> None:
    problem = depot_weeks(random.Random(2), vehicles=4, weeks=2)
    fleets = priced_fleets(
        lambda price: best_at_price(problem, {}, price, seconds_max=10, gap=0),
        price_max_kr_t=100_000,
        solves=6,
    )
    points = curve([fleets])
    assert len(points) >= 3
    middle = points[len(points) // 2]
    capped = replace(problem.rules, co2_max_t_year=middle.co2_t_year, co2_kr_t=0)
    best = solve(replace(problem, rules=capped), seconds_max=20, gap=0).best
    assert best.cost_kr_year is not None
    assert middle.lower_bound_kr_year <= best.cost_kr_year + 1
    assert best.cost_kr_year <= middle.cost_kr_year + 1


def test_a_long_curve_is_thinned_to_its_ends_and_some_between() -> None:
    points = points_of([[(i * i, 40 - i) for i in range(1, 8)]])
    few = evenly_spaced(points, 4)
    assert (few[0], few[-1], len(few)) == (points[0], points[-1], 4)


@given(st.lists(FLEETS, min_size=1, max_size=4), st.sampled_from([0.0, 0.02, 0.1, 0.5]))
def test_the_greenest_fleets_near_the_least_cost_keep_the_limit_and_none_is_greener(
    pools: list[list[tuple[int, int]]], share: float
) -> None:
    """Every way to combine the fleets that were found, against the one that is chosen."""
    found = [
        priced_fleets(lambda p, f=f: exact(f, p), price_max_kr_t=1_000, solves=20) for f in pools
    ]
    combined = {(0.0, 0.0)}
    for fleets in found:
        combined = {(a + f.cost_kr_year, b + f.co2_t_year) for a, b in combined for f in fleets}
    least = min(cost for cost, _ in combined)
    chosen = greenest_within(found, share)
    assert least <= chosen.cost_kr_year <= least * (1 + share) + 1e-6
    # Costs are counted in steps that are rounded up: a step for each pool may be lost.
    lost = len(pools) * share * least / 1_000
    within = [co2 for cost, co2 in combined if cost <= least * (1 + share) - lost]
    assert chosen.co2_t_year <= min(within, default=chosen.co2_t_year)
    assert chosen.lower_bound_kr_year <= chosen.cost_kr_year
