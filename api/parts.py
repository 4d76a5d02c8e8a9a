"""Each part of a server: how it is started, and how it is told to stop.

A function here starts one part under the supervisor and leaves behind, in the stack, how it stops.
The order of the calls (`api/server.py`) is the order of the start; stopping goes the other way.
"""

import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from procrastinate import App

from api.figures import WorkerFigures
from api.jobs import run_jobs
from api.supervisor import Open, PartName, Supervisor
from db.connect import Pool
from db.embedded import EmbeddedServer
from fleet.settings import Settings, SettingsError
from ingest.buffer.stream import Buffer
from ingest.buffer.transfer import Drain
from ingest.intake import OSMAND, TELTONIKA_TCP, Intake
from ingest.listeners.connections import Room
from ingest.listeners.http import osmand_app
from ingest.listeners.http_bodies import Bodies
from ingest.listeners.http_fast import front
from ingest.listeners.http_room import HttpRoom
from ingest.listeners.mqtt import MqttSubscriber
from ingest.listeners.sockets import Listening
from ingest.listeners.tls import renew, tls_context
from ingest.listeners.tracker_tcp import teltonika_tcp
from ingest.listeners.tracker_udp import teltonika_udp
from trips.service import GiveWay, TripService

#: Each HTTP listener has one of so many parts of the connections, Teltonika the rest.
_HTTP_SHARE = 4


@dataclass(frozen=True)
class Shared:
    """What the parts of one server share."""

    settings: Settings
    pool: Pool
    intake: Intake
    supervisor: Supervisor
    stack: AsyncExitStack
    #: Connections that all listeners together may have.
    connections_max: int


def database(shared: Shared, server: EmbeddedServer) -> None:
    """The embedded server, which is started again when it died."""
    part = shared.supervisor.keep(PartName.DATABASE, server.watch)
    shared.stack.push_async_callback(part.cancel)


def worker(shared: Shared, jobs: App) -> None:
    """Jobs, what waits for them, and trips."""
    figures = WorkerFigures(shared.intake.metrics.registry)
    settings = shared.settings
    give_way = GiveWay(
        shared.intake.writer.waiting_s,
        above_s=settings.trips_give_way_s,
        most_s=settings.trips_give_way_max_s,
    )
    trips = TripService(shared.pool, give_way=give_way)
    for name, run in (
        (PartName.JOBS, lambda: run_jobs(jobs)),
        (PartName.FIGURES, lambda: figures.run(jobs, shared.pool)),
        (PartName.TRIPS, lambda: trips.run(settings.trips_every_s)),
    ):
        shared.stack.push_async_callback(shared.supervisor.keep(name, run).cancel)


def writer(shared: Shared) -> None:
    """What commits positions, and commits what it took before it stops."""
    writing = shared.intake.writer
    part = shared.supervisor.keep(PartName.WRITER, writing.run, needed=True)
    shared.stack.push_async_callback(part.finish, writing.close)


def drain(shared: Shared, buffer: Buffer) -> None:
    """What takes messages from the buffer to the writer."""
    draining = Drain(buffer, shared.intake.writer, shared.intake.metrics, shared.settings)
    part = shared.supervisor.keep(PartName.DRAIN, draining.run)
    shared.stack.push_async_callback(part.finish, draining.close)


def notes(shared: Shared) -> None:
    """What writes down which keys were used and how devices were heard."""
    part = shared.supervisor.keep(PartName.NOTES, shared.intake.registry.run)
    shared.stack.push_async_callback(part.cancel)


def mqtt(shared: Shared, url: str) -> None:
    """The subscription at a broker."""
    subscriber = MqttSubscriber(shared.intake, shared.settings, url)
    part = shared.supervisor.keep(PartName.MQTT, subscriber.run)
    shared.stack.push_async_callback(part.cancel)


async def osmand(shared: Shared, bodies: Bodies) -> None:
    """The port of the OsmAnd protocol.

    Raises:
        SettingsError: it cannot be listened on.
    """
    settings = shared.settings
    app = osmand_app(shared.intake, bodies, settings.keyless_body_max_bytes)
    room = await _room(shared, OSMAND, app)
    await _listen_http(
        shared,
        PartName.OSMAND,
        "OSMAND_PORT",
        settings.osmand_port,
        lambda port: room.listening(settings, port),
    )


async def teltonika(shared: Shared) -> None:
    """The ports of the Teltonika protocol: TCP, UDP, and TLS where it is set.

    Raises:
        SettingsError: one of them cannot be listened on, or the certificate cannot be used.
    """
    intake, settings = shared.intake, shared.settings
    port, tls_port = settings.teltonika_port, settings.teltonika_tls_port
    most = shared.connections_max
    room = Room(
        TELTONIKA_TCP,
        min(settings.teltonika_connections_max, most - 2 * (most // _HTTP_SHARE)),
        intake.metrics,
    )
    await _listen(
        shared,
        PartName.TELTONIKA_TCP,
        "TELTONIKA_PORT",
        lambda: teltonika_tcp(intake, settings, room, port),
    )
    await _listen(
        shared, PartName.TELTONIKA_UDP, "TELTONIKA_PORT", lambda: teltonika_udp(intake, settings)
    )
    if tls_port is None:
        return
    tls = tls_context(settings)
    await _listen(
        shared,
        PartName.TELTONIKA_TLS,
        "TELTONIKA_TLS_PORT",
        lambda: teltonika_tcp(intake, settings, room, tls_port, tls),
    )
    _renewal(shared, tls)


def _renewal(shared: Shared, tls: ssl.SSLContext) -> None:
    """What reads a renewed certificate."""
    part = shared.supervisor.keep(PartName.TLS, lambda: renew(tls, shared.settings))
    shared.stack.push_async_callback(part.cancel)


async def http(shared: Shared, app: web.Application, bodies: Bodies | None) -> int:
    """The port of pages, JSON interface and, with `bodies`, positions; returns its number.

    Raises:
        SettingsError: it cannot be listened on.
    """
    intake, settings = shared.intake, shared.settings
    room = await _room(shared, "http", app)

    def listening(port: int) -> AbstractAsyncContextManager[Listening]:
        if bodies is None:
            return room.listening(settings, port)
        return front(room, intake, bodies, settings, port)

    return await _listen_http(shared, PartName.HTTP, "PORT", settings.port, listening)


async def _room(shared: Shared, spoken: str, app: web.Application) -> HttpRoom:
    """What serves an application until the stack unwinds; it has a share of the connections, so
    that pages and trackers keep out of each other's way."""
    intake, settings = shared.intake, shared.settings
    room = HttpRoom(spoken, shared.connections_max // _HTTP_SHARE, intake.metrics, settings)
    await shared.stack.enter_async_context(room.serving(app, intake.mishaps))
    intake.metrics.connections.labels(spoken).set_function(lambda: room.open_now())
    return room


async def _listen_http(
    shared: Shared,
    name: PartName,
    setting: str,
    port: int,
    listening: Callable[[int], AbstractAsyncContextManager[Listening]],
) -> int:
    """Listen on a port, and return that (0 picks a free one); the same again when it is lost."""

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Callable[[], bool]]:
        nonlocal port
        async with listening(port) as found:
            port = found.port
            yield found.listens

    await _listen(shared, name, setting, opened)
    return port


async def _listen(shared: Shared, name: PartName, setting: str, opened: Open) -> None:
    try:
        part = await shared.supervisor.keep_open(name, opened, needed=True)
    except OSError as error:
        raise SettingsError(f"FLAADE_{setting}: cannot listen: {error.strerror}") from None
    shared.stack.push_async_callback(part.cancel)
