"""Caches by month what devices did: a reader reads again only the devices that changed since.

A page about a year of a large fleet needs a hundred thousand days and round trips, of which a few
hundred changed since the last page. The table `device_month` tells which.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from db.connect import PooledConnection
from db.fetch_columns import fetch_columns
from db.statements import statements
from fleet.arrays import Bools, Ints
from fleet.localtime import day_start
from fleet.period import Period
from trips.use.concurrency import DeparturesAndReturns, departures_and_returns
from trips.use.usage import DayRows

SQL = statements("use")

#: The months that two years can reach into. A month of a thousand vehicles takes about 3 MB.
MONTHS_KEPT = 26

#: The columns of `days_of_devices` in `db/queries/use.sql`, in that order, by the fields of
#: `DayRows`.
DAY_COLUMNS = {
    "vehicle": "int4",
    "day": "int4",
    "heard": "int4",
    "trips": "int4",
    "km": "float8",
    "driving_s": "float8",
    "away_s": "float8",
    "engine_hours": "float8",
    "logged": "int4",
}
SPAN_COLUMNS = {"vehicle": "int4", "start_s": "float8", "end_s": "float8"}


@dataclass(frozen=True, slots=True)
class EarlierSeat:
    """A device sat in the vehicle at `place` (-1: in none that is asked for) until before
    `until`."""

    device: str
    until: date
    place: int


@dataclass(frozen=True, slots=True)
class _Month:
    """Days and times away in one month, by the numbers of devices. Days are counted from the first
    of the month."""

    revision: int
    revisions: Mapping[str, int]
    rows: DayRows
    away: DeparturesAndReturns


_NOTHING = _Month(
    revision=0,
    revisions={},
    rows=DayRows.of_days([]),
    away=departures_and_returns(np.zeros((0, 2)), np.zeros(0, dtype=np.int64)),
)


class MonthCache:
    """The months that were asked for last.

    All readers of one event loop share the cache. A month is replaced, never changed. Each reader
    checks by its own snapshot of the database whether a cached month holds.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._months: OrderedDict[date, _Month] = OrderedDict()

    async def read(
        self,
        connection: PooledConnection,
        place: Mapping[str, int],
        seats: Sequence[EarlierSeat],
        period: Period,
    ) -> tuple[DayRows, DeparturesAndReturns]:
        """Read what the devices did in a period.

        Call it in a transaction that reads one snapshot.

        Args:
            place: the place of the vehicle that each device sits in.
            seats: where devices sat before, the latest first.

        Returns:
            The days by place, counted from the first of the period, and the departures and returns.
            A vehicle that is away at the border of a month returns and departs then.
        """
        months = [
            (row["month"], await self._month(connection, row["month"], row["revision"]))
            for row in await connection.fetch(SQL["month_revisions"], period.first, period.last)
        ]
        place_of = np.full(len(self._numbers) + 1, -1, dtype=np.int64)
        for device, at in place.items():
            place_of[self._numbers.get(device, -1)] = at
        place_of[-1] = -1  # a device without a day has no number
        rows: list[DayRows] = []
        away: list[DeparturesAndReturns] = [_NOTHING.away]
        for first, month in months:
            vehicle = place_of[month.rows.vehicle]
            day = month.rows.day + (first - period.first).days
            whose = place_of[month.away.whose]
            for one in seats:
                number = self._numbers.get(one.device, -1)
                earlier = day < (one.until - period.first).days
                vehicle[(month.rows.vehicle == number) & earlier] = one.place
                whose[(month.away.whose == number) & _is_before(month.away, one.until)] = one.place
            moved = replace(month.rows, vehicle=vehicle, day=day)
            rows.append(moved.where(np.flatnonzero((vehicle >= 0) & _within(day, period))))
            away.append(replace(month.away, whose=whose).where(whose >= 0))
        passed = _chained(away).clipped(period.start.timestamp(), period.end.timestamp())
        return _joined(rows), passed

    async def _month(self, connection: PooledConnection, first: date, revision: int) -> _Month:
        known = self._months.get(first, _NOTHING)
        if known.revision != revision:
            known = await self._read_again(connection, first, revision, known)
            self._months[first] = known
        self._months.move_to_end(first)
        while len(self._months) > MONTHS_KEPT:
            self._months.popitem(last=False)
        return known

    async def _read_again(
        self, connection: PooledConnection, first: date, revision: int, known: _Month
    ) -> _Month:
        found = await connection.fetch(SQL["device_revisions"], first)
        revisions: dict[str, int] = {row["device"]: row["revision"] for row in found}
        changed = [d for d, r in revisions.items() if known.revisions.get(d) != r]
        numbers = [self._numbers.setdefault(d, len(self._numbers)) for d in changed]
        following = (first + timedelta(days=31)).replace(day=1)
        begin, end = day_start(first), day_start(following)
        days = await fetch_columns(
            connection, SQL["days_of_devices"], changed, numbers, first, columns=DAY_COLUMNS
        )
        away = await fetch_columns(
            connection,
            SQL["round_trips_of_devices"],
            changed,
            numbers,
            begin,
            end,
            columns=SPAN_COLUMNS,
        )
        spans = np.stack((away["start_s"], away["end_s"]), axis=1)
        found_away = departures_and_returns(
            np.clip(spans, begin.timestamp(), end.timestamp()), away["vehicle"]
        )
        kept = known.away.where(~np.isin(known.away.whose, numbers))
        return _Month(
            revision,
            revisions,
            _joined([known.rows.where(~np.isin(known.rows.vehicle, numbers)), DayRows(**days)]),
            _in_order(_chained([kept, found_away])),
        )


def _within(day: Ints, period: Period) -> Bools:
    return (day >= 0) & (day < period.days)


def _is_before(passed: DeparturesAndReturns, day: date) -> Bools:
    """Whether each departure or return is before `day`; a return at the moment at which it begins
    is."""
    begins = day_start(day).timestamp()
    return (passed.at < begins) | ((passed.at == begins) & (passed.change < 0))


def _joined(parts: list[DayRows]) -> DayRows:
    parts = [_NOTHING.rows, *parts]
    return DayRows(**{n: np.concatenate([getattr(p, n) for p in parts]) for n in DAY_COLUMNS})


def _chained(parts: list[DeparturesAndReturns]) -> DeparturesAndReturns:
    return DeparturesAndReturns(
        *(np.concatenate([getattr(p, n) for p in parts]) for n in DeparturesAndReturns.__slots__)
    )


def _in_order(passed: DeparturesAndReturns) -> DeparturesAndReturns:
    return passed.where(np.argsort(passed.at, kind="stable"))
