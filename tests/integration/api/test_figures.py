"""What waits for workers is on the page for a monitor."""

from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from api.jobs import jobs_app, queue_round
from api.settings import Settings
from api.worker_metrics import WorkerMetrics
from db.connect import Pool
from register.devices import enrol_device
from tests.factories.actors import SOMEBODY


async def test_devices_and_jobs_that_wait_are_counted(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    registry = CollectorRegistry()
    figures = WorkerMetrics(registry)
    now = datetime.now(UTC)
    await enrol_device(pool, SOMEBODY, "d")
    await pool.execute(
        "INSERT INTO device_state (device, first_ts, last_ts, dirty_from, dirty_to)"
        " VALUES ('d', $1, $1, $1, $1)",
        now,
    )
    todo = {"queue": "round", "status": "todo"}
    async with jobs_app(database_url, pool, settings) as jobs:
        await queue_round(jobs, 1)
        await figures.count(jobs, pool)
        assert registry.get_sample_value("flaade_trips_waiting_devices") == 1
        assert registry.get_sample_value("flaade_jobs", todo) == 1
        await pool.execute("DELETE FROM procrastinate_jobs")
        await figures.count(jobs, pool)
        assert registry.get_sample_value("flaade_jobs", todo) is None
