"""Peak concurrency: how many vehicles are out at once."""

from collections.abc import Iterable
from datetime import datetime


def peak_out(spans: Iterable[tuple[datetime, datetime]]) -> tuple[int, datetime | None]:
    """The most spans that hold one moment, and the first such moment; (0, None) of none.

    Who comes back at the moment when another leaves does not count.
    """
    events = sorted(event for start, end in spans for event in ((start, 1), (end, -1)))
    out = peak = 0
    peak_at: datetime | None = None
    for moment, change in events:
        out += change
        if out > peak:
            peak, peak_at = out, moment
    return peak, peak_at
