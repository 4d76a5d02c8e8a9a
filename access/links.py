"""One-time links, by which a person sets a password or signs in once.

An administrator makes a link and hands it over. Of two who use it at the same moment, one is let
in; the other learns that the link has ended, and can ask for another one.
"""

from datetime import timedelta

from access.accounts import (
    Account,
    AccountError,
    AccountFault,
    LockedAccount,
    account_of,
    lock_account,
)
from access.history import AccessSubject, record_change
from access.own_password import put_password
from access.passwords import hash_password, refuse_weak
from access.secret import new_secret, secret_sha256
from access.sessions import open_session_within
from access.settings import access_settings
from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError

SQL = statements("account_link")


class LinkEndedError(ExpectedError, LookupError):
    """A one-time link was used already, its time is over, or a later one has taken its place."""

    def __init__(self) -> None:
        super().__init__("the link has ended: ask for a new one")


async def new_link(pool: Pool, actor: Actor, account_id: int) -> str:
    """Make a one-time link for the person of an account; earlier ones end. Returns its token.

    Raises:
        AccountError: there is no such account, it is closed, or its person comes in by the
            municipality's sign-in.
    """
    actor.require(Permission.ACCOUNTS_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        account = await lock_account(connection, account_id)
        if account.closed:
            raise AccountError(AccountFault.CLOSED)
        if account.from_provider:
            raise AccountError(AccountFault.FROM_PROVIDER)
        await connection.execute(SQL["end_links"], account_id)
        token = await add_link_within(connection, account_id)
        content = {"link": "made"}
        await record_change(connection, actor, AccessSubject.ACCOUNT, account_id, content)
        return token


async def add_link_within(connection: PooledConnection, account_id: int | None) -> str:
    """Store a new link of an account, or of the first administrator; returns its token."""
    token, lasts = new_secret(), timedelta(hours=access_settings().link_hours)
    await connection.execute(SQL["add_link"], secret_sha256(token), account_id, lasts)
    return token


async def account_of_link(pool: Pool, token: str) -> Account | None:
    """The account of a link that still works."""
    row = await pool.fetchrow(SQL["account_of_link"], secret_sha256(token))
    return None if row is None else account_of(row)


async def use_link(pool: Pool, token: str, password: str, *, source: str, agent: str) -> str:
    """Set a password by a link, end all sessions of the account and open one; returns its token.

    Raises:
        LinkEndedError: the link does not work any more.
        PasswordRefusedError: the password is not taken; the link goes on.
        TooManyAttemptsError: too many people sign in at the moment; the link goes on.
    """
    account = await account_of_link(pool, token)
    if account is None:
        raise LinkEndedError
    refuse_weak(password, account.name)
    hashed = await hash_password(password)
    async with pool.acquire() as connection, connection.transaction():
        locked = await _take(connection, token, account.account_id)
        await put_password(connection, locked, hashed, keep_session=None, source=source)
        return await open_session_within(connection, locked, source=source, agent=agent)


async def enter_by_link(pool: Pool, token: str, *, source: str, agent: str) -> str:
    """Sign in once by a link; returns the token of the session.

    Raises:
        LinkEndedError: the link does not work any more, or its account has no password yet and is
            not that of a demo: a person without one could not come back.
    """
    account = await account_of_link(pool, token)
    if account is None:
        raise LinkEndedError
    async with pool.acquire() as connection, connection.transaction():
        locked = await _take(connection, token, account.account_id)
        if locked.password_set_at is None and not locked.is_demo:
            raise LinkEndedError
        return await open_session_within(connection, locked, source=source, agent=agent)


async def forget_links(pool: Pool) -> None:
    """Delete the links whose time is over."""
    await pool.execute(SQL["forget_links"])


async def _take(connection: PooledConnection, token: str, account_id: int) -> LockedAccount:
    """Lock the account of a link and delete the link.

    Raises:
        LinkEndedError: somebody was faster, or the account is closed.
    """
    account = await lock_account(connection, account_id)
    if account.closed:
        raise LinkEndedError
    if await connection.fetchval(SQL["take_link"], secret_sha256(token), account_id) is None:
        raise LinkEndedError
    return account
