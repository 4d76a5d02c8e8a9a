"""Whether an error means that the database is away, or refuses for now, by either of the two
drivers."""

from traceback import walk_tb

import psycopg
from procrastinate.exceptions import ConnectorException

from db.connect import NOT_NOW

#: Modules of the drivers, by how their names begin.
_DRIVERS = ("asyncpg.", "psycopg")

#: Errors of psycopg that say so; a statement that is wrong has other classes.
_PSYCOPG_AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,
)


def is_away(error: BaseException) -> bool:
    """Whether the database is away, or refuses for now.

    A full disk, or a file that may not be read, raises `OSError` as well as a connection that is
    lost; that of the database comes out of a driver. A time limit is one of waiting for it.
    """
    if isinstance(error, OSError) and not isinstance(error, TimeoutError):
        frames = (frame for frame, _ in walk_tb(error.__traceback__))
        return any(str(frame.f_globals.get("__name__")).startswith(_DRIVERS) for frame in frames)
    if isinstance(error, ConnectorException):
        # The job queue says no more of its own than that there was an error.
        return isinstance(error.__cause__, _PSYCOPG_AWAY)
    return isinstance(error, NOT_NOW)
