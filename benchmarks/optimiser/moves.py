"""Moves between depots planned apart, against all depots as one problem:
`python -m benchmarks.optimiser.moves [cases]`.

Each case is a municipality of three depots with one to three vehicles each and a week of trips,
under the rules `moves` and `green_keep`; in every other one a depot has work for more vehicles than
it has. The depots are planned apart and vehicles moved between the plans, as a round does; the
checker sees all plans together. The ratio is to the optimum of all depots as one problem, which the
solver proves.
"""

import random
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from costs.kind_figures import KindFigures
from fleet.vehicle import Energy
from optimiser.depot.fate import Fate
from optimiser.depot.pool_problem import fleet_problem
from optimiser.depot.vehicle_pool import DrivenTrip, PoolVehicle, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.model.problem import Problem, Rules
from optimiser.parts.moved_parts import move_between
from optimiser.parts.part_plan import PartInput, plan_part
from optimiser.solve import solve

MONDAY = datetime(2026, 11, 16, 7, tzinfo=UTC)

RULES = Rules(
    count_most=10_000,
    turnaround_min=10,
    period_days=7.0,
    fallback_kr_trip=60,
    fallback_kr_km=4,
    fallback_co2_g_km=129,
    co2_kr_t=1500,
    green_only_new=True,
    moves=True,
    green_keep=True,
    seed=1,
)


def kind(
    name: str, energy: Energy, *offers: str, fixed: float, kr_km: float, g_km: float
) -> KindFigures:
    return KindFigures(
        kind=name,
        name=name,
        energy=energy,
        offers=frozenset(offers),
        fixed_kr_year=fixed,
        kr_km=kr_km,
        co2_g_km=g_km,
        range_km=None,
        charge_km_h=None,
        offered=energy is Energy.ELECTRIC,
    )


KINDS = {
    found.kind: found
    for found in (
        kind("car", Energy.PETROL, fixed=24_000, kr_km=1.6, g_km=120),
        kind("van", Energy.DIESEL, "cargo", fixed=33_000, kr_km=2.0, g_km=160),
        kind("ecar", Energy.ELECTRIC, fixed=34_000, kr_km=0.5, g_km=15),
        kind("evan", Energy.ELECTRIC, "cargo", fixed=45_000, kr_km=0.7, g_km=20),
    )
}


def municipality(seed: int) -> list[VehiclePool]:
    """Three depots with more or fewer vehicles than their trips take."""
    rng = random.Random(seed)
    depots: list[VehiclePool] = []
    for depot_id in ("a", "b", "c"):
        vehicles = [
            PoolVehicle(
                vehicle_id=f"{depot_id}{number}",
                name=f"{depot_id} {number}",
                kind=rng.choice(list(KINDS)),
                fate=Fate.CONTRACT if rng.random() < 0.1 else Fate.CAN_GO,
                days_used=5,
                trips=10,
                km=100.0,
            )
            for number in range(rng.randint(1, 3))
        ]
        # Of each vehicle: how often it is out, and how many trips it then did at once.
        busy, at_once = rng.uniform(0.1, 1.2), 1
        if seed % 2 and depot_id == "a":
            busy, at_once = 0.9, rng.randint(1, 3)
        trips = [
            DrivenTrip(
                trip_id=f"{one.vehicle_id} {day} {hour} {number}",
                vehicle_id=one.vehicle_id,
                start=start,
                end=start + timedelta(hours=rng.uniform(0.5, 4)),
                km=rng.uniform(5, 90),
            )
            for one in vehicles
            for day in range(5)
            for hour in range(0, 9, 3)
            for number in range(at_once)
            if rng.random() < busy
            for start in [MONDAY + timedelta(days=day, hours=hour + rng.random())]
        ]
        first = MONDAY + timedelta(hours=12)
        last = DrivenTrip(
            trip_id=f"{depot_id} last",
            vehicle_id=vehicles[0].vehicle_id,
            start=first,
            end=first + timedelta(hours=1),
            km=5.0,
        )
        depots.append(VehiclePool(depot_id, vehicles, [*trips, last]))
    return depots


def as_one(depots: list[VehiclePool]) -> Problem:
    """All depots as one problem, in which every kind may stand in every depot."""
    coming = {depot.pool_id: list(KINDS) for depot in depots}
    problem = fleet_problem(depots, KINDS, RULES, coming)
    kinds = tuple(replace(one, max_count=None) for one in problem.kinds)
    return replace(problem, kinds=kinds)


def main(cases: int) -> None:
    above: list[float] = []
    kept: list[float] = []
    moves = below = 0
    moves_s = one_s = 0.0
    for seed in range(cases):
        depots = municipality(seed)
        inputs = [
            PartInput(
                depots=(depot,),
                kinds=KINDS,
                rules=RULES,
                verdicts=Verdicts(),
                first=MONDAY,
                last=MONDAY + timedelta(days=7),
            )
            for depot in depots
        ]
        apart = [plan_part(lambda: False, one, seconds_max=30, gap=0) for one in inputs]
        begin = time.perf_counter()
        moved = move_between(lambda: False, inputs, apart, seconds_max=30, gap=0)
        middle = time.perf_counter()
        least = solve(as_one(depots), seconds_max=30, gap=0).best.cost_kr_year
        moves_s += middle - begin
        one_s += time.perf_counter() - middle
        assert least is not None, "today's fleet keeps the rules"
        cost = sum(plan.cost_kr_year for plan in moved)
        # Changes that save less than a krone a year are not proposed.
        below += cost < least - 0.01
        above.append(max(0.0, cost - least) / least)
        moves += sum(one.arrival is not None for plan in moved for one in plan.decisions)
        kept.append(sum(plan.cost_kr_year for plan in apart) / least - 1)
    same = sum(share < 1e-4 for share in above)
    print(
        f"{cases} municipalities, {moves} moves: the cost of the optimum of all depots in {same},"
        f" in the mean {sum(above) / cases:.2%} above it and at most {max(above):.2%};"
        f" {below} below it; without moves in the mean {sum(kept) / cases:.2%} above it"
    )
    print(f"moves {moves_s:.1f} s, all depots as one problem {one_s:.1f} s")
    if below:
        raise SystemExit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
