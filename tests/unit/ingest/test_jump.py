"""What cannot have been driven is refused; what was driven never is."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.gate.jumps import DEGREE_M, BelievedFixes, JumpLimits, find_jumps
from ingest.protocols.position_columns import Fix

LIMITS = JumpLimits(speed_between_max_kmh=300, noise_m=200, confirmations=3)
START = datetime(2026, 11, 20, 10, tzinfo=UTC)


def at(second: float, north_km: float) -> Fix:
    """A fix so many seconds after the start and so far north of it."""
    return START + timedelta(seconds=second), 55.0 + north_km * 1000 / DEGREE_M, 12.5


def refused(*fixes: Fix, known: BelievedFixes | None = None) -> list[int]:
    return list(judged(known or BelievedFixes(), fixes))


def judged(known: BelievedFixes, fixes: Sequence[Fix]) -> dict[int, tuple[float, float]]:
    """`find_jumps` of one device."""
    return find_jumps({"d1": known}, ["d1"] * len(fixes), fixes, LIMITS)


def test_a_wild_fix_is_refused_and_the_good_ones_around_it_are_not() -> None:
    drive = [at(10 * n, 0.2 * n) for n in range(6)]
    drive[3] = at(30, 80)
    assert refused(*drive) == [3]


def test_a_slow_ferry_and_a_parked_night_are_no_jumps() -> None:
    assert refused(at(0, 0), at(3_600, 40), at(12 * 3_600, 900)) == []


def test_noise_is_no_jump_however_short_the_time() -> None:
    assert refused(*(at(0.1 * n, 0.15 * (n % 2)) for n in range(40))) == []


def test_a_new_place_is_believed_when_enough_fixes_agree_on_it() -> None:
    """One message at a time; the tracker was moved to a vehicle far away."""
    known = BelievedFixes()
    moved = [at(0, 0), at(60, 500), at(70, 500.1), at(80, 500.2), at(90, 500.3)]
    assert [refused(one, known=known) for one in moved] == [[], [0], [0], [], []]


def test_within_a_message_those_that_are_confirmed_are_believed_too() -> None:
    assert refused(at(0, 0), at(60, 500), at(70, 500.1), at(80, 500.2)) == []


def test_a_wrong_fix_believed_first_does_not_hold_the_device_back() -> None:
    known = BelievedFixes()
    assert refused(at(0, 700), known=known) == []
    answers = [refused(at(10 * n, 0.1 * n), known=known) for n in range(1, 8)]
    assert answers == [[0], [0], [], [], [], [], []]


def test_a_refused_fix_sent_again_is_refused_again_and_never_confirms_itself() -> None:
    known = BelievedFixes()
    message = [at(0, 0), at(10, 90), at(20, 0.2)]
    for _ in range(5):
        assert refused(*message, known=known) == [1]
    alone = BelievedFixes()
    refused(at(0, 0), known=alone)
    assert [refused(at(10, 90), known=alone) for _ in range(5)] == [[0]] * 5


def test_what_comes_late_is_not_judged() -> None:
    known = BelievedFixes()
    assert refused(at(100, 0), at(50, 90), at(110, 0), known=known) == []
    assert known.last == at(110, 0)


@given(
    st.lists(
        st.tuples(st.floats(0.5, 600), st.floats(-290, 290)),
        min_size=1,
        max_size=60,
    ),
    st.integers(1, 20),
)
def test_what_can_be_driven_is_never_refused_however_it_is_split(
    legs: list[tuple[float, float]], size: int
) -> None:
    second, north_km = 0.0, 0.0
    drive = [at(0, 0)]
    for seconds, kmh in legs:
        second += seconds
        north_km += kmh * seconds / 3600
        drive.append(at(second, north_km))
    known = BelievedFixes()
    for first in range(0, len(drive), size):
        assert refused(*drive[first : first + size], known=known) == []


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 300), st.floats(-20, 20)), max_size=40
    ),
    st.integers(1, 12),
)
def test_devices_that_come_together_are_judged_as_if_each_came_alone(
    points: list[tuple[str, int, float]], size: int
) -> None:
    together = {device: BelievedFixes() for device in "abc"}
    alone = {device: BelievedFixes() for device in "abc"}
    for first in range(0, len(points), size):
        message = points[first : first + size]
        devices = [device for device, _, _ in message]
        fixes = [at(second, north_km) for _, second, north_km in message]
        found = find_jumps(together, devices, fixes, LIMITS)
        for device in alone:
            own = [index for index, one in enumerate(devices) if one == device]
            refused_alone = judged(alone[device], [fixes[index] for index in own])
            assert {own[at]: why for at, why in refused_alone.items()} == {
                index: why for index, why in found.items() if devices[index] == device
            }
    assert together == alone


@given(st.lists(st.tuples(st.integers(0, 5_000), st.floats(-2_000, 2_000)), max_size=80))
def test_whatever_comes_the_state_stays_small_and_three_good_fixes_end_it(
    points: list[tuple[int, float]],
) -> None:
    known = BelievedFixes()
    for second, north_km in points:
        judged(known, [at(second, north_km)])
    assert len(known.refused) <= 16
    for n in range(3):
        judged(known, [at(6_000 + n, 0)])
    assert judged(known, [at(6_010, 0)]) == {}


@pytest.mark.parametrize(("file", "wild"), [("gotrack", 1), ("ved_ev", 0), ("pilot_ignition", 0)])
def test_of_real_tracks_only_fixes_that_leap_out_and_back_are_refused(
    shared_data: Path, file: str, wild: int
) -> None:
    table = pq.read_table(shared_data / f"{file}.parquet").sort_by(
        [("device", "ascending"), ("ts", "ascending")]
    )
    rows = zip(
        *(table.column(name).to_pylist() for name in ("device", "ts", "lat", "lon")), strict=True
    )
    tracks: dict[str, list[Fix]] = {}
    for device, *fix in rows:
        tracks.setdefault(device, []).append(tuple(fix))
    found = 0
    for track in tracks.values():
        known = BelievedFixes()
        for index, fix in enumerate(track):
            if judged(known, [fix]):
                found += 1
                both_ways = (track[index - 1], fix), (fix, track[index + 1])
                assert all(judged(BelievedFixes(last), [next_one]) for last, next_one in both_ways)
    assert found == wild
