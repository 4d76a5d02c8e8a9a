"""The views of meetings and calendars; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.frame.views import Section
from api.pages.plan.views import MilestoneRow, Option
from tracker.meetings.calendars import PlanCalendar
from tracker.meetings.meetings import Meeting


class MeetingNotice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    SAVED = "saved"
    REMOVED = "removed"
    AGENDA = "agenda"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A meeting with how many milestones stand on its agenda and how many are offered."""

    meeting: Meeting
    items: int
    offered: int
    is_past: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingsPage:
    """The page of GET /plan/meetings, those to come first. `waiting` are the milestones to decide
    on for which there is no meeting to come."""

    template: ClassVar[str] = "meetings/meetings.html"
    section: ClassVar[Section | None] = Section.PLAN

    part: ListPart[MeetingRow]
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: MeetingNotice | None = None


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """A milestone of an agenda, with the day before which it is to be decided."""

    milestone: MilestoneRow
    deadline: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingPage:
    """The page of a meeting with its agenda, and what is offered to it."""

    template: ClassVar[str] = "meetings/meeting.html"
    section: ClassVar[Section | None] = Section.PLAN

    meeting: Meeting
    items: Sequence[AgendaRow]
    offered: Sequence[AgendaRow]
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: MeetingNotice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarsPage:
    """The page of the addresses of a plan's calendar. `address` is that of one that was just made,
    which is shown only once."""

    template: ClassVar[str] = "meetings/calendars.html"
    section: ClassVar[Section | None] = Section.PLAN

    plans: Sequence[Option]
    plan_id: int | None
    calendars: Sequence[PlanCalendar]
    address: str = ""
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: MeetingNotice | None = None
