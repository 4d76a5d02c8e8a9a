"""Many spans of time, asked for each of many others whether any of them meets it: by bisection, for
comparing all with all takes minutes where each are some ten thousand."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime
from itertools import accumulate

from register.private_time import Span


class Spans:
    """Spans in any order, which may overlap each other."""

    def __init__(self, spans: Iterable[Span]) -> None:
        ordered = sorted(spans)
        self._begins = [begins for begins, _ in ordered]
        #: The latest end of all spans up to each.
        self._furthest = list(accumulate((ends for _, ends in ordered), max))

    def meet(self, since: datetime, until: datetime) -> bool:
        """Whether any of them begins before `until` and ends after `since`."""
        earlier = bisect_left(self._begins, until)
        return earlier > 0 and self._furthest[earlier - 1] > since
