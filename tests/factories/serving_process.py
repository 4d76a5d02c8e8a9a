"""`flaade serve` as a process of its own, and the server of its database."""

import asyncio
import os
from pathlib import Path

import psutil

from tests.conftest import free_port
from tests.factories.command import FLAADE


def environment(data_dir: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FLAADE_")}
    return {
        **kept,
        "FLAADE_DATA_DIR": str(data_dir),
        "FLAADE_PORT": str(port),
        "FLAADE_OSMAND_PORT": str(free_port()),
        "FLAADE_TELTONIKA_PORT": str(free_port()),
    }


async def flaade(*arguments: str, env: dict[str, str]) -> str:
    """Run a command to its end; returns what it printed."""
    process = await asyncio.create_subprocess_exec(
        FLAADE, *arguments, env=env, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


def postmaster(data_dir: Path) -> psutil.Process:
    pid_file = data_dir / "postgres" / "postmaster.pid"
    return psutil.Process(int(pid_file.read_text().splitlines()[0]))
