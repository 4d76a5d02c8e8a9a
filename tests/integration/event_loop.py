"""How long a test's event loop did nothing but one thing."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


@asynccontextmanager
async def longest_step() -> AsyncIterator[Callable[[], float]]:
    """Gives how many seconds the event loop was held at most while the context was open."""
    steps: list[float] = [0.0]

    async def beat() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.01)
            steps.append(time.perf_counter() - began)

    beating = asyncio.create_task(beat())
    try:
        yield lambda: max(steps)
    finally:
        beating.cancel()
