"""Closing days: days, beside public holidays, on which the municipality is closed."""

from dataclasses import dataclass
from datetime import date

from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from fleet.localtime import public_holidays
from register.history import REMOVED, RegisterSubject, record_change

SQL = statements("closing_day")
MUNICIPALITY_SQL = statements("municipality")


class NoClosingDayError(LookupError):
    """The municipality has no closing day of its own on that day."""


class ClosedAlreadyError(ExpectedError):
    """That day is a closing day of the municipality already, by another name or source."""


@dataclass(frozen=True, slots=True)
class ClosingDay:
    """A day that is no working day; a public holiday has an empty `source` and `added_by`."""

    day: date
    name: str
    source: str
    added_by: str


async def closing_days(pool: Pool, year: int) -> list[ClosingDay]:
    """The closing days in a year and the public holidays on weekdays, by day."""
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
    """Add a closing day; the same one again changes nothing.

    Raises:
        ClosedAlreadyError: the day has another name or another source, with which it stays.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        added = await connection.fetchval(SQL["add_closing_day"], day, name, source, str(actor))
        if added is None:
            there = await connection.fetchrow(SQL["closing_day"], day)
            if there is not None and (there["name"], there["source"]) != (name, source):
                raise ClosedAlreadyError(f"{day} is a closing day already: {there['name']}")
            return
        content = {"name": name, "source": source}
        await record_change(
            connection, actor, RegisterSubject.CLOSING_DAY, day.isoformat(), content
        )


async def settle_closing_days(pool: Pool, actor: Actor) -> None:
    """Say that the municipality is closed on public holidays only, so that no closing day is
    missing."""
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(MUNICIPALITY_SQL["settle_closing_days"]) is not None:
            content = {"no_closing_days": True}
            await record_change(
                connection, actor, RegisterSubject.MUNICIPALITY, "closing days", content
            )


async def remove_closing_day(pool: Pool, actor: Actor, day: date) -> None:
    """Remove a closing day.

    Raises:
        NoClosingDayError: the municipality did not add it.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        name = await connection.fetchval(SQL["remove_closing_day"], day)
        if name is None:
            raise NoClosingDayError(day)
        await record_change(
            connection,
            actor,
            RegisterSubject.CLOSING_DAY,
            day.isoformat(),
            REMOVED,
            {"name": name},
        )
