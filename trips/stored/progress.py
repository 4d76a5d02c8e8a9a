"""Counts the trips that are found, and the devices that still wait for theirs."""

from dataclasses import dataclass

from db.connect import Pool
from db.statements import statements

SQL = statements("trip")


@dataclass(frozen=True, slots=True)
class TripCounts:
    """How many trips and round trips are found."""

    trips: int
    round_trips: int


async def trip_counts(pool: Pool) -> TripCounts:
    """How many trips and round trips are found by now."""
    row = await pool.fetchrow(SQL["trip_counts"])
    assert row is not None, "a count of nothing is a row too"
    return TripCounts(row["trips"], row["round_trips"])


@dataclass(frozen=True, slots=True)
class Backlog:
    """Devices whose trips are not found yet.

    Attributes:
        devices: how many devices wait for their trips.
        oldest_s: for how many seconds the longest-waiting one has waited.
        set_aside: how many devices are set aside, which are not among `devices`.
    """

    devices: int
    oldest_s: float
    set_aside: int


async def backlog(pool: Pool) -> Backlog:
    """The devices whose trips are not found yet."""
    row = await pool.fetchrow(SQL["backlog"])
    assert row is not None
    return Backlog(row["devices"], row["oldest_s"], row["set_aside"])
