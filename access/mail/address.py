"""Addresses of mail, and the act that gives one to an account."""

import re

from access.accounts import AccountError, AccountFault, lock_account
from access.history import AccessSubject, record_change
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError

SQL = statements("mail")

#: The most characters of an address, by RFC 5321.
ADDRESS_MAX = 254

#: The part before the @, without the quoted forms, which nobody has, and a name of a host.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_HOST = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
_LOCAL_MAX = 64


class MailAddressError(ExpectedError, ValueError):
    """A text is no address of mail."""

    def __init__(self) -> None:
        super().__init__("that is no e-mail address, such as navn@kommune.dk")


def read_address(text: str) -> str:
    """The address in a text, as it goes to a mail server: a host with letters such as ø as its name
    is stored.

    Raises:
        MailAddressError: there is none, or more than one.
    """
    local, at, host = text.strip().rpartition("@")
    try:
        plain = host.encode("idna").decode("ascii")
    except UnicodeError:
        raise MailAddressError from None
    fits = at and len(local) <= _LOCAL_MAX and len(local) + 1 + len(plain) <= ADDRESS_MAX
    if not fits or not _LOCAL.fullmatch(local) or not _HOST.fullmatch(plain):
        raise MailAddressError
    return f"{local}@{plain}"


@unscoped
async def set_address(pool: Pool, actor: Actor, account_id: int, text: str) -> None:
    """Give an account an address of mail, or with an empty text none. People set their own, and an
    administrator that of everybody.

    Raises:
        MailAddressError: the text is no address.
        AccountError: there is no such account, or it is closed.
    """
    if actor.account_id != account_id:
        actor.require(Permission.ACCOUNTS_MANAGE)
    address = read_address(text) if text.strip() else None
    async with pool.acquire() as connection, connection.transaction():
        if (await lock_account(connection, account_id)).closed:
            raise AccountError(AccountFault.CLOSED)
        await set_address_within(connection, actor, account_id, address)


async def set_address_within(
    connection: PooledConnection, by: Actor, account_id: int, address: str | None
) -> None:
    """Give a locked account an address of mail, or none, where it has another one."""
    before = await connection.fetchval(SQL["address_of"], account_id)
    if before == address:
        return
    await connection.execute(SQL["set_address"], account_id, address)
    content = {"email": address or ""}
    was = {"email": before or ""}
    await record_change(connection, by, AccessSubject.ACCOUNT, account_id, content, was)
