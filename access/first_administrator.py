"""The first administrator of a system without accounts, and the ready account of a demo."""

from dataclasses import replace

from access.accounts import AccountError, AccountFault, add_account_within, lock_account
from access.links import LinkEndedError, add_link_within
from access.own_password import put_password
from access.passwords import hash_password, refuse_weak
from access.roles import Role
from access.secret import secret_sha256
from access.sessions import open_session_within
from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor

SQL = statements("account")
LINK_SQL = statements("account_link")

#: Who makes an account where there is nobody yet who could.
_SYSTEM = Actor.trusted("first start")

#: The name of the account of a demo.
DEMO_NAME = "Demo"


async def first_administrator_link(pool: Pool) -> str | None:
    """The token of a one-time link by which a person makes the first administrator; None where
    there are accounts. Links that earlier starts printed go on."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_accounts"])
        if await connection.fetchval(SQL["has_accounts"]):
            return None
        return await add_link_within(connection, None)


async def is_first_link(pool: Pool, token: str) -> bool:
    """Whether this link makes the first administrator, and there is none yet."""
    return await pool.fetchval(LINK_SQL["is_first_link"], secret_sha256(token))


async def use_first_link(
    pool: Pool, token: str, name: str, password: str, *, source: str, agent: str
) -> str:
    """Make the first administrator with a name and a password; returns the token of a session.

    Raises:
        LinkEndedError: the link does not work any more, or there are accounts.
        AccountError: the name is empty, too long or unusable; the link goes on.
        PasswordRefusedError: the password is not taken; the link goes on.
        TooManyAttemptsError: too many people sign in at the moment; the link goes on.
    """
    if not await is_first_link(pool, token):
        raise LinkEndedError
    refuse_weak(password, name)
    hashed = await hash_password(password)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_accounts"])
        if await connection.fetchval(SQL["has_accounts"]):
            raise LinkEndedError
        if await connection.fetchval(LINK_SQL["take_link"], secret_sha256(token), None) is None:
            raise LinkEndedError
        await connection.execute(LINK_SQL["end_links"], None)
        by = replace(_SYSTEM, source=source)
        made = await add_account_within(connection, by, name, Role.ADMINISTRATOR)
        locked = await lock_account(connection, made.account_id)
        await put_password(connection, locked, hashed, keep_session=None, source=source)
        return await open_session_within(connection, locked, source=source, agent=agent)


async def demo_link(pool: Pool) -> str:
    """The token of a one-time link that signs in to the administrator's account of a demo, which
    is made where there is none. Links that earlier starts printed go on.

    Raises:
        AccountError: the account of the demo is closed, or another account has its name.
    """
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_accounts"])
        account_id = await connection.fetchval(SQL["demo_account"])
        if account_id is None:
            made = await add_account_within(
                connection, _SYSTEM, DEMO_NAME, Role.ADMINISTRATOR, is_demo=True
            )
            account_id = made.account_id
        if (await lock_account(connection, account_id)).closed:
            raise AccountError(AccountFault.CLOSED)
        return await add_link_within(connection, account_id)
