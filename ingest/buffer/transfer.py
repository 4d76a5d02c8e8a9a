"""A writer of the cluster, which takes messages from the buffer, commits them, and then
acknowledges.

Any number of writers share the stream. A writer that dies has acknowledged nothing that it did not
commit: the stream gives its messages to another writer, and the primary key drops the positions
that were committed. While the database is away, a writer keeps the messages it has and tries them
again. A message that can never be stored goes to quarantine, where a person sees it.

After a crash of the servers, the consumer may believe that it handed out messages which no writer
has; these then stay in the stream. A writer that sees this replaces the consumer.
"""

import asyncio
import time
from collections.abc import Hashable, Sequence
from contextlib import suppress

import msgspec
import structlog
from nats.aio.msg import Msg
from nats.js.api import StreamState
from nats.js.client import JetStreamContext

from fleet.outage import OutageLog
from fleet.position import POSITION_FIELDS, Position
from fleet.saying import Saying
from ingest.buffer.stall import StallDetector
from ingest.buffer.stream import (
    BUFFER_AWAY_ERRORS,
    CONSUMER_NAME,
    STREAM_NAME,
    Buffer,
    BufferBatch,
    decode_batch,
)
from ingest.gate.detail import RefusalDetail, value_refused
from ingest.gate.receipt import Overloaded
from ingest.gate.refusal import Reason, Refusal
from ingest.gate.unexpected import UnexpectedError, UnexpectedErrors
from ingest.protocols.protocol_names import BUFFER, POSITIONS
from ingest.protocols.unreadable import Unreadable
from ingest.settings import IngestSettings
from ingest.store.writer import REFUSED_VALUE, PositionWriter
from ingest.watch.metrics import Metrics

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: Seconds that one request for messages waits at the server when there are none.
FETCH_S = 1.0
#: Seconds before a writer tries a stream or a database again that was away.
PAUSE_S = 1.0


class Transfer:
    """Moves messages from the stream into the tables until it is closed."""

    def __init__(
        self,
        buffer: Buffer,
        writer: PositionWriter,
        metrics: Metrics,
        unexpected: UnexpectedErrors,
        settings: IngestSettings,
    ) -> None:
        self._buffer = buffer
        self._writer = writer
        self._metrics = metrics
        self._unexpected = unexpected
        self._settings = settings
        self._held: dict[int, Msg] = {}  # by identity, for messages compare by value
        self._room = asyncio.Event()
        self._closing = False
        self._buffering = OutageLog("the buffer")
        self._storing = OutageLog("storing from the buffer")
        # A message that ends each writer stays until it was delivered too often and is given up.
        self._stall = StallDetector(
            (settings.buffer_deliveries_max + 2) * settings.buffer_ack_wait_s
        )

    async def run(self) -> None:
        """Move messages until `close`, then finish those that were taken."""
        settled = asyncio.Event()
        async with asyncio.TaskGroup() as beating:
            beating.create_task(self._heartbeat(settled))
            try:
                async with asyncio.TaskGroup() as settling:
                    await self._take_while_open(settling)
            finally:
                settled.set()

    def close(self) -> None:
        """Take no more messages; `run` ends when those that were taken are stored or left to
        another writer."""
        self._closing = True

    async def _take_while_open(self, settling: asyncio.TaskGroup) -> None:
        while not self._closing:
            try:
                await self._take_messages(settling)
            except BUFFER_AWAY_ERRORS as error:
                self._buffering.failed(str(error) or type(error).__name__, time.monotonic())
                await asyncio.sleep(PAUSE_S)

    async def _take_messages(self, settling: asyncio.TaskGroup) -> None:
        await self._buffer.prepare()
        subscription = await self._buffer.context.pull_subscribe_bind(
            consumer=CONSUMER_NAME, stream=STREAM_NAME
        )
        try:
            while not self._closing:
                room = self._settings.buffer_fetch_max - len(self._held)
                if room <= 0:
                    self._room.clear()
                    await self._room.wait()
                    continue
                for message in await self._fetch(subscription, room):
                    self._held[id(message)] = message
                    settling.create_task(self._settle(message))
        finally:
            with suppress(*BUFFER_AWAY_ERRORS):
                await subscription.unsubscribe()

    async def _fetch(
        self, subscription: JetStreamContext.PullSubscription, room: int
    ) -> Sequence[Msg]:
        try:
            messages = await subscription.fetch(room, timeout=FETCH_S)
        except TimeoutError:
            messages = []
        self._buffering.worked(time.monotonic())
        return messages

    async def _settle(self, message: Msg) -> None:
        """Store one message and acknowledge it, however long the database is away."""
        try:
            if await self._stored(message):
                await message.ack()
            else:
                await message.nak()
        except BUFFER_AWAY_ERRORS as error:
            # It comes again, and its positions are duplicates then.
            LOG.warning("a message was not acknowledged", error=str(error))
        finally:
            del self._held[id(message)]
            self._room.set()

    async def _stored(self, message: Msg) -> bool:
        """Store a message; returns whether it was stored. If not, the writer is closing, and
        another one may have the message."""
        failures = message.metadata.num_delivered - 1  # a writer died with it, or lost it
        again = failures > 0 or message.metadata.timestamp < self._buffer.consumer_since
        while True:
            try:
                with self._unexpected.contained(BUFFER):
                    await self._store(message.data, failures, again=again)
            except Overloaded as error:
                again = True
                self._storing.failed(str(error), time.monotonic())
            except UnexpectedError as error:
                failures += 1
                again = True
                LOG.warning("a message was not stored", error=str(error), failures=failures)
            else:
                self._storing.worked(time.monotonic())
                return True
            if self._closing:
                return False
            await asyncio.sleep(PAUSE_S)

    async def _store(self, payload: bytes, failures: int, *, again: bool) -> None:
        try:
            with self._unexpected.contained(BUFFER):
                batch = decode_batch(payload)
        except Unreadable as error:
            await self._keep([Refusal(BUFFER, "", Reason.UNREADABLE, error.saying, payload)])
            return
        if failures > self._settings.buffer_deliveries_max:
            detail = Saying(RefusalDetail.ATTEMPTS, {"attempts": failures})
            await self._keep([*_refused(batch.positions, Reason.VALUE, detail), *batch.refusals])
            return
        await self._commit(batch, again=again)

    async def _commit(self, batch: BufferBatch, *, again: bool) -> None:
        """Commit a batch and count it. With `again`, positions that are there already are not
        counted as duplicates: an earlier attempt at the same message may have stored them."""
        try:
            receipt = await self._writer.store(
                batch.positions, batch.refusals, batch.placed_revision
            )
        except REFUSED_VALUE as error:
            if len(batch.positions) <= 1:
                refused = _refused(batch.positions, Reason.VALUE, value_refused(error))
                await self._keep([*refused, *batch.refusals])
                return
            # One value that the gate let pass and the database refuses: store the others.
            for position in batch.positions:
                await self._commit(BufferBatch([position], (), batch.placed_revision), again=again)
            await self._keep(batch.refusals)
        else:
            if receipt.differing:
                await self._keep(_differing(receipt.differing))
            self._metrics.stored.labels(BUFFER).inc(receipt.stored)
            if not again:
                self._metrics.duplicate.labels(BUFFER).inc(receipt.duplicate)

    async def _keep(self, refusals: Sequence[Refusal]) -> None:
        await self._writer.store([], refusals)
        for refusal in refusals:
            self._metrics.quarantined.labels(refusal.protocol, refusal.reason).inc()

    async def _heartbeat(self, settled: asyncio.Event) -> None:
        """Look after held and waiting messages every few seconds, until all are `settled`.

        The end is an event and no cancellation, which the client of NATS swallows at times.
        """
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._settings.buffer_ack_wait_s / 3):
                        await settled.wait()
                    return
                await self._look_after()
        finally:
            self._closing = True  # an error here ends the writer

    async def _look_after(self) -> None:
        """Tell the stream that the held messages are being worked on, and detect a stall."""
        try:
            for message in tuple(self._held.values()):
                await message.in_progress()
            state = await self._buffer.state()
            self._metrics.buffer_messages.set(state.messages)
            self._metrics.buffer_bytes.set(state.bytes)
            if self._stall.is_stalled(self._withheld(state), time.monotonic()):
                LOG.warning(
                    "the buffer does not hand out what it has; its consumer is made anew",
                    messages=state.messages,
                    oldest=state.first_seq,
                )
                self._metrics.buffer_renewed.inc()
                await self._buffer.renew_consumer()
        except BUFFER_AWAY_ERRORS:  # `run` says so
            self._stall.is_stalled(None, time.monotonic())

    def _withheld(self, state: StreamState) -> Hashable | None:
        """The oldest message of the stream, unless this writer holds it or cannot store it."""
        held = {message.metadata.sequence.stream for message in self._held.values()}
        if not state.messages or state.first_seq in held or (held and self._storing.lasting):
            return None
        return self._buffer.consumer_since, state.first_seq


def _differing(positions: Sequence[Position]) -> list[Refusal]:
    refusals: list[Refusal] = []
    for one in positions:
        detail = Saying(RefusalDetail.SAME_MOMENT, {"ts": one.ts.isoformat()})
        refusals += _refused([one], Reason.SAME_MOMENT_DIFFERS, detail)
    return refusals


def _refused(positions: Sequence[Position], reason: Reason, detail: Saying) -> list[Refusal]:
    """Positions as items of quarantine, each as its device could have sent it: the decoder of our
    own format reads it again."""
    return [
        Refusal(POSITIONS, position.device, reason, detail, _as_json(position), position.ts)
        for position in positions
    ]


def _as_json(position: Position) -> bytes:
    fields = {name: getattr(position, name) for name in POSITION_FIELDS}
    if position.satellites == 0:
        # The place is one that the device was given; it gets another when this is released.
        fields["lat"] = fields["lon"] = 0.0
    if position.attrs is not None:
        fields["attrs"] = msgspec.Raw(position.attrs)
    return msgspec.json.encode({name: value for name, value in fields.items() if value is not None})
