"""How two states of a plan differ, and what was kept of what was promised for a quarter."""

from tracker.milestone import MilestoneStatus
from tracker.quarter import Quarter
from tracker.since.moves import Move, Moved, Stood, moves, moves_of
from tracker.since.promises import Outcome, promises

Q3, Q4, NEXT = Quarter(2026, 3), Quarter(2026, 4), Quarter(2027, 1)
OPEN, DONE = MilestoneStatus.NOT_STARTED, MilestoneStatus.DONE
POSTPONED, DROPPED = MilestoneStatus.POSTPONED, MilestoneStatus.DROPPED
MERGED, UNDER_WAY = MilestoneStatus.MERGED, MilestoneStatus.IN_PROGRESS


def stood(due: Quarter | None, status: MilestoneStatus = OPEN) -> Stood:
    return Stood("p", due, status)


BEFORE = {
    "same": stood(Q4),
    "begun": stood(Q4),
    "out": stood(Q4),
    "into": stood(Q3),
    "done": stood(Q4),
    "done later": stood(Q4),
    "dropped": stood(Q4),
    "merged": stood(Q4),
    "again": stood(Q4, DONE),
    "no quarter": stood(Q4),
    "gone": stood(Q4),
}
AFTER = {
    "new": stood(Q4),
    "new elsewhere": stood(NEXT),
    "same": stood(Q4),
    "begun": stood(Q4, UNDER_WAY),
    "out": stood(NEXT, POSTPONED),
    "into": stood(Q4, POSTPONED),
    "done": stood(Q4, DONE),
    "done later": stood(NEXT, DONE),
    "dropped": stood(Q4, DROPPED),
    "merged": stood(Q4, MERGED),
    "again": stood(Q4),
    "no quarter": stood(None),
}


def test_what_stands_otherwise_is_told_once_by_what_it_means() -> None:
    assert {one.milestone_id: one.move for one in moves(BEFORE, AFTER)} == {
        "new": Move.ADDED,
        "new elsewhere": Move.ADDED,
        "out": Move.MOVED,
        "into": Move.MOVED,
        "done": Move.DONE,
        "done later": Move.DONE,
        "dropped": Move.DROPPED,
        "merged": Move.MERGED,
        "again": Move.REOPENED,
        "no quarter": Move.MOVED,
        "gone": Move.GONE,
    }
    assert moves(BEFORE, BEFORE) == []


def test_what_moved_out_of_a_quarter_and_came_into_it() -> None:
    found = moves_of(moves(BEFORE, AFTER), Q4)
    assert found.out == [
        Moved("out", Move.MOVED, Q4, NEXT),
        Moved("no quarter", Move.MOVED, Q4, None),
    ]
    assert found.into == [Moved("new", Move.ADDED, None, Q4), Moved("into", Move.MOVED, Q3, Q4)]


def outcomes(*, is_over: bool) -> dict[str, Outcome]:
    found = promises(BEFORE, AFTER, AFTER, Q4, is_over=is_over)
    return {one.milestone_id: one.outcome for one in found}


def test_a_promise_is_kept_broken_or_still_open() -> None:
    # What was due in another quarter or done before it began was not promised for it.
    assert outcomes(is_over=False) == {
        "same": Outcome.PENDING,
        "begun": Outcome.PENDING,
        "out": Outcome.MOVED,
        "done": Outcome.KEPT,
        "done later": Outcome.KEPT,
        "dropped": Outcome.DROPPED,
        "merged": Outcome.MERGED,
        "no quarter": Outcome.MOVED,
        "gone": Outcome.GONE,
    }
    assert outcomes(is_over=True)["same"] is Outcome.NOT_REACHED
    broken = {one for one, outcome in outcomes(is_over=True).items() if outcome.is_broken}
    assert broken == {"same", "begun", "out", "dropped", "no quarter", "gone"}


def test_what_was_reached_after_the_quarter_is_not_kept() -> None:
    (late,) = promises({"a": stood(Q4)}, {"a": stood(Q4)}, {"a": stood(Q4, DONE)}, Q4, is_over=True)
    assert late.outcome is Outcome.REACHED_LATER
    assert late.outcome.is_broken
    (kept,) = promises({"a": stood(Q4)}, {"a": stood(Q4, DONE)}, {"a": stood(Q4)}, Q4, is_over=True)
    assert kept.outcome is Outcome.KEPT
