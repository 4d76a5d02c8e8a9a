"""Errors that nobody foresaw, in one message: it is set aside with the kind of error, and counted.

What an error says may hold what a sender sent, and a log is read by more people than quarantine:
the log has the kind and the place in the code, once for each.
"""

import asyncio
import hashlib
import traceback
from collections.abc import Callable
from typing import Any

import structlog

from db.connect import PASSING, UNAVAILABLE
from fleet.saying import Saying
from ingest.gate.receipt import Overloaded, away
from ingest.protocols.mistake import Mistake
from ingest.protocols.unreadable import FieldError, Unreadable
from ingest.watch.metrics import Metrics

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: Kinds and places that are logged; there are not as many, unless an attacker finds more.
LOGGED_MAX = 200

#: What callers know how to take.
_EXPECTED = (Unreadable, Overloaded, *UNAVAILABLE)


class Unexpected(Unreadable):
    """A message that failed in a way nobody foresaw; the message of this names only the kind."""

    def __init__(self, error: Exception) -> None:
        kind = Saying(Mistake.UNEXPECTED, {"kind": type(error).__name__})
        super().__init__([FieldError(None, "message", kind)])


def digest_of(payload: bytes) -> bytes:
    """What is kept of what nobody can tell what it holds: enough to know it again."""
    return f"{len(payload)} bytes, sha256 {hashlib.sha256(payload).hexdigest()}".encode()


class Mishaps:
    """Those of one process."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._logged: set[tuple[str, str, str]] = set()
        self._contained: dict[str, _Contained] = {}

    def contained(self, protocol: str) -> "_Contained":
        """A context for the work on one message.

        Raises on leaving:
            Unexpected: the work failed on an error that no caller knows how to take.
            Overloaded: the database refused for now, which says nothing of the message.
        """
        found = self._contained.get(protocol)
        if found is None:
            found = self._contained[protocol] = _Contained(self, protocol)
        return found

    def known(self, protocol: str, payload: bytes, read: Callable[[bytes], bytes]) -> bytes:
        """What may be kept of a message that cannot be read: what `read` knows of it, or a digest
        of it where that fails too."""
        try:
            with self.contained(protocol):
                return read(payload)
        except Unreadable:
            return digest_of(payload)

    def note(self, protocol: str, error: BaseException) -> None:
        """Count an error, and log its kind and place if these are new."""
        kind = type(error).__name__
        self._metrics.unexpected.labels(protocol, kind).inc()
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        seen = protocol, kind, place
        if seen not in self._logged and len(self._logged) < LOGGED_MAX:
            self._logged.add(seen)
            LOG.error("unexpected error in a message", protocol=protocol, kind=kind, place=place)

    def from_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What the event loop has to say of an error that nobody took."""
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.note("loop", error)
        else:
            LOG.error("event loop", message=context.get("message"))


class _Contained:
    """Holds nothing of the message, so that one serves all of a protocol."""

    __slots__ = ("_mishaps", "_protocol")

    def __init__(self, mishaps: Mishaps, protocol: str) -> None:
        self._mishaps = mishaps
        self._protocol = protocol

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _at: object
    ) -> None:
        if isinstance(error, PASSING) and not isinstance(error, UNAVAILABLE):
            raise away(error) from None
        # The one place where a message is kept from ending its listener, whatever is in it.
        if isinstance(error, Exception) and not isinstance(error, _EXPECTED):
            self._mishaps.note(self._protocol, error)
            raise Unexpected(error) from None
