"""Tells which positions of a group are new, which are stored already, and which differ from the
stored ones.

Most positions are later than all that their device sent before, and so certainly new. The others
may be repeats: one query asks the table for all of a group. The table holds one position for each
device and moment; only repeats are compared with it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from struct import unpack
from typing import Any

from db.connect import PooledConnection
from db.statements import statements
from fleet.position import Position
from ingest.protocols.position_columns import PositionColumns
from ingest.store.commit_line import CommitRequest
from ingest.store.copy_rows import server_microseconds

SQL = statements("position")

#: A range is read in one look if it holds at most twice as many positions as were sent in it, and
#: so many more.
_MORE_BETWEEN = 100

#: The most positions of one device that are looked up one by one.
_FEW = 2


@dataclass(slots=True)
class NewPositions:
    """Positions of a group that are not in the table.

    Attributes:
        stored: how many of the positions are of each request.
        parts: the positions.
        firsts, lasts: the first and the last moment of each device.
    """

    stored: list[int]
    parts: list[PositionColumns] = field(default_factory=list[PositionColumns])
    firsts: dict[str, datetime] = field(default_factory=dict[str, datetime])
    lasts: dict[str, datetime] = field(default_factory=dict[str, datetime])

    def add(self, number: int, positions: PositionColumns) -> None:
        """Add positions of the request with this number; the caller keeps `firsts` and `lasts`."""
        if positions:
            self.parts.append(positions)
            self.stored[number] += len(positions)

    def weeks(self) -> set[int]:
        """The weeks that the positions lie in."""
        if not self.firsts:
            return set()
        week = week_of(min(self.firsts.values()))
        if week == week_of(max(self.lasts.values())):
            return {week}
        return {week_of(ts) for part in self.parts for ts in part.ts}


#: Positions of a group: the number of their request in it -> their indexes in the request,
#: ascending.
RequestIndexes = dict[int, list[int]]


def certainly_new(
    group: Sequence[CommitRequest], last: dict[str, datetime], new: NewPositions
) -> RequestIndexes:
    """Add to `new` the positions that are later than the `last` moment of their device, and move
    `last` on.

    Returns:
        The others, which may be repeats.
    """
    late: RequestIndexes = {}
    for number, request in enumerate(group):
        positions = request.positions
        left: list[int] = []
        for index, (device, ts) in enumerate(zip(positions.device, positions.ts, strict=True)):
            if ts > last[device]:
                last[device] = ts
                if device not in new.firsts:
                    new.firsts[device] = ts
            else:
                left.append(index)
        if left:
            late[number] = left
            may_repeat = set(left)
            positions = positions.chosen([n for n in range(len(positions)) if n not in may_repeat])
        new.add(number, positions)
    new.lasts = {device: last[device] for device in new.firsts}
    return late


async def add_missing(
    connection: PooledConnection,
    group: Sequence[CommitRequest],
    late: RequestIndexes,
    new: NewPositions,
) -> RequestIndexes:
    """Add to `new` each of the late ones that the table does not have yet, once.

    Returns:
        The others, which are repeats.
    """
    repeats: RequestIndexes = {}
    devices: list[str] = []
    moments: list[datetime] = []
    for number, indices in late.items():
        positions = group[number].positions
        devices += [positions.device[index] for index in indices]
        moments += [positions.ts[index] for index in indices]
    counted = server_microseconds(moments)
    there = await _stored(connection, devices, moments, counted)
    for part in new.parts:
        if not there.keys().isdisjoint(part.devices):
            for device, us in zip(part.device, server_microseconds(part.ts), strict=True):
                if device in there:
                    there[device].add(us)
    sent = zip(devices, moments, counted, strict=True)  # of all requests, one after the other
    for number, indices in late.items():
        missing: list[int] = []
        repeated: list[int] = []
        for index, (device, ts, us) in zip(indices, sent, strict=False):
            if us in there[device]:
                repeated.append(index)
            else:
                there[device].add(us)
                missing.append(index)
                new.firsts[device] = min(ts, new.firsts.get(device, ts))
                new.lasts[device] = max(ts, new.lasts.get(device, ts))
        if missing:
            new.add(number, group[number].positions.chosen(missing))
        if repeated:
            repeats[number] = repeated
    return repeats


async def find_differing(
    connection: PooledConnection, group: Sequence[CommitRequest], repeats: RequestIndexes
) -> dict[int, list[Position]]:
    """Find the repeats whose values differ from those in the table, by the number of their request.

    The caller asks when the group is committed, so that repeats within it are compared as well.
    """
    if not repeats:
        return {}
    own = [(number, index) for number, indices in repeats.items() for index in indices]
    sent = PositionColumns.joined([group[one].positions.chosen(at) for one, at in repeats.items()])
    numbers: Sequence[int] = (
        await connection.fetchval(
            SQL["differing"], *column_arrays(sent), min(sent.ts), max(sent.ts)
        )
        or ()
    )
    found: defaultdict[int, list[Position]] = defaultdict(list)
    for one in numbers:
        number, index = own[one - 1]
        found[number].append(group[number].positions[index])
    return found


def column_arrays(positions: PositionColumns) -> list[Sequence[Any] | None]:
    """The columns of positions as parameters of a statement; None for one without any value, as
    most columns of most trackers are."""
    return [one if any(v is not None for v in one) else None for one in positions.fields]


async def _stored(
    connection: PooledConnection,
    devices: Sequence[str],
    moments: Sequence[datetime],
    counted: Sequence[int],
) -> Mapping[str, set[int]]:
    """The moments of each device that are in the table, in microseconds since 2000. They contain
    all stored ones of the sent `moments`, and perhaps others.

    Repeats mostly come without gaps. One query for each device therefore asks for all positions
    between the first and the last one. Very few positions of a device, and those with very many
    others between them, are looked up one by one.
    """
    sent: defaultdict[str, list[int]] = defaultdict(list)
    for index, device in enumerate(devices):
        sent[device].append(index)
    there: dict[str, set[int]] = {device: set() for device in sent}
    few = [indices for indices in sent.values() if len(indices) <= _FEW]
    if several := {device: own for device, own in sent.items() if len(own) > _FEW}:
        own = [[moments[index] for index in indices] for indices in several.values()]
        firsts, lasts = [*map(min, own)], [*map(max, own)]
        most = [2 * len(one) + _MORE_BETWEEN for one in own]
        rows = await connection.fetch(
            *(SQL["stored_between"], list(several), firsts, lasts, most),
            *(min(firsts), max(lasts)),
        )
        for (device, indices), limit, row in zip(several.items(), most, rows, strict=True):
            packed: bytes = row["moments"] or b""
            there[device].update(unpack(f">{len(packed) // 8}q", packed))
            if len(there[device]) >= limit:
                few.append(indices)
    if few:
        asked = [index for indices in few for index in indices]
        names, times = [devices[index] for index in asked], [moments[index] for index in asked]
        numbers: Sequence[int] = (
            await connection.fetchval(SQL["stored_moments"], names, times, min(times), max(times))
            or ()
        )
        for number in numbers:
            index = asked[number - 1]
            there[devices[index]].add(counted[index])
    return there


def week_of(ts: datetime) -> int:
    """Number of the ISO week since the year 1, which began on a Monday; `ts` is in UTC."""
    return (ts.toordinal() - 1) // 7
