"""What a tracker sends and no vehicle did: excursions, sleep, drift, and what was carried."""

from dataclasses import replace

import numpy as np
import pytest

from fleet.arrays import Bools
from fleet.earth import M_PER_DEG
from tests.factories.drives import Drive
from trips.detect.detect import DetectedTrip, detect_trips, examine_track
from trips.detect.parameters import TripParameters
from trips.detect.track import Track

PARAMETERS = TripParameters()


def found(track: Track) -> list[DetectedTrip]:
    return detect_trips(track, PARAMETERS)


def parked_and_one_drive() -> Track:
    return Drive(every_s=60).stand(3 * 3600).go(600, 14).stand(3 * 3600).track()


def with_places(track: Track, at: Bools, lat: float, lon: float) -> Track:
    return replace(track, lat=np.where(at, lat, track.lat), lon=np.where(at, lon, track.lon))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 15, 100])
@pytest.mark.parametrize("since", [0, 20, 185, 220])
def test_no_excursion_is_a_trip_however_many_fixes_it_has(count: int, since: int) -> None:
    track = parked_and_one_drive()
    number = np.arange(len(track))
    at = (number >= since) & (number < since + count)
    away = with_places(track, at, 55.4, -10.9)
    trips = found(away)
    assert all(trip.km < 9 for trip in trips)
    if since == 20:
        assert trips == found(track)
        assert examine_track(away, PARAMETERS).clean.set_aside == count


@pytest.mark.parametrize("since", [0, 100, 300])
def test_latitude_0_longitude_0_is_no_place(since: int) -> None:
    track = parked_and_one_drive()
    number = np.arange(len(track))
    trips = found(with_places(track, (number >= since) & (number < since + 20), 0.0, 0.0))
    assert [round(trip.km) for trip in trips] == [8]


def test_places_that_differ_from_each_other_are_an_excursion_too() -> None:
    track = parked_and_one_drive()
    lat = track.lat.copy()
    lat[50:57] += [0.5, 3.0, -1.0, 8.0, 2.0, 12.0, 5.0]
    assert found(replace(track, lat=lat)) == found(track)


def test_a_tracker_that_was_moved_is_believed_where_it_is_and_no_trip_leads_there() -> None:
    before, after = parked_and_one_drive(), parked_and_one_drive()
    moved = replace(after, ts=after.ts + before.ts[-1] - after.ts[0] + 60, lon=after.lon + 5)
    both = Track(
        *(
            np.concatenate((getattr(before, name), getattr(moved, name)))
            for name in ("ts", "lat", "lon", "speed", "odometer")
        )
    )
    trips = found(both)
    assert [round(trip.km) for trip in trips] == [8, 8]
    assert trips[1].start_lon == pytest.approx(after.lon[0] + 5)


def test_one_wrong_fix_now_does_not_set_aside_all_since_the_first_wrong_one() -> None:
    track = parked_and_one_drive()
    number = np.arange(len(track))
    wrong = with_places(track, (number == 0) | (number == len(track) - 1), 10.0, 10.0)
    assert [round(trip.km) for trip in found(wrong)] == [8]


def asleep(track: Track, since: int, until: int) -> Track:
    number = np.arange(len(track))
    return with_places(track, (number >= since) & (number < until), np.nan, np.nan)


def test_what_is_heard_without_a_fix_stands_where_the_tracker_was() -> None:
    drive = Drive().stand(600).go(600).stand(120)
    awake = len(drive.rows)
    both = drive.stand(48 * 3600, every_s=3600).track()
    sleeping = asleep(both, awake, len(both))
    [trip] = found(sleeping)
    assert trip.km == pytest.approx(6, rel=0.02)
    fixes = examine_track(sleeping, PARAMETERS).clean.fixes
    assert len(fixes) == len(both)
    assert fixes.lat[-1] == both.lat[awake - 1]


def test_a_tunnel_is_no_stop() -> None:
    track = Drive().stand(600).go(1200).stand(600).track()
    [trip] = found(asleep(track, 90, 150))
    assert trip.km == pytest.approx(12, rel=0.05)


def test_before_its_first_fix_a_tracker_is_nowhere() -> None:
    track = parked_and_one_drive()
    assert len(examine_track(asleep(track, 0, 50), PARAMETERS).clean.fixes) == len(track) - 50
    assert found(asleep(track, 0, len(track))) == []


@pytest.mark.parametrize("scatter_m", [10, 40, 80])
def test_a_vehicle_that_is_switched_off_drifts_and_goes_nowhere(scatter_m: float) -> None:
    track = Drive(every_s=60).stand(12 * 3600).track()
    for seed in range(5):
        rng = np.random.default_rng(seed)
        drift = rng.normal(0, scatter_m / M_PER_DEG, (2, len(track)))
        seen = replace(
            track,
            lat=track.lat + drift[0],
            lon=track.lon + drift[1] / np.cos(np.radians(55)),
            ignition=np.zeros(len(track)),
        )
        assert found(seen) == []


def carried(ignition_ashore: float) -> Track:
    drive = Drive().stand(600).go(600, 14).stand(600)
    aboard = len(drive.rows)
    drive.go(2700, 8)
    ashore = len(drive.rows)
    track = drive.go(600, 14).stand(600).track()
    number = np.arange(len(track))
    moves = (track.speed > 0) & ((number < aboard) | (number >= ashore))
    return replace(track, ignition=np.where(moves, ignition_ashore, 0.0))


def test_what_a_ferry_carried_is_not_driven() -> None:
    assert [round(trip.km, 1) for trip in found(carried(1.0))] == pytest.approx([8.4, 8.4], abs=0.2)


def test_ignition_that_is_not_connected_is_not_believed() -> None:
    assert sum(trip.km for trip in found(carried(0.0))) == pytest.approx(38.4, abs=0.5)
