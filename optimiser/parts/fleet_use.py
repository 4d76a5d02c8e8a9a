"""What a fleet is used for in a year: enough to compute its cost again with other figures."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from costs.kind_figures import KindFigures
from optimiser.depot.vehicle_pool import VehiclePool
from optimiser.model.plan import FleetAnswer
from optimiser.model.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class KindUse:
    """The vehicles of a kind of the catalogue that cost a year what their kind does, and the km of
    all vehicles of the kind, also of those with costs of their own."""

    kind: str
    vehicles: int
    km_year: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetUse:
    """The use of a fleet in a year; `built` charge points are built for it."""

    kinds: tuple[KindUse, ...]
    fallback_trips_year: float
    fallback_km_year: float
    built: int


def fleet_use(
    problem: Problem,
    answer: FleetAnswer,
    own: Sequence[VehiclePool],
    kinds: Mapping[str, KindFigures],
    standing: VehiclePool,
    *,
    built: int,
) -> FleetUse:
    """The use of an answer's fleet in the pools `own`, and of the vehicles `standing` beside it,
    which drive what they drove."""
    pools = {pool.pool_id for pool in own}
    vehicles: defaultdict[str, int] = defaultdict(int)
    for line in answer.fleet:
        kind = kinds[line.type]
        if line.pool in pools and kind.own_of is None:
            vehicles[kind.kind] += line.count
    for vehicle in standing.vehicles:
        if kinds[vehicle.kind].own_of is None:
            vehicles[vehicle.kind] += 1
    km: defaultdict[str, float] = defaultdict(float)
    fallback_trips, fallback_km = 0, 0.0
    for trip in problem.trips:
        if trip.pool not in pools:
            continue
        slot = answer.assignments[trip.trip_id]
        if slot is None:
            fallback_trips, fallback_km = fallback_trips + 1, fallback_km + trip.km
        else:
            km[kinds[slot.type].catalogue_kind] += trip.km
    of_vehicle = {c.vehicle_id: kinds[c.kind].catalogue_kind for c in standing.vehicles}
    for trip in standing.trips:
        km[of_vehicle[trip.vehicle_id]] += trip.km
    factor = problem.year_factor
    used = sorted({*km, *(kind for kind, count in vehicles.items() if count)})
    return FleetUse(
        kinds=tuple(
            KindUse(kind=kind, vehicles=vehicles[kind], km_year=km[kind] * factor) for kind in used
        ),
        fallback_trips_year=fallback_trips * factor,
        fallback_km_year=fallback_km * factor,
        built=built,
    )
