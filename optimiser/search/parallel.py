"""A `ProcessTeam` searches several components at once, each process one component at a time.

Components are independent of each other, so the largest one bounds the memory of a process. The
sizes of the components, what they cost and their bounds so far, and the clock alone decide the
order and the time of each component.
"""

import multiprocessing
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import replace
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from typing import NamedTuple, Self

from optimiser.duties.cost_model import CostModel
from optimiser.duties.fleet_rules import CountTies
from optimiser.duties.incumbent import Incumbent
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.duties.roster import Roster
from optimiser.model.clock import Clock
from optimiser.search.gaps import are_near, finer
from optimiser.search.improve import SearchState, improve
from optimiser.search.tied_start import TiedStart, tied_sample, tied_start
from optimiser.search.wander import wander

#: The seconds between two checks whether the search was cancelled.
_LOOK_EVERY_S = 0.2

#: The times that duties of a component are rebuilt where no finer gap is left to ask for.
_WANDERINGS = 50

#: The largest component waits while the rest is more than this share of what others do meanwhile.
_REST_SHARE = 0.5

#: A component may take so many times its share of the time.
_SHARE_SLACK = 2.0

#: The pairs of kind and trip that take as long as a component does without any.
_SIZE_MIN = 10_000

#: Processes are spawned, not forked: the caller may hold threads and connections.
_CONTEXT = multiprocessing.get_context("spawn")


class _Result(NamedTuple):
    """The incumbent of a component, as a process returns it."""

    roster: Roster | None
    bound: float
    infeasible: bool
    model: CostModel | None
    stuck_at: float


class ProcessTeam:
    """A context of `workers` processes; their searches end once `cancelled()` is true."""

    def __init__(self, workers: int, cancelled: Callable[[], bool]) -> None:
        self._workers = workers
        self._cancelled = cancelled
        self._cancel = _CONTEXT.Event()
        self._reports: SimpleQueue[tuple[int, SearchState]] = _CONTEXT.SimpleQueue()
        self._executor = ProcessPoolExecutor(
            workers,
            mp_context=_CONTEXT,
            initializer=_initialise,
            initargs=(self._cancel, self._reports),
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
        report: Callable[[SearchState], None],
        once: bool = False,
        bound_clock: Clock | None = None,
    ) -> None:
        """Improves as `improve.improve`, but each component to a relative gap by itself.

        That is `gap` at first. If all together are not within `gap` then, it gets finer. If `once`,
        it does not, and where a component is not within `gap` then, it stays so.
        """
        report(_state(incumbents))
        own_gap = gap
        while once or not (clock.is_over or are_near(incumbents, gap)):
            self._improve_each(incumbents, own_gap, seed, clock, bound_clock or clock, report)
            if once or all(incumbent.is_settled for incumbent in incumbents):
                return
            own_gap, seed = finer(own_gap), seed + 1

    def _improve_each(
        self,
        incumbents: Sequence[Incumbent],
        gap: float,
        seed: int,
        clock: Clock,
        bound_clock: Clock,
        report: Callable[[SearchState], None],
    ) -> None:
        """Improves each component to `gap`, or until it is stuck there."""
        waiting = [
            incumbent
            for incumbent in incumbents
            if not incumbent.is_near(incumbent.bound, gap)
            and not incumbent.is_settled
            and not 0 < incumbent.stuck_at <= gap
        ]
        waiting.sort(key=_size, reverse=True)
        running: dict[Future[_Result], Incumbent] = {}
        latest = [
            SearchState(kr=incumbent.kr, bound=incumbent.bound, done=0, tasks=1)
            for incumbent in incumbents
        ]
        while not self._reports.empty():
            self._reports.get()
        numbers = {id(incumbent): number for number, incumbent in enumerate(incumbents)}
        while waiting or running:
            while waiting and len(running) < self._workers:
                incumbent = self._next(waiting)
                seconds = self._time_share(incumbent, waiting) * clock.seconds_left()
                waiting = [other for other in waiting if other is not incumbent]
                sent = replace(incumbent, arrays=incumbent.arrays.as_numbers)
                future = self._executor.submit(
                    _improve_here,
                    numbers[id(incumbent)],
                    sent,
                    gap,
                    seed,
                    seconds,
                    bound_clock.seconds_left(),
                )
                running[future] = incumbent
            done, _ = wait(running, timeout=_LOOK_EVERY_S, return_when=FIRST_COMPLETED)
            if self._cancelled():
                self._cancel.set()
            for future in done:
                incumbent, result = running.pop(future), future.result()
                incumbent.infeasible |= result.infeasible
                incumbent.model, incumbent.stuck_at = result.model, result.stuck_at
                if result.roster is not None:
                    incumbent.offer(result.roster)
                incumbent.raise_bound(result.bound)
            while not self._reports.empty():
                number, state = self._reports.get()
                latest[number] = state
            report(
                SearchState(
                    kr=sum(state.kr for state in latest),
                    bound=sum(state.bound for state in latest),
                    done=len(incumbents) - len(waiting) - len(running),
                    tasks=len(incumbents),
                )
            )

    def begin_tied(
        self, components: Sequence[PoolArrays], ties: CountTies, seed: int, clock: Clock
    ) -> Future[TiedStart]:
        """Begins `tied.tied_start` in one of the processes, for a sample of `components`."""
        sample = [arrays.as_numbers for arrays in tied_sample(components)]
        return self._executor.submit(_tied_start_here, sample, ties, seed, clock.seconds_left())

    def result_of(self, begun: Future[TiedStart]) -> TiedStart:
        """Waits for what was begun."""
        while not wait([begun], timeout=_LOOK_EVERY_S).done:
            if self._cancelled():
                self._cancel.set()
        return begun.result()

    def _next(self, waiting: Sequence[Incumbent]) -> Incumbent:
        """That of `waiting`, the largest first, which lies farthest from its bound for its size.

        It is the largest where the rest is too little for the other processes meanwhile.
        """
        largest = waiting[0]
        rest = sum(_size(incumbent) for incumbent in waiting[1:])
        if rest <= _REST_SHARE * _size(largest) * (self._workers - 1):
            return largest
        return max(waiting, key=lambda one: (one.kr - one.bound) / _size(one))

    def _time_share(self, incumbent: Incumbent, waiting: Sequence[Incumbent]) -> float:
        """The share of the time left for one of `waiting`, by its share of all sizes.

        Most need less than they may take.
        """
        share = self._workers * _size(incumbent) / sum(map(_size, waiting))
        return min(1.0, _SHARE_SLACK * share)


def _size(incumbent: Incumbent) -> int:
    """What the time for a component is nearly in proportion to."""
    return _SIZE_MIN + incumbent.arrays.can_serve.size


def _state(incumbents: Sequence[Incumbent]) -> SearchState:
    """The state of a search that has not begun."""
    return SearchState(
        kr=sum(incumbent.kr for incumbent in incumbents),
        bound=sum(incumbent.bound for incumbent in incumbents),
        done=0,
        tasks=len(incumbents),
    )


_cancel: Event | None = None
_reports: "SimpleQueue[tuple[int, SearchState]] | None" = None


def _initialise(cancel: Event, reports: "SimpleQueue[tuple[int, SearchState]]") -> None:
    global _cancel, _reports
    _cancel, _reports = cancel, reports


def _clock_here(seconds: float) -> Clock:
    """A clock of `seconds` in a process of a team, which the team can stop."""
    cancel = _cancel
    assert cancel is not None, "a team started the process"
    return Clock(end=time.monotonic() + seconds, cancelled=cancel.is_set)


def _tied_start_here(
    sample: Sequence[PoolArrays], ties: CountTies, seed: int, seconds: float
) -> TiedStart:
    whole = [arrays.with_plain_trips for arrays in sample]
    return tied_start(whole, ties, seed, _clock_here(seconds))


def _improve_here(
    number: int,
    incumbent: Incumbent,
    gap: float,
    seed: int,
    seconds: float,
    seconds_bound: float,
) -> _Result:
    """Improves a component in this process, and reports its state as that of number `number`.

    It has `seconds`, or up to `seconds_bound` until it has a bound.
    """
    reports, clock, bound_clock = _reports, _clock_here(seconds), _clock_here(seconds_bound)
    incumbent = replace(incumbent, arrays=incumbent.arrays.with_plain_trips)
    assert reports is not None, "a team started the process"
    improve(
        [incumbent],
        gap=gap,
        seed=seed,
        clock=clock,
        report=lambda state: reports.put((number, state)),
        once=True,
        bound_clock=bound_clock,
    )
    if incumbent.stuck_at == 0 and not incumbent.is_optimal:
        rng = random.Random(seed)
        for _ in range(_WANDERINGS):
            wander(incumbent, rng, lambda: clock.is_over)
    return _Result(
        incumbent.roster,
        incumbent.bound,
        incumbent.infeasible,
        incumbent.model,
        incumbent.stuck_at,
    )
