"""Devices that are set aside because their trips cannot be found, so that those of other devices go
on."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from db.connect import CANNOT_STORE_ERRORS, CONTENTION_ERRORS, UNAVAILABLE_ERRORS, Pool
from db.statements import statements

SQL = statements("trip")


class NoSuchClassError(LookupError):
    """The vehicle's class is none of `trips/detect/vehicle_classes.toml`."""


class TripTrouble(StrEnum):
    """The reason why the trips of a device cannot be found."""

    NO_CLASS = "no_class"
    CONTENDED = "contended"
    TOO_LONG = "too_long"
    UNEXPECTED = "unexpected"


class TripFailure(NamedTuple):
    """The failure to find the trips of a device: its reason, and the class of the error.

    It holds no value of the device's data.
    """

    trouble: TripTrouble
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSetAside:
    """A device whose trips could not be found, `attempts` times in a row since `since`.

    The vehicle is None when the device sits in none.
    """

    device: str
    vehicle_id: str | None
    vehicle_name: str | None
    trouble: TripTrouble
    error: str
    attempts: int
    since: datetime
    retry_at: datetime


async def devices_set_aside(pool: Pool, most: int) -> list[DeviceSetAside]:
    """At most `most` devices that are set aside, those set aside first come first."""
    return [
        DeviceSetAside(
            trouble=TripTrouble(row["trouble"]),
            **{name: value for name, value in row.items() if name != "trouble"},
        )
        for row in await pool.fetch(SQL["devices_set_aside"], most)
    ]


async def failure_of(work: Awaitable[None]) -> TripFailure | None:
    """Do `work` on one device, or on a batch of them.

    Returns:
        The failure of the work; None: it is done.

    Raises:
        UNAVAILABLE_ERRORS, CANNOT_STORE_ERRORS: the database is away or stores nothing, for which
            the device is not the reason.
    """
    try:
        await work
    except TimeoutError as error:  # a statement took too long; the database is there
        return TripFailure(TripTrouble.TOO_LONG, type(error).__name__)
    except (*UNAVAILABLE_ERRORS, *CANNOT_STORE_ERRORS):
        raise
    except NoSuchClassError as error:
        return TripFailure(TripTrouble.NO_CLASS, type(error).__name__)
    except CONTENTION_ERRORS as error:
        return TripFailure(TripTrouble.CONTENDED, type(error).__name__)
    except Exception as error:  # noqa: BLE001 - the trips of other devices go on
        return TripFailure(TripTrouble.UNEXPECTED, type(error).__name__)
    return None
