"""Positions of one device to trips: departure, arrival, distance.

The method, in the order of `detect`:

1. `clean`: sort, keep one fix a moment, take out single wild fixes.
2. `_stays`: a stay is where the vehicle kept within `stop_radius_m` for most of `stop_s`, seen by
   fixes or through a silence; several boxes in a row make one stay.
3. `_edge`: the moments at which the vehicle really stood still and moved again, found at the
   stay's edges from distance and speed, not the moment at which it was noticed.
4. What lies between two stays that last `stop_s` or more is a trip, when it went anywhere.

Every step looks at a bounded neighbourhood, so a track may be cut inside any stay and detected in
parts (`trips.service`). Pure: takes and returns plain values.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Metres per degree of latitude on a sphere of 6,371 km.
M_PER_DEG = 6_371_000 * np.pi / 180

#: A stay is first looked for with this share of `stop_s`, because the box also holds the first and
#: last metres of driving; the exact duration decides afterwards.
WINDOW_SHARE = 0.7

#: Below this speed, in m/s, a vehicle stands: receivers report up to walking pace when parked.
SLOW_MS = 1.5

#: Standing fixes lie within this share of `stop_radius_m` from their middle.
STANDING_SHARE = 0.3

#: Speed in m/s at which the last metres before a stop are taken to be driven at least, and the
#: acceleration in m/s2 of a vehicle in town.
CRAWL_MS = 4.0
BRAKE_MS2 = 2.0


@dataclass(frozen=True, slots=True)
class TripParameters:
    """What counts as a stop and as a trip. The defaults suit cars and vans.

    Attributes:
        stop_s: a stop of this many seconds ends a trip.
        stop_radius_m: a standing vehicle's fixes lie within a box of this diagonal.
        trip_min_m: the least extent of a trip; less is a parked tracker's drift.
        silence_speed_ms: a vehicle that was silent for `stop_s` or more and comes back this fast or
            faster, measured as the crow flies, was driving through; slower, it had stopped.
        speed_max_ms: fixes further apart than this allows are an error of the receiver.
    """

    stop_s: float = 300.0
    stop_radius_m: float = 80.0
    trip_min_m: float = 150.0
    silence_speed_ms: float = 3.0
    speed_max_ms: float = 70.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, got {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class Track:
    """Fixes of one device: parallel arrays of one length.

    `ts` is seconds since 1970 (float64), `lat` and `lon` degrees; `speed` is m/s, `odometer` km,
    and NaN where the tracker did not send it.
    """

    ts: Floats
    lat: Floats
    lon: Floats
    speed: Floats
    odometer: Floats

    def __len__(self) -> int:
        return len(self.ts)

    def take(self, index: Ints | Bools) -> "Track":
        """The fixes at `index`."""
        return Track(
            self.ts[index],
            self.lat[index],
            self.lon[index],
            self.speed[index],
            self.odometer[index],
        )


class DetectedTrip(NamedTuple):
    """A trip in the units of `Track`; `km` is driven distance."""

    start: float
    end: float
    start_lat: float
    start_lon: float
    end_lat: float
    end_lon: float
    km: float


class _Stay(NamedTuple):
    first: int
    last: int
    arrival: float
    departure: float


def detect(track: Track, parameters: TripParameters) -> list[DetectedTrip]:
    """The trips in a track, in order. Fixes may come in any order and more than once."""
    fixes = clean(track, parameters)
    if len(fixes) < 2:
        return []
    stays = _stays(fixes, parameters)
    trips: list[DetectedTrip] = []
    begin = 0
    departure = float(fixes.ts[0])
    for stay in stays:
        if stay.first > begin or stay.arrival > departure:
            trips += _trip(fixes, begin, stay.first, departure, stay.arrival, parameters)
        begin, departure = stay.last, stay.departure
    if begin < len(fixes) - 1:
        end = float(fixes.ts[-1])
        trips += _trip(fixes, begin, len(fixes) - 1, departure, end, parameters)
    return trips


def clean(track: Track, parameters: TripParameters) -> Track:
    """The fixes in order of time, one a moment, without single wild ones.

    A fix is wild when the vehicle would have had to go out to it and straight back: both its
    neighbours are near each other and far from it, or cannot be reached at `speed_max_ms`.
    """
    order = np.argsort(track.ts, kind="stable")
    fixes = track.take(order)
    fixes = fixes.take(np.concatenate(([True], np.diff(fixes.ts) > 0)) if len(fixes) else order)
    if len(fixes) < 3:
        return fixes
    step = _distance(fixes.lat[:-1], fixes.lon[:-1], fixes.lat[1:], fixes.lon[1:])
    skip = _distance(fixes.lat[:-2], fixes.lon[:-2], fixes.lat[2:], fixes.lon[2:])
    seconds = np.diff(fixes.ts)
    near = np.minimum(step[:-1], step[1:])
    out_and_back = (near > parameters.stop_radius_m) & (skip < 0.25 * near)
    speed = step / seconds
    unreachable = (
        (speed[:-1] > parameters.speed_max_ms)
        & (speed[1:] > parameters.speed_max_ms)
        & (skip <= parameters.speed_max_ms * (seconds[:-1] + seconds[1:]))
    )
    keep = np.ones(len(fixes), dtype=np.bool_)
    keep[1:-1] = ~(out_and_back | unreachable)
    return fixes.take(keep)


def _stays(fixes: Track, parameters: TripParameters) -> list[_Stay]:
    """The stays that last `stop_s` or more, with their exact times."""
    stays: list[_Stay] = []
    slow = _slow(fixes)
    for first, last in _stationary_runs(fixes, parameters):
        arrival_at, arrival = _edge(fixes, range(first, last + 1), slow, parameters)
        departure_at, departure = _edge(fixes, range(last, first - 1, -1), slow, parameters)
        if departure - arrival >= parameters.stop_s and departure_at >= arrival_at:
            stays.append(_Stay(arrival_at, departure_at, arrival, departure))
    return stays


def _stationary_runs(fixes: Track, parameters: TripParameters) -> list[tuple[int, int]]:
    """Index ranges [first, last] that are covered by stationary windows."""
    ts, n = fixes.ts, len(fixes)
    here = np.arange(n)
    # Up to the first fix after the window: what happened in a silence, the next fix tells.
    until = np.minimum(
        np.searchsorted(ts, ts + WINDOW_SHARE * parameters.stop_s, side="left"), n - 1
    )
    long_enough = ts[until] - ts >= WINDOW_SHARE * parameters.stop_s
    height = _window_extent(fixes.lat, here, until) * M_PER_DEG
    width = _window_extent(fixes.lon, here, until) * M_PER_DEG * np.cos(np.radians(fixes.lat))
    stationary = long_enough & (np.hypot(height, width) <= parameters.stop_radius_m)

    # A silence that the vehicle did not drive through: one step of `stop_s` or more, slower than
    # driving, though the first fix after it may be some way down the road.
    seconds = np.diff(ts)
    step = _distance(fixes.lat[:-1], fixes.lon[:-1], fixes.lat[1:], fixes.lon[1:])
    silent = (seconds >= WINDOW_SHARE * parameters.stop_s) & (
        step < parameters.silence_speed_ms * seconds
    )
    ends = np.where(stationary, until, here)
    ends[:-1] = np.where(silent, np.maximum(ends[:-1], here[1:]), ends[:-1])
    starts_window = stationary.copy()
    starts_window[:-1] |= silent

    # Union of the windows [i, ends[i]]: a run ends where no window from before reaches further.
    reach = np.maximum.accumulate(np.where(starts_window, ends, -1))
    inside = reach >= here
    joined = reach[:-1] >= here[1:]
    first = np.flatnonzero(inside & np.concatenate(([True], ~joined)))
    last = np.flatnonzero(inside & np.concatenate((~joined, [True])))
    return list(zip(first.tolist(), last.tolist(), strict=True))


def _slow(fixes: Track) -> Bools:
    """Which fixes are of a standing vehicle: by the tracker's speed, else by the steps around."""
    step = _distance(fixes.lat[:-1], fixes.lon[:-1], fixes.lat[1:], fixes.lon[1:])
    pace = step / np.diff(fixes.ts)
    slower = np.minimum(np.append(pace, np.inf), np.append(np.inf, pace))
    return np.where(np.isnan(fixes.speed), slower, fixes.speed) < SLOW_MS


def _edge(
    fixes: Track, inward: range, slow: Bools, parameters: TripParameters
) -> tuple[int, float]:
    """The outermost standing fix of a run, and when the vehicle came to stand or left there.

    `inward` lists the run's fixes from the edge inwards: upwards for an arrival, downwards for a
    departure. The moment is found from the last moving fix before it: the distance that is left,
    at that fix's speed, and the time to brake or accelerate.
    """
    direction = inward.step
    index = np.arange(inward.start, inward.stop, direction)
    near = np.abs(fixes.ts[index] - fixes.ts[index[0]]) <= WINDOW_SHARE * parameters.stop_s
    standing = index[near & slow[index]]
    if not len(standing):
        standing = index[slow[index]][:1]  # the edge of a silence: the next one inside tells
    if not len(standing):
        return int(index[0]), float(fixes.ts[index[0]])
    lat, lon = float(np.median(fixes.lat[standing])), float(np.median(fixes.lon[standing]))
    away = _distance(fixes.lat[standing], fixes.lon[standing], lat, lon)
    close = standing[away <= STANDING_SHARE * parameters.stop_radius_m]
    at = int(close[0] if len(close) else standing[0])
    moving = at - direction
    if not 0 <= moving < len(fixes):
        return at, float(fixes.ts[at])
    rest_m = float(_distance(fixes.lat[moving], fixes.lon[moving], lat, lon))
    speed = float(fixes.speed[moving])
    if np.isnan(speed):
        beyond = min(max(moving - direction, 0), len(fixes) - 1)
        seconds = abs(float(fixes.ts[beyond] - fixes.ts[moving])) or 1.0
        there, back = fixes.take(np.array([beyond])), fixes.take(np.array([moving]))
        speed = float(_distance(there.lat, there.lon, back.lat, back.lon)[0]) / seconds
    speed = max(speed, CRAWL_MS)
    travel_s = rest_m / speed + speed / (2 * BRAKE_MS2)
    gap_s = abs(float(fixes.ts[at] - fixes.ts[moving]))
    return at, float(fixes.ts[moving]) + direction * min(travel_s, gap_s)


def _trip(
    fixes: Track, begin: int, end: int, departure: float, arrival: float, p: TripParameters
) -> list[DetectedTrip]:
    """The trip from fix `begin` to fix `end`, or none when the vehicle did not go anywhere."""
    lat, lon = fixes.lat[begin : end + 1], fixes.lon[begin : end + 1]
    height = float(np.ptp(lat)) * M_PER_DEG
    width = float(np.ptp(lon)) * M_PER_DEG * float(np.cos(np.radians(lat[0])))
    if np.hypot(height, width) < p.trip_min_m or arrival <= departure:
        return []
    path_km = float(np.sum(_distance(lat[:-1], lon[:-1], lat[1:], lon[1:]))) / 1000
    driven_km = float(fixes.odometer[end] - fixes.odometer[begin])
    # A counter that went backwards or ran far from the path was reset, or is another vehicle's.
    sane = 0.8 * path_km - 1 <= driven_km <= 1.5 * path_km + 1
    return [
        DetectedTrip(
            departure,
            arrival,
            float(lat[0]),
            float(lon[0]),
            float(lat[-1]),
            float(lon[-1]),
            driven_km if sane else path_km,
        )
    ]


def _window_extent(values: Floats, first: Ints, last: Ints) -> Floats:
    """max - min of `values[first[i] : last[i] + 1]` for every i, by doubling windows."""
    extent = np.zeros(len(first))
    length = last - first + 1
    highest, lowest = values.copy(), values.copy()
    width = 1
    while True:
        # Two windows of `width` cover a range of `width` to 2 `width`.
        at = np.flatnonzero((length >= width) & (length < 2 * width))
        a, b = first[at], last[at] - width + 1
        extent[at] = np.maximum(highest[a], highest[b]) - np.minimum(lowest[a], lowest[b])
        if width * 2 > len(values) or not np.any(length >= 2 * width):
            return extent
        highest = np.maximum(highest[:-width], highest[width:])
        lowest = np.minimum(lowest[:-width], lowest[width:])
        width *= 2


def _distance(
    lat_a: Floats | float, lon_a: Floats | float, lat_b: Floats | float, lon_b: Floats | float
) -> Floats:
    """Metres between points that are near each other (equirectangular)."""
    x = np.subtract(lon_b, lon_a) * np.cos(np.radians(np.add(lat_a, lat_b) / 2))
    return np.hypot(x, np.subtract(lat_b, lat_a)) * M_PER_DEG
