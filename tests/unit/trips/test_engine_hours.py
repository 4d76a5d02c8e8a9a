"""Machines are measured in hours: by their counter, or by ignition."""

import numpy as np
import pytest

from fleet.arrays import Floats
from trips.detect.engine_hours import EngineSession, engine_sessions
from trips.detect.parameters import TripParameters
from trips.detect.track import Track

PARAMETERS = TripParameters(stop_s=600)
NOON = 1_790_000_000.0


def machine(
    seconds: Floats, *, hours: Floats | None = None, ignition: Floats | None = None
) -> Track:
    nothing = np.full(len(seconds), np.nan)
    place = np.full(len(seconds), 55.0)
    return Track(
        NOON + seconds, place, place, nothing, nothing, ignition=ignition, engine_hours=hours
    )


def test_two_stretches_of_work_are_two_sessions() -> None:
    seconds = np.arange(0, 4 * 3600, 60.0)
    worked_s = np.clip(seconds, 0, 3600) + np.clip(seconds - 7200, 0, 1800)
    first, second = engine_sessions(machine(seconds, hours=worked_s / 3600 + 812), PARAMETERS)
    assert first == pytest.approx((NOON, NOON + 3600, 1.0))
    assert second == pytest.approx((NOON + 7200, NOON + 9000, 0.5))


def test_a_counter_that_moves_in_tenths_of_an_hour_gives_the_same_hours() -> None:
    seconds = np.arange(0, 3 * 3600, 60.0)
    worked = np.floor(np.clip(seconds / 3600, 0, 2) * 10 + 1e-9) / 10
    [session] = engine_sessions(machine(seconds, hours=worked), PARAMETERS)
    assert session.hours == pytest.approx(2.0)
    assert session.end - session.start == pytest.approx(7200)


@pytest.mark.parametrize("every_s", [5, 20, 60, 600])
@pytest.mark.parametrize("step_h", [1 / 3600, 0.001, 0.01, 0.05, 0.1])
def test_however_coarse_the_counter_and_however_often_it_is_read_no_hours_are_lost(
    every_s: int, step_h: float
) -> None:
    seconds = np.arange(0, 6 * 3600, float(every_s))
    counted = np.round((812.3 + np.clip(seconds / 3600 - 1, 0, 3)) / step_h) * step_h
    sessions = engine_sessions(machine(seconds, hours=np.round(counted, 6)), PARAMETERS)
    assert sum(session.hours for session in sessions) == pytest.approx(3, abs=1.5 * step_h)
    assert all(s.hours * 3600 <= s.end - s.start for s in sessions)


def test_a_counter_that_was_reset_or_belongs_to_another_machine_adds_nothing() -> None:
    seconds = np.arange(0, 7200, 60.0)
    hours = seconds / 3600 + 500
    hours[60:] -= 500
    hours[90:] += 4000
    total = sum(
        session.hours for session in engine_sessions(machine(seconds, hours=hours), PARAMETERS)
    )
    assert total == pytest.approx(117 / 60)


def test_ignition_tells_where_there_is_no_counter() -> None:
    seconds = np.arange(0, 4 * 3600, 60.0)
    ignition = ((seconds < 3600) | (seconds >= 7200)).astype(np.float64)
    first, second = engine_sessions(machine(seconds, ignition=ignition), PARAMETERS)
    assert first == EngineSession(NOON, NOON + 3600, 1.0)
    assert second == EngineSession(NOON + 7200, NOON + 4 * 3600 - 60, 7140 / 3600)


def test_a_short_pause_does_not_end_a_session() -> None:
    seconds = np.arange(0, 7200, 60.0)
    ignition = ((seconds < 3000) | (seconds >= 3300)).astype(np.float64)
    [session] = engine_sessions(machine(seconds, ignition=ignition), PARAMETERS)
    assert session.hours == pytest.approx((7140 - 300) / 3600)


def test_silence_with_ignition_on_is_not_counted_as_work() -> None:
    seconds = np.array([0.0, 60.0, 120.0, 50_000.0, 50_060.0])
    sessions = engine_sessions(machine(seconds, ignition=np.ones(5)), PARAMETERS)
    assert [session.hours * 3600 for session in sessions] == pytest.approx([120, 60])


def test_order_and_repetition_do_not_matter() -> None:
    seconds = np.arange(0, 7200, 60.0)
    track = machine(seconds, hours=seconds / 3600)
    mixed = track.take(np.random.default_rng(1).permutation(np.repeat(np.arange(len(track)), 2)))
    assert engine_sessions(mixed, PARAMETERS) == engine_sessions(track, PARAMETERS)


@pytest.mark.parametrize("fixes", [0, 1])
def test_hardly_any_fixes_are_no_session_and_no_error(fixes: int) -> None:
    seconds = np.arange(0.0, fixes)
    assert engine_sessions(machine(seconds, hours=seconds), PARAMETERS) == []
    assert engine_sessions(machine(seconds, ignition=seconds + 1), PARAMETERS) == []


def test_a_tracker_that_sends_neither_gives_no_sessions() -> None:
    assert engine_sessions(machine(np.arange(0, 7200, 60.0)), PARAMETERS) == []
