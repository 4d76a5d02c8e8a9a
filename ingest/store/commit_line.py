"""The queue of requests that wait for a commit; it decides which of them the next commit takes.

Commits under way at the same time never share a device: the positions of each are stored in the
order they came, and two commits do not wait for each other in the database, or deadlock there.
"""

import asyncio
import time
from collections import deque
from collections.abc import Sequence

from msgspec import Struct

from ingest.gate.receipt import Overloaded, Receipt
from ingest.gate.refusal import Refusal
from ingest.protocols.position_columns import PositionColumns
from ingest.watch.metrics import Metrics

#: Above so many rows, a commit takes at most one of `_SHARES` shares of the rows that wait or are
#: under way. The senders of the other rows are read while it runs: if all waited for the same
#: commit, processor and database would take turns.
_SHARED_ABOVE = 200
_SHARES = 3


class CommitRequest(Struct, frozen=True, eq=False):
    """The positions of one sender in the order they came, and its refusals, until both are
    committed. The bounds count `rows` and `size`, in bytes."""

    positions: PositionColumns
    refusals: Sequence[Refusal]
    receipt: asyncio.Future[Receipt]
    rows: int
    size: int
    #: The moment when it came, by `time.monotonic`.
    came_s: float
    #: The revision of the private periods by which positions without a fix were put in a place.
    #: None: nobody put them there.
    placed_revision: int | None = None


class CommitLine:
    """Requests in the order they came, handed out in groups of up to `group_rows_max` rows.

    A commit begins beside others that are under way when `beside_rows` rows wait, or when the first
    of them has waited for `beside_s`.
    """

    def __init__(
        self,
        metrics: Metrics,
        *,
        group_rows_max: int,
        rows_max: int,
        bytes_max: int,
        beside_rows: int,
        beside_s: float,
    ) -> None:
        self._beside_rows = beside_rows
        self._beside_s = beside_s
        self._group_rows_max = group_rows_max
        self._rows_max = rows_max
        self._bytes_max = bytes_max
        self._line: deque[CommitRequest] = deque()
        self._rows = 0
        self._bytes = 0
        #: Commits under way, and their devices.
        self._commits = 0
        self._under_way: set[str] = set()
        self._rows_under_way = 0
        #: The timer that begins one more commit beside them, unless something else begins it
        #: before.
        self._due: asyncio.TimerHandle | None = None
        self._closed = False
        #: Committers that found nothing to take; a request wakes one of them, not all.
        self._idle: deque[asyncio.Future[None]] = deque()
        metrics.oldest_waiting.set_function(self._oldest_s)
        metrics.queued_rows.set_function(lambda: self._rows)

    def add(self, request: CommitRequest) -> None:
        """Put a request in line.

        Raises:
            Overloaded: the line is full, in rows or in bytes.
        """
        if self._line and (
            self._rows + request.rows > self._rows_max
            or self._bytes + request.size > self._bytes_max
        ):
            raise Overloaded(f"{self._rows} rows are waiting for a commit")
        self._line.append(request)
        self._count(request.rows, request.size)
        if self._is_due():
            self._wake(1)

    async def next(self) -> list[CommitRequest]:
        """Wait for the requests of the next commit. The caller commits them, and then calls `done`.

        Returns:
            The requests; empty when the line is closed and all of them are taken.
        """
        while not (group := self._take()):
            if self._closed and not self._line:
                self._wake(len(self._idle))
                return []
            # Skipped requests are taken when the commit that holds their device ends.
            idle: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._idle.append(idle)
            try:
                await idle
            finally:
                if not idle.done() or idle.cancelled():  # nobody is left to be woken
                    self._idle.remove(idle)
        self._commits += 1
        return group

    def done(self, group: Sequence[CommitRequest]) -> None:
        """Note that a commit ended, well or not; the caller asks for the next one now."""
        self._commits -= 1
        for request in group:
            self._under_way.difference_update(request.positions.devices)
            self._rows_under_way -= request.rows

    @property
    def under_load(self) -> bool:
        """Whether other commits are under way, or requests wait for the next one."""
        return self._commits > 1 or bool(self._line)

    def close(self) -> None:
        """Let `next` return an empty list once all requests are taken."""
        self._closed = True
        self._wake(len(self._idle))

    def abandon(self) -> list[CommitRequest]:
        """Empty the line; returns the requests that nobody will take any more."""
        left, self._line = [*self._line], deque()
        self._count_out(left)
        return left

    def _wake(self, count: int) -> None:
        for _ in range(min(count, len(self._idle))):
            idle = self._idle.popleft()
            if not idle.done():
                idle.set_result(None)

    def _is_due(self) -> bool:
        """Whether a commit is to begin, beside those that are under way or as the only one.

        Each commit has a fixed cost, so that one more small commit makes all of them slower.
        """
        if not self._commits or self._rows >= self._beside_rows or self._closed:
            return True
        left_s = self._beside_s - self._oldest_s()
        if left_s <= 0:
            return True
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(left_s, self._come_due)
        return False

    def _come_due(self) -> None:
        self._due = None
        if self._line and self._is_due():
            self._wake(1)

    def _take(self) -> list[CommitRequest]:
        group: list[CommitRequest] = []
        if not self._line or not self._is_due():
            return group
        skipped: list[CommitRequest] = []
        skipped_devices: set[str] = set()
        rows = 0
        share = max(_SHARED_ABOVE, (self._rows + self._rows_under_way) // _SHARES)
        most = min(self._group_rows_max, share)
        while self._line and rows < most:
            request = self._line.popleft()
            rows += request.rows
            devices = request.positions.devices
            if self._under_way.isdisjoint(devices) and skipped_devices.isdisjoint(devices):
                group.append(request)
            else:
                skipped.append(request)
                skipped_devices |= devices
        self._line.extendleft(reversed(skipped))
        for request in group:
            self._under_way |= request.positions.devices
            self._rows_under_way += request.rows
        self._count_out(group)
        return group

    def _count_out(self, requests: Sequence[CommitRequest]) -> None:
        self._count(-sum(one.rows for one in requests), -sum(one.size for one in requests))

    def _count(self, rows: int, size: int) -> None:
        self._rows += rows
        self._bytes += size

    def _oldest_s(self) -> float:
        return time.monotonic() - self._line[0].came_s if self._line else 0.0
