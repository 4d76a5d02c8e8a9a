"""A trip as `flaade trips` writes it: one drive from departure to arrival."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One drive of one device. Times are in UTC, coordinates in degrees (WGS 84).

    `start` is the departure and `end` the arrival, not the moment at which the stop was noticed.
    `stop_minutes_after` is the time until the device's next departure, None for the last trip.
    """

    device: str
    start: datetime
    end: datetime
    start_lat: float
    start_lon: float
    end_lat: float
    end_lon: float
    km: float
    stop_minutes_after: float | None = None
