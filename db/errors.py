"""What may be wrong with a database, for people."""


class DatabaseError(RuntimeError):
    """The database cannot be used as it is. The message says why."""
