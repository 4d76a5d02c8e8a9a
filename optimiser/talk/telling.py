"""Mails about what was said. What a mail says in words is the caller's (`Words`), since this room
knows no language."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from access.mail.outbox import Letter, put_mail
from db.connect import PooledConnection
from db.statements import statements
from fleet.actor import Actor
from optimiser.talk.entries import EntryKind

SQL = statements("talk")


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a mail tells: who said something about how many proposals, and the one that it leads to
    (`proposal_id`), if it is about one. A decision key or a vehicle is not in a mail, which others
    than its reader may see."""

    kind: EntryKind
    actor: str
    text: str
    proposals: int
    proposal_id: int | None
    answer_day: date | None = None


#: Puts news into the words of a mail. None: there is no mail server, and news wait on the pages.
Words = Callable[[News], Letter] | None


async def tell(
    connection: PooledConnection,
    words: Words,
    writer: Actor,
    entry_id: int,
    recipients: Sequence[int],
    news: News,
) -> int:
    """Put a mail about an entry into the outbox for each of the recipients but the writer;
    returns how many there are."""
    if words is None:
        return 0
    letter = words(news)
    mails = 0
    for account_id in recipients:
        if account_id != writer.account_id:
            mails += await put_mail(connection, f"talk {entry_id}", account_id, letter)
    return mails


async def fleet_unit(connection: PooledConnection) -> Sequence[int]:
    """The accounts of the fleet unit that mails reach."""
    return [row["account_id"] for row in await connection.fetch(SQL["fleet_unit"])]
