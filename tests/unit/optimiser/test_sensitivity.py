"""Demand is moved without breaking a trip, and what changes a decision is named."""

from datetime import UTC, datetime, timedelta

import pytest

from fleet.localtime import LOCAL_ZONE, day_start, local_day
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.vehicle_pool import DrivenTrip
from optimiser.studies.sensitivity import (
    MovedFigure,
    SensitivityOutcome,
    figure_moves,
    kept_decisions,
    overturning_moves,
    with_demand,
)

FIRST = day_start(datetime(2026, 10, 12, tzinfo=UTC).date())
LAST = day_start(datetime(2026, 11, 9, tzinfo=UTC).date())  # the clock changes in between
TRIPS = [
    DrivenTrip(
        trip_id=str(i),
        vehicle_id="v",
        start=(FIRST + timedelta(days=i % 28, hours=7 + i % 9)).astimezone(UTC),
        end=(FIRST + timedelta(days=i % 28, hours=8 + i % 9)).astimezone(UTC),
        km=float(i),
    )
    for i in range(200)
]


@pytest.mark.parametrize("factor", [0.0, 0.8, 1.0, 1.2, 2.0])
def test_demand_moves_by_the_factor_and_stays_in_the_period(factor: float) -> None:
    found = with_demand(TRIPS, factor, first=FIRST, last=LAST, seed=1)
    assert len(found) == round(200 * factor)
    assert len({trip.trip_id for trip in found}) == len(found)
    assert all(FIRST <= trip.start < trip.end for trip in found)
    assert all(trip.start < LAST for trip in found)


def test_an_added_trip_keeps_its_weekday_and_its_hour() -> None:
    by_id = {trip.trip_id: trip for trip in TRIPS}
    added = with_demand(TRIPS, 2.0, first=FIRST, last=LAST, seed=1)[200:]
    for trip in added:
        old = by_id[trip.trip_id.removesuffix(" +")]
        assert trip.start.astimezone(LOCAL_ZONE).time() == old.start.astimezone(LOCAL_ZONE).time()
        assert local_day(trip.start).weekday() == local_day(old.start).weekday()
        assert local_day(trip.start) != local_day(old.start)


def test_a_decision_names_the_moves_that_change_it() -> None:
    a, b = DecisionKey(Action.KEEP, "a"), DecisionKey(Action.KEEP, "b")
    outcomes = [
        SensitivityOutcome(moved=moved, factor=factor, vehicles=1, saving_kr_year=0, keys=keys)
        for (moved, factor), keys in zip(
            figure_moves(0.2), [(a,), (a, b), (a,), (a,), (a, b), (a,)], strict=True
        )
    ]
    kept = kept_decisions(outcomes)
    assert overturning_moves(a, kept) == []
    assert (MovedFigure.ENERGY_PRICE, 0.8) in overturning_moves(b, kept)
    assert (MovedFigure.ENERGY_PRICE, 1.2) not in overturning_moves(b, kept)
