"""Peak concurrency: the largest number of vehicles that are out at once."""

from collections.abc import Iterable
from datetime import datetime


def peak_out(spans: Iterable[tuple[datetime, datetime]]) -> tuple[int, datetime | None]:
    """The peak concurrency of `spans`, each from the departure to the return of a vehicle.

    A vehicle that returns at the moment at which another leaves does not overlap it.

    Returns:
        The largest number of spans at one moment, and the first such moment; (0, None) without
        spans.
    """
    events = sorted(event for start, end in spans for event in ((start, 1), (end, -1)))
    out = peak = 0
    peak_at: datetime | None = None
    for moment, change in events:
        out += change
        if out > peak:
            peak, peak_at = out, moment
    return peak, peak_at
