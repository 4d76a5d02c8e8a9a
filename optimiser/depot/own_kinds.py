"""Vehicles with costs of their own as kinds of their own, so that the solver sees what each saves.

Vehicles of one kind that cost the same are exchangeable. The problem has one yearly cost for each
kind in a pool; so vehicles of a kind that differ by their own yearly cost become kinds that differ
from it by that cost alone, of which none can be bought. The bound then holds for these costs.

A problem grows with its kinds. So a depot has at most `GROUPS_MAX` costs of a kind: where it has
more, costs are rounded in steps, to the finest of `STEPS_KR` that leaves no more.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from costs.kind_figures import KindFigures
from costs.own_cost import own_fixed_kr_year
from optimiser.depot.vehicle_pool import PoolVehicle, VehiclePool

#: The most different costs of the vehicles of one kind at one depot.
GROUPS_MAX = 8

#: The steps to which own costs are rounded, in kr. a year.
STEPS_KR = (1, 100, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)


def with_own_kinds(
    depots: Sequence[VehiclePool], kinds: Mapping[str, KindFigures]
) -> tuple[tuple[VehiclePool, ...], dict[str, KindFigures]]:
    """The depots with their vehicles of own kinds, and `kinds` with these.

    Vehicles that are of own kinds already stay so.
    """
    found = dict(kinds)
    priced: list[VehiclePool] = []
    for depot in depots:
        own: defaultdict[str, list[tuple[PoolVehicle, float]]] = defaultdict(list)
        for vehicle in depot.road_vehicles:
            cost = _own_kr_year(vehicle, kinds)
            if cost is not None:
                own[vehicle.kind].append((vehicle, cost))
        moved: dict[str, str] = {}
        for kind, members in own.items():
            step = _step_kr(cost for _, cost in members)
            for vehicle, cost in members:
                rounded = float(round(cost / step) * step)
                own_id = f"{kind} {rounded:.0f}"
                found[own_id] = _own_kind(kinds[kind], own_id, rounded)
                moved[vehicle.vehicle_id] = own_id
        vehicles = [
            replace(one, kind=moved.get(one.vehicle_id, one.kind)) for one in depot.vehicles
        ]
        priced.append(replace(depot, vehicles=vehicles))
    return tuple(priced), found


def _own_kr_year(vehicle: PoolVehicle, kinds: Mapping[str, KindFigures]) -> float | None:
    kind = kinds[vehicle.kind]
    if kind.own_of is not None:
        return None
    return own_fixed_kr_year(
        kind, vehicle.cost_kr_year, vehicle.sale_value_kr, vehicle.contract_end
    )


def _own_kind(kind: KindFigures, own_id: str, kr_year: float) -> KindFigures:
    """The kind of vehicles that cost `kr_year` a year, without charge points."""
    return replace(
        kind,
        kind=own_id,
        own_of=kind.kind,
        offered=False,
        fixed_kr_year=kr_year + kind.all_charge_points_kr_year,
    )


def _step_kr(costs: Iterable[float]) -> int:
    """The finest step that leaves few enough different costs; else the coarsest."""
    all_costs = list(costs)
    return next(
        (step for step in STEPS_KR if len({round(c / step) for c in all_costs}) <= GROUPS_MAX),
        STEPS_KR[-1],
    )
