"""The addresses and words of meetings and calendars."""

from api.door.needs import Welcome, get, post
from api.pages.frame.subject import Subject
from api.pages.meetings import calendars, meetings
from api.pages.meetings.labels import VOCABULARY
from fleet.actor import Permission

MEETINGS = Subject(
    routes=(
        get("/plan/meetings", meetings.show_meetings, Permission.FIGURES_READ),
        post("/plan/meetings", meetings.add, Permission.PLAN_MANAGE),
        get("/plan/meetings/{meeting_id}", meetings.show_meeting, Permission.FIGURES_READ),
        post("/plan/meetings/{meeting_id}", meetings.change, Permission.PLAN_MANAGE),
        post("/plan/meetings/{meeting_id}/agenda", meetings.change_agenda, Permission.PLAN_MANAGE),
        get("/plan/meetings/{meeting_id}/agenda.pdf", meetings.send_pdf, Permission.FIGURES_READ),
        get(
            "/plan/meetings/{meeting_id}/agenda.xlsx",
            meetings.send_workbook,
            Permission.FIGURES_READ,
        ),
        get("/plan/calendars", calendars.show_calendars, Permission.PLAN_MANAGE),
        post("/plan/calendars", calendars.add, Permission.PLAN_MANAGE),
        post("/plan/calendars/{calendar_id}/end", calendars.end, Permission.PLAN_MANAGE),
        get("/plan/calendar.ics", calendars.send_calendar, Welcome.ANYBODY),
    ),
    vocabulary=VOCABULARY,
)
