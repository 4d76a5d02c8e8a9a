"""Against simple peers, each with 10 times our time: `python -m benchmarks.optimiser.peers`.

    --vehicles 24 --pools 1 --trips 2000 --days 56 --kinds 12      the municipality, as in scale
    --seconds 30 --gap 0.002       our limits
    --charge 7                     km regained per hour by every electric kind
    --day-km 120                   the most km a day of every vehicle
    --fallback 150                 kr. for each trip that falls back, besides its km
    --seeds 5 --times 10           instances, and the peers' seconds of CPU over ours

One peer is a hill climber on the counts of vehicles, the other a genetic algorithm (pymoo). Both
evaluate counts by the same greedy assignment (`greedy.py`), begin with today's fleet, and search
pool by pool. `optimiser/model/check.py` verifies their plans, also against our bound. The benchmark
prints their cost over ours, for each instance and in the median. It needs
`pip install -e '.[bench]'`.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from benchmarks.optimiser.greedy import Greedy, greedy
from benchmarks.optimiser.measure import check_errors, measure
from benchmarks.optimiser.municipality import add_options, problem_of_options
from fleet.arrays import Ints
from optimiser.duties.make_arrays import make_arrays
from optimiser.model.plan import FleetAnswer, FleetLine, Plan
from optimiser.model.problem import Problem
from optimiser.model.vehicle_slot import VehicleSlot

#: The number of kinds whose count a climb in a local optimum changes at random.
KICKED = 3

#: The number of fleets in a generation.
POPULATION = 60


class CpuBudget:
    """A budget of CPU seconds of this process from now on, and the number of evaluated fleets."""

    def __init__(self, seconds: float) -> None:
        self.end = time.process_time() + seconds
        self.judged = 0

    @property
    def is_over(self) -> bool:
        return time.process_time() >= self.end


@dataclass(slots=True)
class BestCounts:
    """The best counts so far; a peer spends its budget on evaluating more counts."""

    pool: Greedy
    budget: CpuBudget
    counts: Ints
    kr: float = float("inf")

    def judge(self, counts: Ints) -> float:
        kr = self.pool.year_kr(counts)
        self.budget.judged += 1
        if kr < self.kr:
            self.counts, self.kr = counts.copy(), kr
        return kr


Peer = Callable[[BestCounts, np.random.Generator], None]


def climb(best: BestCounts, rng: np.random.Generator) -> None:
    """Moves to any better neighbour until there is none, then restarts near the best counts."""
    counts, kr = best.counts, best.judge(best.counts)
    while not best.budget.is_over:
        better = False
        for other in _neighbours(best.pool, counts, rng):
            other_kr = best.judge(other)
            if other_kr < kr:
                counts, kr, better = other, other_kr, True
                break
            if best.budget.is_over:
                return
        if not better:
            counts = _kicked(best, rng)
            kr = best.judge(counts)


def _neighbours(pool: Greedy, counts: Ints, rng: np.random.Generator) -> Iterator[Ints]:
    """Counts with one vehicle more, one less, or one of another kind instead, in random order."""
    steps = np.vstack([np.eye(len(counts), dtype=np.int64), np.zeros_like(counts)])
    pairs = [(i, j) for i in range(len(steps)) for j in range(len(steps)) if i != j]
    for n in rng.permutation(len(pairs)):
        i, j = pairs[n]
        other = counts + steps[i] - steps[j]
        if np.all((pool.low <= other) & (other <= pool.high)):
            yield other


def _kicked(best: BestCounts, rng: np.random.Generator) -> Ints:
    counts = best.counts.copy()
    for k in rng.permutation(len(counts))[:KICKED]:
        counts[k] = rng.integers(best.pool.low[k], best.pool.high[k] + 1)
    return counts


def evolve(best: BestCounts, rng: np.random.Generator) -> None:
    """Runs pymoo's genetic algorithm with its operators for integers, again and again."""
    from pymoo.algorithms.soo.nonconvex.ga import GA  # pyright: ignore[reportMissingImports]
    from pymoo.core.problem import (  # pyright: ignore[reportMissingImports]
        Problem as Numbers,
    )
    from pymoo.core.termination import (  # pyright: ignore[reportMissingImports]
        NoTermination,
    )
    from pymoo.operators.crossover.sbx import SBX  # pyright: ignore[reportMissingImports]
    from pymoo.operators.mutation.pm import PM  # pyright: ignore[reportMissingImports]
    from pymoo.operators.repair.rounding import (  # pyright: ignore[reportMissingImports]
        RoundingRepair,
    )

    pool = best.pool
    today = best.counts
    space = Numbers(n_var=len(pool.low), n_obj=1, xl=pool.low, xu=pool.high, vtype=int)
    while not best.budget.is_over:
        first = rng.integers(pool.low, pool.high + 1, size=(POPULATION, len(pool.low)))
        first[0] = today
        search = GA(
            pop_size=POPULATION,
            sampling=first,  # pyright: ignore[reportArgumentType]
            crossover=SBX(vtype=float, repair=RoundingRepair()),
            mutation=PM(vtype=float, repair=RoundingRepair()),
            eliminate_duplicates=True,
        )
        search.setup(space, termination=NoTermination(), seed=int(rng.integers(2**31)))
        while not best.budget.is_over:
            fleets = search.ask()
            if fleets is None or not len(fleets):
                break
            krs = [best.judge(fleet.astype(np.int64)) for fleet in fleets.get("X")]
            fleets.set("F", np.array(krs).reshape(-1, 1))
            for fleet in fleets:
                fleet.evaluated.update(("F", "G", "H"))
            search.tell(infills=fleets)


PEERS: dict[str, Peer] = {"hill climbing": climb, "genetic algorithm": evolve}


def peer_plan(problem: Problem, peer: Peer, budget: CpuBudget, seed: int, plan: Plan) -> Plan:
    """The plan of `peer` with our baseline and bound.

    Each pool gets a share of the budget in proportion to its trips.
    """
    rng = np.random.default_rng(seed)
    counts: dict[str, int] = {}
    assignments: dict[str, VehicleSlot | None] = {trip.trip_id: None for trip in problem.trips}
    kr = co2_t = 0.0
    begin, seconds = time.process_time(), budget.end - time.process_time()
    shares = Counter(trip.pool for trip in problem.trips)
    used = 0
    for name in sorted({kind.pool for kind in problem.kinds} | set(shares)):
        used += shares[name]
        budget.end = begin + seconds * used / len(problem.trips)
        kinds = [kind for kind in problem.kinds if kind.pool == name]
        arrays = make_arrays(
            problem,
            [trip for trip in problem.trips if trip.pool == name],
            kinds,
            [(kind.min_count, problem.count_max(kind)) for kind in kinds],
            None,
        )
        pool = greedy(arrays)
        now = np.array([kind.count_now for kind in kinds], dtype=np.int64)
        best = BestCounts(pool, budget, np.clip(now, pool.low, pool.high))
        peer(best, rng)
        pool_kr, vehicle = pool.assign(best.counts)
        kr += pool_kr
        counts |= {k.label: int(n) for k, n in zip(kinds, best.counts, strict=True)}
        of_vehicle = np.repeat(np.arange(len(kinds)), best.counts)
        first = np.concatenate([[0], np.cumsum(best.counts)])
        for t, v in enumerate(vehicle.tolist()):
            if v < 0:
                co2_t += float(arrays.fallback_co2_t[t])
                continue
            k = int(of_vehicle[v])
            co2_t += float(arrays.co2_t[k, t])
            assignments[arrays.trips[t].trip_id] = kinds[k].slot(v - int(first[k]) + 1)
    bound = plan.best.lower_bound_kr_year
    assert bound is not None
    answer = FleetAnswer(
        status="feasible",
        cost_kr_year=kr,
        lower_bound_kr_year=bound,
        gap=max(0.0, (kr - bound) / kr),
        co2_t_year=co2_t,
        fleet=tuple(
            FleetLine(type=k.type, pool=k.pool, count=counts[k.label], count_now=k.count_now)
            for k in problem.kinds
        ),
        assignments=assignments,
    )
    return replace(plan, best=answer)


def main() -> None:
    parser = argparse.ArgumentParser()
    add_options(parser, vehicles=24, pools=1, trips=2_000, days=56, kinds=12)
    parser.add_argument("--seeds", type=int, default=5)
    for name, default in (("seconds", 30.0), ("gap", 0.002), ("times", 10.0)):
        parser.add_argument(f"--{name}", type=float, default=default)
    given = parser.parse_args()
    ratios: dict[str, list[float]] = {name: [] for name in PEERS}
    for seed in range(1, given.seeds + 1):
        problem = problem_of_options(given, seed)
        _compile(problem)
        ours = measure(problem, seconds=given.seconds, gap=given.gap)
        cost, gap = ours.plan.best.cost_kr_year, ours.plan.best.gap
        assert cost is not None
        cells = [f"{len(problem.trips)} trips: ours {cost:,.0f} kr, gap {gap:.3%}"]
        cells.append(f"{ours.cpu_s:.1f} s CPU")
        for name, peer in PEERS.items():
            budget = CpuBudget(given.times * ours.cpu_s)
            plan = peer_plan(problem, peer, budget, seed, ours.plan)
            wrong = check_errors(plan, problem)
            if wrong:
                raise SystemExit(f"the checker refuses the plan of {name}: {wrong[:5]}")
            assert plan.best.cost_kr_year is not None
            ratios[name].append(plan.best.cost_kr_year / cost)
            cells.append(f"{name} {ratios[name][-1]:.4f} of {budget.judged} fleets")
        print("; ".join(cells) + "; checked", flush=True)
    for name, found in ratios.items():
        low, middle, high = min(found), median(found), max(found)
        print(f"{name}: cost over ours {middle:.4f} in the median, {low:.4f} to {high:.4f}")


def _compile(problem: Problem) -> None:
    """Compiles the greedy assignment, so that the peers' budget does not pay for it."""
    arrays = make_arrays(
        problem, problem.trips[:1], problem.kinds, [(0, 0)] * len(problem.kinds), None
    )
    greedy(arrays).year_kr(np.zeros(len(problem.kinds), dtype=np.int64))


if __name__ == "__main__":
    main()
