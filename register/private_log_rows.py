"""Empties rows of driving logs that were, or may have been, driven in private.

A log that waits has no columns yet, and a row may be refused because it does not say when it was
driven: a row is looked at by all of its cells.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from db.connect import PooledConnection
from db.statements import statements
from fleet.files.cells import pack_rows, rows_to_show, unpack_rows
from fleet.files.own_process import ReadFile
from fleet.moments import moment_of
from register.private_time import PrivatePeriod, is_private, read_period

SQL = statements("private")
LOG_SQL = statements("driving_log")

#: A row that lasts longer is no trip, and does not tell when it was driven.
_LONGEST = timedelta(days=31)

#: What is said beside a log of which rows were emptied.
EMPTIED = "Rows that were, or may have been, driven in private are empty here, and are not taken"

#: When vehicles were private, by all that a log may call them, in lower case.
PrivateNames = Mapping[str, Sequence[PrivatePeriod]]


async def private_names(connection: PooledConnection) -> PrivateNames:
    """The periods of all vehicles."""
    names: dict[str, list[PrivatePeriod]] = {}
    for row in await connection.fetch(SQL["periods_by_name"]):
        names.setdefault(row["name"], []).append(read_period(row))
    return names


def is_private_row(cells: Sequence[object], names: PrivateNames) -> bool | None:
    """Whether a row was driven in private; None: nobody knows, and it may have been."""
    periods = [period for cell in cells for period in names.get(str(cell).strip().lower(), ())]
    if not periods:
        return False
    moments = [moment for cell in cells if (moment := moment_of(cell)) is not None]
    if len(moments) < 2:
        return None
    begins, ends = sorted(moments[:2])
    if ends - begins > _LONGEST or not 1900 <= begins.year <= 2200:
        return None
    return any(is_private(moment, periods) for moment in moments) or any_private_between(
        periods, begins, ends
    )


def any_private_between(periods: Sequence[PrivatePeriod], begins: datetime, ends: datetime) -> bool:
    """Whether any moment between two others is private by any of the periods."""
    return any(True for period in periods for _ in period.spans(begins, ends))


def without_private_rows(waiting: ReadFile, names: PrivateNames) -> tuple[ReadFile, int]:
    """A log as `fleet.files.cells.read_packed` read it, those rows empty that were or may have been
    driven in private, so that all keep their number; and how many these are. Its answer tells under
    `private` at which of its rows they are, for none of them says so any more."""
    rows = list(unpack_rows(waiting.beside))
    hidden = [
        at for at, cells in enumerate(rows) if at and is_private_row(cells, names) is not False
    ]
    if not hidden:
        return waiting, 0
    for at in hidden:
        rows[at] = []
    notes = [note for note in waiting.answer["notes"] if note != EMPTIED]
    private = sorted({*waiting.answer.get("private", ()), *hidden})
    answer = waiting.answer | rows_to_show(rows) | {"notes": [*notes, EMPTIED], "private": private}
    return ReadFile(answer, pack_rows(rows)), len(hidden)


async def sweep_waiting(connection: PooledConnection) -> int:
    """Empty the private rows of the logs that wait for their columns; returns how many.

    It waits for those who take one now, so its transaction must hold nothing that they need.
    """
    names = await private_names(connection)
    hidden = 0
    for upload in await connection.fetch(SQL["waiting_logs"]):
        row = await connection.fetchrow(LOG_SQL["lock_upload"], upload["upload_id"])
        if row is None:  # it was taken meanwhile
            continue
        was = ReadFile(row["preview"], row["content"])
        now, items = await asyncio.to_thread(without_private_rows, was, names)
        if items:
            await connection.execute(
                SQL["store_waiting_log"], upload["upload_id"], now.beside, now.answer
            )
            hidden += items
    return hidden
