"""A backtest of fleets: what each does on some days, under a rule that does not know the future."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fleet.localtime import local_day
from optimiser.duties.dispatch import pool_dispatches
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.model.problem import Problem, RoundTrip
from optimiser.model.vehicle_slot import VehicleSlot


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetReplay:
    """The result of a fleet on some trips under the rule.

    The fleet did not serve `to_fallback` trips. Of these, no vehicle can ever serve `beyond` trips.
    `short_days` counts the local days of the others, for which no vehicle was free. `co2_t_year` is
    its CO2e as a year, fallback included.
    """

    vehicles: int
    trips: int
    to_fallback: int
    beyond: int
    short_days: int
    co2_t_year: float | None = None

    @property
    def served_share(self) -> float:
        """The share of the trips that the fleet served; 1 if there are no trips."""
        return 1 - self.to_fallback / self.trips if self.trips else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """A backtest of three fleets on the days from `split` to `last`, both included.

    `chosen` is the best fleet on the days from `first` until before `split`: it has not seen those
    that it is tried on. `proposed` is the fleet of the plan, with the vehicles that move; it was
    chosen on all days. It is None in studies of earlier software, and where the cost of a vehicle
    was changed since the plan was made. `today` is today's fleet. `workshop` is the chosen fleet
    while one motor vehicle is in the workshop on all those days, the one that is missed most, and
    `workshop_proposed` and `workshop_today` are the others likewise; None: there is no such
    vehicle, or the study is of earlier software.
    """

    first: date
    split: date
    last: date
    chosen: FleetReplay
    today: FleetReplay
    workshop: FleetReplay | None = None
    workshop_today: FleetReplay | None = None
    proposed: FleetReplay | None = None
    workshop_proposed: FleetReplay | None = None


def split_trips(
    trips: Sequence[RoundTrip], split: datetime
) -> tuple[list[RoundTrip], list[RoundTrip]]:
    """Divides the trips at a moment.

    Returns:
        The trips that start before `split`, and the rest.
    """
    before = [trip for trip in trips if trip.start < split]
    return before, [trip for trip in trips if trip.start >= split]


def replay(problem: Problem, counts: Mapping[str, int]) -> FleetReplay:
    """The result of `counts` vehicles of each kind, by its label, on the trips of `problem`."""
    missed: list[RoundTrip] = []
    short: list[RoundTrip] = []
    co2_t_year = 0.0
    for rule in pool_dispatches(problem).values():
        served = rule.assign(counts)
        co2_t_year += _co2_t_year(rule.arrays, served)
        for trip, slot, able in zip(rule.arrays.trips, served, rule.able(counts), strict=True):
            if slot is None:
                missed.append(trip)
                if able:
                    short.append(trip)
    return FleetReplay(
        vehicles=sum(counts.values()),
        trips=len(problem.trips),
        to_fallback=len(missed),
        beyond=len(missed) - len(short),
        short_days=len({local_day(trip.start) for trip in short}),
        co2_t_year=co2_t_year,
    )


def workshop_replay(problem: Problem, counts: Mapping[str, int]) -> FleetReplay | None:
    """The result of `counts` without the motor vehicle that is missed most; None: there is none."""
    motor = [kind.label for kind in problem.kinds if kind.is_motor and counts[kind.label]]
    found = [replay(problem, {**counts, label: counts[label] - 1}) for label in motor]
    return max(found, key=lambda one: one.to_fallback, default=None)


def _co2_t_year(arrays: PoolArrays, served: Sequence[VehicleSlot | None]) -> float:
    numbers = {kind.type: k for k, kind in enumerate(arrays.kinds)}
    tonnes = 0.0
    for t, vehicle in enumerate(served):
        if vehicle is None:
            tonnes += float(arrays.fallback_co2_t[t])
        else:
            tonnes += float(arrays.co2_t[numbers[vehicle.type], t])
    return tonnes
