"""Sessions of people who signed in. A browser has the token of a session, the database its hash.

A session ends when it was not used for a while, when its time is over, when its person ends it, and
whenever the password, role or departments of the account change or the account is closed.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from access.accounts import (
    Account,
    AccountError,
    AccountFault,
    LockedAccount,
    account_of,
    lock_account,
)
from access.attempts_stored import remember_source
from access.secret import new_secret, secret_sha256
from access.settings import AccessSettings, access_settings
from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import CANNOT_STORE_ERRORS, Pool, PooledConnection
from db.statements import statements
from db.storable_values import UNSTORABLE_CHARACTERS
from fleet.actor import Actor

SQL = statements("session")
ACCOUNT_SQL = statements("account")

#: The most characters that are stored of an address and of what a browser says of itself.
_SOURCE_MAX = 64
_AGENT_MAX = 256

#: The most characters of an ID token that is kept: with a longer one the address at which a person
#: signs out of the provider would be too long.
ID_TOKEN_MAX = 4_000


@dataclass(frozen=True, slots=True)
class Session:
    """A session: whose it is, since when, and from where it was opened. `seen_at` is a minute
    behind at most."""

    session_id: int
    account: Account
    began_at: datetime
    seen_at: datetime
    source: str
    agent: str


async def open_session(pool: Pool, account_id: int, *, source: str, agent: str) -> str:
    """Open a session of an account whose person has proven who they are; returns its token.

    Raises:
        AccountError: there is no such account, or it is closed.
    """
    async with pool.acquire() as connection, connection.transaction():
        account = await lock_account(connection, account_id)
        if account.closed:
            raise AccountError(AccountFault.CLOSED)
        return await open_session_within(connection, account, source=source, agent=agent)


async def open_session_within(
    connection: PooledConnection,
    account: LockedAccount,
    *,
    source: str,
    agent: str,
    id_token: str | None = None,
) -> str:
    """Open a session in a transaction that has locked the account and seen that it is open.

    The source is remembered as a place from which the person signs in. `id_token` is that of who
    came in from the municipality's provider.
    """
    settings, token = access_settings(), new_secret()
    account_id, kept_source = account.account_id, _storable(source, _SOURCE_MAX)
    await connection.execute(
        SQL["add_session"],
        secret_sha256(token),
        account_id,
        kept_source,
        _storable(agent, _AGENT_MAX),
        "" if id_token is not None and len(id_token) > ID_TOKEN_MAX else id_token,
    )
    await connection.execute(SQL["end_oldest_sessions"], account_id, settings.sessions_each_max)
    await connection.execute(ACCOUNT_SQL["signed_in"], account_id)
    await remember_source(connection, account_id, source)
    person = Actor(account.name, account_id=account_id, source=kept_source)
    await record(connection, person, Act.SIGNED_IN, Subject.ACCOUNT, account_id)
    return token


async def renew_token(connection: PooledConnection, session_id: int) -> str:
    """Give a session another token, which it returns; the former one leads nowhere."""
    token = new_secret()
    await connection.execute(SQL["renew_token"], session_id, secret_sha256(token))
    return token


async def session_of(pool: Pool, token: str, *, in_use: bool = True) -> Session | None:
    """The session with this token, if it goes on; it is then noted that it is in use, unless nobody
    sits at the page that asks."""
    row = await pool.fetchrow(SQL["session_of"], secret_sha256(token), *_ends(access_settings()))
    if row is None:
        return None
    if in_use and row["is_due"]:
        # A database that only reads, or whose disk is full, still shows its pages.
        with suppress(*CANNOT_STORE_ERRORS):
            await pool.execute(SQL["session_seen"], row["session_id"])
    return _session(row)


async def own_sessions(pool: Pool, account_id: int) -> list[Session]:
    """The sessions of an account that go on, the one used last first."""
    rows = await pool.fetch(SQL["own_sessions"], account_id, *_ends(access_settings()))
    return [_session(row) for row in rows]


async def end_session(pool: Pool, token: str) -> str | None:
    """End the session with this token, as its person signs out.

    Returns:
        The ID token with which they came in from the municipality's provider, "" if it was not
        kept; None: they came in otherwise, or there is no such session.
    """
    async with pool.acquire() as connection, connection.transaction():
        ended = await connection.fetch(SQL["end_session"], secret_sha256(token))
        await _record_ended(connection, ended)
    return ended[0]["id_token"] if ended else None


async def end_own_session(pool: Pool, actor: Actor, session_id: int) -> None:
    """End one session of the actor's own account; a session of another account is left alone."""
    async with pool.acquire() as connection, connection.transaction():
        ended = await connection.fetch(SQL["end_own_session"], session_id, actor.account_id)
        await _record_ended(connection, ended)


async def end_other_sessions(pool: Pool, account_id: int, but: int | None) -> None:
    """End the sessions of an account, but the one with the id `but`."""
    async with pool.acquire() as connection, connection.transaction():
        ended = await connection.fetch(SQL["end_sessions"], account_id, but)
        await _record_ended(connection, ended)


async def _record_ended(connection: PooledConnection, ended: Sequence[asyncpg.Record]) -> None:
    """Record sessions that their person ended, each with the address that it was opened from."""
    for row in ended:
        account_id = row["account_id"]
        person = Actor(row["name"], account_id=account_id, source=row["source"])
        detail = {"began_at": row["began_at"]}
        await record(connection, person, Act.SIGNED_OUT, Subject.ACCOUNT, account_id, detail)


async def forget_sessions(pool: Pool) -> None:
    """Delete the sessions that have ended by themselves."""
    await pool.execute(SQL["forget_sessions"], *_ends(access_settings()))


def _ends(settings: AccessSettings) -> tuple[timedelta, timedelta]:
    """The time after which an unused session ends, and the one after which any does."""
    return (
        timedelta(minutes=settings.session_idle_minutes),
        timedelta(hours=settings.session_hours),
    )


def _storable(text: str, chars_max: int) -> str:
    return UNSTORABLE_CHARACTERS.sub("", text)[:chars_max]


def _session(row: asyncpg.Record) -> Session:
    return Session(
        session_id=row["session_id"],
        account=account_of(row),
        began_at=row["began_at"],
        seen_at=row["seen_at"],
        source=row["source"],
        agent=row["agent"],
    )
