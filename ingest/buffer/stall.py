"""Whether what waits longest has stopped moving."""

from collections.abc import Hashable


class Stall:
    """Of one thing that ought to move, looked at now and then. Clocks are `time.monotonic`."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._oldest: Hashable | None = None
        self._since_s = 0.0

    def lasts(self, oldest: Hashable | None, now_s: float) -> bool:
        """Whether the same has waited longest, at every look, for longer than is right.

        None: nothing waits, or it is known what for.
        """
        if oldest != self._oldest:
            self._oldest = oldest
            self._since_s = now_s
        return oldest is not None and now_s - self._since_s >= self._patience_s
