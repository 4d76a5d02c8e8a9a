"""A real OpenID Connect provider: npm's `oidc-provider`, run by the Node of the project."""

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.conftest import free_port
from tests.factories.node_packages import FOLDER, NODE, node_packages

CLIENT_ID = "flaade"
SECRET = "a secret: with a colon"


@dataclass(frozen=True)
class RunningProvider:
    """A provider that listens at `issuer`."""

    issuer: str

    async def next_is(self, subject: str, **claims: Any) -> None:
        """Let the next person who signs in be this one."""
        await self._tell({"id": subject, "claims": claims})

    async def refuses_next(self) -> None:
        await self._tell({"refuse": True})

    async def _tell(self, what: dict[str, Any]) -> None:
        async with aiohttp.ClientSession() as session:
            await session.post(f"{self.issuer}/next", json=what)


@asynccontextmanager
async def running_provider(back_url: str, out_url: str) -> AsyncGenerator[RunningProvider]:
    """Run a provider that sends people back to `back_url`, and who signed out to `out_url`. The
    test skips where npm cannot fetch it."""
    await asyncio.to_thread(node_packages)
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(NODE, "provider.mjs", str(port), CLIENT_ID, SECRET, back_url, out_url),
        cwd=FOLDER,
        stdout=PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            assert await process.stdout.readline() == b"listening\n"
        yield RunningProvider(f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        await process.communicate()
