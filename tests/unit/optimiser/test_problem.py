"""What a problem refuses, and what it derives."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fleet.vehicle import Energy
from optimiser.model.problem import Kind, Problem, ProblemError, RoundTrip
from tests.unit.optimiser.cases import RULES

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TRIP = RoundTrip(trip_id="t1", start=NOON, end=NOON.replace(hour=13), km=10)
KIND = Kind(
    type="bil",
    count_now=2,
    min_count=0,
    energy=Energy.PETROL,
    fixed_kr_year=1,
    kr_km=1,
    co2_g_km=1,
)


def test_a_trip_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ProblemError, match=r"trip 't1': start: 2026-03-02T12:00:00 has no time"):
        replace(TRIP, start=NOON.replace(tzinfo=None))


def test_a_trip_that_takes_no_time_is_refused() -> None:
    with pytest.raises(ProblemError, match="trip 't1': end"):
        replace(TRIP, end=TRIP.start)


def test_names_of_vehicles_cannot_be_confused_between_pools() -> None:
    kinds = (replace(KIND, type="nord/bil"), replace(KIND, pool="nord"))
    with pytest.raises(ProblemError, match="'nord/bil' occurs twice"):
        Problem(trips=(TRIP,), kinds=kinds, rules=RULES)


def test_a_problem_without_trips_is_refused() -> None:
    with pytest.raises(ProblemError, match="trips: there are none"):
        Problem(trips=(), kinds=(KIND,), rules=RULES)


def test_a_kind_that_may_move_can_grow_to_the_number_of_its_type_in_all_pools() -> None:
    kinds = (KIND, replace(KIND, pool="nord", count_now=3, max_count=4))
    rules = replace(RULES, moves=True)
    problem = Problem(trips=(TRIP,), kinds=kinds, rules=rules)
    assert [problem.count_max(kind) for kind in kinds] == [5, 4]


@pytest.mark.parametrize(
    ("energy", "policy", "most"),
    [
        (Energy.PETROL, True, 2),
        (Energy.PETROL, False, 5),
        (Energy.HVO, True, 2),
        (Energy.BIOGAS, True, 5),
        (Energy.ELECTRIC, True, 5),
    ],
)
def test_only_green_kinds_may_grow_under_the_purchase_policy(
    energy: Energy, policy: bool, most: int
) -> None:
    kind = replace(KIND, energy=energy, max_count=5)
    problem = Problem(trips=(TRIP,), kinds=(kind,), rules=replace(RULES, green_only_new=policy))
    assert problem.count_max(kind) == most
