"""Of the rosters that are known of each component, the cheapest that keep the ties are taken."""

import random
from collections.abc import Sequence
from itertools import product

from optimiser.components import allowed, ties_of, todays_components
from optimiser.duties.fleet_rules import CountTies
from optimiser.duties.roster import Roster
from optimiser.search.known_rosters import KnownRosters
from tests.unit.optimiser.test_tied import tied_problem


def keeps(ties: CountTies, counts: Sequence[int]) -> bool:
    """Whether `counts` keep `ties`, the green ones also where no fossil vehicle is left."""
    return all(sum(counts[k] for k in limit.kinds) <= limit.most for limit in ties.limits) and all(
        sum(counts[k] for k in green.green) >= green.least for green in ties.greens
    )


def test_the_choice_is_the_cheapest_of_all_that_keep_the_ties() -> None:
    kept = none = 0
    for seed in range(60):
        problem = tied_problem(seed)
        components = [allowed(problem, arrays) for arrays in todays_components(problem)]
        ties = ties_of(problem, components)
        if ties is None:
            continue
        rng = random.Random(seed)
        known = KnownRosters(components)
        every: list[list[Roster]] = []
        for number, arrays in enumerate(components):
            most = seed % 4
            own = [
                Roster([[[] for _ in range(rng.randint(0, most))] for _ in arrays.kinds])
                for _ in range(4)
            ]
            every.append(own)
            for roster in own:
                known.add(number, roster)
        costs = [
            sum(roster.kr(arrays) for roster, arrays in zip(rosters, components, strict=True))
            for rosters in product(*every)
            if keeps(ties, [n for roster in rosters for n in roster.counts])
        ]
        chosen = known.cheapest_within(ties)
        if chosen is None:
            assert not costs, f"case {seed}"
            none += 1
            continue
        kr = sum(roster.kr(arrays) for roster, arrays in zip(chosen, components, strict=True))
        assert abs(kr - min(costs)) < 1e-6 * kr, f"case {seed}"
        assert ties.are_kept([n for roster in chosen for n in roster.counts])
        kept += 1
    assert kept > 10
    assert none > 0


def test_the_cheaper_of_two_rosters_of_the_same_counts_is_known() -> None:
    problem = tied_problem(3)
    components = [allowed(problem, arrays) for arrays in todays_components(problem)]
    known = KnownRosters(components)
    arrays = components[0]
    k, t = next(
        (k, t)
        for k in range(len(arrays.kinds))
        for t in range(len(arrays.start))
        if arrays.useful[k, t]
    )
    idle = Roster([[[]] for _ in arrays.kinds])
    busy = idle.copy()
    busy.duties[k][0].append(t)
    for roster in (idle, busy, idle):
        known.add(0, roster)
    assert known.at(0, idle.counts) is busy
    assert known.at(0, [9] * len(arrays.kinds)) is None
