"""Sends the mails of the outbox.

SMTP cannot say whether a mail arrived when the connection ends between its text and the server's
answer. A mail is therefore marked as `sending` right before its text goes out, and what is found
marked so by the next sender becomes `unclear`: it may have arrived, so only a person sends it
again.
A sender that dies at any other moment changes nothing, and the mail is sent by the next one. So
nobody gets a mail twice unless a person says so, and then with the same Message-ID.
"""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from enum import StrEnum, auto

import structlog
from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
)

from access.mail.settings import MailServer, MailTls
from db.connect import Pool, PooledConnection
from db.statements import statements

SQL = statements("mail")

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: How often a mail is tried before a person decides. With the pauses, which double from two minutes
#: to four hours, a server may be away for a long weekend.
ATTEMPTS_MAX = 24

#: The most characters that are kept of what a server says.
ERROR_MAX = 500

#: The answers of a server that are for good begin here (RFC 5321).
_FOR_GOOD = 500


class _ServerAwayError(Exception):
    """The mail server does not let us in: the other mails wait for the next turn."""


class _Step(StrEnum):
    """How far the sending of a mail has come."""

    CONNECTING = auto()
    ADDRESSING = auto()
    TRANSMITTING = auto()
    TAKEN = auto()


async def send_due(pool: Pool, server: MailServer) -> int:
    """Send the mails whose time has come, one after the other; returns how many were sent. One
    sender at a time does it, however many workers there are."""
    sent = 0
    async with pool.acquire() as connection:
        if not await connection.fetchval(SQL["take_turn"]):
            return 0
        try:
            for row in await connection.fetch(SQL["own_up"]):
                LOG.warning("it is unclear whether a mail arrived", mail=row["mail_id"])
            await connection.execute(SQL["drop_closed"])
            for row in await connection.fetch(SQL["due"]):
                sent += await _send(connection, server, row["mail_id"])
        except _ServerAwayError:
            LOG.warning("the mail server is away", sent=sent)
        finally:
            await _end_turn(connection)
    return sent


async def _end_turn(connection: PooledConnection) -> None:
    """Let others send. A connection that cannot say so is closed, which ends its turn as well."""
    try:
        await connection.execute(SQL["end_turn"])
    except BaseException:
        connection.terminate()
        raise


async def _send(connection: PooledConnection, server: MailServer, mail_id: int) -> bool:
    row = await connection.fetchrow(SQL["begin"], mail_id)
    if row is None:  # a person dropped it meanwhile
        return False
    step = _Step.CONNECTING
    client = SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.tls is MailTls.TLS,
        start_tls=server.tls is MailTls.STARTTLS,
        username=server.user,
        password=server.password,
        timeout=server.wait_max_s,
    )
    try:
        async with client:
            step = _Step.ADDRESSING
            await client.mail(server.sender)
            await client.rcpt(row["recipient"])
            text = _text(
                mail_id, row["made_at"], server, row["recipient"], row["subject"], row["body"]
            )
            await connection.execute(SQL["claim"], mail_id)
            step = _Step.TRANSMITTING
            await client.data(text)
            step = _Step.TAKEN
            await connection.execute(SQL["taken"], mail_id)
    except (SMTPException, OSError) as error:
        if step is _Step.TAKEN:  # the farewell failed, which changes nothing
            return True
        await _put_off(connection, mail_id, row["attempts"], step, error)
        if step is _Step.CONNECTING:
            raise _ServerAwayError from error
        return False
    return True


async def _put_off(
    connection: PooledConnection, mail_id: int, attempts: int, step: _Step, error: Exception
) -> None:
    """Note why a mail was not sent, and when it is tried again, if it is."""
    answered = isinstance(error, SMTPResponseException)
    said = f"{error.code} {error.message}" if answered else str(error) or type(error).__name__
    if step is _Step.TRANSMITTING and not answered:
        state = "unclear"
    elif attempts >= ATTEMPTS_MAX or _is_for_good(step, error):
        state = "failed"
    else:
        state = "waiting"
    pause_s = min(60 * 2**attempts, 4 * 3600)
    await connection.execute(SQL["put_off"], mail_id, state, pause_s, _plain(said))
    LOG.warning("a mail was not sent", mail=mail_id, state=state, attempts=attempts)


def _is_for_good(step: _Step, error: Exception) -> bool:
    """Whether the server refused this mail, whenever it is sent: its recipient or its text. That it
    does not let us in is for people who run the server to mend."""
    if isinstance(error, SMTPRecipientRefused):
        return error.code >= _FOR_GOOD
    return (
        step is _Step.TRANSMITTING
        and isinstance(error, SMTPResponseException)
        and error.code >= _FOR_GOOD
    )


def _plain(said: str) -> str:
    """The answer of a server, as it can be stored and shown."""
    printable = "".join(one if one.isprintable() else " " for one in said)
    return " ".join(printable.split())[:ERROR_MAX]


def _text(
    mail_id: int, made_at: datetime, server: MailServer, recipient: str, subject: str, body: str
) -> bytes:
    """The text of a mail as it goes out. Its Message-ID is the same at every attempt."""
    message = EmailMessage()
    message["From"] = server.sender
    message["To"] = recipient
    message["Subject"] = subject
    message["Date"] = made_at
    host = server.sender.rpartition("@")[2]
    message["Message-ID"] = f"<flaade-{mail_id}-{int(made_at.timestamp())}@{host}>"
    # No answering machine answers to it (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message.as_bytes(policy=SMTP_POLICY)
