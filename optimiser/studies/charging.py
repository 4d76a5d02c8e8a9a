"""Charge points and peak kW of a depot, from who drives what.

Unmanaged, every vehicle charges at full power from its return until it is full or leaves. Managed,
charging is spread: the least peak with which every vehicle has the energy for each of its trips in
time, and is as full at every local Monday midnight as it would be unmanaged. That is a linear
programme over the stretches of time between arrivals and departures, one a week, solved exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from fleet.arrays import Floats
from fleet.localtime import LOCAL_ZONE

if TYPE_CHECKING:
    from scipy.sparse import coo_array

HOUR = timedelta(hours=1)

#: What rounding may leave over of a battery or a sum of energy, kWh.
KWH_NOISE = 1e-6


class Drive(NamedTuple):
    """Away from the depot from `start` to `end`, using `kwh`."""

    start: datetime
    end: datetime
    kwh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """An electric vehicle: usable battery, power of its charger, its drives in order of start."""

    capacity_kwh: float
    power_kw: float
    drives: tuple[Drive, ...]


class Charge(NamedTuple):
    """A stretch of charging at a constant power."""

    start: datetime
    end: datetime
    kw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Charging:
    """What a depot's electric vehicles need.

    `charging_at_once` vehicles charge at one moment when unmanaged, at most: with fewer charge
    points somebody has to move cars. Managed, each vehicle stays at a point of its own.
    """

    vehicles: int
    charging_at_once: int
    unmanaged_kw: float
    managed_kw: float
    kwh: float


def charging(duties: Sequence[Duty]) -> Charging:
    """What `duties` need. Every drive must be within the battery, as a plan's are.

    Raises:
        ValueError: a drive needs more than the battery can hold at that moment.
    """
    spans = [charge_on_arrival(duty) for duty in duties]
    everything = [charge for own in spans for charge in own]
    return Charging(
        vehicles=len(duties),
        charging_at_once=round(_peak([(c.start, c.end, 1.0) for c in everything])),
        unmanaged_kw=_peak(everything),
        managed_kw=max(_weekly_peaks(duties, spans), default=0.0),
        kwh=sum(_kwh(charge) for charge in everything),
    )


def charge_on_arrival(duty: Duty) -> list[Charge]:
    """When an unmanaged vehicle charges: at once, at full power, until it is full or leaves."""
    charges: list[Charge] = []
    lack = 0.0
    for drive, after in pairwise([*duty.drives, None]):
        assert drive is not None, "only the last one is followed by nothing"
        lack += drive.kwh
        if lack > duty.capacity_kwh + KWH_NOISE:
            raise ValueError(
                f"the drive from {drive.start.isoformat()} needs {lack:.3f} kWh "
                f"of a battery of {duty.capacity_kwh:g} kWh"
            )
        if lack <= 0 or duty.power_kw <= 0:
            continue
        full = drive.end + HOUR * (lack / duty.power_kw)
        end = full if after is None else min(full, after.start)
        if end > drive.end:
            charges.append(Charge(drive.end, end, duty.power_kw))
            lack = max(0.0, lack - _kwh(charges[-1]))
    return charges


def _peak(charges: Sequence[tuple[datetime, datetime, float]]) -> float:
    """The most kW at one moment; a charge that ends when another starts does not overlap it."""
    events = sorted(
        event for start, end, kw in charges for event in ((start, kw), (end, -kw)) if start < end
    )
    level = peak = 0.0
    for _, change in events:
        level += change
        peak = max(peak, level)
    return peak


def _kwh(charge: Charge) -> float:
    return charge.kw * ((charge.end - charge.start) / HOUR)


def _weekly_peaks(duties: Sequence[Duty], spans: Sequence[Sequence[Charge]]) -> list[float]:
    moments = [charge.end for own in spans for charge in own]
    moments += [drive.start for duty in duties for drive in duty.drives]
    if not moments:
        return []
    weeks = _mondays(min(moments), max(moments))
    return [
        least_peak(duties, spans, first, last)
        for first, last in pairwise(weeks)
        if any(c.start < last and c.end > first for own in spans for c in own)
    ]


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


def least_peak(
    duties: Sequence[Duty], spans: Sequence[Sequence[Charge]], first: datetime, last: datetime
) -> float:
    """The least peak, kW, of charging from `first` to `last` that keeps every battery in order.

    Each vehicle begins and ends as full as with its unmanaged `spans`. Column 0 is the peak; the
    others are the kWh that one vehicle takes in one stretch of time.
    """
    cuts = sorted(
        {first, last}
        | {
            moment
            for duty in duties
            for drive in duty.drives
            for moment in (drive.start, drive.end)
            if first < moment < last
        }
    )
    stretches = list(pairwise(cuts))
    hours: Floats = np.array([(end - start) / HOUR for start, end in stretches])
    most: list[float | None] = [None]
    users: list[list[int]] = [[] for _ in stretches]
    rows = _Rows()
    for duty, own in zip(duties, spans, strict=True):
        columns: list[int] = []
        lack_first = _lack(duty, own, first)
        driven = 0.0
        ahead = [drive for drive in duty.drives if drive.end > first and drive.start < last]
        for i, (start, _) in enumerate(stretches):
            while ahead and ahead[0].end <= start:
                ahead.pop(0)
            if ahead and ahead[0].start <= start:  # on the road
                if ahead[0].start == start:
                    # Enough on board for the drive, and no more than full before it.
                    driven += ahead[0].kwh
                    weights = [-1.0] * len(columns)
                    rows.at_most(columns, weights, duty.capacity_kwh - lack_first - driven)
                    before = lack_first + driven - ahead[0].kwh
                    rows.at_most(columns, [1.0] * len(columns), before)
                continue
            columns.append(len(most))
            users[i].append(len(most))
            most.append(duty.power_kw * float(hours[i]))
        taken = lack_first + driven - _lack(duty, own, last)
        rows.at_most(columns, [1.0] * len(columns), taken + KWH_NOISE)
        rows.at_most(columns, [-1.0] * len(columns), -taken + KWH_NOISE)
    for i, columns in enumerate(users):
        rows.at_most([0, *columns], [-float(hours[i])] + [1.0] * len(columns), 0.0)
    # A server starts a second sooner when only those who work charging out load this.
    from scipy.optimize import linprog

    # Its types know no sparse matrices.
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


def _lack(duty: Duty, own: Sequence[Charge], moment: datetime) -> float:
    """What the unmanaged battery is short of full at `moment`; a drive counts at its start."""
    used = sum(drive.kwh for drive in duty.drives if drive.start < moment)
    charged = sum(
        _kwh(Charge(charge.start, min(charge.end, moment), charge.kw))
        for charge in own
        if charge.start < moment
    )
    return max(0.0, used - charged)
