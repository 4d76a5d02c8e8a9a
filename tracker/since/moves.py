"""How two states of a plan differ: what moved out of a quarter, what came into it, and what was
done, dropped or new. It is pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tracker.milestone import MilestoneStatus
from tracker.quarter import Quarter


class Stood(NamedTuple):
    """How a milestone stood at a moment: its programme, the quarter in which it was due, None for
    none, and its status."""

    programme_id: str
    due: Quarter | None
    status: MilestoneStatus


class Move(StrEnum):
    """How a milestone stands otherwise than before."""

    #: It is due in another quarter.
    MOVED = "moved"
    DONE = "done"
    MERGED = "merged"
    DROPPED = "dropped"
    #: It was done, merged or dropped, and is open again.
    REOPENED = "reopened"
    ADDED = "added"
    #: The last document lacks it.
    GONE = "gone"


class Moved(NamedTuple):
    """A milestone that stands otherwise, and the quarters in which it was and is due."""

    milestone_id: str
    move: Move
    before: Quarter | None
    after: Quarter | None


_ENDS = {
    MilestoneStatus.DONE: Move.DONE,
    MilestoneStatus.MERGED: Move.MERGED,
    MilestoneStatus.DROPPED: Move.DROPPED,
}


def moves(before: Mapping[str, Stood], after: Mapping[str, Stood]) -> Sequence[Moved]:
    """How the milestones of the state `after` stand otherwise than `before`, in its order; those
    that are gone come last. What was done and moved was done."""
    found: list[Moved] = []
    for key, now in after.items():
        then = before.get(key)
        if then is None:
            found.append(Moved(key, Move.ADDED, None, now.due))
        elif then.status != now.status and now.status in _ENDS:
            found.append(Moved(key, _ENDS[now.status], then.due, now.due))
        elif now.status.is_open and not then.status.is_open:
            found.append(Moved(key, Move.REOPENED, then.due, now.due))
        elif then.due != now.due:
            found.append(Moved(key, Move.MOVED, then.due, now.due))
    found += [
        Moved(key, Move.GONE, then.due, None) for key, then in before.items() if key not in after
    ]
    return found


@dataclass(frozen=True, slots=True)
class QuarterMoves:
    """What moved out of a quarter and what came into it, new milestones among them."""

    quarter: Quarter
    out: Sequence[Moved]
    into: Sequence[Moved]


def moves_of(moved: Sequence[Moved], quarter: Quarter) -> QuarterMoves:
    """What moved out of a quarter and came into it."""
    left = [one for one in moved if one.move is Move.MOVED and one.before == quarter]
    came = {Move.MOVED, Move.ADDED}
    return QuarterMoves(
        quarter, left, [one for one in moved if one.move in came and one.after == quarter]
    )
