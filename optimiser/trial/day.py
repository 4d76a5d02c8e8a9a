"""One real day of a depot, tried with the proposed fleet. It is pure.

The rule is that of the backtest: it knows a trip only when it departs. It starts some days before,
so that vehicles that are still out and batteries that are not full yet stand as they would.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from costs.kind_figures import KindFigures
from fleet.localtime import local_day
from optimiser.depot.fate import Fate
from optimiser.depot.pool_problem import fleet_problem
from optimiser.depot.vehicle_pool import (
    DrivenTrip,
    PoolVehicle,
    VehiclePool,
    department_pools,
)
from optimiser.duties.dispatch import Lack, pool_dispatches
from optimiser.model.problem import ProblemError, Rules
from optimiser.model.vehicle_slot import PoolAndType, kind_label
from optimiser.parts.own_vehicles import is_bound
from optimiser.trial.fleet import RegisteredVehicle
from optimiser.workers import CancelCheck

#: The days before a tried one whose trips the rule is given, too.
DAYS_BEFORE = 7

_G_PER_KG = 1000.0


class DayState(StrEnum):
    """How a day went. MISSED: a trip had no vehicle, of those that are known at least. UNKNOWN:
    none did, but not of every vehicle it is known whether it drove. STILL: nobody drove."""

    COPED = "coped"
    MISSED = "missed"
    UNKNOWN = "unknown"
    STILL = "still"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialCase:
    """A day of a depot with all that its trial rests on. `trips` are those of the day and of the
    `DAYS_BEFORE` before it, without those of vehicles on which the plan does not count; `vehicles`
    are those that drove them. `counts` is the proposed fleet by pool and kind; `apart`: the
    departments are pools of their own."""

    depot_id: str
    day: date
    apart: bool
    counts: Mapping[PoolAndType, int]
    vehicles: Sequence[RegisteredVehicle]
    trips: Sequence[DrivenTrip]
    kinds: Mapping[str, KindFigures]
    rules: Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A round trip for which the proposed fleet had no vehicle, and what it would have cost by
    taxi, hire or own car. `own_only`: the rules do not let it go by these."""

    trip_id: str
    reason: Lack
    km: float
    kr: float
    co2_kg: float
    own_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedDay:
    """What the proposed fleet, of so many vehicles, would have done on a day."""

    vehicles: int
    trips: int
    km: float
    misses: tuple[Miss, ...]


def tried_days(cancelled: CancelCheck, cases: Sequence[TrialCase]) -> list[TriedDay | None]:
    """The trial of each case, or of the first ones where nobody waits for it any more; None where a
    figure of the register is impossible."""
    found: list[TriedDay | None] = []
    for case in cases:
        if cancelled():
            break
        try:
            found.append(tried_day(case))
        except ProblemError:
            found.append(None)
    return found


def tried_day(case: TrialCase) -> TriedDay:
    """The trial of a day.

    Raises:
        ProblemError: a figure of a kind or a trip is impossible.
    """
    begun = [trip for trip in case.trips if local_day(trip.start) == case.day]
    misses = _misses(case) if begun else ()
    return TriedDay(
        vehicles=sum(case.counts.values()),
        trips=len(begun),
        km=sum(trip.km for trip in begun),
        misses=tuple(misses),
    )


def _misses(case: TrialCase) -> list[Miss]:
    depot = VehiclePool(case.depot_id, [_pool_vehicle(one) for one in case.vehicles], case.trips)
    pools = department_pools(depot) if case.apart else [depot]
    coming = {pool.pool_id: [kind for place, kind in case.counts if place == pool.pool_id]
              for pool in pools}  # fmt: skip
    rules = case.rules
    # What a rule forbids matters to the choice of a fleet, and not to who drives.
    plain = replace(rules, reserve=0, no_fallback_needs=(), no_fallback_pools=(), moves=False)
    problem = fleet_problem(pools, case.kinds, plain, coming)
    departments = {one.vehicle_id: one.department for one in case.vehicles}
    counts = Counter({kind_label(*key): n for key, n in case.counts.items()})
    found: list[Miss] = []
    for rule in pool_dispatches(problem).values():
        for trip, given in zip(rule.arrays.trips, rule.judge(counts), strict=True):
            if not isinstance(given, Lack) or local_day(trip.start) != case.day:
                continue
            found.append(
                Miss(
                    trip_id=trip.trip_id,
                    reason=given,
                    km=trip.km,
                    kr=rules.fallback_kr_trip + rules.fallback_kr_km * trip.km,
                    co2_kg=rules.fallback_co2_g_km * trip.km / _G_PER_KG,
                    own_only=is_bound(trip, rules, departments),
                )
            )
    return found


def _pool_vehicle(vehicle: RegisteredVehicle) -> PoolVehicle:
    """A vehicle as pools have it: what matters here is what its trips need and whose they are."""
    return PoolVehicle(
        vehicle_id=vehicle.vehicle_id,
        name=vehicle.vehicle_id,
        kind=vehicle.kind,
        fate=Fate.CAN_GO,
        days_used=0,
        trips=0,
        km=0.0,
        department=vehicle.department,
        needs=vehicle.needs,
    )
