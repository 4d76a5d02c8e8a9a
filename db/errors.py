"""The error that tells a person what is wrong with the database."""

from fleet.errors import ExpectedError


class DatabaseError(ExpectedError, RuntimeError):
    """The database cannot be used as it is. The message says why."""
