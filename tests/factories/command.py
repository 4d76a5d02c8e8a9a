"""The command `flaade` as a process of its own, and what it says."""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from functools import cache
from pathlib import Path

from tests.factories import command_server

#: The command of the environment that the tests run in; for what is signalled or killed, and goes
#: on until then.
FLAADE = Path(sys.executable).parent / "flaade"

REPOSITORY = Path(__file__).resolve().parents[2]

#: The seconds that a command may take, and the server of commands to start.
COMMAND_S, START_S = 240.0, 60.0

_starting = threading.Lock()


def flaade(*arguments: str | Path, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with these settings and no others."""
    return run_command(
        *map(str, arguments),
        env=own_environment() | {"FLAADE_DATA_DIR": str(cwd / "data"), "COLUMNS": "200"} | settings,
        cwd=cwd,
    )


def own_environment() -> dict[str, str]:
    """The environment of the tests without any setting of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FLAADE_")}


def run_command(
    *arguments: str, env: dict[str, str], cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, as a fork of the server of commands."""
    with _starting:
        address = _server_address()
    command = {"arguments": arguments, "env": env, "cwd": str(cwd or Path.cwd())}
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection,
    ):
        connection.connect(address)
        connection.settimeout(COMMAND_S)
        text = json.dumps(command).encode()
        socket.send_fds(connection, [text], [out.fileno(), err.fileno()])
        pid = int(connection.recv(100))
        try:
            code = int(connection.recv(100))
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise
        said = [file.read().decode() for file in (out, err) if file.seek(0) == 0]
    return subprocess.CompletedProcess(arguments, code, *said)


@cache
def _server_address() -> str:
    """The address of a server of commands that ends with this process."""
    directory = tempfile.TemporaryDirectory(prefix="flaade-commands-")
    address = str(Path(directory.name) / "socket")
    server = subprocess.Popen(
        [sys.executable, "-m", command_server.__name__, address],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )

    def stop() -> None:
        with server:
            assert server.stdin is not None
            server.stdin.close()
        directory.cleanup()

    atexit.register(stop)
    ends = time.monotonic() + START_S
    while not Path(address).exists():
        assert server.poll() is None, "the server of commands has ended"
        assert time.monotonic() < ends, "the server of commands does not start"
        time.sleep(0.02)
    return address


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """It ended with code 2 and one line on stderr that has these words, maybe after notes on how a
    file was read."""
    assert done.returncode == 2, done.stderr
    [line] = [one for one in done.stderr.strip().splitlines() if "columns are separated" not in one]
    assert all(word in line for word in words), line
