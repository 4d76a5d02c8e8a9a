"""The links by which contacts answer without an account: each is made, read, sent anew and revoked.

A link is bound to a contact and to the quarter of a plan. Only the hash of its token is stored, and
the text of a mail goes with its sending.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from access.mail.outbox import put_mail_to, withdraw_mail
from access.secret import new_secret, secret_sha256
from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.localtime import local_now
from tracker.follow_up.letters import News, Words
from tracker.follow_up.rounds import (
    PART,
    FollowUp,
    FollowUpRefusedError,
    NoFollowUpError,
    follow_up,
    share_open,
)

SQL = statements("follow_up")

#: The beginning of the name under which somebody acts by a link; the name of the contact follows.
LINK_PREFIX = "link: "


class Reason(StrEnum):
    """Why a link was made, as the table names it."""

    ASKED = "asked"
    REMINDED = "reminded"
    #: A person sent it anew.
    AGAIN = "again"


class LinkState(StrEnum):
    """Whether a link works."""

    OPEN = "open"
    #: The quarter is over.
    CLOSED = "closed"
    #: It was revoked, or its contact has left.
    REVOKED = "revoked"
    #: The plan was removed.
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that somebody came by. `step` is how far down the lines of milestones its contact is
    asked (`asking`)."""

    contact_id: int
    name: str
    account_id: int | None
    step: int
    is_revoked: bool
    follow_up: FollowUp

    def state(self, today: date) -> LinkState:
        if self.follow_up.is_removed:
            return LinkState.REMOVED
        if not self.follow_up.is_open(today):
            return LinkState.CLOSED
        return LinkState.REVOKED if self.is_revoked else LinkState.OPEN

    def actor(self, source: str) -> Actor:
        """Who answers by it, from a network address."""
        return Actor(
            f"{LINK_PREFIX}{self.name}", frozenset({Permission.PLAN_REPORT}), source=source
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLink:
    """A link that was made for a contact; `is_live`: it was not revoked."""

    contact_id: int
    step: int
    reason: Reason
    made_at: datetime
    is_live: bool


@unscoped
async def link_of(pool: Pool, token: str) -> Link | None:
    """The link with a token; None: there is none, and never was."""
    row = await pool.fetchrow(SQL["link"], secret_sha256(token))
    if row is None:
        return None
    return Link(
        contact_id=row["contact_id"],
        name=row["name"],
        account_id=row["account_id"],
        step=row["step"],
        is_revoked=row["is_revoked"],
        follow_up=await follow_up(pool, row["follow_up_id"], with_removed=True),
    )


async def is_live(connection: PooledConnection, token: str, today: date) -> bool:
    """Whether a link works, which it does until the transaction ends."""
    row = await connection.fetchrow(SQL["share_link"], secret_sha256(token))
    return row is not None and await share_open(connection, row["follow_up_id"], today)


@unscoped
async def links(pool: Pool, follow_up_id: int) -> Sequence[SentLink]:
    """All links of a follow-up, the first one first."""
    return [
        SentLink(
            contact_id=row["contact_id"],
            step=row["step"],
            reason=Reason(row["reason"]),
            made_at=row["made_at"],
            is_live=row["revoked_at"] is None,
        )
        for row in await pool.fetch(SQL["links"], follow_up_id)
    ]


async def send_link(
    pool: Pool,
    actor: Actor,
    one: FollowUp,
    contact_id: int,
    step: int,
    reason: Reason,
    milestones: int,
    words: Words,
) -> bool:
    """Send a contact a mail with a link, once for a step and a reason; returns whether one was
    made. The link and its mail are stored together or not at all."""
    actor.require(Permission.PLAN_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        if not await share_open(connection, one.follow_up_id, local_now().date()):
            return False
        person = await connection.fetchrow(SQL["person"], contact_id)
        if person is None or not person["address"]:
            return False
        made = await _add(connection, one, contact_id, step, reason)
        if made is None:
            return False
        link_id, token = made
        news = News(
            token=token,
            follow_up=one,
            milestones=milestones,
            is_reminder=reason is Reason.REMINDED,
            stands_in=step > 0,
        )
        await put_mail_to(
            connection, _cause(link_id), person["name"], person["address"], words(news)
        )
        await _record(connection, actor, one, contact_id, Act.SENT)
    return True


@unscoped
async def send_anew(
    pool: Pool, actor: Actor, follow_up_id: int, contact_id: int, words: Words | None
) -> str | None:
    """Revoke the links of a contact and make another one. It goes by mail; where there is no mail
    server (`words` is None), or no address, its token is returned, for who hands it over.

    Raises:
        NoFollowUpError: there is no such follow-up, or its contact has no part in it.
        FollowUpRefusedError: the quarter is closed.
    """
    actor.require(Permission.PLAN_MANAGE)
    one = await follow_up(pool, follow_up_id)
    async with pool.acquire() as connection, connection.transaction():
        if not await share_open(connection, follow_up_id, local_now().date()):
            raise FollowUpRefusedError("the quarter is closed")
        person = await connection.fetchrow(SQL["person"], contact_id)
        if person is None:
            raise NoFollowUpError(f"there is no contact {contact_id} who could answer")
        step = await _revoke(connection, follow_up_id, contact_id)
        made = await _add(connection, one, contact_id, step or 0, Reason.AGAIN)
        assert made is not None, "a link that is made again is always a new one"
        link_id, token = made
        await _record(connection, actor, one, contact_id, Act.SENT)
        if words is None or not person["address"]:
            return token
        news = News(
            token=token, follow_up=one, milestones=None, is_reminder=False, stands_in=bool(step)
        )
        await put_mail_to(
            connection, _cause(link_id), person["name"], person["address"], words(news)
        )
        return None


@unscoped
async def people_with_links(pool: Pool, plan_id: int) -> int:
    """How many people have a link by which they answer for a plan now."""
    rows = await pool.fetch(SQL["live_links"], plan_id, local_now().date())
    return len({row["contact_id"] for row in rows})


async def end_links(connection: PooledConnection, plan_id: int) -> int:
    """Let the mails that wait with links of a plan not be sent, in the transaction that removes it;
    the links say then that it was.

    Returns:
        How many people had a link.
    """
    rows = await connection.fetch(SQL["live_links"], plan_id, local_now().date())
    for row in rows:
        await withdraw_mail(connection, _cause(row["link_id"]))
    return len({row["contact_id"] for row in rows})


@unscoped
async def revoke(pool: Pool, actor: Actor, follow_up_id: int, contact_id: int) -> None:
    """Let the links of a contact not work any more; mails with them that wait are not sent.

    Raises:
        NoFollowUpError: the contact has no link that works.
    """
    actor.require(Permission.PLAN_MANAGE)
    one = await follow_up(pool, follow_up_id)
    async with pool.acquire() as connection, connection.transaction():
        if await _revoke(connection, follow_up_id, contact_id) is None:
            raise NoFollowUpError(f"the contact {contact_id} has no link that works")
        await _record(connection, actor, one, contact_id, Act.REMOVED)


async def _revoke(connection: PooledConnection, follow_up_id: int, contact_id: int) -> int | None:
    """The furthest step of the links that are revoked; None: there were none."""
    steps: list[int] = []
    for row in await connection.fetch(SQL["revoke"], follow_up_id, contact_id):
        await withdraw_mail(connection, _cause(row["link_id"]))
        steps.append(row["step"])
    return max(steps, default=None)


async def _add(
    connection: PooledConnection, one: FollowUp, contact_id: int, step: int, reason: Reason
) -> tuple[int, str] | None:
    """The id and the token of a new link; None: there is one for this step and reason."""
    token = new_secret()
    link_id = await connection.fetchval(
        SQL["add_link"], one.follow_up_id, contact_id, step, reason.value, secret_sha256(token)
    )
    return None if link_id is None else (link_id, token)


def _cause(link_id: int) -> str:
    return f"follow-up link {link_id}"


async def _record(
    connection: PooledConnection, actor: Actor, one: FollowUp, contact_id: int, act: Act
) -> None:
    detail = {
        "part": PART,
        "part_id": str(one.follow_up_id),
        "contact": contact_id,
    }
    await record(connection, actor, act, Subject.PLAN, one.plan_id, detail)
