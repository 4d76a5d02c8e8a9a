"""Commits one group of requests: stores its new positions in one transaction.

Private positions are filtered out once more before the commit. The transaction fails when a private
period was set meanwhile; then the whole group is filtered anew. Every position is stored this way.

Most positions are later than all that their device sent before. Those are certainly new and are
copied straight into the table, in one round trip with the commit: while the event loop decodes,
every further round trip would wait for its turn. The others may be repeats; one query tells which
of them are, and the rest is copied too. The primary key stays the guard: when another writer was
faster, every position of the group that is not there yet is inserted. The receipt names positions
that repeat a moment and differ from what is stored.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import accumulate

import asyncpg

from db.connect import PooledConnection
from db.statements import statements
from ingest.gate.receipt import Receipt
from ingest.gate.refusal import Refusal, fold_refusals
from ingest.protocols.position_columns import PositionColumns
from ingest.store.commit_line import CommitLine, CommitRequest
from ingest.store.copy_statement import copy_and_note
from ingest.store.duplicates import (
    NewPositions,
    RequestIndexes,
    add_missing,
    certainly_new,
    column_arrays,
    find_differing,
    week_of,
)
from ingest.store.private_filter import covers_moments_of, read_private_for, without_private
from ingest.watch.metrics import Metrics
from register.private_time import PrivateRegister

POSITION_SQL = statements("position")
QUARANTINE_SQL = statements("quarantine")
PRIVATE_SQL = statements("private")

#: Errors of a direct copy that another writer, or a job that dropped a partition, has caused.
OVERTAKEN = (
    asyncpg.UniqueViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.CheckViolationError,
)

#: How often the insertion of a group is tried that other writers overtake.
_TRIES = 3

#: How often a group is stored anew because somebody changed the private periods meanwhile.
_PRIVATE_TRIES = 20

#: The label of the writer in `metrics.private`, beside those of the protocols.
WRITER = "writer"

_NEVER = datetime.min.replace(tzinfo=UTC)


class GroupCommit:
    """Commits groups, and remembers between them which weeks and moments are stored.

    `left_pending` is set when a commit left something for `apply_pending_spans`: how many positions
    came in and, under load, the state of its devices.
    """

    def __init__(self, metrics: Metrics, line: CommitLine, left_pending: asyncio.Event) -> None:
        self._metrics = metrics
        self._line = line
        self._left_pending = left_pending
        #: The weeks that have a partition.
        self._weeks: set[int] = set()
        #: The last moment of each device that was stored or is being stored by this writer.
        self._last: dict[str, datetime] = {}
        #: The private periods. They are read when they are needed first, and whenever they changed.
        self._private: PrivateRegister | None = None

    async def commit(
        self, connection: PooledConnection, group: Sequence[CommitRequest]
    ) -> list[Receipt]:
        """Store the positions of a group that are not private, and return the receipt of each
        request.

        Raises:
            asyncpg.PostgresError, OSError, OverflowError, ValueError: nothing of it was committed,
                or it is not known whether it was.
        """
        public, stored, repeats = await self._store_public(connection, group)
        differing = await find_differing(connection, public, repeats)
        receipts: list[Receipt] = []
        for number, (request, count) in enumerate(zip(public, stored, strict=True)):
            refused = sum([one.times for one in request.refusals])
            others = differing.get(number, ())
            duplicate = len(request.positions) - count - len(others)
            receipts.append(Receipt(count, duplicate, refused, others))
        return receipts

    async def _store_public(
        self, connection: PooledConnection, group: Sequence[CommitRequest]
    ) -> tuple[list[CommitRequest], list[int], RequestIndexes]:
        """Store the positions of a group that are not private.

        Returns:
            The requests without private positions, how many rows of each are new, and which are
            repeats.
        """
        for left in reversed(range(_PRIVATE_TRIES)):
            private = self._private
            if private is None or not covers_moments_of(private, group):
                private = self._private = await read_private_for(connection, group)
            public, dropped = without_private(group, private)
            try:
                try:
                    stored, repeats = await self._copy_new(connection, public, private.revision)
                except OVERTAKEN:
                    stored, repeats = await self._insert_after_all(
                        connection, public, private.revision
                    )
            except asyncpg.SerializationError:  # by `still_private_as`, or of a server in trouble
                if not left:
                    raise
                self._private = None
                continue
            if dropped:
                days = [(device, day, count) for (device, day), count in dropped.items()]
                await connection.execute(
                    PRIVATE_SQL["count_dropped"], *map(list, zip(*days, strict=True))
                )
                self._metrics.private.labels(WRITER).inc(dropped.total())
            return public, stored, repeats
        raise AssertionError("the last try returns or raises")

    async def _copy_new(
        self, connection: PooledConnection, group: Sequence[CommitRequest], private_revision: int
    ) -> tuple[list[int], RequestIndexes]:
        """Store the group in one transaction.

        Returns:
            How many rows of each request are new, and which are repeats.
        """
        new = NewPositions([0] * len(group))
        repeats: RequestIndexes = {}
        try:
            await self._learn_last(connection, group)
            if late := certainly_new(group, self._last, new):
                repeats = await add_missing(connection, group, late, new)
            await self._ensure_partitions(connection, new.weeks())
            refusals = [one for request in group for one in request.refusals]
            # Others wait for the database: the state of devices is only noted, and moved later.
            under_load = self._line.under_load
            if refusals:
                async with connection.transaction():
                    await connection.execute(PRIVATE_SQL["still_private_as"], private_revision)
                    await copy_and_note(connection, new, private_revision, later=under_load)
                    await _keep(connection, refusals)
            else:
                await copy_and_note(connection, new, private_revision, later=under_load)
            if new.parts:
                self._left_pending.set()
            if new.lasts:
                self._metrics.note_stored(max(new.lasts.values()))
        except BaseException:
            # The positions may not be stored, and partitions may have been dropped.
            for request in group:
                for device in request.positions.devices:
                    self._last.pop(device, None)
            self._weeks -= new.weeks()
            raise
        return new.stored, repeats

    async def _insert_after_all(
        self, connection: PooledConnection, group: Sequence[CommitRequest], private_revision: int
    ) -> tuple[list[int], RequestIndexes]:
        """Insert the positions of a group that are not stored yet, in up to `_TRIES` tries; returns
        as `_copy_new`."""
        for _ in range(_TRIES - 1):
            try:
                return await self._insert(connection, group, private_revision)
            except asyncpg.DeadlockDetectedError:
                continue
            except asyncpg.CheckViolationError:  # partitions were dropped: made anew next time
                self._weeks.clear()
        return await self._insert(connection, group, private_revision)

    async def _insert(
        self, connection: PooledConnection, group: Sequence[CommitRequest], private_revision: int
    ) -> tuple[list[int], RequestIndexes]:
        """The same as `_copy_new`, but slower, and safe whatever other writers do at the same time;
        returns as `_copy_new`."""
        positions = PositionColumns.joined([request.positions for request in group])
        numbers = [number for number, request in enumerate(group) for _ in request.positions]
        first: dict[tuple[str, datetime], int] = {}
        for index, key in enumerate(zip(positions.device, positions.ts, strict=True)):
            first.setdefault(key, index)
        once = positions.chosen(list(first.values()))
        await self._ensure_partitions(connection, set(map(week_of, once.ts)))
        stored: set[int] = set()
        async with connection.transaction():
            await connection.execute(PRIVATE_SQL["still_private_as"], private_revision)
            if once:
                rows = await connection.fetch(POSITION_SQL["store_late"], *column_arrays(once))
                stored = {first[device, ts] for device, ts in rows}
            await _keep(connection, [one for request in group for one in request.refusals])
        if once:
            self._left_pending.set()
            self._metrics.note_stored(max(once.ts))
        counts = [0] * len(group)
        repeats: RequestIndexes = {}
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

    async def _learn_last(
        self, connection: PooledConnection, group: Sequence[CommitRequest]
    ) -> None:
        """Read the last moment of devices that this writer has not stored for yet."""
        known = self._last
        unknown = {one for sent in group for one in sent.positions.devices if one not in known}
        if unknown:
            rows = await connection.fetch(POSITION_SQL["last_moments"], list(unknown))
            found: dict[str, datetime] = {row["device"]: row["last_ts"] for row in rows}
            for device in unknown:
                known.setdefault(device, found.get(device, _NEVER))


async def _keep(connection: PooledConnection, refusals: Sequence[Refusal]) -> None:
    """Put refusals into quarantine."""
    rows = [
        (r.protocol, r.device, r.reason, r.detail.to_json(), r.payload, r.ts, r.vouched, r.times)
        for r in fold_refusals(refusals)
        if r.kept
    ]
    if rows:
        await connection.execute(QUARANTINE_SQL["keep"], *map(list, zip(*rows, strict=True)))
