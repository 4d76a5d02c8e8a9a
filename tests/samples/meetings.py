"""Sample views of meetings and calendars."""

from dataclasses import replace

from api.pages.choices.list_parts import asked_part
from api.pages.frame.views import PageView
from api.pages.meetings.calendars import LABEL_MISSING
from api.pages.meetings.meetings import MEETING_WRONG
from api.pages.meetings.views import (
    AgendaRow,
    CalendarsPage,
    MeetingNotice,
    MeetingPage,
    MeetingRow,
    MeetingsPage,
)
from api.pages.plan.views import Option
from tests.samples.places import NOW
from tests.samples.plan import MILESTONES
from tracker.meetings.calendars import PlanCalendar
from tracker.meetings.meetings import Meeting

MEETING = Meeting(meeting_id=1, committee="Udvalg <A>", day=NOW.date(), revision=2)
CALENDAR = PlanCalendar(
    calendar_id=1,
    plan_id=1,
    label="Sekretariatet <x>",
    language="da",
    shows_owners=True,
    made_by="x",
    made_at=NOW,
    last_used_at=NOW,
    ended_at=None,
)

MEETING_PAGES: dict[str, PageView] = {
    "meetings": MeetingsPage(
        part=asked_part(
            [MeetingRow(MEETING, 2, 1, False), MeetingRow(MEETING, 0, 0, True)],
            {},
            "/plan/meetings",
        ),
        values={"committee": "", "day": "2026-03-10"},
        errors={"committee": MEETING_WRONG},
    ),
    "meetings-none": MeetingsPage(
        part=asked_part([], {}, "/plan/meetings"), notice=MeetingNotice.REMOVED
    ),
    "meeting": MeetingPage(
        meeting=MEETING,
        items=[AgendaRow(MILESTONES[1], NOW.date())],
        offered=[AgendaRow(MILESTONES[0], None)],
        values={"committee": "Udvalg <A>", "day": "2026-11-20"},
        notice=MeetingNotice.AGENDA,
    ),
    "meeting-empty": MeetingPage(
        meeting=MEETING, items=[], offered=[], errors={"committee": MEETING_WRONG}
    ),
    "plan-calendars": CalendarsPage(
        plans=[Option("1", "Årsplan", True), Option("2", "", False)],
        plan_id=1,
        calendars=[
            CALENDAR,
            replace(CALENDAR, calendar_id=2, shows_owners=False, last_used_at=None, ended_at=NOW),
        ],
        address="https://flaade.example.org/plan/calendar.ics?token=x",
        errors={"label": LABEL_MISSING},
    ),
    "plan-calendars-none": CalendarsPage(plans=[], plan_id=None, calendars=[]),
}
