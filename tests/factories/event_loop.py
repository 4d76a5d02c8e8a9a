"""How long a test's event loop did nothing but one thing."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


@asynccontextmanager
async def longest_step() -> AsyncIterator[Callable[[], float]]:
    """Gives how many seconds of processor time the event loop took at most without a pause while
    the context was open: what a loaded machine makes of it says nothing."""
    steps: list[float] = [0.0]

    async def beat() -> None:
        while True:
            began = time.thread_time()
            await asyncio.sleep(0.01)
            steps.append(time.thread_time() - began)

    beating = asyncio.create_task(beat())
    try:
        yield lambda: max(steps)
    finally:
        beating.cancel()
