"""The search for better rosters: relax, assign, repair, strengthen, until gap or time is reached.

The search first relaxes each component that is not near its first bound, so that each has a good
bound. Then the component that is farthest from its bound gets the next step, and so on. A component
that is as near as its relaxation allows, or whose roster cannot be driven as the relaxation has it,
is relaxed anew to a finer gap. When no finer one is left, its duties are rebuilt here and there.
"""

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fleet.arrays import Ints
from optimiser.bounds.decomposition import Decomposition
from optimiser.bounds.relaxation import Relaxation, RelaxationResult
from optimiser.duties.conflicts import Block, all_blocks
from optimiser.duties.incumbent import Incumbent, first_incumbent, least_co2
from optimiser.duties.packing import PackingFailure, pack
from optimiser.duties.pieces import Piece, cut_by_time, joined_roster, roster_in_piece
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.duties.roster import Roster, buy_vehicles, drop_vehicles, first_roster, serve
from optimiser.model.clock import Clock
from optimiser.search.gaps import finer
from optimiser.search.rebuild import rebuild
from optimiser.search.thinning import only_vehicles_cost, thin_out
from optimiser.search.wander import wander

#: The least and the greatest share of the time left that a first step may take; most need far less.
_FIRST_SHARE = 0.2
_FIRST_SHARE_MAX = 0.85

#: The share of the time left that a later step may take.
_LATER_SHARE = 0.5

#: The share of the time for removing vehicles where nothing but vehicles costs.
_THIN_SHARE = 0.5

#: The seconds between two reports from inside one step.
_REPORT_EVERY_S = 0.5

#: A component with more useful pairs of kind and trip is not relaxed as a whole.
_WHOLE_MAX = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchState:
    """The state of a search: yearly kr and lower bound of all components, and first steps done."""

    kr: float
    bound: float
    done: int
    tasks: int


StateReport = Callable[[SearchState], None]


def improve(
    incumbents: Sequence[Incumbent],
    *,
    gap: float,
    seed: int,
    clock: Clock,
    report: StateReport,
    once: bool = False,
    bound_clock: Clock | None = None,
) -> None:
    """Improves `incumbents` in place, until they are within the relative `gap` of all together.

    The search ends before only at an optimum, or when time is over; if `once`, also where it would
    have to ask for a finer gap than `gap`. A component whose relaxation has told no bound yet goes
    on until it has, or until `bound_clock` is over, which is `clock` if it is not given.

    A component without a roster begins with a quick one from today's counts; so does a large
    component that has only a roster of today's counts. Components with given counts are first cut
    into pieces of time.
    """

    def time_is_short() -> bool:
        return clock.is_over

    for incumbent in incumbents:
        now = [kind.count_now for kind in incumbent.arrays.kinds]
        todays = incumbent.roster is not None and incumbent.roster.counts == now
        if incumbent.roster is None or (todays and incumbent.arrays.is_large):
            incumbent.offer(first_roster(incumbent.arrays, now, time_is_short))
        _thin(incumbent, gap, seed, clock)
    tasks: list[_Task] = []
    pieces: list[tuple[Incumbent, list[tuple[Piece, _Task]]]] = []
    for incumbent in incumbents:
        arrays, roster = incumbent.arrays, incumbent.roster
        if arrays.low == arrays.high and roster is not None and not arrays.is_large:
            own = _piece_tasks(
                arrays, arrays.low, roster, all_blocks(arrays, time_is_short), gap, seed
            )
            pieces.append((incumbent, own))
            tasks += [task for _, task in own]
        else:
            tasks.append(_Task(incumbent, gap=gap, seed=seed))
    fixed_kr = sum(incumbent.arrays.fixed_kr(incumbent.arrays.low) for incumbent, _ in pieces)
    _run_steps(tasks, fixed_kr, gap, clock, bound_clock or clock, report, once=once)
    for incumbent, own in pieces:
        _offer_pieces(incumbent, incumbent.arrays.low, own)
        incumbent.raise_bound(
            incumbent.arrays.fixed_kr(incumbent.arrays.low)
            + sum(task.incumbent.bound for _, task in own)
        )


def _thin(incumbent: Incumbent, gap: float, seed: int, clock: Clock) -> None:
    """Offers a roster with fewer vehicles, or more trips, where nothing but vehicles costs."""
    if incumbent.roster is None or not only_vehicles_cost(incumbent.arrays):
        return
    if incumbent.arrays.rules.bind_counts:
        return
    arrays, thin_clock = incumbent.arrays, clock.for_share(_THIN_SHARE)

    def enough(best: Roster) -> bool:
        kr = best.kr(arrays)
        return thin_clock.is_over or kr - incumbent.bound <= gap * kr

    incumbent.offer(thin_out(arrays, incumbent.roster, random.Random(seed), enough))


def _run_steps(
    tasks: "Sequence[_Task]",
    fixed_kr: float,
    gap: float,
    clock: Clock,
    bound_clock: Clock,
    report: StateReport,
    *,
    once: bool,
) -> None:
    """Runs steps of `tasks`, which share `fixed_kr`, until the gap or the time is reached.

    If `once`, it ends where a task would need a finer gap. A task that has no bound yet may use
    more than its share, until `bound_clock` is over.
    """

    def state(done: int, raised: float = 0.0) -> SearchState:
        return SearchState(
            kr=fixed_kr + sum(task.incumbent.kr for task in tasks),
            bound=fixed_kr + sum(task.incumbent.bound for task in tasks) + raised,
            done=done,
            tasks=len(tasks),
        )

    def run_step(task: _Task, time_share: float, done: int) -> None:
        reported = time.monotonic()

        def on_bound(bound: float) -> None:
            nonlocal reported
            if time.monotonic() - reported > _REPORT_EVERY_S:
                reported = time.monotonic()
                report(state(done, max(0.0, min(bound, task.incumbent.kr) - task.incumbent.bound)))

        task.step(clock.for_share(time_share), bound_clock, on_bound)

    sizes = [1 + task.incumbent.arrays.can_serve.size for task in tasks]
    for i, task in enumerate(tasks):
        time_share = max(_FIRST_SHARE, sizes[i] / sum(sizes[i:]))
        is_near = task.incumbent.is_near(task.incumbent.bound, gap)
        if not is_near and not (once and task.is_stuck):
            run_step(task, min(_FIRST_SHARE_MAX, time_share), i)
        report(state(i + 1))
    while not clock.is_over:
        now = state(len(tasks))
        able = [task for task in tasks if not task.finished and not (once and task.is_stuck)]
        paid_kr = now.kr - sum(task.incumbent.penalty_kr for task in tasks)
        close = math.isfinite(now.kr) and now.kr - now.bound <= gap * paid_kr
        if close or not able:
            return
        # Where nothing is known of how to improve a task, each attempt makes the next one later.
        run_step(
            max(able, key=lambda task: (task.incumbent.kr - task.incumbent.bound) / task.attempts),
            _LATER_SHARE,
            len(tasks),
        )
        report(state(len(tasks)))
    for task in tasks:
        task.finish(clock)


@dataclass(slots=True)
class _Task:
    """The search on one component: its incumbent, and the state for the next step."""

    incumbent: Incumbent
    gap: float
    seed: int
    #: One more than the number of steps at finer gaps and without a relaxation.
    attempts: int = 1
    _exhausted: bool = False
    _is_cut_short: bool = False
    _relaxation: Relaxation | Decomposition | None = None
    _relaxed: RelaxationResult | None = None
    _to_polish: tuple[Roster, list[int]] | None = None
    _rng: random.Random = field(init=False)
    _clock: Clock = field(init=False)
    #: Whether a relaxation told the bound, here or in an earlier search.
    _is_bounded: bool = field(init=False)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        self._is_bounded = self.incumbent.model is not None
        if self.incumbent.stuck_at <= self.gap:
            self.gap = finer(self.incumbent.stuck_at)
            self._exhausted = self.incumbent.stuck_at == 0

    @property
    def finished(self) -> bool:
        """Whether no further step could improve the incumbent."""
        if self.incumbent.infeasible or self.incumbent.bound >= self.incumbent.kr:
            return True
        return self.is_stuck and self.incumbent.is_settled

    @property
    def is_stuck(self) -> bool:
        """Whether the next step would need a finer gap, or have no relaxation to go by."""
        waiting = self._relaxed is not None or self._to_polish is not None
        return self._exhausted and not waiting

    def step(self, own_clock: Clock, bound_clock: Clock, on_bound: Callable[[float], None]) -> None:
        """One step: relax, or make rosters from the relaxation's result, or polish a roster.

        It ends with `own_clock`, or if the task has no bound yet, with its first one or with
        `bound_clock`.
        """
        clock = self._until_bounded(own_clock, bound_clock)
        if self.finished or clock.is_over:
            return
        self._clock = clock
        if self.is_stuck:
            self._go_on(clock)
        if self.is_stuck:
            return
        if self._relaxation is None:
            relaxation = self._first_relaxation()
            if clock.is_over:
                # Its blocks are incomplete, so it is no good for a later step.
                return
            self._relaxation = relaxation
        if self._relaxed is not None:
            self._drive(self._relaxation, self._relaxed, clock)
        elif self._to_polish is not None:
            self._polish(self._relaxation, *self._to_polish, clock)
        else:
            self._relax(self._relaxation, own_clock, clock, on_bound)

    def _until_bounded(self, own_clock: Clock, bound_clock: Clock) -> Clock:
        """`own_clock`, but for a task without a bound one until it has, or until `bound_clock`."""
        if self._is_bounded:
            return own_clock
        return Clock(
            end=bound_clock.end,
            cancelled=lambda: bound_clock.is_over or (self._is_bounded and own_clock.is_over),
        )

    def _go_on(self, clock: Clock) -> None:
        """Asks the relaxation for a finer gap; if there is none, rebuilds duties here and there."""
        self.attempts += 1
        if self.gap > 0:
            self.gap = finer(self.gap)
            self._exhausted = False
        else:
            wander(self.incumbent, self._rng, lambda: clock.is_over)

    def finish(self, clock: Clock) -> None:
        """Makes quick rosters from the relaxation's result, when no time is left for a step."""
        if self._relaxation is not None and self._relaxed is not None and not self.finished:
            self._drive(self._relaxation, self._relaxed, clock)

    def _first_relaxation(self) -> Relaxation | Decomposition:
        arrays = self.incumbent.arrays
        if arrays.is_large:
            known = [self.incumbent.model] if self.incumbent.model is not None else []
            return Decomposition([arrays], self._time_is_short, self._offer_promising, known=known)
        return Relaxation(arrays, self._time_is_short)

    def _is_near(self, bound: float) -> bool:
        """Whether `bound` proves that the best roster is within the gap."""
        return self.incumbent.is_near(bound, self.gap)

    def _time_is_short(self) -> bool:
        return self._clock.is_over

    def _offer_promising(self, counts: Sequence[int], served: Sequence[Ints] | None) -> None:
        """Offers rosters near `counts`, and near the trips of each kind if these are given."""
        if served is None:
            self._offer_counts(counts)
            return
        assert self._relaxation is not None, "the relaxation calls this function"
        labels: list[Mapping[int, Mapping[int, int]]] = [{}] * len(counts)
        roster, _ = self._packed(self._relaxation, counts, served, labels)
        self._repair(roster, [], self._clock)

    def _packed(
        self,
        relaxation: Relaxation | Decomposition,
        counts: Sequence[int],
        served: Sequence[Ints],
        labels: Sequence[Mapping[int, Mapping[int, int]]],
    ) -> tuple[Roster, list[tuple[int, PackingFailure]]]:
        """Packs the trips that each kind serves on its vehicles.

        Returns:
            The roster, and the failures with their kinds.
        """
        roster = Roster([])
        failures: list[tuple[int, PackingFailure]] = []
        for k, trips in enumerate(served):
            packing = pack(
                self.incumbent.arrays,
                k,
                trips,
                counts[k],
                relaxation.blocks[k],
                labels[k],
                self._rng,
                time_is_short=self._time_is_short,
            )
            roster.duties.append(packing.duties)
            failures.extend((k, failure) for failure in packing.failed)
        return roster, failures

    def _offer_counts(self, counts: Sequence[int]) -> None:
        """Offers a quick roster near `counts`."""
        self.incumbent.offer(first_roster(self.incumbent.arrays, counts, self._time_is_short))

    def _relax(
        self,
        relaxation: Relaxation | Decomposition,
        own_clock: Clock,
        clock: Clock,
        on_bound: Callable[[float], None],
    ) -> None:
        """Solves the relaxation: raises the bound, and keeps the counts and each kind's trips.

        The clocks are that of the step, and the one until there is a bound.
        """

        def stop(bound: float) -> bool:
            on_bound(bound)
            self._is_bounded |= bound > -math.inf
            return clock.is_over or self._is_near(bound)

        # Half of the gap is left for the difference between the relaxation and a roster.
        gap = self.gap / 2
        if self.incumbent.penalty_kr:
            gap *= self.incumbent.paid_kr / self.incumbent.kr
        relaxed = relaxation.solve(
            seconds_max=own_clock.seconds_left(),
            seconds_bound=clock.seconds_left(),
            gap=gap,
            seed=self.seed,
            stop=stop,
        )
        self._is_cut_short = not relaxed.complete and clock.is_over
        if relaxed.infeasible:
            # If there is a roster, infeasibility comes from the tolerance of the solver.
            self.incumbent.infeasible = self.incumbent.roster is None
            self._exhausted = True
            return
        self.incumbent.raise_bound(relaxed.bound)
        if isinstance(relaxation, Decomposition):
            [self.incumbent.model] = relaxation.models
        if relaxed.has_point:
            self._relaxed = relaxed
        elif relaxed.counts and not self._is_near(self.incumbent.bound):
            # Time ended the solve before it knew the trips of each kind.
            self._offer_counts(relaxed.counts)

    def _drive(
        self, relaxation: Relaxation | Decomposition, relaxed: RelaxationResult, clock: Clock
    ) -> None:
        """Offers rosters near `relaxed`, and strengthens the relaxation where packing failed."""
        self._relaxed = None
        roster, failures = self._packed(relaxation, relaxed.counts, relaxed.served, relaxed.labels)
        stretches: list[list[int]] = []
        for k, failure in failures:
            trips = relaxation.blocks[k][failure.number].trips
            stretches.append(trips[(trips >= failure.first) & (trips <= failure.last)].tolist())
        self._repair(roster, stretches, clock)
        failed = sorted({(k, failure.number) for k, failure in failures})
        # Lists, so that the relaxation gets the knapsacks of every failure at once.
        added = [
            relaxation.add_knapsacks(k, number, relaxed.served[k], relaxed.counts[k])
            for k, number in failed
        ]
        arrays = self.incumbent.arrays
        is_piece = arrays.low == arrays.high and isinstance(relaxation, Relaxation)
        if failures and not any(added) and not is_piece and arrays.co2_max_t is None:
            self._to_polish = roster, [failure.last for _, failure in failures]
        if any(added):
            return
        if isinstance(relaxation, Relaxation):
            is_exact_now = [relaxation.add_vehicle_columns(k, number) for k, number in failed]
            self._exhausted = relaxed.complete and not any(is_exact_now)
        elif np.count_nonzero(arrays.useful) <= _WHOLE_MAX and arrays.low != arrays.high:
            self._relaxation = Relaxation(arrays, self._time_is_short)
        else:
            self._exhausted = not self._is_cut_short
        if self._exhausted:
            self.incumbent.stuck_at = self.gap

    def _repair(self, roster: Roster, stretches: Sequence[Sequence[int]], clock: Clock) -> None:
        """Offers `roster`, and better ones that serve the trips it leaves out in `stretches`."""
        arrays = self.incumbent.arrays
        self.incumbent.offer(roster)
        if arrays.co2_max_t is not None:
            green = roster.copy()
            serve(least_co2(arrays), green, green.unserved(arrays))
            self.incumbent.offer(green)
        cheap = roster.copy()
        serve(arrays, cheap, cheap.unserved(arrays))
        self.incumbent.offer(cheap.copy())
        if self._is_near(self.incumbent.bound):
            return
        rebuild(arrays, cheap, stretches, self._rng, lambda: clock.is_over)
        self.incumbent.offer(cheap.copy())
        buy_vehicles(arrays, cheap)
        drop_vehicles(arrays, cheap, self._time_is_short)
        self.incumbent.offer(cheap)

    def _polish(
        self,
        relaxation: Relaxation | Decomposition,
        roster: Roster,
        failed_trips: Sequence[int],
        clock: Clock,
    ) -> None:
        """Offers `roster` better duties for pieces with `failed_trips`, at the same counts."""
        self._to_polish = None
        arrays = self.incumbent.arrays
        pieces = _piece_tasks(arrays, roster.counts, roster, relaxation.blocks, self.gap, self.seed)
        if len(pieces) == 1 and arrays.is_large:
            return
        touched = [
            task
            for piece, task in pieces
            if any(piece.first <= t < piece.last for t in failed_trips)
        ]
        _run_steps(touched, 0.0, self.gap, clock, clock, lambda _: None, once=True)
        _offer_pieces(self.incumbent, roster.counts, pieces)


def _piece_tasks(
    arrays: PoolArrays,
    counts: Sequence[int],
    roster: Roster,
    blocks: Sequence[Sequence[Block]],
    gap: float,
    seed: int,
) -> list[tuple[Piece, _Task]]:
    """A task for each piece of `arrays` with `counts`, which begins with the piece of `roster`."""
    tasks: list[tuple[Piece, _Task]] = []
    for piece in cut_by_time(arrays, counts, blocks):
        incumbent = first_incumbent(piece.arrays)
        incumbent.offer(roster_in_piece(roster, piece))
        tasks.append((piece, _Task(incumbent, gap=gap, seed=seed)))
    return tasks


def _offer_pieces(
    incumbent: Incumbent, counts: Sequence[int], pieces: Sequence[tuple[Piece, _Task]]
) -> None:
    """Offers the rosters of all pieces as one, unless a piece has none that keeps the rules."""
    rosters: list[tuple[Piece, Roster]] = []
    for piece, task in pieces:
        if task.incumbent.roster is None:
            return
        rosters.append((piece, task.incumbent.roster))
    incumbent.offer(joined_roster(counts, rosters))
