"""Devices whose trips cannot be found: set aside with the reason, so that the others go on."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import asyncpg

from db.connect import FULL, UNAVAILABLE, Pool
from db.statements import statements

SQL = statements("trip")

#: What passes by itself: another transaction was at the same rows.
CONTENDED = (
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.SerializationError,
)


class NoSuchClassError(LookupError):
    """The vehicle's class is none of `trips/detect/vehicle_classes.toml`."""


class Trouble(StrEnum):
    """Why the trips of a device cannot be found."""

    NO_CLASS = "no_class"
    CONTENDED = "contended"
    TOO_LONG = "too_long"
    UNEXPECTED = "unexpected"


class Aside(NamedTuple):
    """The sort of trouble, and the name of the error; no value of the device's data."""

    trouble: Trouble
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A device whose trips could not be found, `attempts` times in a row since `since`; the vehicle
    is None when it sits in none."""

    device: str
    vehicle_id: str | None
    vehicle_name: str | None
    trouble: Trouble
    error: str
    attempts: int
    since: datetime
    retry_at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many devices wait for their trips, for how many seconds the longest-waiting one, and how
    many devices are set aside."""

    devices: int
    oldest_s: float
    aside: int


async def set_aside(pool: Pool, most: int) -> list[SetAside]:
    """The devices that are set aside, the longest first."""
    return [
        SetAside(
            trouble=Trouble(row["trouble"]),
            **{name: value for name, value in row.items() if name != "trouble"},
        )
        for row in await pool.fetch(SQL["aside"], most)
    ]


async def backlog(pool: Pool) -> Backlog:
    """What waits for the finding of trips."""
    row = await pool.fetchrow(SQL["waiting"])
    assert row is not None
    return Backlog(row["devices"], row["oldest_s"], row["aside"])


async def apart(work: Awaitable[None]) -> Aside | None:
    """Do the work on one device; returns what kept it from being done.

    Raises:
        UNAVAILABLE, FULL: the database is away or takes nothing, which is no trouble of the device.
    """
    try:
        await work
    except TimeoutError as error:  # a statement that takes too long; the database is there
        return Aside(Trouble.TOO_LONG, type(error).__name__)
    except (*UNAVAILABLE, *FULL):
        raise
    except NoSuchClassError as error:
        return Aside(Trouble.NO_CLASS, type(error).__name__)
    except CONTENDED as error:
        return Aside(Trouble.CONTENDED, type(error).__name__)
    except Exception as error:  # noqa: BLE001 - whatever it is, the trips of the others go on
        return Aside(Trouble.UNEXPECTED, type(error).__name__)
    return None
