"""The plan by which the rest of the fleet gets its trackers, month by month.

It is pure. Vehicles are taken department by department in an order that somebody chose, so many a
month. What is to be expected of them rests on what the pilot saved: what the proposals that are
carried out really saved a month, leakage taken off, by the vehicles of the pilot. The range is that
of its depots. Sales and purchases count for nothing in it.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from costs.budget import MONTHS
from fleet.names.order import name_order
from optimiser.ledger.progress import Progress, proposals_of
from optimiser.ledger.steps import months_before


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingVehicle:
    """A vehicle of the fleet without a tracker or a driving log. `depot_waits`: its depot has no
    place on the map yet."""

    vehicle_id: str
    department: str
    depot_id: str
    depot: str
    depot_waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCounts:
    """The numbers of vehicles with a tracker, and with a driving log and no tracker."""

    trackers: int
    logs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RollOutChoice:
    """What a person chooses of the plan: its first month, how many trackers are put in a month, and
    the departments that come first, in their order. Others follow, the largest first."""

    start: date
    chips_month: int
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """What is saved a year, with the range; None: a single depot has no range."""

    kr_year: float
    co2_t_year: float
    kr_low: float | None = None
    kr_high: float | None = None

    def times(self, count: int) -> "Saving":
        return Saving(
            kr_year=self.kr_year * count,
            co2_t_year=self.co2_t_year * count,
            kr_low=None if self.kr_low is None else self.kr_low * count,
            kr_high=None if self.kr_high is None else self.kr_high * count,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotSaving:
    """What the pilot saved for each of its `vehicles`, and what that rests on: so many proposals at
    so many depots, which are carried out for `months` months that have ended, taken together.
    `lag_months` is how long it took from the pilot's first data until they saved."""

    per_vehicle: Saving
    vehicles: int
    depots: int
    proposals: int
    months: int
    lag_months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChips:
    """The trackers of a department in a month, and the names of the depots to be drawn first."""

    month: date
    department: str
    chips: int
    depots: tuple[str, ...]
    depots_to_draw: tuple[str, ...]
    saves_from: date | None
    saving: Saving | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RollOut:
    """The plan. `pilot` is None where nothing was carried out long enough to be measured."""

    choice: RollOutChoice
    rows: Sequence[PlannedChips]
    pilot: PilotSaving | None

    @property
    def chips(self) -> int:
        return sum(one.chips for one in self.rows)

    @property
    def depots_to_draw(self) -> int:
        return sum(len(one.depots_to_draw) for one in self.rows)

    @property
    def ends(self) -> date | None:
        """The month of the last trackers; None: no vehicle waits for one."""
        return self.rows[-1].month if self.rows else None

    @property
    def saving(self) -> Saving | None:
        """What is saved a year when all of it is carried out."""
        return None if self.pilot is None else self.pilot.per_vehicle.times(self.chips)

    @property
    def months(self) -> Sequence[tuple[date, int, int]]:
        """Each month with its trackers, and those until its end."""
        counted: Counter[date] = Counter()
        for one in self.rows:
            counted[one.month] += one.chips
        found: list[tuple[date, int, int]] = []
        so_far = 0
        for month in sorted(counted):
            so_far += counted[month]
            found.append((month, counted[month], so_far))
        return found

    @property
    def departments(self) -> Sequence[str]:
        """The departments in the order in which they come."""
        return list(dict.fromkeys(one.department for one in self.rows))

    def of(self, departments: frozenset[str] | None) -> "RollOut":
        """The plan of some departments, None: all, as the whole plan has them."""
        if departments is None:
            return self
        named = tuple(one for one in self.choice.departments if one in departments)
        return RollOut(
            choice=RollOutChoice(
                start=self.choice.start, chips_month=self.choice.chips_month, departments=named
            ),
            rows=[one for one in self.rows if one.department in departments],
            pilot=self.pilot,
        )


def planned(
    waiting: Iterable[WaitingVehicle], choice: RollOutChoice, pilot: PilotSaving | None
) -> RollOut:
    """The plan for the vehicles that wait for a tracker."""
    drawn: set[str] = set()
    groups: dict[tuple[date, str], list[WaitingVehicle]] = defaultdict(list)
    for rank, one in enumerate(_in_order(waiting, choice.departments)):
        month = months_before(choice.start, -(rank // choice.chips_month))
        groups[month, one.department].append(one)
    rows: list[PlannedChips] = []
    for (month, department), members in groups.items():
        names = {one.depot_id: one.depot for one in members}
        to_draw = [
            depot_id
            for depot_id in names
            if depot_id not in drawn
            and any(one.depot_waits for one in members if one.depot_id == depot_id)
        ]
        drawn.update(to_draw)
        rows.append(
            PlannedChips(
                month=month,
                department=department,
                chips=len(members),
                depots=tuple(names.values()),
                depots_to_draw=tuple(names[depot_id] for depot_id in to_draw),
                saves_from=None if pilot is None else months_before(month, -pilot.lag_months),
                saving=None if pilot is None else pilot.per_vehicle.times(len(members)),
            )
        )
    return RollOut(choice=choice, rows=rows, pilot=pilot)


def pilot_saving(
    carried: Iterable[tuple[str, Progress]],
    vehicles_by_depot: Mapping[str, int],
    begun: date | None,
) -> PilotSaving | None:
    """What the pilot saved for each vehicle; None: nothing at its depots is carried out for a whole
    month.

    Args:
        carried: the accepted proposals with the depot of each.
        vehicles_by_depot: the vehicles of the pilot that were heard before, by their depot.
        begun: the first day with data.
    """
    vehicles = sum(vehicles_by_depot.values())
    kr: dict[str, float] = dict.fromkeys(vehicles_by_depot, 0.0)
    co2_t, months, lags = 0.0, 0, list[int]()
    counted: list[Progress] = []
    for depot_id, carrying in carried:
        since = carrying.saves_since
        ended = [month for month in carrying.months if since is not None and month.month >= since]
        if since is None or not ended or depot_id not in kr:
            continue
        counted.append(carrying)
        months += len(ended)
        kr[depot_id] += _a_year(one.achieved_kr for one in ended)
        co2_t += _a_year(one.achieved_co2_t for one in ended)
        if begun is not None:
            lags.append(max(0, _months_from(begun, since)))
    if not counted or not vehicles:
        return None
    by_depot = [kr[depot_id] / count for depot_id, count in vehicles_by_depot.items() if count]
    has_range = len(by_depot) > 1
    return PilotSaving(
        per_vehicle=Saving(
            kr_year=sum(kr.values()) / vehicles,
            co2_t_year=co2_t / vehicles,
            kr_low=min(by_depot) if has_range else None,
            kr_high=max(by_depot) if has_range else None,
        ),
        vehicles=vehicles,
        depots=len(by_depot),
        proposals=proposals_of(counted),
        months=months,
        lag_months=math.ceil(sum(lags) / len(lags)) if lags else 0,
    )


def _in_order(waiting: Iterable[WaitingVehicle], first: Sequence[str]) -> Sequence[WaitingVehicle]:
    """The vehicles in the order in which they get their trackers."""
    every = list(waiting)
    sizes = Counter(one.department for one in every)
    rank = {name: at for at, name in enumerate(first)}

    def place(one: WaitingVehicle) -> tuple[object, ...]:
        name = one.department
        return (
            rank.get(name, len(rank)),
            -sizes[name] if name not in rank else 0,
            name_order(name),
            name,
            name_order(one.depot),
            one.depot_id,
            one.vehicle_id,
        )

    return sorted(every, key=place)


def _a_year(months: Iterable[float]) -> float:
    """What amounts of months come to in a year."""
    amounts = list(months)
    return sum(amounts) * MONTHS / len(amounts)


def _months_from(first: date, last: date) -> int:
    return (last.year - first.year) * MONTHS + last.month - first.month
