"""The change of a password by the person who knows the present one."""

from access.accounts import LockedAccount, lock_account
from access.attempts_stored import give_back, spend_password
from access.history import AccessSubject, record_change
from access.passwords import (
    HashingLine,
    PasswordFault,
    PasswordRefusedError,
    hash_password,
    is_password,
    refuse_weak,
)
from access.sessions import renew_token
from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor
from fleet.errors import ExpectedError

SQL = statements("account")
SESSION_SQL = statements("session")
LINK_SQL = statements("account_link")


class WrongPasswordError(ExpectedError, PermissionError):
    """The present password is wrong."""

    def __init__(self) -> None:
        super().__init__("the present password is wrong")


async def change_password(
    pool: Pool, account_id: int, old: str, new: str, *, keep_session: int | None, source: str
) -> str | None:
    """Give an account a new password, from the address `source`. All its sessions end but the one
    with the id `keep_session`, and so do its links.

    Returns:
        The token that the kept session has from now on; a copy of the former one ends with the
        password. None: no session is kept.

    Raises:
        WrongPasswordError: the present password is another one, or the account is closed.
        PasswordRefusedError: the new password is not taken.
        TooManyAttemptsError: too many attempts to give the present password failed, or too many
            people sign in at the moment.
    """
    row = await pool.fetchrow(SQL["password_of"], account_id)
    if row is None:
        raise WrongPasswordError
    refuse_weak(new, row["name"])
    attempt = await spend_password(pool, account_id)
    if not await is_password(row["password"], old, HashingLine.KNOWN):
        raise WrongPasswordError
    if new == old:
        raise PasswordRefusedError(PasswordFault.IS_PRESENT)
    hashed = await hash_password(new)
    async with pool.acquire() as connection, connection.transaction():
        account = await lock_account(connection, account_id)
        if account.closed or account.password_set_at != row["password_set_at"]:
            raise WrongPasswordError
        await give_back(connection, attempt)
        await put_password(connection, account, hashed, keep_session, source=source)
        return None if keep_session is None else await renew_token(connection, keep_session)


async def put_password(
    connection: PooledConnection,
    account: LockedAccount,
    hashed: str,
    keep_session: int | None,
    *,
    source: str,
) -> None:
    """Store the hash of a new password of a locked account, and end its links and its sessions but
    one."""
    await connection.execute(SQL["set_password"], account.account_id, hashed)
    await connection.execute(SESSION_SQL["end_sessions"], account.account_id, keep_session)
    await connection.execute(LINK_SQL["end_links"], account.account_id)
    by = Actor(account.name, account_id=account.account_id, source=source)
    content = {"password": "set"}
    await record_change(connection, by, AccessSubject.ACCOUNT, account.account_id, content)
