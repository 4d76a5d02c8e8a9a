"""Lets people in whom the provider knows: makes their accounts, and keeps them as the groups say.

An account is found by the provider's own name of the person, which never changes, and not by a name
that others may have as well.
"""

from collections.abc import Mapping
from dataclasses import replace

from access.accounts import (
    Account,
    AccountError,
    AccountFault,
    LockedAccount,
    ProviderIdentity,
    add_account_within,
    change_role_within,
    lock_account,
    rename_within,
)
from access.attempts_stored import count_refusal
from access.history import AccessSubject, record_change
from access.mail.address import set_address_within
from access.openid.departure import Departure
from access.openid.faults import OpenIdError, OpenIdFault
from access.openid.groups import Admitted, admitted
from access.openid.provider import OpenIdProvider
from access.openid.settings import OpenIdSettings
from access.sessions import open_session_within
from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor

SQL = statements("account")
SESSION_SQL = statements("session")

#: Who makes and changes the accounts of people whom the provider knows.
_PROVIDER = Actor.trusted("OpenID Connect")


async def come_in(
    pool: Pool,
    provider: OpenIdProvider,
    settings: OpenIdSettings,
    departure: Departure | None,
    answer: Mapping[str, str],
    *,
    source: str,
    agent: str,
) -> str:
    """Open a session for who comes back from a departure (None: from none that their browser keeps)
    with an answer, the parameters of the address; returns its token.

    Raises:
        OpenIdError: nobody is let in, and `fault` says why.
    """
    if departure is None:
        raise OpenIdError(OpenIdFault.NOT_BEGUN_HERE, "the browser keeps no departure")
    proof = await provider.proof(departure, answer)
    claims = proof.claims
    try:
        person = admitted(claims, settings)
    except OpenIdError:
        await turn_away(pool, str(claims["iss"]), str(claims["sub"]), source=source)
        raise
    return await admit(pool, person, source=source, agent=agent, id_token=proof.id_token)


async def admit(
    pool: Pool, person: Admitted, *, source: str, agent: str, id_token: str = ""
) -> str:
    """Open a session for a person; returns its token. The ID token is kept with it, by which they
    sign out at the provider. Their account is made where there is none,
    and is called as the provider calls them now. Where the role or the departments are others than
    before, the earlier sessions end.

    Raises:
        OpenIdError: somebody has closed the account.
    """
    by = replace(_PROVIDER, source=source)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_accounts"])
        account_id = await connection.fetchval(
            SQL["account_of_identity"], person.issuer, person.subject
        )
        if account_id is None:
            account_id = (await _add(connection, by, person)).account_id
        account = await lock_account(connection, account_id)
        if account.closed:
            raise OpenIdError(OpenIdFault.CLOSED)
        await _bring_up_to_date(connection, by, account, person)
        # The log names who signs in as the account is called now.
        account = await lock_account(connection, account_id)
        return await open_session_within(
            connection, account, source=source, agent=agent, id_token=id_token
        )


async def turn_away(pool: Pool, issuer: str, subject: str, *, source: str) -> None:
    """Count that a person was refused to whom the provider gives no role, and end the sessions that
    they have from before."""
    account_id = await pool.fetchval(SQL["account_of_identity"], issuer, subject)
    if account_id is not None:
        async with pool.acquire() as connection, connection.transaction():
            await lock_account(connection, account_id)
            if await connection.fetch(SESSION_SQL["end_sessions"], account_id, None):
                content = {"groups": "none with a role"}
                by = replace(_PROVIDER, source=source)
                await record_change(connection, by, AccessSubject.ACCOUNT, account_id, content)
    await count_refusal(pool, account_id, source)


async def _add(connection: PooledConnection, by: Actor, person: Admitted) -> Account:
    """Make an account under the first name that nobody has."""
    identity = ProviderIdentity(person.issuer, person.subject)
    for name in person.names:
        try:
            return await add_account_within(
                connection, by, name, person.role, person.departments, identity=identity
            )
        except AccountError as error:
            if error.fault is not AccountFault.NAME_TAKEN:
                raise
    raise OpenIdError(OpenIdFault.TOKEN_REFUSED, "all names of the person are taken")


async def _bring_up_to_date(
    connection: PooledConnection, by: Actor, account: LockedAccount, person: Admitted
) -> None:
    if account.name not in person.names:
        for name in person.names:
            if await rename_within(connection, by, account.account_id, name):
                break
    if (account.role, account.departments) != (person.role, person.departments):
        await change_role_within(
            connection, by, account.account_id, person.role, person.departments
        )
    if person.email is not None:
        await set_address_within(connection, by, account.account_id, person.email)
