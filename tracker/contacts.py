"""The people who have a part in plans: owners of milestones and their deputies, with an account or
without."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg

from access.mail.address import MailAddressError, read_address
from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError, refuse_unseen
from tracker.progress import OwnerStanding

SQL = statements("plan_contact")


class NoContactError(ExpectedError, LookupError):
    """There is no such contact."""


class ContactRefusedError(ExpectedError, ValueError):
    """A contact has no name, an address that is none, the name and address of another contact, or
    an account that is not there or another contact's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDetails:
    """The details that people tell of a contact. `email` is "" where none is known, `account_id`
    None where the contact has no account here."""

    name: str
    email: str = ""
    centre: str = ""
    account_id: int | None = None
    has_left: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact as everybody who sees the plan sees them. `heard_at` is when they said something of
    a milestone last; None: never."""

    contact_id: int
    name: str
    centre: str
    account_id: int | None
    left_at: datetime | None
    heard_at: datetime | None
    revision: int


async def contacts(pool: Pool) -> list[Contact]:
    """Everybody who has a part in a plan, or had one, by name."""
    return [_contact(row) for row in await pool.fetch(SQL["contacts"], None)]


async def contact(pool: Pool, contact_id: int) -> Contact:
    """One contact.

    Raises:
        NoContactError: there is none.
    """
    row = await pool.fetchrow(SQL["contacts"], contact_id)
    if row is None:
        raise NoContactError(f"there is no contact {contact_id}")
    return _contact(row)


@unscoped
async def addresses(
    pool: Pool, actor: Actor, contact_ids: Collection[int] | None = None
) -> Mapping[int, str]:
    """The e-mail addresses of contacts, or of all of them, by their ids; "" where none is known."""
    actor.require(Permission.PLAN_MANAGE)
    asked = None if contact_ids is None else list(contact_ids)
    return {row["contact_id"]: row["email"] for row in await pool.fetch(SQL["addresses"], asked)}


async def owner_standings(pool: Pool) -> Mapping[int, OwnerStanding]:
    """The standing of every contact, which counts for progress, by their ids."""
    return {
        row["contact_id"]: OwnerStanding(row["has_left"], row["heard_at"])
        for row in await pool.fetch(SQL["standings"])
    }


@unscoped
async def add_contact(pool: Pool, actor: Actor, details: ContactDetails) -> int:
    """Add somebody who has a part in plans.

    Raises:
        ContactRefusedError: see there.
    """
    actor.require(Permission.PLAN_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        details = await _fitting(connection, details)
        contact_id = await connection.fetchval(
            SQL["add_contact"], details.name, details.email, details.centre, details.account_id
        )
        if contact_id is None:
            raise ContactRefusedError("another contact has this name and address, or this account")
        await record(
            connection, actor, Act.CHANGED, Subject.PLAN_CONTACT, contact_id, _told(details)
        )
    return contact_id


@unscoped
async def change_contact(
    pool: Pool, actor: Actor, contact_id: int, details: ContactDetails, *, seen: int | None = None
) -> None:
    """Say something else of a contact. `seen` is the revision that the actor saw.

    The changes of a contact stand in the audit log only: a name and an address are not kept for
    ever.

    Raises:
        NoContactError: there is none.
        ChangedSinceError: it has another revision now.
        ContactRefusedError: see there.
    """
    actor.require(Permission.PLAN_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(SQL["lock_contact"], contact_id)
        if row is None:
            raise NoContactError(f"there is no contact {contact_id}")
        refuse_unseen(seen, row["revision"])
        details = await _fitting(connection, details, row["account_id"])
        try:
            await connection.execute(
                SQL["change_contact"],
                contact_id,
                details.name,
                details.email,
                details.centre,
                details.account_id,
                details.has_left,
            )
        except asyncpg.UniqueViolationError:
            raise ContactRefusedError(
                "another contact has this name and address, or this account"
            ) from None
        before = _told(
            ContactDetails(
                name=row["name"],
                email=row["email"],
                centre=row["centre"],
                account_id=row["account_id"],
                has_left=row["left_at"] is not None,
            )
        )
        await record(
            connection,
            actor,
            Act.CHANGED,
            Subject.PLAN_CONTACT,
            contact_id,
            _told(details),
            before=before,
        )


async def note_heard(
    connection: PooledConnection, contact_id: int | None, account_id: int | None
) -> None:
    """Note that a contact said something: the one who is named, or who has the account."""
    await connection.execute(SQL["heard"], contact_id, account_id)


def _contact(row: asyncpg.Record) -> Contact:
    return Contact(
        contact_id=row["contact_id"],
        name=row["name"],
        centre=row["centre"],
        account_id=row["account_id"],
        left_at=row["left_at"],
        heard_at=row["heard_at"],
        revision=row["revision"],
    )


async def _fitting(
    connection: PooledConnection, details: ContactDetails, known_account: int | None = None
) -> ContactDetails:
    """The details with the address as it goes to a mail server. A contact keeps the account that
    it has, `known_account`, also when that was closed.

    Raises:
        ContactRefusedError: see there.
    """
    if not details.name.strip():
        raise ContactRefusedError("say the name of the contact")
    if details.email:
        try:
            details = replace(details, email=read_address(details.email))
        except MailAddressError:
            raise ContactRefusedError(f"{details.email!r} is no e-mail address") from None
    if details.account_id not in (None, known_account) and not await connection.fetchval(
        SQL["has_account"], details.account_id
    ):
        raise ContactRefusedError(f"there is no account {details.account_id}")
    return details


def _told(details: ContactDetails) -> dict[str, object]:
    return {
        "name": details.name,
        "email": details.email,
        "centre": details.centre,
        "account": details.account_id,
        "has_left": details.has_left,
    }
