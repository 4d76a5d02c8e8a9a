"""What tests on the database share."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from db.connect import Pool
from ingest.metrics import Metrics
from ingest.writer import PositionWriter


@pytest.fixture
async def writer(pool: Pool) -> AsyncGenerator[PositionWriter]:
    """A writer that commits until the test is over."""
    writer = PositionWriter(
        pool,
        Metrics(),
        rows_max=5_000,
        queue_rows_max=100_000,
        queue_bytes_max=100_000_000,
        wait_max_s=30,
        connections=2,
    )
    task = asyncio.create_task(writer.run())
    yield writer
    writer.close()
    await task
