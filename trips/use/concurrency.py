"""How many vehicles are out at a time: the peak and its moments, and the curve of an ordinary day.

Works on departures and returns, seconds since 1970, which are put in order once: of whatever part
of the vehicles, they still are. Who comes back at a moment frees the vehicle for who leaves at the
same moment.
"""

from dataclasses import dataclass

import numpy as np

from fleet.arrays import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Crossings:
    """Departures (`change` 1) and returns (-1) of the vehicles `whose`, in the order of time."""

    at: Floats
    change: Ints
    whose: Ints

    def where(self, kept: Bools | Ints) -> "Crossings":
        """Those where `kept` is true, or those of these numbers."""
        places = np.flatnonzero(kept) if kept.dtype == np.bool_ else kept
        return Crossings(self.at[places], self.change[places], self.whose[places])

    def within(self, begin: float, end: float) -> "Crossings":
        """Cut to a stretch of time: who is away already leaves when it begins."""
        return Crossings(np.clip(self.at, begin, end), self.change, self.whose)


@dataclass(frozen=True, slots=True)
class Levels:
    """From `at[i]` until `at[i + 1]` `out[i]` vehicles are out; none before the first."""

    at: Floats
    out: Ints


@dataclass(frozen=True, slots=True)
class Peak:
    """The most vehicles out at once, and every stretch of time (start, end) in which they were."""

    out: int
    spans: Floats

    @property
    def stretches(self) -> list[tuple[float, float]]:
        """The spans as pairs."""
        return [(float(start), float(end)) for start, end in self.spans]


def crossings(spans: Floats, whose: Ints) -> Crossings:
    """The departures and returns of `spans` (n starts and ends), in the order of time."""
    passed = Crossings(spans.T.ravel(), np.repeat((1, -1), len(spans)), np.tile(whose, 2))
    return passed.where(np.argsort(passed.at, kind="stable"))


def levels(passed: Crossings) -> Levels:
    """The steps of the number of vehicles that are out."""
    last_of_moment = np.append(passed.at[1:] > passed.at[:-1], True)[: len(passed.at)]
    at, out = passed.at[last_of_moment], np.cumsum(passed.change)[last_of_moment]
    # Level again after a change of crew is no step.
    steps = np.diff(out, prepend=0) != 0
    return Levels(at[steps], out[steps])


def peak(steps: Levels) -> Peak | None:
    """The peak, or None when nothing was ever out."""
    if not len(steps.at):
        return None
    most = int(steps.out.max())
    high = np.flatnonzero(steps.out == most)
    return Peak(most, np.stack((steps.at[high], steps.at[high + 1]), axis=1))


def within(steps: Levels, edges: Floats) -> tuple[Floats, Ints]:
    """Mean over time, and most, of vehicles out between neighbours of the ascending `edges`."""
    # None are out before the first step; step 0 stands for that.
    out = np.concatenate(([0], steps.out))
    at = np.concatenate((edges[:1], steps.at))
    vehicle_s = np.concatenate(([0.0], np.cumsum(out[:-1] * np.diff(at))))
    first = np.searchsorted(steps.at, edges, side="right")
    passed_s = vehicle_s[first] + out[first] * (edges - at[first])
    # From the step that holds at the one edge to the last before the next.
    last = np.searchsorted(steps.at, edges[1:])
    runs = np.stack((first[:-1], last + 1), axis=1).ravel()
    most = np.maximum.reduceat(np.append(out, 0), runs)[::2]
    return np.diff(passed_s) / np.diff(edges), most
