"""What may be wrong with a database, for people."""

from fleet.errors import ToldError


class DatabaseError(ToldError, RuntimeError):
    """The database cannot be used as it is. The message says why."""
