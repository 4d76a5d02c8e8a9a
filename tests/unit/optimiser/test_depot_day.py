"""The days that stand for all others, and what a plan moves on one of them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from fleet.period import Period
from optimiser.days.depot_day import (
    DayCount,
    RowKind,
    TripMark,
    chosen_days,
    day_counts,
    depot_day,
    lanes,
)
from tests.samples.depot_days import A_DAY, DAY, FLEET, SERVED, TRIPS, driven

MONDAY = date(2026, 11, 2)


def counts(*trips_and_out: tuple[int, int]) -> list[DayCount]:
    """Days in a row from a Monday on."""
    return [
        DayCount(day=MONDAY.replace(day=2 + at), trips=trips, out=out)
        for at, (trips, out) in enumerate(trips_and_out)
    ]


def working(found: Iterable[DayCount]) -> set[date]:
    return {one.day for one in found if one.day.weekday() < 5}


def test_typical_is_the_working_day_in_the_middle_and_of_several_the_latest() -> None:
    found = counts((4, 2), (9, 5), (4, 1), (1, 1), (5, 2), (30, 9))
    days = chosen_days(found, working(found))
    assert days is not None
    assert days.typical == found[2]
    # The busiest may be a day of rest.
    assert days.busiest == found[5]


def test_busiest_is_the_first_day_with_most_out_at_once() -> None:
    """A round tells the first moment at which the most vehicles are out."""
    found = counts((9, 2), (4, 3), (5, 3), (5, 3))
    days = chosen_days(found, working(found))
    assert days is not None
    assert days.busiest == found[1]
    assert chosen_days(found, set()) is None


def test_each_trip_stands_where_the_plan_has_it_and_at_its_time() -> None:
    after = {(row.kind, row.name): row for row in A_DAY.after}
    [bought] = after[RowKind.BOUGHT, "+ Varevogn, el 1"].trips
    assert (bought.start, bought.mark) == (TRIPS[0].start, TripMark.PROPOSED)
    [by_taxi] = after[RowKind.FALLBACK, ""].trips
    assert by_taxi.mark is TripMark.LEAVING
    assert A_DAY.to_fallback == 1
    stays = after[RowKind.VEHICLE, "Lille elbil 3"].trips
    assert [trip.mark for trip in stays] == [TripMark.STAYING, TripMark.PROPOSED]
    assert [(trip.driven_by, row.name) for trip, row in A_DAY.moved] == [
        ("LTK-009 <elbil>", "+ Varevogn, el 1"),
        ("Lille <elbil> 4", ""),
        ("LTK-009 <elbil>", "Lille elbil 3"),
    ]


def test_the_vehicle_of_the_proposal_stands_first_before_and_after() -> None:
    for rows in (A_DAY.before, A_DAY.after):
        assert rows[0].name == "LTK-009 <elbil>"
        assert rows[0].leaves
    assert A_DAY.after[0].trips == []
    idle = depot_day(A_DAY.count, (), SERVED, FLEET)
    assert [row.name for row in idle.before] == ["LTK-009 <elbil>"]
    assert idle.still == 4


def test_a_vehicle_of_which_too_little_is_known_goes_on_with_its_trips() -> None:
    """The trips of others that the plan does not know are drawn as they were driven only."""
    own = [row for row in A_DAY.after if row.kind is RowKind.VEHICLE and row.name == ""]
    assert [len(row.trips) for row in own] == [1]
    assert A_DAY.found_since == 1
    known = depot_day(A_DAY.count, TRIPS[:5], SERVED, FLEET)
    assert known.found_since == 0


def test_a_vehicle_that_the_round_does_not_count_is_told_of_and_not_drawn() -> None:
    strange = driven(7, "LTK-099", "08:00", "12:00")
    day = depot_day(A_DAY.count, [*TRIPS, strange], SERVED, FLEET)
    assert day.uncounted == 1
    assert (day.before, day.after, day.found_since) == (
        A_DAY.before,
        A_DAY.after,
        A_DAY.found_since,
    )


def test_a_vehicle_that_comes_from_another_depot_stands_in_the_plan_only() -> None:
    planned = FLEET.planned["vej-park/elbil#1"]
    comes = {**FLEET.planned, planned.slot: replace(planned, vehicle_id="LTK-099")}
    day = depot_day(A_DAY.count, TRIPS, SERVED, replace(FLEET, planned=comes))
    strange = [
        len([row for row in rows if row.kind is RowKind.VEHICLE and not row.name])
        for rows in (day.before, day.after)
    ]
    assert strange == [1, 2]


def test_trips_at_once_stand_in_lanes_of_their_own() -> None:
    trips = [
        driven(1, "a", "08:00", "09:00"),
        driven(2, "b", "08:30", "10:00"),
        driven(3, "c", "09:00", "09:30"),
    ]
    fleet = replace(FLEET, standing=(), here=frozenset("abc"))
    day = depot_day(DayCount(day=DAY, trips=3, out=2), trips, {}, fleet)
    every = [trip for row in day.before for trip in row.trips]
    assert [len(lane) for lane in lanes(every)] == [2, 1]


def test_days_are_counted_by_local_time_and_who_returns_as_another_leaves_is_not_out() -> None:
    """The clocks go back in the night before 25 October."""
    period = Period(date(2026, 10, 24), date(2026, 10, 26))
    spans = [
        ("2026-10-24T21:30+00:00", "2026-10-25T03:00+00:00"),
        ("2026-10-25T22:30+00:00", "2026-10-25T23:30+00:00"),
        ("2026-10-25T22:59+00:00", "2026-10-25T23:10+00:00"),
        ("2026-10-25T23:10+00:00", "2026-10-25T23:30+00:00"),
    ]
    starts, ends = (
        [datetime.fromisoformat(span[at]).timestamp() for span in spans] for at in (0, 1)
    )
    assert day_counts(period, starts, ends) == [
        DayCount(day=date(2026, 10, 24), trips=1, out=1),
        DayCount(day=date(2026, 10, 25), trips=2, out=2),
        DayCount(day=date(2026, 10, 26), trips=1, out=2),
    ]
    assert day_counts(period, [], []) == []
