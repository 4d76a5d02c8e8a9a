"""The addresses for load balancers and monitors: `/healthz`, `/readyz` and `/metrics`.

All three answer at once, or within `ANSWER_S`, whatever the database does.
"""

import asyncio

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from api.door.needs import Welcome, add_routes, get
from api.supervisor import Supervisor
from db.connect import DatabaseCondition, database_condition
from ingest.buffer.stream import Buffer

#: Seconds in which the database must accept a connection and answer; otherwise it counts as away.
ANSWER_S = 2.0


class DatabaseHealth:
    """Asks the database for its condition. Requests that come at the same time share one answer."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._asking: asyncio.Task[DatabaseCondition] | None = None

    async def answers(self) -> bool:
        """Whether the database accepts a connection and answers."""
        return await self.condition() is not DatabaseCondition.AWAY

    async def condition(self) -> DatabaseCondition:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(database_condition(self._url, ANSWER_S))
        return await asyncio.shield(self._asking)


def add_health_routes(
    app: web.Application,
    registry: CollectorRegistry,
    database: DatabaseHealth,
    supervisor: Supervisor,
    buffer: Buffer | None,
) -> None:
    """Add the three addresses to an application that has not started."""

    async def healthz(_: web.Request) -> web.StreamResponse:
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.StreamResponse:
        """Answers 503 where no telemetry can be taken. The answer names other parts that are down
        after the state."""
        down = [state for state in supervisor.states if not state.up]
        away = [f"{state.name} failed ({state.kind})" for state in down]
        unable = any(state.needed for state in down)
        if buffer is not None and not buffer.connected:
            away.insert(0, "the buffer is away")
            unable = True
        found = await database.condition()
        if found is not DatabaseCondition.WELL:
            away.insert(0, found)
            # With a buffer, listeners go on without the database.
            unable = unable or buffer is None
        if unable:
            return web.Response(status=503, text="; ".join(away) + "\n")
        return web.Response(text="; ".join(["ready", *away]) + "\n")

    async def metrics(_: web.Request) -> web.StreamResponse:
        body = generate_latest(registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    asked = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}
    add_routes(app, [get(path, handler, Welcome.ANYBODY) for path, handler in asked.items()])
