"""Metrics of the work that waits for workers: devices whose trips are to be found, and jobs."""

import asyncio

from procrastinate import App
from procrastinate.exceptions import ConnectorException
from prometheus_client import CollectorRegistry, Gauge

from db.connect import TRY_LATER_ERRORS, Pool
from trips.stored.progress import backlog

#: Seconds between two counts.
COUNT_EVERY_S = 15.0

_STATUSES = ("todo", "doing", "failed")


class WorkerMetrics:
    """Gauges of the waiting work; they keep their last values while the database is away."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._devices = Gauge(
            "flaade_trips_waiting_devices",
            "devices with positions whose trips are still to be found",
            registry=registry,
        )
        self._oldest = Gauge(
            "flaade_trips_waiting_oldest_seconds",
            "how long the longest-waiting of them has been waiting",
            registry=registry,
        )
        self._aside = Gauge(
            "flaade_trips_set_aside_devices",
            "devices whose trips cannot be found, and are tried again later",
            registry=registry,
        )
        self._jobs = Gauge("flaade_jobs", "jobs", ["queue", "status"], registry=registry)

    async def run(self, jobs: App, pool: Pool) -> None:
        """Count every `COUNT_EVERY_S` until cancelled."""
        while True:
            try:
                await self.count(jobs, pool)
            except (*TRY_LATER_ERRORS, ConnectorException):
                pass  # `/readyz` says so
            await asyncio.sleep(COUNT_EVERY_S)

    async def count(self, jobs: App, pool: Pool) -> None:
        """Count the waiting work once."""
        waiting = await backlog(pool)
        self._devices.set(waiting.devices)
        self._oldest.set(waiting.oldest_s)
        self._aside.set(waiting.set_aside)
        queues = await jobs.job_manager.list_queues_async()
        self._jobs.clear()  # jobs that are done are deleted, and their queue with them
        for queue in queues:
            for status in _STATUSES:
                self._jobs.labels(queue["name"], status).set(queue[status])
