"""Tells whether an error of one of the two drivers means that the database is away, or refuses for
now."""

from traceback import walk_tb

import psycopg
from procrastinate.exceptions import ConnectorException

from db.connect import TRY_LATER_ERRORS

#: How the names of the modules of the drivers begin.
_DRIVERS = ("asyncpg.", "psycopg")

#: Errors of psycopg that mean that the database is away; a wrong statement raises others.
_PSYCOPG_AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,
)


def means_database_away(error: BaseException) -> bool:
    """Whether an error means that the database is away, or refuses for now.

    An `OSError` may come from a lost connection, or from a full disk or a file that may not be
    read; only one that a driver raised means the database. A `TimeoutError` means that waiting for
    the database took too long.
    """
    if isinstance(error, OSError) and not isinstance(error, TimeoutError):
        frames = (frame for frame, _ in walk_tb(error.__traceback__))
        return any(str(frame.f_globals.get("__name__")).startswith(_DRIVERS) for frame in frames)
    if isinstance(error, ConnectorException):
        # The job queue wraps the error of the driver, which is the cause.
        return isinstance(error.__cause__, _PSYCOPG_AWAY)
    return isinstance(error, TRY_LATER_ERRORS)
