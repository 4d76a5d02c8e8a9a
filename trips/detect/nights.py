"""Finds where vehicles stand at night: the place where each one sleeps, and the places that could
be depots."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from fleet.arrays import Floats, Ints
from fleet.localtime import day_start
from register.zones import Zone, ZoneIndex, ZoneKind, grid_metres

#: The distance within which a proposed depot may be the far end of an existing one.
SAME_PLACE_M = 500.0


@dataclass(frozen=True, slots=True)
class NightRules:
    """The rules by which nights are a habit and a place is proposed as a depot.

    Attributes:
        at: time after local midnight at which a vehicle that stands is asleep.
        nights: number of the latest nights that tell where vehicles sleep. An older night tells
            little of a vehicle that has moved since.
        stands_for: time for which a vehicle that makes no trip counts as standing where it was.
        habit_share: a vehicle sleeps where it spends at least this share of its known nights.
        near_m: nights this near each other are at one place.
        vehicles_min, nights_min: a place with as many is proposed as a depot.
        radius_min_m: the least radius of a proposed depot.
    """

    at: timedelta = timedelta(hours=3)
    nights: int = 14
    stands_for: timedelta = timedelta(days=30)
    habit_share: float = 0.6
    near_m: float = 100.0
    vehicles_min: int = 2
    nights_min: int = 5
    radius_min_m: float = 75.0


class SleepingPlace(StrEnum):
    """The sort of place at which a vehicle spends its nights."""

    OWN_DEPOT = "own_depot"
    OTHER_DEPOT = "other_depot"
    ONE_PLACE = "one_place"
    NO_FIXED_PLACE = "no_fixed_place"
    UNKNOWN = "unknown"


class Night(NamedTuple):
    """The place where a vehicle stood in the night before the morning of `day`."""

    vehicle_id: str
    day: date
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class ProposedDepot:
    """A place where vehicles sleep that is no depot yet."""

    lat: float
    lon: float
    radius_m: float
    vehicles: int
    nights: int


def nights_before(last: date, rules: NightRules) -> list[tuple[date, datetime]]:
    """The mornings of the latest nights up to the day `last`, with the moments of the nights, in
    order."""
    mornings = [last - timedelta(days=back) for back in reversed(range(rules.nights))]
    return [(morning, day_start(morning) + rules.at) for morning in mornings]


def sleeping_place(
    nights: Sequence[Night], at: Sequence[str | None], own: str, rules: NightRules
) -> tuple[SleepingPlace, str | None]:
    """Where one vehicle sleeps, by its known nights and the depot at which it stood in each, None
    at none; `own` is the vehicle's own depot.

    Returns:
        The sort of place, and the id of the depot when the vehicle sleeps at one.
    """
    if not nights:
        return SleepingPlace.UNKNOWN, None
    least = rules.habit_share * len(nights)
    depot, count = Counter(at).most_common(1)[0]
    own_count = at.count(own)
    if own_count >= least:
        return SleepingPlace.OWN_DEPOT, own
    if depot is not None and count >= least:
        return SleepingPlace.OTHER_DEPOT, depot
    away = [night for night, place in zip(nights, at, strict=True) if place is None]
    if len(away) >= least and np.bincount(_places(away, rules.near_m)).max() >= least:
        return SleepingPlace.ONE_PLACE, None
    return SleepingPlace.NO_FIXED_PLACE, None


def proposed_depots(
    nights: Sequence[Night], at: Sequence[str | None], rules: NightRules
) -> list[ProposedDepot]:
    """Places outside every depot where several vehicles sleep, the most nights first; `at` is the
    depot at which each night was spent."""
    away = [night for night, depot in zip(nights, at, strict=True) if depot is None]
    if not away:
        return []
    place = _places(away, rules.near_m)
    east, north = _metres(away)
    found: list[ProposedDepot] = []
    for number in range(int(place.max()) + 1):
        here = np.flatnonzero(place == number)
        vehicles = len({away[i].vehicle_id for i in here})
        if vehicles < rules.vehicles_min or len(here) < rules.nights_min:
            continue
        reach = np.hypot(east[here] - np.median(east[here]), north[here] - np.median(north[here]))
        found.append(
            ProposedDepot(
                lat=float(np.median([away[i].lat for i in here])),
                lon=float(np.median([away[i].lon for i in here])),
                radius_m=float(np.ceil(max(rules.radius_min_m, reach.max() + 25))),
                vehicles=vehicles,
                nights=len(here),
            )
        )
    return sorted(found, key=lambda depot: -depot.nights)


def depots_near(place: ProposedDepot, zones: Sequence[Zone]) -> list[tuple[Zone, float]]:
    """The depots that a proposed one may be a part of, with how many metres away their middles are,
    the nearest first."""
    depots = [zone for zone in zones if zone.kind is ZoneKind.DEPOT]
    points = [(place.lat, place.lon), *((depot.lat, depot.lon) for depot in depots)]
    east, north = grid_metres(*np.array(points, dtype=np.float64).T)
    away_m: list[float] = np.hypot(east[1:] - east[0], north[1:] - north[0]).tolist()
    near = [pair for pair in zip(depots, away_m, strict=True) if pair[1] <= SAME_PLACE_M]
    return sorted(near, key=lambda pair: (pair[1], pair[0].name))


def _places(nights: Sequence[Night], near_m: float) -> Ints:
    """Number the places of nights, where a place is a chain of nights that are near each other."""
    points = np.column_stack(_metres(nights))
    # Many nights are at exactly the same spot, so each spot is searched for neighbours once.
    spots, spot_of = np.unique(np.round(points), axis=0, return_inverse=True)
    # A server starts a second sooner if these modules are loaded only here.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    pairs = cKDTree(spots).query_pairs(near_m, output_type="ndarray")
    size = (len(spots), len(spots))
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=size)
    _, labels = connected_components(links, directed=False)
    return np.asarray(labels, dtype=np.int64)[spot_of.ravel()]


def _metres(nights: Sequence[Night]) -> tuple[Floats, Floats]:
    """The places of nights on a plane: metres to the east, and metres to the north."""
    return grid_metres(np.array([n.lat for n in nights]), np.array([n.lon for n in nights]))


def night_depots(nights: Sequence[Night], depots: ZoneIndex) -> list[str | None]:
    """The id of the depot at which each night was spent; None at none."""
    lat, lon = np.array([n.lat for n in nights]), np.array([n.lon for n in nights])
    found = depots.at(lat, lon, [night.day for night in nights])
    return [None if zone is None else zone.zone_id for zone in found]
