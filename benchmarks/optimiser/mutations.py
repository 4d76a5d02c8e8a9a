"""The checker against wrong plans: `python -m benchmarks.optimiser.mutations [count]`.

The benchmark changes plans of small cases and of a depot's weeks in one way each; it makes 1,200
changes by default. The checker must refuse every changed plan with the reason that belongs to the
change, and must accept the unchanged plans. Every other plan is of a case under the rules that bind
a whole fleet. To break these, the benchmark leaves the plan and makes the rule stricter, or changes
what the baseline says that it breaks.
"""

import copy
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from optimiser.model.check import check_plan
from optimiser.model.files import kind_cells, trip_cells
from optimiser.model.problem import Problem, RoundTrip
from optimiser.solve import solve
from tests.unit.optimiser.cases import depot_weeks, ruled_problem, small_problem

Content = dict[str, Any]

#: A change of a plan, which returns whether it could be made, and the reasons of which one fits it.
Change = Callable[[Content, Problem, random.Random], bool]


def _row(content: Content, rng: random.Random, *, driven: bool = False) -> Content | None:
    rows = [row for row in content["assignments"] if row["vehicle"] is not None or not driven]
    return rng.choice(rows) if rows else None


def doubled_trip(content: Content, problem: Problem, rng: random.Random) -> bool:
    content["assignments"].append(dict(content["assignments"][0]))
    return True


def missing_trip(content: Content, problem: Problem, rng: random.Random) -> bool:
    content["assignments"].pop(rng.randrange(len(content["assignments"])))
    return True


def unknown_trip(content: Content, problem: Problem, rng: random.Random) -> bool:
    content["assignments"][0]["trip_id"] = "nobody drove this"
    return True


def unknown_vehicle(content: Content, problem: Problem, rng: random.Random) -> bool:
    content["assignments"][0]["vehicle"] = "sledge#1"
    return True


def number_too_high(content: Content, problem: Problem, rng: random.Random) -> bool:
    row = _row(content, rng, driven=True)
    if row is None:
        return False
    row["vehicle"] = row["vehicle"].rpartition("#")[0] + "#999"
    return True


def to_the_fallback(content: Content, problem: Problem, rng: random.Random) -> bool:
    row = _row(content, rng, driven=True)
    if row is None:
        return False
    row["vehicle"] = None
    return True


def overlapping(content: Content, problem: Problem, rng: random.Random) -> bool:
    """Gives a trip to the vehicle of another trip at the same time."""
    vehicle = {row["trip_id"]: row for row in content["assignments"]}
    for one in rng.sample(problem.trips, len(problem.trips)):
        for other in problem.trips:
            row, own = vehicle[other.trip_id], vehicle[one.trip_id]
            together = one.start < other.end and other.start < one.end
            if one is not other and together and own["vehicle"] and own is not row:
                was = row["vehicle"] is None
                row["vehicle"] = own["vehicle"]
                content["unserved_by_fleet"] -= was
                return True
    return False


def more_vehicles(content: Content, problem: Problem, rng: random.Random) -> bool:
    if not content["fleet"]:
        return False
    line = rng.choice(content["fleet"])
    kind = next(k for k in problem.kinds if (k.type, k.pool) == (line["type"], line["pool"]))
    line["count"] += 1
    return kind.fixed_kr_year > 1


def fewer_than_none(content: Content, problem: Problem, rng: random.Random) -> bool:
    if not content["fleet"]:
        return False
    line = rng.choice(content["fleet"])
    line["count"] = -1
    return True


def kind_left_out(content: Content, problem: Problem, rng: random.Random) -> bool:
    if not content["fleet"]:
        return False
    content["fleet"].pop()
    return True


def _figure(name: str, change: Callable[[float], float]) -> Change:
    def made(content: Content, problem: Problem, rng: random.Random) -> bool:
        content[name] = change(content[name])
        return True

    return made


def bound_above_cost(content: Content, problem: Problem, rng: random.Random) -> bool:
    content["lower_bound_kr_year"] = content["cost_kr_year"] + rng.uniform(1, 1_000)
    return True


CHANGES: dict[str, tuple[Change, tuple[str, ...]]] = {
    "a doubled trip": (doubled_trip, ("not every trip exactly once",)),
    "a missing trip": (missing_trip, ("not every trip exactly once",)),
    "an unknown trip": (unknown_trip, ("not every trip exactly once",)),
    "an unknown vehicle": (unknown_vehicle, ("is not in the fleet",)),
    "a vehicle too many": (number_too_high, ("is not in the fleet",)),
    "a trip left to the fallback": (to_the_fallback, ("unserved_by_fleet",)),
    "two trips at once": (
        overlapping,
        ("starts before", "needs", "is of pool", "max_trip_km", "window"),
    ),
    "one vehicle more": (
        more_vehicles,
        ("cost_kr_year", "above max_count", "is above", "green_keep", "reserve"),
    ),
    "a negative count": (fewer_than_none, ("below", "negative", "not in the fleet", "cost_kr")),
    "a kind left out": (kind_left_out, ("not the kinds of the fleet file",)),
    "a wrong cost": (_figure("cost_kr_year", lambda kr: kr + 1), ("cost_kr_year is",)),
    "wrong tonnes": (_figure("co2_t_year", lambda t: t + 0.01), ("co2_t_year is",)),
    "a bound above the cost": (bound_above_cost, ("is above the cost",)),
    "a wrong gap": (_figure("gap", lambda gap: gap + 0.01), ("gap is",)),
    "a wrong number left over": (
        _figure("unserved_by_fleet", lambda n: n + 1),
        ("unserved_by_fleet is",),
    ),
    "a wrong period": (_figure("period_days", lambda days: days + 1), ("period_days is", "adds")),
}


Rules = dict[str, Any]


def fallback_forbidden_by_pool(content: Content, problem: Problem, rules: Rules) -> bool:
    """Forbids the fallback to a trip that uses it."""
    trip = _at_fallback(content, problem, lambda trip: trip.pool not in rules["no_fallback_pools"])
    if trip is None:
        return False
    rules["no_fallback_pools"] = (*rules["no_fallback_pools"], trip.pool)
    return True


def fallback_forbidden_by_need(content: Content, problem: Problem, rules: Rules) -> bool:
    own = set(rules["no_fallback_needs"])
    trip = _at_fallback(content, problem, lambda trip: bool(trip.needs) and not trip.needs & own)
    if trip is None:
        return False
    rules["no_fallback_needs"] = (*rules["no_fallback_needs"], min(trip.needs))
    return True


def reserve_too_small(content: Content, problem: Problem, rules: Rules) -> bool:
    """Asks for a larger reserve than all motor vehicles of a pool."""
    motor: Counter[str] = Counter()
    for kind, line in zip(problem.kinds, content["fleet"], strict=True):
        motor[kind.pool] += line["count"] if kind.is_motor else 0
    kept = sorted(pool for pool, count in motor.items() if count)
    if not kept:
        return False
    rules["reserve"] = {kept[0]: motor[kept[0]] + 1}
    return True


def fewer_green(content: Content, problem: Problem, rules: Rules) -> bool:
    """Says that the fleet has fewer green vehicles than today, and leaves a fossil one in it."""
    pairs = list(zip(problem.kinds, content["fleet"], strict=True))
    fossil = {kind.pool for kind, line in pairs if kind.is_fossil and line["count"]}
    for kind, _ in pairs:
        if kind.is_green_motor and kind.count_now and kind.pool in fossil:
            for other, own in pairs:
                if other.is_green_motor and (rules["moves"] or other.pool == kind.pool):
                    own["count"] = 0
            rules["green_keep"] = True
            return True
    return False


def moved_too_many(content: Content, problem: Problem, rules: Rules) -> bool:
    """Gives a pool more vehicles of a fossil type than there are today in all pools."""
    for kind, line in zip(problem.kinds, content["fleet"], strict=True):
        if kind.is_fossil:
            line["count"] = problem.type_count_now(kind.type) + 1
            rules |= {"moves": True, "green_only_new": True}
            return True
    return False


def baseline_hides(content: Content, problem: Problem, rules: Rules) -> bool:
    return content["baseline"].pop("broken_rules", None) is not None


def baseline_invents(content: Content, problem: Problem, rules: Rules) -> bool:
    told = {"rule": "reserve", "pool": "nowhere", "by": 1}
    content["baseline"].setdefault("broken_rules", []).append(told)
    return True


def plan_breaks(content: Content, problem: Problem, rules: Rules) -> bool:
    """Says of the plan itself that it breaks a rule, which only the baseline may."""
    content["broken_rules"] = [{"rule": "reserve", "pool": problem.kinds[0].pool, "by": 1}]
    return True


def _at_fallback(
    content: Content, problem: Problem, fits: Callable[[RoundTrip], bool]
) -> RoundTrip | None:
    left = {row["trip_id"] for row in content["assignments"] if row["vehicle"] is None}
    return next((trip for trip in problem.trips if trip.trip_id in left and fits(trip)), None)


#: Changes of a plan and its rules, and the reason that fits each.
RULE_CHANGES: dict[str, tuple[Callable[[Content, Problem, Rules], bool], str]] = {
    "no fallback in the pool": (fallback_forbidden_by_pool, "no_fallback_pools: broken"),
    "no fallback for the need": (fallback_forbidden_by_need, "no_fallback_needs: broken"),
    "a reserve too small": (reserve_too_small, "reserve: broken"),
    "fewer green vehicles": (fewer_green, "green_keep:"),
    "more moved than there are": (moved_too_many, "in all pools is above"),
    "a broken rule not told": (baseline_hides, "baseline: broken_rules are"),
    "a broken rule made up": (baseline_invents, "baseline: broken_rules are"),
    "a plan that breaks a rule": (plan_breaks, "broken_rules are"),
}


def problems() -> Iterator[Problem]:
    yield depot_weeks(random.Random(1), vehicles=6, weeks=1)
    for seed in range(1_000):
        yield small_problem(random.Random(seed), ranges=True)
        yield ruled_problem(random.Random(seed))


def main(count: int) -> None:
    made: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    accepted = 0
    rng = random.Random(1)
    for problem in problems():
        plan = solve(problem, seconds_max=20, gap=0)
        if plan.best.cost_kr_year is None:
            continue
        content = plan.to_json()
        rules = {n: value for n, value in asdict(problem.rules).items() if value is not None}
        trips, kinds = trip_cells(problem), kind_cells(problem)
        accepted += check_plan(content, trips, kinds, rules) == []
        if check_plan(content, trips, kinds, rules):
            raise SystemExit("the checker refuses a plan that was not changed")
        for name, (change, reasons) in CHANGES.items():
            other = copy.deepcopy(content)
            if change(other, problem, rng):
                found = check_plan(other, trips, kinds, rules)
                made[name] += 1
                wrong[name] += not any(part in text for text in found for part in reasons)
        for name, (change_rules, reason) in RULE_CHANGES.items():
            other, stricter = copy.deepcopy(content), copy.deepcopy(rules)
            if change_rules(other, problem, stricter):
                found = check_plan(other, trips, kinds, stricter)
                made[name] += 1
                wrong[name] += not any(reason in text for text in found)
        for number, kind in enumerate(problem.kinds):
            driven = [
                trip.km
                for trip in problem.trips
                if (slot := plan.best.assignments[trip.trip_id]) is not None
                and (slot.pool, slot.type) == (kind.pool, kind.type)
            ]
            if kind.range_km is not None and max(driven, default=0) > 1:
                # The same plan, with a battery that is too small for it.
                smaller = [dict(row) for row in kinds]
                smaller[number]["range_km"] = "0.5"
                found = check_plan(content, trips, smaller, rules)
                made["an empty battery"] += 1
                wrong["an empty battery"] += not any("km short" in text for text in found)
        if sum(made.values()) >= count:
            break
    for name, number in made.items():
        print(f"{name:30s} {number:6d} changed, {wrong[name]:4d} not refused with their reason")
    print(f"{sum(made.values())} changes, {sum(wrong.values())} missed; {accepted} plans accepted")
    if sum(wrong.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_200)
