"""The knapsacks of the model say no more and no less than a battery and a day's km do."""

import random
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from costs.limits import KindLimits
from fleet.arrays import Ints
from optimiser.duties.conflicts import block_knapsacks, critical_blocks, maximal_cliques
from optimiser.duties.limits import can_drive_all
from optimiser.duties.make_arrays import make_arrays
from optimiser.duties.pool_arrays import PoolArrays
from tests.unit.optimiser.cases import RULES, never, small_problem


def random_part(rng: random.Random) -> PoolArrays:
    """One kind with a range, and sometimes a day limit, that may serve all of some trips."""
    problem = small_problem(rng, ranges=True)
    kind = replace(
        problem.kinds[0],
        pool="",
        limits=KindLimits(max_day_km=problem.kinds[0].limits.max_day_km),
    )
    trips = [
        replace(trip, pool="", needs=frozenset(), km=min(trip.km, 20.0)) for trip in problem.trips
    ]
    return make_arrays(replace(problem, rules=RULES), trips, [kind], [(0, None)], None)


def chains(arrays: PoolArrays) -> list[Ints]:
    """Every set of trips without overlaps, in order of start."""
    found: list[list[int]] = [[]]
    for t in range(len(arrays.trips)):
        found += [
            [*chain, t]
            for chain in found
            if not chain or arrays.busy_until[chain[-1]] <= arrays.start[t]
        ]
    return [np.array(chain, dtype=np.int64) for chain in found]


@pytest.mark.parametrize("hurried", [False, True])
def test_a_chain_can_be_driven_exactly_when_it_fits_every_knapsack_of_every_block(
    hurried: bool,
) -> None:
    """Also of the larger blocks that there are when there is no time to look closely."""
    drivable = broken = 0
    for seed in range(150):
        arrays = random_part(random.Random(seed))
        everything = np.arange(len(arrays.trips))
        knapsacks = [
            knapsack
            for block in critical_blocks(arrays, 0, everything, lambda: hurried)
            for knapsack in block_knapsacks(arrays, 0, block)
        ]
        for chain in chains(arrays):
            kept = all(
                knapsack.weights[np.isin(knapsack.trips, chain)].sum() <= knapsack.capacity + 1e-9
                for knapsack in knapsacks
            )
            assert kept == can_drive_all(arrays, 0, chain.tolist()), f"case {seed}: {chain}"
            drivable += kept
            broken += not kept
    assert drivable > 1_000
    assert broken > 1_000


def test_blocks_do_not_overlap_and_hold_every_trip_that_touches_them() -> None:
    for seed in range(150):
        arrays = random_part(random.Random(seed))
        blocks = critical_blocks(arrays, 0, np.arange(len(arrays.trips)), never)
        for block, following in pairwise(blocks):
            assert block.finish <= following.begin
        for block in blocks:
            for t in range(len(arrays.trips)):
                touches = arrays.start[t] < block.finish and arrays.busy_until[t] > block.begin
                assert touches == (t in block.trips)


def test_cliques_are_the_largest_sets_of_trips_that_are_out_at_once() -> None:
    for seed in range(150):
        arrays = random_part(random.Random(seed))
        out_at_start = [
            frozenset(np.flatnonzero((arrays.start <= now) & (arrays.busy_until > now)).tolist())
            for now in arrays.start
        ]
        largest = {s for s in out_at_start if not any(s < other for other in out_at_start)}
        cliques = maximal_cliques(arrays, np.arange(len(arrays.trips)))
        assert {frozenset(clique.tolist()) for clique in cliques} == largest
