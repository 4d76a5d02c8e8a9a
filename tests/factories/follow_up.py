"""A plan with owners who are asked how far their milestones are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from access.mail.sender import send_due
from api.pages.letters.follow_up import follow_up_words
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from fleet.localtime import local_now
from tests.factories.mail_server import SENDER, Inbox
from tracker.contacts import ContactDetails, add_contact
from tracker.follow_up.links import Link, link_of
from tracker.follow_up.rounds import FollowUp, follow_up, open_follow_up
from tracker.follow_up.telling import tell_owners
from tracker.quarter import Quarter
from tracker.saying import Assignment, assign
from tracker.typed import (
    ProgrammeDetails,
    TypedMilestone,
    TypedSpan,
    add_milestone,
    add_programme,
    add_typed_plan,
)

KEEPER = Actor.trusted("Planlægger")

#: The address of a link in the text of a mail.
LINK = re.compile(r"/follow-up\?token=(\S+)")


def with_mail(settings: Settings, inbox: Inbox) -> Settings:
    """The settings with the mail server of a test."""
    told = {"smtp_host": "127.0.0.1", "smtp_port": inbox.port, "smtp_from": SENDER}
    return settings.model_copy(update=told)


def this_quarter() -> Quarter:
    """The quarter that is followed up: the present one."""
    return Quarter.of(local_now().date())


#: What milestones are made of: the quarter, the owner, the deputy and the centre.
Owned = tuple[Quarter | None, str | None, str | None, str]


@dataclass(frozen=True)
class OwnedPlan:
    """A plan with milestones by their words, and contacts by their names."""

    pool: Pool
    settings: Settings
    inbox: Inbox
    plan_id: int
    milestones: Mapping[str, str]
    people: Mapping[str, int]

    async def begin(self, days: int = 20, quarter: Quarter | None = None) -> FollowUp:
        """Begin the follow-up of the quarter, with answers in so many days, and send the mails."""
        day = local_now().date() + timedelta(days=days)
        number = await open_follow_up(
            self.pool, KEEPER, self.plan_id, quarter or this_quarter(), day, self.settings
        )
        one = await follow_up(self.pool, number)
        await self.tell(one)
        return one

    async def tell(self, one: FollowUp) -> int:
        """Do what the job does, and what the sender of mails does after it."""
        words = follow_up_words(self.settings)
        made = await tell_owners(self.pool, KEEPER, one, words, self.settings)
        await send_due(self.pool, self.inbox.server)
        return made

    async def at(self, one: FollowUp, days: int) -> FollowUp:
        """The follow-up as it is so many days after the day by which owners are to answer."""
        day = local_now().date() - timedelta(days=days)
        await self.pool.execute(
            "UPDATE follow_up SET due_on = $2, ends_on = $3 WHERE follow_up_id = $1",
            one.follow_up_id,
            day,
            day + timedelta(days=30),
        )
        await self.pool.execute("UPDATE follow_up_link SET made_at = made_at - interval '3 days'")
        return await follow_up(self.pool, one.follow_up_id)

    def tokens(self, address: str) -> Sequence[str]:
        """The tokens of the links that an address got, the first one first."""
        return [
            LINK.findall(message.get_content())[0]
            for recipient, message in self.inbox.taken
            if recipient == address
        ]

    async def link(self, token: str) -> Link:
        found = await link_of(self.pool, token)
        assert found is not None, "there is such a link"
        return found


async def owned_plan(
    pool: Pool,
    settings: Settings,
    inbox: Inbox,
    people: Mapping[str, str],
    milestones: Mapping[str, Owned],
) -> OwnedPlan:
    """A plan with contacts by their names and addresses, and milestones by their words, each with
    its quarter, owner, deputy and centre."""
    plan_id = await add_typed_plan(pool, KEEPER, "Årsplan", this_quarter().year)
    details = ProgrammeDetails(name="Program")
    programme_id = await add_programme(pool, KEEPER, plan_id, details)
    ids = {
        name: await add_contact(pool, KEEPER, ContactDetails(name=name, email=address))
        for name, address in people.items()
    }
    made: dict[str, str] = {}
    for text, (quarter, owner, deputy, centre) in milestones.items():
        spans = [] if quarter is None else [TypedSpan.of(quarter)]
        typed = TypedMilestone(programme_id=programme_id, text=text, spans=spans)
        (made[text],) = await add_milestone(pool, KEEPER, typed)
        assignment = Assignment(
            owner_id=None if owner is None else ids[owner],
            deputy_id=None if deputy is None else ids[deputy],
            centre=centre,
        )
        await assign(pool, KEEPER, [made[text]], assignment)
    return OwnedPlan(pool, with_mail(settings, inbox), inbox, plan_id, made, ids)
