"""A peak day laid over a depot: the trips without a vehicle, and what being ready costs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from costs.assumptions import Figure, FigureKey, shipped_assumptions
from costs.peak_days import PeakDay, PeakDayName, peak_days
from fleet.localtime import LOCAL_ZONE
from fleet.vehicle import Energy
from optimiser.depot.charge_points import ChargePoints
from optimiser.model.plan import FleetAnswer
from optimiser.model.problem import Kind, Problem, RoundTrip, Rules
from optimiser.solve import solve
from optimiser.studies.peak_day import (
    PeakDayOutcome,
    busiest_day,
    peak_day_outcome,
    sum_peak_days,
    trips_of_peak,
)

MONDAY = datetime(2026, 3, 23, 7, tzinfo=UTC)  # 8 o'clock in Denmark
TUESDAY = MONDAY + timedelta(days=8)  # the clocks were put forward in between
KM, HOUR = 20.0, timedelta(hours=1)
RULES = Rules(
    count_most=1_000,
    turnaround_min=0,
    period_days=14,
    fallback_kr_trip=500,
    fallback_kr_km=4,
    fallback_co2_g_km=0,
    co2_kr_t=0,
    green_only_new=True,
    seed=1,
)
ELECTION = PeakDay(name=PeakDayName.ELECTION, more_trips=0.4, missing=0.0, days_year=2)
SNOW = PeakDay(name=PeakDayName.SNOW, more_trips=0.0, missing=0.15, days_year=5)


def kind(name: str, energy: Energy, now: int, fixed_kr_year: float) -> Kind:
    return Kind(
        type=name,
        count_now=now,
        min_count=0,
        max_count=None,
        offers=frozenset(),
        energy=energy,
        fixed_kr_year=fixed_kr_year,
        kr_km=1,
        co2_g_km=0,
    )


PETROL, ELECTRIC = (
    kind("benzin", Energy.PETROL, 12, 10_000),
    kind("el", Energy.ELECTRIC, 0, 40_000),
)


def together(count: int, start: datetime, km: float = KM) -> list[RoundTrip]:
    """Trips of an hour that all begin at `start`, so that each takes a vehicle of its own."""
    return [
        RoundTrip(
            trip_id=f"{start:%d}-{n}-{km}", start=start, end=start + timedelta(hours=1), km=km
        )
        for n in range(count)
    ]


def problem(*kinds: Kind) -> Problem:
    trips = (*together(10, MONDAY), *together(4, TUESDAY))
    return Problem(trips=trips, kinds=kinds, rules=RULES)


def points(existing: float) -> dict[str, ChargePoints]:
    """Each electric vehicle takes a charge point, of 3,000 kr. a year."""
    return {
        "": ChargePoints(
            existing=existing, per_vehicle={"el": 1.0}, kr=30_000, kr_year=3_000, is_known=True
        )
    }


def outcome(given: Problem, peak: PeakDay, existing: float = 0) -> PeakDayOutcome:
    """The outcome for the best fleet."""
    plan = solve(given, seconds_max=10, gap=0)

    def best(asked: Problem) -> FleetAnswer:
        return solve(asked, seconds_max=10, gap=0).best

    return peak_day_outcome(given, plan.baseline, plan.best, peak, points(existing), best)


@pytest.mark.parametrize(("existing", "built"), [(0, 2), (1, 1), (5, 0)])
def test_more_trips_than_vehicles_are_left_and_being_ready_costs_the_vehicles_they_need(
    existing: int, built: int
) -> None:
    """Ten vehicles stay of twelve. Of fourteen trips four find none: for two of them a petrol car
    may stay, for the others an electric one must be bought."""
    found = outcome(problem(PETROL, ELECTRIC), ELECTION, existing)
    assert (found.trips, found.without_vehicle) == (14, 4)
    assert found.without_vehicle_today == 2
    assert found.unserved_kr_year == 2 * 4 * (500 + 4 * KM)
    assert found.ready_vehicles == (("benzin", 2), ("el", 2))
    assert found.ready_kr_year == 2 * 10_000 + 2 * 40_000 + built * 3_000


def test_trips_that_may_not_go_by_taxi_are_priced_by_no_taxi() -> None:
    given = problem(PETROL, ELECTRIC)
    bound = replace(given, rules=replace(given.rules, no_fallback_pools=("",)))
    free, found = outcome(given, ELECTION), outcome(bound, ELECTION)
    assert (free.without_vehicle, free.not_driven) == (4, 0)
    assert (found.without_vehicle, found.not_driven, found.unserved_kr_year) == (4, 4, 0)
    assert found.ready_kr_year == free.ready_kr_year
    [together] = sum_peak_days([free, found])
    assert (together.not_driven, together.unserved_kr_year) == (4, free.unserved_kr_year)


def test_vehicles_that_are_missing_leave_trips_and_a_part_of_one_counts_as_one() -> None:
    found = outcome(problem(PETROL, ELECTRIC), SNOW)
    assert (found.trips, found.missing, found.without_vehicle) == (10, 2, 2)
    assert found.without_vehicle_today == 0  # two of twelve are missing
    assert (found.ready_vehicles, found.ready_kr_year) == ((("benzin", 2),), 20_000)


def test_where_nothing_more_may_stand_nobody_can_be_ready() -> None:
    found = outcome(problem(PETROL), replace(ELECTION, more_trips=0.4))
    assert (found.without_vehicle, found.ready_kr_year, found.ready_vehicles) == (4, None, ())


def test_a_trip_that_no_vehicle_can_make_asks_for_none() -> None:
    short = replace(ELECTRIC, fixed_kr_year=4_000, range_km=100.0, charge_km_h=10.0)
    given = problem(replace(PETROL, count_now=0), short)
    far = together(3, MONDAY + timedelta(hours=5), km=150)
    given = replace(given, trips=(*given.trips, *far))
    found = outcome(given, replace(ELECTION, more_trips=0.0, missing=0.01))
    assert (found.trips, found.without_vehicle) == (13, 4)
    assert found.ready_vehicles == (("el", 1),)


def test_added_trips_are_of_the_same_weekday_at_their_own_local_time() -> None:
    given = problem(PETROL, ELECTRIC)
    later = MONDAY + timedelta(days=7, hours=2)  # 11 o'clock in summer time
    given = replace(given, trips=(*given.trips, *together(3, later)))
    day = busiest_day(given)
    found = trips_of_peak(given, day, replace(ELECTION, more_trips=0.5))
    assert len(found) == 15
    assert len({trip.trip_id for trip in found}) == 15
    added = found[10:]
    assert {trip.start.astimezone(LOCAL_ZONE).hour for trip in added} == {11}
    assert {trip.start.astimezone(LOCAL_ZONE).date() for trip in added} == {day}
    assert {trip.end - trip.start for trip in added} == {HOUR}
    assert found == trips_of_peak(given, day, replace(ELECTION, more_trips=0.5))


def test_a_peak_day_that_does_not_come_is_none() -> None:
    shipped = peak_days(shipped_assumptions().at(2026))
    assert [day.name for day in shipped] == list(PeakDayName)
    never = Figure(key=FigureKey.SNOW_DAYS_YEAR, valid_from=2026, value=0, source="drift")
    without = peak_days(shipped_assumptions().overlaid([never]).at(2026))
    assert [day.name for day in without] == [PeakDayName.ELECTION, PeakDayName.ILLNESS]
