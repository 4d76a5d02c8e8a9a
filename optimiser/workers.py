"""Processes of their own for long calculations, each of which can be told to stop."""

import asyncio
import multiprocessing
import os
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

#: Asked often by a calculation; true when nobody waits for it any more.
Cancelled = Callable[[], bool]

_flags: Any = None


class Workers:
    """At most `count` calculations at a time, each in a process."""

    def __init__(self, executor: ProcessPoolExecutor, flags: Any, count: int) -> None:
        self._executor = executor
        self._flags = flags
        self._free = asyncio.Semaphore(count)
        self._slots = list(range(count))
        self.count = count

    async def run(
        self,
        work: Callable[Concatenate[Cancelled, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """What `work(cancelled, ...)` returns. When the caller is cancelled, so is the work."""
        async with self._free:
            slot = self._slots.pop()
            self._flags[slot] = False
            loop = asyncio.get_running_loop()
            future = loop.run_in_executor(self._executor, _work, slot, work, args, kwargs)
            try:
                return await asyncio.shield(future)
            except asyncio.CancelledError:
                self._flags[slot] = True
                await asyncio.wait([future])
                raise
            finally:
                self._slots.append(slot)


@asynccontextmanager
async def open_workers() -> AsyncGenerator[Workers]:
    """A worker for each processor; they start with their first work and end with the context."""
    count = os.cpu_count() or 1
    # Spawned, not forked: this process holds threads and connections.
    context = multiprocessing.get_context("spawn")
    flags = context.Array("b", count, lock=False)
    with ProcessPoolExecutor(
        count, mp_context=context, initializer=_adopt, initargs=(flags,)
    ) as executor:
        yield Workers(executor, flags, count)


def _adopt(flags: Any) -> None:
    global _flags
    _flags = flags


def _work(slot: int, work: Callable[..., Result], args: Any, kwargs: Any) -> Result:
    return work(lambda: bool(_flags[slot]), *args, **kwargs)
