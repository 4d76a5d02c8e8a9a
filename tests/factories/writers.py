"""A writer of positions that commits for as long as a test needs it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from db.connect import Pool
from ingest.store.writer import PositionWriter
from ingest.watch.metrics import Metrics


@asynccontextmanager
async def writing(
    pool: Pool,
    *,
    rows_max: int = 5_000,
    queue_rows_max: int = 100_000,
    wait_max_s: float = 30,
) -> AsyncGenerator[PositionWriter]:
    """A writer of two connections that runs until the context ends."""
    writer = PositionWriter(
        pool,
        Metrics(),
        rows_max=rows_max,
        queue_rows_max=queue_rows_max,
        queue_bytes_max=100_000_000,
        wait_max_s=wait_max_s,
        connections=2,
    )
    task = asyncio.create_task(writer.run())
    try:
        yield writer
    finally:
        writer.close()
        await task
