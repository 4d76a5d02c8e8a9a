"""Empties rows of driving logs that were, or may have been, driven in private.

A log that waits for its import has no known columns yet, and a refused row may state no time. So
the check of a row looks at all its cells.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from db.connect import PooledConnection
from db.statements import statements
from fleet.files.cells import pack_rows, rows_to_show, unpack_rows
from fleet.files.own_process import ReadFile
from fleet.moments import clock_of, day_of, moment_of
from register.private_time import PrivatePeriod, is_private, read_period

SQL = statements("private")
LOG_SQL = statements("driving_log")

#: A row with a longer time is no trip, so its times do not tell when it was driven.
_LONGEST = timedelta(days=31)

#: The note on a log of which rows were emptied.
EMPTIED_NOTE = (
    "Rows that were, or may have been, driven in private are empty here, and are not taken"
)

#: The private periods of vehicles, by every name that a log may use for them, in lower case.
PrivateNames = Mapping[str, Sequence[PrivatePeriod]]


async def private_names(connection: PooledConnection) -> PrivateNames:
    """The private periods of all vehicles by their names."""
    names: dict[str, list[PrivatePeriod]] = {}
    for row in await connection.fetch(SQL["periods_by_name"]):
        names.setdefault(row["name"], []).append(read_period(row))
    return names


def is_private_row(cells: Sequence[object], names: PrivateNames) -> bool | None:
    """Whether a row was driven in private; None if its cells do not tell."""
    periods = [period for cell in cells for period in names.get(str(cell).strip().lower(), ())]
    if not periods:
        return False
    moments = _moments_in(cells)
    if len(moments) < 2:
        return None
    begins, ends = sorted(moments[:2])
    if ends - begins > _LONGEST or not _is_year_of_trips(begins):
        return None
    return any(is_private(moment, periods) for moment in moments) or any_private_between(
        periods, begins, ends
    )


def _moments_in(cells: Sequence[object]) -> list[datetime]:
    """The moments in a row, the departure and the return first.

    Where the row has days and times of day in separate cells, these are all moments that they may
    mean together: a return may be of the next day.
    """
    moments = [moment for cell in cells if (moment := moment_of(cell)) is not None]
    written = [day for cell in cells if isinstance(cell, str) and (day := day_of(cell)) is not None]
    days = [day for day in written if _is_year_of_trips(day)]
    clocks = [clock for cell in cells if (clock := clock_of(cell)) is not None]
    # The distance `12.30` reads as a time of day, so that times with a colon go before such.
    sure = [clock for cell in cells if ":" in str(cell) and (clock := clock_of(cell)) is not None]
    if len(moments) >= 2 or not days or not clocks:
        return moments
    departure, *returns = sure or clocks
    begins = datetime.combine(days[0], time.min) + departure
    possible = [
        datetime.combine(day, time.min) + clock
        for clock in returns
        for day in dict.fromkeys((days[-1], *days))
    ]
    ends = [end if end > begins else end + timedelta(days=1) for end in possible]
    found = [moment_of(moment) for moment in (begins, *ends)]
    return [*(moment for moment in found if moment is not None), *moments]


def _is_year_of_trips(day: date) -> bool:
    return 1900 <= day.year <= 2200


def any_private_between(periods: Sequence[PrivatePeriod], begins: datetime, ends: datetime) -> bool:
    """Whether any of `periods` covers a moment between `begins` and `ends`."""
    return any(True for period in periods for _ in period.spans(begins, ends))


def without_private_rows(waiting: ReadFile, names: PrivateNames) -> tuple[ReadFile, int]:
    """Empties the rows of a waiting log that were, or may have been, driven in private.

    All rows keep their numbers. The answer of the log lists the numbers of the emptied rows under
    `private`, for the rows themselves no longer tell.

    Args:
        waiting: the log as `fleet.files.cells.read_packed` read it.
        names: the private periods of all vehicles.

    Returns:
        The log, and the number of rows that were emptied.
    """
    rows = list(unpack_rows(waiting.beside))
    hidden = [
        at for at, cells in enumerate(rows) if at and is_private_row(cells, names) is not False
    ]
    if not hidden:
        return waiting, 0
    for at in hidden:
        rows[at] = []
    notes = [note for note in waiting.answer["notes"] if note != EMPTIED_NOTE]
    private = sorted({*waiting.answer.get("private", ()), *hidden})
    answer = (
        waiting.answer | rows_to_show(rows) | {"notes": [*notes, EMPTIED_NOTE], "private": private}
    )
    return ReadFile(answer, pack_rows(rows)), len(hidden)


async def sweep_waiting(connection: PooledConnection) -> int:
    """Empty the private rows of the logs that wait for their import; returns their number.

    The function waits for imports that run now, so its transaction must hold no lock that they
    need.
    """
    names = await private_names(connection)
    hidden = 0
    for upload in await connection.fetch(SQL["waiting_logs"]):
        row = await connection.fetchrow(LOG_SQL["lock_upload"], upload["upload_id"])
        if row is None:  # it was imported meanwhile
            continue
        before = ReadFile(row["preview"], row["content"])
        after, items = await asyncio.to_thread(without_private_rows, before, names)
        if items:
            await connection.execute(
                SQL["store_waiting_log"], upload["upload_id"], after.beside, after.answer
            )
            hidden += items
    return hidden
