"""Lets what answers one request read each thing once: parts of a page that need the same rows share
the first reading, which is quicker, and of one moment."""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Hashable
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

from db.scope.seen import departments_seen

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_READINGS: ContextVar[dict[Hashable, asyncio.Task[Any]] | None] = ContextVar(
    "readings", default=None
)


@contextmanager
def reading_once() -> Generator[None]:
    """Let functions that are `read_once` read once for each of their arguments. What runs within
    must change nothing that they read."""
    readings: dict[Hashable, asyncio.Task[Any]] = {}
    before = _READINGS.set(readings)
    try:
        yield
    finally:
        _READINGS.reset(before)
        for reading in readings.values():
            reading.cancel()


def read_once(
    read: Callable[Parameters, Coroutine[Any, Any, Result]],
) -> Callable[Parameters, Coroutine[Any, Any, Result]]:
    """Let callers within one `reading_once` share what a function reads, which none of them may
    change; elsewhere it reads each time. Its arguments must be hashable."""

    # An argument is the same whether a caller names it, leaves it out or gives it by its place.
    parameters = signature(read)

    @wraps(read)
    async def shared(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        readings = _READINGS.get()
        if readings is None:
            return await read(*args, **kwargs)
        given = parameters.bind(*args, **kwargs)
        given.apply_defaults()
        key = (read, departments_seen(), tuple(given.arguments.values()))
        reading = readings.get(key)
        if reading is None:
            reading = readings[key] = asyncio.create_task(read(*args, **kwargs))
        # Who stops waiting ends the reading for nobody else.
        return await asyncio.shield(reading)

    return shared
