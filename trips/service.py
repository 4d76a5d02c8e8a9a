"""Keeps trips, round trips, sessions and days current as positions arrive, late ones included."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import structlog

from db.connect import (
    CANNOT_STORE_ERRORS,
    UNAVAILABLE_ERRORS,
    Pool,
    PooledConnection,
    retry_when_contended,
)
from db.statements import statements
from fleet.outage import OutageLog
from trips.detect.parameters import TripParameters, parameters_by_class
from trips.detect.round_trips import RoundTripRules
from trips.stored.batch import refresh_batch
from trips.stored.set_aside import TripFailure, failure_of

SQL = statements("trip")
POSITION_SQL = statements("position")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: How many batches are refreshed at a time: while one waits for the database, the trips of another
#: are found. There are no more, for the storing of positions comes first.
BATCHES_AT_A_TIME = 2

#: The most weight of a batch. A device weighs 1, and 1 more for every hour whose trips are to be
#: found anew, so that a device with a long backlog is refreshed alone. A larger batch would save
#: little, as statements are then a small part of the work, and senders would wait longer at its
#: end.
BATCH_WEIGHT_MAX = 50

#: How often a device is tried whose rows another transaction has locked, and the first pause in
#: seconds.
_TRIES = 3
_TRIES_PAUSE_S = 0.2

#: Seconds between two checks of whether senders wait. A check that comes late shows that the event
#: loop itself is late.
_LOOK_S = 0.01

#: The time for which a device is set aside at first, and at most.
SET_ASIDE_FIRST = timedelta(minutes=1)
SET_ASIDE_MAX = timedelta(hours=6)


class WaitingDevice(NamedTuple):
    """A device that waits for its trips: whether it was set aside before, and of how many hours its
    trips are to be found anew."""

    device: str
    was_set_aside: bool
    hours: float


@dataclass(frozen=True, slots=True)
class SendersFirst:
    """The limits at which the finding of trips lets senders go first.

    Attributes:
        waiting_s: tells for how many seconds the longest-waiting sender has waited for its commit.
        above_s: the service pauses before each batch while that sender has waited for longer, or
            the event loop is later.
        most_s: the longest such pause in seconds, so that trips are found under any load.
    """

    waiting_s: Callable[[], float]
    above_s: float
    most_s: float


class TripService:
    """Finds the trips of every device whose positions, depots or settings changed.

    Any number of services may run on one database: a device is refreshed by one at a time.

    Args:
        classes: the parameters by class of vehicle; a device without a vehicle counts as a car.
        senders_first: None where no sender of this process waits for commits.
    """

    def __init__(
        self,
        pool: Pool,
        classes: Mapping[str, TripParameters] | None = None,
        rules: RoundTripRules | None = None,
        senders_first: SendersFirst | None = None,
    ) -> None:
        self._pool = pool
        self._classes = classes or parameters_by_class()
        self._rules = rules or RoundTripRules()
        self._senders_first = senders_first

    async def run(self, every_s: float) -> None:
        """Refresh, pause, refresh, until cancelled. A database that is away is waited for."""
        outage = OutageLog("the database for trips")
        while True:
            try:
                await self.refresh()
                outage.worked(time.monotonic())
            except (*UNAVAILABLE_ERRORS, *CANNOT_STORE_ERRORS) as error:
                outage.failed(str(error), time.monotonic())
            await asyncio.sleep(every_s)

    async def refresh(self) -> int:
        """Bring the trips of every dirty device up to date, the longest-waiting one first.

        A device whose trips cannot be found is set aside.

        Returns:
            How many devices were dirty.
        """
        await self._pool.execute(POSITION_SQL["apply_pending_spans"])
        rows = await self._pool.fetch(SQL["dirty_devices"])
        waiting = batches(WaitingDevice(**row) for row in rows)

        async def take_turns() -> None:
            for batch in waiting:
                await self._let_senders_go_first()
                await self._refresh_or_set_aside(batch)

        turns = [
            asyncio.create_task(take_turns()) for _ in range(min(BATCHES_AT_A_TIME, len(rows)))
        ]
        try:
            await asyncio.gather(*turns)
        finally:
            for turn in turns:
                turn.cancel()
            await asyncio.gather(*turns, return_exceptions=True)
        return len(rows)

    async def _let_senders_go_first(self) -> None:
        if self._senders_first is None:
            return
        ends = time.monotonic() + self._senders_first.most_s
        while (looked := time.monotonic()) < ends:
            await asyncio.sleep(_LOOK_S)
            late_s = max(time.monotonic() - looked - _LOOK_S, self._senders_first.waiting_s())
            if late_s <= self._senders_first.above_s:
                return

    async def _refresh_or_set_aside(self, batch: Sequence[WaitingDevice]) -> None:
        """Refresh a batch; where that fails, each half of it, so that one device alone is set
        aside."""
        devices = [one.device for one in batch]
        if len(batch) > 1:
            failure = await failure_of(self.refresh_devices(devices))
            if failure is not None:
                LOG.info("trips of a batch in halves", devices=len(batch), **failure._asdict())
                half = len(batch) // 2
                await self._refresh_or_set_aside(batch[:half])
                await self._refresh_or_set_aside(batch[half:])
            return
        [(device, was_set_aside, _)] = batch
        failure = await failure_of(
            retry_when_contended(
                lambda: self.refresh_devices([device]), tries=_TRIES, pause_s=_TRIES_PAUSE_S
            )
        )
        if failure is not None:
            await self._set_aside(device, failure)
        elif was_set_aside:
            await self._pool.execute(SQL["end_set_aside"], device)

    async def _set_aside(self, device: str, failure: TripFailure) -> None:
        LOG.error("trips set aside", device=device, **failure._asdict())
        await self._pool.execute(SQL["set_aside"], device, *failure, SET_ASIDE_FIRST, SET_ASIDE_MAX)

    async def refresh_devices(self, devices: Sequence[str]) -> None:
        """Bring the trips of some devices up to date in one transaction.

        A device that another service has locked is left to that service.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await self.refresh_within(connection, devices)

    async def refresh_within(self, connection: PooledConnection, devices: Sequence[str]) -> None:
        """Bring the trips of some devices up to date as `refresh_devices` does, in the caller's
        transaction."""
        await refresh_batch(connection, devices, self._classes, self._rules)


def batches(waiting: Iterable[WaitingDevice]) -> Iterator[list[WaitingDevice]]:
    """The devices in batches, in order. A device that was set aside is alone in its batch, as it
    may fail again."""
    batch: list[WaitingDevice] = []
    weight = 0.0
    for one in waiting:
        weighs = BATCH_WEIGHT_MAX if one.was_set_aside else 1 + one.hours
        if batch and weight + weighs > BATCH_WEIGHT_MAX:
            yield batch
            batch, weight = [], 0.0
        batch.append(one)
        weight += weighs
    if batch:
        yield batch
