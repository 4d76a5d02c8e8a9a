"""The outbox: mails that wait to be sent, and what a person does with those that could not be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError

SQL = statements("mail")


class MailState(StrEnum):
    """The state of a mail, as the table names it."""

    WAITING = "waiting"
    #: Its text is on its way to the server.
    SENDING = "sending"
    SENT = "sent"
    #: The sender ended before it knew whether the server took it.
    UNCLEAR = "unclear"
    #: The server refused it for good, or was tried often enough.
    FAILED = "failed"
    #: A person decided that it is not sent.
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Letter:
    """The subject and the text of a mail."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail of the outbox that is not sent. `error` is why it was not sent the last time.
    `account_id` is None where its reader has none."""

    mail_id: int
    account_id: int | None
    name: str
    recipient: str
    subject: str
    state: MailState
    made_at: datetime
    next_at: datetime
    attempts: int
    error: str

    @property
    def is_answer(self) -> bool:
        """Whether the server said what `error` is: its answers begin with a code of three digits.
        Otherwise nothing came from it, such as where it was not reached."""
        return self.error[:3].isdecimal() and self.error[3:4] in ("", " ")

    @property
    def is_stuck(self) -> bool:
        """Whether it waits for a person's decision, and not for the server."""
        return self.state in (MailState.UNCLEAR, MailState.FAILED)


class NoMailError(ExpectedError, LookupError):
    """There is no such mail, or it is not one that a person decides on."""


async def put_mail(
    connection: PooledConnection, cause: str, account_id: int, letter: Letter
) -> bool:
    """Add a mail to the person of an account, in the transaction of what causes it; returns whether
    there is one. An account that is closed or has no address gets none, and one cause makes one
    mail to each."""
    subject = " ".join(letter.subject.split())
    made = await connection.fetchval(
        SQL["put"], f"{cause} to {account_id}", account_id, subject, letter.body
    )
    return made is not None


async def put_mail_to(
    connection: PooledConnection, cause: str, name: str, address: str, letter: Letter
) -> None:
    """Add a mail to a person without an account, in the transaction of what causes it. One cause
    makes one mail."""
    subject = " ".join(letter.subject.split())
    await connection.execute(SQL["put_without_account"], cause, name, address, subject, letter.body)


async def withdraw_mail(connection: PooledConnection, cause: str) -> None:
    """Let the mail to a person without an account that a cause made not be sent, if it waits."""
    await connection.execute(SQL["withdraw"], cause)


async def unsent_mails(pool: Pool) -> Sequence[Mail]:
    """The mails that are not sent and not dropped, those first that a person has to decide on."""
    return [
        Mail(
            mail_id=row["mail_id"],
            account_id=row["account_id"],
            name=row["name"],
            recipient=row["recipient"],
            subject=row["subject"],
            state=MailState(row["state"]),
            made_at=row["made_at"],
            next_at=row["next_at"],
            attempts=row["attempts"],
            error=row["error"],
        )
        for row in await pool.fetch(SQL["unsent"])
    ]


async def count_stuck(pool: Pool) -> int:
    """How many mails wait for a person's decision."""
    return await pool.fetchval(SQL["stuck"])


async def send_again(pool: Pool, actor: Actor, mail_id: int) -> None:
    """Let a mail be sent (again) that failed, or of which it is unclear whether it arrived. It goes
    to the address that the account has now, or where it has none to the same one.

    Raises:
        NoMailError: there is none that waits for a decision.
    """
    actor.require(Permission.ACCOUNTS_MANAGE)
    await _settle(pool, actor, mail_id, "again", MailState.WAITING)


async def drop(pool: Pool, actor: Actor, mail_id: int) -> None:
    """Decide that a mail is not sent: it arrived, or is not needed.

    Raises:
        NoMailError: there is none that waits for a decision.
    """
    actor.require(Permission.ACCOUNTS_MANAGE)
    await _settle(pool, actor, mail_id, "drop", MailState.DROPPED)


async def _settle(pool: Pool, actor: Actor, mail_id: int, how: str, state: MailState) -> None:
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(SQL[how], mail_id)
        if row is None:
            raise NoMailError(f"no mail {mail_id} waits for a decision")
        detail = {"state": state.value, "account": row["account_id"]}
        await record(connection, actor, Act.CHANGED, Subject.MAIL, mail_id, detail)
