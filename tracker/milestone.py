"""A milestone of a plan: its status as people say it, when it is due, and whether it is late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from tracker.facts import FactAnswer
from tracker.quarter import Quarter, quarter_of


class MilestoneStatus(StrEnum):
    """The status of a milestone as people set it. `is_late` computes whether it is late."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    #: It is due in another quarter than the plan has.
    POSTPONED = "postponed"
    #: Another milestone stands for it.
    MERGED = "merged"
    #: It is given up, for a reason.
    DROPPED = "dropped"

    #: Members are counted by the ten thousand; the hash of an enumeration is slow.
    __hash__ = str.__hash__

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do."""
        return self in _OPEN


#: Rows by the ten thousand name a status; to look it up takes a third of the time of making it.
STATUS_BY_VALUE: Mapping[str, MilestoneStatus] = {one.value: one for one in MilestoneStatus}

_OPEN = frozenset(
    {MilestoneStatus.NOT_STARTED, MilestoneStatus.IN_PROGRESS, MilestoneStatus.POSTPONED}
)


class Level(StrEnum):
    """Whether a milestone stands by itself or, as a rule, under another one."""

    TOP = "top"
    SUB = "sub"


def due_quarter(planned: Quarter | None, postponed: Quarter | None) -> Quarter | None:
    """The quarter at whose end a milestone is due; None: no day is set. `planned` is the last
    quarter that the plan gives it, `postponed` the one to which people moved it."""
    return postponed or planned


def is_late(status: MilestoneStatus, due: Quarter | None, *, is_taken: bool, now: Quarter) -> bool:
    """Whether a milestone is open although its quarter has ended before the quarter `now`. In a
    programme that nobody has taken, nothing is late."""
    return is_taken and due is not None and due < now and status.is_open


def status_in_force(
    said: MilestoneStatus, said_at: datetime | None, answer: FactAnswer | None
) -> MilestoneStatus:
    """The status that counts. A fact answers a milestone of which nobody has said anything, and
    never overwrites the word of a person."""
    if said_at is None and answer is not None and answer.holds:
        return MilestoneStatus.DONE
    return said


@dataclass(frozen=True, slots=True)
class Source:
    """Where the document has a milestone: lines count from 1, `page` is that of a PDF."""

    line_from: int | None
    line_to: int | None
    page: int | None


@dataclass(frozen=True, slots=True)
class NeededDecision:
    """Somebody is to decide something of a milestone; `before` which day, where it is known."""

    by: str
    before: date | None


@dataclass(frozen=True, slots=True)
class Person:
    """The contact who owns a milestone, or stands in for its owner."""

    contact_id: int
    name: str
    has_left: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A result of a plan, with the names of the initiative and programme that it belongs to.

    `text` are the words of the document and `own_words` what people call it in short, "" where they
    say nothing else. `year`, `quarter_from` and `quarter_to` are those of the plan, None where it
    gives none; `postponed` is the quarter to which people moved it. `said` is the status that
    people set last, `said_at` when they said something last, and `answer` what a fact of the system
    tells of it.

    `is_taken`: a person has confirmed the plan, or said how far a milestone of the programme is.
    The programme that comes with the system is nobody's until then.
    """

    milestone_id: str
    plan_id: int
    programme_id: str
    programme: str
    #: "" where it stands in the programme itself.
    initiative_id: str
    initiative: str
    section: str
    #: Its place among those of the plan, in the order of the document.
    rank: int
    document_id: str
    text: str
    own_words: str
    level: Level
    parent_id: str | None
    year: int | None
    quarter_from: int | None
    quarter_to: int | None
    quarter_as_written: str | None
    is_inferred: bool
    quarter_confirmed_by: str | None
    source: Source
    said: MilestoneStatus
    note: str
    postponed: Quarter | None
    merged_into: str | None
    said_at: datetime | None
    owner: Person | None
    deputy: Person | None
    centre: str
    is_political: bool
    decision: NeededDecision | None
    answer: FactAnswer | None
    gone_at: datetime | None
    follows: str | None
    #: The meeting on whose agenda it stands.
    meeting_id: int | None
    revision: int
    is_taken: bool

    @property
    def title(self) -> str:
        """The name by which people call it."""
        return self.own_words or self.text

    @property
    def status(self) -> MilestoneStatus:
        """The status that counts."""
        return status_in_force(self.said, self.said_at, self.answer)

    @property
    def planned(self) -> Quarter | None:
        """The last quarter that the plan gives it."""
        return quarter_of(self.year, self.quarter_to)

    @property
    def due(self) -> Quarter | None:
        """The quarter at whose end the milestone is due."""
        return due_quarter(self.planned, self.postponed)

    @property
    def needs_decision(self) -> bool:
        """Whether somebody is still to decide something of it."""
        return self.decision is not None and self.status.is_open

    def late(self, today: date) -> bool:
        """Whether the milestone is open although its quarter has ended."""
        return is_late(self.status, self.due, is_taken=self.is_taken, now=Quarter.of(today))


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneChange:
    """A change of a milestone: the values that the actor set, by the names of the columns, what
    stood there `before`, and when."""

    milestone_id: str
    content: Mapping[str, object]
    before: Mapping[str, object]
    actor: str
    at: datetime

    @property
    def status(self) -> MilestoneStatus | None:
        """The status that was said; None where something else was changed."""
        said = self.content.get("status")
        return None if said is None else MilestoneStatus(str(said))

    @property
    def note(self) -> str:
        """The note that was written with it."""
        return str(self.content.get("note", ""))


@dataclass(frozen=True, slots=True)
class OpenMilestones:
    """Open milestones of programmes that are taken, in the order of their quarters; those without
    one stand last.

    `late` has those whose quarter has ended, `coming` the others.
    """

    late: Sequence[Milestone]
    coming: Sequence[Milestone]


def open_milestones(milestones: Sequence[Milestone], today: date) -> OpenMilestones:
    """Those of `milestones` that are open on the day `today`, late and coming."""
    left = [one for one in milestones if one.is_taken and one.status.is_open]
    left.sort(key=lambda one: (one.due is None, one.due or Quarter(0, 0)))
    return OpenMilestones(
        [one for one in left if one.late(today)], [one for one in left if not one.late(today)]
    )
