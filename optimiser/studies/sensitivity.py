"""The sensitivity of the decisions to prices and demand.

The study moves each figure alone, down and up by the same share, and plans the part again. A
decision that the new plan has too is robust against that move; the others are overturned by it.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from fleet.localtime import LOCAL_ZONE
from optimiser.depot.decision_key import DecisionKey, StoredKey
from optimiser.depot.vehicle_pool import DrivenTrip

WEEK = timedelta(days=7)


class MovedFigure(StrEnum):
    """The figures that the sensitivity analysis moves."""

    ENERGY_PRICE = "energy_price"
    CO2_PRICE = "co2_price"
    DEMAND = "demand"


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitivityOutcome:
    """The new plan of a part with the figure `moved` times `factor`; kr. are per year.

    `keys` are those of its decisions. `possible` is false if no fleet keeps the cap on CO2e then.
    """

    moved: MovedFigure
    factor: float
    vehicles: int
    saving_kr_year: float
    keys: tuple[StoredKey, ...]
    possible: bool = True


def figure_moves(share: float) -> list[tuple[MovedFigure, float]]:
    """The moves of every figure, down and up by `share`.

    Returns:
        Pairs of the figure and the factor on it.
    """
    return [(moved, factor) for moved in MovedFigure for factor in (1 - share, 1 + share)]


class KeptDecisions(NamedTuple):
    """The decisions that a plan still has when a figure is moved."""

    moved: MovedFigure
    factor: float
    keys: frozenset[DecisionKey]


def kept_decisions(outcomes: Sequence[SensitivityOutcome]) -> list[KeptDecisions]:
    """What each outcome keeps, to be asked for many decisions."""
    return [KeptDecisions(one.moved, one.factor, frozenset(one.keys)) for one in outcomes]


def overturning_moves(
    key: DecisionKey, kept: Sequence[KeptDecisions]
) -> list[tuple[MovedFigure, float]]:
    """The moves under which a plan no longer has a decision; none if the decision is robust."""
    return [(one.moved, one.factor) for one in kept if key not in one.keys]


def with_demand(
    trips: Sequence[DrivenTrip], factor: float, *, first: datetime, last: datetime, seed: int
) -> list[DrivenTrip]:
    """`trips` with some removed or added at random, by `factor` (0 to 2), from `first` to `last`.

    An added trip is a copy of another one, a week later at the same local time, or in the first
    week for a trip of the last. So days keep their pattern and peaks grow as with real demand.
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
