"""Sample views of the pages of the follow-up of plans."""

from dataclasses import replace
from datetime import date

from api.pages.choices.list_parts import asked_part
from api.pages.follow_up import views
from api.pages.follow_up.forms import (
    CENTRE_CONTACT_GONE,
    DAY_PASSED,
    NO_NUMBER,
    NOTHING_SAID,
    PLAN_MISSING,
    QUARTER_UNCHOSEN,
    STANDS_MISSING,
    ItemFields,
    Progress,
)
from api.pages.frame.forms import FieldChange
from api.pages.frame.views import Choice, PageView
from api.pages.plan.forms import DECIDER_MISSING, DROP_UNEXPLAINED, QUARTER_MISSING
from tests.factories.milestones import PLAIN
from tests.samples.places import NOW
from tracker.contacts import Contact
from tracker.facts import Fact, FactAnswer
from tracker.follow_up.answers import Item
from tracker.follow_up.asking import Group
from tracker.follow_up.coverage import Coverage, OwnerAnswer
from tracker.follow_up.links import LinkState
from tracker.follow_up.rounds import FollowUp
from tracker.milestone import Milestone
from tracker.quarter import Quarter

FOLLOWED = FollowUp(
    follow_up_id=1,
    plan_id=1,
    plan="Årsplan for Natur og Miljø",
    quarter=Quarter(2026, 4),
    answer_by=date(2027, 1, 10),
    ends_on=date(2027, 1, 24),
    turn_to="Projektleder",
    turn_to_address="projekt@kommune.dk",
    opened_at=NOW,
    closed_at=None,
)

CONTACT = Contact(
    contact_id=1,
    name="Byteamet",
    centre="Center for Natur og Miljø",
    account_id=None,
    left_at=None,
    heard_at=NOW,
    revision=1,
)

EMPTY = {"progress": "", "note": "", "until": "", "decider": "", "before": ""}


def row(
    group: Group,
    milestone: Milestone,
    *,
    fields: ItemFields | None = None,
    is_answered: bool = False,
    values: tuple[views.ValueRow, ...] = (),
) -> views.AnswerRow:
    """A milestone on the page of a link."""
    return views.AnswerRow(
        item=Item(
            milestone=milestone, group=group, indicators=(), is_wanted=True, is_answered=is_answered
        ),
        fields=fields or ItemFields(EMPTY, EMPTY, 1),
        quarters=[Quarter(2027, 1), Quarter(2027, 2)],
        values=values,
        is_late=group is Group.EARLIER,
    )


LATE = replace(PLAIN, milestone_id="late", text="Aftale om lån af køretøjer mellem centrene")
NEXT = replace(PLAIN, milestone_id="next", text="Ladestandere ved materielgården", year=2026)
KNOWN = replace(
    PLAIN,
    milestone_id="known",
    text="Data er indsamlet",
    answer=FactAnswer(Fact.DATA_COLLECTED, holds=True, at=NOW, count=28),
)
VALUES = (
    views.ValueRow(1, "Ladestandere", "stk.", (), "12 stk.", NOW.date()),
    views.ValueRow(2, "Tilfredshed", "", ("lav", "høj"), "", None),
)
GROUPS = [
    (Group.EARLIER, [row(Group.EARLIER, LATE, is_answered=True)]),
    (
        Group.NOW,
        [row(Group.NOW, NEXT, values=VALUES)],
    ),
    (Group.COMING, [row(Group.COMING, replace(PLAIN, milestone_id="later"))]),
]

ANSWER = views.AnswerPage(
    token="t",
    name="Byteamet",
    follow_up=FOLLOWED,
    groups=GROUPS,
    answered=1,
    wanted=2,
    more=1,
    notice=views.Notice.ANSWERED_SOME,
)

CONTESTED = ItemFields(
    {**EMPTY, "progress": Progress.DROPPED.value, "note": "Opgivet"},
    EMPTY,
    2,
    [
        FieldChange("progress", "", Progress.DONE.value, Progress.DROPPED.value),
        FieldChange("note", "", "Færdig i går"),
    ],
)

WANTED = OwnerAnswer(
    contact=CONTACT,
    wanted=3,
    silent=1,
    is_reachable=True,
    instead="",
    asked_at=NOW,
    reminded_at=NOW,
    has_link=True,
)
COVERAGE = Coverage(
    follow_up=FOLLOWED,
    people=[
        replace(one, contact=replace(CONTACT, contact_id=number))
        for number, one in enumerate(
            (
                WANTED,
                replace(WANTED, silent=0, reminded_at=None, has_link=False),
                replace(WANTED, is_reachable=False, instead="Vejteamet", asked_at=None),
                replace(WANTED, is_reachable=False, asked_at=None, has_link=False),
                replace(WANTED, asked_at=None),
                replace(WANTED, wanted=0, silent=0),
            ),
            1,
        )
    ],
    unowned=2,
)


def follow_up_page(**parts: object) -> views.FollowUpPage:
    full: dict[str, object] = {
        "coverage": COVERAGE,
        "part": asked_part(COVERAGE.people, {}, "/plan/follow-up/1"),
        "is_open": True,
        "by_mail": True,
        "notice": views.Notice.STARTED,
    }
    return views.FollowUpPage(**{**full, **parts})  # pyright: ignore[reportArgumentType]


FOLLOW_UP_PAGES: dict[str, PageView] = {
    "follow-up-answer": ANSWER,
    "follow-up-answer-refused": replace(
        ANSWER,
        groups=[
            (
                Group.NOW,
                [row(Group.NOW, NEXT, fields=CONTESTED, values=VALUES), row(Group.NOW, KNOWN)],
            ),
            (Group.UNDATED, [row(Group.UNDATED, replace(KNOWN, milestone_id="x", answer=None))]),
        ],
        errors={
            "answers": NOTHING_SAID,
            "stands-next": STANDS_MISSING,
            "until-next": QUARTER_MISSING,
            "decider-next": DECIDER_MISSING,
            "note-next": DROP_UNEXPLAINED,
            "value-1": NO_NUMBER,
        },
        stray=["Mine ord", ""],
        notice=None,
    ),
    "follow-up-answer-contested": replace(
        ANSWER, groups=[(Group.NOW, [row(Group.NOW, NEXT, fields=CONTESTED)])], notice=None
    ),
    "follow-up-answer-nothing": replace(ANSWER, groups=[], wanted=0, more=0, notice=None),
    "follow-up-closed": views.LinkEndedPage(state=LinkState.CLOSED, follow_up=FOLLOWED),
    "follow-up-revoked": views.LinkEndedPage(
        state=LinkState.REVOKED, follow_up=replace(FOLLOWED, turn_to_address="")
    ),
    "follow-up-removed": views.LinkEndedPage(
        state=LinkState.REMOVED, follow_up=replace(FOLLOWED, is_removed=True)
    ),
    "follow-up-unknown": views.LinkEndedPage(state=None, follow_up=None),
    "follow-ups": views.FollowUpsPage(
        part=asked_part(
            [FOLLOWED, replace(FOLLOWED, plan="", closed_at=NOW)], {}, "/plan/follow-up"
        ),
        today=NOW.date(),
        plans=[Choice("1", "Årsplan"), Choice("2", "")],
        quarters=[Quarter(2026, 4), Quarter(2027, 1)],
        answer_days=10,
        centres=asked_part(
            [views.CentreRow("CAE", 1), views.CentreRow("Miljø", None)], {}, "/plan/follow-up"
        ),
        contacts=[CONTACT],
        by_mail=False,
        values={"quarter": "2026-4"},
        errors={
            "plan": PLAN_MISSING,
            "quarter": QUARTER_UNCHOSEN,
            "answer_by": DAY_PASSED,
            "centres": CENTRE_CONTACT_GONE,
        },
    ),
    "follow-ups-none": views.FollowUpsPage(
        part=asked_part([], {}, "/plan/follow-up"),
        today=NOW.date(),
        plans=[],
        quarters=[],
        answer_days=10,
        centres=asked_part([], {}, "/plan/follow-up"),
        contacts=[],
        by_mail=True,
    ),
    "follow-up": follow_up_page(),
    "follow-up-without-mail": follow_up_page(
        by_mail=False, link="https://flaade.kommune.dk/follow-up?token=abc", link_of="Byteamet"
    ),
    "follow-up-over": follow_up_page(
        is_open=False, part=asked_part([], {}, "/plan/follow-up/1"), notice=views.Notice.CLOSED
    ),
}
