"""Disturbances of tracks by trackers and networks; each function returns a disturbed copy."""

from dataclasses import replace

import numpy as np

from fleet.arrays import Floats
from fleet.earth import M_PER_DEG
from trips.detect.track import Track


def thin_parked(track: Track, trips: list[tuple[float, float]], heartbeat_s: float) -> Track:
    """The track of a tracker that sends every `heartbeat_s` while parked (inf: never).

    All fixes within a true trip remain. Outside, the first fix of each heartbeat since the arrival
    remains.
    """
    ends = np.array([end for _, end in trips])
    starts = np.array([start for start, _ in trips])
    number = np.searchsorted(starts, track.ts, side="right") - 1
    arrival = np.where(number >= 0, ends[np.maximum(number, 0)], track.ts[0] - 1)
    parked = track.ts > arrival
    beat = np.floor((track.ts - arrival) / heartbeat_s)
    key = np.stack((number.astype(np.float64), beat))
    first = np.concatenate(([False], np.any(key[:, 1:] != key[:, :-1], axis=0))) & (beat >= 1)
    return track.take(~parked | first)


def drift(track: Track, sigma_m: float, rng: np.random.Generator, tau_s: float = 60.0) -> Track:
    """Adds noise of `sigma_m` per axis, correlated over `tau_s` (a first-order process)."""
    kept = np.exp(-np.diff(track.ts, prepend=track.ts[0]) / tau_s)
    fresh = rng.normal(0.0, sigma_m, (2, len(track))) * np.sqrt(1 - kept**2)
    offset = np.zeros((2, len(track)))
    offset[:, 0] = rng.normal(0.0, sigma_m, 2)
    for i in range(1, len(track)):
        offset[:, i] = kept[i] * offset[:, i - 1] + fresh[:, i]
    return _moved(track, offset[0], offset[1])


def noise(track: Track, sigma_m: float, rng: np.random.Generator) -> Track:
    """Adds independent noise of `sigma_m` per axis to every fix."""
    return _moved(track, *rng.normal(0.0, sigma_m, (2, len(track))))


def outliers(track: Track, share: float, rng: np.random.Generator) -> Track:
    """Moves the share `share` of the fixes 500 m to 20 km in any direction."""
    wild = rng.random(len(track)) < share
    angle = rng.uniform(0, 2 * np.pi, len(track))
    far = np.where(wild, np.exp(rng.uniform(np.log(500), np.log(20_000), len(track))), 0)
    return _moved(track, far * np.cos(angle), far * np.sin(angle))


def lose(track: Track, share: float, rng: np.random.Generator) -> Track:
    """Drops the share `share` of the fixes."""
    return track.take(rng.random(len(track)) >= share)


def shuffle(track: Track, rng: np.random.Generator) -> Track:
    """Puts the fixes in random order and repeats a tenth of them."""
    again = rng.integers(0, len(track), len(track) // 10)
    return track.take(rng.permutation(np.concatenate((np.arange(len(track)), again))))


def without_speed(track: Track) -> Track:
    """The track of a tracker that does not send speed."""
    return replace(track, speed=np.full(len(track), np.nan))


def _moved(track: Track, north_m: Floats, east_m: Floats) -> Track:
    return replace(
        track,
        lat=track.lat + north_m / M_PER_DEG,
        lon=track.lon + east_m / (M_PER_DEG * np.cos(np.radians(track.lat))),
    )
