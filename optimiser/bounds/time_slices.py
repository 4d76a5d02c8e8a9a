"""Slices of time of a component: lower bounds on their cost as functions of the counts.

The value of a slice is that of the linear relaxation of `docs/optimisation-model.md` for the trips
that start in the slice. It is convex in the counts, and the prices of an optimum give a cut: a
plane that is nowhere above it. A cut is computed from the prices alone, so that it holds whatever
the tolerance of the linear solver was.
"""

import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from math import inf

import numpy as np

from fleet.arrays import Bools, Floats, Ints
from optimiser.bounds.highs import LinearProgram
from optimiser.duties.conflicts import Block, Knapsack, maximal_cliques
from optimiser.duties.cost_model import Cut
from optimiser.duties.pool_arrays import PoolArrays

#: A slice ends with a day: from the first number of trips on if no vehicle is out then and no
#: battery matters, and from the second number on in any case.
_TRIPS_MIN = 24
_TRIPS_MAX = 120

#: The distance from an integer within which a value counts as integer.
_INTEGER_TOLERANCE = 1e-6


class TimeSlice:
    """The trips `first` to `last` (excluded) of a component with K kinds and the fallback.

    Its counts are those of the K kinds, and then for each reserve the number of motor vehicles that
    may be out at once. `useful` (K, T) is that of `arrays` without the kinds that have a stand-in,
    and `in_place_of` (K) has the stand-ins, each kind itself where there is none.
    """

    def __init__(
        self, arrays: PoolArrays, useful: Bools, in_place_of: Ints, first: int, last: int
    ) -> None:
        self.first, self.last = first, last
        reserves = len(arrays.kinds) + np.arange(len(arrays.rules.reserves))
        #: The count that each count adds to.
        self._adds_to: Ints = np.concatenate((in_place_of, reserves))
        useful = useful[:, first:last]
        #: (K, trips): the column for a kind that serves a trip; -1 where there is none.
        self._column = np.full(useful.shape, -1, dtype=np.int64)
        self._column[useful] = np.arange(int(useful.sum()))
        must_serve = arrays.rules.must_serve[first:last]
        fallback_kr = arrays.fallback_kr[first:last]
        without_kr = np.where(must_serve, 0.0, fallback_kr)
        saved = arrays.kr[:, first:last] - without_kr
        # The fallback of a trip that must be served has a column, so that its penalty does not make
        # all other costs seem small.
        self._cost = np.concatenate((saved[useful], fallback_kr[must_serve]))
        self._fallback_kr = float(without_kr.sum())
        self._program = LinearProgram(self._cost)
        self._kind: list[int] = []
        self._capacity: list[float] = []
        self._entries: list[tuple[Ints, Ints, Floats]] = []
        self._added_knapsacks: set[tuple[int, bytes, float]] = set()
        trips = self._column.T
        able = trips >= 0
        several = np.count_nonzero(able, axis=1) > 1
        trip_rows: list[Ints] = [
            column[own] for column, own in zip(trips[several], able[several], strict=True)
        ]
        self._add([(-1, columns, np.ones(len(columns)), 1.0) for columns in trip_rows])
        own_fallback = range(int(useful.sum()), len(self._cost))
        self._add(
            [
                (-1, np.append(column[own], fallback), np.full(int(own.sum()) + 1, -1.0), -1.0)
                for column, own, fallback in zip(
                    trips[must_serve], able[must_serve], own_fallback, strict=True
                )
            ]
        )
        cliques: dict[bytes, list[Ints]] = {}

        def cliques_of(served: Bools) -> list[Ints]:
            """The cliques of the trips `served` of the slice, which many kinds have in common."""
            key = served.tobytes()
            if key not in cliques:
                found = maximal_cliques(arrays, np.flatnonzero(served) + first)
                cliques[key] = [clique - first for clique in found]
            return cliques[key]

        self._add(
            [
                (k, self._column[k, clique], np.ones(len(clique)), 1.0)
                for k in range(len(arrays.kinds))
                for clique in cliques_of(useful[k])
            ]
        )
        for number, reserve in enumerate(arrays.rules.reserves):
            kinds = list(reserve.kinds)
            of_kinds = self._column[kinds]
            rows: list[tuple[int, Ints, Floats, float]] = []
            for clique in cliques_of(np.logical_or.reduce(useful[kinds])):
                columns = of_kinds[:, clique].ravel()
                columns = columns[columns >= 0]
                rows.append((len(arrays.kinds) + number, columns, np.ones(len(columns)), 1.0))
            self._add(rows)

    def inside(self, trips: Ints) -> Ints:
        """Those of `trips` that are in the slice."""
        return trips[(trips >= self.first) & (trips < self.last)]

    def add_knapsack(self, k: int, knapsack: Knapsack) -> bool:
        """Adds a row: the vehicles of kind `k` keep `knapsack` on the trips of the slice.

        Returns false if no trip of the slice is in it, or if the row exists.
        """
        inside = (knapsack.trips >= self.first) & (knapsack.trips < self.last)
        columns = self._column[k, knapsack.trips[inside] - self.first]
        known = columns >= 0
        key = (k, columns[known].tobytes(), knapsack.capacity)
        if not known.any() or key in self._added_knapsacks:
            return False
        self._added_knapsacks.add(key)
        self._add([(k, columns[known], knapsack.weights[inside][known], knapsack.capacity)])
        return True

    def cut(self, counts: Floats, seconds_max: float = inf) -> Cut:
        """The cut that is highest at `counts`, up to the solver's tolerance and `seconds_max`."""
        _, price = self._program.solve(self._high(counts), seconds_max)
        columns, rows, weights = self._entry_arrays()
        reduced = self._cost + np.bincount(
            columns, weights=weights * price[rows], minlength=len(self._cost)
        )
        kind = np.array(self._kind, dtype=np.int64)
        capacity = np.array(self._capacity)
        of_kind = kind >= 0
        slopes = np.zeros(len(counts))
        np.add.at(slopes, kind[of_kind], (price * capacity)[of_kind])
        slopes = slopes[self._adds_to]
        fixed = (price * capacity)[~of_kind].sum()
        constant = self._fallback_kr - fixed + np.minimum(0.0, reduced).sum()
        return Cut(float(constant), slopes)

    def served(self, counts: Floats, seconds_max: float, *, integer: bool) -> list[Ints]:
        """The trips of each kind in an integer solution at `counts`, the best of a short search.

        If not `integer`, the trips are those with integer values in the continuous solution. The
        result means nothing if the search used up `seconds_max`.
        """
        end = time.monotonic() + seconds_max
        values, _ = self._program.solve(self._high(counts), seconds_max)
        seconds_left = end - time.monotonic()
        low, high = _INTEGER_TOLERANCE, 1 - _INTEGER_TOLERANCE
        if integer and seconds_left > 0 and np.any((values > low) & (values < high)):
            values = self._program.solve_integer(seconds_left)
        return [
            np.flatnonzero(np.where(column >= 0, values[column], 0.0) > high) + self.first
            if len(values)
            else np.zeros(0, dtype=np.int64)
            for column in self._column
        ]

    def _high(self, counts: Floats) -> Floats:
        kind = np.array(self._kind, dtype=np.int64)
        sums = np.bincount(self._adds_to, weights=counts, minlength=len(counts))
        return np.array(self._capacity) * np.where(kind >= 0, sums[kind], 1.0)

    def _add(self, rows: Sequence[tuple[int, Ints, Floats, float]]) -> None:
        """Adds rows of (kind or -1, columns, weights, capacity per vehicle)."""
        if not rows:
            return
        sizes = np.array([len(columns) for _, columns, _, _ in rows], dtype=np.int64)
        columns = np.concatenate([columns for _, columns, _, _ in rows])
        weights = np.concatenate([weights for _, _, weights, _ in rows])
        numbers = np.repeat(np.arange(len(rows)) + len(self._kind), sizes)
        self._program.add_rows(sizes, columns, weights)
        self._kind += [kind for kind, _, _, _ in rows]
        self._capacity += [capacity for _, _, _, capacity in rows]
        self._entries.append((columns, numbers, weights))

    def _entry_arrays(self) -> tuple[Ints, Ints, Floats]:
        if len(self._entries) != 1:
            empty = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
            parts = [empty, *self._entries]
            columns, rows, weights = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
            self._entries = [(columns, rows, weights)]
        return self._entries[0]


class TimeSlices:
    """The slices of `arrays`, of about a day each, between moments at which no vehicle is out.

    Nor does any battery matter at such a moment. Where there is none for long, a slice ends with a
    day all the same. Its rows do not reach over that border, so its value is lower than it could
    be, and still a lower bound. A slice is made on its first use.
    """

    def __init__(
        self,
        arrays: PoolArrays,
        blocks: Sequence[Sequence[Block]],
        useful: Bools,
        in_place_of: Ints,
    ) -> None:
        """`useful` and `in_place_of` are those of `TimeSlice`."""
        self._arrays = arrays
        self._useful, self._in_place_of = useful, in_place_of
        self._borders = _borders(arrays, blocks)
        self._knapsacks: list[list[tuple[int, Knapsack]]] = [[] for _ in range(len(self))]
        self._built: list[TimeSlice | None] = [None] * len(self)
        served = np.where(self._useful, arrays.kr, np.inf).min(axis=0, initial=np.inf)
        #: A lower bound on the cost of the trips of each slice, whatever the counts, in kr a year.
        self.least: Floats = np.add.reduceat(
            np.minimum(served, arrays.fallback_kr), np.array(self._borders[:-1], dtype=np.int64)
        )

    def __len__(self) -> int:
        return len(self._borders) - 1

    def __getitem__(self, number: int) -> TimeSlice:
        time_slice = self._built[number]
        if time_slice is None:
            first, last = self._borders[number], self._borders[number + 1]
            time_slice = TimeSlice(self._arrays, self._useful, self._in_place_of, first, last)
            for k, knapsack in self._knapsacks[number]:
                time_slice.add_knapsack(k, knapsack)
            self._built[number], self._knapsacks[number] = time_slice, []
        return time_slice

    def __iter__(self) -> Iterator[TimeSlice]:
        return (self[number] for number in range(len(self)))

    def add_knapsack(self, k: int, knapsack: Knapsack) -> None:
        """Adds `knapsack` for the vehicles of kind `k` to the slices that are made later."""
        for number in self._numbers(knapsack.trips):
            self._knapsacks[number].append((k, knapsack))

    def of(self, trips: Ints) -> Iterator[TimeSlice]:
        """The slices from that of the first of `trips` to that of the last."""
        return (self[number] for number in self._numbers(trips))

    def _numbers(self, trips: Ints) -> range:
        first, last = (bisect_right(self._borders, int(t)) for t in (trips[0], trips[-1]))
        return range(first - 1, last)


def _borders(arrays: PoolArrays, blocks: Sequence[Sequence[Block]]) -> list[int]:
    """The borders of the slices: the first trip of every slice, and at last the number of trips."""
    count = len(arrays.start)
    home_by = np.maximum.accumulate(arrays.busy_until)[:-1]
    is_independent = home_by <= arrays.start[1:]
    for of_kind in blocks:
        for block in of_kind:
            is_independent &= (arrays.start[1:] <= block.begin) | (arrays.start[1:] >= block.finish)
    new_day = arrays.day[1:] != arrays.day[:-1]
    borders = [0]
    for t in (np.flatnonzero(new_day) + 1).tolist():
        size = t - borders[-1]
        if (is_independent[t - 1] and size >= _TRIPS_MIN) or size >= _TRIPS_MAX:
            borders.append(t)
    if count > borders[-1]:
        borders.append(count)
    return borders
