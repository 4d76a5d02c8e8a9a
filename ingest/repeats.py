"""Which positions of a group are new, and which are in the table already.

Most are later than all that their device sent before, and so certainly new. The others may be
repeats: the table tells, at one question for all of a group.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import lt
from struct import unpack
from typing import NamedTuple

from db.connect import PooledConnection
from db.statements import statements
from ingest.columns import Columns
from ingest.groups import Request
from ingest.rows import microseconds

SQL = statements("position")

#: How many positions that were not sent again may lie between those that were, beside as many.
_MORE_BETWEEN = 100

#: Of so many positions of one device each is looked up.
_FEW = 2


@dataclass(frozen=True, slots=True)
class New:
    """Positions of a group that are not in the table: how many of each request, and the first and
    last moment of each device."""

    stored: list[int]
    parts: list[Columns] = field(default_factory=list[Columns])
    spans: dict[str, tuple[datetime, datetime]] = field(
        default_factory=dict[str, tuple[datetime, datetime]]
    )

    def add(self, number: int, positions: Columns) -> None:
        """Positions from the request of this number, whose devices are in `spans` already."""
        if positions:
            self.parts.append(positions)
            self.stored[number] += len(positions)

    def span(self, device: str, first: datetime, last: datetime) -> None:
        """Some of the positions are of this device, from the first moment to the last."""
        span = self.spans.get(device)
        self.spans[device] = (
            (first, last) if span is None else (min(first, span[0]), max(last, span[1]))
        )

    def weeks(self) -> set[int]:
        """The weeks that the positions lie in."""
        if not self.spans:
            return set()
        firsts, lasts = zip(*self.spans.values(), strict=True)
        week = week_of(min(firsts))
        if week == week_of(max(lasts)):
            return {week}
        return {week_of(ts) for part in self.parts for ts in part.ts}


class Late(NamedTuple):
    """Positions of one device that may be repeats: the number of their request, and where in it."""

    number: int
    device: str
    indices: Sequence[int]


def split(group: Sequence[Request], last: dict[str, datetime], new: New) -> list[Late]:
    """Add to `new` what certainly is: later than the `last` moment of its device, which moves on.

    Returns the others.
    """
    late: list[Late] = []
    for number, request in enumerate(group):
        positions = request.positions
        left: list[int] = []
        for device, run in positions.runs.items():
            moments = positions.moments(run)
            if moments[0] > last[device] and all(map(lt, moments, moments[1:])):
                new.span(device, moments[0], moments[-1])
                last[device] = moments[-1]
                continue
            late_run: list[int] = []
            for index, ts in zip(run, moments, strict=True):
                if ts > last[device]:
                    new.span(device, ts, ts)
                    last[device] = ts
                else:
                    late_run.append(index)
            if late_run:
                late.append(Late(number, device, late_run))
                left += late_run
        if left:
            absent = set(left)
            kept = [index for index in range(len(positions)) if index not in absent]
            positions = positions.chosen(kept)
        new.add(number, positions)
    return late


async def add_absent(
    connection: PooledConnection, group: Sequence[Request], late: Sequence[Late], new: New
) -> None:
    """Add to `new` each of the late ones that is not there yet, once."""
    sent: defaultdict[str, list[datetime]] = defaultdict(list)
    for number, device, indices in late:
        sent[device] += group[number].positions.moments(indices)
    there = await _stored(connection, sent)
    for part in new.parts:
        for device in part.runs.keys() & sent.keys():
            there[device].update(microseconds(part.moments(part.runs[device])))
    absent: defaultdict[int, list[int]] = defaultdict(list)
    for number, device, indices in late:
        known = there[device]
        moments = group[number].positions.moments(indices)
        counted = microseconds(moments)
        if known.issuperset(counted):
            continue
        for index, ts, us in zip(indices, moments, counted, strict=True):
            if us not in known:
                known.add(us)
                new.span(device, ts, ts)
                absent[number].append(index)
    for number, indices in absent.items():
        new.add(number, group[number].positions.chosen(indices))


async def _stored(
    connection: PooledConnection, sent: Mapping[str, Sequence[datetime]]
) -> dict[str, set[int]]:
    """Of each device the moments that are in the table, in microseconds since 2000: all of those
    that were sent, and perhaps others.

    What is sent again was mostly sent without gaps, so all that is there between the first and the
    last is asked for, which is one look for each device; but not for very few positions of a
    device, nor where very many lie between them.
    """
    there: dict[str, set[int]] = {device: set() for device in sent}
    one_by_one = [device for device, moments in sent.items() if len(moments) <= _FEW]
    if several := {device: sent[device] for device in sent if len(sent[device]) > _FEW}:
        firsts, lasts = [*map(min, several.values())], [*map(max, several.values())]
        most = [2 * len(moments) + _MORE_BETWEEN for moments in several.values()]
        rows = await connection.fetch(
            *(SQL["stored_between"], list(several), firsts, lasts, most),
            *(min(firsts), max(lasts)),
        )
        for device, limit, row in zip(several, most, rows, strict=True):
            packed: bytes = row["moments"] or b""
            there[device].update(unpack(f">{len(packed) // 8}q", packed))
            if len(there[device]) >= limit:
                one_by_one.append(device)
    if one_by_one:
        names = [device for device in one_by_one for _ in sent[device]]
        moments = [ts for device in one_by_one for ts in sent[device]]
        numbers: Sequence[int] = (
            await connection.fetchval(SQL["stored"], names, moments, min(moments), max(moments))
            or ()
        )
        counted = microseconds(moments)
        for number in numbers:
            there[names[number - 1]].add(counted[number - 1])
    return there


def week_of(ts: datetime) -> int:
    """Number of the ISO week since the year 1, which began on a Monday; `ts` is in UTC."""
    return (ts.toordinal() - 1) // 7
