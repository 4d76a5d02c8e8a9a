"""Group commit: many senders, one COPY, and an answer to each only after its rows are committed.

While a commit runs, the next group gathers; a slow disk thus makes larger groups, not a longer
queue. The queue is bounded: beyond it senders are told to come back.

Most positions are later than all that their device sent before. Those are certainly new and are
copied straight into the table, in one round trip with the commit: while the event loop decodes,
every further one would wait for its turn. The others may be repeats; one question tells which of
them are, and the rest is copied too. The primary key stays the guard: when another writer was
faster, all of the group is inserted where it is not there yet.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import repeat
from operator import lt

import asyncpg
from msgspec.structs import astuple
from psycopg.sql import quote

from db.connect import UNAVAILABLE, Pool, PooledConnection
from db.statements import statements
from fleet.position import Position
from ingest.gate import Refusal
from ingest.groups import Groups, Overloaded, Receipt, Request, runs_of
from ingest.metrics import Metrics
from ingest.rows import copy_rows, microseconds

POSITION_SQL = statements("position")
QUARANTINE_SQL = statements("quarantine")

#: A value that does not fit its column: the server says so, or the driver while encoding it.
REFUSED_VALUE = (asyncpg.DataError, OverflowError, ValueError)

#: What another writer, or a job that dropped a partition, may do to a straight copy.
_OVERTAKEN = (
    asyncpg.UniqueViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.CheckViolationError,
)

#: Memory that a position or refusal takes while it waits, beside its text.
_ROW_BYTES = 500

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _New:
    """Positions of a group that are not in the table: how many of each request, the first and last
    moment of each device, and the weeks they lie in."""

    stored: list[int]
    positions: list[Position] = field(default_factory=list[Position])
    spans: dict[str, tuple[datetime, datetime]] = field(
        default_factory=dict[str, tuple[datetime, datetime]]
    )
    weeks: set[int] = field(default_factory=set[int])

    def add(self, number: int, device: str, run: Sequence[Position]) -> None:
        """Positions of one device in the order of their time, from the request of this number."""
        first, last = run[0].ts, run[-1].ts
        span = self.spans.get(device)
        self.spans[device] = (
            (first, last) if span is None else (min(first, span[0]), max(last, span[1]))
        )
        self.weeks.add(_week(first))
        if _week(first) != _week(last):
            self.weeks.update(_week(position.ts) for position in run)
        self.positions.extend(run)
        self.stored[number] += len(run)


class PositionWriter:
    """The one way into the tables `position` and `quarantine`."""

    def __init__(
        self,
        pool: Pool,
        metrics: Metrics,
        *,
        rows_max: int,
        queue_rows_max: int,
        queue_bytes_max: int,
        wait_max_s: float,
        connections: int,
        beside_rows: int = 1,
        beside_s: float = 0.0,
    ) -> None:
        self._pool = pool
        self._metrics = metrics
        self._groups = Groups(
            metrics,
            group_rows_max=rows_max,
            rows_max=queue_rows_max,
            bytes_max=queue_bytes_max,
            beside_rows=beside_rows,
            beside_s=beside_s,
        )
        self._wait_max_s = wait_max_s
        self._connections = connections
        self._weeks: set[int] = set()
        #: Who waits since when, the longest first, and the timer that looks after the first.
        self._waiting: deque[tuple[float, asyncio.Future[Receipt]]] = deque()
        self._patience: asyncio.TimerHandle | None = None
        #: The last moment of each device that was stored or is being stored by this writer.
        self._last: dict[str, datetime] = {}

    async def store(self, positions: Sequence[Position], refusals: Sequence[Refusal]) -> Receipt:
        """Store and wait for the commit.

        Raises:
            Overloaded: the queue is full, the database is away, or the commit took too long; the
                sender keeps its data and sends it again.
        """
        loop = asyncio.get_running_loop()
        rows = len(positions) + len(refusals)
        size = _ROW_BYTES * rows + sum(len(one.payload) for one in refusals)
        size += sum([len(one.attrs) for one in positions if one.attrs])
        receipt: asyncio.Future[Receipt] = loop.create_future()
        request = Request(runs_of(positions), refusals, receipt, rows, size, time.monotonic())
        self._groups.add(request)
        self._watch(receipt, request.came_s)
        return await receipt

    async def run(self) -> None:
        """Commit group after group until `close`; what is queued by then is committed first."""
        try:
            async with asyncio.TaskGroup() as committers:
                for _ in range(self._connections):
                    committers.create_task(self._commit_groups())
        finally:
            self._fail(self._groups.abandon(), Overloaded("the writer stopped"))

    def close(self) -> None:
        """Let `run` end when everything queued so far is committed."""
        self._groups.close()

    def _watch(self, receipt: asyncio.Future[Receipt], came_s: float) -> None:
        while self._waiting and self._waiting[0][1].done():
            self._waiting.popleft()
        self._waiting.append((came_s, receipt))
        if self._patience is None:
            self._give_up()

    def _give_up(self) -> None:
        """End the waiting of those who waited too long; come again when the next one will have."""
        loop = asyncio.get_running_loop()
        latest_s = time.monotonic() - self._wait_max_s
        while self._waiting and (self._waiting[0][1].done() or self._waiting[0][0] <= latest_s):
            _, receipt = self._waiting.popleft()
            if not receipt.done():
                # The commit may still happen; sent again, the rows are duplicates.
                receipt.set_exception(Overloaded(f"no commit within {self._wait_max_s:g} s"))
        self._patience = None
        if self._waiting:
            self._patience = loop.call_later(self._waiting[0][0] - latest_s, self._give_up)

    async def _commit_groups(self) -> None:
        """Commit group after group on one connection, and on another one when it is lost."""
        group = await self._groups.next()
        while group:
            try:
                async with self._pool.acquire() as connection:
                    while group and not connection.is_closed():
                        await self._commit_answered(connection, group)
                        self._groups.done(group)
                        group = await self._groups.next()
            except UNAVAILABLE as error:
                self._fail(group, Overloaded(f"the database is away: {error}"))
                self._groups.done(group)
                group = await self._groups.next()

    async def _commit_answered(self, connection: PooledConnection, group: list[Request]) -> None:
        try:
            receipts = await self._commit(connection, group)
        except REFUSED_VALUE as error:
            # A value that the gate let pass and the database refuses must not fail its neighbours.
            if len(group) > 1:
                for request in group:
                    await self._commit_answered(connection, [request])
                return
            self._fail(group, error)
        except UNAVAILABLE as error:
            self._fail(group, Overloaded(f"the database is away: {error}"))
            # Not every broken connection knows it yet, and none may take the next group.
            connection.terminate()
        except _OVERTAKEN as error:
            self._fail(group, Overloaded(f"other writers were faster: {error}"))
        except asyncpg.PostgresError as error:
            self._fail(group, error)
        else:
            for request, receipt in zip(group, receipts, strict=True):
                if not request.receipt.done():
                    request.receipt.set_result(receipt)
                else:
                    self._metrics.stored_late.inc(receipt.stored)

    @staticmethod
    def _fail(group: list[Request], error: Exception) -> None:
        for request in group:
            if not request.receipt.done():
                request.receipt.set_exception(error)

    async def _commit(self, connection: PooledConnection, group: list[Request]) -> list[Receipt]:
        began = time.perf_counter()
        try:
            stored = await self._copy_new(connection, group)
        except _OVERTAKEN:
            stored = await self._insert(connection, group)
        self._metrics.commit_seconds.observe(time.perf_counter() - began)
        if newest := [run[-1].ts for one in group for run in one.runs.values()]:
            self._metrics.note_stored(max(newest))
        receipts: list[Receipt] = []
        for request, count in zip(group, stored, strict=True):
            refused = len(request.refusals)
            receipts.append(Receipt(count, request.rows - refused - count, refused))
        return receipts

    async def _copy_new(self, connection: PooledConnection, group: list[Request]) -> list[int]:
        """Store the group in one transaction; returns how many rows of each request are new."""
        new = _New([0] * len(group))
        try:
            await self._learn_last(connection, {one for request in group for one in request.runs})
            if late := self._split(group, new):
                await _add_absent(connection, late, new)
            await self._ensure_partitions(connection, new.weeks)
            refusals = [one for request in group for one in request.refusals]
            if refusals:
                async with connection.transaction():
                    await _copy(connection, new)
                    await _keep(connection, refusals)
            else:
                await _copy(connection, new)
        except BaseException:
            # What was to be stored is not, or may not be; partitions may have been dropped.
            for request in group:
                for device in request.runs:
                    self._last.pop(device, None)
            self._weeks -= new.weeks
            raise
        return new.stored

    async def _insert(self, connection: PooledConnection, group: list[Request]) -> list[int]:
        """The same, slower, whatever other writers do at the same time."""
        numbered = list(_numbered(group))
        rows = {(one.device, one.ts): (number, one) for number, one in reversed(numbered)}
        await self._ensure_partitions(connection, {_week(ts) for _, ts in rows})
        stored = [0] * len(group)
        async with connection.transaction():
            if rows:
                columns = zip(*(astuple(one) for _, one in rows.values()), strict=True)
                # Most trackers leave most columns out; those cost nothing.
                given = [one if any(v is not None for v in one) else None for one in columns]
                for device, ts in await connection.fetch(POSITION_SQL["store_late"], *given):
                    stored[rows[device, ts][0]] += 1
            await _keep(connection, [one for request in group for one in request.refusals])
        return stored

    async def _ensure_partitions(self, connection: PooledConnection, weeks: set[int]) -> None:
        for week in sorted(weeks - self._weeks):
            monday = datetime.combine(date.fromordinal(7 * week + 1), datetime.min.time(), UTC)
            await connection.execute(POSITION_SQL["ensure_week"], monday)
            self._weeks.add(week)

    async def _learn_last(self, connection: PooledConnection, devices: set[str]) -> None:
        unknown = devices - self._last.keys()
        if unknown:
            rows = await connection.fetch(POSITION_SQL["last"], list(unknown))
            found: dict[str, datetime] = {row["device"]: row["last_ts"] for row in rows}
            for device in unknown:
                self._last.setdefault(device, found.get(device, _NEVER))

    def _split(self, group: Sequence[Request], new: _New) -> list[tuple[int, Position]]:
        """Add to `new` what certainly is; returns the others, each with its request's number."""
        last = self._last
        late: list[tuple[int, Position]] = []
        for number, request in enumerate(group):
            for device, run in request.runs.items():
                moments = [position.ts for position in run]
                if moments[0] > last[device] and all(map(lt, moments, moments[1:])):
                    last[device] = moments[-1]
                    new.add(number, device, run)
                    continue
                for position in run:
                    if position.ts > last[device]:
                        last[device] = position.ts
                        new.add(number, device, [position])
                    else:
                        late.append((number, position))
        return late


def _numbered(group: Sequence[Request]) -> Iterator[tuple[int, Position]]:
    """The positions of a group in the order they came, each with the number of its request."""
    for number, request in enumerate(group):
        for run in request.runs.values():
            yield from zip(repeat(number), run)


async def _add_absent(
    connection: PooledConnection, late: list[tuple[int, Position]], new: _New
) -> None:
    """Add to `new` each of the late ones that is not there yet, once."""
    devices = {position.device for _, position in late}
    known = {(one.device, one.ts) for one in new.positions if one.device in devices}
    sent: dict[tuple[str, datetime], tuple[int, Position]] = {}
    for number, position in late:
        key = position.device, position.ts
        if key not in known:
            sent.setdefault(key, (number, position))
    if not sent:
        return
    names, moments = zip(*sent, strict=True)
    there: Sequence[int] = (
        await connection.fetchval(
            POSITION_SQL["stored"], names, moments, min(moments), max(moments)
        )
        or ()
    )
    repeats = set(there)
    for index, (number, position) in enumerate(sent.values(), 1):
        if index not in repeats:
            new.add(number, position.device, [position])


async def _copy(connection: PooledConnection, new: _New) -> None:
    """Copy the new positions and move the state of their devices, in one round trip.

    COPY is sent as a simple query, of which the server makes one transaction with all statements
    in it; the condition is where the driver lets more text follow.
    """
    if not new.positions:
        return
    firsts, lasts = zip(*new.spans.values(), strict=True)
    noted = new.spans, map(microseconds, firsts), map(microseconds, lasts)
    note = ", ".join(map(_array, noted))
    columns, rows = copy_rows(new.positions)
    await connection.copy_to_table(
        "position",
        # Bytes would be the path of a file; the stubs do not know of buffers.
        source=memoryview(rows),  # pyright: ignore[reportArgumentType]
        columns=columns,
        format="binary",
        where=f"true; CALL note_stored({note})",
    )


def _array(values: Iterable[object]) -> str:
    """Values as an array in the text of a statement."""
    escaped = [str(value).replace("\\", "\\\\").replace('"', '\\"') for value in values]
    return quote('{"' + '","'.join(escaped) + '"}')


async def _keep(connection: PooledConnection, refusals: list[Refusal]) -> None:
    if refusals:
        await connection.executemany(
            QUARANTINE_SQL["keep"],
            [(r.protocol, r.device, r.reason, r.detail, r.payload) for r in refusals],
        )


def _week(ts: datetime) -> int:
    """Number of the ISO week since the year 1, which began on a Monday; `ts` is in UTC."""
    return (ts.toordinal() - 1) // 7
