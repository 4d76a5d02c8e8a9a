"""The whole interface, pages and programs, in one application of this process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer
from procrastinate import App
from procrastinate.testing import InMemoryConnector

from api.door.telemetry import open_to_trackers
from api.ingest_parts import IngestParts, ingest_parts
from api.pages.routes import add_page_routes
from api.rest.openapi import add_openapi_route
from api.rest.routes import add_rest_routes
from api.settings import Settings
from api.supervisor import Supervisor
from db.connect import Pool
from ingest.listeners.http import add_ingest_routes
from ingest.listeners.http_bodies import PendingBodies


def whole_app(pool: Pool, settings: Settings) -> tuple[web.Application, IngestParts]:
    """Every route of a server, and what is behind them; its writer does not run yet."""
    ingest = ingest_parts(pool, settings)
    metrics = ingest.context.metrics
    app = web.Application(client_max_size=settings.body_max_bytes)
    add_openapi_route(app)
    bodies = PendingBodies(
        metrics,
        each_max_bytes=settings.body_max_bytes,
        together_max_bytes=settings.bodies_max_bytes,
        wait_max_s=settings.body_wait_max_s,
    )
    add_ingest_routes(app, ingest.context, bodies)
    open_to_trackers(app)
    supervisor = Supervisor(metrics.registry, pause_s=1, pause_max_s=1)

    async def answers() -> bool:
        return True

    jobs = App(connector=InMemoryConnector())
    add_page_routes(app, pool, ingest.quarantine, metrics, jobs, settings, supervisor, answers)
    add_rest_routes(app)
    return app, ingest


@asynccontextmanager
async def served(app: web.Application) -> AsyncGenerator[str]:
    """The address at which an application answers."""
    async with TestServer(app, host="127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}"
