"""What is known of the cost of a component as a function of its counts: cuts of all its slices.

A *point* is the counts of the K kinds, and for each reserve the number of motor vehicles that may
be out at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fleet.arrays import Bools, Floats, Ints
from optimiser.duties.fleet_rules import Reserve


class Cut(NamedTuple):
    """A cut: the value is at least `constant` - `slopes` n, in kr a year, for all points n."""

    constant: float
    slopes: Floats

    def at(self, point: Floats) -> float:
        return self.constant - float(self.slopes @ point)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostModel:
    """A lower bound on the cost of the trips of a component with S slices, at any point.

    `least` (S) is that of each slice at all points, in kr a year, and `cuts` (S) are its cuts.
    """

    least: Floats
    cuts: tuple[tuple[Cut, ...], ...]

    def trips_kr(self, points: Floats) -> Floats:
        """The bound at each of `points` (N, K + reserves), in kr a year (N)."""
        firsts: list[int] = []
        constants: list[float] = []
        slopes: list[Floats] = []
        flat = np.zeros(points.shape[1])
        for least, cuts in zip(self.least.tolist(), self.cuts, strict=True):
            firsts.append(len(constants))
            constants += [least, *(cut.constant for cut in cuts)]
            slopes += [flat, *(cut.slopes for cut in cuts)]
        if not constants:
            return np.zeros(len(points))
        values = np.array(constants).reshape(-1, 1) - np.array(slopes) @ points.T
        return np.maximum.reduceat(values, np.array(firsts), axis=0).sum(axis=0)


def points_at(reserves: Sequence[Reserve], counts: Ints) -> tuple[Floats, Bools]:
    """The points at `counts` (N, K), with as many vehicles out as `reserves` leave.

    Returns:
        The points (N, K + reserves), and whether the counts can hold the reserves (N).
    """
    columns, possible = [counts], np.ones(len(counts), dtype=np.bool_)
    for reserve in reserves:
        motor = counts[:, list(reserve.kinds)].sum(axis=1)
        out = motor - reserve.least
        possible &= (motor == 0) | (out >= 0)
        columns.append(np.maximum(0, out).reshape(-1, 1))
    return np.concatenate(columns, axis=1).astype(np.float64), possible
