"""Motion along a path: starts and ends at rest, obeys speed and acceleration, adds up to the km."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.motion import Motion
from simulators.municipality import Driving, load_municipality
from simulators.streets import StreetPath

CALM: Driving = replace(load_municipality().driving, signal_share=0.0, pace_sigma=0.0)


def path(points: list[tuple[float, float]], kmh: list[float]) -> StreetPath:
    return StreetPath(xy=np.array(points, dtype=np.float64), kmh=np.array(kmh, dtype=np.float64))


def motion(*legs: StreetPath, driving: Driving = CALM) -> Motion:
    return Motion(legs, driving, np.random.default_rng(1))


def whole(of: Motion, leg: int) -> tuple[np.ndarray, np.ndarray]:
    """Speed in m/s and metres at every second of a leg."""
    seconds = np.arange(of.seconds[leg] + 1)
    moments = of.at(np.full(len(seconds), leg), seconds)
    return moments.kmh / 3.6, moments.km * 1000


def test_a_straight_street_takes_its_length_at_its_speed_and_the_time_to_speed_up() -> None:
    """1 km at 36 km/h (10 m/s) with 1.2 m/s2: 100 s and half of 10 / 1.2 s at either end."""
    (seconds,) = motion(path([(0, 0), (0, 1000)], [36])).seconds.tolist()
    assert seconds == int(np.ceil(100 + 10 / 1.2))


def test_a_street_too_short_for_its_speed_is_driven_slower() -> None:
    """Up and down again on 30 m: the peak is the root of 1.2 x 30."""
    speed, _ = whole(motion(path([(0, 0), (30, 0)], [70])), 0)
    assert 0.9 * 6 < speed.max() <= 6


def test_a_sharp_corner_is_taken_slower_than_a_straight_one() -> None:
    straight = motion(path([(0, 0), (0, 300), (0, 600)], [50, 50]))
    corner = motion(path([(0, 0), (0, 300), (300, 300)], [50, 50]))
    back = motion(path([(0, 0), (0, 300), (0, 0)], [50, 50]))
    assert straight.seconds[0] < corner.seconds[0] < back.seconds[0]


def test_a_signal_makes_a_leg_longer_by_its_wait_and_by_stopping() -> None:
    always = replace(CALM, signal_share=1.0, signal_wait_s=(20.0, 20.0))
    leg = path([(0, 0), (0, 500), (0, 1000)], [50, 50])
    assert motion(leg, driving=always).seconds[0] > motion(leg).seconds[0] + 20
    speed, metres = whole(motion(leg, driving=always), 0)
    standing = np.flatnonzero((speed == 0) & (metres > 1) & (metres < 999))
    assert len(standing) in {20, 21}
    assert metres[standing] == pytest.approx(500)


def test_headings_are_those_of_a_compass() -> None:
    legs = [path([(0, 0), xy], [30]) for xy in [(0, 100), (100, 0), (0, -100), (-100, 0)]]
    moments = motion(*legs).at(np.arange(4), np.full(4, 3))
    assert moments.heading_deg.tolist() == [0, 90, 180, 270]


points = st.lists(
    st.tuples(st.integers(-40, 40), st.integers(-40, 40)), min_size=2, max_size=8
).filter(lambda xs: all(a != b for a, b in pairwise(xs)))


@settings(deadline=None)
@given(st.lists(points, min_size=1, max_size=4), st.integers(0, 2**32))
def test_any_legs_are_driven_from_end_to_end_within_the_limits(
    corners: list[list[tuple[int, int]]], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    legs = [
        path([(25.0 * x, 25.0 * y) for x, y in xs], rng.uniform(20, 70, len(xs) - 1).tolist())
        for xs in corners
    ]
    driving = load_municipality().driving
    driven = Motion(legs, driving, rng)
    for i, leg in enumerate(legs):
        length = np.linalg.norm(np.diff(leg.xy, axis=0), axis=1).sum()
        speed, metres = whole(driven, i)
        assert driven.km[i] * 1000 == pytest.approx(length)
        assert (speed[0], speed[-1]) == (0, 0)
        assert metres[0] == pytest.approx(0, abs=1e-6)
        assert metres[-1] == pytest.approx(length)
        assert (np.diff(metres) >= -1e-6).all()
        assert speed.max() <= leg.kmh.max() / 3.6 + 1e-9
        assert np.abs(np.diff(speed)).max() <= driving.accel_m_s2 + 1e-6
        ends = driven.at(np.array([i, i]), np.array([0, driven.seconds[i]])).xy
        assert ends == pytest.approx(leg.xy[[0, -1]], abs=1e-4)
