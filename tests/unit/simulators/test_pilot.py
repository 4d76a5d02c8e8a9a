"""The generated pilot keeps its promises: repeatable, plausible, and true to its own truth."""

import io
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from fleet.earth import M_PER_DEG
from fleet.localtime import LOCAL_ZONE, is_working_day, local_day, working_days
from fleet.position import POSITION_FIELDS
from fleet.vehicle import Energy
from simulators.municipality import VEHICLES_MIN, load_municipality
from simulators.pilot import Pilot, generate_pilot

#: Ascension Day and Whit Monday, both on weekdays of the pilot in conftest.
HOLIDAYS = (date(2026, 5, 14), date(2026, 5, 25))


def tiny(**changes: Any) -> Pilot:
    arguments: dict[str, Any] = {"start": date(2026, 9, 28), "weeks": 1, "vehicles": 22, "seed": 5}
    return generate_pilot(**(arguments | changes))


def file_bytes(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def of(pilot: Pilot, device: str) -> pa.Table:
    return pilot.positions.filter(pc.field("device") == device)


def seconds(table: pa.Table, column: str = "ts") -> np.ndarray:
    return table[column].cast(pa.int64()).to_numpy() / 1e6


def metres_from(table: pa.Table, lat: float, lon: float) -> np.ndarray:
    north = (table["lat"].to_numpy() - lat) * M_PER_DEG
    east = (table["lon"].to_numpy() - lon) * M_PER_DEG * np.cos(np.radians(lat))
    return np.hypot(north, east)


def day_counts(rows: Sequence[dict[str, Any]]) -> Counter[date]:
    return Counter(local_day(row["start"]) for row in rows)


def tracked_devices(pilot: Pilot) -> list[str]:
    silent = {silence.device for silence in pilot.silences}
    return [v.device for v in pilot.vehicles if v.device not in silent]


def test_the_fewest_vehicles_are_one_of_each_kind_at_each_depot() -> None:
    assert sum(len(depot.fleet) for depot in load_municipality().depot) == VEHICLES_MIN


class TestRepeatable:
    def test_the_same_arguments_give_the_same_bytes(self) -> None:
        one, two = tiny(), tiny()
        assert file_bytes(one.positions) == file_bytes(two.positions)
        assert one.legs.equals(two.legs)
        assert one.round_trips.equals(two.round_trips)
        assert one.vehicles == two.vehicles

    def test_another_seed_gives_another_pilot_in_the_same_town(self) -> None:
        one, two = tiny(), tiny(seed=6)
        assert not one.positions.equals(two.positions)
        assert one.depots == two.depots

    def test_until_ends_the_same_pilot_earlier(self) -> None:
        until = datetime(2026, 9, 30, 9, 17, 3, tzinfo=UTC)
        whole, cut = tiny(), tiny(until=until)
        assert cut.positions.equals(whole.positions.filter(pc.field("ts") <= pa.scalar(until)))
        assert cut.legs.equals(whole.legs.filter(pc.field("end") <= pa.scalar(until)))
        assert 0 < cut.positions.num_rows < whole.positions.num_rows

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"weeks": 0}, "weeks must be at least 1, got 0"),
            ({"seed": -1}, "seed must not be negative, got -1"),
            ({"vehicles": 5}, "vehicles must be at least 22, got 5"),
            ({"until": datetime(2026, 9, 30)}, "until must have a time zone"),  # noqa: DTZ001
        ],
    )
    def test_wrong_arguments_are_refused_by_name(
        self, changes: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(ValueError, match=message):
            tiny(**changes)


class TestPositions:
    def test_columns_are_those_of_a_position_in_order_of_time(self, pilot: Pilot) -> None:
        assert set(pilot.positions.column_names) <= set(POSITION_FIELDS)
        assert pilot.positions.schema.field("ts").type == pa.timestamp("us", tz="UTC")
        assert (np.diff(seconds(pilot.positions)) >= 0).all()
        keys = pilot.positions.group_by(["device", "ts"]).aggregate([])
        assert keys.num_rows == pilot.positions.num_rows

    def test_speeds_are_those_of_a_town(self, pilot: Pilot) -> None:
        speed = pilot.positions["speed_kmh"].to_numpy()
        moving = speed[speed > 5]
        assert speed.min() == 0.0
        assert speed.max() <= 70.0
        assert 20 <= np.median(moving) <= 45

    def test_all_but_rare_outliers_lie_in_the_municipality(self, pilot: Pilot) -> None:
        lat, lon = pilot.positions["lat"].to_numpy(), pilot.positions["lon"].to_numpy()
        outside = (lat < 55.755) | (lat > 55.815) | (lon < 12.44) | (lon > 12.60)
        assert outside.mean() < 0.0002

    def test_a_few_wild_outliers_exist(self, pilot: Pilot) -> None:
        """Single fixes that would need more than 250 km/h both to reach and to leave."""
        count = 0
        for device in tracked_devices(pilot):
            table = of(pilot, device)
            xy = np.column_stack(
                (table["lat"].to_numpy() * M_PER_DEG, table["lon"].to_numpy() * M_PER_DEG * 0.5625)
            )
            speed = np.linalg.norm(np.diff(xy, axis=0), axis=1) / np.diff(seconds(table)) * 3.6
            count += int(((speed[:-1] > 120) & (speed[1:] > 120)).sum())
        assert 1 <= count <= 0.001 * pilot.positions.num_rows

    def test_driving_is_sent_every_30_s_and_parking_every_hour(self, pilot: Pilot) -> None:
        for device in tracked_devices(pilot):
            table = of(pilot, device)
            gap = np.diff(seconds(table))
            on = table["ignition"].to_numpy(zero_copy_only=False)
            assert (gap[on[:-1]] <= 30).all()
            assert (gap[~on[:-1]] <= 3600).all()

    def test_the_odometer_counts_the_km_of_every_leg(self, pilot: Pilot) -> None:
        vehicle = pilot.vehicles[0]
        table, legs = (
            of(pilot, vehicle.device),
            pilot.legs.filter(pc.field("device") == vehicle.device),
        )
        ts, odometer = seconds(table), table["odometer_km"].to_numpy()
        assert (np.diff(odometer) >= 0).all()
        at = dict(zip(ts.tolist(), odometer.tolist(), strict=True))
        starts, ends = seconds(legs, "start").tolist(), seconds(legs, "end").tolist()
        for start, end, km in zip(starts, ends, legs["km"].to_pylist(), strict=True):
            assert at[end] - at[start] == pytest.approx(km, abs=0.0021)

    def test_the_odometer_agrees_with_the_way_on_the_map(self, pilot: Pilot) -> None:
        """Chords between fixes are a little shorter than the streets; noise adds a little."""
        table = of(pilot, "ltk-0001")
        on_map = 0.0
        lat, lon = table["lat"].to_numpy(), table["lon"].to_numpy()
        step = np.hypot(np.diff(lat), np.diff(lon) * np.cos(np.radians(55.78))) * M_PER_DEG
        moved = np.diff(table["odometer_km"].to_numpy())
        plausible = step < 700  # leaves out wild outliers
        on_map = step[plausible & (moved > 0)].sum() / 1000
        assert 0.8 < on_map / moved.sum() < 1.05

    def test_charge_and_fuel_stay_between_empty_and_full(self, pilot: Pilot) -> None:
        energy = {v.device: v.energy for v in pilot.vehicles}
        for device in tracked_devices(pilot):
            table = of(pilot, device)
            has, lacks = "soc_pct", "fuel_pct"
            if energy[device] is not Energy.ELECTRIC:
                has, lacks = lacks, has
                assert table["charging"].null_count == table.num_rows
            assert table[lacks].null_count == table.num_rows
            level = table[has].to_numpy()
            assert level.min() >= 0
            assert level.max() <= 100

    def test_charge_falls_with_the_km_driven_and_rises_only_when_charging(
        self, pilot: Pilot
    ) -> None:
        kinds = load_municipality().kinds()
        electric = [v for v in pilot.vehicles if v.energy is Energy.ELECTRIC]
        assert electric
        for vehicle in electric:
            table, kind = of(pilot, vehicle.device), kinds[vehicle.kind]
            soc, charging = table["soc_pct"].to_numpy(), table["charging"].to_numpy(False)
            on = table["ignition"].to_numpy(zero_copy_only=False)
            step, driving, plugged_in = np.diff(soc), on[:-1], charging[:-1]
            assert (step[driving] <= 0).all()
            assert (step[~driving & ~plugged_in] == 0).all()
            assert step[plugged_in].sum() > 0
            kwh = -step[driving].sum() / 100 * kind.store
            km = np.diff(table["odometer_km"].to_numpy())[driving].sum()
            assert kind.use_km * 0.99 < kwh / km < kind.use_km * 1.26

    def test_a_parked_vehicle_stays_where_its_depot_is(self, pilot: Pilot) -> None:
        """The first heartbeats of every vehicle, before it first leaves."""
        depots = {d.id: d for d in pilot.depots}
        for vehicle in pilot.vehicles:
            table = of(pilot, vehicle.device).slice(0, 6)
            depot = depots[vehicle.pool]
            near = metres_from(table, depot.lat, depot.lon) < 30
            assert near.sum() >= 5

    def test_noise_stands_around_the_true_place_by_4_m_an_axis(self, pilot: Pilot) -> None:
        depots = {d.id: d for d in pilot.depots}
        north: list[float] = []
        for vehicle in pilot.vehicles:
            night = of(pilot, vehicle.device).slice(0, 6)
            north += ((night["lat"].to_numpy() - depots[vehicle.pool].lat) * M_PER_DEG).tolist()
        assert 3 < np.std([n for n in north if abs(n) < 100]) < 5


class TestTruth:
    def test_legs_of_a_vehicle_do_not_overlap_and_stops_last_8_minutes(self, pilot: Pilot) -> None:
        for vehicle in pilot.vehicles:
            legs = pilot.legs.filter(pc.field("device") == vehicle.device)
            start, end = seconds(legs, "start"), seconds(legs, "end")
            assert (end > start).all()
            assert (start[1:] - end[:-1] >= 8 * 60 - 1).all()

    def test_legs_make_up_their_round_trip(self, pilot: Pilot) -> None:
        legs = pilot.legs.group_by("round_trip").aggregate(
            [("start", "min"), ("end", "max"), ("km", "sum"), ("km", "count")]
        )
        whole = legs.join(pilot.round_trips, "round_trip").to_pylist()
        assert len(whole) == pilot.round_trips.num_rows
        for trip in whole:
            assert trip["start_min"] == trip["start"]
            assert trip["end_max"] == trip["end"]
            assert trip["km_sum"] == pytest.approx(trip["km"], abs=0.005)
            assert trip["km_count"] == trip["stops"] + 1
            assert 1 <= trip["stops"] <= 6

    def test_ignition_on_is_exactly_a_leg_while_the_tracker_sends(self, pilot: Pilot) -> None:
        for device in tracked_devices(pilot):
            table = of(pilot, device)
            on = table["ignition"].to_numpy(zero_copy_only=False)
            ts = seconds(table)
            starts, ends = ts[1:][on[1:] & ~on[:-1]], ts[1:][~on[1:] & on[:-1]]
            legs = pilot.legs.filter(pc.field("device") == device)
            assert starts.tolist() == seconds(legs, "start").tolist()
            assert ends.tolist() == seconds(legs, "end").tolist()

    def test_round_trips_end_at_the_depot(self, pilot: Pilot) -> None:
        depots = {d.id: d for d in pilot.depots}
        at_end = pilot.positions.join(
            pilot.round_trips.select(["device", "end", "depot"]),
            ["device", "ts"],
            ["device", "end"],
            join_type="inner",
        )
        assert at_end.num_rows >= 0.95 * pilot.round_trips.num_rows
        for depot in depots.values():
            there = at_end.filter(pc.field("depot") == depot.id)
            near = metres_from(there, depot.lat, depot.lon) < 30
            # The last fix may be an outlier.
            assert (~near).sum() <= max(1, 0.005 * len(near))

    def test_vehicles_offer_what_their_round_trips_need(self, pilot: Pilot) -> None:
        offers = {v.device: set(v.offers.split(";")) | {""} for v in pilot.vehicles}
        needed: set[str] = set()
        for trip in pilot.round_trips.to_pylist():
            needs = set(trip["needs"].split(";"))
            assert needs <= offers[trip["device"]]
            needed |= needs
        assert needed == {"", "cargo", "towbar", "crane", "lift", "mower"}


class TestWork:
    def test_only_home_care_works_much_on_weekends_and_holidays(self, pilot: Pilot) -> None:
        trips = pilot.round_trips.to_pylist()
        home_care = [t for t in trips if t["depot"].startswith("hjemmepleje")]
        others = [t for t in trips if not t["depot"].startswith("hjemmepleje")]
        for day in HOLIDAYS:
            assert day_counts(home_care)[day] > 0
            assert day_counts(others)[day] <= 1
        off = [n for day, n in day_counts(others).items() if not is_working_day(day)]
        assert sum(off) < 0.02 * len(others)

    def test_home_care_leaves_in_the_morning_and_works_in_the_evening(self, pilot: Pilot) -> None:
        hours = Counter(
            t["start"].astimezone(LOCAL_ZONE).hour
            for t in pilot.round_trips.to_pylist()
            if t["depot"].startswith("hjemmepleje")
        )
        assert hours.most_common(1)[0][0] == 7
        assert hours[15] > 0
        assert hours[18] + hours[19] > 0
        assert not hours.keys() & {0, 1, 2, 3, 4, 5, 6, 22, 23}

    def test_the_machine_works_many_hours_on_few_km(self, pilot: Pilot) -> None:
        (machine,) = [v for v in pilot.vehicles if v.unit == "hours"]
        table = of(pilot, machine.device)
        hours = np.ptp(table["engine_hours_h"].to_numpy())
        km = np.ptp(table["odometer_km"].to_numpy())
        legs = pilot.legs.filter(pc.field("device") == machine.device)
        driven_h = (seconds(legs, "end") - seconds(legs, "start")).sum() / 3600
        assert hours == pytest.approx(driven_h, abs=0.01)
        assert hours > 5
        assert km / hours < 10
        others = pilot.positions.filter(pc.field("device") != machine.device)
        assert others["engine_hours_h"].null_count == others.num_rows

    def test_a_tracker_falls_silent_for_weeks_while_its_vehicle_drives_on(
        self, pilot: Pilot
    ) -> None:
        (silence,) = pilot.silences
        assert (silence.until - silence.since) / timedelta(weeks=pilot.weeks) == pytest.approx(0.45)
        table = of(pilot, silence.device)
        inside = (pc.field("ts") >= pa.scalar(silence.since)) & (
            pc.field("ts") < pa.scalar(silence.until)
        )
        assert table.num_rows > 0
        assert table.filter(inside).num_rows == 0
        legs = [leg for leg in pilot.legs.to_pylist() if leg["device"] == silence.device]
        assert sum(not leg["tracked"] for leg in legs) >= 5
        for leg in legs:
            hidden = silence.since <= leg["end"] and leg["start"] < silence.until
            assert leg["tracked"] is not hidden

    def test_one_vehicle_is_heard_every_day_and_almost_never_used(self) -> None:
        pilot = tiny(vehicles=60, weeks=2)
        trips = Counter(pilot.round_trips["device"].to_pylist())
        least = min(tracked_devices(pilot), key=lambda device: trips[device])
        assert trips[least] <= 2
        heard = of(pilot, least)["ts"].to_pylist()
        assert len({local_day(ts) for ts in heard if ts is not None}) == 14

    def test_several_vehicles_of_the_full_fleet_are_clearly_under_used(self) -> None:
        pilot = tiny(vehicles=60, weeks=2)
        working = set(working_days(pilot.start, pilot.start + timedelta(days=13)))
        days: dict[str, set[date]] = {v.device: set() for v in pilot.vehicles}
        for trip in pilot.round_trips.to_pylist():
            days[trip["device"]].add(local_day(trip["start"]))
        seldom = [d for d, used in days.items() if len(used & working) <= len(working) / 2]
        assert 6 <= len(seldom) <= 25

    def test_never_are_all_vehicles_of_a_large_depot_out_at_once(self) -> None:
        pilot = tiny(vehicles=60, weeks=2)
        for depot in pilot.depots:
            trips = pilot.round_trips.filter(pc.field("depot") == depot.id)
            start, end = np.sort(seconds(trips, "start")), np.sort(seconds(trips, "end"))
            peak = int((np.arange(len(start)) + 1 - np.searchsorted(end, start, "right")).max())
            size = sum(v.pool == depot.id for v in pilot.vehicles)
            assert 0.5 * size <= peak <= (size if size <= 2 else 0.9 * size)


class TestRegister:
    def test_the_default_fleet_has_60_vehicles_at_8_sites(self) -> None:
        pilot = tiny(vehicles=60)
        assert len(pilot.vehicles) == 60
        assert len(pilot.depots) == 8
        assert sum(v.pool.startswith("hjemmepleje") for v in pilot.vehicles) == 24
        assert {v.energy for v in pilot.vehicles} == {
            Energy.ELECTRIC,
            Energy.PETROL,
            Energy.DIESEL,
        }
        planned = Counter(
            {(d.id, r.kind): r.count for d in load_municipality().depot for r in d.fleet}
        )
        assert Counter((v.pool, v.kind) for v in pilot.vehicles) == planned

    @pytest.mark.parametrize("vehicles", [22, 37, 90])
    def test_another_size_keeps_every_kind_at_every_depot(self, vehicles: int) -> None:
        small, full = tiny(vehicles=vehicles), tiny(vehicles=60)
        assert len(small.vehicles) == vehicles
        assert {(v.pool, v.kind) for v in small.vehicles} == {
            (v.pool, v.kind) for v in full.vehicles
        }

    def test_every_vehicle_has_its_own_names_and_a_depot(self, pilot: Pilot) -> None:
        for name in ("vehicle_id", "device", "name"):
            assert len({getattr(v, name) for v in pilot.vehicles}) == len(pilot.vehicles)
        assert {v.pool for v in pilot.vehicles} == {d.id for d in pilot.depots}
        assert set(pilot.positions["device"].unique().to_pylist()) == {
            v.device for v in pilot.vehicles
        }

    def test_departments_of_one_depot_drive_their_own_vehicles_only(self, pilot: Pilot) -> None:
        """So that to share them is a decision: the town hall's two never had all out at once."""
        town_hall = next(d for d in load_municipality().depot if d.id == "raadhuset")
        assert len(town_hall.departments) == 2
        driven = Counter(pilot.round_trips["device"].to_pylist())
        for name in town_hall.departments:
            own = [v for v in pilot.vehicles if (v.pool, v.department) == (town_hall.id, name)]
            asked = sum(w.a_day for w in town_hall.work if town_hall.department_of(w) == name)
            full = sum(r.count for r in town_hall.fleet if town_hall.department_of(r) == name)
            working_days = 5 * pilot.weeks
            most = asked * len(own) / full * working_days
            assert 0.3 * most < sum(driven[v.device] for v in own) < 1.3 * most

    def test_some_contracts_run_on_and_most_vehicles_are_owned(self) -> None:
        ends = [v.contract_end for v in tiny(vehicles=60).vehicles]
        assert 3 <= sum(end is not None for end in ends) <= 25
        assert all(end > date(2026, 9, 28) for end in ends if end is not None)

    def test_depots_lie_apart_so_that_no_fix_belongs_to_two(self, pilot: Pilot) -> None:
        for a in pilot.depots:
            for b in pilot.depots:
                if a is not b:
                    gap = np.hypot(
                        (a.lat - b.lat) * M_PER_DEG, (a.lon - b.lon) * M_PER_DEG * 0.5625
                    )
                    assert gap > a.radius_m + b.radius_m + 60

    def test_the_market_is_electric_and_has_no_crane(self, pilot: Pilot) -> None:
        assert {kind.energy for kind in pilot.catalogue} == {Energy.ELECTRIC}
        offered = set[str]().union(*(kind.capabilities for kind in pilot.catalogue))
        assert offered == {"cargo", "towbar", "lift"}
        assert all(kind.range_km and kind.charge_km_h for kind in pilot.catalogue)
        assert {v.kind for v in pilot.vehicles if v.energy is Energy.ELECTRIC} <= {
            kind.type for kind in pilot.catalogue
        }

    def test_every_cost_has_a_source(self, pilot: Pilot) -> None:
        assert all(vehicle.source for vehicle in pilot.vehicles)
        assert all(kind.source for kind in pilot.catalogue)
