"""Drives of a vehicle on a plane, as the fixes of its tracker."""

import numpy as np

from fleet.earth import M_PER_DEG
from trips.detect.track import Track

LAT, LON = 55.77, 12.50
NOON = 1_790_000_000.0


class Drive:
    """Builds a track going north: `stand` and `go` add fixes, one every `every_s`."""

    def __init__(self, every_s: float = 10.0) -> None:
        self.every_s = every_s
        self.t, self.north_m = NOON, 0.0
        self.rows: list[tuple[float, float, float]] = []

    def stand(self, seconds: float, every_s: float | None = None) -> "Drive":
        until = self.t + seconds
        while self.t < until:
            self.rows.append((self.t, self.north_m, 0.0))
            self.t += every_s or self.every_s
        return self

    def go(self, seconds: float, speed_ms: float = 10.0) -> "Drive":
        until = self.t + seconds
        while self.t < until:
            self.north_m += speed_ms * self.every_s
            self.rows.append((self.t, self.north_m, speed_ms))
            self.t += self.every_s
        return self

    def silence(self, seconds: float) -> "Drive":
        self.t += seconds
        return self

    def track(self, *, with_speed: bool = True, odometer: bool = False) -> Track:
        ts, north_m, speed = (
            np.array(column, dtype=np.float64) for column in zip(*self.rows, strict=True)
        )
        nothing = np.full(len(ts), np.nan)
        return Track(
            ts,
            LAT + north_m / M_PER_DEG,
            np.full(len(ts), LON),
            speed if with_speed else nothing,
            north_m / 1000 + 500 if odometer else nothing,
        )
