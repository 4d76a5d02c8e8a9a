"""Where the tracks of devices are cut for their trips to be found anew: `trips.detect.recut` on
what is stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from db.connect import PooledConnection
from db.statements import statements
from trips.detect import recut
from trips.detect.parameters import TripParameters
from trips.detect.recut import Lead, Shoulder, Stay, Window
from trips.stored.dirty import Dirty

SQL = statements("trip")

#: Stays that are looked into at first: mostly a vehicle stands, or stood before it drove.
_NEAREST = 2


@dataclass(frozen=True, slots=True)
class Search:
    """A device whose trips are found anew, and the stays before and after what changed of it."""

    dirty: Dirty
    earlier: Sequence[Stay]
    leads: Sequence[Lead]
    later: Sequence[Stay]


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a change: the statement that looks into its stays, what serves where none is
    found in them, and what makes a shoulder of what is."""

    statement: str
    stays: Callable[[Search], Sequence[Stay]]
    instead: Callable[[Search], Sequence[Lead]]
    cut: Callable[[Stay, float, float, TripParameters], Shoulder | None]


_BEFORE = _Side(
    "cuts_before", lambda search: search.earlier, lambda search: search.leads, recut.cut_before
)

_AFTER = _Side("cuts_after", lambda search: search.later, lambda _: (), recut.cut_after)


async def searches(connection: PooledConnection, batch: Sequence[Dirty]) -> list[Search]:
    """The stays of each device around what changed, from its trips."""
    if not batch:
        return []
    rows = await connection.fetch(
        SQL["trips_around"],
        [dirty.device for dirty in batch],
        [dirty.cut[0] for dirty in batch],
        [dirty.cut[1] for dirty in batch],
        recut.TRIPS_SEEN,
    )
    found: list[Search] = []
    for dirty, row in zip(batch, rows, strict=True):
        since, until = dirty.cut
        first = max(dirty.first_ts, dirty.cut_from).timestamp()
        before = list(zip(row["starts_before"], row["ends_before"], strict=True))
        after = list(zip(row["starts_after"], row["ends_after"], strict=True))
        earlier = recut.stays_before(before, first, since.timestamp(), dirty.parameters)
        later = recut.stays_after(
            after, dirty.last_ts.timestamp(), until.timestamp(), dirty.parameters
        )
        leads = recut.leads(before, first, since.timestamp())
        found.append(Search(dirty, list(earlier), leads, list(later)))
    return found


async def next_windows(
    connection: PooledConnection, pending: Sequence[Search], attempt: int
) -> list[Window]:
    """The window of each device at an attempt, the first of which is 0."""
    if attempt == recut.ATTEMPTS - 1:
        return [recut.EVERYTHING] * len(pending)
    before = await _shoulders(connection, pending, _BEFORE, attempt)
    after = await _shoulders(connection, pending, _AFTER, attempt)
    return [
        recut.window(earlier, search.leads, later, attempt)
        for search, earlier, later in zip(pending, before, after, strict=True)
    ]


async def _shoulders(
    connection: PooledConnection, pending: Sequence[Search], side: _Side, attempt: int
) -> list[list[Shoulder]]:
    """The shoulders in the stays of each device on one side; at the first attempt those in the
    nearest stays, where there are any or something else serves."""
    found: list[list[Shoulder]] = [[] for _ in pending]
    if attempt == 0:
        near = [(n, stay) for n, one in enumerate(pending) for stay in side.stays(one)[:_NEAREST]]
        await _look_into(connection, pending, near, side, found)
        rest = [
            (n, stay)
            for n, one in enumerate(pending)
            if not found[n] and not side.instead(one)
            for stay in side.stays(one)[_NEAREST:]
        ]
    else:
        rest = [(n, stay) for n, one in enumerate(pending) for stay in side.stays(one)]
    await _look_into(connection, pending, rest, side, found)
    return found


async def _look_into(
    connection: PooledConnection,
    pending: Sequence[Search],
    stays: Sequence[tuple[int, Stay]],
    side: _Side,
    found: Sequence[list[Shoulder]],
) -> None:
    """Add the shoulders in `stays`, each of which is one of the device of that number."""
    if not stays:
        return
    since = [moment(stay.since) for _, stay in stays]
    until = [moment(stay.until) for _, stay in stays]
    rows = await connection.fetch(
        SQL[side.statement],
        [pending[n].dirty.device for n, _ in stays],
        since,
        until,
        [timedelta(seconds=recut.margin_s(pending[n].dirty.parameters)) for n, _ in stays],
        recut.NEIGHBOURS,
        min(since),
        max(until),
    )
    for row in rows:
        place: int = row["place"]
        n, stay = stays[place - 1]
        shoulder = side.cut(stay, row["settled"], row["cut"], pending[n].dirty.parameters)
        if shoulder is not None:
            found[n].append(shoulder)


def moment(seconds: float) -> datetime:
    """The moment that is `seconds` after the beginning of 1970."""
    return datetime.fromtimestamp(seconds, UTC)
