"""The commit of one group of requests: what of it is new, in one transaction.

What is private is sifted out once more before the commit, and the transaction fails when a private
period was set meanwhile; then all of the group is sifted anew. No way in goes past that.

Most positions are later than all that their device sent before. Those are certainly new and are
copied straight into the table, in one round trip with the commit: while the event loop decodes,
every further one would wait for its turn. The others may be repeats; one question tells which of
them are, and the rest is copied too. The primary key stays the guard: when another writer was
faster, all of the group is inserted where it is not there yet. What repeats a moment and says
something else is named in the receipt.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import accumulate

import asyncpg

from db.connect import PooledConnection
from db.statements import statements
from ingest.gate.receipt import Receipt
from ingest.gate.refusal import Refusal, folded
from ingest.protocols.position_columns import Columns
from ingest.store.commit_line import CommitLine, Request
from ingest.store.copy_statement import copy_and_note
from ingest.store.duplicates import (
    NewPositions,
    RequestIndexes,
    add_missing,
    arrays,
    certainly_new,
    differing,
    week_of,
)
from ingest.store.private_sieve import reaches, register_for, without_private
from ingest.watch.metrics import Metrics
from register.private_time import PrivateRegister

POSITION_SQL = statements("position")
QUARANTINE_SQL = statements("quarantine")
PRIVATE_SQL = statements("private")

#: What another writer, or a job that dropped a partition, may do to a straight copy.
OVERTAKEN = (
    asyncpg.UniqueViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.CheckViolationError,
)

#: How often a group is inserted that other writers overtake.
_TRIES = 3

#: Who dropped what is private, beside the protocols: `metrics.private`.
WRITER = "writer"

_NEVER = datetime.min.replace(tzinfo=UTC)


class GroupCommit:
    """Commits groups, and remembers between them what makes the next one fast.

    `left_pending` is set when a commit left the state of its devices to be moved later.
    """

    def __init__(self, metrics: Metrics, line: CommitLine, left_pending: asyncio.Event) -> None:
        self._metrics = metrics
        self._line = line
        self._left_pending = left_pending
        #: The weeks that have a partition.
        self._weeks: set[int] = set()
        #: The last moment of each device that was stored or is being stored by this writer.
        self._last: dict[str, datetime] = {}
        #: What is private; read when it is needed first, and whenever it changed.
        self._private: PrivateRegister | None = None

    async def commit(self, connection: PooledConnection, group: Sequence[Request]) -> list[Receipt]:
        """Store what is not private of a group, and return the receipt of each request.

        Raises:
            asyncpg.PostgresError, OSError, OverflowError, ValueError: nothing of it was committed,
                or nobody knows.
        """
        public, stored, repeats = await self._store_public(connection, group)
        unlike = await differing(connection, public, repeats)
        receipts: list[Receipt] = []
        for number, (request, count) in enumerate(zip(public, stored, strict=True)):
            refused = sum([one.times for one in request.refusals])
            others = unlike.get(number, ())
            duplicate = len(request.positions) - count - len(others)
            receipts.append(Receipt(count, duplicate, refused, others))
        return receipts

    async def _store_public(
        self, connection: PooledConnection, group: Sequence[Request]
    ) -> tuple[list[Request], list[int], RequestIndexes]:
        """Store what is not private of a group.

        Returns:
            What is not private, how many rows of each request are new, and which are not.
        """
        while True:
            private = self._private
            if private is None or not reaches(private, group):
                private = self._private = await register_for(connection, group)
            public, dropped = without_private(group, private)
            try:
                try:
                    stored, repeats = await self._copy_new(connection, public, private.revision)
                except OVERTAKEN:
                    stored, repeats = await self._insert_after_all(
                        connection, public, private.revision
                    )
            except asyncpg.SerializationError:  # raised by `still_private_as` alone
                self._private = None
                continue
            if dropped:
                days = [(device, day, count) for (device, day), count in dropped.items()]
                await connection.execute(
                    PRIVATE_SQL["count_dropped"], *map(list, zip(*days, strict=True))
                )
                self._metrics.private.labels(WRITER).inc(dropped.total())
            return public, stored, repeats

    async def _copy_new(
        self, connection: PooledConnection, group: Sequence[Request], private_as: int
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
            pressed = self._line.pressed
            if refusals:
                async with connection.transaction():
                    await connection.execute(PRIVATE_SQL["still_private_as"], private_as)
                    await copy_and_note(connection, new, private_as, later=pressed)
                    await _keep(connection, refusals)
            else:
                await copy_and_note(connection, new, private_as, later=pressed)
            if pressed:
                self._left_pending.set()
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
        self, connection: PooledConnection, group: Sequence[Request], private_as: int
    ) -> tuple[list[int], RequestIndexes]:
        """Insert the group where it is not there yet, as often as it takes."""
        for _ in range(_TRIES - 1):
            try:
                return await self._insert(connection, group, private_as)
            except asyncpg.DeadlockDetectedError:
                continue
            except asyncpg.CheckViolationError:  # partitions were dropped: made anew next time
                self._weeks.clear()
        return await self._insert(connection, group, private_as)

    async def _insert(
        self, connection: PooledConnection, group: Sequence[Request], private_as: int
    ) -> tuple[list[int], RequestIndexes]:
        """As `_copy_new`, slower, whatever other writers do at the same time."""
        positions = Columns.joined([request.positions for request in group])
        numbers = [number for number, request in enumerate(group) for _ in request.positions]
        first: dict[tuple[str, datetime], int] = {}
        for index, key in enumerate(zip(positions.device, positions.ts, strict=True)):
            first.setdefault(key, index)
        once = positions.chosen(list(first.values()))
        await self._ensure_partitions(connection, set(map(week_of, once.ts)))
        stored: set[int] = set()
        async with connection.transaction():
            await connection.execute(PRIVATE_SQL["still_private_as"], private_as)
            if once:
                rows = await connection.fetch(POSITION_SQL["store_late"], *arrays(once))
                stored = {first[device, ts] for device, ts in rows}
            await _keep(connection, [one for request in group for one in request.refusals])
        if once:
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

    async def _learn_last(self, connection: PooledConnection, group: Sequence[Request]) -> None:
        """Read the last moment of devices that this writer has not stored for yet."""
        known = self._last
        unknown = {one for sent in group for one in sent.positions.devices if one not in known}
        if unknown:
            rows = await connection.fetch(POSITION_SQL["last_moments"], list(unknown))
            found: dict[str, datetime] = {row["device"]: row["last_ts"] for row in rows}
            for device in unknown:
                known.setdefault(device, found.get(device, _NEVER))


async def _keep(connection: PooledConnection, refusals: Sequence[Refusal]) -> None:
    """Put what was refused into quarantine."""
    rows = [
        (r.protocol, r.device, r.reason, r.detail.to_json(), r.payload, r.ts, r.vouched, r.times)
        for r in folded(refusals)
        if r.kept
    ]
    if rows:
        await connection.execute(QUARANTINE_SQL["keep"], *map(list, zip(*rows, strict=True)))
