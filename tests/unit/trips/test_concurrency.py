"""How many vehicles are out at a time, against a simulation minute by minute."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trips.use.concurrency import (
    OutSteps,
    departures_and_returns,
    mean_and_most_out,
    out_steps,
    peak,
)

MINUTES = 300

SPANS = st.lists(
    st.tuples(st.integers(0, MINUTES), st.integers(0, MINUTES)).map(lambda ends: sorted(ends)),
    max_size=25,
)


def simulated(spans: list[list[int]]) -> list[int]:
    """Vehicles out in each minute."""
    return [sum(start <= minute < end for start, end in spans) for minute in range(MINUTES)]


def steps(spans: list[list[int]]) -> OutSteps:
    seconds = np.array(spans, dtype=np.float64).reshape(-1, 2) * 60
    return out_steps(departures_and_returns(seconds, np.zeros(len(spans), dtype=np.int64)))


@given(SPANS)
def test_the_peak_and_its_moments_are_those_of_a_simulation_by_minute(spans):
    out = simulated(spans)
    found = peak(steps(spans))
    if not any(out):
        assert found is None
        return
    assert found is not None
    assert found.out == max(out)
    at_peak = {
        minute
        for start, end in found.spans.tolist()
        for minute in range(round(start / 60), round(end / 60))
    }
    assert at_peak == {minute for minute, level in enumerate(out) if level == max(out)}
    assert all(found.spans[1:, 0] > found.spans[:-1, 1])


@given(
    SPANS,
    st.sets(st.integers(0, MINUTES), min_size=2, max_size=12).map(lambda edges: sorted(edges)),
)
def test_mean_and_most_of_any_slots_are_those_of_a_simulation_by_minute(spans, edges):
    out = simulated(spans)
    mean, most = mean_and_most_out(steps(spans), np.array(edges, dtype=np.float64) * 60)
    for i, (start, end) in enumerate(pairwise(edges)):
        assert np.isclose(mean[i], np.mean(out[start:end]))
        assert most[i] == max(out[start:end])


def test_who_returns_at_a_moment_frees_the_vehicle_for_who_leaves_then():
    found = peak(steps([[0, 10], [10, 15]]))
    assert found is not None
    assert found.out == 1
    assert found.spans.tolist() == [[0.0, 900.0]]
