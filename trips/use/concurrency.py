"""Counts how many vehicles are out at a time: the peak and its moments, and the mean between two
moments.

The count is made from departures and returns, in seconds since 1970. They are sorted once, and any
part of the vehicles keeps the order. A vehicle that returns at a moment is free for a departure at
the same moment.
"""

from dataclasses import dataclass

import numpy as np

from fleet.arrays import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class DeparturesAndReturns:
    """Departures (`change` 1) and returns (`change` -1) of the vehicles `whose`, in order of
    time."""

    at: Floats
    change: Ints
    whose: Ints

    def where(self, kept: Bools | Ints) -> "DeparturesAndReturns":
        """The crossings where `kept` is true, or those with these numbers."""
        places = np.flatnonzero(kept) if kept.dtype == np.bool_ else kept
        return DeparturesAndReturns(self.at[places], self.change[places], self.whose[places])

    def clipped(self, begin: float, end: float) -> "DeparturesAndReturns":
        """The departures and returns clipped to a stretch of time: a vehicle that is away at its
        begin departs then."""
        return DeparturesAndReturns(np.clip(self.at, begin, end), self.change, self.whose)


@dataclass(frozen=True, slots=True)
class OutSteps:
    """The number of vehicles that are out, in steps: `out[i]` from `at[i]` until `at[i + 1]`, and
    none before `at[0]`."""

    at: Floats
    out: Ints


@dataclass(frozen=True, slots=True)
class Peak:
    """The most vehicles that were out at once, and every stretch of time (start, end) in which they
    were."""

    out: int
    spans: Floats

    @property
    def stretches(self) -> list[tuple[float, float]]:
        """The spans as pairs."""
        return [(float(start), float(end)) for start, end in self.spans]


def departures_and_returns(spans: Floats, whose: Ints) -> DeparturesAndReturns:
    """The departures and returns of `spans` (n starts and ends), in the order of time."""
    passed = DeparturesAndReturns(
        spans.T.ravel(), np.repeat((1, -1), len(spans)), np.tile(whose, 2)
    )
    return passed.where(np.argsort(passed.at, kind="stable"))


def out_steps(passed: DeparturesAndReturns) -> OutSteps:
    """The steps of the number of vehicles that are out."""
    last_of_moment = np.append(passed.at[1:] > passed.at[:-1], True)[: len(passed.at)]
    at, out = passed.at[last_of_moment], np.cumsum(passed.change)[last_of_moment]
    # Where a departure follows a return at the same moment the number stays, which is no step.
    steps = np.diff(out, prepend=0) != 0
    return OutSteps(at[steps], out[steps])


def peak(steps: OutSteps) -> Peak | None:
    """The peak, or None when nothing was ever out."""
    if not len(steps.at):
        return None
    most = int(steps.out.max())
    high = np.flatnonzero(steps.out == most)
    return Peak(most, np.stack((steps.at[high], steps.at[high + 1]), axis=1))


def mean_and_most_out(steps: OutSteps, edges: Floats) -> tuple[Floats, Ints]:
    """Count the vehicles that were out between each two neighbours of the ascending `edges`.

    Returns:
        The mean over time, and the most; each one fewer than `edges`.
    """
    # The entry in front stands for the time before the first step, when no vehicle is out.
    out = np.concatenate(([0], steps.out))
    at = np.concatenate((edges[:1], steps.at))
    vehicle_s = np.concatenate(([0.0], np.cumsum(out[:-1] * np.diff(at))))
    first = np.searchsorted(steps.at, edges, side="right")
    passed_s = vehicle_s[first] + out[first] * (edges - at[first])
    # The steps from the one that holds at an edge to the last one before the next edge.
    last = np.searchsorted(steps.at, edges[1:])
    runs = np.stack((first[:-1], last + 1), axis=1).ravel()
    most = np.maximum.reduceat(np.append(out, 0), runs)[::2]
    return np.diff(passed_s) / np.diff(edges), most
