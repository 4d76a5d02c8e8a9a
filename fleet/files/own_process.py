"""Reads files that people hand over in a process of its own, with bounds on its memory and its
time.

A small file can take much memory to read: a sheet whose last cell is in row 300,000, or a shape of
a million corners. The process that reads it may end by that. The server goes on, and says so.
"""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson

from fleet.files import refusal
from fleet.files.refusal import FileRefusedError

if sys.platform != "win32":
    import resource

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class ReadingBounds:
    """The bounds on the reading of one file; the settings `upload_…` explain each."""

    cells: int = 2_000_000
    unzipped_bytes: int = 200 * MB
    memory_bytes: int = 1_000 * MB
    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class ReadFile:
    """The outcome of reading a file: a small answer, and beside it bytes that are stored as they
    are."""

    answer: Any
    beside: bytes = b""


def read_in_own_process(reader: str, name: str, content: bytes, bounds: ReadingBounds) -> ReadFile:
    """Have `reader` read a file in a process of its own.

    `reader` is `module:function`; the function takes a name, content and bounds and returns a
    `ReadFile`. The call waits for the process; on an event loop, make it in a thread.

    Raises:
        FileRefusedError: the reader refuses the file, or takes too much of memory or time.
    """
    order = [bounds.cells, bounds.unzipped_bytes, bounds.memory_bytes, bounds.seconds]
    command = [sys.executable, "-P", "-m", __name__, reader, orjson.dumps([name, *order]).decode()]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command,
            input=content,
            capture_output=True,
            timeout=bounds.seconds,
            check=False,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
    except subprocess.TimeoutExpired:
        raise FileRefusedError(refusal.TOO_SLOW, most=round(bounds.seconds)) from None
    head, _, beside = done.stdout.partition(b"\n")
    if done.returncode == 0:
        said = orjson.loads(head)
        if "refused" in said:
            raise FileRefusedError(said["refused"], **said["values"])
        return ReadFile(said["answer"], beside)
    if done.returncode == -signal.SIGXCPU:
        raise FileRefusedError(refusal.TOO_SLOW, most=round(bounds.seconds))
    if done.returncode < 0:  # a library that gets no memory aborts
        raise FileRefusedError(refusal.TOO_MUCH_MEMORY, most=bounds.memory_bytes // MB)
    raise FileRefusedError(refusal.UNREADABLE)


def _main(reader: str, order: str) -> None:
    name, *limits = orjson.loads(order)
    bounds = ReadingBounds(*limits)
    module, _, function = reader.partition(":")
    read = getattr(import_module(module), function)
    content = sys.stdin.buffer.read()
    _limit(bounds)
    try:
        found: ReadFile = read(name, content, bounds)
        head = {"answer": found.answer}
        beside = found.beside
    except FileRefusedError as error:
        head, beside = {"refused": error.reason, "values": error.values}, b""
    except MemoryError:
        most = bounds.memory_bytes // MB
        head, beside = {"refused": refusal.TOO_MUCH_MEMORY, "values": {"most": most}}, b""
    sys.stdout.buffer.write(orjson.dumps(head) + b"\n" + beside)


def _limit(bounds: ReadingBounds) -> None:
    """Bound the memory and the processor time that this process takes from now on."""
    if sys.platform == "win32":
        return
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if _HAS_PROC else 0
    most = pages * resource.getpagesize() + bounds.memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    seconds = round(bounds.seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


_HAS_PROC = Path("/proc/self/statm").is_file()

if __name__ == "__main__":
    _main(*sys.argv[1:])
