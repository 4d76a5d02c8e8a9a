"""Waits for a long calculation as long as somebody wants its result."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from db.connect import TRY_LATER_ERRORS
from fleet.outage import OutageLog

Result = TypeVar("Result")

#: The seconds between two looks whether somebody still wants it.
CHECK_S = 0.5


async def while_wanted(
    work: Coroutine[Any, Any, Result], is_wanted: Callable[[], Awaitable[bool]], what: str
) -> Result | None:
    """The result of `work`; None if nobody wants it any more, which the database tells. `what` is
    calculated: the log says it when the database is away."""
    task = asyncio.create_task(work)
    outage = OutageLog(f"the database for {what}")
    try:
        while not (await asyncio.wait([task], timeout=CHECK_S))[0]:
            try:
                if not await is_wanted():
                    return None
                outage.worked(time.monotonic())
            except TRY_LATER_ERRORS as error:  # it may be wanted when the database is back
                outage.failed(str(error), time.monotonic())
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
