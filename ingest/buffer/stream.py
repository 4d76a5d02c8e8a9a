"""The message log between listeners and writers: a JetStream stream, for more than one machine.

A listener publishes the positions that passed the gate and the refusals. It answers its sender when
the stream has both on disk, on as many NATS servers as the stream has replicas. Writers on any
number of machines take the messages from there (`ingest/buffer/transfer.py`). The stream keeps a
message until a writer has committed it, refuses new ones when it is full, and drops none for its
age.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime

import msgspec
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.transport import TcpTransport
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DiscardPolicy,
    Header,
    RetentionPolicy,
    StorageType,
    StreamConfig,
    StreamState,
)
from nats.js.client import JetStreamContext
from nats.js.errors import NoStreamResponseError, NotFoundError

from fleet.errors import ExpectedError
from fleet.position import Position
from fleet.settings import ENV_PREFIX
from ingest.buffer.server_syncs import why_unsynced
from ingest.gate.receipt import Overloaded, Receipt
from ingest.gate.refusal import Refusal
from ingest.protocols.message import Message
from ingest.protocols.mistake import Mistake, mistake_in
from ingest.protocols.position_columns import PositionColumns
from ingest.protocols.unreadable import FieldError, Unreadable, unreadable
from ingest.settings import IngestSettings

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

STREAM_NAME = "flaade"
STREAM_SUBJECT = "flaade.telemetry"
CONSUMER_NAME = "writers"

#: The size of the messages that large requests are cut into, about, so that writers hold little at
#: a time.
MESSAGE_BYTES = 256 * 1024
#: Bytes that a message takes beside its largest single item.
ENVELOPE_BYTES = 4_096

#: Errors of a buffer that cannot be reached, or refuses for now.
BUFFER_AWAY_ERRORS = (nats.errors.Error, OSError)

CONNECT_S = 5
#: Seconds in which a NATS cluster that has just been started elects its leaders.
ELECTION_S = 20
RECONNECT_PAUSE_S = 1


class BufferUnusable(ExpectedError, RuntimeError):  # noqa: N818 - the state of the world, as the database's
    """The buffer cannot be reached or used as it is. The message says why."""


class BufferBatch(msgspec.Struct, frozen=True):
    """One message: positions that passed the gate, and telemetry that it refused.

    Encoded as MessagePack by field names, so that a writer of the next version reads the messages
    of this one.
    """

    positions: Sequence[Position] = ()
    refusals: Sequence[Refusal] = ()
    #: The same as in `ingest.store.commit_line.CommitRequest`.
    placed_revision: int | None = msgspec.field(default=None, name="placed_as")


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(BufferBatch)


def decode_batch(payload: bytes) -> BufferBatch:
    """The batch in the bytes of a message of the stream.

    Raises:
        Unreadable: the bytes are no batch, or one of a version that this one cannot read.
    """
    try:
        return _DECODER.decode(payload)
    except msgspec.DecodeError as error:
        raise Unreadable([FieldError(None, "message", mistake_in(error))]) from None


def decode_kept_batch(payload: bytes) -> Message:
    """The positions in a message of the stream that was kept in quarantine.

    Raises:
        Unreadable: the bytes are no batch, or the batch holds refusals.
    """
    batch = decode_batch(payload)
    if batch.refusals:
        raise unreadable(None, "refusals", Mistake.REFUSED_ALREADY)
    return Message(PositionColumns.of(batch.positions), lambda _: payload)


def encode_batches(batch: BufferBatch, bytes_max: int) -> list[tuple[BufferBatch, bytes]]:
    """A batch cut into messages of at most `bytes_max`; a single item may be larger.

    Returns:
        Each part of the batch with its bytes.
    """
    payload = _ENCODER.encode(batch)
    positions, refusals = batch.positions, batch.refusals
    if len(payload) <= bytes_max or len(positions) + len(refusals) <= 1:
        return [(batch, payload)]
    if positions and refusals:
        parts = (positions, ()), ((), refusals)
    else:
        p, r = len(positions) // 2, len(refusals) // 2
        parts = (positions[:p], refusals[:r]), (positions[p:], refusals[r:])
    halves = [BufferBatch(*part, batch.placed_revision) for part in parts]
    return [message for half in halves for message in encode_batches(half, bytes_max)]


def message_id(batch: BufferBatch) -> str:
    """The id of a batch, the same for the same telemetry: by it the stream recognises a repeat.

    The id is a digest of every field of the positions, for two of one moment may differ, and of
    protocol and bytes of each refusal.
    """
    digest = hashlib.blake2b(_ENCODER.encode(batch.positions), digest_size=16)
    for refusal in batch.refusals:
        digest.update(f"{refusal.protocol}\0{len(refusal.payload)}\0".encode() + refusal.payload)
    return digest.hexdigest()


class Buffer:
    """The stream: listeners publish to it, writers take messages from it."""

    def __init__(self, client: Client, settings: IngestSettings) -> None:
        self._client = client
        self._settings = settings
        self.context: JetStreamContext = client.jetstream(  # pyright: ignore[reportUnknownMemberType]
            timeout=CONNECT_S
        )
        self._prepared = False
        self._waiting_bytes = 0
        #: The moment when the consumer was made. An earlier consumer may have handed out messages
        #: from before it.
        self.consumer_since = datetime.max.replace(tzinfo=UTC)

    @property
    def connected(self) -> bool:
        return self._client.is_connected

    async def prepare(self) -> None:
        """Create the stream and its consumer, or change them to what the settings say.

        Raises:
            nats.errors.Error: the server does not answer, or refuses.
        """
        stream = StreamConfig(
            name=STREAM_NAME,
            subjects=[STREAM_SUBJECT],
            storage=StorageType.FILE,
            num_replicas=self._settings.buffer_replicas,
            # A message stays until a writer has committed it, however long that takes.
            retention=RetentionPolicy.WORK_QUEUE,
            # When it is full, the senders keep their data; nothing that was taken makes room.
            discard=DiscardPolicy.NEW,
            max_bytes=self._settings.buffer_max_bytes,
            duplicate_window=self._settings.buffer_duplicate_window_s,
        )
        try:
            await self.context.update_stream(stream)  # pyright: ignore[reportUnknownMemberType]
        except NotFoundError:
            await self.context.add_stream(stream)  # pyright: ignore[reportUnknownMemberType]
        consumer = await self.context.add_consumer(  # pyright: ignore[reportUnknownMemberType]
            STREAM_NAME,
            ConsumerConfig(
                durable_name=CONSUMER_NAME,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=self._settings.buffer_ack_wait_s,
                max_ack_pending=self._settings.buffer_unacknowledged_max,
                max_deliver=-1,  # bounded by the writer, which keeps what it gives up
            ),
        )
        self.consumer_since = consumer.created
        self._prepared = True

    async def renew_consumer(self) -> None:
        """Replace the consumer, so that the stream hands out all its messages as if for the first
        time.

        Messages that writers hold meanwhile come again too.

        Raises:
            nats.errors.Error: the server does not answer, or refuses.
        """
        with suppress(NotFoundError):  # another writer does the same
            await self.context.delete_consumer(STREAM_NAME, CONSUMER_NAME)
        await self.prepare()

    async def state(self) -> StreamState:
        """The state of the stream, such as how many messages and bytes wait there."""
        return (await self.context.stream_info(STREAM_NAME)).state

    async def store(
        self,
        positions: Sequence[Position],
        refusals: Sequence[Refusal],
        placed_revision: int | None = None,
    ) -> Receipt:
        """Publish, and return when the stream has it all.

        In the receipt `stored` counts positions that the stream has, and `duplicate` those of a
        message that it had a short while ago; the writer finds other repeats.

        Raises:
            Overloaded: the stream is full or away, or did not answer in time; the sender keeps its
                data and sends it again.
        """
        if not positions and not refusals:  # all of it was private
            return Receipt(0, 0, 0)
        messages = encode_batches(
            BufferBatch(list(positions), refusals, placed_revision), MESSAGE_BYTES
        )
        size = sum(len(payload) for _, payload in messages)
        if not self.connected:
            raise Overloaded("the buffer is away")
        if self._waiting_bytes and self._waiting_bytes + size > self._settings.buffer_waiting_bytes:
            raise Overloaded(f"{self._waiting_bytes} bytes are waiting for the buffer")
        self._waiting_bytes += size
        try:
            known = await asyncio.gather(*(self._publish(*message) for message in messages))
        finally:
            self._waiting_bytes -= size
        duplicate = sum(
            len(batch.positions) for (batch, _), was in zip(messages, known, strict=True) if was
        )
        return Receipt(len(positions) - duplicate, duplicate, sum(one.times for one in refusals))

    async def _publish(self, batch: BufferBatch, payload: bytes) -> bool:
        """Publish one message; returns whether the stream had it already."""
        try:
            if not self._prepared:
                await self.prepare()
            acknowledged = await self.context.publish(
                STREAM_SUBJECT,
                payload,
                timeout=self._settings.writer_wait_max_s,
                stream=STREAM_NAME,
                headers={Header.MSG_ID: message_id(batch)},
            )
        except NoStreamResponseError:
            self._prepared = False  # a server that starts, or one that lost its stream
            raise Overloaded("the buffer has no stream") from None
        except BUFFER_AWAY_ERRORS as error:
            raise Overloaded(
                f"the buffer did not take it: {error or type(error).__name__}"
            ) from None
        return bool(acknowledged.duplicate)


class _Transport(TcpTransport):
    """A connection whose loss is always raised as an `OSError`, which the client handles.

    uvloop raises RuntimeError on a write to a connection that the other side has reset, until the
    next read.
    """

    def write(self, payload: bytes) -> None:
        with _lost():
            super().write(payload)

    def writelines(self, payload: list[bytes]) -> None:
        with _lost():
            super().writelines(payload)

    def __bool__(self) -> bool:
        return True  # or the client takes one of its own before it connects


class _Client(Client):
    def __init__(self) -> None:
        super().__init__()
        self._transport = _Transport()


@contextmanager
def _lost() -> Generator[None]:
    try:
        yield
    except RuntimeError as error:
        raise ConnectionResetError(str(error)) from error


async def _prepare_soon(buffer: Buffer) -> None:
    """Prepare the buffer, and try again for `ELECTION_S`; then raise what the last try raised."""
    loop = asyncio.get_running_loop()
    until = loop.time() + ELECTION_S
    while True:
        try:
            await buffer.prepare()
        except BUFFER_AWAY_ERRORS as error:
            if loop.time() > until:
                raise
            LOG.warning("the buffer is not ready", error=str(error))
            await asyncio.sleep(RECONNECT_PAUSE_S)
        else:
            return


@asynccontextmanager
async def open_buffer(url: str, settings: IngestSettings) -> AsyncGenerator[Buffer]:
    """Connect to the buffer behind a URL; the client reconnects to a server that goes away later.

    Raises:
        BufferUnusable: the buffer cannot be reached, cannot be what the settings ask for, or may
            lose in a power cut what it acknowledged.
    """
    shown = url.rpartition("@")[2]
    if (why := await why_unsynced(settings)) is not None:
        raise BufferUnusable(why)

    last_error: list[str] = ["no answer"]

    async def note(error: Exception) -> None:
        last_error[0] = str(error) or type(error).__name__
        LOG.warning("buffer", server=shown, error=last_error[0])

    client = _Client()
    try:
        # The client would try for ever; once is enough for a mistyped address.
        async with asyncio.timeout(CONNECT_S):
            await client.connect(
                [part.strip() for part in url.split(",")],
                name="flaade",
                connect_timeout=CONNECT_S,
                max_reconnect_attempts=-1,
                reconnect_time_wait=RECONNECT_PAUSE_S,
                pending_size=settings.buffer_waiting_bytes,
                error_cb=note,
            )
    except TimeoutError:
        await client.close()
        raise BufferUnusable(f"the buffer at {shown} cannot be reached: {last_error[0]}") from None
    except BUFFER_AWAY_ERRORS as error:
        raise BufferUnusable(f"the buffer at {shown} cannot be reached: {error}") from None
    try:
        needed = settings.body_max_bytes + ENVELOPE_BYTES
        if client.max_payload < needed:
            raise BufferUnusable(
                f"the buffer takes messages of {client.max_payload} bytes; set its max_payload to "
                f"{needed} or more, or {ENV_PREFIX}BODY_MAX_BYTES to less"
            )
        buffer = Buffer(client, settings)
        try:
            await _prepare_soon(buffer)
        except BUFFER_AWAY_ERRORS as error:
            raise BufferUnusable(f"the buffer at {shown} has no stream for us: {error}") from None
        yield buffer
    finally:
        with suppress(OSError):  # it is lost: there is nothing to end then
            await client.close()
