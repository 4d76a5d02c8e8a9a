"""What stands on the agendas of meetings, and what is offered to them: what is political or to be
decided, at the last meeting before its day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from db.connect import Pool
from db.statements import statements
from tracker.meetings.meetings import Meeting, meetings
from tracker.milestone import Milestone
from tracker.milestones import milestones_of

SQL = statements("plan_meeting")


@dataclass(frozen=True, slots=True)
class Agenda:
    """The milestones on the agenda of a meeting, and those that are offered to it, each the
    earliest day first."""

    meeting: Meeting
    items: Sequence[Milestone]
    offered: Sequence[Milestone]


async def agendas(pool: Pool, today: date, plan_id: int | None = None) -> Sequence[Agenda]:
    """The agendas of all meetings, of the milestones of all plans or of one."""
    rows = await pool.fetch(SQL["to_decide"], plan_id)
    found = await milestones_of(pool, [row["milestone_id"] for row in rows])
    return agendas_of(await meetings(pool), list(found.values()), today)


def agendas_of(
    kept: Sequence[Meeting], milestones: Sequence[Milestone], today: date
) -> Sequence[Agenda]:
    """The agendas of meetings. A milestone is offered while it is open and stands on the agenda of
    no meeting to come."""
    by_id = {one.meeting_id: one for one in kept}
    items: dict[int, list[Milestone]] = {}
    offers: dict[int, list[Milestone]] = {}
    for one in sorted(milestones, key=lambda one: (deadline(one) or date.max, one.rank)):
        own = None if one.meeting_id is None else by_id.get(one.meeting_id)
        if own is not None:
            items.setdefault(own.meeting_id, []).append(one)
        if one.status.is_open and one.is_taken and (own is None or own.day < today):
            best = _best(kept, one, today)
            if best is not None:
                offers.setdefault(best.meeting_id, []).append(one)
    return [
        Agenda(one, items.get(one.meeting_id, ()), offers.get(one.meeting_id, ())) for one in kept
    ]


def deadline(one: Milestone) -> date | None:
    """The day before which something is to be decided of a milestone, or else the last day of its
    quarter; None: neither is set."""
    if one.decision is not None and one.decision.before is not None:
        return one.decision.before
    return None if one.due is None else one.due.last_day


def next_meetings(found: Sequence[Agenda]) -> Mapping[str, Meeting]:
    """The meeting of each milestone on an agenda, by its id."""
    return {one.milestone_id: agenda.meeting for agenda in found for one in agenda.items}


def _best(kept: Sequence[Meeting], one: Milestone, today: date) -> Meeting | None:
    """The meeting to which a milestone is offered: of those to come of who is to decide it, or of
    any where none is theirs, the last one in time, or else the first one."""
    coming = [meeting for meeting in kept if meeting.day >= today]
    by = "" if one.decision is None else one.decision.by.casefold()
    own = [meeting for meeting in coming if meeting.committee.casefold() == by] or coming
    day = deadline(one)
    in_time = [meeting for meeting in own if day is not None and meeting.day <= day]
    return (in_time[-1:] or own[:1] or [None])[0]
