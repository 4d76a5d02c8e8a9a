"""A running server in this process, and the ways to talk to it."""

import gzip
import io
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson

from api.ingest_parts import releasing
from api.server import RunningServer, ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from ingest.gate.receipt import Receipt
from ingest.quarantine_items import ChosenItems
from register.devices import enrol_device
from register.keys import new_gateway_key
from tests.factories.access import Visitor, visitor
from tests.factories.actors import SOMEBODY

GOOD: dict[str, Any] = {"device": "d1", "ts": "2026-11-20T10:00:00Z", "lat": 55.77, "lon": 12.5}


class Client:
    """Posts positions to a server with a gateway's key. Where the server has pages, `session` comes
    in to them as a `visitor`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        server: RunningServer,
        key: str,
        visitor: Visitor | None,
    ) -> None:
        self.session = session
        self.server = server
        self.key = key
        self.visitor = visitor

    async def post(
        self,
        body: object,
        *,
        path: str = "/v1/positions",
        content_type: str = "application/json",
        key: str | None = None,
        compress: bool = False,
    ) -> tuple[int, dict[str, Any]]:
        data = body if isinstance(body, bytes | AsyncIterable) else orjson.dumps(body)
        sent = data
        headers = {"Content-Type": content_type, "Authorization": f"Bearer {key or self.key}"}
        if compress and isinstance(data, bytes):
            sent, headers["Content-Encoding"] = gzip.compress(data), "gzip"
        url = self.server.url + path
        if isinstance(sent, bytes):
            sent = io.BytesIO(sent)
        async with self.session.post(url, data=sent, headers=headers) as response:
            return response.status, await response.json()

    async def get(self, path: str) -> tuple[int, str]:
        async with self.session.get(self.server.url + path) as response:
            return response.status, await response.text()


@asynccontextmanager
async def client_of(
    settings: Settings,
    database_url: str,
    *parts: ServerRole,
    devices: tuple[str, ...] = ("d1",),
    given_ports: bool = False,
) -> AsyncGenerator[Client]:
    """A client of a fresh server, with some devices enrolled; on free ports, but for those of
    trackers when these are `given_ports`."""
    free_ports = settings.model_copy(
        update={"port": 0} if given_ports else {"port": 0, "osmand_port": 0, "teltonika_port": 0}
    )
    async with running_server(free_ports, database_url, parts or (ServerRole.INGEST,)) as server:
        comes = await visitor(server.pool) if ServerRole.API in parts else None
        for device in devices:
            await enrol_device(server.pool, SOMEBODY, device)
        key = await new_gateway_key(server.pool, SOMEBODY, "test")
        async with aiohttp.ClientSession() if comes is None else comes.client() as session:
            yield Client(session, server, key, comes)


async def release(pool: Pool, settings: Settings, device: str) -> tuple[Receipt, int]:
    """Release all that is quarantined for a device, as the command does without a buffer."""
    alone = settings.model_copy(update={"buffer_url": None})
    async with releasing(pool, alone) as quarantine:
        return await quarantine.release(SOMEBODY, ChosenItems(device=device))
