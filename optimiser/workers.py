"""Worker processes for long calculations, each of which the caller can cancel.

Each calculation runs in one process, so a process that dies ends only its own calculation.
`Workers` tries that one again once, in a new process, for the machine may have been short of
memory.
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

#: A calculation calls this often; it returns true when nobody waits for the result any more.
CancelCheck = Callable[[], bool]

#: The seconds that a cancelled calculation may take before its process is killed.
STOP_MAX_S = 10.0

#: The number of attempts at a calculation whose process dies.
_ATTEMPTS = 2


class ProcessDied(RuntimeError):  # noqa: N818 - the condition, not a mistake of the caller
    """The process of a calculation died at every attempt."""


class Workers:
    """At most `count` calculations at a time, each in a process."""

    def __init__(self, slots: list["_WorkerProcess"]) -> None:
        self._free = asyncio.Semaphore(len(slots))
        self._slots = slots
        self.count = len(slots)

    async def run(
        self,
        work: Callable[Concatenate[CancelCheck, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """The result of `work(cancelled, ...)`. When the caller is cancelled, so is the work.

        Raises:
            ProcessDied: the process of the work died at every attempt.
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


class _WorkerProcess:
    """A process that starts with its first work, and again after it died."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        # The process is spawned, not forked, as this process holds threads and connections.
        self._context = multiprocessing.get_context("spawn")
        self._threads = threads
        self._flag: Any = self._context.Value("b", False, lock=False)
        self._process: Any = None
        self._pipe: Pipe[Any, Any] | None = None

    async def run(self, work: object) -> object:
        """The result of `work` in the process; raises the error of `work` if it has one."""
        self._flag.value = False
        asked = asyncio.get_running_loop().run_in_executor(self._threads, self._call, work)
        try:
            error, answer = await asyncio.shield(asked)
        except asyncio.CancelledError:
            self._flag.value = True
            if not (await asyncio.wait([asked], timeout=STOP_MAX_S))[0]:
                LOG.warning("a solver process does not stop and is killed", waited_s=STOP_MAX_S)
                self._process.kill()
                await asyncio.wait([asked])
            with suppress(ProcessDied):
                asked.result()
            raise
        if error is not None:
            raise error
        return answer

    def _call(self, work: object) -> tuple[BaseException | None, object]:
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
            self._close_pipe()
            raise ProcessDied(f"it ended with {_exit_text(code)}") from None

    def _start(self) -> None:
        self._close_pipe()
        self._pipe, theirs = self._context.Pipe()
        self._process = self._context.Process(
            target=_serve, args=(theirs, self._flag, os.getpid()), daemon=True
        )
        self._process.start()
        theirs.close()  # or reading would not end when the process dies

    def _close_pipe(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None

    def close(self) -> None:
        """End the process, and kill it if it does not end by itself."""
        self._close_pipe()
        if self._process is not None:
            self._process.join(STOP_MAX_S)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()


@asynccontextmanager
async def open_workers(count: int | None = None) -> AsyncGenerator[Workers]:
    """So many workers, without a number one per processor; they start with their first work and end
    with the context."""
    count = count or os.cpu_count() or 1
    with ThreadPoolExecutor(count, thread_name_prefix="solver") as threads:
        slots = [_WorkerProcess(threads) for _ in range(count)]
        try:
            yield Workers(slots.copy())
        finally:
            for slot in slots:
                await asyncio.to_thread(slot.close)


def _serve(pipe: "Pipe[Any, Any]", flag: Any, parent: int) -> None:
    """Work until the pipe is closed; the end of the parent process closes it in any case."""
    # The parent process handles a signal that is sent to the whole process group.
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
            except BaseException as error:  # noqa: BLE001 - the caller's process raises it
                answer = _sendable(error), None
            pipe.send(answer)


def _sendable(error: BaseException) -> BaseException:
    """The error, or one with its message if it cannot be sent to another process."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except (pickle.PicklingError, TypeError, AttributeError):
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _exit_text(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"code {code}"
