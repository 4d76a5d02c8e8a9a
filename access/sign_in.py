"""Sign-in with a name and a password. A refusal does not tell which of the two was wrong: for a
name that nobody has the same work is done, and its attempts are counted in the same way."""

from contextlib import suppress

from access.accounts import LockedAccount, lock_account, name_key
from access.attempts import TooManyAttemptsError
from access.attempts_stored import count_refusal, give_back, spend_sign_in
from access.passwords import HashingLine, hash_password, is_hash_outdated, is_password
from access.sessions import open_session_within
from db.connect import Pool
from db.statements import statements
from fleet.errors import ExpectedError

SQL = statements("account")


class SignInRefusedError(ExpectedError, PermissionError):
    """The name or the password is wrong, or the account is closed."""

    def __init__(self) -> None:
        super().__init__("the name or the password is wrong")


async def sign_in(pool: Pool, name: str, password: str, *, source: str, agent: str) -> str:
    """Open a session for the person with this name and password; returns its token.

    Raises:
        SignInRefusedError: the name or the password is wrong.
        TooManyAttemptsError: too many attempts failed, by this name or from this source, or too
            many people sign in at the moment. The password is not looked at.
    """
    key = name_key(name)
    row = await pool.fetchrow(SQL["password_of_name"], key)
    account_id = None if row is None else row["account_id"]
    try:
        attempt = await spend_sign_in(pool, key, account_id, source)
    except TooManyAttemptsError:
        await count_refusal(pool, account_id, source, stopped=True)
        raise
    hashed = None if row is None else row["password"]
    line = HashingLine.KNOWN if attempt.is_from_known_source else HashingLine.STRANGERS
    try:
        is_right = await is_password(hashed, password, line)
    except TooManyAttemptsError:
        async with pool.acquire() as connection, connection.transaction():
            await give_back(connection, attempt)
        await count_refusal(pool, account_id, source, stopped=True)
        raise
    if row is None or not is_right:
        await count_refusal(pool, account_id, source)
        raise SignInRefusedError
    async with pool.acquire() as connection, connection.transaction():
        account = await lock_account(connection, row["account_id"])
        if account.closed or account.password_set_at != row["password_set_at"]:
            raise SignInRefusedError
        await give_back(connection, attempt)
        token = await open_session_within(connection, account, source=source, agent=agent)
    if is_hash_outdated(row["password"]):
        await _hash_anew(pool, account, password)
    return token


async def _hash_anew(pool: Pool, account: LockedAccount, password: str) -> None:
    """Hash a password once more by the parameters of the settings, which changed since it was
    set. Where no thread is free the next sign-in does it."""
    with suppress(TooManyAttemptsError):
        hashed = await hash_password(password)
        await pool.execute(
            SQL["hash_password_anew"], account.account_id, account.password_set_at, hashed
        )
