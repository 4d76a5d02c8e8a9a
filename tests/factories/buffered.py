"""Positions on their way through the buffer."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.settings import Settings
from db.connect import Pool
from fleet.position import Position
from ingest.buffer.stream import (
    Buffer,
)
from ingest.buffer.transfer import Transfer
from ingest.gate.unexpected import UnexpectedErrors
from ingest.store.writer import PositionWriter
from ingest.watch.metrics import Metrics


def positions(count: int, device: str = "d1", **values: Any) -> list[Position]:
    return [
        Position(device=device, ts=START + timedelta(seconds=i), lat=55.77, lon=12.5, **values)
        for i in range(count)
    ]


@asynccontextmanager
async def writing(
    pool: Pool, settings: Settings, buffer: Buffer, metrics: Metrics | None = None
) -> AsyncGenerator[None]:
    """A writer of the cluster in this process."""
    metrics = metrics or Metrics()
    writer = PositionWriter(
        pool,
        metrics,
        rows_max=1_000,
        queue_rows_max=10_000,
        queue_bytes_max=10_000_000,
        wait_max_s=2,
        connections=1,
    )
    transfer = Transfer(buffer, writer, metrics, UnexpectedErrors(metrics), settings)
    committing = asyncio.create_task(writer.run())
    moving = asyncio.create_task(transfer.run())
    try:
        yield
    finally:
        transfer.close()
        await moving
        writer.close()
        await committing


async def stored(pool: Pool, count: int, table: str = "position") -> None:
    async def there() -> bool:
        return await pool.fetchval(f"SELECT count(*) FROM {table}") == count

    await until(there)


START = datetime(2026, 11, 20, 10, tzinfo=UTC)


async def until(condition: Callable[[], Any], seconds: float = 15) -> None:
    for _ in range(int(seconds * 50)):
        found = condition()
        if await found if asyncio.iscoroutine(found) else found:
            return
        await asyncio.sleep(0.02)
    pytest.fail("it did not happen in time")
