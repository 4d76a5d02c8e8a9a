"""Days on which the municipality is closed beside the public holidays: no working days."""

from dataclasses import dataclass
from datetime import date

from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor
from fleet.localtime import public_holidays
from register.history import REMOVED, Subject, record_change

SQL = statements("closing_day")


class NoClosingDayError(LookupError):
    """The day is none of the municipality's own closing days."""


@dataclass(frozen=True, slots=True)
class ClosingDay:
    """A day that is no working day; `source` and `added_by` are empty for a public holiday."""

    day: date
    name: str
    source: str
    added_by: str


async def closing_days(pool: Pool, year: int) -> list[ClosingDay]:
    """The municipality's own closing days of a year, and the public holidays that fall on weekdays,
    by day."""
    rows = await pool.fetch(SQL["closing_days_of_year"], year)
    own = [ClosingDay(row["day"], row["name"], row["source"], row["added_by"]) for row in rows]
    holidays = [
        ClosingDay(day, name, "", "")
        for day, name in public_holidays(year).items()
        if day.weekday() < 5
    ]
    return sorted([*own, *holidays], key=lambda one: one.day)


async def closed_between(
    connection: Pool | PooledConnection, first: date, last: date
) -> frozenset[date]:
    """The municipality's own closing days from one day to another, both included."""
    return frozenset(
        row["day"] for row in await connection.fetch(SQL["closing_days_between"], first, last)
    )


async def add_closing_day(pool: Pool, actor: Actor, day: date, name: str, source: str) -> None:
    """Add a closing day; a day that is one already stays as it is."""
    async with pool.acquire() as connection, connection.transaction():
        if (
            await connection.fetchval(SQL["add_closing_day"], day, name, source, str(actor))
            is not None
        ):
            content = {"name": name, "source": source}
            await record_change(connection, actor, Subject.CLOSING_DAY, day.isoformat(), content)


async def remove_closing_day(pool: Pool, actor: Actor, day: date) -> None:
    """Take a closing day back.

    Raises:
        NoClosingDayError: the municipality did not add it.
    """
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(SQL["remove_closing_day"], day) is None:
            raise NoClosingDayError(day)
        await record_change(connection, actor, Subject.CLOSING_DAY, day.isoformat(), REMOVED)
