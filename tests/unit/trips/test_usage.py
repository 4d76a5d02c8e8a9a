"""Use in a period: what counts as known, as a working day, and as the hour on the local clock."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.localtime import LOCAL_ZONE, day_start
from fleet.period import Period
from fleet.period_grid import PeriodCalendar
from trips.use.concurrency import departures_and_returns, out_steps
from trips.use.device_days import DeviceDay, device_days, seconds_within
from trips.use.usage import (
    DayRows,
    UseStatus,
    day_by_day,
    group_use,
    use_status,
    vehicle_figures,
    week_shares,
)

ALL_DAY = (1 << 24) - 1
LATER = datetime(2027, 1, 1, tzinfo=LOCAL_ZONE).timestamp()


def rows_of(calendar: PeriodCalendar, *vehicles: list[DeviceDay]) -> DayRows:
    first = calendar.period.first
    return DayRows.of_days(
        [(v, (day.day - first).days, day) for v, days in enumerate(vehicles) for day in days]
    )


def a_day(day: date, *, heard: int = ALL_DAY, km: float = 0.0) -> DeviceDay:
    return DeviceDay(day, 24, heard, int(km > 0), km, 60 * km, 120 * km)


def test_the_time_driven_is_not_known_where_a_driving_log_tells_of_trips():
    """A log says when a vehicle left and was back, so that its time driven would be its time
    away."""
    first = date(2026, 11, 16)
    calendar = PeriodCalendar(Period(first, first + timedelta(days=6)), LATER)
    drove, stood = a_day(first, km=10.0), a_day(first)
    tracked, logged, mixed = 0, 1, 2
    days = [(tracked, 0, drove), (mixed, 1, a_day(first + timedelta(days=1), km=10.0))]
    of_log = [(logged, 0, drove), (mixed, 0, drove), (3, 0, stood)]
    both = [DayRows.of_days(days), DayRows.of_days(of_log, logged=True)]
    rows = DayRows(*(np.concatenate([getattr(one, n) for one in both]) for n in DayRows.__slots__))
    uses = vehicle_figures(calendar, rows, 4, 0.0)
    hours = 600 / 3600
    assert [use.driving_h for use in uses] == [pytest.approx(hours), None, None, 0.0]
    assert [use.away_h for use in uses] == pytest.approx([2 * hours, 2 * hours, 4 * hours, 0])
    never = departures_and_returns(np.empty((0, 2)), np.empty(0, dtype=np.int64))
    group = group_use(calendar, uses, rows, never)
    assert (group.driving_h, group.driving_unknown) == (pytest.approx(hours), 2)
    of_logs = group_use(calendar, uses, rows, never, [logged, 3])
    assert (of_logs.driving_h, of_logs.driving_unknown) == (None, 1)
    told = day_by_day(calendar, rows.where(rows.vehicle == mixed))
    assert [one.driving_h for one in told[:3]] == [None, pytest.approx(hours), 0.0]


def test_a_zero_of_a_silent_vehicle_is_not_told():
    first = date(2026, 11, 16)
    calendar = PeriodCalendar(Period(first, first + timedelta(days=6)), LATER)
    stood = [a_day(first + timedelta(days=i)) for i in range(7)]
    rows = rows_of(calendar, stood, [], [a_day(first, km=10.0)])
    uses = vehicle_figures(calendar, rows, 3, 0.8)
    assert [use.told(use.trips) for use in uses] == [0, None, 1]
    assert [use.told(use.km) for use in uses] == [0.0, None, 10.0]


def test_a_silent_vehicle_is_unknown_and_counts_in_no_share():
    first = date(2026, 11, 16)
    calendar = PeriodCalendar(Period(first, first + timedelta(days=6)), LATER)
    driven = [a_day(first + timedelta(days=i), km=10.0 if i < 2 else 0.0) for i in range(7)]
    half = driven[:3]
    rows = rows_of(calendar, driven, half, [])
    uses = vehicle_figures(calendar, rows, 3, 0.8)
    assert [use.known for use in uses] == [True, False, False]
    assert uses[0].days_used_share == pytest.approx(2 / 5)
    assert uses[1].days_used_share is None
    assert uses[1].covered_share == pytest.approx(3 / 7)
    # It is used on two days of five, and of the others nothing is said.
    limits = (use_status(uses[0], 0.4), use_status(uses[0], 0.41), use_status(uses[1], 0.4))
    assert limits == (UseStatus.IN_USE, UseStatus.SELDOM, UseStatus.UNKNOWN)
    never = departures_and_returns(np.empty((0, 2)), np.empty(0, dtype=np.int64))
    group = group_use(calendar, uses, rows, never)
    assert (group.vehicles, group.fleet, group.unknown) == (3, 1, 2)
    assert group.days_used_share == pytest.approx(2 / 5)
    assert group.km == pytest.approx(40)


def test_a_day_without_a_word_from_the_tracker_is_neither_used_nor_unused():
    first = date(2026, 11, 16)
    calendar = PeriodCalendar(Period(first, first + timedelta(days=6)), LATER)
    days = [a_day(first + timedelta(days=i), km=10.0 * (i == 0)) for i in range(7) if i != 2]
    use = vehicle_figures(calendar, rows_of(calendar, days), 1, 0.8)[0]
    assert use.known
    assert (use.days_used, use.days_known) == (1, 4)


@pytest.mark.parametrize(
    ("every_h", "expected_h"), [(1, 1), (2, 2), (3, 3), (5, 6), (12, 12), (24, 24)]
)
def test_how_often_a_tracker_is_expected_is_what_it_usually_does(every_h: int, expected_h: int):
    first = date(2026, 11, 2)
    calendar = PeriodCalendar(Period(first, first + timedelta(days=13)), LATER)
    heard = sum(1 << h for h in range(0, 24, every_h))
    days = [a_day(first + timedelta(days=i), heard=heard) for i in range(12)]
    use = vehicle_figures(calendar, rows_of(calendar, days), 1, 0.8)[0]
    assert use.expected_h == expected_h
    assert use.covered_share == pytest.approx(12 / 14)
    assert use.known


def test_public_holidays_and_closing_days_are_no_working_days():
    first, last = date(2026, 12, 21), date(2026, 12, 27)
    closed = frozenset({date(2026, 12, 24)})
    days = [a_day(first + timedelta(days=i), km=5.0) for i in range(7)]
    for own, expected in ((frozenset[date](), 4), (closed, 3)):
        calendar = PeriodCalendar(Period(first, last, own), LATER)
        use = vehicle_figures(calendar, rows_of(calendar, days), 1, 0.8)[0]
        assert (use.days_used, use.days_known) == (expected, expected)


def test_hours_that_have_not_come_are_no_silence():
    first = date(2026, 11, 16)
    noon = datetime(2026, 11, 18, 12, tzinfo=LOCAL_ZONE).timestamp()
    calendar = PeriodCalendar(Period(first, first + timedelta(days=6)), noon)
    days = [a_day(first), a_day(first + timedelta(days=1)), a_day(first + timedelta(days=2))]
    days[2] = days[2]._replace(heard=(1 << 12) - 1)
    use = vehicle_figures(calendar, rows_of(calendar, days), 1, 0.8)[0]
    assert use.covered_share == 1.0
    assert use.days_known == 3


@pytest.mark.parametrize(
    ("day", "hours", "missing", "double"),
    [(date(2026, 3, 29), 23, {2}, set[int]()), (date(2026, 10, 25), 25, set[int](), {2})],
)
def test_the_days_on_which_clocks_change_have_23_and_25_hours(
    day: date, hours: int, missing: set[int], double: set[int]
):
    calendar = PeriodCalendar(Period(day, day), LATER)
    assert calendar.hours.tolist() == [hours]
    clock = (calendar.slots(3600).clock_s // 3600).tolist()
    assert set(range(24)) - set(clock) == missing
    assert {hour for hour in clock if clock.count(hour) > 1} == double
    begin, end = day_start(day).timestamp(), day_start(day + timedelta(days=1)).timestamp()
    moments = np.arange(begin, end, 600.0)
    (whole,) = device_days(moments, [], [(begin, end)], [(begin, end, 5.0)])
    assert whole.heard == (1 << hours) - 1
    assert whole.away_s == hours * 3600
    assert whole.engine_hours == 5.0
    use = vehicle_figures(calendar, rows_of(calendar, [whole]), 1, 0.8)[0]
    assert (use.covered_share, use.expected_h) == (1.0, 1)
    # Out from local 01:00 to 04:00: an hour less, or more, than the clock says.
    out = [datetime(day.year, day.month, day.day, h, tzinfo=LOCAL_ZONE).timestamp() for h in (1, 4)]
    shares = week_shares(
        calendar, out_steps(departures_and_returns(np.array([out]), np.array([0]))), 1
    )[6]
    assert shares == tuple(float(h in {1, 2, 3} - missing) for h in range(24))


@given(
    st.lists(
        st.tuples(st.integers(0, 9 * 1440), st.integers(0, 2000)).map(
            lambda pair: (pair[0], pair[0] + pair[1])
        ),
        max_size=20,
    ),
    st.sampled_from([date(2026, 3, 26), date(2026, 10, 22), date(2026, 6, 1)]),
)
def test_the_week_and_the_curve_are_those_of_a_simulation_by_minute(
    away: list[tuple[int, int]], first: date
):
    calendar = PeriodCalendar(Period(first, first + timedelta(days=7)), LATER)
    begin, end = calendar.midnights[0], calendar.midnights[-1]
    spans = np.array(away, dtype=np.float64).reshape(-1, 2) * 60 + begin
    vehicles = 3
    whose = np.arange(len(spans)) % vehicles
    rows = rows_of(calendar, *[[a_day(first + timedelta(days=i)) for i in range(7)]] * vehicles)
    uses = vehicle_figures(calendar, rows, vehicles, 0.5)
    group = group_use(calendar, uses, rows, departures_and_returns(spans, whose))

    cells: dict[tuple[int, int], list[int]] = {}
    slots: dict[int, list[int]] = {}
    works = set(calendar.period.working_days)
    minutes = np.arange(begin, end, 60.0)
    out = ((spans[:, :1] <= minutes) & (minutes < spans[:, 1:])).sum(axis=0)
    for moment, count in zip(minutes.tolist(), out.tolist(), strict=True):
        local = datetime.fromtimestamp(moment, LOCAL_ZONE)
        cells.setdefault((local.weekday(), local.hour), []).append(count)
        if local.date() in works:
            slots.setdefault(local.hour * 2 + local.minute // 30, []).append(count)
    for (weekday, hour), counts in cells.items():
        assert group.week[weekday][hour] == pytest.approx(np.mean(counts) / vehicles)
    for slot, counts in slots.items():
        assert group.curve.mean_out[slot] == pytest.approx(np.mean(counts))
        assert group.curve.most_out[slot] == max(counts)


@given(
    st.lists(
        st.tuples(st.integers(0, 500), st.integers(0, 500)).map(lambda ends: sorted(ends)),
        max_size=12,
    ),
    st.sets(st.integers(0, 500), min_size=2, max_size=8).map(lambda edges: sorted(edges)),
)
def test_seconds_between_edges_are_those_counted_one_by_one(spans, edges):
    found = seconds_within(
        np.array(spans, dtype=np.float64).reshape(-1, 2), np.array(edges, dtype=np.float64)
    )
    for i, (begin, end) in enumerate(pairwise(edges)):
        counted = sum(a <= second < b for a, b in spans for second in range(begin, end))
        assert found[i] == pytest.approx(counted)


def test_the_longest_day_is_told_with_its_date_the_first_of_equals():
    first = date(2026, 11, 16)
    calendar = PeriodCalendar(Period(first, first + timedelta(days=6)), LATER)
    km = (10.0, 80.0, 30.0, 80.0)
    days = [a_day(first + timedelta(days=i), km=value) for i, value in enumerate(km)]
    use = vehicle_figures(calendar, rows_of(calendar, days), 1, 0.1)[0]
    assert use.longest_km.value == 80.0
    assert use.longest_km.day == first + timedelta(days=1)
