"""Logs the records of libraries as lines of ours, bounds repeated ones, and counts all of them.

A library that waits for a database logs every try with a traceback and the text of the error. Our
log has only the kind and the place of the error of a record; the count in `/metrics` has every
record.
"""

import logging
import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field

import structlog
from prometheus_client import CollectorRegistry, Counter

from fleet.error_place import kind_of, log_values_of, place_of, texts_of

#: Seconds for which the same record of a library is not logged again. They double as long as it
#: keeps coming, up to the most.
PAUSE_S = 60.0
PAUSE_MAX_S = 3600.0

#: The most records that are told apart. There are fewer, for each is a line in the code of a
#: library with the kind and place of an error.
_TOLD_APART_MAX = 1_000


@dataclass(slots=True)
class _Said:
    """A record that was logged, and the number of its repeats since then."""

    record: logging.LogRecord
    next_s: float
    pause_s: float = PAUSE_S
    unsaid: int = 0


@dataclass(slots=True)
class RepeatedRecords:
    """Decides which records are logged: the first one, and after a pause a later one with the
    number of repeats."""

    _said: dict[Hashable, _Said] = field(default_factory=dict[Hashable, _Said])

    def times(self, record: logging.LogRecord, now_s: float) -> int:
        """The number of records like this one since the last that was logged, this one included; 0:
        it is not logged now."""
        error = error_of(record)
        key = (
            *(record.pathname, record.lineno),
            None if error is None else (kind_of(error), place_of(error)),
        )
        said = self._said.get(key)
        if said is None:
            if len(self._said) >= _TOLD_APART_MAX:
                self._said.clear()
            self._said[key] = _Said(record, now_s + PAUSE_S)
            return 1
        said.record = record
        said.unsaid += 1
        if now_s < said.next_s:
            return 0
        lasts = now_s < said.next_s + said.pause_s
        said.pause_s = min(2 * said.pause_s, PAUSE_MAX_S) if lasts else PAUSE_S
        said.next_s = now_s + said.pause_s
        times, said.unsaid = said.unsaid, 0
        return times

    def unsaid(self) -> Iterator[tuple[logging.LogRecord, int]]:
        """The last record of each sort that was not logged, with the number of repeats; afterwards
        none is left."""
        for said in self._said.values():
            if said.unsaid:
                yield said.record, said.unsaid
        self._said.clear()


class LibraryLines(logging.Handler):
    """Logs the records of libraries in the form of ours. Repeats that were not logged are logged at
    the end."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(logging.WARNING)
        self._clock = clock
        self._repeated = RepeatedRecords()

    def emit(self, record: logging.LogRecord) -> None:
        if times := self._repeated.times(record, self._clock()):
            _say(record, times)

    def close(self) -> None:
        """Log the repeats that came since a record was logged last."""
        for record, times in self._repeated.unsaid():
            _say(record, times)
        super().close()


class LibraryErrors(logging.Handler):
    """Counts the records of libraries."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__(logging.WARNING)
        self._counter = Counter(
            "flaade_library_errors",
            "warnings and errors that libraries logged",
            ["library", "level", "kind"],
            registry=registry,
        )

    def emit(self, record: logging.LogRecord) -> None:
        error = error_of(record)
        kind = "" if error is None else kind_of(error)
        library = record.name.partition(".")[0]
        self._counter.labels(library, record.levelname.lower(), kind).inc()


def error_of(record: logging.LogRecord) -> BaseException | None:
    """The error that a record is about: the one that was caught, or one in its text."""
    if record.exc_info and record.exc_info[1] is not None:
        return record.exc_info[1]
    given = record.args if isinstance(record.args, tuple) else ()
    return next((one for one in given if isinstance(one, BaseException)), None)


def _say(record: logging.LogRecord, times: int) -> None:
    error = error_of(record)
    structlog.get_logger().log(
        record.levelno,
        _event(record, error),
        library=record.name,
        **({"times": times} if times > 1 else {}),
        **({} if error is None else log_values_of(error)),
    )


def _event(record: logging.LogRecord, error: BaseException | None) -> str:
    """The first line of the text of a record, without the text of its error."""
    try:
        text = record.getMessage()
    except (TypeError, ValueError, KeyError):  # its values do not fit its text
        text = str(record.msg)
    if error is not None:
        for words in texts_of(error):
            text = text.replace(words, kind_of(error)) if words else text
    return text.partition("\n")[0]
