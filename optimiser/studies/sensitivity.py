"""What becomes of the decisions when prices or demand move.

Each figure is moved alone, down and up by the same share, and the depot is planned again. A
decision that is among those of the new plan stands; the others say what would change them.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from fleet.localtime import LOCAL_ZONE
from optimiser.depot.decision_key import DecisionKey, StoredKey
from optimiser.depot.vehicle_pool import DrivenTrip

WEEK = timedelta(days=7)


class Moved(StrEnum):
    """What is moved."""

    ENERGY_PRICE = "energy_price"
    CO2_PRICE = "co2_price"
    DEMAND = "demand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A depot planned again with `moved` times `factor`; kr. a year. `keys` are its decisions.
    Not `possible`: no fleet keeps the cap on CO2e then."""

    moved: Moved
    factor: float
    vehicles: int
    saving_kr_year: float
    keys: tuple[StoredKey, ...]
    possible: bool = True


def moves(share: float) -> list[tuple[Moved, float]]:
    """Every figure down and up by `share`."""
    return [(moved, factor) for moved in Moved for factor in (1 - share, 1 + share)]


def overturning_moves(key: DecisionKey, outcomes: Sequence[Outcome]) -> list[tuple[Moved, float]]:
    """The moves under which a decision is no longer taken; none when it is robust."""
    return [(outcome.moved, outcome.factor) for outcome in outcomes if key not in outcome.keys]


def with_demand(
    trips: Sequence[DrivenTrip], factor: float, *, first: datetime, last: datetime, seed: int
) -> list[DrivenTrip]:
    """`trips` thinned or added to at random, by `factor` (0 to 2), within `first` to `last`.

    An added trip is a copy of one, a week later at the same local time, and in the last week
    instead in the first: so days keep their pattern and peaks grow as they would.
    """
    rng = random.Random(seed)
    if factor <= 1:
        kept = set(rng.sample(range(len(trips)), round(factor * len(trips))))
        return [trip for i, trip in enumerate(trips) if i in kept]
    copied = rng.sample(range(len(trips)), round((factor - 1) * len(trips)))
    return [*trips, *(_moved(trips[i], first, last) for i in sorted(copied))]


def _moved(trip: DrivenTrip, first: datetime, last: datetime) -> DrivenTrip:
    start = trip.start.astimezone(LOCAL_ZONE) + WEEK
    if start >= last:
        start -= WEEK * ((start - first.astimezone(LOCAL_ZONE)) // WEEK)
    start = start.astimezone(UTC)
    return replace(
        trip, trip_id=f"{trip.trip_id} +", start=start, end=start + (trip.end - trip.start)
    )
