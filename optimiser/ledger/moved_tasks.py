"""Tells the owners of tasks by mail that the ledger placed these on other days. What a mail says in
words is the caller's (`Words`), since this room knows no language."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from access.mail.outbox import Letter, put_mail
from db.connect import PooledConnection
from db.statements import statements
from optimiser.ledger.steps import Step

SQL = statements("ledger")


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedTask:
    """A task that is due `after` another day than `before`, by an entry of its history. The vehicle
    is not named, as others than its reader may see a mail."""

    task_id: int
    step: Step
    before: date
    after: date
    change_id: int


#: Puts the tasks of one owner that moved into the words of a mail. None: there is no mail server.
Words = Callable[[list[MovedTask]], Letter] | None


async def tell_owners(
    connection: PooledConnection, words: Words, moved: Iterable[MovedTask]
) -> None:
    """Put one mail about all tasks that moved into the outbox for each of their owners, in the
    transaction that moved them, so that each hears of it once. The tasks of a department are those
    of its heads; nobody is told of a task without an owner."""
    by_id = {one.task_id: one for one in moved}
    if words is None or not by_id:
        return
    of_account: dict[int, list[MovedTask]] = {}
    for row in await connection.fetch(SQL["who_has"], list(by_id)):
        of_account.setdefault(row["account_id"], []).append(by_id[row["task_id"]])
    for account_id, tasks in of_account.items():
        tasks.sort(key=lambda one: (one.after, one.task_id))
        # The history names the move; whatever else happens, it makes no second mail.
        cause = f"tasks moved {max(one.change_id for one in tasks)}"
        await put_mail(connection, cause, account_id, words(tasks))
