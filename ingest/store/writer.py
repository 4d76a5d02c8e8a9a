"""Group commit: many senders, one COPY, and an answer to each only after its rows are committed.

While a commit runs, the next group gathers; a slow disk thus makes larger groups, not a longer
queue. The queue is bounded: beyond it senders are told to come back.

What is private is sifted out once more before the commit, and the transaction fails when a private
period was set meanwhile; then all of it is sifted anew. No way in goes past that.

Most positions are later than all that their device sent before. Those are certainly new and are
copied straight into the table, in one round trip with the commit: while the event loop decodes,
every further one would wait for its turn. The others may be repeats; one question tells which of
them are, and the rest is copied too. The primary key stays the guard: when another writer was
faster, all of the group is inserted where it is not there yet. What repeats a moment and says
something else is named in the receipt.
"""

import asyncio
import time
from collections import deque
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import accumulate

import asyncpg

from db.connect import NOT_NOW, PASSING, UNAVAILABLE, Pool, PooledConnection
from db.statements import statements
from fleet.position import Position
from ingest.gate.receipt import Overloaded, Receipt, away
from ingest.gate.refusal import Refusal, folded
from ingest.protocols.position_columns import Columns
from ingest.store.commit_line import Groups, Request
from ingest.store.copy_rows import copy_rows, microseconds
from ingest.store.duplicates import Late, New, add_absent, arrays, differing, split, week_of
from ingest.store.private_register import MEMORY, PrivateRegister, read_private
from ingest.watch.metrics import Metrics
from ingest.watch.outage import Outage

POSITION_SQL = statements("position")
QUARANTINE_SQL = statements("quarantine")
PRIVATE_SQL = statements("private")

#: A value that does not fit its column: the server says so, or the driver while encoding it.
REFUSED_VALUE = (asyncpg.DataError, OverflowError, ValueError)

#: What another writer, or a job that dropped a partition, may do to a straight copy.
_OVERTAKEN = (
    asyncpg.UniqueViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.CheckViolationError,
)

#: How often a group is tried whose connection is lost or which other writers overtake, before its
#: senders are told to come back.
_TRIES = 3

#: A connection that had nothing to do for longer is asked first, and no longer than this, whether
#: it is there: what lies between may have forgotten it without a word.
_IDLE_S = 5.0

#: Memory that a position or refusal takes while it waits, beside its text.
_ROW_BYTES = 500

#: How far the state of devices may stay behind when there is much to commit.
_SETTLE_PAUSE_S = 1.0

#: Who dropped what is private, beside the protocols: `metrics.private`.
WRITER = "writer"

_NEVER = datetime.min.replace(tzinfo=UTC)


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
        self._noted = asyncio.Event()
        #: Who waits since when, the longest first, and the timer that looks after the first.
        self._waiting: deque[tuple[float, asyncio.Future[Receipt]]] = deque()
        self._patience: asyncio.TimerHandle | None = None
        #: The last moment of each device that was stored or is being stored by this writer.
        self._last: dict[str, datetime] = {}
        #: What is private; read when it is needed first, and whenever it changed.
        self._private: PrivateRegister | None = None

    async def store(
        self,
        positions: Sequence[Position],
        refusals: Sequence[Refusal],
        placed_as: int | None = None,
    ) -> Receipt:
        """Store and wait for the commit. `placed_as` is that of `Request`.

        Raises:
            Overloaded: the queue is full, the database is away, or the commit took too long; the
                sender keeps its data and sends it again.
        """
        loop = asyncio.get_running_loop()
        columns = Columns.of(positions)
        rows = len(columns) + len(refusals)
        size = _ROW_BYTES * rows + sum([len(one.payload) for one in refusals])
        size += sum([len(text) for text in columns.attrs if text])
        receipt: asyncio.Future[Receipt] = loop.create_future()
        request = Request(columns, refusals, receipt, rows, size, time.monotonic(), placed_as)
        self._groups.add(request)
        self._watch(receipt, request.came_s)
        return await receipt

    def waiting_s(self) -> float:
        """For how many seconds the sender that waits longest has waited for its commit."""
        while self._waiting and self._waiting[0][1].done():
            self._waiting.popleft()
        return time.monotonic() - self._waiting[0][0] if self._waiting else 0.0

    async def run(self) -> None:
        """Commit group after group until `close`; what is queued by then is committed first.

        An error that nobody foresaw ends it: who waits is told to come back, and it may be run
        again.
        """
        try:
            async with asyncio.TaskGroup() as together:
                settling = together.create_task(self._settle_notes())
                committers = [
                    together.create_task(self._commit_groups()) for _ in range(self._connections)
                ]
                await asyncio.wait(committers)
                settling.cancel()
        finally:
            self._fail(self._groups.abandon(), Overloaded("the writer stopped"))
        with suppress(*NOT_NOW):  # the next writer does it
            await self._pool.execute(POSITION_SQL["settle_notes"])

    def close(self) -> None:
        """Let `run` end when everything queued so far is committed."""
        self._groups.close()

    async def _settle_notes(self) -> None:
        """Move the state of devices by what commits noted only, also those of a writer that died,
        until cancelled."""
        outage = Outage("settling what was noted")
        while True:
            self._noted.clear()
            try:
                await self._pool.execute(POSITION_SQL["settle_notes"])
                outage.worked(time.monotonic())
            except (*UNAVAILABLE, asyncpg.PostgresError) as error:
                outage.failed(str(error), time.monotonic())
                self._noted.set()
            await asyncio.sleep(_SETTLE_PAUSE_S)
            await self._noted.wait()

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
                except NOT_NOW as error:
                    # Whether it was committed is not known: what was is found to be there already.
                    if isinstance(error, UNAVAILABLE):
                        # What ended this connection ended the others too, and not each knows it.
                        await self._pool.expire_connections()
                    tries -= 1
                    if tries and not all(request.receipt.done() for request in group):
                        continue
                    self._fail(group, away(error))
                    group, tries = await self._after(group), _TRIES
        finally:
            if group:
                self._fail(group, Overloaded("the writer failed"))
                self._groups.done(group)

    async def _after(self, group: list[Request]) -> list[Request]:
        """The next group, when this one is answered."""
        self._groups.done(group)
        group.clear()
        return await self._groups.next()

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
        except UNAVAILABLE:
            # Not every broken connection knows it yet, and the pool must not hand it out again.
            connection.terminate()
            raise
        except _OVERTAKEN as error:
            # What the error says quotes the row.
            self._fail(group, Overloaded(f"other writers were faster: {type(error).__name__}"))
        except PASSING as error:
            self._fail(group, away(error))
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
        public, stored, repeats = await self._store_public(connection, group)
        unlike = await differing(connection, public, repeats)
        self._metrics.commit_seconds.observe(time.perf_counter() - began)
        receipts: list[Receipt] = []
        for number, (request, count) in enumerate(zip(public, stored, strict=True)):
            refused = sum([one.times for one in request.refusals])
            others = unlike.get(number, ())
            duplicate = len(request.positions) - count - len(others)
            receipts.append(Receipt(count, duplicate, refused, others))
        return receipts

    async def _store_public(
        self, connection: PooledConnection, group: list[Request]
    ) -> tuple[list[Request], list[int], Late]:
        """Store what is not private of a group; returns that, how many rows of each are new, and
        which are not."""
        while True:
            private = self._private
            if private is None or not private.reaches(group):
                private = self._private = await _read_private(connection, group)
            public, dropped = private.sift(group)
            try:
                try:
                    stored, repeats = await self._copy_new(connection, public, private.revision)
                except _OVERTAKEN:
                    stored, repeats = await self._insert_after_all(
                        connection, public, private.revision
                    )
            except asyncpg.SerializationError:  # raised by `still_private_as` alone
                self._private = None
                continue
            if dropped:
                days = [(device, day, count) for (device, day), count in dropped.items()]
                await connection.execute(PRIVATE_SQL["count"], *map(list, zip(*days, strict=True)))
                self._metrics.private.labels(WRITER).inc(dropped.total())
            return public, stored, repeats

    async def _copy_new(
        self, connection: PooledConnection, group: list[Request], private_as: int
    ) -> tuple[list[int], Late]:
        """Store the group in one transaction; returns how many rows of each request are new, and
        which are repeats."""
        new = New([0] * len(group))
        repeats: Late = {}
        try:
            await self._learn_last(connection, group)
            if late := split(group, self._last, new):
                repeats = await add_absent(connection, group, late, new)
            await self._ensure_partitions(connection, new.weeks())
            refusals = [one for request in group for one in request.refusals]
            pressed = self._groups.pressed
            if refusals:
                async with connection.transaction():
                    await connection.execute(PRIVATE_SQL["still_as"], private_as)
                    await _copy(connection, new, private_as, settle_later=pressed)
                    await _keep(connection, refusals)
            else:
                await _copy(connection, new, private_as, settle_later=pressed)
            if pressed:
                self._noted.set()
            if new.lasts:
                self._metrics.note_stored(max(new.lasts.values()))
        except BaseException:
            # What was to be stored is not, or may not be; partitions may have been dropped.
            for request in group:
                for device in request.positions.devices:
                    self._last.pop(device, None)
            self._weeks -= new.weeks()
            raise
        return new.stored, repeats

    async def _insert_after_all(
        self, connection: PooledConnection, group: list[Request], private_as: int
    ) -> tuple[list[int], Late]:
        for _ in range(_TRIES - 1):
            try:
                return await self._insert(connection, group, private_as)
            except asyncpg.DeadlockDetectedError:
                continue
            except asyncpg.CheckViolationError:  # partitions were dropped: made anew next time
                self._weeks.clear()
        return await self._insert(connection, group, private_as)

    async def _insert(
        self, connection: PooledConnection, group: list[Request], private_as: int
    ) -> tuple[list[int], Late]:
        """The same, slower, whatever other writers do at the same time."""
        positions = Columns.joined([request.positions for request in group])
        numbers = [number for number, request in enumerate(group) for _ in request.positions]
        first: dict[tuple[str, datetime], int] = {}
        for index, key in enumerate(zip(positions.device, positions.ts, strict=True)):
            first.setdefault(key, index)
        once = positions.chosen(list(first.values()))
        await self._ensure_partitions(connection, set(map(week_of, once.ts)))
        stored: set[int] = set()
        async with connection.transaction():
            await connection.execute(PRIVATE_SQL["still_as"], private_as)
            if once:
                rows = await connection.fetch(POSITION_SQL["store_late"], *arrays(once))
                stored = {first[device, ts] for device, ts in rows}
            await _keep(connection, [one for request in group for one in request.refusals])
        if once:
            self._metrics.note_stored(max(once.ts))
        counts = [0] * len(group)
        repeats: Late = {}
        begins = [*accumulate([len(request.positions) for request in group], initial=0)]
        for index, number in enumerate(numbers):
            if index in stored:
                counts[number] += 1
            else:
                repeats.setdefault(number, []).append(index - begins[number])
        return counts, repeats

    async def _ensure_partitions(self, connection: PooledConnection, weeks: set[int]) -> None:
        for week in sorted(weeks - self._weeks):
            monday = datetime.combine(date.fromordinal(7 * week + 1), datetime.min.time(), UTC)
            await connection.execute(POSITION_SQL["ensure_week"], monday)
            self._weeks.add(week)

    async def _learn_last(self, connection: PooledConnection, group: Sequence[Request]) -> None:
        known = self._last
        unknown = {one for sent in group for one in sent.positions.devices if one not in known}
        if unknown:
            rows = await connection.fetch(POSITION_SQL["last"], list(unknown))
            found: dict[str, datetime] = {row["device"]: row["last_ts"] for row in rows}
            for device in unknown:
                known.setdefault(device, found.get(device, _NEVER))


async def _prepare(connection: PooledConnection) -> None:
    """See that a connection is there, and have it plan as the writer needs it.

    Raises:
        OSError: it does not answer.
    """
    try:
        await connection.execute(POSITION_SQL["keep_to_indexes"], timeout=_IDLE_S)
    except UNAVAILABLE:
        connection.terminate()
        raise


async def _copy(
    connection: PooledConnection, new: New, private_as: int, *, settle_later: bool
) -> None:
    """Copy the new positions and move the state of their devices, or note it, in one round trip.

    COPY is sent as a simple query, of which the server makes one transaction with all statements
    in it; the condition is where the driver lets more text follow.
    """
    if not new.parts:
        return
    firsts, lasts = [*new.firsts.values()], [new.lasts[device] for device in new.firsts]
    noted = (
        f"{_texts(new.firsts)}, {_numbers(firsts)}, {_numbers(lasts)}, {settle_later}, {private_as}"
    )
    columns, rows = copy_rows(Columns.joined(new.parts))
    await connection.copy_to_table(
        "position",
        # Bytes would be the path of a file; the stubs do not know of buffers.
        source=memoryview(rows),  # pyright: ignore[reportArgumentType]
        columns=columns,
        format="binary",
        where=f"true; CALL note_stored({noted})",
    )


def _texts(values: Collection[str]) -> str:
    """Texts as an array in the text of a statement."""
    # Every backslash is doubled, so that none of them can escape a quotation mark.
    together = "".join(values)
    if '"' in together or "\\" in together:
        values = [value.replace("\\", "\\\\").replace('"', '\\"') for value in values]
    text = '","'.join(values).replace("'", "''")
    return f"'{{\"{text}\"}}'"


def _numbers(moments: Sequence[datetime]) -> str:
    """Moments, as numbers, as an array in the text of a statement."""
    return f"'{{{','.join(map(str, microseconds(moments)))}}}'"


async def _read_private(connection: PooledConnection, group: Sequence[Request]) -> PrivateRegister:
    """The periods that may hold for a group, which is seldom older than `MEMORY`."""
    moments = [min(request.positions.ts) for request in group if request.positions]
    refused = [one.ts for request in group for one in request.refusals if one.ts is not None]
    return await read_private(connection, min([datetime.now(UTC) - MEMORY, *moments, *refused]))


async def _keep(connection: PooledConnection, refusals: list[Refusal]) -> None:
    rows = [
        (r.protocol, r.device, r.reason, r.detail, r.payload, r.ts, r.vouched, r.times)
        for r in folded(refusals)
        if r.kept
    ]
    if rows:
        await connection.execute(QUARANTINE_SQL["keep"], *map(list, zip(*rows, strict=True)))
