"""Logs an outage once when it begins and once when it is over.

Meanwhile every message of every tracker meets the outage, and a line for each would fill the disk.
"""

import structlog

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: Seconds without a failure before an outage counts as over.
QUIET_S = 5.0


class OutageLog:
    """Logs when a service goes away and when it is back, as one listener or writer meets it. Clocks
    are `time.monotonic`."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._failures = 0
        self._began_s = self._failed_s = 0.0

    @property
    def lasting(self) -> bool:
        return self._failures > 0

    def failed(self, error: str, now_s: float) -> None:
        """Note that the service failed, and log it where the outage begins."""
        if not self._failures:
            LOG.warning(f"{self._what} is away", error=error)
            self._began_s = now_s
        self._failures += 1
        self._failed_s = now_s

    def worked(self, now_s: float) -> None:
        """Note that the service worked, and log it where the outage is over."""
        if self._failures and now_s - self._failed_s >= QUIET_S:
            away_s = round(self._failed_s - self._began_s, 1)
            LOG.info(f"{self._what} is back", away_s=away_s, failures=self._failures)
            self._failures = 0
