"""The fixes of one device as arrays, and distances between them."""

from dataclasses import dataclass

import numpy as np

from fleet.arrays import Bools, Floats, Ints
from fleet.earth import M_PER_DEG, distance_m


@dataclass(frozen=True, slots=True)
class Track:
    """Fixes of one device: parallel arrays of one length.

    `ts` is seconds since 1970 (float64), `lat` and `lon` degrees; `speed` is m/s, `odometer` km,
    `ignition` and `movement` 1 for on and 0 for off, `engine_hours` h. A value is NaN where the
    tracker did not send it; a column is None where it never does. A fix whose place is NaN was sent
    without one.
    """

    ts: Floats
    lat: Floats
    lon: Floats
    speed: Floats
    odometer: Floats
    ignition: Floats | None = None
    movement: Floats | None = None
    engine_hours: Floats | None = None

    def __len__(self) -> int:
        return len(self.ts)

    def take(self, index: Ints | Bools | slice) -> "Track":
        """The fixes at `index`."""
        return Track(
            self.ts[index],
            self.lat[index],
            self.lon[index],
            self.speed[index],
            self.odometer[index],
            None if self.ignition is None else self.ignition[index],
            None if self.movement is None else self.movement[index],
            None if self.engine_hours is None else self.engine_hours[index],
        )

    def steps(self) -> Floats:
        """Metres from each fix to the next."""
        return distance_m(self.lat[:-1], self.lon[:-1], self.lat[1:], self.lon[1:])


def join_tracks(one: Track, other: Track) -> Track:
    """The fixes of both, those of `one` first; both have the same columns."""

    def both(first: Floats | None, second: Floats | None) -> Floats | None:
        return None if first is None or second is None else np.concatenate((first, second))

    return Track(
        np.concatenate((one.ts, other.ts)),
        np.concatenate((one.lat, other.lat)),
        np.concatenate((one.lon, other.lon)),
        np.concatenate((one.speed, other.speed)),
        np.concatenate((one.odometer, other.odometer)),
        both(one.ignition, other.ignition),
        both(one.movement, other.movement),
        both(one.engine_hours, other.engine_hours),
    )


def in_order(track: Track) -> Track:
    """The fixes in order of time, one a moment: of several, the first in the track."""
    if np.all(track.ts[1:] > track.ts[:-1]):
        return track
    sorted_track = track.take(np.argsort(track.ts, kind="stable"))
    return sorted_track.take(np.concatenate(([True], np.diff(sorted_track.ts) > 0)))


def diagonals(fixes: Track, first: Ints, last: Ints) -> Floats:
    """Metres of the diagonal of the box around the fixes `first[i]` to `last[i]`, for every i.

    The ranges hold two fixes or more, and may overlap.
    """
    if not len(first):
        return np.empty(0)
    bounds = range_pairs(first, last)

    def extent(values: Floats) -> Floats:
        high = np.maximum(np.maximum.reduceat(values, bounds)[::2], values[last])
        low = np.minimum(np.minimum.reduceat(values, bounds)[::2], values[last])
        return high - low

    width = extent(fixes.lon) * np.cos(np.radians(fixes.lat[first]))
    return np.hypot(extent(fixes.lat), width) * M_PER_DEG


def range_pairs(first: Ints, last: Ints) -> Ints:
    """The ends of ranges as `reduceat` takes them: `first[0], last[0], first[1], last[1]` and so
    on."""
    both = np.empty(2 * len(first), dtype=np.int64)
    both[::2], both[1::2] = first, last
    return both
