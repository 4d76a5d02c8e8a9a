"""Charge points and peak kW of a depot, from the trips of each electric vehicle.

Without management, every vehicle charges at full power from its return until it is full or leaves.
With management, the charging is spread. The managed peak is the least peak with which every vehicle
has the energy for each of its trips in time, and is as full at every local Monday midnight as
without management. It is the optimum of one linear program per week, over the stretches of time
between arrivals and departures.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from fleet.arrays import Floats
from fleet.localtime import LOCAL_ZONE
from optimiser.wanted import stop_if
from optimiser.workers import CancelCheck

if TYPE_CHECKING:
    from scipy.sparse import coo_array

HOUR = timedelta(hours=1)

#: The kWh by which rounding may change a battery or a sum of energy.
KWH_NOISE = 1e-6


class ElectricTrip(NamedTuple):
    """A trip of an electric vehicle: away from the depot from `start` to `end`, using `kwh`."""

    start: datetime
    end: datetime
    kwh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectricVehicle:
    """An electric vehicle: usable battery, power of its charger, its trips in order of start."""

    capacity_kwh: float
    power_kw: float
    trips: tuple[ElectricTrip, ...]


class ChargeSpan(NamedTuple):
    """A span of charging at a constant power."""

    start: datetime
    end: datetime
    kw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargingNeed:
    """The charging need of a depot's electric vehicles.

    Without management, at most `charging_at_once` vehicles charge at one moment: with fewer charge
    points somebody has to move cars. With management, each vehicle stays at a point of its own.
    `kwh` is the energy in the period.
    """

    vehicles: int
    charging_at_once: int
    unmanaged_kw: float
    managed_kw: float
    kwh: float


def charging_need(
    vehicles: Sequence[ElectricVehicle], cancelled: CancelCheck | None = None
) -> ChargingNeed:
    """The charging need of `vehicles`, whose batteries must suffice for their trips.

    Raises:
        ValueError: a trip needs more than its vehicle's battery can hold at that moment.
        NobodyWaitsError: `cancelled()` is true.
    """
    spans = [charge_on_arrival(vehicle) for vehicle in vehicles]
    everything = [charge for own in spans for charge in own]
    return ChargingNeed(
        vehicles=len(vehicles),
        charging_at_once=round(_peak([(c.start, c.end, 1.0) for c in everything])),
        unmanaged_kw=_peak(everything),
        managed_kw=max(_weekly_peaks(vehicles, spans, cancelled), default=0.0),
        kwh=sum(_kwh(charge) for charge in everything),
    )


def charge_on_arrival(vehicle: ElectricVehicle) -> list[ChargeSpan]:
    """The charging of an unmanaged vehicle: at once, at full power, until it is full or leaves."""
    charges: list[ChargeSpan] = []
    lack = 0.0
    for trip, after in pairwise([*vehicle.trips, None]):
        assert trip is not None, "only the last one is followed by nothing"
        lack += trip.kwh
        if lack > vehicle.capacity_kwh + KWH_NOISE:
            raise ValueError(
                f"the drive from {trip.start.isoformat()} needs {lack:.3f} kWh "
                f"of a battery of {vehicle.capacity_kwh:g} kWh"
            )
        if lack <= 0 or vehicle.power_kw <= 0:
            continue
        full = trip.end + HOUR * (lack / vehicle.power_kw)
        end = full if after is None else min(full, after.start)
        if end > trip.end:
            charges.append(ChargeSpan(trip.end, end, vehicle.power_kw))
            lack = max(0.0, lack - _kwh(charges[-1]))
    return charges


def _peak(charges: Sequence[tuple[datetime, datetime, float]]) -> float:
    """The peak of `charges` (start, end, kW); one that starts as another ends does not overlap."""
    events = sorted(
        event for start, end, kw in charges for event in ((start, kw), (end, -kw)) if start < end
    )
    level = peak = 0.0
    for _, change in events:
        level += change
        peak = max(peak, level)
    return peak


def _kwh(charge: ChargeSpan) -> float:
    return charge.kw * ((charge.end - charge.start) / HOUR)


def _weekly_peaks(
    vehicles: Sequence[ElectricVehicle],
    spans: Sequence[Sequence[ChargeSpan]],
    cancelled: CancelCheck | None,
) -> Iterator[float]:
    moments = [charge.end for own in spans for charge in own]
    moments += [trip.start for vehicle in vehicles for trip in vehicle.trips]
    if not moments:
        return
    for first, last in pairwise(_mondays(min(moments), max(moments))):
        stop_if(cancelled)
        if any(c.start < last and c.end > first for own in spans for c in own):
            yield managed_peak_kw(vehicles, spans, first, last)


def _mondays(first: datetime, last: datetime) -> list[datetime]:
    """Local Monday midnights, from at or before `first` to after `last`."""
    day = first.astimezone(LOCAL_ZONE).date()
    day -= timedelta(days=day.weekday())
    mondays = [datetime(day.year, day.month, day.day, tzinfo=LOCAL_ZONE)]
    while mondays[-1] <= last:
        day += timedelta(days=7)
        mondays.append(datetime(day.year, day.month, day.day, tzinfo=LOCAL_ZONE))
    return mondays


class _Rows:
    """Sparse rows with their right-hand sides."""

    def __init__(self) -> None:
        self.row: list[int] = []
        self.column: list[int] = []
        self.weight: list[float] = []
        self.most: list[float] = []

    def at_most(self, columns: Sequence[int], weights: Sequence[float], most: float) -> None:
        """Adds: the sum of weights x columns is at most `most`."""
        self.row += [len(self.most)] * len(columns)
        self.column += columns
        self.weight += weights
        self.most.append(most)

    def matrix(self, columns: int) -> "coo_array":
        """The rows as a matrix."""
        from scipy.sparse import coo_array

        return coo_array(
            (np.array(self.weight), (np.array(self.row), np.array(self.column))),
            shape=(len(self.most), columns),
        )


def managed_peak_kw(
    vehicles: Sequence[ElectricVehicle],
    spans: Sequence[Sequence[ChargeSpan]],
    first: datetime,
    last: datetime,
) -> float:
    """The least peak, in kW, of charging from `first` to `last` that suffices for every vehicle.

    Each vehicle begins and ends as full as with its unmanaged `spans`. Column 0 of the program is
    the peak; the other columns are the kWh of one vehicle in one stretch of time.
    """
    cuts = sorted(
        {first, last}
        | {
            moment
            for vehicle in vehicles
            for trip in vehicle.trips
            for moment in (trip.start, trip.end)
            if first < moment < last
        }
    )
    stretches = list(pairwise(cuts))
    hours: Floats = np.array([(end - start) / HOUR for start, end in stretches])
    most: list[float | None] = [None]
    users: list[list[int]] = [[] for _ in stretches]
    rows = _Rows()
    for vehicle, own in zip(vehicles, spans, strict=True):
        columns: list[int] = []
        lack_first = _lack(vehicle, own, first)
        driven = 0.0
        ahead = [trip for trip in vehicle.trips if trip.end > first and trip.start < last]
        for i, (start, _) in enumerate(stretches):
            while ahead and ahead[0].end <= start:
                ahead.pop(0)
            if ahead and ahead[0].start <= start:  # on the road
                if ahead[0].start == start:
                    # The energy must suffice for the trip, and must fit in the battery before it.
                    driven += ahead[0].kwh
                    weights = [-1.0] * len(columns)
                    rows.at_most(columns, weights, vehicle.capacity_kwh - lack_first - driven)
                    before = lack_first + driven - ahead[0].kwh
                    rows.at_most(columns, [1.0] * len(columns), before)
                continue
            columns.append(len(most))
            users[i].append(len(most))
            most.append(vehicle.power_kw * float(hours[i]))
        taken = lack_first + driven - _lack(vehicle, own, last)
        rows.at_most(columns, [1.0] * len(columns), taken + KWH_NOISE)
        rows.at_most(columns, [-1.0] * len(columns), -taken + KWH_NOISE)
    for i, columns in enumerate(users):
        rows.at_most([0, *columns], [-float(hours[i])] + [1.0] * len(columns), 0.0)
    # A server starts a second sooner if only a study of charging loads this.
    from scipy.optimize import linprog

    # The types of linprog have no sparse matrices.
    solution: Any = cast(Any, linprog)(
        c=np.array([1.0] + [0.0] * (len(most) - 1)),
        A_ub=rows.matrix(len(most)),
        b_ub=np.array(rows.most),
        bounds=[(0.0, value) for value in most],
        method="highs",
    )
    if solution.status != 0:
        raise RuntimeError(f"the charging of a week was not solved: {solution.message}")
    return float(solution.fun)


def _lack(vehicle: ElectricVehicle, own: Sequence[ChargeSpan], moment: datetime) -> float:
    """The kWh missing from the unmanaged battery at `moment`; a trip counts at its start."""
    used = sum(trip.kwh for trip in vehicle.trips if trip.start < moment)
    charged = sum(
        _kwh(ChargeSpan(charge.start, min(charge.end, moment), charge.kw))
        for charge in own
        if charge.start < moment
    )
    return max(0.0, used - charged)
