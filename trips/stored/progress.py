"""How far the finding of trips is."""

from dataclasses import dataclass

from db.connect import Pool
from db.statements import statements

SQL = statements("trip")


@dataclass(frozen=True, slots=True)
class TripCounts:
    """How many trips and round trips are found."""

    trips: int
    round_trips: int


async def is_waiting(pool: Pool) -> bool:
    """Whether positions or rows of logs came of which no trips are found yet."""
    return bool(await pool.fetchval(SQL["waiting"]))


async def trip_counts(pool: Pool) -> TripCounts:
    """How many trips and round trips are found by now."""
    row = await pool.fetchrow(SQL["counts"])
    assert row is not None, "a count of nothing is a row too"
    return TripCounts(row["trips"], row["round_trips"])
