"""What was promised for a quarter, and what became of it. It is pure."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from tracker.milestone import MilestoneStatus
from tracker.quarter import Quarter
from tracker.since.moves import Stood


class Outcome(StrEnum):
    """What became of a milestone that was promised for a quarter."""

    KEPT = "kept"
    #: The quarter is not over, and it is still due in it.
    PENDING = "pending"
    #: Another milestone stands for it.
    MERGED = "merged"
    #: It was done after the quarter.
    REACHED_LATER = "reached_later"
    #: It is due in a later quarter now, or in none.
    MOVED = "moved"
    DROPPED = "dropped"
    #: The quarter ended, and it is open.
    NOT_REACHED = "not_reached"
    #: The last document lacks it.
    GONE = "gone"

    @property
    def is_broken(self) -> bool:
        """Whether the promise was not kept."""
        return self not in (Outcome.KEPT, Outcome.PENDING, Outcome.MERGED)


class Promise(NamedTuple):
    """A milestone that was promised for a quarter, and the quarter in which it is due now."""

    milestone_id: str
    outcome: Outcome
    due: Quarter | None


def promises(
    promised: Mapping[str, Stood],
    at_end: Mapping[str, Stood],
    now: Mapping[str, Stood],
    quarter: Quarter,
    *,
    is_over: bool,
) -> Sequence[Promise]:
    """What became of what was open and due in a quarter when it began, as `promised` stood then.

    `at_end` stood when the quarter was over, and is `now` where it is not.
    """
    return [
        Promise(key, _outcome(at_end.get(key), now.get(key), quarter, is_over), _due(now.get(key)))
        for key, then in promised.items()
        if then.due == quarter and then.status.is_open
    ]


def _due(stood: Stood | None) -> Quarter | None:
    return None if stood is None else stood.due


def _outcome(end: Stood | None, now: Stood | None, quarter: Quarter, is_over: bool) -> Outcome:
    if end is not None and end.status is MilestoneStatus.DONE:
        return Outcome.KEPT
    if now is None:
        return Outcome.GONE
    match now.status:
        case MilestoneStatus.DONE:
            return Outcome.REACHED_LATER
        case MilestoneStatus.DROPPED:
            return Outcome.DROPPED
        case MilestoneStatus.MERGED:
            return Outcome.MERGED
        case _ if now.due != quarter:
            return Outcome.MOVED
        case _:
            return Outcome.NOT_REACHED if is_over else Outcome.PENDING
