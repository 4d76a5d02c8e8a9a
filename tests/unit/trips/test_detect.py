"""What trip detection promises, on tracks small enough to check by hand."""

from dataclasses import replace

import numpy as np
import pytest

from fleet.earth import M_PER_DEG
from tests.factories.drives import NOON, Drive
from trips.detect.clean import clean_track
from trips.detect.detect import DetectedTrip, detect_trips
from trips.detect.parameters import TripParameters, parameters_by_class
from trips.detect.track import Track


def found(track: Track, **parameters: float) -> list[DetectedTrip]:
    return detect_trips(track, TripParameters(**parameters))


@pytest.mark.parametrize("with_speed", [True, False])
def test_a_drive_between_two_long_stops_is_one_trip(with_speed: bool) -> None:
    [trip] = found(Drive().stand(600).go(600).stand(600).track(with_speed=with_speed))
    assert trip.start == pytest.approx(NOON + 600, abs=15)
    assert trip.end == pytest.approx(NOON + 1200, abs=15)
    assert trip.km == pytest.approx(6.0, rel=0.02)


def test_the_end_is_the_arrival_and_does_not_wait_for_the_next_heartbeat() -> None:
    drive = Drive().stand(3600, every_s=60).go(600)
    arrival = drive.t
    [trip] = found(drive.stand(4 * 3600, every_s=3600).track())
    assert trip.end == pytest.approx(arrival, abs=15)


def test_a_stop_shorter_than_the_limit_does_not_cut_a_trip() -> None:
    assert len(found(Drive().stand(600).go(300).stand(200).go(300).stand(600).track())) == 1


def test_a_stop_longer_than_the_limit_does() -> None:
    assert len(found(Drive().stand(600).go(300).stand(400).go(300).stand(600).track())) == 2


def test_the_limit_is_a_parameter() -> None:
    track = Drive().stand(600).go(300).stand(200).go(300).stand(600).track()
    assert len(found(track, stop_s=120)) == 2


def test_a_tracker_that_is_silent_when_parked_gives_the_same_trips() -> None:
    drive = Drive().go(600).stand(60).silence(3600).go(600).stand(60).silence(8 * 3600).go(300)
    assert len(found(drive.track())) == 3


def test_a_vehicle_that_drove_through_a_silence_made_one_trip() -> None:
    drive = Drive().stand(600).go(300)
    drive.silence(900).north_m += 9_000
    assert len(found(drive.go(300).stand(600).track())) == 1


def test_parked_drift_is_no_trip() -> None:
    rng = np.random.default_rng(1)
    track = Drive(every_s=60).stand(24 * 3600).track(with_speed=False)
    drift = rng.normal(0, 8 / M_PER_DEG, len(track))
    assert found(Track(track.ts, track.lat + drift, track.lon, track.speed, track.odometer)) == []


def test_wild_fixes_while_parked_are_no_trips() -> None:
    track = Drive(every_s=60).stand(6 * 3600).track()
    lat = track.lat.copy()
    lat[50::70] += 0.05
    assert found(Track(track.ts, lat, track.lon, track.speed, track.odometer)) == []


def test_a_sane_odometer_gives_the_distance() -> None:
    [trip] = found(Drive().stand(600).go(600).stand(600).track(odometer=True))
    assert trip.km == pytest.approx(6.0, abs=0.11)


def test_an_odometer_of_another_vehicle_does_not() -> None:
    track = Drive().stand(600).go(600).stand(600).track(odometer=True)
    odometer = track.odometer.copy()
    odometer[len(odometer) // 2 :] += 40_000
    [trip] = found(Track(track.ts, track.lat, track.lon, track.speed, odometer))
    assert trip.km == pytest.approx(6.0, rel=0.02)


def test_the_metres_between_fixes_are_those_of_the_fixes_that_are_left() -> None:
    track = Drive(every_s=60).stand(6 * 3600).track()
    lat = track.lat + np.random.default_rng(5).normal(0, 5 / M_PER_DEG, len(track))
    lat[[0, 30, 31, 70, -1]] += 0.05
    fixes, step, *_ = clean_track(replace(track, lat=lat), TripParameters())
    assert len(fixes) < len(track)
    assert np.array_equal(step, fixes.steps())


def test_order_and_repetition_of_fixes_do_not_matter() -> None:
    track = Drive().stand(600).go(600).stand(400).go(300).stand(600).track()
    rng = np.random.default_rng(2)
    shuffled = track.take(rng.permutation(np.repeat(np.arange(len(track)), 2)))
    assert found(shuffled) == found(track)


@pytest.mark.parametrize("fixes", [0, 1, 2])
def test_hardly_any_fixes_are_no_trip_and_no_error(fixes: int) -> None:
    track = Drive().go(300).track()
    assert found(track.take(np.arange(fixes))) == []


def test_cleaning_keeps_order_and_uniqueness() -> None:
    track = Drive().go(100).track()
    twice = track.take(np.concatenate((np.arange(len(track))[::-1], np.arange(len(track)))))
    fixes = clean_track(twice, TripParameters()).fixes
    assert np.all(np.diff(fixes.ts) > 0)


def test_a_parked_tracker_that_drifts_far_but_tells_that_it_stands_makes_no_trips() -> None:
    rng = np.random.default_rng(4)
    track = Drive(every_s=60).stand(24 * 3600).track()
    drift = rng.normal(0, 30 / M_PER_DEG, len(track))
    assert found(replace(track, lat=track.lat + drift)) == []


@pytest.mark.parametrize("switch", ["ignition", "movement"])
def test_a_switch_that_is_off_tells_that_a_drifting_vehicle_stands(switch: str) -> None:
    rng = np.random.default_rng(4)
    track = Drive(every_s=60).stand(24 * 3600).track(with_speed=False)
    drift = rng.normal(0, 30 / M_PER_DEG, len(track))
    drifting = replace(track, lat=track.lat + drift)
    assert found(drifting) != []
    assert found(replace(drifting, **{switch: np.zeros(len(track))})) == []


def test_a_switch_that_is_off_while_the_vehicle_drives_is_not_believed() -> None:
    track = Drive().stand(600).go(600).stand(600).track()
    assert found(replace(track, ignition=np.zeros(len(track)))) == found(track)


def test_two_wild_fixes_in_a_row_are_no_trip() -> None:
    track = Drive(every_s=60).stand(6 * 3600).track()
    lat = track.lat.copy()
    lat[50], lat[51] = lat[50] + 0.2, lat[51] - 0.1
    assert found(replace(track, lat=lat)) == []


def test_an_arrival_into_a_silence_is_when_the_vehicle_could_have_braked() -> None:
    first, second = found(Drive().stand(600).go(600).silence(7200).go(600).stand(600).track())
    assert first.end == pytest.approx(NOON + 1190 + 5)
    assert second.start == pytest.approx(NOON + 1200 + 7200 - 5)


def test_what_a_silence_hid_is_not_invented() -> None:
    drive = Drive().stand(600).go(600).silence(4 * 3600)
    drive.north_m += 5_000
    [trip] = found(drive.stand(600).track())
    assert trip.km == pytest.approx(6.0, rel=0.02)


def test_every_vehicle_class_has_parameters_and_a_reason() -> None:
    classes = parameters_by_class()
    assert classes["car"] == TripParameters()
    assert classes["street_sweeper"].standing_speed_ms < TripParameters().standing_speed_ms


def test_slow_work_is_a_trip_for_a_sweeper_and_a_stop_for_a_car() -> None:
    track = Drive().stand(1800).go(3600, speed_ms=0.9).stand(1800).track()
    assert len(found(track)) == 0
    [trip] = detect_trips(track, parameters_by_class()["street_sweeper"])
    assert trip.km == pytest.approx(3.24, rel=0.05)


def test_a_parameter_that_cannot_be_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="stop_s must be above 0, got -1"):
        TripParameters(stop_s=-1)
