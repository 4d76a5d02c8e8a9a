"""What may be doubted about a trip is told beside it."""

from dataclasses import replace

import numpy as np
import pytest

from tests.factories.drives import Drive
from trips.detect.detect import detect_trips
from trips.detect.parameters import TripParameters
from trips.detect.quality import TripQuality, trip_qualities
from trips.detect.track import Track

PARAMETERS = TripParameters()


def quality(track: Track) -> list[TripQuality]:
    return trip_qualities(track, detect_trips(track, PARAMETERS), PARAMETERS)


def test_a_trip_between_two_seen_stops_is_beyond_doubt() -> None:
    [found] = quality(Drive().stand(600).go(600).stand(600).track())
    assert found[1:] == (False, False, False)
    assert found.silence_max_s == pytest.approx(10, abs=5)


def test_a_silence_driven_through_is_a_gap_inside() -> None:
    drive = Drive().stand(600).go(300)
    drive.silence(900).north_m += 9_000
    [found] = quality(drive.go(300).stand(600).track())
    assert found.gap_inside
    assert found.silence_max_s == pytest.approx(920, abs=15)
    assert not found.cut_by_silence


def test_a_stop_that_is_only_a_silence_is_told() -> None:
    first, second = quality(Drive().stand(600).go(600).silence(7200).go(600).stand(600).track())
    assert first.cut_by_silence
    assert second.cut_by_silence
    assert not first.gap_inside


def test_a_trip_still_under_way_is_cut_by_silence() -> None:
    [found] = quality(Drive().stand(600).go(600).track())
    assert found.cut_by_silence


def test_the_odometer_is_named_when_it_gave_the_distance() -> None:
    track = Drive().stand(600).go(600).stand(600).track(odometer=True)
    [found] = quality(track)
    assert found.odometer_used
    broken = replace(track, odometer=np.where(np.arange(len(track)) > 90, 5.0, track.odometer))
    [found] = quality(broken)
    assert not found.odometer_used


def test_there_is_one_quality_a_trip_whatever_the_order_of_fixes() -> None:
    track = Drive().go(300).stand(400).go(300).silence(4000).go(300).stand(600).track()
    mixed = track.take(np.random.default_rng(3).permutation(len(track)))
    assert len(detect_trips(track, PARAMETERS)) == 3
    assert quality(mixed) == quality(track)


def test_no_trips_have_no_qualities() -> None:
    assert quality(Drive().stand(600).track()) == []
