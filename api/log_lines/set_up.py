"""Sets up the log: one line of key=value for each record, on stderr, without any position."""

import logging
import sys
import threading
from contextlib import suppress
from enum import StrEnum
from typing import Any, cast

import structlog
from structlog.typing import EventDict

from api.log_lines.library_lines import LibraryLines
from fleet.error_place import log_values_of

#: The name in the log for errors that nobody caught, which Python itself reports.
PYTHON = "python"


class _Lines(structlog.PrintLogger):
    """Writes lines, and ignores a disk that is full and a reader of stderr that has gone: they must
    not end the work that is logged, and there is no other place to report them."""

    def msg(self, message: str) -> None:
        with suppress(OSError, ValueError):
            super().msg(message)

    debug = info = warning = error = critical = exception = msg


def plain_names(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Log a member of a string enumeration, such as a part, as its text, also within a list."""
    return {
        key: [_plain(one) for one in cast(list[object], value)]
        if isinstance(value, list)
        else _plain(value)
        for key, value in event.items()
    }


def _plain(value: object) -> object:
    return value.value if isinstance(value, StrEnum) else value


def kinds_and_places(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace the error of an event by its kind and place. Its text is left out, for it may quote a
    message that somebody sent, or a row that a statement refused."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    return event if error is None else {**event, **log_values_of(error)}


def set_up_logs(level: int) -> None:
    """Log records of ours from `level` on, and warnings and errors of libraries."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            kinds_and_places,
            plain_names,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Lines(sys.stderr),
    )
    root = logging.getLogger()
    for handler in root.handlers:
        if isinstance(handler, LibraryLines):
            root.removeHandler(handler)
    root.addHandler(LibraryLines())
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)
    threading.excepthook = _thread_failed
    sys.unraisablehook = _unraisable


def _thread_failed(failed: threading.ExceptHookArgs, /) -> None:
    name = None if failed.thread is None else failed.thread.name
    _report(f"a thread failed: {name}", failed.exc_value)


def _unraisable(failed: "sys.UnraisableHookArgs", /) -> None:
    _report("an error that cannot be raised", failed.exc_value)


def _report(event: str, error: BaseException | None) -> None:
    given: Any = False if error is None else (type(error), error, error.__traceback__)
    logging.getLogger(PYTHON).error(event, exc_info=given)
