"""The use of battery and tank is recovered from what trackers tell of it, rounded and noisy as they
tell it."""

import csv
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costs.measured_range import Level, MonthUse, measured_range, months_between
from fleet.earth import M_PER_DEG
from trips.consumption.level_use import (
    RULES,
    LevelReadings,
    LevelTrips,
    TripWay,
    drawn_level,
    uses_by_vehicle,
)

BATTERY, TANK = RULES[Level.BATTERY], RULES[Level.TANK]
NAN = float("nan")
KM_PER_DEG = M_PER_DEG / 1000


def trips_of(
    rows: list[tuple[int, int, float, float, float]], next_pct: list[float] | None = None
) -> LevelTrips:
    """Trips as vehicle, month, km, level before and level after."""
    vehicles, months, kms, begins, ends = zip(*rows, strict=True)
    following = [NAN] * len(rows) if next_pct is None else next_pct
    whole, numbers = np.int64, np.float64
    return LevelTrips(
        vehicle=np.array(vehicles, whole),
        month=np.array(months, whole),
        trip_km=np.array(kms, numbers),
        from_pct=np.array(begins, numbers),
        to_pct=np.array(ends, numbers),
        km=np.array(kms, numbers),
        next_pct=np.array(following, numbers),
    )


def drive(km: float, range_km: float, from_pct: float) -> tuple[LevelReadings, TripWay]:
    """A trip to the north with a reading every 500 m, in whole per cent."""
    driven = np.arange(0, km, 0.5)
    pct = np.floor(from_pct - driven * 100 / range_km)
    east, nothing = np.full(len(driven), 12.0), np.full(len(driven), NAN)
    readings = LevelReadings(55 + driven / KM_PER_DEG, east, nothing, pct)
    return readings, TripWay(55, 12, 55 + km / KM_PER_DEG, 12, km)


def test_the_range_is_the_sum_of_km_over_the_sum_of_use() -> None:
    """Two trips of 10 km for 4 % and one of 100 km for 32 %: 300 km, which no mean of ratios is."""
    found = uses_by_vehicle(
        trips_of([(1, 1, 10, 80, 76), (1, 1, 10, 76, 72), (1, 1, 100, 72, 40), (1, 7, 60, 90, 75)]),
        Level.BATTERY,
    )
    assert found == {1: [MonthUse(1, 120, 40, 3), MonthUse(7, 60, 15, 1)]}
    learned = measured_range(found[1], months_between(11, 3), km_min=50)
    assert learned is not None
    assert learned.winter is not None
    assert learned.otherwise is not None
    assert (learned.winter.range_km, learned.otherwise.range_km) == (300, 400)
    assert (learned.km, learned.trips) == (180, 4)


def test_a_season_with_too_few_km_is_not_known() -> None:
    uses = [MonthUse(12, 499, 150, 20), MonthUse(6, 500, 125, 20)]
    learned = measured_range(uses, months_between(11, 3), km_min=500)
    assert learned is not None
    assert learned.winter is None
    assert learned.otherwise is not None
    assert learned.otherwise.range_km == 400
    assert measured_range(uses, months_between(11, 3), km_min=501) is None


def test_the_cautious_range_is_planned_with() -> None:
    """Winter's where it is known; else the catalogue's, unless even the summer was shorter."""
    cold, warm = MonthUse(1, 1000, 500, 9), MonthUse(7, 1000, 400, 9)
    winter = months_between(11, 3)

    def planned(uses: list[MonthUse], catalogue_km: float) -> float | None:
        found = measured_range(uses, winter, km_min=500)
        assert found is not None
        used = found.planned_with(catalogue_km)
        return used and used.range_km

    assert planned([cold, warm], 230) == 200
    assert planned([cold, warm], 150) == 200
    assert planned([warm], 230) is None
    assert planned([warm], 300) == 250


def test_winter_reaches_over_new_year() -> None:
    assert months_between(11, 3) == {11, 12, 1, 2, 3}
    assert months_between(1, 2) == {1, 2}
    assert months_between(4, 4) == {4}


@given(range_km=st.floats(80, 600), seed=st.integers(0, 2**32 - 1))
def test_whole_per_cent_are_enough_to_recover_a_range(range_km: float, seed: int) -> None:
    """Each trip begins anywhere between two whole per cent, and is charged in between."""
    random = np.random.default_rng(seed)
    rows: list[tuple[int, int, float, float, float]] = []
    for km in random.uniform(3, 40, 100):
        found = drawn_level(*drive(km, range_km, random.uniform(70, 100)), BATTERY)
        assert found is not None
        rows.append((1, 1, found.km, found.from_pct, found.to_pct))
    [use] = uses_by_vehicle(trips_of(rows), Level.BATTERY)[1]
    truth = use.km * 100 / range_km
    # Rounding moves each end by a uniform share of 1 %: six standard deviations of their sum.
    assert abs(use.pct - truth) <= 6 * (len(rows) / 6) ** 0.5


@given(
    km=st.floats(5, 60),
    range_km=st.floats(150, 600),
    wrong=st.sampled_from([0.0, 100.0]),
    where=st.integers(0, 10_000),
)
def test_a_single_wrong_reading_changes_little(
    km: float, range_km: float, wrong: float, where: int
) -> None:
    readings, trip = drive(km, range_km, 90.0)
    clean = drawn_level(readings, trip, BATTERY)
    faulty = readings.pct.copy()
    faulty[where % len(faulty)] = wrong
    found = drawn_level(readings._replace(pct=faulty), trip, BATTERY)
    assert clean is not None
    assert found is not None
    assert abs(found.from_pct - clean.from_pct) <= 1
    assert abs(found.to_pct - clean.to_pct) <= 1


def test_a_single_wrong_place_changes_little() -> None:
    readings, trip = drive(20, 200, 90)
    clean = drawn_level(readings, trip, BATTERY)
    lat = readings.lat.copy()
    lat[20] += 3
    found = drawn_level(readings._replace(lat=lat), trip, BATTERY)
    assert clean is not None
    assert found is not None
    assert found.km == pytest.approx(clean.km, rel=0.05)


def test_km_are_shared_out_by_the_way_and_not_by_the_time() -> None:
    """Half of the readings are of a stop at a light."""
    readings, trip = drive(20, 200, 90)
    stop = [20] * 40
    order = [*range(20), *stop, *range(20, 40)]
    longer = drawn_level(LevelReadings(*(column[order] for column in readings)), trip, BATTERY)
    assert longer == drawn_level(readings, trip, BATTERY)
    assert longer is not None
    assert longer.km == pytest.approx(18.5)


def test_the_odometer_says_how_far_it_was_between_the_readings() -> None:
    """Unless it says more than the whole trip, as one that was changed does."""
    readings, trip = drive(20, 200, 90)
    driven = np.arange(0, 20, 0.5)
    told = drawn_level(readings._replace(odometer_km=1000 + driven * 0.9), trip, BATTERY)
    assert told is not None
    assert told.km == pytest.approx(0.9 * 18.5)
    for wrong in (1000 + driven * 2, 1000 - driven):
        found = drawn_level(readings._replace(odometer_km=wrong), trip, BATTERY)
        assert found == drawn_level(readings, trip, BATTERY)


def test_a_trip_in_which_energy_came_in_is_not_counted() -> None:
    readings, trip = drive(30, 200, 60)
    readings.pct[30:] += 10
    assert drawn_level(readings, trip, BATTERY) is None
    assert drawn_level(readings, trip, TANK) is None


def test_braking_downhill_gives_back_and_counts() -> None:
    readings, trip = drive(5, 200, 50)
    pct = np.array([50.0, 49, 48, 47, 46, 46, 47, 48, 48, 48])
    found = drawn_level(readings._replace(pct=pct), trip, BATTERY)
    assert found is not None
    assert found.from_pct - found.to_pct == pytest.approx(1)


def test_what_is_told_of_little_of_a_trip_is_not_counted() -> None:
    readings, trip = drive(30, 200, 90)
    place = np.arange(len(readings.pct))
    few = readings._replace(pct=np.where(place < 25, readings.pct, NAN))
    assert drawn_level(few, trip, BATTERY) is None
    most = readings._replace(pct=np.where(place < 45, readings.pct, NAN))
    found = drawn_level(most, trip, BATTERY)
    assert found is not None
    assert found.km == pytest.approx(21)
    nothing = readings._replace(pct=np.full(len(place), NAN))
    assert drawn_level(nothing, trip, BATTERY) is None
    assert drawn_level(LevelReadings(*(column[:0] for column in readings)), trip, BATTERY) is None
    there = TripWay(55, 12, 55, 12, 0)
    still = LevelReadings(*(np.full(9, value) for value in (55.0, 12.0, NAN, 80.0)))
    assert drawn_level(still, there, BATTERY) is None


def test_a_level_that_falls_without_driving_is_not_counted() -> None:
    readings, trip = drive(5, 200, 90)
    readings.pct[5:] = 0
    assert drawn_level(readings, trip, BATTERY) is None


def test_what_happens_between_trips_of_a_battery_is_ignored() -> None:
    """Charged, discharged by standing, charged again: only what fell while driving counts."""
    rows = [(1, 2, 20.0, 80.0, 70.0), (1, 2, 20.0, 95.0, 85.0), (1, 2, 20.0, 60.0, 50.0)]
    alone = uses_by_vehicle(trips_of(rows), Level.BATTERY)
    joined = uses_by_vehicle(trips_of(rows, [95.0, 60.0, NAN]), Level.BATTERY)
    assert alone == joined == {1: [MonthUse(2, 60, 30, 3)]}


@given(
    noise=st.lists(st.floats(-3, 3), min_size=201, max_size=201),
    range_km=st.floats(500, 1_200),
)
def test_the_noise_of_a_tank_cancels_between_two_fillings(
    noise: list[float], range_km: float
) -> None:
    """A hundred trips of 10 km, filled whenever the tank is below 20 %: the sum of the falls of the
    trips would be wrong by more than the whole use."""
    level, rows, begun = 100.0, list[tuple[int, int, float, float, float]](), list[float]()
    fillings = 0
    for trip in range(100):
        if level < 20:
            level, fillings = 100.0, fillings + 1
        after = level - 10 * 100 / range_km
        begun.append(level + noise[2 * trip])
        rows.append((1, 5, 10.0, begun[-1], after + noise[2 * trip + 1]))
        level = after
    [use] = uses_by_vehicle(trips_of(rows, [*begun[1:], NAN]), Level.TANK)[1]
    assert use.km == 1000
    assert abs(use.pct - 1000 * 100 / range_km) <= 6 * (fillings + 1)


def test_a_sensor_that_stands_still_is_left_out_and_the_others_count() -> None:
    rows = [(1, 1, 50.0, 80.0, 80.0)] * 20 + [(2, 1, 50.0, 80.0, 60.0)] * 2
    assert uses_by_vehicle(trips_of(rows), Level.BATTERY) == {2: [MonthUse(1, 100, 40, 2)]}


def test_no_trip_with_a_level_is_no_use() -> None:
    assert uses_by_vehicle(trips_of([(1, 1, NAN, NAN, NAN)]), Level.BATTERY) == {}
    ints, floats = np.zeros(0, np.int64), np.zeros(0)
    none = LevelTrips(ints, ints, floats, floats, floats, floats, floats)
    assert uses_by_vehicle(none, Level.TANK) == {}


def test_the_range_of_a_real_car_agrees_with_the_energy_measured_beside(shared_data: Path) -> None:
    """The electric car of the Vehicle Energy Dataset on winter days: the energy that its battery
    gave over the share of it that was used is the size of its battery of 24 kWh, which is worn.
    That tells also that the range is right, whole per cent or not."""
    levels, files = shared_data / "ved_ev.parquet", shared_data / "ved_ev_trips.csv"
    if not levels.is_file() or not files.is_file():
        pytest.skip("ved_ev.parquet and ved_ev_trips.csv are not in ../shared/data")
    readings: defaultdict[int, list[tuple[float, float, float, float]]] = defaultdict(list)
    for row in pq.read_table(levels).to_pylist():
        told = row["ts"].timestamp(), row["lat"], row["lon"], row["soc_pct"]
        readings[row["trip_id"]].append(told)
    exact: list[tuple[int, int, float, float, float]] = []
    whole: list[tuple[int, int, float, float, float]] = []
    kwh = 0.0
    with files.open(encoding="utf-8") as lines:
        drives = [row for row in csv.DictReader(lines) if row["device"] == "ved-455"]
    for row in drives:
        _, lat, lon, pct = map(np.array, zip(*sorted(readings[int(row["trip_id"])]), strict=True))
        way = TripWay(lat[0], lon[0], lat[-1], lon[-1], float(row["km_haversine"]))
        month = datetime.fromisoformat(row["start"]).month
        for rows, told in ((exact, pct), (whole, np.floor(pct))):
            found = drawn_level(LevelReadings(lat, lon, np.full(len(lat), NAN), told), way, BATTERY)
            assert found is not None
            rows.append((1, month, found.km, found.from_pct, found.to_pct))
        kwh += float(row["kwh_net_discharge"])
    learned, coarse = (
        measured_range(uses_by_vehicle(trips_of(rows), Level.BATTERY)[1], months_between(11, 3), 40)
        for rows in (exact, whole)
    )
    assert learned is not None
    assert learned.winter is not None
    assert coarse is not None
    assert coarse.winter is not None
    assert len(drives) == 3
    kwh_km = kwh / learned.winter.km
    assert 15 < kwh_km * learned.winter.range_km < 24
    assert learned.winter.range_km == pytest.approx(76, abs=1)
    assert coarse.winter.range_km == pytest.approx(learned.winter.range_km, rel=0.02)
