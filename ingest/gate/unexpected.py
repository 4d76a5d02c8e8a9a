"""Contains an unexpected error within one message, which is set aside with the kind of the error
and counted.

The text of an error may hold what a sender sent, and more people read a log than quarantine. So the
log has only the kind of an error and its place in the code, once for each kind and place.
"""

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any

import structlog

from db.connect import PASSING_ERRORS, UNAVAILABLE_ERRORS
from fleet.error_place import kind_of, log_values_of, place_of
from fleet.saying import Saying
from ingest.gate.receipt import Overloaded, overloaded_by
from ingest.protocols.mistake import Mistake
from ingest.protocols.unreadable import FieldError, Unreadable
from ingest.watch.metrics import Metrics

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: The most kinds and places that are logged. There are fewer, unless an attacker finds more.
LOGGED_MAX = 200

#: Errors that callers handle.
_EXPECTED = (Unreadable, Overloaded, *UNAVAILABLE_ERRORS)


class UnexpectedError(Unreadable):
    """A message that failed on an unexpected error; its text names only the kind of that error."""

    def __init__(self, error: Exception) -> None:
        kind = Saying(Mistake.UNEXPECTED, {"kind": type(error).__name__})
        super().__init__([FieldError(None, "message", kind)])


def digest_of(payload: bytes) -> bytes:
    """The size and the hash of a payload, by which it is recognised. They are kept in its place,
    for nobody can tell what the payload holds."""
    return f"{len(payload)} bytes, sha256 {hashlib.sha256(payload).hexdigest()}".encode()


class UnexpectedErrors:
    """The unexpected errors of one process: contains, counts and logs them."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._logged: set[tuple[str, str, str]] = set()
        self._contained: dict[str, _Contained] = {}

    def contained(self, protocol: str) -> "_Contained":
        """A context for the work on one message.

        Raises on leaving:
            UnexpectedError: the work failed on an error that no caller handles.
            Overloaded: the database refused for now, which says nothing of the message.
        """
        found = self._contained.get(protocol)
        if found is None:
            found = self._contained[protocol] = _Contained(self, protocol)
        return found

    def known(self, protocol: str, payload: bytes, read: Callable[[bytes], bytes]) -> bytes:
        """The bytes to keep of a message that cannot be read: those that `read` knows, or a digest
        of the message where that fails too."""
        try:
            with self.contained(protocol):
                return read(payload)
        except Unreadable:
            return digest_of(payload)

    def note(self, protocol: str, error: BaseException) -> None:
        """Count an error, and log its kind and place if these are new."""
        kind = kind_of(error)
        self._metrics.unexpected.labels(protocol, kind).inc()
        if self._is_new(protocol, kind, place_of(error) or ""):
            LOG.error("unexpected error in a message", protocol=protocol, **log_values_of(error))

    def from_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Note an error that the event loop reports because nothing handled it."""
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.note("loop", error)
            return
        message = str(context.get("message"))
        self._metrics.unexpected.labels("loop", "").inc()
        if self._is_new("loop", "", message):
            LOG.error("event loop", message=message)

    def _is_new(self, protocol: str, kind: str, place: str) -> bool:
        """Whether an error was not logged yet, and is to be."""
        seen = protocol, kind, place
        if seen in self._logged or len(self._logged) >= LOGGED_MAX:
            return False
        self._logged.add(seen)
        return True


class _Contained:
    """The context for the work on a message. It holds nothing of the message, so that one object
    serves all messages of a protocol."""

    __slots__ = ("_protocol", "_unexpected")

    def __init__(self, unexpected: UnexpectedErrors, protocol: str) -> None:
        self._unexpected = unexpected
        self._protocol = protocol

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _at: object
    ) -> None:
        if isinstance(error, PASSING_ERRORS) and not isinstance(error, UNAVAILABLE_ERRORS):
            raise overloaded_by(error) from None
        # The one place where a message is kept from ending its listener, whatever is in it.
        if isinstance(error, Exception) and not isinstance(error, _EXPECTED):
            self._unexpected.note(self._protocol, error)
            raise UnexpectedError(error) from None
