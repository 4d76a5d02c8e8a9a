"""Takes duties apart around one trip and builds them up again, where that makes them cheaper.

The counts stay. The method is ruin and recreate (Schrimpf et al., Journal of Computational Physics
159, 2000). It uses only the cost of a trip by kind, and whether a vehicle can drive a duty. So it
treats batteries, days and several kinds alike.
"""

import random
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence

from optimiser.duties.pool_arrays import PoolArrays
from optimiser.duties.roster import Roster, can_insert, insert

#: The number of attempts for each trip of a stretch of time.
_TRIES_PER_TRIP = 12

#: The most vehicles of one attempt, and the most trips taken from each.
_VEHICLES_MAX = 3
_TRIPS_MAX = 3

#: The most trips of the fallback that an attempt tries in the places that became free.
_WAITING_MAX = 6

#: The chance that an attempt skips a good place, so that attempts differ.
_SKIP_CHANCE = 0.1


def rebuild(
    arrays: PoolArrays,
    roster: Roster,
    stretches: Sequence[Sequence[int]],
    rng: random.Random,
    time_is_short: Callable[[], bool],
) -> None:
    """Makes `roster` cheaper in place, around the trips of each stretch (in order of start)."""
    driver: dict[int, tuple[int, int]] = {
        t: (k, v)
        for k, vehicles in enumerate(roster.duties)
        for v, duty in enumerate(vehicles)
        for t in duty
    }
    by_price: dict[int, list[int]] = {}
    for stretch in stretches:
        for t in stretch:
            kinds = [
                k for k in range(len(arrays.kinds)) if roster.duties[k] and arrays.can_serve[k, t]
            ]
            kinds = [k for k in kinds if arrays.kr[k, t] < arrays.fallback_kr[t]]
            by_price[t] = sorted(kinds, key=lambda k: float(arrays.kr[k, t]))
        movable = [t for t in stretch if by_price[t]]
        for _ in range(_TRIES_PER_TRIP * len(movable)):
            if time_is_short():
                return
            _attempt(arrays, roster, movable, by_price, driver, rng)


def _attempt(
    arrays: PoolArrays,
    roster: Roster,
    movable: Sequence[int],
    by_price: Mapping[int, Sequence[int]],
    driver: dict[int, tuple[int, int]],
    rng: random.Random,
) -> None:
    """Takes apart some duties near one trip of `movable`, and keeps the new ones if no dearer."""
    waiting = [t for t in movable if t not in driver]
    centre = rng.choice(waiting if waiting and rng.random() < 0.7 else movable)
    vehicles = [(k, v) for k in by_price[centre] for v in range(len(roster.duties[k]))]
    torn = rng.sample(vehicles, min(len(vehicles), rng.randint(1, _VEHICLES_MAX)))
    if centre in driver and driver[centre] not in torn:
        torn.append(driver[centre])
    before = {(k, v): list(roster.duties[k][v]) for k, v in torn}
    removed: list[int] = []
    for k, v in torn:
        duty = roster.duties[k][v]
        at = min(bisect_left(duty, centre), len(duty) - 1)
        first = max(0, at - rng.randrange(_TRIPS_MAX))
        stretch_trips = [
            t for t in duty[first : first + rng.randint(1, _TRIPS_MAX)] if t in by_price
        ]
        for t in stretch_trips:
            duty.remove(t)
        removed += stretch_trips
    near = sorted(
        waiting, key=lambda t: abs(arrays.plain_trips[t].start - arrays.plain_trips[centre].start)
    )
    loose = [*removed, *near[:_WAITING_MAX]]
    old_kr = sum(_trip_kr(arrays, driver.get(t), t) for t in loose)
    places = _build(arrays, roster, loose, by_price, before, rng)
    if sum(_trip_kr(arrays, places[t], t) for t in loose) <= old_kr:
        for t in loose:
            place = places[t]
            if place is not None:
                driver[t] = place
            else:
                driver.pop(t, None)
    else:
        for (k, v), duty in before.items():
            roster.duties[k][v] = duty


def _build(
    arrays: PoolArrays,
    roster: Roster,
    loose: Sequence[int],
    by_price: Mapping[int, Sequence[int]],
    before: dict[tuple[int, int], list[int]],
    rng: random.Random,
) -> dict[int, tuple[int, int] | None]:
    """Assigns each of `loose` to the cheapest vehicle that can serve it.

    The function adds the former duties of changed vehicles to `before`.

    Returns:
        The kind and vehicle of each trip, None for the fallback.
    """
    orders: list[Callable[[int], float]] = [
        lambda t: arrays.plain_trips[t].start,
        lambda t: -arrays.plain_trips[t].km,
        lambda t: float(arrays.kr[by_price[t][0], t] - arrays.fallback_kr[t]),
        lambda _: rng.random(),
    ]
    places: dict[int, tuple[int, int] | None] = {}
    for t in sorted(loose, key=rng.choice(orders)):
        places[t] = None
        vehicles = [(k, v) for k in by_price[t] for v in range(len(roster.duties[k]))]
        for k, v in vehicles:
            duty = roster.duties[k][v]
            if can_insert(arrays, k, duty, t) and rng.random() >= _SKIP_CHANCE:
                before.setdefault((k, v), list(duty))
                insert(duty, t)
                places[t] = (k, v)
                break
    return places


def _trip_kr(arrays: PoolArrays, place: tuple[int, int] | None, t: int) -> float:
    return float(arrays.fallback_kr[t] if place is None else arrays.kr[place[0], t])
