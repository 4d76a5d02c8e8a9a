"""Puts the vehicle and the time of round trips into remarks.

A stored round knows trips by number only. So it tells neither their vehicles nor their times, and
the names are gone when the trips are deleted.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from db.connect import Pool
from db.statements import statements
from fleet.saying import Saying, SayingValue
from optimiser.model.remark import Remark, remark

SQL = statements("round")

#: The id of a round trip in the optimiser.
_NUMBERED = re.compile(r"round trip (-?\d+)")

#: The names of the values of remarks that are trips.
_TRIPS = frozenset({"trip", "earlier"})


async def name_trips(pool: Pool, remarks: Sequence[Saying]) -> list[Saying]:
    """`remarks` with the vehicles and times of the round trips that are still stored."""
    numbers = set(_numbers(remarks))
    rows = await pool.fetch(SQL["trips_named"], list(numbers)) if numbers else []
    trips = {row["trip_number"]: (row["name"], row["start_ts"]) for row in rows}
    return [with_trips(said, trips) for said in remarks]


def with_trips(said: Saying, trips: Mapping[int, tuple[str, datetime]]) -> Saying:
    """A remark with the vehicle and start of each round trip in `trips`; others count as gone."""

    def named(name: str, value: SayingValue) -> SayingValue:
        if isinstance(value, tuple):
            return tuple(with_trips(inner, trips) for inner in value)
        number = _number(name, value)
        if number is None:
            return value
        if number not in trips:
            return (remark(Remark.GONE),)
        vehicle, start = trips[number]
        moment = f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return (remark(Remark.DRIVEN, vehicle=vehicle, start=moment),)

    return Saying(said.code, {name: named(name, value) for name, value in said.values.items()})


def _numbers(remarks: Iterable[Saying]) -> Iterator[int]:
    """The numbers of the round trips in remarks."""
    for said in remarks:
        for name, value in said.values.items():
            if isinstance(value, tuple):
                yield from _numbers(value)
            elif (number := _number(name, value)) is not None:
                yield number


def _number(name: str, value: str | float) -> int | None:
    match = _NUMBERED.fullmatch(value) if name in _TRIPS and isinstance(value, str) else None
    return None if match is None else int(match[1])
