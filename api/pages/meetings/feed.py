"""The calendar of a plan in words: its milestones at the ends of their quarters, the meetings on
whose agendas they stand, and the days before which something is to be decided."""

from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from api.pages.plan.overview import plan_name
from api.pages.plan.shipped_words import say_programme
from api.pages.plan_status.words import DocumentWords
from api.pages.words.language import Language, mark
from api.settings import Settings
from db.connect import Pool
from fleet.localtime import local_now
from reports.calendar import CalendarDay, calendar
from tracker.meetings.agenda import Agenda, agendas
from tracker.milestone import Milestone, MilestoneStatus
from tracker.milestones import milestones
from tracker.plans import plan

_ENDED = (MilestoneStatus.DROPPED, MilestoneStatus.MERGED)


async def plan_calendar(
    pool: Pool, settings: Settings, plan_id: int, language: Language, *, shows_owners: bool
) -> bytes:
    """The calendar of a plan as it is now. What was given up or merged is left out.

    Raises:
        NoPlanError: there is no such plan.
    """
    one = await plan(pool, plan_id)
    own = [
        milestone for milestone in await milestones(pool, plan_id) if milestone.status not in _ENDED
    ]
    found = await agendas(pool, local_now().date(), plan_id)
    writer = _Writer(settings.pages_address, language, shows_owners)
    days = [*writer.milestones(own), *writer.decisions(own), *writer.meetings(found)]
    return calendar(plan_name(one), days, local_now())


class _Writer:
    def __init__(self, address: str, language: Language, shows_owners: bool) -> None:
        self.address, self.language, self.shows_owners = address, language, shows_owners
        self.host = urlsplit(address).hostname or ""
        self.words = DocumentWords(language)

    def milestones(self, own: Sequence[Milestone]) -> Sequence[CalendarDay]:
        return [
            CalendarDay(
                uid=f"milestone-{one.milestone_id}@{self.host}",
                day=one.due.last_day,
                summary=self.title(one)
                if one.status is not MilestoneStatus.DONE
                else self.words(mark("Done: %(title)s"), title=self.title(one)),
                description=self.told(one),
                url=self.url(one),
                sequence=one.revision,
            )
            for one in own
            if one.due is not None
        ]

    def decisions(self, own: Sequence[Milestone]) -> Sequence[CalendarDay]:
        return [
            CalendarDay(
                uid=f"decision-{one.milestone_id}@{self.host}",
                day=one.decision.before,
                summary=self.words(
                    mark("To be decided by %(by)s: %(title)s"),
                    by=one.decision.by,
                    title=self.title(one),
                ),
                description=self.told(one),
                url=self.url(one),
                sequence=one.revision,
            )
            for one in own
            if one.needs_decision and one.decision is not None and one.decision.before is not None
        ]

    def meetings(self, found: Sequence[Agenda]) -> Sequence[CalendarDay]:
        return [
            CalendarDay(
                uid=f"meeting-{one.meeting.meeting_id}@{self.host}",
                day=one.meeting.day,
                summary=one.meeting.committee,
                description="\n".join(self.title(item) for item in one.items),
                url=f"{self.address}/plan/meetings/{one.meeting.meeting_id}",
                sequence=one.meeting.revision,
            )
            for one in found
        ]

    def title(self, one: Milestone) -> str:
        return say_programme(one.title, self.language)

    def told(self, one: Milestone) -> str:
        lines = [say_programme(one.programme, self.language), self.words.label(one.status)]
        if one.centre:
            lines.append(one.centre)
        if self.shows_owners and one.owner is not None and not one.owner.has_left:
            lines.append(self.words(mark("Owner: %(name)s"), name=one.owner.name))
        return "\n".join(lines)

    def url(self, one: Milestone) -> str:
        return f"{self.address}/plan/milestones/{quote(one.milestone_id, safe='')}"
