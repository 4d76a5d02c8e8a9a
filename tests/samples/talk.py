"""Sample views of what is said about proposals, what waits, and of sending."""

from dataclasses import replace
from datetime import date, timedelta

from api.pages.frame.views import PageView
from api.pages.proposals.views import ProposalPage
from api.pages.sendings import views
from api.pages.talk.views import TalkView
from optimiser.ledger.stored import OwnTask
from optimiser.talk.entries import Entry, EntryKind
from optimiser.talk.recipients import Head
from register.vehicles import Scope
from tests.samples.ledger import ROWS
from tests.samples.places import NOW
from tests.samples.proposals import PROPOSAL_PAGES, PROPOSALS

TODAY = date(2026, 11, 20)
HEAD = Head(
    account_id=2,
    name="Karen <Hjemmepleje>",
    departments=frozenset({"Vej & Park"}),
    has_address=True,
    scope=Scope(frozenset({"Vej & Park"}), frozenset(), frozenset()),
)
SENT = Entry(
    entry_id=1,
    kind=EntryKind.SENDING,
    key=PROPOSALS[1].decision.key,
    proposal_id=8,
    text="Hvad siger <b>I</b>?\nSvar gerne i denne uge.",
    account_id=1,
    recipient=2,
    recipient_name=HEAD.name,
    answer_day=TODAY - timedelta(days=1),
    answers=None,
    actor="Flådeenheden",
    at=NOW,
    waits=True,
)
QUESTION = replace(
    SENT,
    entry_id=2,
    kind=EntryKind.QUESTION,
    answer_day=None,
    recipient=None,
    recipient_name="",
    waits=False,
)
ANSWER = replace(QUESTION, entry_id=3, kind=EntryKind.ANSWER, answers=2, actor=HEAD.name)
TALK = TalkView(entries=(SENT, QUESTION, ANSWER), heads=(HEAD,), today=TODAY)

_PROPOSAL = PROPOSAL_PAGES["proposal"]
assert isinstance(_PROPOSAL, ProposalPage)

TALK_PAGES: dict[str, PageView] = {
    "proposal-talk": replace(
        _PROPOSAL,
        talk=TALK,
        values={"said": "<i>Nej</i>"},
        errors={"said": "The text may be at most 2,000 characters"},
    ),
    "proposal-silent": replace(
        _PROPOSAL, talk=TalkView(entries=(), heads=(), today=TODAY), values={}, errors={}
    ),
    "mine": views.MinePage(
        today=TODAY,
        for_them=[
            views.WaitingRow(SENT, PROPOSALS[1]),
            views.WaitingRow(replace(QUESTION, waits=True), None),
        ],
        of_others=[views.WaitingRow(replace(SENT, answer_day=TODAY), PROPOSALS[2])],
        tasks=[OwnTask(task=ROWS[0].tasks[0], row=ROWS[0])],
        by_mail=True,
        has_address=False,
        notice=views.Notice.SENT_BY_MAIL,
    ),
    "mine-empty": views.MinePage(
        today=TODAY,
        for_them=(),
        of_others=(),
        tasks=(),
        by_mail=False,
        has_address=False,
    ),
    "send": views.SendPage(
        heads=(HEAD, replace(HEAD, account_id=3, name="Anden")),
        head=HEAD,
        proposals=PROPOSALS[:3],
        sent=[PROPOSALS[0].proposal_id],
        chosen=[PROPOSALS[1].proposal_id],
        by_mail=True,
        values={"said": "<b>hej</b>", "answer_day": "2026-12-01"},
        errors={"proposal": "Choose at least one proposal"},
    ),
    "send-nothing": views.SendPage(
        heads=(HEAD,), head=HEAD, proposals=(), sent=(), chosen=(), by_mail=True
    ),
    "send-nobody": views.SendPage(
        heads=(), head=None, proposals=(), sent=(), chosen=(), by_mail=False
    ),
}
