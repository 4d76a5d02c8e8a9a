"""A search whose relaxation has no more to tell goes on, to the gap or to the end of its time."""

import math
import random
import time

from benchmarks.optimiser.municipality import municipality
from optimiser.components import allowed, todays_components
from optimiser.duties.incumbent import Incumbent, first_incumbent
from optimiser.duties.roster import first_roster
from optimiser.model.clock import Clock
from optimiser.model.problem import Problem
from optimiser.search.gaps import are_near, finer
from optimiser.search.improve import improve
from optimiser.search.wander import wander
from tests.unit.optimiser.cases import depot_weeks, never


def stuck(problem: Problem) -> Incumbent:
    """The only pool of `problem` with a quick roster, as if its relaxation had told all."""
    [arrays] = [allowed(problem, one) for one in todays_components(problem)]
    incumbent = first_incumbent(arrays)
    incumbent.offer(first_roster(arrays, [kind.count_now for kind in arrays.kinds], never))
    incumbent.stuck_at = 0.0
    return incumbent


def improved(incumbent: Incumbent, gap: float, seconds: float, *, once: bool = False) -> float:
    """Seconds until the search ended."""
    begin = time.monotonic()
    clock = Clock(end=begin + seconds, cancelled=never)
    improve([incumbent], gap=gap, seed=1, clock=clock, report=lambda _: None, once=once)
    return time.monotonic() - begin


def test_a_search_that_is_stuck_ends_at_the_gap_or_when_its_time_is_over() -> None:
    incumbent = stuck(depot_weeks(random.Random(3), vehicles=5, weeks=1))
    first_kr = incumbent.kr
    assert improved(incumbent, 0.0, 60, once=True) < 30
    assert incumbent.kr == first_kr, "what needs a finer gap is another search"
    assert improved(incumbent, 0.0, 3) >= 3
    assert incumbent.kr < first_kr
    incumbent.raise_bound(0.99 * incumbent.kr)
    assert improved(incumbent, 0.02, 60) < 30, "the gap is proven"
    incumbent.raise_bound(math.inf)
    assert incumbent.is_optimal
    assert improved(incumbent, 0.0, 60) < 30, "it is an optimum"


def test_duties_that_are_rebuilt_here_and_there_never_cost_more() -> None:
    incumbent = stuck(depot_weeks(random.Random(5), vehicles=6, weeks=2))
    rng, before = random.Random(1), incumbent.kr
    for _ in range(10):
        kr = incumbent.kr
        wander(incumbent, rng, never)
        assert incumbent.kr <= kr
        assert incumbent.roster is not None
        assert math.isclose(incumbent.kr, incumbent.roster.kr(incumbent.arrays))
        assert incumbent.bound <= incumbent.kr
    assert incumbent.kr < before


def test_without_a_roster_there_is_nothing_to_go_on_from() -> None:
    incumbent = stuck(depot_weeks(random.Random(5), vehicles=2, weeks=1))
    lost = Incumbent(arrays=incumbent.arrays, bound=0.0, stuck_at=0.0)
    assert lost.is_settled
    assert not lost.is_optimal
    assert not are_near([incumbent, lost], 0.5)


def test_finer_gaps_come_to_an_end() -> None:
    gaps = [0.01]
    while gaps[-1] > 0:
        gaps.append(finer(gaps[-1]))
    assert gaps[:2] == [0.01, 0.0025]
    assert len(gaps) < 12


def test_the_municipality_of_the_benchmarks_is_under_no_rule_on_the_whole_fleet() -> None:
    problem = municipality(
        vehicles=24, pools=2, trips=50, days=28, kinds=4, seed=1, fallback_kr_trip=150.0
    )
    rules = problem.rules
    assert (rules.reserve, rules.moves, rules.green_keep) == (0, False, False)
    assert rules.no_fallback_needs == rules.no_fallback_pools == ()
    assert rules.turnaround_min == 10
