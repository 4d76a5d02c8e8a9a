"""Processes of their own for long calculations, each of which can be told to stop.

Each slot has a process of its own: one that dies takes only its own calculation with it. That one
is tried again once, in a new process, for the machine may have been short of memory for a moment.
"""

import asyncio
import multiprocessing
import os
import pickle
import signal
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from multiprocessing.connection import Connection as Pipe
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import structlog

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: Asked often by a calculation; true when nobody waits for it any more.
Cancelled = Callable[[], bool]

#: How long a calculation that was told to stop may take before its process is killed.
STOP_S = 10.0

#: How often a calculation is begun whose process dies.
_ATTEMPTS = 2


class ProcessDied(RuntimeError):  # noqa: N818 - the condition, not a mistake of the caller
    """The processes of a calculation died, each time that it was tried."""


class Workers:
    """At most `count` calculations at a time, each in a process."""

    def __init__(self, slots: list["_Slot"]) -> None:
        self._free = asyncio.Semaphore(len(slots))
        self._slots = slots
        self.count = len(slots)

    async def run(
        self,
        work: Callable[Concatenate[Cancelled, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """What `work(cancelled, ...)` returns. When the caller is cancelled, so is the work.

        Raises:
            ProcessDied: its process died, and so did the one in which it was tried again.
        """
        async with self._free:
            slot = self._slots.pop()
            try:
                for left in reversed(range(_ATTEMPTS)):
                    try:
                        return cast(Result, await slot.run((work, args, kwargs)))
                    except ProcessDied as died:
                        LOG.warning("a solver process died", error=str(died), attempts_left=left)
                        if not left:
                            raise
                raise AssertionError("the last attempt returns or raises")
            finally:
                self._slots.append(slot)


class _Slot:
    """A process, started with its first work and again when it died."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        # Spawned, not forked: this process holds threads and connections.
        self._context = multiprocessing.get_context("spawn")
        self._threads = threads
        self._flag: Any = self._context.Value("b", False, lock=False)
        self._process: Any = None
        self._pipe: Pipe[Any, Any] | None = None

    async def run(self, work: object) -> object:
        """What the process makes of `work`, or its error."""
        self._flag.value = False
        asked = asyncio.get_running_loop().run_in_executor(self._threads, self._ask, work)
        try:
            error, answer = await asyncio.shield(asked)
        except asyncio.CancelledError:
            self._flag.value = True
            if not (await asyncio.wait([asked], timeout=STOP_S))[0]:
                LOG.warning("a solver process does not stop and is killed", waited_s=STOP_S)
                self._process.kill()
                await asyncio.wait([asked])
            with suppress(ProcessDied):
                asked.result()
            raise
        if error is not None:
            raise error
        return answer

    def _ask(self, work: object) -> tuple[BaseException | None, object]:
        if self._pipe is None or not self._process.is_alive():
            try:
                self._start()
            except OSError as error:
                raise ProcessDied(f"it cannot be started: {error.strerror}") from None
        assert self._pipe is not None
        try:
            self._pipe.send(work)
            return self._pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            code = self._process.exitcode
            self._leave()
            raise ProcessDied(f"it ended with {_told(code)}") from None

    def _start(self) -> None:
        self._leave()
        self._pipe, theirs = self._context.Pipe()
        self._process = self._context.Process(
            target=_serve, args=(theirs, self._flag, os.getpid()), daemon=True
        )
        self._process.start()
        theirs.close()  # or a process that died would be waited for

    def _leave(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None

    def close(self) -> None:
        """End the process; it has nothing to do any more, or is killed."""
        self._leave()
        if self._process is not None:
            self._process.join(STOP_S)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()


@asynccontextmanager
async def open_workers() -> AsyncGenerator[Workers]:
    """A worker for each processor; they start with their first work and end with the context."""
    count = os.cpu_count() or 1
    with ThreadPoolExecutor(count, thread_name_prefix="solver") as threads:
        slots = [_Slot(threads) for _ in range(count)]
        try:
            yield Workers(slots.copy())
        finally:
            for slot in slots:
                await asyncio.to_thread(slot.close)


def _serve(pipe: "Pipe[Any, Any]", flag: Any, parent: int) -> None:
    """Work until the pipe is closed, which the end of the parent does too, however it ends."""
    # A stop that is sent to the whole group is the parent's to pass on.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)

    def cancelled() -> bool:
        return bool(flag.value) or os.getppid() != parent

    with suppress(EOFError, OSError):
        while True:
            work, args, kwargs = pipe.recv()
            answer: tuple[BaseException | None, object]
            try:
                answer = None, work(cancelled, *args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - it is the caller's, in another process
                answer = _sendable(error), None
            pipe.send(answer)


def _sendable(error: BaseException) -> BaseException:
    """The error, or what it says where it cannot be sent to another process."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except (pickle.PicklingError, TypeError, AttributeError):
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _told(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"code {code}"
