"""`flaade serve` as a process of its own, and the server of its database."""

import asyncio
from pathlib import Path

import psutil

from tests.conftest import free_port
from tests.factories.command import own_environment, run_command


def environment(data_dir: Path, port: int) -> dict[str, str]:
    return {
        **own_environment(),
        "FLAADE_DATA_DIR": str(data_dir),
        "FLAADE_PORT": str(port),
        "FLAADE_OSMAND_PORT": str(free_port()),
        "FLAADE_TELTONIKA_PORT": str(free_port()),
    }


async def flaade(*arguments: str, env: dict[str, str]) -> str:
    """Run a command to its end; returns what it printed."""
    done = await asyncio.to_thread(run_command, *arguments, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def postmaster(data_dir: Path) -> psutil.Process:
    pid_file = data_dir / "postgres" / "postmaster.pid"
    return psutil.Process(int(pid_file.read_text().splitlines()[0]))
