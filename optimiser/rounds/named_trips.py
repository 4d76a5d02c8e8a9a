"""The round trips that remarks are about, by who drove them and when.

What is stored of a round knows trips by number only: it says neither whose they were nor when, and
the names are gone when the trips are.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from db.connect import Pool
from db.statements import statements

SQL = statements("round")

#: A round trip, as the optimiser calls it.
_NUMBERED = re.compile(r"'round trip (-?\d+)'")


async def name_trips(pool: Pool, remarks: Sequence[str]) -> list[str]:
    """Remarks of the optimiser with the vehicles and times of the round trips that are kept."""
    numbers = {int(number) for remark in remarks for number in _NUMBERED.findall(remark)}
    rows = await pool.fetch(SQL["trips_named"], list(numbers)) if numbers else []
    trips = {row["trip_number"]: (row["name"], row["start_ts"]) for row in rows}
    return [with_trips(remark, trips) for remark in remarks]


def with_trips(text: str, trips: Mapping[int, tuple[str, datetime]]) -> str:
    """A remark with the vehicles of round trips and when these began, where `trips` has them."""

    def trip(found: re.Match[str]) -> str:
        known = trips.get(int(found[1]))
        if known is None:
            return found[0]
        vehicle, start = known
        return f"'{vehicle} {start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'"

    return _NUMBERED.sub(trip, text)
