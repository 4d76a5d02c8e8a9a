"""Small cases against an exhaustive search: `python -m benchmarks.optimiser.brute_force [cases]`.

Each case has ranges, charging, needs, limits on trips, days, windows and counts, and a price on
CO2e; every other case has a cap that binds, and every other pair of cases is under the rules that
bind a whole fleet. Every fifth case is another one, in which no more trips than today may lack a
vehicle while one is in the workshop, or as few more as possible. The search shares no code with the
solver. The benchmark compares cost, status and bound of the plan and of today's fleet in 1,200
cases by default, and for today's fleet also the rules that it breaks.
"""

import math
import random
import sys
import time
from dataclasses import replace

from benchmarks.optimiser.measure import check_errors
from optimiser.model.plan import FleetAnswer, Plan
from optimiser.model.problem import Problem
from optimiser.parts.ready_plan import solve_ready
from optimiser.parts.workshop import Shifts, WorkshopRule
from optimiser.solve import solve
from tests.unit.optimiser.brute_force import optimum, todays_least, workshop_optimum
from tests.unit.optimiser.cases import ruled_problem, small_problem, workshop_problem

#: The rule on the workshop for the trips as they were driven.
WORKSHOP = WorkshopRule(shifts=Shifts(copies=0))


def random_case(seed: int) -> Problem:
    """A small random problem; an odd seed adds a cap below the cheapest plan's CO2e."""
    if seed % 4 < 2:
        free = small_problem(random.Random(seed), ranges=True)
    else:
        free = ruled_problem(random.Random(seed))
    if seed % 2 == 0:
        return free
    cheapest = solve(free, seconds_max=60, gap=0).best.co2_t_year
    if cheapest is None:
        return free
    share = random.Random(seed).choice((0.3, 0.6, 0.8, 0.95))
    return replace(free, rules=replace(free.rules, co2_max_t_year=cheapest * share))


def solved(problem: Problem, *, ready: bool) -> Plan:
    """The plan of `problem`, under the rule on the workshop if it is to be `ready`."""
    if ready:
        return solve_ready(problem, {}, ready=WORKSHOP, seconds_max=60, gap=0).pointed.plan
    return solve(problem, seconds_max=60, gap=0)


def broken_by(answer: FleetAnswer, problem: Problem) -> tuple[int, int]:
    """Trips of `answer` that use the fallback against a rule, and pools without their reserve."""
    forbidden = sum(
        problem.rules.must_be_served(trip) and answer.assignments[trip.trip_id] is None
        for trip in problem.trips
    )
    return forbidden, sum(broken.rule == "reserve" for broken in answer.broken)


def main(cases: int) -> None:
    worse = above = infeasible = refused = 0
    solver_s = search_s = 0.0
    for seed in range(cases):
        ready = seed % 5 == 4
        problem = workshop_problem(random.Random(seed), seed) if ready else random_case(seed)
        least_kr = workshop_optimum if ready else optimum
        begin = time.perf_counter()
        plan = solved(problem, ready=ready)
        middle = time.perf_counter()
        today = todays_least(problem)
        pairs = ((plan.best, least_kr(problem)), (plan.baseline, today.kr))
        worse += broken_by(plan.baseline, problem) != (today.forbidden, today.pools)
        solver_s += middle - begin
        search_s += time.perf_counter() - middle
        refused += bool(check_errors(plan, problem))
        for answer, least in pairs:
            if math.isinf(least) or answer.cost_kr_year is None:
                infeasible += 1
                worse += (answer.status == "infeasible") != math.isinf(least)
                continue
            assert answer.lower_bound_kr_year is not None
            worse += not math.isclose(answer.cost_kr_year, least, rel_tol=1e-6, abs_tol=1e-6)
            above += answer.lower_bound_kr_year > least * (1 + 1e-9) + 1e-6
    print(
        f"{cases} cases, plan and today's fleet of each: {worse} with another cost or status,"
        f" {above} with a bound above the optimum, {refused} refused by the checker;"
        f" {infeasible} have no answer, and say so"
    )
    print(f"solver {solver_s:.1f} s, exhaustive search {search_s:.1f} s")
    if worse or above or refused:
        raise SystemExit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_200)
