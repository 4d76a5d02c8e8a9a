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

from api import parts
from api.health import Database, add_health_routes
from api.jobs import jobs_app
from api.pages.routes import add_page_routes
from api.parts import Shared
from api.rest.openapi import add_openapi_route
from api.rest.routes import add_rest_routes
from api.supervisor import Supervisor
from db.connect import Pool, open_pool
from db.embedded import EmbeddedServer
from db.migration import Update
from db.partitions import ensure_partitions_ahead
from fleet.settings import Settings, SettingsError
from ingest.buffer.stream import open_buffer
from ingest.intake import Intake
from ingest.listeners.connections import connections_max
from ingest.listeners.http import add_ingest_routes
from ingest.listeners.http_bodies import Bodies

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
    """A started server: where it is reached, its database, and how its parts fare."""

    url: str
    pool: Pool
    supervisor: Supervisor


@asynccontextmanager
async def running(
    settings: Settings,
    database_url: str,
    only: Collection[Part] | None = None,
    embedded: EmbeddedServer | None = None,
) -> AsyncGenerator[Running]:
    """Start the parts (all, when none are named); on leaving, take no more, finish what was taken,
    and stop. An `embedded` server is looked after: it is started again when it dies.

    Raises:
        SettingsError: the pages would be reachable from elsewhere without sign-in, a writer of its
            own has no buffer to take from, or a port cannot be listened on.
        BufferUnusable: the buffer cannot be used.
        DatabaseError: the database cannot be used.
    """
    asked = parts_of(settings) if only is None else only
    _refuse_wrong(settings, asked)
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(open_pool(database_url, update=Update.FORWARD))
        await ensure_partitions_ahead(pool)
        listens = Part.INGEST in asked or Part.API in asked  # the pages release quarantine
        buffer = None
        if settings.buffer_url is not None and (listens or Part.WRITER in asked):
            buffer = await stack.enter_async_context(open_buffer(settings.buffer_url, settings))
        intake = Intake(pool, settings, buffer)
        supervisor = Supervisor(
            intake.metrics.registry,
            pause_s=settings.restart_pause_s,
            pause_max_s=settings.restart_pause_max_s,
        )
        loop = asyncio.get_running_loop()
        stack.callback(loop.set_exception_handler, loop.get_exception_handler())
        loop.set_exception_handler(intake.mishaps.from_loop)
        shared = Shared(settings, pool, intake, supervisor, stack, connections_max(settings))
        jobs = None
        if Part.WORKER in asked or Part.API in asked:
            jobs = await stack.enter_async_context(jobs_app(database_url, pool, settings))
        if embedded is not None:
            parts.database(shared, embedded)
        if jobs is not None and Part.WORKER in asked:
            parts.worker(shared, jobs)
        if Part.WRITER in asked or (listens and buffer is None):
            parts.writer(shared)
        if Part.WRITER in asked and buffer is not None:
            parts.drain(shared, buffer)
        # Every process answers a monitor, also one that only writes or works.
        app = web.Application(client_max_size=settings.body_max_bytes)
        database = Database(database_url)
        add_health_routes(app, intake.metrics.registry, database, supervisor, buffer)
        add_openapi_route(app)
        bodies: Bodies | None = None
        if Part.INGEST in asked:
            bodies = Bodies(
                intake.metrics,
                each_max=settings.body_max_bytes,
                together_max=settings.bodies_max_bytes,
                wait_max_s=settings.body_wait_max_s,
            )
            parts.notes(shared)
            add_ingest_routes(app, intake, bodies)
            await parts.osmand(shared, bodies)
            await parts.teltonika(shared)
            if settings.mqtt_url is not None:
                parts.mqtt(shared, settings.mqtt_url)
        if jobs is not None and Part.API in asked:
            add_page_routes(app, pool, intake, jobs, settings, supervisor, database.answers)
            add_rest_routes(app, pool, intake, settings)
        port = await parts.http(shared, app, bodies)
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        url = f"http://{host}:{port}"
        LOG.info("serving", url=url, parts=sorted(asked))
        yield Running(url, pool, supervisor)


def _refuse_wrong(settings: Settings, asked: Collection[Part]) -> None:
    """Raises SettingsError where the settings do not fit the parts."""
    if Part.WRITER in asked and settings.buffer_url is None:
        raise SettingsError(
            "FLAADE_BUFFER_URL: a writer takes from the buffer, and there is none; without it "
            "ingest writes itself"
        )
    if Part.API in asked and not settings.on_loopback:
        raise SettingsError(
            f"FLAADE_HOST: {settings.host} is reachable from elsewhere and the pages have no "
            "sign-in; use a loopback address, or serve with --only ingest,worker"
        )


def stop_signals() -> asyncio.Event:
    """Set by SIGTERM and SIGINT from now on.

    Ask before the parts run: a signal while they start would otherwise end them undrained.
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    return told
