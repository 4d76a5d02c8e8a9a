"""Trips found in real and generated driving, against the true ones."""

from pathlib import Path

from tests.unit.trips.matching import score_log


def test_trackers_that_always_send_give_the_exact_trips(shared_data: Path) -> None:
    score = score_log(
        shared_data / "pilot_always_on.parquet",
        shared_data / "pilot_trips_truth.csv",
        tolerance_s=60,
        ends_too=True,
        min_stop_s=300,
    )
    assert score.f1 >= 0.985
    assert score.departure_error_s <= 10
    assert score.arrival_error_s <= 10


def test_trackers_that_fall_silent_when_parked_give_the_exact_trips(shared_data: Path) -> None:
    score = score_log(
        shared_data / "pilot_ignition.parquet",
        shared_data / "pilot_trips_truth.csv",
        tolerance_s=60,
        ends_too=True,
        min_stop_s=300,
    )
    assert score.f1 >= 0.98
    assert score.departure_error_s <= 10
    assert score.arrival_error_s <= 10


def test_phones_in_real_cars_and_buses(shared_data: Path) -> None:
    """At least what the best public libraries reach: precision 0.86, and 77 of the 79 recordings
    that went anywhere. The 80th is of a phone that lay within 35 m for 21 minutes: no trip."""
    score = score_log(
        shared_data / "gotrack.parquet", shared_data / "gotrack_trips.csv", tolerance_s=120
    )
    assert score.precision >= 0.86
    assert score.matched >= 77


def test_real_drives_of_electric_cars(shared_data: Path) -> None:
    score = score_log(
        shared_data / "ved_ev.parquet", shared_data / "ved_ev_trips.csv", tolerance_s=120
    )
    assert score.precision >= 0.83
    assert score.recall == 1
