"""The work of the depots: the round trips that departments want to make, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from fleet.arrays import Floats, Ints
from fleet.localtime import is_working_day
from simulators.municipality import Municipality, PilotDepotRow, Work
from simulators.register import PilotMember
from simulators.streets import StreetPath, Streets

SECONDS_PER_MINUTE = 60
M_S_PER_KMH = 1 / 3.6

#: The stops of a round trip are near each other: they are drawn from the nearest addresses, of
#: which there are this many times as many as stops.
NEIGHBOURHOOD = 8

# A machine works to and fro in stripes, and turns back after `STRIPES` of them.
STRIPE_M = 50.0
STRIPE_GAP_M = 2.0
STRIPES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A round trip that a department wants to make.

    `start` is in epoch seconds, `legs` has a path for each leg, and `stays_s` the seconds at each
    stop; there is one stop fewer than legs.
    """

    depot: str
    department: str
    needs: frozenset[str]
    start: int
    legs: tuple[StreetPath, ...]
    stays_s: tuple[int, ...]


def plan_errands(
    municipality: Municipality,
    streets: Streets,
    fleet: Sequence[PilotMember],
    days: Sequence[date],
    rng: np.random.Generator,
) -> list[Errand]:
    """All errands on `days`, in the order of their start."""
    demand = municipality.demand
    kinds = municipality.kinds()
    weeks = 1 + (days[-1] - days[0]).days // 7
    of_week = np.exp(rng.normal(0.0, demand.week_sigma, weeks))
    errands: list[Errand] = []
    for depot in municipality.depot:
        here = [
            (v.entry.department, v.kind.capabilities) for v in fleet if v.entry.pool == depot.id
        ]
        planned = [
            (depot.department_of(row), kinds[row.kind].capabilities)
            for row in depot.fleet
            for _ in range(row.count)
        ]
        round_trips = _RoundTrips(depot, streets, municipality.driving.field_kmh, rng)
        for day in days:
            amount = np.exp(rng.normal(0.0, demand.day_sigma)) * depot.weekdays[day.weekday()]
            amount *= of_week[(day - days[0]).days // 7]
            for work in depot.work:
                if (work.days == "working") != is_working_day(day):
                    continue
                whose = depot.department_of(work)
                able, at_full_size = (
                    sum(
                        work.needs <= offers
                        for department, offers in vehicles
                        if department == whose
                    )
                    for vehicles in (here, planned)
                )
                size = able / at_full_size
                mean = work.a_day * size * amount * work.months[day.month - 1]
                for _ in range(int(mean + rng.random())):
                    errands.append(round_trips.errand(work, day))
    return sorted(errands, key=lambda errand: errand.start)


class _RoundTrips:
    """Round trips from one depot to its addresses, some of which vehicles visit more often."""

    def __init__(
        self, depot: PilotDepotRow, streets: Streets, field_kmh: float, rng: np.random.Generator
    ) -> None:
        self._depot, self._streets, self._field_kmh, self._rng = depot, streets, field_kmh, rng
        self._addresses: list[int] = streets.addresses[depot.id].tolist()
        xy = streets.xy[self._addresses]
        self._nearest: Ints = np.linalg.norm(xy[:, None] - xy[None], axis=2).argsort(axis=1)
        weight = rng.exponential(size=len(xy))
        self._weight: Floats = weight / weight.sum()

    def errand(self, work: Work, day: date) -> Errand:
        """An errand on `day` as `work` describes it."""
        rng = self._rng
        stops = self._route(int(rng.integers(*work.stops, endpoint=True)))
        corners = [
            self._streets.depots[self._depot.id],
            *stops,
            self._streets.depots[self._depot.id],
        ]
        legs: list[StreetPath] = []
        for a, b in pairwise(corners):
            leg = _not_faster(self._streets.path(a, b), work.speed_max_kmh)
            if work.field_min is not None and b != corners[-1]:
                seconds = float(rng.uniform(*work.field_min)) * SECONDS_PER_MINUTE
                leg = _with_field(leg, self._field_kmh, seconds, rng)
            legs.append(leg)
        stays = rng.uniform(*work.stay_min, len(stops)) * SECONDS_PER_MINUTE
        return Errand(
            depot=self._depot.id,
            department=self._depot.department_of(work),
            needs=work.needs,
            start=int(rng.uniform(*work.window(day))),
            legs=tuple(legs),
            stays_s=tuple(int(stay) for stay in stays),
        )

    def _route(self, stops: int) -> list[int]:
        """`stops` addresses near each other, in the order of a greedy tour from the depot."""
        rng = self._rng
        first = int(rng.choice(len(self._addresses), p=self._weight))
        near = self._nearest[first, 1 : 1 + NEIGHBOURHOOD * (stops - 1)]
        if stops == 1:
            return [self._addresses[first]]
        weight = self._weight[near]
        others = rng.choice(near, stops - 1, replace=False, p=weight / weight.sum())
        left = [self._addresses[i] for i in (first, *others.tolist())]
        at = self._streets.depots[self._depot.id]
        tour: list[int] = []
        while left:
            gaps = np.linalg.norm(self._streets.xy[left] - self._streets.xy[at], axis=1)
            at = left.pop(int(gaps.argmin()))
            tour.append(at)
        return tour


def _not_faster(path: StreetPath, kmh: float) -> StreetPath:
    if path.kmh.max() <= kmh:
        return path
    return StreetPath(xy=path.xy, kmh=np.minimum(path.kmh, kmh))


def _with_field(
    path: StreetPath, kmh: float, seconds: float, rng: np.random.Generator
) -> StreetPath:
    """The path with about `seconds` of work in stripes beside its end, and the way back to it."""
    stripes = max(1, round(seconds * kmh * M_S_PER_KMH / (STRIPE_M + STRIPE_GAP_M)))
    i = np.arange(1, 2 * stripes)
    row = 1 + np.abs((i // 2 + STRIPES) % (2 * STRIPES) - STRIPES)
    x, y = STRIPE_M * ((i + 1) // 2 % 2), STRIPE_GAP_M * row
    turn = float(rng.uniform(0.0, 2 * np.pi))
    east = np.array([np.cos(turn), np.sin(turn)])
    north = np.array([-east[1], east[0]])
    field = path.xy[-1] + x[:, None] * east + y[:, None] * north
    field = np.concatenate([field, path.xy[-1:]])
    return StreetPath(
        xy=np.concatenate([path.xy, field]),
        kmh=np.concatenate([path.kmh, np.full(len(field), kmh)]),
    )
