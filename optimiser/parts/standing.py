"""Vehicles of which too little is known: a plan neither lets them go nor counts on them.

A silent tracker is no idle vehicle. So such a vehicle stays, goes on with the trips that it was
measured to drive, and gets none of others: both today's fleet and the proposed one have it, with
the same cost and CO2e, beside what the solver sees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from costs.kind_figures import KindFigures, driving
from fleet.vehicle import GREEN_ENERGIES
from optimiser.depot.decisions import Decision, StayReason, keeping
from optimiser.depot.fate import Fate
from optimiser.depot.green import green_check
from optimiser.depot.vehicle_pool import PoolVehicle, VehiclePool, department_of
from optimiser.model.problem import Rules
from optimiser.parts.depot_plan import FleetFigures


def set_apart(
    depot: VehiclePool, kinds: Mapping[str, KindFigures]
) -> tuple[VehiclePool, VehiclePool]:
    """A depot without the vehicles of which too little is known, and these with their trips. They
    keep their charge points."""
    unknown = [c for c in depot.vehicles if c.fate is Fate.UNKNOWN]
    ids = {c.vehicle_id for c in unknown}
    points = depot.charge_points
    if points is not None:
        points = max(0, points - round(sum(kinds[c.kind].points_taken for c in unknown)))
    return (
        replace(
            depot,
            vehicles=[c for c in depot.vehicles if c.vehicle_id not in ids],
            trips=[trip for trip in depot.trips if trip.vehicle_id not in ids],
            charge_points=points,
        ),
        VehiclePool(depot.pool_id, unknown, [t for t in depot.trips if t.vehicle_id in ids]),
    )


def standing_beside(pool: VehiclePool, standing: VehiclePool) -> Sequence[PoolVehicle]:
    """Those of a depot's vehicles `standing` that are in a pool of it: of all departments, or of
    the one whose pool it is."""
    if pool.pool_id == standing.pool_id:
        return standing.vehicles
    department = department_of(pool.pool_id, standing.pool_id)
    return [one for one in standing.vehicles if one.department == department]


def driven_figures(
    pool: VehiclePool, kinds: Mapping[str, KindFigures], rules: Rules, year_factor: float
) -> FleetFigures:
    """The figures of road vehicles that drive what they were measured to drive, without charge
    points.

    `year_factor` is the factor from the km of the period to those of a year.
    """
    of_vehicle = {c.vehicle_id: kinds[c.kind] for c in pool.road_vehicles}
    done = driving((of_vehicle[t.vehicle_id], year_factor * t.km) for t in pool.road_trips)
    fixed = sum(k.fixed_kr_year - k.all_charge_points_kr_year for k in of_vehicle.values())
    return FleetFigures(
        vehicles=len(of_vehicle),
        green_vehicles=sum(kind.energy in GREEN_ENERGIES for kind in of_vehicle.values()),
        cost_kr_year=fixed + done.kr + rules.co2_kr_t * done.co2_t,
        co2_t_year=done.co2_t,
        fallback_trips_year=0.0,
    )


def kept_unknown(
    standing: VehiclePool, kinds: Mapping[str, KindFigures], year_factor: float
) -> list[Decision]:
    """The decisions to keep the vehicles of which too little is known, whose worth nobody knows."""
    return [
        replace(
            keeping(vehicle, own, kinds, standing.pool_id),
            left_out_kr_year=None,
            upfront_kr=0.0,
            why=StayReason.UNKNOWN,
            not_green=None
            if kinds[vehicle.kind].energy in GREEN_ENERGIES
            else green_check(vehicle, own, kinds, year_factor).obstacle,
        )
        for vehicle in standing.vehicles
        for own in [[t for t in standing.trips if t.vehicle_id == vehicle.vehicle_id]]
    ]
