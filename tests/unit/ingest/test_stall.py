"""A thing that waits longest for too long has stopped moving."""

from ingest.buffer.stall import StallDetector


def test_the_same_for_long_at_every_look_is_a_stall() -> None:
    stall = StallDetector(10)
    assert not stall.is_stalled("a", 100)
    assert not stall.is_stalled("a", 109)
    assert stall.is_stalled("a", 110)
    assert stall.is_stalled("a", 111)


def test_what_moves_or_is_accounted_for_is_none() -> None:
    stall = StallDetector(10)
    assert not any(stall.is_stalled(now // 9, now) for now in range(1_000))
    assert not stall.is_stalled("a", 2_000)
    assert not stall.is_stalled(None, 2_009)
    assert not stall.is_stalled("a", 2_011)
    assert not stall.is_stalled(None, 2_012)
    assert not stall.is_stalled(None, 3_000)
