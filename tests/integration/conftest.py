"""What tests on the database share."""

from collections.abc import AsyncGenerator

import pytest

from db.connect import Pool
from ingest.store.writer import PositionWriter
from optimiser.workers import Workers, open_workers
from tests.factories.driving import DEPOT
from tests.factories.vehicles import put_cars
from tests.factories.writers import writing


@pytest.fixture(scope="session")
async def workers() -> AsyncGenerator[Workers]:
    """Processes for the rounds of all tests: each takes a second to start."""
    async with open_workers() as workers:
        yield workers


@pytest.fixture
async def writer(pool: Pool) -> AsyncGenerator[PositionWriter]:
    """A writer that commits until the test is over."""
    async with writing(pool) as writer:
        yield writer


@pytest.fixture
async def vehicle(pool: Pool) -> str:
    """A vehicle with a tracker at a depot; returns the device."""
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', $1, $2, 150)", *DEPOT)
    await put_cars(pool, "v1")
    await pool.execute("INSERT INTO device (device, vehicle_id) VALUES ('d1', 'v1')")
    return "d1"
