"""The allowances of attempts in the database, which all processes share, and those refused.

An attempt is spent before the password is looked at, so that a thousand at the same moment are
counted, too, and given back when the password was right.

Refused attempts are counted by account, and every ten minutes the counts become entries of the
audit log: strangers who try a million names fill neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from access.attempts import Allowance, TooManyAttemptsError, network_of, slot_of
from access.settings import AccessSettings, access_settings
from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor

SQL = statements("sign_in")

#: The most places that are remembered of one person.
_KNOWN_SOURCES_MAX = 30

#: The most sources that an entry of refused attempts names.
_REFUSED_SOURCES_MAX = 20

#: Who tried to sign in, which nobody knows. No account has a name with a colon.
STRANGER = "stranger:"


class _Kind(StrEnum):
    """The allowances that attempts are spent of, as the table names them."""

    #: Of a name, from all places from which its person has not signed in.
    NAME = "name"
    #: Of a network address, by all names.
    SOURCE = "source"
    #: Of an account, for the present password that is asked for before a new one.
    PASSWORD = "password"  # noqa: S105 - a word of the table


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was spent: of the account's allowance at its known source, or of others."""

    account_id: int | None
    source: str
    spent: Mapping[tuple[str, int], Allowance]

    @property
    def is_from_known_source(self) -> bool:
        return self.account_id is not None


async def spend_sign_in(pool: Pool, key: str, account_id: int | None, source: str) -> Attempt:
    """Spend an attempt to sign in by a name, of which `key` is the key and `account_id` the
    account, if there is one.

    From a place from which the person signed in before, the attempt is of an allowance of that
    place alone. From elsewhere it is one of the name's and one of the source's. The allowance of
    the place is as large and refills as fast as that of a name, so that neither when an attempt is
    stopped nor how long it waits tells whether there is such an account.

    Raises:
        TooManyAttemptsError: there is none left.
    """
    settings, network = access_settings(), network_of(source)
    async with pool.acquire() as connection, connection.transaction():
        if account_id is not None:
            known = await _hold_known_source(connection, account_id, network, settings)
            if known is not None:
                full_at, now = known
                allowance = settings.allowance_of_name
                _refuse_early(allowance.wait_s(full_at, now))
                after = allowance.after_attempt(full_at, now)
                await connection.execute(SQL["put_known_source"], account_id, network, after)
                return Attempt(account_id, network, {})
        spent = {
            (_Kind.NAME.value, slot_of(key)): settings.allowance_of_name,
            (_Kind.SOURCE.value, slot_of(network)): settings.allowance_of_source,
        }
        await _spend(connection, spent)
        return Attempt(None, network, spent)


async def spend_password(pool: Pool, account_id: int) -> Attempt:
    """Spend an attempt to give the present password of an account whose person has signed in.

    Raises:
        TooManyAttemptsError: there is none left.
    """
    spent = {(_Kind.PASSWORD.value, account_id): access_settings().allowance_of_name}
    async with pool.acquire() as connection, connection.transaction():
        await _spend(connection, spent)
    return Attempt(None, "", spent)


async def spend_stray_link(pool: Pool, source: str) -> None:
    """Spend an attempt of a network address from which somebody came by a link that there is not.

    Raises:
        TooManyAttemptsError: there is none left.
    """
    spent = {
        (_Kind.SOURCE.value, slot_of(network_of(source))): access_settings().allowance_of_source
    }
    async with pool.acquire() as connection, connection.transaction():
        await _spend(connection, spent)


async def give_back(connection: PooledConnection, attempt: Attempt) -> None:
    """Give back an attempt that succeeded, in the transaction that acts on it."""
    settings = access_settings()
    if attempt.account_id is not None:
        known = await _hold_known_source(connection, attempt.account_id, attempt.source, settings)
        if known is not None:
            after = settings.allowance_of_name.after_success(*known)
            await connection.execute(
                SQL["put_known_source"], attempt.account_id, attempt.source, after
            )
        return
    held = await _hold(connection, attempt.spent)
    await _put(
        connection,
        {
            key: attempt.spent[key].after_success(full_at, now)
            for key, (full_at, now) in held.items()
        },
    )


async def count_refusal(
    pool: Pool, account_id: int | None, source: str, *, stopped: bool = False
) -> None:
    """Count an attempt to sign in that is refused. It was by the name of an account, or (None) of
    nobody; `stopped`: the password was not looked at."""
    async with pool.acquire() as connection, connection.transaction():
        # A flood must not wait for the disk, and a count that a crash loses is a small loss.
        await connection.execute(SQL["commit_soon"])
        await connection.execute(
            SQL["count_refusal"],
            account_id or 0,
            int(not stopped),
            int(stopped),
            network_of(source),
            _REFUSED_SOURCES_MAX,
        )


async def record_refusals(pool: Pool) -> None:
    """Record the refused attempts since the last call in the audit log, an entry for each
    account."""
    async with pool.acquire() as connection, connection.transaction():
        for row in await connection.fetch(SQL["take_refusals"]):
            detail = {name: row[name] for name in ("refused", "stopped", "first_at", "last_at")}
            await record(
                connection,
                Actor(STRANGER, source=", ".join(row["sources"])),
                Act.SIGN_IN_REFUSED,
                Subject.ACCOUNT,
                row["name"] or "",
                detail,
            )


async def remember_source(connection: PooledConnection, account_id: int, source: str) -> None:
    """Remember the place from which a person signed in."""
    await connection.execute(SQL["source_signed_in"], account_id, network_of(source))
    await connection.execute(SQL["forget_oldest_sources"], account_id, _KNOWN_SOURCES_MAX)


async def forget_attempts(pool: Pool) -> None:
    """Delete the allowances that are whole again, and the places that people have left."""
    await pool.execute(SQL["forget_allowances"])
    await pool.execute(SQL["forget_sources"], _known_for(access_settings()))


async def _spend(connection: PooledConnection, asked: Mapping[tuple[str, int], Allowance]) -> None:
    """Spend one attempt of each allowance, or none."""
    held = await _hold(connection, asked)
    _refuse_early(max(asked[key].wait_s(*held[key]) for key in asked))
    await _put(connection, {key: asked[key].after_attempt(*held[key]) for key in asked})


async def _hold(
    connection: PooledConnection, asked: Mapping[tuple[str, int], Allowance]
) -> dict[tuple[str, int], tuple[datetime, datetime]]:
    """Lock allowances; returns when each is whole again, and the present moment."""
    rows = await connection.fetch(
        SQL["hold_allowances"], [kind for kind, _ in asked], [slot for _, slot in asked]
    )
    return {(row["kind"], row["slot"]): (row["full_at"], row["now"]) for row in rows}


async def _put(connection: PooledConnection, full_at: Mapping[tuple[str, int], datetime]) -> None:
    kinds, slots = [kind for kind, _ in full_at], [slot for _, slot in full_at]
    await connection.execute(SQL["put_allowances"], kinds, slots, list(full_at.values()))


async def _hold_known_source(
    connection: PooledConnection, account_id: int, network: str, settings: AccessSettings
) -> tuple[datetime, datetime] | None:
    """Lock the allowance of an account at a known source; returns when it is whole again, and the
    present moment. None: its person has not signed in from there."""
    row = await connection.fetchrow(
        SQL["hold_known_source"], account_id, network, _known_for(settings)
    )
    return None if row is None else (row["full_at"], row["now"])


def _known_for(settings: AccessSettings) -> timedelta:
    return timedelta(days=settings.known_source_days)


def _refuse_early(wait_s: float) -> None:
    if wait_s > 0:
        raise TooManyAttemptsError(wait_s)
