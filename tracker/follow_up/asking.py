"""Who is asked for a milestone in a follow-up, and which milestones are somebody's.

It knows neither clock nor database.

A milestone has a line of people who are asked for it, one after the other: its owner, its deputy,
the contact of its centre. Who has left or has no address is not in the line, so that where an owner
cannot be written to, the next one is asked at once.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from tracker.milestone import MilestoneStatus
from tracker.quarter import Quarter

#: The places in a line: the owner, the deputy, the centre.
LAST_STEP = 2


class Group(StrEnum):
    """The milestones of a page, in their order."""

    EARLIER = "earlier"
    #: Due in the quarter that is followed up.
    NOW = "now"
    UNDATED = "undated"
    COMING = "coming"


class Line(NamedTuple):
    """The people who answer for a milestone, by the ids of contacts; None: nobody."""

    owner_id: int | None
    deputy_id: int | None
    centre_contact_id: int | None

    def reached(self, reachable: Collection[int]) -> Sequence[int]:
        """Those who are asked, the first one first."""
        named = dict.fromkeys(one for one in self if one is not None)
        return [one for one in named if one in reachable]


class Wanted(NamedTuple):
    """A milestone of which a follow-up wants to hear: whose it is, who is asked (`line`), and how
    it stands. `is_silent`: nobody has said anything of it since the follow-up began."""

    milestone_id: str
    owner_id: int | None
    line: Sequence[int]
    group: Group
    status: MilestoneStatus
    is_silent: bool
    #: Somebody has said something of it since the follow-up began.
    is_answered: bool
    #: A fact of the system says that it is done, and no person has said anything.
    is_answered_by_fact: bool

    @property
    def is_counted(self) -> bool:
        """Whether its owner is to answer for it in the quarter, or has: what they postpone out of
        it is answered, too."""
        is_moved = self.is_answered and self.status is MilestoneStatus.POSTPONED
        is_of_quarter = self.group is not Group.COMING or is_moved
        return is_of_quarter and (self.status.is_open or self.is_answered)

    @property
    def is_shown(self) -> bool:
        """Whether it stands on the page of who answers for it."""
        if self.is_answered_by_fact:
            return self.group is not Group.COMING
        return self.status.is_open or self.is_answered


def group_of(due: Quarter | None, quarter: Quarter) -> Group:
    """The group of a milestone that is due in a quarter, in the follow-up of `quarter`."""
    if due is None:
        return Group.UNDATED
    if due == quarter:
        return Group.NOW
    return Group.EARLIER if due < quarter else Group.COMING


def theirs(wanted: Collection[Wanted], contact_id: int, step: int) -> Sequence[Wanted]:
    """The milestones on the page of a contact who is asked up to a step of each line."""
    order = list(Group)
    shown = [one for one in wanted if one.is_shown and contact_id in one.line[: step + 1]]
    return sorted(shown, key=lambda one: order.index(one.group))


def silent_for(wanted: Collection[Wanted], step: int) -> Mapping[int, int]:
    """The number of silent milestones of which each contact is asked at a step."""
    counts: dict[int, int] = {}
    for one in wanted:
        if one.is_counted and one.is_silent and len(one.line) > step:
            counts[one.line[step]] = counts.get(one.line[step], 0) + 1
    return counts


class Days(NamedTuple):
    """The days of a follow-up: the one by which answers are asked for, how many days before it
    people are reminded, and how many lie between asking the deputy and asking the centre."""

    answer_by: date
    remind_days: int
    fallback_days: int

    def is_reminding(self, today: date) -> bool:
        """Whether who is silent is reminded on this day, if they were not before."""
        return self.answer_by - timedelta(days=self.remind_days) <= today <= self.answer_by

    def steps(self, today: date) -> Sequence[int]:
        """The steps of the line that are asked on this day, each only once."""
        if today <= self.answer_by:
            return (0,)
        is_last = today > self.answer_by + timedelta(days=self.fallback_days)
        return (0, 1, 2) if is_last else (0, 1)
