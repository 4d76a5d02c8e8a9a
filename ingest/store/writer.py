"""Group commit: many senders, one COPY, and an answer to each only after its rows are committed.

While a commit runs, the next group gathers; a slow disk thus makes larger groups, not a longer
queue. The queue is bounded: beyond it senders are told to come back.

A request goes into the line (`commit_line`); when its turn comes, the group that it is in is
committed (`group_commit`) and it gets its receipt.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

import asyncpg

from db.connect import PASSING_ERRORS, TRY_LATER_ERRORS, UNAVAILABLE_ERRORS, Pool, PooledConnection
from db.statements import statements
from fleet.outage import OutageLog
from fleet.position import Position
from ingest.gate.receipt import Overloaded, Receipt, overloaded_by
from ingest.gate.refusal import Refusal
from ingest.protocols.position_columns import PositionColumns
from ingest.store.commit_line import CommitLine, CommitRequest
from ingest.store.group_commit import OVERTAKEN, GroupCommit
from ingest.store.waiting_senders import WaitingSenders
from ingest.watch.metrics import Metrics

SQL = statements("position")

#: A value that does not fit its column: the server says so, or the driver while encoding it.
REFUSED_VALUE = (asyncpg.DataError, OverflowError, ValueError)

#: How often a group is tried whose connection is lost, before its senders are told to send again.
_TRIES = 3

#: Seconds after which an idle connection is asked whether it is there, and that it has to answer: a
#: firewall between may have dropped it silently.
_IDLE_S = 5.0

#: Memory that a position or refusal takes while it waits, beside its text.
_ROW_BYTES = 500

#: Seconds that the state of devices may lag behind when there is much to commit.
_APPLY_PAUSE_S = 1.0


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
        self._line = CommitLine(
            metrics,
            group_rows_max=rows_max,
            rows_max=queue_rows_max,
            bytes_max=queue_bytes_max,
            beside_rows=beside_rows,
            beside_s=beside_s,
        )
        self._connections = connections
        self._waiting = WaitingSenders(wait_max_s)
        self._left_pending = asyncio.Event()
        self._commit = GroupCommit(metrics, self._line, self._left_pending)

    async def store(
        self,
        positions: Sequence[Position],
        refusals: Sequence[Refusal],
        placed_revision: int | None = None,
    ) -> Receipt:
        """Store and wait for the commit; see `Store`.

        Raises:
            Overloaded: the queue is full, the database is away, or the commit took too long; the
                sender keeps its data and sends it again.
        """
        loop = asyncio.get_running_loop()
        columns = PositionColumns.of(positions)
        rows = len(columns) + len(refusals)
        size = _ROW_BYTES * rows + sum([len(one.payload) for one in refusals])
        size += sum([len(text) for text in columns.attrs if text])
        receipt: asyncio.Future[Receipt] = loop.create_future()
        request = CommitRequest(
            columns, refusals, receipt, rows, size, time.monotonic(), placed_revision
        )
        self._line.add(request)
        self._waiting.add(receipt, request.came_s)
        return await receipt

    def waiting_s(self) -> float:
        """The seconds for which the longest-waiting sender has waited for its commit."""
        return self._waiting.longest_s()

    async def run(self) -> None:
        """Commit group after group until `close`, and then the requests that are queued by then.

        An unexpected error ends it: the senders that wait are told to send again, and it may be run
        again.
        """
        try:
            async with asyncio.TaskGroup() as together:
                applying = together.create_task(self._apply_pending_spans())
                committers = [
                    together.create_task(self._commit_groups()) for _ in range(self._connections)
                ]
                await asyncio.wait(committers)
                applying.cancel()
        finally:
            _fail(self._line.abandon(), Overloaded("the writer stopped"))
        with suppress(*TRY_LATER_ERRORS):  # the next writer does it
            await self._pool.execute(SQL["apply_pending_spans"])

    def close(self) -> None:
        """Let `run` end when everything queued so far is committed."""
        self._line.close()

    async def _commit_groups(self) -> None:
        """Commit group after group on one connection, and on another one when it is lost."""
        group = await self._line.next()
        tries = _TRIES
        try:
            while group:
                try:
                    async with self._pool.acquire() as connection:
                        used_s = 0.0
                        while group:
                            if time.monotonic() - used_s > _IDLE_S:
                                await _prepare(connection)
                            await self._commit_answered(connection, group)
                            used_s = time.monotonic()
                            group, tries = await self._after(group), _TRIES
                except TRY_LATER_ERRORS as error:
                    # It may have been committed: if so, its positions are duplicates now.
                    if isinstance(error, UNAVAILABLE_ERRORS):
                        # The end of this connection was the end of the others too, and not all of
                        # them know it.
                        await self._pool.expire_connections()
                    tries -= 1
                    if tries and not all(request.receipt.done() for request in group):
                        continue
                    _fail(group, overloaded_by(error))
                    group, tries = await self._after(group), _TRIES
        finally:
            if group:
                _fail(group, Overloaded("the writer failed"))
                self._line.done(group)

    async def _after(self, group: list[CommitRequest]) -> list[CommitRequest]:
        """Note that a group is answered, and wait for the next one."""
        self._line.done(group)
        group.clear()
        return await self._line.next()

    async def _commit_answered(
        self, connection: PooledConnection, group: list[CommitRequest]
    ) -> None:
        """Commit a group, and answer each of its senders.

        Raises:
            UNAVAILABLE_ERRORS: the connection is lost; nobody is answered.
        """
        try:
            began = time.perf_counter()
            receipts = await self._commit.commit(connection, group)
            self._metrics.commit_seconds.observe(time.perf_counter() - began)
        except REFUSED_VALUE as error:
            # A value that the gate let pass and the database refuses must not fail its neighbours.
            if len(group) > 1:
                for request in group:
                    await self._commit_answered(connection, [request])
                return
            _fail(group, error)
        except UNAVAILABLE_ERRORS:
            # Not every broken connection knows it yet, and the pool must not hand it out again.
            connection.terminate()
            raise
        except OVERTAKEN as error:
            # The text of the error is left out, for it quotes the row.
            _fail(group, Overloaded(f"other writers were faster: {type(error).__name__}"))
        except PASSING_ERRORS as error:
            _fail(group, overloaded_by(error))
        except asyncpg.PostgresError as error:
            _fail(group, error)
        else:
            for request, receipt in zip(group, receipts, strict=True):
                if not request.receipt.done():
                    request.receipt.set_result(receipt)
                else:
                    self._metrics.stored_late.inc(receipt.stored)

    async def _apply_pending_spans(self) -> None:
        """Move the state of devices by the spans that commits only noted, until cancelled. That
        includes the spans of writers that died."""
        outage = OutageLog("applying pending spans")
        while True:
            self._left_pending.clear()
            try:
                await self._pool.execute(SQL["apply_pending_spans"])
                outage.worked(time.monotonic())
            except (*UNAVAILABLE_ERRORS, asyncpg.PostgresError) as error:
                outage.failed(str(error), time.monotonic())
                self._left_pending.set()
            await asyncio.sleep(_APPLY_PAUSE_S)
            await self._left_pending.wait()


def _fail(group: Sequence[CommitRequest], error: Exception) -> None:
    """Answer those of a group that wait still with an error."""
    for request in group:
        if not request.receipt.done():
            request.receipt.set_exception(error)


async def _prepare(connection: PooledConnection) -> None:
    """Check that a connection is there, and set it to plan queries as the writer needs.

    Raises:
        OSError: it does not answer.
    """
    try:
        await connection.execute(SQL["keep_to_indexes"], timeout=_IDLE_S)
    except UNAVAILABLE_ERRORS:
        connection.terminate()
        raise
