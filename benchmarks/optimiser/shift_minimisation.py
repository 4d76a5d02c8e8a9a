"""Shift minimisation: `python -m benchmarks.optimiser.shift_minimisation [largest jobs] [seconds]`.

The shift minimisation personnel task scheduling problem of Krishnamoorthy, Ernst and Baatar
(European Journal of Operational Research 219(1), 2012) has jobs with fixed times and workers who
are each qualified for some of them, and asks for as few workers as possible. The benchmark does not
copy their instances but generates new ones of their sizes, 40 to 2,000 jobs and 23 to 200 workers.
A worker is a kind of vehicle with `max_count` 1 and fixed cost 1. A job needs its own capability,
which the qualified workers offer. Nothing else costs anything, and a job that nobody does costs
more than all workers together.
"""

import random
import sys
from datetime import UTC, datetime, timedelta

from benchmarks.optimiser.measure import measure
from fleet.vehicle import Energy
from optimiser.model.problem import Kind, Problem, RoundTrip, Rules

#: Workers, jobs, and the share of the jobs for which a worker is qualified.
SIZES = (
    (23, 40, 0.33),
    (24, 100, 0.33),
    (50, 200, 0.33),
    (100, 400, 0.33),
    (100, 800, 0.33),
    (150, 1_200, 0.33),
    (200, 2_000, 0.33),
    (200, 2_000, 0.66),
)

#: The share of the workers whose shifts the jobs fill, and the length of a pause relative to a job.
TIGHTNESS = 0.9
PAUSE = 0.1


def shift_problem(workers: int, jobs: int, qualified: float, seed: int) -> Problem:
    """A day with `jobs` jobs, generated so that the share `TIGHTNESS` of the workers can do all."""
    rng = random.Random(seed)
    day = datetime(2026, 3, 2, tzinfo=UTC)
    # The jobs of some workers fill their shifts. This hidden roster does all jobs.
    trips: list[RoundTrip] = []
    able: dict[int, set[str]] = {worker: set() for worker in range(workers)}
    needed = round(workers * TIGHTNESS)
    for worker in range(needed):
        own = jobs * (worker + 1) // needed - jobs * worker // needed
        begin, end = rng.randrange(0, 120), rng.randrange(840, 960)
        # Shares of the shift's minutes in turn: job, pause, job, …, job.
        shares = [
            rng.uniform(0.5, 1.5) * (1 if at % 2 == 0 else PAUSE) for at in range(2 * own - 1)
        ]
        minute = (end - begin) / sum(shares)
        times = [begin + round(minute * sum(shares[:at])) for at in range(2 * own)]
        for start, finish in zip(times[::2], times[1::2], strict=True):
            name = f"j{len(trips)}"
            able[worker].add(name)
            trips.append(
                RoundTrip(
                    trip_id=name,
                    start=day + timedelta(minutes=start),
                    end=day + timedelta(minutes=finish),
                    km=0,
                    needs=frozenset({name}),
                )
            )
    for names in able.values():
        names |= {trip.trip_id for trip in trips if rng.random() < qualified}
    kinds = tuple(
        Kind(
            type=f"w{worker}",
            count_now=1,
            min_count=0,
            max_count=1,
            offers=frozenset(names),
            energy=Energy.BICYCLE,
            fixed_kr_year=1,
            kr_km=0,
            co2_g_km=0,
        )
        for worker, names in able.items()
    )
    rules = Rules(
        count_most=10_000,
        turnaround_min=0,
        period_days=365,
        fallback_kr_trip=workers + 1,
        fallback_kr_km=0,
        fallback_co2_g_km=0,
        co2_kr_t=0,
        green_only_new=True,
        seed=seed,
    )
    return Problem(trips=tuple(trips), kinds=kinds, rules=rules)


def main(largest: int, seconds: float) -> None:
    print(" workers   jobs   able   used    bound      gap       s  CPU s")
    for workers, jobs, qualified in SIZES:
        if jobs > largest:
            continue
        problem = shift_problem(workers, jobs, qualified, seed=1)
        found = measure(problem, seconds=seconds, gap=0)
        answer = found.plan.best
        assert answer.lower_bound_kr_year is not None
        print(
            f"{workers:8d} {jobs:6d} {qualified:6.2f} {answer.cost_kr_year:6.0f}"
            f" {answer.lower_bound_kr_year:8.2f} {answer.gap:8.3%}"
            f" {found.plan.seconds:7.1f} {found.cpu_s:6.1f} checked",
            flush=True,
        )


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 2_000,
        float(sys.argv[2]) if len(sys.argv) > 2 else 120.0,
    )
