"""Tells whether a span of time overlaps with any of many others.

The search is a bisection, for comparing ten thousand spans with ten thousand others would take
minutes.
"""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime
from itertools import accumulate

from register.private_time import Span


class SpanIndex:
    """Spans of time, given in any order, which may overlap each other."""

    def __init__(self, spans: Iterable[Span]) -> None:
        ordered = sorted(spans)
        self._begins = [begins for begins, _ in ordered]
        #: The latest end of each span and all spans before it.
        self._furthest = list(accumulate((ends for _, ends in ordered), max))

    def overlap(self, since: datetime, until: datetime) -> bool:
        """Whether any of the spans begins before `until` and ends after `since`."""
        earlier = bisect_left(self._begins, until)
        return earlier > 0 and self._furthest[earlier - 1] > since
