"""`flaade serve`: the parts of the system in one process, started together and stopped together.

Any part may run alone (`--only`), on as many machines as it takes: all they share is the database.
"""

import asyncio
import signal
from collections.abc import AsyncGenerator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum

import structlog
from aiohttp import web

from api.figures import WorkerFigures
from api.jobs import jobs_app, run_jobs
from api.pages.routes import add_page_routes
from api.rest.openapi import add_openapi_route
from db.connect import Pool, open_pool
from fleet.settings import Settings, SettingsError
from ingest.bodies import Bodies
from ingest.buffer import open_buffer
from ingest.drain import Drain
from ingest.front import front
from ingest.http_room import HttpRoom
from ingest.intake import OSMAND, TELTONIKA_TCP, Intake
from ingest.mqtt import MqttSubscriber
from ingest.room import Room, connections_max
from ingest.server import add_health_routes, add_ingest_routes, osmand_app
from ingest.tcp import teltonika_tcp
from ingest.tls import renew, tls_context
from ingest.udp import teltonika_udp
from ingest.writer import PositionWriter
from trips.service import TripService

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Part(StrEnum):
    """A part that can run alone."""

    INGEST = "ingest"
    API = "api"
    WORKER = "worker"
    WRITER = "writer"


def parts_of(settings: Settings) -> tuple[Part, ...]:
    """Every part that a process can run: a writer of its own only where there is a buffer."""
    return tuple(part for part in Part if part is not Part.WRITER or settings.buffer_url)


@dataclass(frozen=True)
class Running:
    """A started server: where it is reached, its parts' shared objects, and its tasks."""

    url: str
    pool: Pool
    tasks: tuple[asyncio.Task[None], ...]

    async def wait(self) -> None:
        """Until a part fails, which ends the server with that part's error."""
        done, _ = await asyncio.wait(self.tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()


@asynccontextmanager
async def running(
    settings: Settings, database_url: str, parts: Collection[Part] | None = None
) -> AsyncGenerator[Running]:
    """Start the parts (all, when none are named); on leaving, take no more, finish what was taken,
    and stop.

    Raises:
        SettingsError: the pages would be reachable from elsewhere without sign-in, or a writer of
            its own has no buffer to take from.
        BufferUnusable: the buffer cannot be used.
        DatabaseError: the database cannot be used.
    """
    parts = parts_of(settings) if parts is None else parts
    if Part.WRITER in parts and settings.buffer_url is None:
        raise SettingsError(
            "FLAADE_BUFFER_URL: a writer takes from the buffer, and there is none; without it "
            "ingest writes itself"
        )
    if Part.API in parts and not settings.on_loopback:
        raise SettingsError(
            f"FLAADE_HOST: {settings.host} is reachable from elsewhere and the pages have no "
            "sign-in; use a loopback address, or serve with --only ingest,worker"
        )
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(open_pool(database_url))
        tasks: list[asyncio.Task[None]] = []
        listens = Part.INGEST in parts or Part.API in parts  # the pages release quarantine
        buffer = None
        if settings.buffer_url is not None and (listens or Part.WRITER in parts):
            buffer = await stack.enter_async_context(open_buffer(settings.buffer_url, settings))
        intake = Intake(pool, settings, buffer)
        loop = asyncio.get_running_loop()
        stack.callback(loop.set_exception_handler, loop.get_exception_handler())
        loop.set_exception_handler(intake.mishaps.from_loop)
        # Pages and trackers keep out of each other's way: each protocol has its own share.
        most = connections_max(settings)
        if Part.WORKER in parts or Part.API in parts:
            jobs = await stack.enter_async_context(jobs_app(database_url, pool, settings))
        else:
            jobs = None
        if jobs is not None and Part.WORKER in parts:
            tasks.append(asyncio.create_task(run_jobs(jobs), name="jobs"))
            figures = WorkerFigures(intake.metrics.registry).run(jobs, pool)
            tasks.append(asyncio.create_task(figures, name="figures"))
            trips = TripService(pool).run(settings.trips_every_s)
            tasks.append(asyncio.create_task(trips, name="trips"))
            stack.push_async_callback(_cancel, tuple(tasks))
        if Part.WRITER in parts or (listens and buffer is None):
            tasks.append(asyncio.create_task(intake.writer.run(), name="writer"))
            stack.push_async_callback(_drain, intake.writer, tasks[-1])
        if Part.WRITER in parts and buffer is not None:
            drain = Drain(buffer, intake.writer, intake.metrics, settings)
            tasks.append(asyncio.create_task(drain.run(), name="drain"))
            stack.push_async_callback(_drain, drain, tasks[-1])
        # Every process answers a monitor, also one that only writes or works.
        app = web.Application(client_max_size=settings.body_max_bytes)
        add_health_routes(app, intake.metrics, pool, buffer)
        add_openapi_route(app)
        bodies: Bodies | None = None
        if Part.INGEST in parts:
            notes = asyncio.create_task(intake.registry.run(), name="notes")
            tasks.append(notes)
            stack.push_async_callback(_cancel, (notes,))
            bodies = Bodies(
                intake.metrics,
                each_max=settings.body_max_bytes,
                together_max=settings.bodies_max_bytes,
                wait_max_s=settings.body_wait_max_s,
            )
            add_ingest_routes(app, intake, bodies)
            osmand = osmand_app(intake, bodies, settings.keyless_body_max_bytes)
            room = HttpRoom(OSMAND, most // 4, intake.metrics, settings)
            await _listen(
                stack, osmand, settings, settings.osmand_port, "OSMAND_PORT", room, intake
            )
            trackers = Room(
                TELTONIKA_TCP,
                min(settings.teltonika_connections_max, most - 2 * (most // 4)),
                intake.metrics,
            )
            try:
                await stack.enter_async_context(
                    teltonika_tcp(intake, settings, trackers, settings.teltonika_port)
                )
                await stack.enter_async_context(teltonika_udp(intake, settings))
            except OSError as error:
                raise _cannot_listen("TELTONIKA_PORT", error) from None
            if settings.teltonika_tls_port is not None:
                tls = tls_context(settings)
                try:
                    await stack.enter_async_context(
                        teltonika_tcp(intake, settings, trackers, settings.teltonika_tls_port, tls)
                    )
                except OSError as error:
                    raise _cannot_listen("TELTONIKA_TLS_PORT", error) from None
                tasks.append(asyncio.create_task(renew(tls, settings), name="tls"))
                stack.push_async_callback(_cancel, (tasks[-1],))
            if settings.mqtt_url is not None:
                mqtt = MqttSubscriber(intake, settings, settings.mqtt_url).run()
                tasks.append(asyncio.create_task(mqtt, name="mqtt"))
                stack.push_async_callback(_cancel, (tasks[-1],))
        if jobs is not None and Part.API in parts:
            add_page_routes(app, pool, intake, jobs, settings)
        room = HttpRoom("http", most // 4, intake.metrics, settings)
        if bodies is None:
            port = await _listen(stack, app, settings, settings.port, "PORT", room, intake)
        else:
            port = await _listen_before(stack, app, settings, room, intake, bodies)
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        url = f"http://{host}:{port}"
        LOG.info("serving", url=url, parts=sorted(parts))
        yield Running(url, pool, tuple(tasks))


def stop_signals() -> asyncio.Event:
    """Set by SIGTERM and SIGINT from now on.

    Ask before the parts run: a signal while they start would otherwise end them undrained.
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    return told


async def until_told_to_stop(server: Running, told: asyncio.Event) -> None:
    """Until `told` is set, or until a part of the server fails."""
    failed = asyncio.create_task(server.wait())
    stopped = asyncio.create_task(told.wait())
    done, waiting = await asyncio.wait((failed, stopped), return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    for task in done:
        task.result()


async def _listen(
    stack: AsyncExitStack,
    app: web.Application,
    settings: Settings,
    port: int,
    setting: str,
    room: HttpRoom,
    intake: Intake,
) -> int:
    """Listen, and stop listening when the stack unwinds; returns the port (0 picks a free one)."""
    await stack.enter_async_context(room.serving(app, intake.mishaps))
    spoken = {"PORT": "http", "OSMAND_PORT": OSMAND}[setting]
    intake.metrics.connections.labels(spoken).set_function(lambda: room.open_now())
    try:
        return await stack.enter_async_context(room.listening(settings, port))
    except OSError as error:
        raise _cannot_listen(setting, error) from None


async def _listen_before(
    stack: AsyncExitStack,
    app: web.Application,
    settings: Settings,
    room: HttpRoom,
    intake: Intake,
    bodies: Bodies,
) -> int:
    """The same on the port that positions come to."""
    await stack.enter_async_context(room.serving(app, intake.mishaps))
    intake.metrics.connections.labels("http").set_function(lambda: room.open_now())
    try:
        return await stack.enter_async_context(front(room, intake, bodies, settings))
    except OSError as error:
        raise _cannot_listen("PORT", error) from None


def _cannot_listen(setting: str, error: OSError) -> SettingsError:
    return SettingsError(f"FLAADE_{setting}: cannot listen: {error.strerror}")


async def _cancel(tasks: tuple[asyncio.Task[None], ...]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _drain(part: PositionWriter | Drain, running: asyncio.Task[None]) -> None:
    part.close()
    await asyncio.gather(running, return_exceptions=True)
