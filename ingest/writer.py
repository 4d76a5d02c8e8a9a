"""Group commit: many senders, one COPY, and an answer to each only after its rows are committed.

While one commit runs, the next group gathers; a slow disk thus makes larger groups, not a longer
queue. The queue is bounded: beyond it senders are told to come back.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from db.connect import UNAVAILABLE, Pool, PooledConnection
from db.statements import statements
from fleet.position import POSITION_FIELDS, Position
from ingest.gate import Refusal
from ingest.metrics import Metrics

POSITION_SQL = statements("position")
QUARANTINE_SQL = statements("quarantine")

#: A value that does not fit its column: the server says so, or the driver while encoding it.
REFUSED_VALUE = (asyncpg.DataError, OverflowError, ValueError)

_ATTRS = POSITION_FIELDS.index("attrs")


class Overloaded(RuntimeError):  # noqa: N818 - the condition, not a mistake of the caller
    """Too many rows are waiting for a commit, or the database is away. Nothing was acknowledged."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one request's positions, all of it committed."""

    stored: int
    duplicate: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class _Request:
    positions: Sequence[Position]
    refusals: Sequence[Refusal]
    receipt: asyncio.Future[Receipt]

    @property
    def rows(self) -> int:
        return len(self.positions) + len(self.refusals)


class PositionWriter:
    """The one way into the tables `position` and `quarantine`."""

    def __init__(
        self, pool: Pool, metrics: Metrics, *, rows_max: int, queue_rows_max: int, wait_max_s: float
    ) -> None:
        self._pool = pool
        self._metrics = metrics
        self._rows_max = rows_max
        self._queue_rows_max = queue_rows_max
        self._wait_max_s = wait_max_s
        self._queue: asyncio.Queue[_Request | None] = asyncio.Queue()
        self._queued_rows = 0
        self._weeks: set[datetime] = set()

    async def store(self, positions: Sequence[Position], refusals: Sequence[Refusal]) -> Receipt:
        """Store and wait for the commit.

        Raises:
            Overloaded: the queue is full, the database is away, or the commit took too long; the
                sender keeps its data and sends it again.
        """
        request = _Request(positions, refusals, asyncio.get_running_loop().create_future())
        if self._queued_rows and self._queued_rows + request.rows > self._queue_rows_max:
            raise Overloaded(f"{self._queued_rows} rows are waiting for a commit")
        self._enqueue(request)
        try:
            async with asyncio.timeout(self._wait_max_s):
                return await request.receipt
        except TimeoutError:
            # The commit may still happen; sent again, the rows are duplicates.
            raise Overloaded(f"no commit within {self._wait_max_s:g} s") from None

    async def run(self) -> None:
        """Commit group after group until `close`; what is queued by then is committed first."""
        try:
            while group := await self._next_group():
                await self._commit_answered(group)
        finally:
            while not self._queue.empty():
                if request := self._queue.get_nowait():
                    self._fail([request], Overloaded("the writer stopped"))

    def close(self) -> None:
        """Let `run` end when everything queued so far is committed."""
        self._queue.put_nowait(None)

    def _enqueue(self, request: _Request) -> None:
        self._queued_rows += request.rows
        self._metrics.queued_rows.set(self._queued_rows)
        self._queue.put_nowait(request)

    async def _next_group(self) -> list[_Request]:
        """The requests of the next commit; none when the writer is to end."""
        group: list[_Request] = []
        rows = 0
        request = await self._queue.get()
        while request is not None:
            group.append(request)
            rows += request.rows
            if rows >= self._rows_max or self._queue.empty():
                break
            request = self._queue.get_nowait()
        if request is None and group:
            self._queue.put_nowait(None)  # answer these first, end in the next round
        self._queued_rows -= rows
        self._metrics.queued_rows.set(self._queued_rows)
        return group

    async def _commit_answered(self, group: list[_Request]) -> None:
        try:
            receipts = await self._commit(group)
        except REFUSED_VALUE as error:
            # A value that the gate let pass and the database refuses must not fail its neighbours.
            if len(group) > 1:
                for request in group:
                    await self._commit_answered([request])
                return
            self._fail(group, error)
        except UNAVAILABLE as error:
            self._fail(group, Overloaded(f"the database is away: {error}"))
        except asyncpg.PostgresError as error:
            self._fail(group, error)
        else:
            for request, receipt in zip(group, receipts, strict=True):
                if not request.receipt.done():
                    request.receipt.set_result(receipt)

    @staticmethod
    def _fail(group: list[_Request], error: Exception) -> None:
        for request in group:
            if not request.receipt.done():
                request.receipt.set_exception(error)

    async def _commit(self, group: list[_Request]) -> list[Receipt]:
        began = time.perf_counter()
        records = _records(group)
        refusals = [refusal for request in group for refusal in request.refusals]
        async with self._pool.acquire() as connection:
            await self._ensure_partitions(connection, {_week(record[2]) for record in records})
            await connection.execute(POSITION_SQL["staging"])
            async with connection.transaction():
                stored = await _store(connection, records) if records else {}
                if refusals:
                    await connection.executemany(
                        QUARANTINE_SQL["keep"],
                        [(r.protocol, r.device, r.reason, r.detail, r.payload) for r in refusals],
                    )
        self._metrics.commit_seconds.observe(time.perf_counter() - began)
        return [
            Receipt(
                stored=stored.get(number, 0),
                duplicate=len(request.positions) - stored.get(number, 0),
                quarantined=len(request.refusals),
            )
            for number, request in enumerate(group)
        ]

    async def _ensure_partitions(self, connection: PooledConnection, weeks: set[datetime]) -> None:
        for week in sorted(weeks - self._weeks):
            await connection.execute(POSITION_SQL["ensure_week"], week)
            # Retention may drop one that is over, so that is asked for every time.
            if week + timedelta(days=7) > datetime.now(UTC):
                self._weeks.add(week)


def _records(group: Iterable[_Request]) -> list[tuple[object, ...]]:
    """Rows for the staging table, each (device, ts) once: the first request to send it owns it."""
    seen: set[tuple[str, datetime]] = set()
    records: list[tuple[object, ...]] = []
    for number, request in enumerate(group):
        for position in request.positions:
            key = (position.device, position.ts)
            if key not in seen:
                seen.add(key)
                values = [getattr(position, name) for name in POSITION_FIELDS]
                values[_ATTRS] = values[_ATTRS] or None
                records.append((number, *values))
    return records


async def _store(connection: PooledConnection, records: list[tuple[object, ...]]) -> dict[int, int]:
    await connection.copy_records_to_table(
        "position_staging",
        records=records,
        columns=["request", *POSITION_FIELDS],
        schema_name="pg_temp",
    )
    rows = await connection.fetch(POSITION_SQL["store"])
    return {row["request"]: row["stored"] for row in rows}


def _week(ts: object) -> datetime:
    assert isinstance(ts, datetime)
    day = ts.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())
