"""Mails: each recipient gets each exactly once, whatever ends the sender, and an administrator sees
what cannot be sent."""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator

import pytest

from access.accounts import Account, AccountError, account, account_actor, close_account
from access.mail.address import MailAddressError, read_address, set_address
from access.mail.outbox import (
    Letter,
    MailState,
    NoMailError,
    count_stuck,
    drop,
    put_mail,
    send_again,
    unsent_mails,
)
from access.mail.sender import ATTEMPTS_MAX, send_due
from access.mail.settings import MailServer, MailSettings, MailTls, mail_server
from access.roles import Role
from db.connect import Pool
from fleet.actor import Actor, NotAllowedError
from fleet.settings import SettingsError
from tests.factories.accounts import person
from tests.factories.actors import SOMEBODY
from tests.factories.mail_server import SENDER, Inbox, mail_inbox

LETTER = Letter("Forslag\r\nBcc: alle@kommune.dk", "Hej <b>Åse</b>\n.\nsvar\n")

#: A sender in a process of its own, which a test kills.
SENDING = """
import asyncio, sys
from access.mail.sender import send_due
from access.mail.settings import MailServer, MailTls
from db.connect import open_pool

async def main():
    async with open_pool(sys.argv[1]) as pool:
        server = MailServer("127.0.0.1", int(sys.argv[2]), "flaade@kommune.dk", MailTls.NONE)
        await send_due(pool, server)

asyncio.run(main())
"""


@pytest.fixture
async def inbox() -> AsyncGenerator[Inbox]:
    async with mail_inbox() as inbox:
        yield inbox


async def reader_of_mail(pool: Pool, name: str = "Åse", host: str = "kommune.dk") -> Account:
    made = await person(pool, name, Role.READER)
    await set_address(pool, SOMEBODY, made.account_id, f"{made.account_id}@{host}")
    return made


async def put(pool: Pool, cause: str, *accounts: Account) -> int:
    async with pool.acquire() as connection, connection.transaction():
        return sum([await put_mail(connection, cause, one.account_id, LETTER) for one in accounts])


async def states(pool: Pool) -> list[str]:
    return [row[0] for row in await pool.fetch("SELECT state FROM mail ORDER BY mail_id")]


async def due_now(pool: Pool) -> None:
    await pool.execute("UPDATE mail SET next_at = now() WHERE state = 'waiting'")


async def test_a_mail_arrives_once_as_it_was_written(pool: Pool, inbox: Inbox) -> None:
    one, other = await reader_of_mail(pool), await reader_of_mail(pool, "Bo", "rødovre.dk")
    silent = await person(pool, "Uden adresse", Role.READER)
    assert await put(pool, "a", one, other, silent) == 2
    assert await put(pool, "a", one, other) == 0  # one cause makes one mail
    assert await send_due(pool, inbox.server) == 2
    assert await send_due(pool, inbox.server) == 0
    assert inbox.recipients == [
        f"{one.account_id}@kommune.dk",
        f"{other.account_id}@xn--rdovre-bya.dk",
    ]
    message = inbox.taken[0][1]
    assert message["Subject"] == "Forslag Bcc: alle@kommune.dk"
    assert message["Bcc"] is None
    assert (message["From"], message["Auto-Submitted"]) == (SENDER, "auto-generated")
    assert message.get_content_type() == "text/plain"
    assert message.get_content().replace("\r\n", "\n") == LETTER.body.replace("\n.\n", "\n..\n")
    assert await unsent_mails(pool) == []


async def test_many_senders_at_once_send_each_mail_once(pool: Pool, inbox: Inbox) -> None:
    people = [await reader_of_mail(pool, f"Person {n}") for n in range(8)]
    await put(pool, "a", *people)
    await asyncio.gather(*(send_due(pool, inbox.server) for _ in range(4)))
    assert sorted(inbox.recipients) == sorted(f"{one.account_id}@kommune.dk" for one in people)


async def kill_at(inbox: Inbox, step: str, database_url: str) -> None:
    """Kill a sender with SIGKILL when the server has heard a step of its first mail."""
    inbox.stall_at = step
    sender = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SENDING, database_url, str(inbox.port)
    )
    async with asyncio.timeout(60):
        await inbox.reached.wait()
        sender.send_signal(signal.SIGKILL)
        assert await sender.wait() == -signal.SIGKILL
    inbox.stall_at = ""


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT"])
async def test_a_sender_that_is_killed_before_the_text_goes_out_loses_nothing(
    pool: Pool, inbox: Inbox, database_url: str, step: str
) -> None:
    people = [await reader_of_mail(pool, f"Person {n}") for n in range(3)]
    await put(pool, "a", *people)
    await kill_at(inbox, step, database_url)
    while set(await states(pool)) != {"sent"}:  # the server of the database notices the death
        await send_due(pool, inbox.server)
    assert sorted(inbox.recipients) == sorted(f"{one.account_id}@kommune.dk" for one in people)


async def test_a_mail_that_may_have_arrived_is_sent_again_by_a_persons_word_only(
    pool: Pool, inbox: Inbox, database_url: str
) -> None:
    """The server has the text and the sender dies before it hears so."""
    people = [await reader_of_mail(pool, f"Person {n}") for n in range(3)]
    await put(pool, "a", *people)
    await kill_at(inbox, ".", database_url)
    while "waiting" in await states(pool):
        await send_due(pool, inbox.server)
    for _ in range(3):
        assert await send_due(pool, inbox.server) == 0
    assert sorted(inbox.recipients) == sorted(f"{one.account_id}@kommune.dk" for one in people)
    assert sorted(await states(pool)) == ["sent", "sent", "unclear"]
    [mail] = await unsent_mails(pool)
    assert (mail.state, mail.is_stuck, await count_stuck(pool)) == (MailState.UNCLEAR, True, 1)
    with pytest.raises(NotAllowedError):
        await send_again(pool, Actor("nobody"), mail.mail_id)
    await send_again(pool, SOMEBODY, mail.mail_id)
    assert await send_due(pool, inbox.server) == 1
    first, again = (text for to, text in inbox.taken if to == mail.recipient)
    assert first["Message-ID"] == again["Message-ID"]
    with pytest.raises(NoMailError):
        await drop(pool, SOMEBODY, mail.mail_id)


async def test_a_connection_that_ends_while_the_server_has_the_text_leaves_it_unclear(
    pool: Pool, inbox: Inbox
) -> None:
    await put(pool, "a", await reader_of_mail(pool))
    inbox.hang_up_at = "."
    assert await send_due(pool, inbox.server) == 0
    assert await states(pool) == ["unclear"]
    inbox.hang_up_at = ""
    assert await send_due(pool, inbox.server) == 0
    assert len(inbox.taken) == 1


async def test_an_unknown_recipient_fails_at_once_and_others_get_theirs(
    pool: Pool, inbox: Inbox
) -> None:
    one, other = await reader_of_mail(pool), await reader_of_mail(pool, "Bo")
    await put(pool, "a", one, other)
    inbox.refuse[f"{one.account_id}@kommune.dk"] = "550 5.1.1 nobody <b>here</b>"
    assert await send_due(pool, inbox.server) == 1
    [mail] = await unsent_mails(pool)
    assert (mail.state, mail.name) == (MailState.FAILED, "Åse")
    assert mail.error == "550 5.1.1 nobody <b>here</b>"
    await set_address(pool, SOMEBODY, one.account_id, "aase@kommune.dk")
    await send_again(pool, SOMEBODY, mail.mail_id)
    assert await send_due(pool, inbox.server) == 1
    assert inbox.recipients[-1] == "aase@kommune.dk"
    entries = await pool.fetch("SELECT detail FROM audit_entry WHERE subject = 'mail'")
    assert [row["detail"]["state"] for row in entries] == ["waiting"]


@pytest.mark.parametrize(
    ("step", "said"),
    [("MAIL", "451 later"), ("RCPT", "450 greylisted"), (".", "452 full"), ("MAIL", "530 no")],
)
async def test_what_a_server_does_not_take_now_is_tried_again_with_longer_pauses(
    pool: Pool, inbox: Inbox, step: str, said: str
) -> None:
    await put(pool, "a", await reader_of_mail(pool))
    inbox.refuse[step] = said
    pauses: list[float] = []
    for _ in range(ATTEMPTS_MAX):
        assert await states(pool) == ["waiting"]
        await send_due(pool, inbox.server)
        assert await send_due(pool, inbox.server) == 0  # not before its time
        pauses.append(
            await pool.fetchval("SELECT extract(epoch FROM next_at - now())::float8 FROM mail")
        )
        await due_now(pool)
    assert [round(one) for one in pauses] == sorted(round(one) for one in pauses)
    assert 100 < pauses[0] <= 120
    assert pauses[-1] <= 4 * 3600
    assert await states(pool) == ["failed"]
    [mail] = await unsent_mails(pool)
    assert mail.error == said
    inbox.refuse.clear()
    await send_again(pool, SOMEBODY, mail.mail_id)
    assert await send_due(pool, inbox.server) == 1
    assert len(inbox.taken) == 1


async def test_while_the_server_is_away_mails_wait(pool: Pool, inbox: Inbox) -> None:
    people = [await reader_of_mail(pool, f"Person {n}") for n in range(3)]
    await put(pool, "a", *people)
    away = MailServer("127.0.0.1", 9, SENDER, MailTls.NONE, wait_max_s=1.0)
    assert await send_due(pool, away) == 0
    attempts = await pool.fetch("SELECT attempts FROM mail ORDER BY attempts")
    assert [row[0] for row in attempts] == [0, 0, 1]  # the others did not try in vain
    await due_now(pool)
    assert await send_due(pool, inbox.server) == 3


async def test_a_server_without_the_encryption_that_is_asked_for_gets_nothing(
    pool: Pool, inbox: Inbox
) -> None:
    await put(pool, "a", await reader_of_mail(pool))
    asked = MailServer("127.0.0.1", inbox.port, SENDER, MailTls.STARTTLS, "u", "p", 2.0)
    assert await send_due(pool, asked) == 0
    assert await states(pool) == ["waiting"]
    assert inbox.taken == []


async def test_nobody_gets_mail_after_the_account_is_closed(pool: Pool, inbox: Inbox) -> None:
    one = await reader_of_mail(pool)
    await put(pool, "a", one)
    await close_account(pool, SOMEBODY, one.account_id)
    assert await put(pool, "b", one) == 0
    assert await send_due(pool, inbox.server) == 0
    assert (await states(pool), inbox.taken) == (["dropped"], [])
    with pytest.raises(AccountError):
        await set_address(pool, SOMEBODY, one.account_id, "ny@kommune.dk")


@pytest.mark.parametrize(
    "text",
    [
        *("a", "@b", "a@", "a@b@c.dk", "a b@c.dk", "a@b c.dk", "a@c.dk,b@c.dk", "<a@c.dk>"),
        *("a@c.dk\nBcc: b@c.dk", "a" * 65 + "@c.dk", "a@" + "b" * 64 + ".dk", "å@c.dk", "a@.dk"),
        *("a.@c.dk", "a@-c.dk", "a@c.dk\x00", "x" * 100_000 + "@c.dk"),
    ],
)
async def test_what_is_no_address_is_refused(pool: Pool, text: str) -> None:
    with pytest.raises(MailAddressError):
        read_address(text)
    one = await reader_of_mail(pool)
    with pytest.raises(MailAddressError):
        await set_address(pool, SOMEBODY, one.account_id, text)


async def test_people_set_their_own_address_and_no_other(pool: Pool) -> None:
    one, other = await reader_of_mail(pool), await reader_of_mail(pool, "Bo")
    actor = account_actor(one, "192.0.2.1")
    await set_address(pool, actor, one.account_id, " aase@kommune.dk ")
    known = await account(pool, one.account_id)
    assert known is not None
    assert known.email == "aase@kommune.dk"
    with pytest.raises(NotAllowedError):
        await set_address(pool, actor, other.account_id, "aase@kommune.dk")
    await set_address(pool, actor, one.account_id, "")
    known = await account(pool, one.account_id)
    assert known is not None
    assert known.email is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"smtp_host": "m"}, "FLAADE_SMTP_FROM"),
        ({"smtp_host": "m", "smtp_from": "a@b.dk", "smtp_user": "u"}, "FLAADE_SMTP_PASSWORD"),
        (
            {
                "smtp_host": "m",
                "smtp_from": "a@b.dk",
                "smtp_user": "u",
                "smtp_password": "p",
                "smtp_tls": "none",
            },
            "FLAADE_SMTP_TLS",
        ),
    ],
)
def test_settings_that_do_not_suffice_stop_the_start(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        mail_server(MailSettings.model_validate(given))
    assert mail_server(MailSettings.model_construct()) is None
