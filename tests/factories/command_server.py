"""A process that has loaded the libraries of commands, and becomes a command in a fork of itself.

Most of the time of a short command goes into loading libraries. A fork has them. It loads every
module of ours itself, with the environment and in the directory of the command, and ends as an
interpreter does.

A command comes in over a connection of its own, as JSON with the files for its output. Its process
id goes back, and then its exit code. The server ends with the process that started it.
"""

import gc
import json
import os
import select
import socket
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

#: Those that commands load. One that is missing here costs its time, and nothing else.
LIBRARIES = (
    *("aiohttp.web", "argon2", "asyncpg", "highspy", "jinja2", "msgspec", "nats", "numpy"),
    *("paho.mqtt.client", "procrastinate", "prometheus_client", "psutil", "psycopg_pool"),
    *("pyarrow.compute", "pyarrow.csv", "pyarrow.parquet", "pydantic_settings", "pyproj"),
    *("python_calamine", "rich.progress", "rich.table", "scipy.sparse", "shapely", "structlog"),
    *("typer.main", "uvloop", "xlsxwriter"),
)

#: The most bytes of a command with its environment.
COMMAND_BYTES_MAX = 200_000


def main() -> None:
    for library in LIBRARIES:
        import_module(library)
    gc.freeze()  # or forks would copy what they only read
    arguments = serve(sys.argv[1])
    if arguments is not None:
        from api.cli import main as command

        sys.argv = ["flaade", *arguments]
        sys.exit(command())


def serve(address: str) -> list[str] | None:
    """Take commands until stdin is closed. Returns the arguments of a command in the process that
    has become it, and None at the end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(f"{address}.new")
        listener.listen()
        Path(f"{address}.new").rename(address)  # from now on it can be connected to
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            if listener not in ready:
                return None
            connection, _ = listener.accept()
            if os.fork() == 0:
                break
            connection.close()
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
    text, files, _, _ = socket.recv_fds(connection, COMMAND_BYTES_MAX, 2)
    pid = os.fork()
    if pid == 0:
        connection.close()
        return become(json.loads(text), files)
    with suppress(BrokenPipeError):
        connection.send(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        connection.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def become(command: dict[str, Any], files: list[int]) -> list[str]:
    """Take the files, the directory and the environment of a command; returns its arguments."""
    for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), *files)):
        os.dup2(file, number)
        os.close(file)
    os.chdir(command["cwd"])
    os.environ.clear()
    os.environ.update(command["env"])
    return command["arguments"]


if __name__ == "__main__":
    main()
