"""The clock of a search, which tells it when to stop."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Clock:
    """A clock that is over at `end` (of `time.monotonic`), or once `cancelled()` is true."""

    end: float
    cancelled: Callable[[], bool]
    _stopped: bool = False

    def seconds_left(self) -> float:
        """The seconds until the end; 0 when the search must stop."""
        self._stopped = self._stopped or self.cancelled()
        return 0.0 if self._stopped else max(0.0, self.end - time.monotonic())

    @property
    def is_over(self) -> bool:
        return self.seconds_left() == 0

    def for_share(self, share: float) -> "Clock":
        """A clock for `share` of the seconds that are left; it stops when this one does."""
        end = time.monotonic() + share * self.seconds_left()
        return Clock(end=end, cancelled=lambda: self.is_over)
