"""A process that has loaded the libraries of commands, and becomes a command in a fork of itself.

Most of the time of a short command goes into loading libraries. A fork has them. It loads every
module of ours itself, with the environment and in the directory of the command. It ends as an
interpreter does, but for the destructors of C++ libraries: those of pyarrow wait for threads that a
fork does not have, and then end the process with a signal.

A command comes in over a connection of its own, as JSON with the files for its output. Its process
id goes back, and then its exit code. The server ends with the process that started it.
"""

import atexit
import gc
import json
import os
import select
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

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
        end(exit_code(command))


def exit_code(command: Callable[[], None]) -> int:
    """Run a command; returns the exit code with which an interpreter would end after it."""
    try:
        command()
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return ended.code or 0
        sys.stderr.write(f"{ended.code}\n")
        return 1
    except BaseException:  # noqa: BLE001 (as an interpreter does)
        traceback.print_exc()
        return 1
    return 0


def end(code: int) -> NoReturn:
    """End this process after its threads and its exit functions."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage]
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


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
