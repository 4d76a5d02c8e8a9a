"""Trips found in real and generated driving, against the true ones."""

from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.trips.matching import score_log
from trips.detect.parameters import parameters_by_class


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
    """At least what the best public libraries reach: precision 0.86, recall 78 of 80."""
    log, truth = shared_data / "gotrack.parquet", shared_data / "gotrack_trips.csv"
    score = score_log(log, truth, tolerance_s=120, parameters=parameters_by_class()["phone_app"])
    assert score.precision >= 0.86
    assert score.recall >= 0.975


def test_phones_found_as_if_they_were_trackers_of_cars(shared_data: Path) -> None:
    """One recording is of a phone that moved 60 m in 21 minutes: of a car no trip."""
    score = score_log(
        shared_data / "gotrack.parquet", shared_data / "gotrack_trips.csv", tolerance_s=120
    )
    assert score.precision >= 0.86
    assert score.matched >= 77


@given(radius_m=st.floats(20, 35), least_m=st.floats(30, 50))
@settings(
    max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_the_class_of_phones_hangs_on_no_exact_figure(
    shared_data: Path, radius_m: float, least_m: float
) -> None:
    phones = replace(parameters_by_class()["phone_app"], stop_radius_m=radius_m, trip_min_m=least_m)
    log, truth = shared_data / "gotrack.parquet", shared_data / "gotrack_trips.csv"
    score = score_log(log, truth, tolerance_s=120, parameters=phones)
    assert score.precision >= 0.86
    assert score.recall >= 0.975


def test_real_drives_of_electric_cars(shared_data: Path) -> None:
    score = score_log(
        shared_data / "ved_ev.parquet", shared_data / "ved_ev_trips.csv", tolerance_s=120
    )
    assert score.precision >= 0.83
    assert score.recall == 1
