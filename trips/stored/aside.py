"""Devices whose trips cannot be found: set aside with the reason, so that the others go on."""

from collections.abc import Awaitable
from enum import StrEnum
from typing import NamedTuple

import asyncpg

from db.connect import FULL, UNAVAILABLE

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
