"""The search for better rosters: relax, drive, repair, strengthen, until gap or time is reached.

The search relaxes each part once that is not near its first bound, so that each gets a good bound.
Then the part that is farthest from its bound gets the next round, and so on.
"""

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fleet.arrays import Ints
from optimiser.bounds.decomposition import Decomposition
from optimiser.bounds.relaxation import Candidate, Relaxation
from optimiser.duties.conflicts import Block, all_blocks
from optimiser.duties.incumbent import Incumbent, first_incumbent, least_co2
from optimiser.duties.packing import Failure, pack
from optimiser.duties.pieces import Piece, cut, put_together, roster_in_piece
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.duties.roster import Roster, buy_vehicles, drop_vehicles, first_roster, serve
from optimiser.model.clock import Clock
from optimiser.search.rebuild import rebuild
from optimiser.search.thinning import only_vehicles_cost, thin_out

#: Least and most of the time left that a first round may take; most need far less.
_FIRST_SHARE = 0.2
_FIRST_SHARE_MAX = 0.85

#: Share of the time left that a later round may take.
_LATER_SHARE = 0.5


#: Share of the time for taking out vehicles where they are all that costs.
_THIN_SHARE = 0.5

#: Seconds between two reports from inside one round.
_REPORT_EVERY_S = 0.5

#: Ways for a kind to serve a trip above which a part is not relaxed as a whole.
_WHOLE_MAX = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where a search is: yearly kr and lower bound of all parts, first rounds done of how many."""

    kr: float
    bound: float
    done: int
    tasks: int


Report = Callable[[State], None]


def improve(
    incumbents: Sequence[Incumbent], *, gap: float, seed: int, clock: Clock, report: Report
) -> None:
    """Improves `incumbents` in place, to the relative `gap` of all together if the time allows.

    A part without a roster begins with a quick one from today's counts; so does a long part that
    has only today's. Parts whose counts are given are first cut into pieces of time.
    """

    def hurry() -> bool:
        return clock.is_over

    for incumbent in incumbents:
        now = [kind.count_now for kind in incumbent.arrays.kinds]
        todays = incumbent.roster is not None and incumbent.roster.counts == now
        if incumbent.roster is None or (todays and incumbent.arrays.is_long):
            incumbent.offer(first_roster(incumbent.arrays, now, hurry))
        _thin(incumbent, gap, seed, clock)
    tasks: list[_Task] = []
    pieces: list[tuple[Incumbent, list[tuple[Piece, _Task]]]] = []
    for incumbent in incumbents:
        arrays, roster = incumbent.arrays, incumbent.roster
        if arrays.low == arrays.high and roster is not None and not arrays.is_long:
            own = _piece_tasks(arrays, arrays.low, roster, all_blocks(arrays, hurry), gap, seed)
            pieces.append((incumbent, own))
            tasks += [task for _, task in own]
        else:
            tasks.append(_Task(incumbent, gap=gap, seed=seed))
    fixed_kr = sum(incumbent.arrays.fixed_kr(incumbent.arrays.low) for incumbent, _ in pieces)
    _rounds(tasks, fixed_kr, gap, clock, report)
    for incumbent, own in pieces:
        incumbent.offer(_roster_of_pieces(incumbent.arrays.low, own))
        incumbent.raise_bound(
            incumbent.arrays.fixed_kr(incumbent.arrays.low)
            + sum(task.incumbent.bound for _, task in own)
        )


def _thin(incumbent: Incumbent, gap: float, seed: int, clock: Clock) -> None:
    """Offers a roster with fewer vehicles, or more trips, where vehicles are all that costs."""
    if incumbent.roster is None or not only_vehicles_cost(incumbent.arrays):
        return
    arrays, thin_clock = incumbent.arrays, clock.for_share(_THIN_SHARE)

    def enough(best: Roster) -> bool:
        kr = best.kr(arrays)
        return thin_clock.is_over or kr - incumbent.bound <= gap * kr

    incumbent.offer(thin_out(arrays, incumbent.roster, random.Random(seed), enough))


def _rounds(
    tasks: "Sequence[_Task]", fixed_kr: float, gap: float, clock: Clock, report: Report
) -> None:
    """Rounds for `tasks`, which have `fixed_kr` in common, until the gap or the time is reached."""

    def state(done: int, raised: float = 0.0) -> State:
        return State(
            kr=fixed_kr + sum(task.incumbent.kr for task in tasks),
            bound=fixed_kr + sum(task.incumbent.bound for task in tasks) + raised,
            done=done,
            tasks=len(tasks),
        )

    def run_round(task: _Task, time_share: float, done: int) -> None:
        reported = time.monotonic()

        def on_bound(bound: float) -> None:
            nonlocal reported
            if time.monotonic() - reported > _REPORT_EVERY_S:
                reported = time.monotonic()
                report(state(done, max(0.0, min(bound, task.incumbent.kr) - task.incumbent.bound)))

        task.round(clock.for_share(time_share), on_bound)

    sizes = [1 + task.incumbent.arrays.can.size for task in tasks]
    for i, task in enumerate(tasks):
        time_share = max(_FIRST_SHARE, sizes[i] / sum(sizes[i:]))
        if task.incumbent.kr - task.incumbent.bound > gap * task.incumbent.kr:
            run_round(task, min(_FIRST_SHARE_MAX, time_share), i)
        report(state(i + 1))
    while not clock.is_over:
        now = state(len(tasks))
        able = [task for task in tasks if not task.finished]
        close = math.isfinite(now.kr) and now.kr - now.bound <= gap * now.kr
        if close or not able:
            return
        run_round(
            max(able, key=lambda task: task.incumbent.kr - task.incumbent.bound),
            _LATER_SHARE,
            len(tasks),
        )
        report(state(len(tasks)))
    for task in tasks:
        task.hurry(clock)


@dataclass(slots=True)
class _Task:
    """The search on one part: its incumbent, and what the next round goes on from."""

    incumbent: Incumbent
    gap: float
    seed: int
    _exhausted: bool = False
    _relaxation: Relaxation | Decomposition | None = None
    _candidate: Candidate | None = None
    _unsure: tuple[Roster, list[int]] | None = None
    _rng: random.Random = field(init=False)
    _clock: Clock = field(init=False)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)

    @property
    def finished(self) -> bool:
        """Another round could not do more."""
        waiting = self._candidate is not None or self._unsure is not None
        return self.incumbent.bound >= self.incumbent.kr or (self._exhausted and not waiting)

    def round(self, clock: Clock, on_bound: Callable[[float], None]) -> None:
        """One step: relax, or make rosters of what the relaxation found, or polish one."""
        if self.finished or clock.is_over:
            return
        self._clock = clock
        if self._relaxation is None:
            relaxation = self._first_relaxation()
            if clock.is_over:
                # Made in a hurry, it is no good for a later round.
                return
            self._relaxation = relaxation
        if self._candidate is not None:
            self._drive(self._relaxation, self._candidate, clock)
        elif self._unsure is not None:
            self._polish(self._relaxation, *self._unsure, clock)
        else:
            self._relax(self._relaxation, clock, on_bound)

    def hurry(self, clock: Clock) -> None:
        """Makes quick rosters of what the relaxation found, when there is no time for a round."""
        if self._relaxation is not None and self._candidate is not None and not self.finished:
            self._drive(self._relaxation, self._candidate, clock)

    def _first_relaxation(self) -> Relaxation | Decomposition:
        arrays = self.incumbent.arrays
        if arrays.is_long:
            return Decomposition(arrays, self._hurry, self._offer_early)
        return Relaxation(arrays, self._hurry)

    def _is_near(self, bound: float) -> bool:
        """Whether `bound` proves that the best roster is within the gap."""
        kr = self.incumbent.kr
        return math.isfinite(kr) and kr - bound <= self.gap * kr

    def _hurry(self) -> bool:
        return self._clock.is_over

    def _offer_early(self, counts: Sequence[int], served: Sequence[Ints] | None) -> None:
        """Offers rosters near `counts`, and near what each kind serves if that is known."""
        if served is None:
            self._offer_counts(counts)
            return
        assert self._relaxation is not None, "it is what tells of them"
        labels: list[Mapping[int, Mapping[int, int]]] = [{}] * len(counts)
        roster, _ = self._packed(self._relaxation, counts, served, labels)
        self._repair(roster, [], self._clock)

    def _packed(
        self,
        relaxation: Relaxation | Decomposition,
        counts: Sequence[int],
        served: Sequence[Ints],
        labels: Sequence[Mapping[int, Mapping[int, int]]],
    ) -> tuple[Roster, list[tuple[int, Failure]]]:
        """What each kind serves, on its single vehicles, and the kinds that failed, and where."""
        roster = Roster([])
        failures: list[tuple[int, Failure]] = []
        for k, trips in enumerate(served):
            packing = pack(
                self.incumbent.arrays,
                k,
                trips,
                counts[k],
                relaxation.blocks[k],
                labels[k],
                self._rng,
                hurry=self._hurry,
            )
            roster.duties.append(packing.duties)
            failures.extend((k, failure) for failure in packing.failed)
        return roster, failures

    def _offer_counts(self, counts: Sequence[int]) -> None:
        """Offers a quick roster near `counts`."""
        self.incumbent.offer(first_roster(self.incumbent.arrays, counts, self._hurry))

    def _relax(
        self,
        relaxation: Relaxation | Decomposition,
        clock: Clock,
        on_bound: Callable[[float], None],
    ) -> None:
        """Raises the bound, and finds counts and trips of each kind."""

        def stop(bound: float) -> bool:
            on_bound(bound)
            return clock.is_over or self._is_near(bound)

        # Half of the gap is left to what the relaxation does not know.
        candidate = relaxation.solve(
            seconds_max=clock.seconds_left(), gap=self.gap / 2, seed=self.seed, stop=stop
        )
        if candidate.infeasible:
            # With a roster at hand that is a matter of the solver's tolerance.
            self.incumbent.infeasible = self.incumbent.roster is None
            self._exhausted = True
            return
        self.incumbent.raise_bound(candidate.bound)
        if candidate.known:
            self._candidate = candidate
        elif candidate.counts and not self._is_near(self.incumbent.bound):
            # Time ended it before it knew who serves what.
            self._offer_counts(candidate.counts)

    def _drive(
        self, relaxation: Relaxation | Decomposition, candidate: Candidate, clock: Clock
    ) -> None:
        """Offers rosters near the candidate, and forbids what could not be driven."""
        self._candidate = None
        roster, failures = self._packed(
            relaxation, candidate.counts, candidate.served, candidate.labels
        )
        stretches: list[list[int]] = []
        for k, failure in failures:
            trips = relaxation.blocks[k][failure.number].trips
            stretches.append(trips[(trips >= failure.first) & (trips <= failure.last)].tolist())
        self._repair(roster, stretches, clock)
        failed = sorted({(k, failure.number) for k, failure in failures})
        # Lists, because every failure is to be forbidden at once.
        added = [
            relaxation.add_knapsacks(k, number, candidate.served[k], candidate.counts[k])
            for k, number in failed
        ]
        arrays = self.incumbent.arrays
        alone = arrays.low == arrays.high and isinstance(relaxation, Relaxation)
        if failures and not any(added) and not alone and arrays.co2_max_t is None:
            self._unsure = roster, [failure.last for _, failure in failures]
        if any(added):
            return
        if isinstance(relaxation, Relaxation):
            apart = [relaxation.tell_apart(k, number) for k, number in failed]
            self._exhausted = candidate.complete and not any(apart)
        elif np.count_nonzero(arrays.useful) <= _WHOLE_MAX and arrays.low != arrays.high:
            self._relaxation = Relaxation(arrays, self._hurry)
        else:
            self._exhausted = True

    def _repair(self, roster: Roster, stretches: Sequence[Sequence[int]], clock: Clock) -> None:
        """Offers `roster`, and ways to serve what it leaves out in `stretches` of time."""
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
        drop_vehicles(arrays, cheap, self._hurry)
        self.incumbent.offer(cheap)

    def _polish(
        self,
        relaxation: Relaxation | Decomposition,
        roster: Roster,
        unsure: Sequence[int],
        clock: Clock,
    ) -> None:
        """Offers `roster` with its counts, but the best in the pieces with the trips `unsure`."""
        self._unsure = None
        arrays = self.incumbent.arrays
        pieces = _piece_tasks(arrays, roster.counts, roster, relaxation.blocks, self.gap, self.seed)
        if len(pieces) == 1 and arrays.is_long:
            return
        touched = [
            task for piece, task in pieces if any(piece.first <= t < piece.last for t in unsure)
        ]
        _rounds(touched, 0.0, self.gap, clock, lambda _: None)
        self.incumbent.offer(_roster_of_pieces(roster.counts, pieces))


def _piece_tasks(
    arrays: PoolArrays,
    counts: Sequence[int],
    roster: Roster,
    blocks: Sequence[Sequence[Block]],
    gap: float,
    seed: int,
) -> list[tuple[Piece, _Task]]:
    """A task for each piece of `arrays` with `counts`; it begins with `roster` in the piece."""
    tasks: list[tuple[Piece, _Task]] = []
    for piece in cut(arrays, counts, blocks):
        incumbent = first_incumbent(piece.arrays)
        incumbent.offer(roster_in_piece(roster, piece))
        tasks.append((piece, _Task(incumbent, gap=gap, seed=seed)))
    return tasks


def _roster_of_pieces(counts: Sequence[int], pieces: Sequence[tuple[Piece, _Task]]) -> Roster:
    rosters: list[tuple[Piece, Roster]] = []
    for piece, task in pieces:
        assert task.incumbent.roster is not None, "a piece has no cap, and was offered a roster"
        rosters.append((piece, task.incumbent.roster))
    return put_together(counts, rosters)
