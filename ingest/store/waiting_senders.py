"""Keeps the senders that wait for their commit, and gives up those that have waited too long."""

import asyncio
import time
from collections import deque

from ingest.gate.receipt import Overloaded, Receipt


class WaitingSenders:
    """Tells a sender to send again when its commit takes longer than `wait_max_s`."""

    def __init__(self, wait_max_s: float) -> None:
        self._wait_max_s = wait_max_s
        #: The moment (`time.monotonic`) since which each sender waits, and its receipt; the
        #: longest-waiting sender is first.
        self._waiting: deque[tuple[float, asyncio.Future[Receipt]]] = deque()
        #: The timer for the moment when the longest-waiting sender will have waited too long.
        self._timer: asyncio.TimerHandle | None = None

    def add(self, receipt: asyncio.Future[Receipt], came_s: float) -> None:
        """Note that a sender waits for its receipt since `came_s`."""
        self._drop_answered()
        self._waiting.append((came_s, receipt))
        if self._timer is None:
            self._give_up()

    def longest_s(self) -> float:
        """The seconds for which the longest-waiting sender has waited."""
        self._drop_answered()
        return time.monotonic() - self._waiting[0][0] if self._waiting else 0.0

    def _drop_answered(self) -> None:
        while self._waiting and self._waiting[0][1].done():
            self._waiting.popleft()

    def _give_up(self) -> None:
        """End the waiting of senders that waited too long, and set the timer for the next one."""
        latest_s = time.monotonic() - self._wait_max_s
        while self._waiting and (self._waiting[0][1].done() or self._waiting[0][0] <= latest_s):
            _, receipt = self._waiting.popleft()
            if not receipt.done():
                # The commit may still happen; sent again, the rows are duplicates.
                receipt.set_exception(Overloaded(f"no commit within {self._wait_max_s:g} s"))
        self._timer = None
        if self._waiting:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._waiting[0][0] - latest_s, self._give_up)
