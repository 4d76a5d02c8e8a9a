"""Keeps the table `trip` current as positions arrive, late ones included."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import structlog

from db.connect import FULL, UNAVAILABLE, Pool, PooledConnection
from db.statements import statements
from trips.detect.parameters import TripParameters, parameters_by_class
from trips.detect.round_trips import RoundTripRules
from trips.stored.aside import CONTENDED, Aside, apart
from trips.stored.batch import refresh_batch

SQL = statements("trip")
POSITION_SQL = statements("position")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: Batches that are refreshed at a time: while one waits for the database, another is detected. A
#: bound, for those who store positions come first.
AT_A_TIME = 2

#: A batch has up to so many devices, one less for every hour that is to be found anew: a device
#: with a long backlog goes alone. With more of them statements are no part of what a device costs
#: any more, and whoever stores positions waits for longer when the batch ends.
BATCH_MAX = 50

#: How often a device is tried at once whose rows another transaction is at, and the first pause.
_TRIES = 3
_TRIES_PAUSE_S = 0.2

#: How often it is looked at whether senders wait, in seconds; a look shows how late the event loop
#: itself is.
_LOOK_S = 0.01

#: How long a device is set aside for at first and at most.
ASIDE_FIRST = timedelta(minutes=1)
ASIDE_MAX = timedelta(hours=6)


class Waiting(NamedTuple):
    """A device that waits: whether it is set aside, and how many hours are to be found anew."""

    device: str
    aside: bool
    hours: float


@dataclass(frozen=True, slots=True)
class GiveWay:
    """When the finding of trips lets senders go first: before each batch, while the one that waits
    longest for its commit (`waiting_s`), or the event loop, is later than `above_s`; no longer than
    `most_s`, so that trips are found under any load."""

    waiting_s: Callable[[], float]
    above_s: float
    most_s: float


class TripService:
    """Finds the trips of every device whose positions moved since the last round.

    Any number of services may run on one database: a device is refreshed by one at a time.
    `classes` are the parameters by class of vehicle; a device without a vehicle is a car's. Without
    `give_way` nobody in this process waits for a commit.
    """

    def __init__(
        self,
        pool: Pool,
        classes: Mapping[str, TripParameters] | None = None,
        rules: RoundTripRules | None = None,
        give_way: GiveWay | None = None,
    ) -> None:
        self._pool = pool
        self._classes = classes or parameters_by_class()
        self._rules = rules or RoundTripRules()
        self._give_way = give_way

    async def run(self, every_s: float) -> None:
        """Refresh, pause, refresh, until cancelled. A database that is away is waited for."""
        while True:
            try:
                await self.refresh()
            except (*UNAVAILABLE, *FULL) as error:
                LOG.warning("trips are waiting for the database", error=str(error))
            await asyncio.sleep(every_s)

    async def refresh(self) -> int:
        """Bring the trips of every dirty device up to date, the longest-waiting first; returns how
        many devices that were. A device whose trips cannot be found is set aside."""
        await self._pool.execute(POSITION_SQL["apply_pending_spans"])
        rows = await self._pool.fetch(SQL["dirty_devices"])
        waiting = batches(Waiting(**row) for row in rows)

        async def take_turns() -> None:
            for batch in waiting:
                await self._let_senders_go_first()
                await self._refresh_or_set_aside(batch)

        turns = [asyncio.create_task(take_turns()) for _ in range(min(AT_A_TIME, len(rows)))]
        try:
            await asyncio.gather(*turns)
        finally:
            for turn in turns:
                turn.cancel()
            await asyncio.gather(*turns, return_exceptions=True)
        return len(rows)

    async def _let_senders_go_first(self) -> None:
        if self._give_way is None:
            return
        ends = time.monotonic() + self._give_way.most_s
        while (looked := time.monotonic()) < ends:
            await asyncio.sleep(_LOOK_S)
            late_s = max(time.monotonic() - looked - _LOOK_S, self._give_way.waiting_s())
            if late_s <= self._give_way.above_s:
                return

    async def _refresh_or_set_aside(self, batch: Sequence[Waiting]) -> None:
        """Refresh a batch; where it cannot be, each half of it, so that one device alone is set
        aside."""
        devices = [one.device for one in batch]
        if len(batch) > 1:
            trouble = await apart(self.refresh_devices(devices))
            if trouble is not None:
                LOG.info("trips of a batch in halves", devices=len(batch), **trouble._asdict())
                half = len(batch) // 2
                await self._refresh_or_set_aside(batch[:half])
                await self._refresh_or_set_aside(batch[half:])
            return
        [(device, was_aside, _)] = batch
        trouble = await apart(self._refresh_persistently(device))
        if trouble is not None:
            await self._set_aside(device, trouble)
        elif was_aside:
            await self._pool.execute(SQL["take_back"], device)

    async def _set_aside(self, device: str, trouble: Aside) -> None:
        LOG.error("trips set aside", device=device, **trouble._asdict())
        await self._pool.execute(SQL["set_aside"], device, *trouble, ASIDE_FIRST, ASIDE_MAX)

    async def _refresh_persistently(self, device: str) -> None:
        for attempt in range(1, _TRIES):
            try:
                await self.refresh_devices([device])
            except CONTENDED:
                await asyncio.sleep(attempt * _TRIES_PAUSE_S)
            else:
                return
        await self.refresh_devices([device])

    async def refresh_devices(self, devices: Sequence[str]) -> None:
        """Bring the trips of some devices up to date in one transaction, but for those that
        another service is at."""
        async with self._pool.acquire() as connection, connection.transaction():
            await self.refresh_within(connection, devices)

    async def refresh_within(self, connection: PooledConnection, devices: Sequence[str]) -> None:
        """As `refresh_devices`, in the caller's transaction."""
        await refresh_batch(connection, devices, self._classes, self._rules)


def batches(waiting: Iterable[Waiting]) -> Iterator[list[Waiting]]:
    """The devices in batches, in order. One that is set aside goes alone: it may fail again."""
    batch: list[Waiting] = []
    weight = 0.0
    for one in waiting:
        weighs = BATCH_MAX if one.aside else 1 + one.hours
        if batch and weight + weighs > BATCH_MAX:
            yield batch
            batch, weight = [], 0.0
        batch.append(one)
        weight += weighs
    if batch:
        yield batch
