"""Accounts of people: who may come in, in which role, and every change of that.

An act locks the row of an account before the rows of its sessions and links. So a session that is
opened at the same moment is either ended by the act or opened after it.
"""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import asyncpg

from access.history import AccessSubject, count_changes, record_change
from access.roles import ROLE_PERMISSIONS, Role
from db.connect import Pool, PooledConnection
from db.statements import statements
from db.storable_values import CHARACTERS_IN_NO_NAME
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError, refuse_unseen
from fleet.names.invisible import has_invisible

SQL = statements("account")
SESSION_SQL = statements("session")
LINK_SQL = statements("account_link")

#: The most characters in the name of an account or of a department.
NAME_MAX = 128

#: The most departments of one account.
DEPARTMENTS_MAX = 100


class AccountFault(StrEnum):
    """The reasons why an account is not made or changed."""

    NO_ACCOUNT = "there is no such account"
    NAME_MISSING = "an account has a name"
    NAME_TOO_LONG = f"a name has at most {NAME_MAX} characters"
    NAME_UNUSABLE = "a name has no characters that nobody sees, and no colon"
    NAME_TAKEN = "there is an account of this name already"
    DEPARTMENTS_MISSING = "the head of a department has at least one department"
    DEPARTMENTS_UNUSED = "only the head of a department has departments"
    DEPARTMENT_UNUSABLE = (
        f"an account has at most {DEPARTMENTS_MAX} departments, and each a name of 1 to {NAME_MAX} "
        "characters"
    )
    DEPARTMENT_UNKNOWN = "no vehicle is of the department"
    LAST_ADMINISTRATOR = "this is the last administrator who can sign in"
    CLOSED = "the account is closed"
    FROM_PROVIDER = "the account is that of the municipality's sign-in, which says what it may"


class AccountError(ExpectedError, ValueError):
    """An account cannot be made or changed as requested; `fault` says why."""

    def __init__(self, fault: AccountFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a person; only that of a department head has `departments`. `from_provider`:
    its person comes in by the municipality's sign-in, and has no password here. `email`: where they
    read mail; None: not known."""

    account_id: int
    name: str
    role: Role
    departments: frozenset[str]
    has_password: bool
    closed: bool
    signed_in_at: datetime | None
    from_provider: bool = False
    email: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderIdentity:
    """Who a person is at the municipality's sign-in: the provider, and its own name of them."""

    issuer: str
    subject: str


def name_key(name: str) -> str:
    """A name as names are compared: without regard to case, spaces and ways to write a letter; ""
    where it has characters that nobody sees."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "" if has_invisible(plain) else " ".join(plain.split())


def account_actor(account: Account, source: str) -> Actor:
    """The actor that a person is who signed in to `account` from the address `source`."""
    return Actor(
        account.name,
        ROLE_PERMISSIONS[account.role],
        account.departments if account.role is Role.DEPARTMENT_HEAD else None,
        account.account_id,
        source,
    )


def account_of(row: asyncpg.Record) -> Account:
    """The account in a row of `account_shown`."""
    return Account(
        account_id=row["account_id"],
        name=row["name"],
        role=Role(row["role"]),
        departments=frozenset(row["departments"]),
        has_password=row["has_password"],
        closed=row["closed"],
        signed_in_at=row["signed_in_at"],
        from_provider=row["from_provider"],
        email=row["email"],
    )


class UnknownDepartmentError(AccountError):
    """No vehicle is of a department that an account is to have; `known` are those of vehicles."""

    def __init__(self, unknown: Collection[str], known: Sequence[str]) -> None:
        super().__init__(AccountFault.DEPARTMENT_UNKNOWN)
        there = ", ".join(known) or "none, as there are no vehicles"
        self.args = (f"no vehicle is of the department {', '.join(unknown)}; known are: {there}",)


async def _refuse_unknown(
    connection: PooledConnection, departments: Collection[str], kept: Collection[str] = ()
) -> None:
    """Refuse departments that no vehicle is of; an account may keep those that it has.

    Raises:
        UnknownDepartmentError: there is one.
    """
    known = [row["department"] for row in await connection.fetch(SQL["departments"])]
    unknown = sorted(set(departments) - {*known, *kept})
    if unknown:
        raise UnknownDepartmentError(unknown, known)


async def known_departments(pool: Pool) -> frozenset[str]:
    """The departments that a vehicle is of, or was."""
    return frozenset(row["department"] for row in await pool.fetch(SQL["departments"]))


async def accounts(pool: Pool) -> list[Account]:
    """All accounts by name, closed ones among them."""
    return [account_of(row) for row in await pool.fetch(SQL["accounts"])]


async def account(pool: Pool, account_id: int) -> Account | None:
    row = await pool.fetchrow(SQL["account"], account_id)
    return None if row is None else account_of(row)


async def account_named(pool: Pool, name: str) -> Account | None:
    """The account by this name, however its letters are written."""
    row = await pool.fetchrow(SQL["account_named"], name_key(name))
    return None if row is None else account_of(row)


async def add_account(
    pool: Pool, actor: Actor, name: str, role: Role, departments: Collection[str] = frozenset()
) -> Account:
    """Make an account. Its person sets a password through a one-time link (`access.links`).

    Raises:
        AccountError: the name is empty, too long, unusable or taken, or the departments do not fit
            the role.
        UnknownDepartmentError: no vehicle is of one of the departments.
    """
    actor.require(Permission.ACCOUNTS_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_accounts"])
        await _refuse_unknown(connection, _departments(role, departments))
        return await add_account_within(connection, actor, name, role, departments)


async def add_account_within(
    connection: PooledConnection,
    by: Actor,
    name: str,
    role: Role,
    departments: Collection[str] = frozenset(),
    *,
    is_demo: bool = False,
    identity: ProviderIdentity | None = None,
) -> Account:
    """Make an account in a transaction that holds all accounts.

    Raises:
        AccountError: as `add_account`.
    """
    shown = " ".join(name.split())
    kept = _departments(role, departments)
    _refuse_name(shown)
    issuer, subject = (None, None) if identity is None else (identity.issuer, identity.subject)
    account_id = await connection.fetchval(
        SQL["add_account"],
        *(shown, name_key(shown), role.value, sorted(kept), is_demo, issuer, subject),
    )
    if account_id is None:
        raise AccountError(AccountFault.NAME_TAKEN)
    content = {"name": shown, "role": role.value, "departments": sorted(kept)}
    await record_change(connection, by, AccessSubject.ACCOUNT, account_id, content)
    return Account(account_id, shown, role, kept, False, False, None, identity is not None)


async def change_account(
    pool: Pool,
    actor: Actor,
    account_id: int,
    role: Role,
    departments: Collection[str],
    seen: int | None = None,
) -> None:
    """Give an account another role or other departments, and end its sessions. `seen` is the number
    of its changes that the actor saw.

    Raises:
        ChangedSinceError: somebody else changed it.
        AccountError: there is no such account, it is that of the last administrator, the
            municipality's sign-in says what it may, or the departments do not fit the role.
        UnknownDepartmentError: no vehicle is of one of the departments.
    """
    actor.require(Permission.ACCOUNTS_MANAGE)
    kept = _departments(role, departments)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_accounts"])
        refuse_unseen(seen, await count_changes(connection, AccessSubject.ACCOUNT, account_id))
        before = await lock_account(connection, account_id)
        if (before.role, before.departments) == (role, kept):
            return
        if before.from_provider:
            raise AccountError(AccountFault.FROM_PROVIDER)
        await _refuse_unknown(connection, kept, before.departments)
        if role is not Role.ADMINISTRATOR:
            await _refuse_last_administrator(connection, before)
        await change_role_within(connection, actor, account_id, role, kept)


async def change_role_within(
    connection: PooledConnection,
    by: Actor,
    account_id: int,
    role: Role,
    departments: Collection[str],
) -> None:
    """Give a locked account another role or other departments, and end its sessions.

    Raises:
        AccountError: the departments do not fit the role.
    """
    kept = sorted(_departments(role, departments))
    account = await lock_account(connection, account_id)
    before = {"role": account.role.value, "departments": sorted(account.departments)}
    await connection.execute(SQL["change_account"], account_id, role.value, kept)
    await connection.execute(SESSION_SQL["end_sessions"], account_id, None)
    content = {"role": role.value, "departments": kept}
    await record_change(connection, by, AccessSubject.ACCOUNT, account_id, content, before)


async def rename_within(
    connection: PooledConnection, by: Actor, account_id: int, name: str
) -> bool:
    """Give a locked account another name, in a transaction that holds all accounts; returns whether
    the name was free. What was done under the earlier name stays under that one.

    Raises:
        AccountError: the name is empty, too long or unusable.
    """
    shown = " ".join(name.split())
    _refuse_name(shown)
    before = {"name": (await lock_account(connection, account_id)).name}
    renamed = await connection.fetchval(SQL["rename_account"], account_id, shown, name_key(shown))
    if renamed is None:
        return False
    content = {"name": shown}
    await record_change(connection, by, AccessSubject.ACCOUNT, account_id, content, before)
    return True


async def close_account(pool: Pool, actor: Actor, account_id: int) -> None:
    """Close an account: its sessions and links end, and nobody signs in to it.

    Raises:
        AccountError: there is no such account, or it is that of the last administrator.
    """
    actor.require(Permission.ACCOUNTS_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_accounts"])
        before = await lock_account(connection, account_id)
        if before.closed:
            return
        await _refuse_last_administrator(connection, before)
        await connection.execute(SQL["close_account"], account_id)
        await connection.execute(SESSION_SQL["end_sessions"], account_id, None)
        await connection.execute(LINK_SQL["end_links"], account_id)
        content = {"closed": True}
        await record_change(connection, actor, AccessSubject.ACCOUNT, account_id, content)


async def reopen_account(pool: Pool, actor: Actor, account_id: int) -> None:
    """Open a closed account again, with the password that it had.

    Raises:
        AccountError: there is no such account.
    """
    actor.require(Permission.ACCOUNTS_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_accounts"])
        if not (await lock_account(connection, account_id)).closed:
            return
        await connection.execute(SQL["reopen_account"], account_id)
        content = {"closed": False}
        await record_change(connection, actor, AccessSubject.ACCOUNT, account_id, content)


@dataclass(frozen=True, slots=True)
class LockedAccount:
    """An account whose row the transaction has locked."""

    account_id: int
    name: str
    role: Role
    departments: frozenset[str]
    password_set_at: datetime | None
    is_demo: bool
    closed: bool
    from_provider: bool


async def lock_account(connection: PooledConnection, account_id: int) -> LockedAccount:
    """Lock an account until the transaction ends.

    Raises:
        AccountError: there is no such account.
    """
    row = await connection.fetchrow(SQL["lock_account"], account_id)
    if row is None:
        raise AccountError(AccountFault.NO_ACCOUNT)
    return LockedAccount(
        account_id=row["account_id"],
        name=row["name"],
        role=Role(row["role"]),
        departments=frozenset(row["departments"]),
        password_set_at=row["password_set_at"],
        is_demo=row["is_demo"],
        closed=row["closed"],
        from_provider=row["from_provider"],
    )


async def _refuse_last_administrator(connection: PooledConnection, before: LockedAccount) -> None:
    if before.role is not Role.ADMINISTRATOR or before.closed:
        return
    if not await connection.fetchval(SQL["has_other_administrators"], before.account_id):
        raise AccountError(AccountFault.LAST_ADMINISTRATOR)


def _refuse_name(shown: str) -> None:
    if not shown:
        raise AccountError(AccountFault.NAME_MISSING)
    if len(shown) > NAME_MAX:
        raise AccountError(AccountFault.NAME_TOO_LONG)
    if not name_key(shown) or ":" in name_key(shown):  # "token: …" is a program
        raise AccountError(AccountFault.NAME_UNUSABLE)


def _departments(role: Role, given: Collection[str]) -> frozenset[str]:
    kept = frozenset(one.strip() for one in given)
    if role is Role.DEPARTMENT_HEAD and not kept:
        raise AccountError(AccountFault.DEPARTMENTS_MISSING)
    if role is not Role.DEPARTMENT_HEAD and kept:
        raise AccountError(AccountFault.DEPARTMENTS_UNUSED)
    if len(kept) > DEPARTMENTS_MAX or not all(
        1 <= len(one) <= NAME_MAX and not CHARACTERS_IN_NO_NAME.search(one) for one in kept
    ):
        raise AccountError(AccountFault.DEPARTMENT_UNUSABLE)
    return kept
