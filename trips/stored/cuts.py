"""Finds where the stored tracks of devices are cut to find trips anew: `trips.detect.recut` on
tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from db.connect import PooledConnection
from db.statements import statements
from fleet.moments import moment_at
from trips.detect import recut
from trips.detect.parameters import TripParameters
from trips.detect.recut import Lead, Shoulder, Stay, TrackWindow
from trips.stored.dirty_devices import DirtyDevice

SQL = statements("trip")

#: How many stays are searched for a cut at the first attempt. Mostly the vehicle stands now, or
#: stood just before it drove.
_NEAREST = 2


@dataclass(frozen=True, slots=True)
class StaySearch:
    """A device whose trips are found anew, and where its track may be cut around what changed.

    Attributes:
        earlier, later: the stays before and after the change, the nearest first.
        leads: moments some trips before the change, for a track whose stays hold no fixes.
    """

    dirty: DirtyDevice
    earlier: Sequence[Stay]
    leads: Sequence[Lead]
    later: Sequence[Stay]


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a change.

    Attributes:
        statement: finds in each stay the fixes at which it may be cut.
        stays: the stays of a search on this side.
        instead: the leads that serve where no stay can be cut.
        cut: makes a shoulder of the two fixes that the statement found in a stay.
    """

    statement: str
    stays: Callable[[StaySearch], Sequence[Stay]]
    instead: Callable[[StaySearch], Sequence[Lead]]
    cut: Callable[[Stay, float, float, TripParameters], Shoulder | None]


_BEFORE = _Side(
    "cuts_before", lambda search: search.earlier, lambda search: search.leads, recut.cut_before
)

_AFTER = _Side("cuts_after", lambda search: search.later, lambda _: (), recut.cut_after)


async def stay_searches(
    connection: PooledConnection, batch: Sequence[DirtyDevice]
) -> list[StaySearch]:
    """Find the stays around the change of each device of a batch, from its trips."""
    if not batch:
        return []
    rows = await connection.fetch(
        SQL["trips_around"],
        [dirty.device for dirty in batch],
        [dirty.changed_kept[0] for dirty in batch],
        [dirty.changed_kept[1] for dirty in batch],
        recut.TRIPS_SEEN,
    )
    found: list[StaySearch] = []
    for dirty, row in zip(batch, rows, strict=True):
        since, until = dirty.changed_kept
        first = max(dirty.first_ts, dirty.positions_from).timestamp()
        before = list(zip(row["starts_before"], row["ends_before"], strict=True))
        after = list(zip(row["starts_after"], row["ends_after"], strict=True))
        earlier = recut.stays_before(before, first, since.timestamp(), dirty.parameters)
        later = recut.stays_after(
            after, dirty.last_ts.timestamp(), until.timestamp(), dirty.parameters
        )
        leads = recut.leads(before, first, since.timestamp())
        found.append(StaySearch(dirty, list(earlier), leads, list(later)))
    return found


async def next_windows(
    connection: PooledConnection, pending: Sequence[StaySearch], attempt: int
) -> list[TrackWindow]:
    """The window of each device at an attempt; the first attempt is 0."""
    if attempt == recut.ATTEMPTS - 1:
        return [recut.WHOLE_TRACK] * len(pending)
    before = await _shoulders(connection, pending, _BEFORE, attempt)
    after = await _shoulders(connection, pending, _AFTER, attempt)
    return [
        recut.window_of_attempt(earlier, search.leads, later, attempt)
        for search, earlier, later in zip(pending, before, after, strict=True)
    ]


async def _shoulders(
    connection: PooledConnection, pending: Sequence[StaySearch], side: _Side, attempt: int
) -> list[list[Shoulder]]:
    """The shoulders in the stays of each device on one side.

    The first attempt searches the nearest stays, and further ones only of a device that has no
    shoulder there and nothing that serves instead.
    """
    found: list[list[Shoulder]] = [[] for _ in pending]
    if attempt == 0:
        near = [(n, stay) for n, one in enumerate(pending) for stay in side.stays(one)[:_NEAREST]]
        await _add_shoulders(connection, pending, near, side, found)
        rest = [
            (n, stay)
            for n, one in enumerate(pending)
            if not found[n] and not side.instead(one)
            for stay in side.stays(one)[_NEAREST:]
        ]
    else:
        rest = [(n, stay) for n, one in enumerate(pending) for stay in side.stays(one)]
    await _add_shoulders(connection, pending, rest, side, found)
    return found


async def _add_shoulders(
    connection: PooledConnection,
    pending: Sequence[StaySearch],
    stays: Sequence[tuple[int, Stay]],
    side: _Side,
    found: Sequence[list[Shoulder]],
) -> None:
    """Add to `found` the shoulders in `stays`, each with the number of its device in `pending`."""
    if not stays:
        return
    since = [moment_at(stay.since) for _, stay in stays]
    until = [moment_at(stay.until) for _, stay in stays]
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
