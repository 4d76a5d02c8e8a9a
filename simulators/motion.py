"""Motion along streets, with corners, signals and finite acceleration.

`Motion` computes all legs at once on one driving clock, leg after leg. A vehicle is at rest at the
start and the end of a leg.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fleet.arrays import Floats, Ints
from simulators.municipality import Driving
from simulators.streets import StreetPath

M_S_PER_KMH = 1 / 3.6


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionStates:
    """Place (x, y in metres), speed, heading and km of vehicles at some moments, as equally long
    arrays."""

    xy: Floats
    kmh: Floats
    heading_deg: Floats
    km: Floats


class Motion:
    """The motion of every leg; `seconds` (rounded up) and `km` have an element for each leg."""

    def __init__(
        self, legs: Sequence[StreetPath], driving: Driving, rng: np.random.Generator
    ) -> None:
        points = np.array([len(leg.xy) for leg in legs], dtype=np.int64)
        last = np.cumsum(points) - 1
        first = last - points + 1
        self._xy = np.concatenate([leg.xy for leg in legs])
        step = np.diff(self._xy, axis=0)
        length = np.linalg.norm(step, axis=1)
        length[last[:-1]] = 0.0  # nobody drives from the end of a leg to the start of the next
        pace = np.exp(-np.abs(rng.normal(0.0, driving.pace_sigma, len(legs))))
        kmh = np.concatenate(
            [np.append(leg.kmh, 1.0) * p for leg, p in zip(legs, pace, strict=True)]
        )
        cruise = kmh[:-1] * M_S_PER_KMH

        corner = _corner_speed(step, length, cruise, driving.corner_share_min)
        waits = rng.random(len(corner)) < driving.signal_share
        waits[first] = waits[last] = False
        wait = np.where(waits, rng.uniform(*driving.signal_wait_s, len(corner)), 0.0)
        corner[waits] = corner[first] = corner[last] = 0.0
        distance = np.concatenate([[0.0], np.cumsum(length)])
        corner = _reachable(corner, distance, driving.accel_m_s2)

        # Four phases a street: speed up, cruise, slow down, wait at the corner.
        accel = driving.accel_m_s2
        u0, u1 = corner[:-1], corner[1:]
        peak = np.sqrt(np.minimum(cruise**2, (2 * accel * length + u0**2 + u1**2) / 2))
        peak = np.maximum(peak, np.maximum(u0, u1))
        up, down = (peak**2 - u0**2) / (2 * accel), (peak**2 - u1**2) / (2 * accel)
        even = np.maximum(length - up - down, 0.0)
        even_s = np.divide(even, peak, out=np.zeros_like(even), where=peak > 0)
        phase_s = np.column_stack([(peak - u0) / accel, even_s, (peak - u1) / accel, wait[1:]])
        clock = np.concatenate([[0.0], np.cumsum(phase_s.ravel())])
        self._phase_start = clock[:-1]
        self._phase_v = np.column_stack([u0, peak, peak, np.zeros_like(u0)]).ravel()
        self._phase_a = np.tile([accel, 0.0, -accel, 0.0], len(length))
        at = distance[:-1]
        self._phase_m = np.column_stack([at, at + up, at + up + even, at + length]).ravel()
        self._distance, self._length, self._step = distance, length, step
        self._heading = np.degrees(np.arctan2(step[:, 0], step[:, 1])) % 360

        self._first, self._last = first, last
        self._leg_start = clock[4 * first]
        self._leg_end = clock[4 * last]
        self.seconds: Ints = np.ceil(self._leg_end - self._leg_start).astype(np.int64)
        self.km: Floats = (distance[last] - distance[first]) / 1000

    def at(self, leg: Ints, seconds: Ints) -> MotionStates:
        """The states of the vehicles on `leg`, `seconds` after each leg started.

        A vehicle is at rest at the end of its leg from the end on.
        """
        clock = self._leg_start[leg] + seconds
        phase = np.searchsorted(self._phase_start, clock, side="right") - 1
        dt = clock - self._phase_start[phase]
        v, a = self._phase_v[phase], self._phase_a[phase]
        arrived = clock >= self._leg_end[leg]
        street = np.where(arrived, self._last[leg] - 1, phase // 4)
        metres = np.where(
            arrived, self._distance[self._last[leg]], self._phase_m[phase] + v * dt + a * dt**2 / 2
        )
        share = np.clip((metres - self._distance[street]) / self._length[street], 0.0, 1.0)
        return MotionStates(
            xy=self._xy[street] + self._step[street] * share[:, None],
            kmh=np.where(arrived, 0.0, np.maximum(v + a * dt, 0.0)) / M_S_PER_KMH,
            heading_deg=self._heading[street],
            km=(metres - self._distance[self._first[leg]]) / 1000,
        )


def _corner_speed(step: Floats, length: Floats, cruise: Floats, share_min: float) -> Floats:
    """Speed in m/s at every point: lower than on its streets, and lower at a sharper turn."""
    before, after = step[:-1], step[1:]
    both = length[:-1] * length[1:]
    cosine = np.divide((before * after).sum(axis=1), both, out=np.ones_like(both), where=both > 0)
    straightness = np.clip((1 + cosine) / 2, 0.0, 1.0)
    share = share_min + (1 - share_min) * straightness
    return np.concatenate([[0.0], share * np.minimum(cruise[:-1], cruise[1:]), [0.0]])


def _reachable(speed: Floats, distance: Floats, accel_m_s2: float) -> Floats:
    """`speed` at the points `distance` (metres), lowered so that `accel_m_s2` is never exceeded."""
    rise = 2 * accel_m_s2 * distance
    square = np.minimum.accumulate(speed**2 - rise) + rise
    square = np.minimum.accumulate((square + rise)[::-1])[::-1] - rise
    return np.sqrt(np.maximum(square, 0.0))
