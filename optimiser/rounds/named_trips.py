"""The round trips that remarks are about, told by who drove them and when.

A stored round knows trips by number only. So it says neither whose they were nor when, and the
names are gone when the trips are deleted.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from db.connect import Pool
from db.statements import statements
from fleet.saying import Saying, SayingValue
from optimiser.model.remark import Remark, remark

SQL = statements("round")

#: A round trip, as the optimiser calls it.
_NUMBERED = re.compile(r"round trip (-?\d+)")

#: The places of trips in remarks.
_TRIPS = frozenset({"trip", "earlier"})


async def name_trips(pool: Pool, remarks: Sequence[Saying]) -> list[Saying]:
    """Remarks of the optimiser with the vehicles and times of the round trips that are kept."""
    numbers = set(_numbers(remarks))
    rows = await pool.fetch(SQL["trips_named"], list(numbers)) if numbers else []
    trips = {row["trip_number"]: (row["name"], row["start_ts"]) for row in rows}
    return [with_trips(said, trips) for said in remarks]


def with_trips(said: Saying, trips: Mapping[int, tuple[str, datetime]]) -> Saying:
    """A remark with the vehicle and the start of each round trip in `trips`; others are gone."""

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
    """The numbers of the round trips that remarks are about."""
    for said in remarks:
        for name, value in said.values.items():
            if isinstance(value, tuple):
                yield from _numbers(value)
            elif (number := _number(name, value)) is not None:
                yield number


def _number(name: str, value: str | float) -> int | None:
    match = _NUMBERED.fullmatch(value) if name in _TRIPS and isinstance(value, str) else None
    return None if match is None else int(match[1])
