"""A server in a process of its own, which a benchmark asks."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp

from tests.conftest import free_port


@asynccontextmanager
async def serving(url: str, parts: str) -> AsyncGenerator[str]:
    """Starts a server of these parts in a process of its own; yields its address."""
    port = free_port()
    environment = os.environ | {"FLAADE_DATABASE_URL": url, "FLAADE_PORT": str(port)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from api.cli import main; main()", "serve", "--only", parts),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession(base) as session:
            for _ in range(300):
                try:
                    async with session.get("/healthz"):
                        break
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.1)
                if process.returncode is not None:
                    raise SystemExit("the server did not start")
        yield base
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
