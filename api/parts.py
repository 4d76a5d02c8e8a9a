"""Starts the parts of a server, and arranges how each stops.

Each function starts one part under the supervisor, and puts the call that stops it on the stack.
The parts start in the order of the calls (`api/server.py`) and stop in the reverse order.
"""

import ssl
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from procrastinate import App

from api.jobs import run_jobs
from api.settings import Settings
from api.supervisor import OpenListener, PartName, Supervisor
from api.worker_metrics import WorkerMetrics
from db.connect import Pool
from db.embedded import EmbeddedServer
from fleet.settings import SettingsError
from ingest.buffer.stream import Buffer
from ingest.buffer.transfer import Transfer
from ingest.gate.known_devices import KnownDevices
from ingest.gate.unexpected import UnexpectedErrors
from ingest.listeners.connection_limit import ConnectionLimit
from ingest.listeners.http import osmand_app
from ingest.listeners.http_bodies import PendingBodies
from ingest.listeners.http_connections import HttpConnections
from ingest.listeners.http_fast import listen_fast
from ingest.listeners.listener_context import ListenerContext
from ingest.listeners.mqtt import MqttSubscriber
from ingest.listeners.sockets import ListeningPort
from ingest.listeners.tls import TlsFiles, renew_certificate, tls_context, tls_files, tracker_tls
from ingest.listeners.tracker_tcp import tracker_tcp
from ingest.listeners.tracker_udp import tracker_udp
from ingest.protocols.datagram import DatagramProtocol
from ingest.protocols.protocol_names import OSMAND
from ingest.protocols.stream import StreamProtocol
from ingest.store.writer import PositionWriter
from ingest.tracker_ports import TrackerPort
from ingest.watch.metrics import Metrics
from trips.service import SendersFirst, TripService

#: The shares that the connections are divided into. Each HTTP listener has one, and trackers have
#: the others.
_HTTP_SHARE = 4


@dataclass(frozen=True)
class ServerContext:
    """The objects that the parts of one server share."""

    settings: Settings
    pool: Pool
    metrics: Metrics
    unexpected: UnexpectedErrors
    supervisor: Supervisor
    stack: AsyncExitStack
    #: The most connections that all listeners may have together.
    connections_max: int


def start_database(shared: ServerContext, server: EmbeddedServer) -> None:
    """Watch the embedded server, which is started again when it has died."""
    part = shared.supervisor.keep(PartName.DATABASE, server.watch)
    shared.stack.push_async_callback(part.cancel)


def start_worker(shared: ServerContext, jobs: App, writing: PositionWriter | None) -> None:
    """Start the jobs, the gauges of waiting work, and the finding of trips, which gives way to
    senders that wait for the writer of this process, if it has one."""
    figures = WorkerMetrics(shared.metrics.registry)
    settings = shared.settings
    senders_first = SendersFirst(
        (lambda: 0.0) if writing is None else writing.waiting_s,
        above_s=settings.trips_give_way_s,
        most_s=settings.trips_give_way_max_s,
    )
    trips = TripService(shared.pool, senders_first=senders_first)
    for name, run in (
        (PartName.JOBS, lambda: run_jobs(jobs, shared.pool)),
        (PartName.FIGURES, lambda: figures.run(jobs, shared.pool)),
        (PartName.TRIPS, lambda: trips.run(settings.trips_every_s)),
    ):
        shared.stack.push_async_callback(shared.supervisor.keep(name, run).cancel)


def start_writer(shared: ServerContext, writing: PositionWriter) -> None:
    """Start the writer, which commits all requests that it took before it stops."""
    part = shared.supervisor.keep(PartName.WRITER, writing.run, needed=True)
    shared.stack.push_async_callback(part.finish, writing.close)


def start_transfer(shared: ServerContext, buffer: Buffer, writing: PositionWriter) -> None:
    """Start the transfer of messages from the buffer to the writer."""
    moving = Transfer(buffer, writing, shared.metrics, shared.unexpected, shared.settings)
    part = shared.supervisor.keep(PartName.TRANSFER, moving.run)
    shared.stack.push_async_callback(part.finish, moving.close)


def start_notes(shared: ServerContext, known: KnownDevices) -> None:
    """Start the writing of notes of which keys were used and how devices were heard."""
    part = shared.supervisor.keep(PartName.NOTES, known.run)
    shared.stack.push_async_callback(part.cancel)


def start_mqtt(shared: ServerContext, context: ListenerContext, url: str) -> None:
    """Start the subscription at an MQTT broker."""
    subscriber = MqttSubscriber(context, shared.settings, url)
    part = shared.supervisor.keep(PartName.MQTT, subscriber.run)
    shared.stack.push_async_callback(part.cancel)


async def listen_osmand(
    shared: ServerContext, context: ListenerContext, bodies: PendingBodies
) -> None:
    """Listen on the port of the OsmAnd protocol.

    Raises:
        SettingsError: it cannot be listened on.
    """
    settings = shared.settings
    app = osmand_app(context, bodies, settings.keyless_body_max_bytes)
    connections = await _http_connections(shared, OSMAND, app)
    await _listen_http(
        shared,
        PartName.OSMAND,
        "OSMAND_PORT",
        settings.osmand_port,
        lambda port: connections.listening(settings, port),
    )


async def listen_trackers(
    shared: ServerContext, context: ListenerContext, ports: Sequence[TrackerPort]
) -> None:
    """Listen on the ports of trackers; plain and TLS ports of one protocol share its connections.

    Raises:
        SettingsError: one of them cannot be listened on, or the certificate cannot be used.
    """
    listened = [port for port in ports if port.port is not None]
    spoken = {one.protocol.name for one in listened if isinstance(one.protocol, StreamProtocol)}
    most = shared.connections_max - 2 * (shared.connections_max // _HTTP_SHARE)
    most = min(shared.settings.tracker_connections_max, most // len(spoken))
    limits = {name: ConnectionLimit(name, most, shared.metrics) for name in spoken}
    for port in listened:
        await _tracker(shared, context, port, limits)


async def _tracker(
    shared: ServerContext,
    context: ListenerContext,
    port: TrackerPort,
    limits: Mapping[str, ConnectionLimit],
) -> None:
    """Listen on one port of trackers, and for TLS renew its certificate."""
    settings, protocol, networks, number = shared.settings, port.protocol, port.networks, port.port
    assert number is not None
    files = tracker_tls(settings) if port.is_tls else None
    tls = None if files is None else tls_context(files)

    def opened() -> AbstractAsyncContextManager[Callable[[], bool]]:
        if isinstance(protocol, DatagramProtocol):
            return tracker_udp(protocol, networks, context, settings, number)
        limit = limits[protocol.name]
        return tracker_tcp(protocol, networks, context, settings, limit, number, tls)

    await _listen(shared, port.name, port.setting, opened, port.title)
    if tls is not None and files is not None:
        _renewal(shared, PartName.TLS, tls, files, settings.teltonika_tls_renew_s)


def _renewal(
    shared: ServerContext, name: PartName, tls: ssl.SSLContext, files: TlsFiles, every_s: float
) -> None:
    """Start the renewal of a certificate."""
    part = shared.supervisor.keep(name, lambda: renew_certificate(tls, files, every_s))
    shared.stack.push_async_callback(part.cancel)


async def listen_http(
    shared: ServerContext, app: web.Application, fast: tuple[ListenerContext, PendingBodies] | None
) -> int:
    """Listen on the port of pages and JSON interface, and with `fast` of positions; returns its
    number.

    Raises:
        SettingsError: it cannot be listened on, or its certificate cannot be used.
    """
    settings = shared.settings
    files = None
    if settings.own_tls:
        files = tls_files("TLS", "TLS_CERT", settings.tls_cert, settings.tls_key)
    tls = None if files is None else tls_context(files)
    connections = await _http_connections(shared, "http", app)

    def listening(port: int) -> AbstractAsyncContextManager[ListeningPort]:
        if fast is None:
            return connections.listening(settings, port, tls)
        return listen_fast(connections, *fast, settings, port, tls)

    number = await _listen_http(shared, PartName.HTTP, "PORT", settings.port, listening)
    if tls is not None and files is not None:
        _renewal(shared, PartName.HTTPS, tls, files, settings.tls_renew_s)
    return number


async def _http_connections(
    shared: ServerContext, spoken: str, app: web.Application
) -> HttpConnections:
    """Serve an application until the stack unwinds. It has a share of the connections of its own,
    so that neither pages nor trackers can take those of the others."""
    most = shared.connections_max // _HTTP_SHARE
    connections = HttpConnections(spoken, most, shared.metrics, shared.settings)
    await shared.stack.enter_async_context(connections.serving(app, shared.unexpected))
    shared.metrics.connections.labels(spoken).set_function(lambda: connections.open_now())
    return connections


async def _listen_http(
    shared: ServerContext,
    name: PartName,
    setting: str,
    port: int,
    listening: Callable[[int], AbstractAsyncContextManager[ListeningPort]],
) -> int:
    """Listen on a port (0: a free one) and return it. If the socket is lost, the same port is
    listened on again."""

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Callable[[], bool]]:
        nonlocal port
        async with listening(port) as found:
            port = found.port
            yield found.listens

    await _listen(shared, name, setting, opened)
    return port


async def _listen(
    shared: ServerContext, name: str, setting: str, opened: OpenListener, title: str | None = None
) -> None:
    try:
        part = await shared.supervisor.keep_open(name, opened, needed=True, title=title)
    except OSError as error:
        raise SettingsError(f"FLAADE_{setting}: cannot listen: {error.strerror}") from None
    shared.stack.push_async_callback(part.cancel)
