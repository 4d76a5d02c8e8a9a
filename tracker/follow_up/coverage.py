"""How many owners have answered a follow-up, and who is silent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db.connect import Pool
from db.scope.seen import unscoped
from tracker.contacts import Contact, contacts
from tracker.follow_up.links import Reason, SentLink, links
from tracker.follow_up.rounds import FollowUp, wanted_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerAnswer:
    """How an owner stands in a follow-up, or who was asked for others: of how many milestones they
    own a word is `wanted`, and of how many of these nobody has said anything (`silent`).

    `instead` is who was asked for them, where they cannot be written to: "" is nobody.
    `asked_at`, `reminded_at` and `has_link` tell of the links of the contact themself.
    """

    contact: Contact
    wanted: int
    silent: int
    is_reachable: bool
    instead: str
    asked_at: datetime | None
    reminded_at: datetime | None
    has_link: bool

    @property
    def has_answered(self) -> bool:
        """Whether of all that they own something was said."""
        return self.wanted > 0 and not self.silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Who has answered a follow-up: those who are silent first. `unowned` are the milestones
    without an owner of which nobody has said anything."""

    follow_up: FollowUp
    people: Sequence[OwnerAnswer]
    unowned: int

    @property
    def owners(self) -> int:
        """How many owners are to answer."""
        return sum(one.wanted > 0 for one in self.people)

    @property
    def answered(self) -> int:
        return sum(one.has_answered for one in self.people)

    @property
    def silent(self) -> int:
        """How many owners have milestones of which nobody has said anything."""
        return sum(one.silent > 0 for one in self.people)

    @property
    def unreachable(self) -> int:
        """How many of these cannot be written to, and nobody instead of them."""
        return sum(
            one.silent > 0 and not one.is_reachable and not one.instead for one in self.people
        )


@unscoped
async def coverage(pool: Pool, one: FollowUp) -> Coverage:
    """Tells which people have answered a follow-up."""
    wanted = [each for each in await wanted_of(pool, one) if each.is_counted]
    known: dict[int, list[SentLink]] = {}
    for link in await links(pool, one.follow_up_id):
        known.setdefault(link.contact_id, []).append(link)
    names = {person.contact_id: person for person in await contacts(pool)}
    people: list[OwnerAnswer] = []
    for contact_id in dict.fromkeys(
        (*(each.owner_id for each in wanted if each.owner_id is not None), *known)
    ):
        own = [each for each in wanted if each.owner_id == contact_id]
        sent = known.get(contact_id, [])
        lines = [each.line for each in wanted if contact_id in (each.owner_id, *each.line)]
        others = dict.fromkeys(each.line[0] for each in own if each.line)
        people.append(
            OwnerAnswer(
                contact=names[contact_id],
                wanted=len(own),
                silent=sum(each.is_silent for each in own),
                is_reachable=any(contact_id in line for line in lines),
                instead=", ".join(names[each].name for each in others if each != contact_id),
                asked_at=min((link.made_at for link in sent), default=None),
                reminded_at=max(
                    (link.made_at for link in sent if link.reason is Reason.REMINDED), default=None
                ),
                has_link=any(link.is_live for link in sent),
            )
        )
    people.sort(key=lambda each: (not each.silent, not each.wanted, each.contact.name.casefold()))
    return Coverage(
        follow_up=one,
        people=people,
        unowned=sum(each.owner_id is None and each.is_silent for each in wanted),
    )
