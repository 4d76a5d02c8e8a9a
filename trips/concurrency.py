"""How many vehicles are out at a time: the peak and its moments, and the curve of an ordinary day.

Works on spans: departures and returns, seconds since 1970, one row a round trip. Who comes back at
a moment frees the vehicle for who leaves at the same moment.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


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


def levels(spans: Floats) -> Levels:
    """The steps of the number of `spans` (n starts and ends) that hold a moment."""
    moments = spans[spans[:, 1] > spans[:, 0]].T.ravel()
    change = np.repeat((1, -1), len(moments) // 2)
    at, place = np.unique(moments, return_inverse=True)
    net = np.bincount(place, weights=change, minlength=len(at)).astype(np.int64)
    return Levels(at, np.cumsum(net))


def peak(steps: Levels) -> Peak | None:
    """The peak, or None when nothing was ever out."""
    if not len(steps.at):
        return None
    most = int(steps.out.max())
    high = np.flatnonzero(steps.out == most)
    spans = np.stack((steps.at[high], steps.at[high + 1]), axis=1)
    # Level again after a change of crew: one stretch, not two.
    apart = np.concatenate(([True], spans[1:, 0] > spans[:-1, 1]))
    first = np.flatnonzero(apart)
    return Peak(
        most, np.stack((spans[first, 0], spans[np.append(first[1:], len(spans)) - 1, 1]), 1)
    )


def within(steps: Levels, edges: Floats) -> tuple[Floats, Ints]:
    """Mean over time, and most, of vehicles out between neighbours of the ascending `edges`."""
    if not len(steps.at):
        return np.zeros(len(edges) - 1), np.zeros(len(edges) - 1, dtype=np.int64)
    # The level at every edge, and the steps between: each slot then is a run of both.
    at = np.concatenate((edges[:-1], steps.at))
    before = np.searchsorted(steps.at, edges[:-1], side="right") - 1
    out = np.concatenate((np.where(before >= 0, steps.out[before], 0), steps.out))
    kept = (at >= edges[0]) & (at < edges[-1])
    order = np.flatnonzero(kept)[np.argsort(at[kept], kind="stable")]
    at, out = at[order], out[order]
    first = np.searchsorted(at, edges[:-1])
    vehicle_s = np.add.reduceat(out * np.diff(np.append(at, edges[-1])), first)
    return vehicle_s / np.diff(edges), np.maximum.reduceat(out, first)
