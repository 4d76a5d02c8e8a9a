"""`flaade serve`: starts and stops the parts of the system in one process together.

Each role may run alone (`--only`), on as many machines as it takes: the machines share only the
database and, where there is one, the buffer.
"""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import AsyncGenerator, Collection, Set
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum

import structlog
from aiohttp import web
from procrastinate import App

from access.accounts import accounts
from access.roles import Role
from access.settings import put_in_force
from api import parts
from api.delivery.garbage import look_after_answers
from api.door.forwarded import passed_on
from api.door.telemetry import open_to_trackers
from api.health import DatabaseHealth, add_health_routes
from api.ingest_parts import IngestParts, ingest_parts
from api.jobs import jobs_app
from api.log_lines.library_lines import LibraryErrors
from api.pages.routes import add_page_routes
from api.parts import ServerContext
from api.rest.openapi import add_openapi_route
from api.rest.routes import add_rest_routes
from api.settings import Settings, server_address
from api.supervisor import Supervisor
from db.connect import Pool, open_pool
from db.embedded import EmbeddedServer
from db.partitions import ensure_partitions_ahead
from fleet.settings import SettingsError
from ingest.buffer.stream import Buffer, open_buffer
from ingest.gate.unexpected import UnexpectedErrors
from ingest.listeners.connection_limit import connections_max
from ingest.listeners.http import add_ingest_routes
from ingest.listeners.http_bodies import PendingBodies
from ingest.watch.metrics import Metrics

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class ServerRole(StrEnum):
    """A role of a server, which can run alone."""

    INGEST = "ingest"
    API = "api"
    WORKER = "worker"
    WRITER = "writer"


def roles_of(settings: Settings) -> tuple[ServerRole, ...]:
    """The roles that a process can have; a writer of its own only where there is a buffer."""
    return tuple(
        part for part in ServerRole if part is not ServerRole.WRITER or settings.buffer_url
    )


@dataclass(frozen=True)
class RunningServer:
    """A started server: its address, its database, and the supervisor of its parts."""

    url: str
    pool: Pool
    supervisor: Supervisor


@asynccontextmanager
async def running_server(
    settings: Settings,
    database_url: str,
    only: Collection[ServerRole] | None = None,
    embedded: EmbeddedServer | None = None,
) -> AsyncGenerator[RunningServer]:
    """Start the parts of the roles (all, when none are named). On leaving, take no more requests,
    finish those that were taken, and stop. An `embedded` server is started again when it dies.

    Raises:
        SettingsError: the pages would be reachable from elsewhere without TLS or before there is
            an administrator, a writer of its own has no buffer to take from, or a port cannot be
            listened on.
        BufferUnusable: the buffer cannot be used.
        DatabaseError: the database cannot be used.
    """
    asked = frozenset(roles_of(settings) if only is None else only)
    _refuse_wrong(settings, asked)
    put_in_force(settings)
    async with AsyncExitStack() as stack:
        shared = await _shared(stack, settings, database_url)
        if ServerRole.API in asked and not settings.on_loopback:
            await _refuse_without_administrator(shared.pool)
        opened = await _open_parts(shared, asked, database_url)
        if embedded is not None:
            parts.start_database(shared, embedded)
        _start_behind(shared, asked, opened)
        database = DatabaseHealth(database_url)
        app = _application(shared, opened, database)
        fast = None
        if ServerRole.INGEST in asked and opened.ingest is not None:
            context, bodies = opened.ingest.context, _bodies(shared)
            add_ingest_routes(app, context, bodies)
            open_to_trackers(app)
            await _listen(shared, opened.ingest, bodies)
            fast = context, bodies
        if ServerRole.API in asked and opened.ingest is not None and opened.jobs is not None:
            add_page_routes(
                *(app, shared.pool, opened.ingest.quarantine, shared.metrics, opened.jobs),
                *(settings, shared.supervisor, database.answers),
            )
            add_rest_routes(app)
        port = await parts.listen_http(shared, app, fast)
        url = server_address(settings.host, port, tls=settings.own_tls)
        LOG.info("serving", url=url, parts=sorted(asked))
        yield RunningServer(url, shared.pool, shared.supervisor)


@dataclass(frozen=True)
class _OpenedParts:
    """The objects that the parts of the asked roles are made of; None where none of them needs
    one."""

    buffer: Buffer | None
    ingest: IngestParts | None
    jobs: App | None


async def _shared(stack: AsyncExitStack, settings: Settings, database_url: str) -> ServerContext:
    """Make the objects that all parts share. Errors that libraries log and that the event loop
    reports are counted."""
    pool = await stack.enter_async_context(open_pool(database_url, forward=True))
    await ensure_partitions_ahead(pool)
    metrics = Metrics()
    unexpected = UnexpectedErrors(metrics)
    supervisor = Supervisor(
        metrics.registry,
        pause_s=settings.restart_pause_s,
        pause_max_s=settings.restart_pause_max_s,
    )
    library_errors, root = LibraryErrors(metrics.registry), logging.getLogger()
    root.addHandler(library_errors)
    stack.callback(root.removeHandler, library_errors)
    loop = asyncio.get_running_loop()
    stack.callback(loop.set_exception_handler, loop.get_exception_handler())
    loop.set_exception_handler(unexpected.from_loop)
    return ServerContext(
        settings, pool, metrics, unexpected, supervisor, stack, connections_max(settings)
    )


async def _open_parts(
    shared: ServerContext, asked: Set[ServerRole], database_url: str
) -> _OpenedParts:
    """Open the buffer and the job queue, and put the parts of ingest together, as far as the asked
    roles need them. The pages need ingest, since they release telemetry from quarantine."""
    settings = shared.settings
    buffer = ingest = jobs = None
    if asked & {ServerRole.INGEST, ServerRole.API, ServerRole.WRITER}:
        if settings.buffer_url is not None:
            opening = open_buffer(settings.buffer_url, settings)
            buffer = await shared.stack.enter_async_context(opening)
        ingest = ingest_parts(shared.pool, settings, buffer, shared.metrics, shared.unexpected)
    if asked & {ServerRole.WORKER, ServerRole.API}:
        opening = jobs_app(database_url, shared.pool, settings)
        jobs = await shared.stack.enter_async_context(opening)
    return _OpenedParts(buffer, ingest, jobs)


def _start_behind(shared: ServerContext, asked: Set[ServerRole], opened: _OpenedParts) -> None:
    """Start the parts behind the listeners: worker, writer, and the transfer of messages to it."""
    writing = None if opened.ingest is None else opened.ingest.writer
    if opened.jobs is not None and ServerRole.WORKER in asked:
        parts.start_worker(shared, opened.jobs, writing)
    if writing is None:
        return
    if ServerRole.WRITER in asked or opened.buffer is None:
        parts.start_writer(shared, writing)
    if ServerRole.WRITER in asked and opened.buffer is not None:
        parts.start_transfer(shared, opened.buffer, writing)


def _application(
    shared: ServerContext, opened: _OpenedParts, database: DatabaseHealth
) -> web.Application:
    """Make the application of the main port. Every process answers monitors, also one that is only
    a writer or worker."""
    app = web.Application(
        client_max_size=shared.settings.body_max_bytes,
        middlewares=[look_after_answers, passed_on(shared.settings.trusted_proxies)],
    )
    registry = shared.metrics.registry
    add_health_routes(app, registry, database, shared.supervisor, opened.buffer)
    add_openapi_route(app)
    return app


async def _listen(shared: ServerContext, ingest: IngestParts, bodies: PendingBodies) -> None:
    """Start the listeners that have ports of their own, and the notes of the devices that they
    heard."""
    parts.start_notes(shared, ingest.context.known)
    await parts.listen_osmand(shared, ingest.context, bodies)
    await parts.listen_trackers(shared, ingest.context, ingest.trackers)
    if shared.settings.mqtt_url is not None:
        parts.start_mqtt(shared, ingest.context, shared.settings.mqtt_url)


def _bodies(shared: ServerContext) -> PendingBodies:
    """Make the object that bounds the bodies of all listeners together."""
    settings = shared.settings
    return PendingBodies(
        shared.metrics,
        each_max_bytes=settings.body_max_bytes,
        together_max_bytes=settings.bodies_max_bytes,
        wait_max_s=settings.body_wait_max_s,
    )


def _refuse_wrong(settings: Settings, asked: Collection[ServerRole]) -> None:
    """Raise SettingsError where the settings do not fit the roles."""
    if ServerRole.WRITER in asked and settings.buffer_url is None:
        raise SettingsError(
            "FLAADE_BUFFER_URL: a writer takes from the buffer, and there is none; without it "
            "ingest writes itself"
        )
    if ServerRole.API not in asked or settings.on_loopback:
        return
    if not settings.own_tls and not settings.trusted_proxies:
        raise SettingsError(
            f"FLAADE_HOST: {settings.host} is reachable from elsewhere, so the pages need TLS: "
            "name a certificate in FLAADE_TLS_CERT and FLAADE_TLS_KEY, or the networks of a proxy "
            "that has one in FLAADE_TRUSTED_PROXIES; or serve with --only ingest,worker"
        )
    if not (settings.pages_url or "").startswith("https://"):
        raise SettingsError(
            f"FLAADE_PAGES_URL: {settings.host} is reachable from elsewhere; say by which address "
            "people reach the pages, such as https://flaade.kommune.dk"
        )


async def _refuse_without_administrator(pool: Pool) -> None:
    """Raise SettingsError where nobody could let others in: who comes first would be in charge."""
    known = await accounts(pool)
    if not any(one.role is Role.ADMINISTRATOR and not one.closed for one in known):
        raise SettingsError(
            "FLAADE_HOST: before the pages are reachable from elsewhere, make an administrator: "
            "flaade account add NAME --role administrator"
        )


def stop_signals(within_s: float) -> asyncio.Event:
    """An event that SIGTERM and SIGINT set from now on.

    Call this before the parts start: a signal during the start would otherwise end them with work
    unfinished. The process ends at the latest `within_s` seconds after the first signal, whatever
    a part still waits for: a database that stands still answers nobody. What was acknowledged is
    stored by then.
    """
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()

    def stop() -> None:
        if not stopping.is_set():
            stopping.set()
            # A thread of its own: it ends the process when the loop itself is stuck, too.
            ending = threading.Timer(within_s, _end_now, [within_s])
            ending.daemon = True
            ending.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    return stopping


def _end_now(within_s: float) -> None:
    LOG.error("not everything stopped in time; the process ends all the same", seconds=within_s)
    os._exit(1)
