"""Detects a queue that has stopped moving."""

from collections.abc import Hashable


class StallDetector:
    """Detects that the oldest waiting item has not changed for `patience_s`. Clocks are
    `time.monotonic`."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._oldest: Hashable | None = None
        self._since_s = 0.0

    def is_stalled(self, oldest: Hashable | None, now_s: float) -> bool:
        """Whether the oldest waiting item was the same at every call for `patience_s` or longer.

        `oldest` is None where nothing waits, or where it is known what the items wait for.
        """
        if oldest != self._oldest:
            self._oldest = oldest
            self._since_s = now_s
        return oldest is not None and now_s - self._since_s >= self._patience_s
