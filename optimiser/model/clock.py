"""When to stop searching."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Clock:
    """Runs until `end`, on the clock of `time.monotonic`, or until `cancelled` is true once."""

    end: float
    cancelled: Callable[[], bool]
    _stopped: bool = False

    def seconds_left(self) -> float:
        """0 when it is time to stop."""
        self._stopped = self._stopped or self.cancelled()
        return 0.0 if self._stopped else max(0.0, self.end - time.monotonic())

    @property
    def is_over(self) -> bool:
        return self.seconds_left() == 0

    def for_share(self, share: float) -> "Clock":
        """A clock for `share` of the seconds that are left; it stops when this one does."""
        end = time.monotonic() + share * self.seconds_left()
        return Clock(end=end, cancelled=lambda: self.is_over)
