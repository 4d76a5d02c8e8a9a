"""The private periods of all vehicles, as of one revision: those who store positions sift by it.

The transaction that stores what was sifted asks whether that revision is still the one in force
(the statement `still_as`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.connect import PooledConnection
from db.statements import statements
from register.private_time import PrivatePeriod, read_period

SQL = statements("private")

#: Periods that ended longer ago are read only when something as old comes in.
MEMORY = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class PrivateRegister:
    """The periods of one revision.

    Attributes:
        revision: the number of it; every change of a period makes a new one.
        periods: the periods of each device that has any.
        since: periods that ended before this moment were not read.
        unswept: devices of which something private may be stored still.
    """

    revision: int
    periods: Mapping[str, Sequence[PrivatePeriod]]
    since: datetime
    unswept: frozenset[str] = frozenset()


async def read_private(connection: PooledConnection, since: datetime) -> PrivateRegister:
    """The periods in force now, but for those that ended before `since`."""
    async with connection.transaction():
        await connection.execute(SQL["hold"])
        revision: int = await connection.fetchval(SQL["revision"])
        rows = await connection.fetch(SQL["in_force"], since)
    periods: dict[str, list[PrivatePeriod]] = {}
    for row in rows:
        periods.setdefault(row["device"], []).append(read_period(row))
    unswept = frozenset(row["device"] for row in rows if row["unswept"])
    return PrivateRegister(revision, periods, since, unswept)
