"""Puts the parts of ingest together: makes each once, and gives it to the others that need it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from api.settings import Settings
from db.connect import Pool
from ingest.buffer.stream import Buffer, open_buffer
from ingest.gate.believed_places import BelievedPlaces
from ingest.gate.judgement import Gate
from ingest.gate.jumps import JumpLimits
from ingest.gate.known_devices import KnownDevices
from ingest.gate.plausibility import PlausibleLimits
from ingest.gate.position_filter import PositionFilter
from ingest.gate.stranger_quota import StrangerQuota
from ingest.gate.unexpected import UnexpectedErrors
from ingest.intake import Intake
from ingest.listeners.listener_context import ListenerContext
from ingest.protocols.attributes import KeptAttributes
from ingest.quarantine import Quarantine, kept_decoders
from ingest.store.message_store import MessageStore
from ingest.store.writer import PositionWriter
from ingest.tracker_ports import TrackerPort, tracker_ports
from ingest.watch.metrics import Metrics


@dataclass(frozen=True, slots=True)
class IngestParts:
    """The parts of ingest that a server, or a command, starts or calls."""

    context: ListenerContext
    #: Commits positions while it runs. With a buffer, it commits only the messages from there.
    writer: PositionWriter
    quarantine: Quarantine
    trackers: Sequence[TrackerPort]


def ingest_parts(
    pool: Pool,
    settings: Settings,
    buffer: Buffer | None = None,
    metrics: Metrics | None = None,
    unexpected: UnexpectedErrors | None = None,
) -> IngestParts:
    """Put the parts together. With a buffer, all telemetry goes there, and the writers of the
    cluster take it from there.

    Raises:
        SettingsError: the table of Teltonika's elements is wrong.
    """
    metrics = metrics or Metrics()
    unexpected = unexpected or UnexpectedErrors(metrics)
    trackers = tracker_ports(settings)
    stale_max_s = 0.0 if buffer is None else settings.register_stale_max_s
    known = KnownDevices(pool, stale_max_s=stale_max_s)
    writer = _writer(pool, settings, metrics)
    store = buffer or writer
    gate = _gate(pool, settings, known, metrics, unexpected)
    intake = Intake(
        gate,
        MessageStore(store, unexpected),
        metrics,
        unexpected,
        records_max=settings.body_records_max,
    )
    decoders = kept_decoders(trackers, known)
    return IngestParts(
        ListenerContext(intake, known, metrics, unexpected),
        writer,
        Quarantine(pool, known, decoders, intake, gate, store, unexpected),
        trackers,
    )


@asynccontextmanager
async def releasing(pool: Pool, settings: Settings) -> AsyncGenerator[Quarantine]:
    """Open the quarantine for a process in which no server runs. A writer of its own commits
    released items or, where there is a buffer, the writers of the cluster do, as with all telemetry
    that passed the gate.

    Raises:
        SettingsError: as for `ingest_parts`.
        BufferUnusable: the buffer cannot be used.
    """
    if settings.buffer_url is not None:
        async with open_buffer(settings.buffer_url, settings) as buffer:
            yield ingest_parts(pool, settings, buffer).quarantine
        return
    made = ingest_parts(pool, settings)
    writing = asyncio.create_task(made.writer.run())
    try:
        yield made.quarantine
    finally:
        made.writer.close()
        await writing


def _writer(pool: Pool, settings: Settings, metrics: Metrics) -> PositionWriter:
    """Make the writer, which commits positions to the tables."""
    return PositionWriter(
        pool,
        metrics,
        rows_max=settings.writer_rows_max,
        queue_rows_max=settings.writer_queue_rows_max,
        queue_bytes_max=settings.writer_queue_bytes_max,
        wait_max_s=settings.writer_wait_max_s,
        connections=settings.writer_connections,
        beside_rows=settings.writer_beside_rows,
        beside_s=settings.writer_beside_s,
    )


def _gate(
    pool: Pool,
    settings: Settings,
    known: KnownDevices,
    metrics: Metrics,
    unexpected: UnexpectedErrors,
) -> Gate:
    """Make the gate, which judges messages before they are stored."""
    plausible = PlausibleLimits(
        settings.position_earliest, settings.position_future_max, settings.speed_max_kmh
    )
    drivable = JumpLimits(
        settings.speed_between_max_kmh, settings.jump_noise_m, settings.jump_confirmations
    )
    return Gate(
        known,
        PositionFilter(known, metrics, plausible, KeptAttributes(settings.position_attributes)),
        BelievedPlaces(pool, known, metrics, drivable),
        StrangerQuota(settings.stranger_bytes_minute, settings.strangers_bytes_minute),
        metrics,
        unexpected,
    )
