"""Group commit: many senders, one COPY, and an answer to each only after its rows are committed.

While a commit runs, the next group gathers; a slow disk thus makes larger groups, not a longer
queue. The queue is bounded: beyond it senders are told to come back.

Most positions are later than all that their device sent before. Those are certainly new and are
copied straight into the table. The others may be repeats and are inserted where they are not there
yet. The primary key stays the guard: when another writer was faster, all of the group is inserted
that way. Either is one round trip, its commit included: while the event loop decodes, every further
one would wait for its turn.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import asyncpg
import orjson
from msgspec.structs import astuple
from psycopg.sql import quote

from db.connect import UNAVAILABLE, Pool, PooledConnection
from db.statements import statements
from fleet.position import POSITION_FIELDS, Position
from ingest.gate import Refusal
from ingest.groups import Groups, Overloaded, Receipt, Request
from ingest.metrics import Metrics

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
class _Split:
    """The positions of a group: `fresh` ones are certainly new, each of the `late` may not be.

    `late` has each (device, ts) once, with the number of the request that sent it first; `stored`
    counts the fresh ones of each request; `spans` has the first and last of each device's.
    """

    fresh: list[Position]
    late: dict[tuple[str, datetime], tuple[int, Position]]
    stored: list[int]
    spans: dict[str, tuple[datetime, datetime]]


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
    ) -> None:
        self._pool = pool
        self._metrics = metrics
        self._groups = Groups(
            metrics,
            group_rows_max=rows_max,
            rows_max=queue_rows_max,
            bytes_max=queue_bytes_max,
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
        size += sum(len(one.attrs) for one in positions if one.attrs)
        devices = frozenset([one.device for one in positions])
        receipt: asyncio.Future[Receipt] = loop.create_future()
        request = Request(positions, refusals, devices, receipt, rows, size, time.monotonic())
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
            stored = await self._attempt(connection, group, self._split)
        except _OVERTAKEN:
            stored = await self._attempt(connection, group, _all_late)
        self._metrics.commit_seconds.observe(time.perf_counter() - began)
        if newest := [one.positions[-1].ts for one in group if one.positions]:
            self._metrics.note_stored(max(newest))
        return [
            Receipt(count, len(request.positions) - count, len(request.refusals))
            for request, count in zip(group, stored, strict=True)
        ]

    async def _attempt(
        self,
        connection: PooledConnection,
        group: list[Request],
        split: Callable[[list[Request]], _Split],
    ) -> list[int]:
        """Store the group in one transaction; returns how many rows of each request are new."""
        weeks = {_week(position.ts) for one in group for position in one.positions}
        devices = frozenset[str]().union(*(request.devices for request in group))
        try:
            await self._ensure_partitions(connection, weeks)
            await self._learn_last(connection, devices)
            divided = split(group)
            refusals = [one for request in group for one in request.refusals]
            if not refusals and not (divided.fresh and divided.late):
                return await _store(connection, divided)  # one statement is a transaction
            async with connection.transaction():
                stored = await _store(connection, divided)
                await _keep(connection, refusals)
        except BaseException:
            # What was to be stored is not, or may not be; partitions may have been dropped.
            for device in devices:
                self._last.pop(device, None)
            self._weeks -= weeks
            raise
        return stored

    async def _ensure_partitions(self, connection: PooledConnection, weeks: set[int]) -> None:
        for week in sorted(weeks - self._weeks):
            monday = datetime.combine(date.fromordinal(7 * week + 1), datetime.min.time(), UTC)
            await connection.execute(POSITION_SQL["ensure_week"], monday)
            self._weeks.add(week)

    async def _learn_last(self, connection: PooledConnection, devices: frozenset[str]) -> None:
        unknown = devices - self._last.keys()
        if unknown:
            rows = await connection.fetch(POSITION_SQL["last"], list(unknown))
            found: dict[str, datetime] = {row["device"]: row["last_ts"] for row in rows}
            for device in unknown:
                self._last.setdefault(device, found.get(device, _NEVER))

    def _split(self, group: Iterable[Request]) -> _Split:
        last = self._last
        fresh: list[Position] = []
        late: dict[tuple[str, datetime], tuple[int, Position]] = {}
        stored: list[int] = []
        first: dict[str, datetime] = {}
        for number, request in enumerate(group):
            before = len(fresh)
            for position in request.positions:
                device, ts = position.device, position.ts
                if ts > last[device]:
                    last[device] = ts
                    fresh.append(position)
                    if device not in first:
                        first[device] = ts
                else:
                    late.setdefault((device, ts), (number, position))
            stored.append(len(fresh) - before)
        return _Split(
            fresh, late, stored, {device: (ts, last[device]) for device, ts in first.items()}
        )


def _all_late(group: Iterable[Request]) -> _Split:
    late: dict[tuple[str, datetime], tuple[int, Position]] = {}
    stored: list[int] = []
    for number, request in enumerate(group):
        stored.append(0)
        for position in request.positions:
            late.setdefault((position.device, position.ts), (number, position))
    return _Split([], late, stored, {})


async def _store(connection: PooledConnection, split: _Split) -> list[int]:
    """Store, and move the state of the devices; returns how many rows of each request are new."""
    stored = split.stored
    if split.fresh:
        await _copy(connection, split)
    if split.late:
        columns = zip(*(astuple(position) for _, position in split.late.values()), strict=True)
        # Most trackers leave most columns out; those cost nothing.
        given = [None if all(value is None for value in column) else column for column in columns]
        for device, ts in await connection.fetch(POSITION_SQL["store_late"], *given):
            stored[split.late[device, ts][0]] += 1
    return stored


async def _copy(connection: PooledConnection, split: _Split) -> None:
    """Copy the fresh positions and move the state of their devices, in one round trip.

    COPY is sent as a simple query, of which the server makes one transaction with all statements
    in it; the condition is where the driver lets more text follow.
    """
    spans = [(device, str(first), str(last)) for device, (first, last) in split.spans.items()]
    note = quote(orjson.dumps(spans).decode())
    await connection.copy_records_to_table(
        "position",
        columns=POSITION_FIELDS,
        records=[astuple(position) for position in split.fresh],
        where=f"true; CALL note_stored({note})",
    )


async def _keep(connection: PooledConnection, refusals: list[Refusal]) -> None:
    if refusals:
        await connection.executemany(
            QUARANTINE_SQL["keep"],
            [(r.protocol, r.device, r.reason, r.detail, r.payload) for r in refusals],
        )


def _week(ts: datetime) -> int:
    """Number of the ISO week since the year 1, which began on a Monday; `ts` is in UTC."""
    return (ts.toordinal() - 1) // 7
