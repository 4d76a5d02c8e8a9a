"""A `Team` of processes searches several parts at once, each process one part at a time.

Parts are independent of each other, so the largest one bounds the memory of a process. The sizes of
the parts and the clock alone decide which part begins first and how long it may take.
"""

import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from typing import NamedTuple, Self

from optimiser.duties.incumbent import Incumbent
from optimiser.duties.roster import Roster
from optimiser.model.clock import Clock
from optimiser.search.improve import State, improve

#: Seconds between two looks at whether the search was cancelled.
_LOOK_EVERY_S = 0.2

#: Spawned, not forked: the caller may hold threads and connections.
_CONTEXT = multiprocessing.get_context("spawn")


class _Result(NamedTuple):
    """The incumbent of a part, as a process sends it back."""

    roster: Roster | None
    bound: float
    infeasible: bool


class Team:
    """`workers` processes, to be used as a context; they end once `cancelled()` is true."""

    def __init__(self, workers: int, cancelled: Callable[[], bool]) -> None:
        self._workers = workers
        self._cancelled = cancelled
        self._cancel = _CONTEXT.Event()
        self._said: SimpleQueue[tuple[int, State]] = _CONTEXT.SimpleQueue()
        self._executor = ProcessPoolExecutor(
            workers,
            mp_context=_CONTEXT,
            initializer=_begin,
            initargs=(self._cancel, self._said),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._cancel.set()
        self._executor.shutdown(cancel_futures=True)

    def improve(
        self,
        incumbents: Sequence[Incumbent],
        *,
        gap: float,
        seed: int,
        clock: Clock,
        report: Callable[[State], None],
    ) -> None:
        """As `improve`, but each part is brought to the relative `gap` by itself."""
        waiting = [
            incumbent
            for incumbent in incumbents
            if incumbent.roster is None or incumbent.kr - incumbent.bound > gap * incumbent.kr
        ]
        # From the largest, so that no large one is left when all others are done.
        waiting.sort(key=lambda incumbent: incumbent.arrays.can.size)
        running: dict[Future[_Result], Incumbent] = {}
        latest = [
            State(kr=incumbent.kr, bound=incumbent.bound, done=0, tasks=1)
            for incumbent in incumbents
        ]
        while not self._said.empty():
            self._said.get()
        numbers = {id(incumbent): number for number, incumbent in enumerate(incumbents)}
        while waiting or running:
            while waiting and len(running) < self._workers:
                time_share = self._time_share(waiting)
                incumbent = waiting.pop()
                seconds = time_share * clock.seconds_left()
                future = self._executor.submit(
                    _work, numbers[id(incumbent)], incumbent, gap, seed, seconds
                )
                running[future] = incumbent
            done, _ = wait(running, timeout=_LOOK_EVERY_S, return_when=FIRST_COMPLETED)
            if self._cancelled():
                self._cancel.set()
            for future in done:
                incumbent, result = running.pop(future), future.result()
                incumbent.infeasible |= result.infeasible
                if result.roster is not None:
                    incumbent.offer(result.roster)
                incumbent.raise_bound(result.bound)
            while not self._said.empty():
                number, state = self._said.get()
                latest[number] = state
            report(
                State(
                    kr=sum(state.kr for state in latest),
                    bound=sum(state.bound for state in latest),
                    done=len(incumbents) - len(waiting) - len(running),
                    tasks=len(incumbents),
                )
            )

    def _time_share(self, waiting: Sequence[Incumbent]) -> float:
        """The share of the time left for the last of `waiting`: its size among them all."""
        sizes = [1 + incumbent.arrays.can.size for incumbent in waiting]
        return min(1.0, self._workers * sizes[-1] / sum(sizes))


_cancel: Event | None = None
_said: "SimpleQueue[tuple[int, State]] | None" = None


def _begin(cancel: Event, said: "SimpleQueue[tuple[int, State]]") -> None:
    global _cancel, _said
    _cancel, _said = cancel, said


def _work(number: int, incumbent: Incumbent, gap: float, seed: int, seconds: float) -> _Result:
    """Improves a part in this process, and reports its state as that of part `number`."""
    cancel, said = _cancel, _said
    assert cancel is not None, "the process was begun by a team"
    assert said is not None, "the process was begun by a team"
    clock = Clock(end=time.monotonic() + seconds, cancelled=cancel.is_set)
    improve(
        [incumbent], gap=gap, seed=seed, clock=clock, report=lambda state: said.put((number, state))
    )
    return _Result(incumbent.roster, incumbent.bound, incumbent.infeasible)
