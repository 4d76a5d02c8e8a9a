"""The components of a problem: pieces that share no vehicle with the rest, a pool each.

A cap on CO2e and rules that count vehicles over all pools tie the components together. If the best
plans of the components break these, all components become one.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from optimiser.duties.fleet_rules import CountTies, fleet_rules
from optimiser.duties.incumbent import Incumbent
from optimiser.duties.make_arrays import make_arrays, with_bounds
from optimiser.duties.pool_arrays import LARGE, PoolArrays
from optimiser.duties.roster import Roster
from optimiser.model.problem import Kind, Problem

#: The least and the greatest number of vehicles of a kind; None means no limit.
CountBounds = tuple[int, int | None]


def todays_components(problem: Problem) -> list[PoolArrays]:
    """One component for each pool, in the order of their names, with today's counts."""
    kinds = sorted(problem.kinds, key=lambda kind: kind.pool)
    of_pool = {pool: list(own) for pool, own in groupby(kinds, key=lambda kind: kind.pool)}
    trips = sorted(problem.trips, key=lambda trip: trip.pool)
    driven = {pool: list(group) for pool, group in groupby(trips, key=lambda trip: trip.pool)}
    components: list[PoolArrays] = []
    for pool in sorted(of_pool.keys() | driven.keys()):
        own: list[Kind] = of_pool.get(pool, [])
        bounds: list[CountBounds] = [(kind.count_now, kind.count_now) for kind in own]
        components.append(make_arrays(problem, driven.get(pool, []), own, bounds, None, today=True))
    return components


def allowed(problem: Problem, arrays: PoolArrays) -> PoolArrays:
    """Today's `arrays` with the counts that contracts and the purchase policy allow."""
    rules = replace(
        fleet_rules(problem, arrays.trips, arrays.kinds, today=False),
        penalty_kr=arrays.rules.penalty_kr,
    )
    bounds = [(kind.min_count, problem.count_max(kind)) for kind in arrays.kinds]
    return with_bounds(replace(arrays, rules=rules), bounds)


def joined(
    problem: Problem, components: Sequence[PoolArrays], co2_max_t: float | None
) -> PoolArrays:
    """All `components` as one component, under a cap on CO2e if there is one."""
    kinds = [kind for arrays in components for kind in arrays.kinds]
    bounds: list[CountBounds] = [(kind.min_count, problem.count_max(kind)) for kind in kinds]
    return make_arrays(problem, problem.trips, kinds, bounds, co2_max_t)


def ties_of(problem: Problem, components: Sequence[PoolArrays]) -> CountTies | None:
    """The rules that tie `components` together, which are all of `problem`; None if none does."""
    if len(components) == 1 or not problem.rules.moves:
        return None
    kinds = [kind for arrays in components for kind in arrays.kinds]
    ties = fleet_rules(problem, (), kinds, today=False).ties
    return ties if ties.limits or ties.greens else None


def are_large(components: Sequence[PoolArrays]) -> bool:
    """Whether `components` are too large to be one model."""
    return sum(int(np.count_nonzero(arrays.useful)) for arrays in components) >= LARGE


def merged(whole: PoolArrays, pieces: Sequence[Incumbent]) -> Roster:
    """The rosters of `pieces` as one roster of `whole`, the component that `joined` made."""
    index = {trip.trip_id: t for t, trip in enumerate(whole.trips)}
    duties: list[list[list[int]]] = []
    for incumbent in pieces:
        assert incumbent.roster is not None, "the caller has looked"
        duties += [
            [[index[incumbent.arrays.trips[t].trip_id] for t in duty] for duty in vehicles]
            for vehicles in incumbent.roster.duties
        ]
    return Roster(duties)


def have_rosters(pieces: Sequence[Incumbent]) -> bool:
    return all(incumbent.roster is not None for incumbent in pieces)
