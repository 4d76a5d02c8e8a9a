"""Looks for garbage while nobody waits for it.

Python frees an object when nothing refers to it any more. Objects that refer to each other it must
look for, and while it looks, nothing is answered. How long that takes depends on how many objects
it looks through: a page of a large fleet leaves thousands that refer to each other, and the modules
and templates of a server are hundreds of thousands. So a server looks through what a page left
right after the answer is sent, and not through what was loaded at its start.
"""

import asyncio
import gc

from aiohttp import web
from aiohttp.typedefs import Handler

#: Objects that are made, and not freed yet, before Python itself looks through them in the midst of
#: a request. Answers keep their number far below.
UNASKED_OBJECTS = 500_000

#: Objects through which it is worth looking after an answer; that takes a few milliseconds.
YOUNG_OBJECTS = 2_000

#: After so many of these searches the objects that outlived them are looked through, too.
YOUNG_SEARCHES = 10

#: Seconds after which a server looks through the younger objects without an answer, as one does
#: that only takes positions.
EVERY_S = 60.0

#: After so many of these searches all objects are looked through but those of the start.
WHOLE_EVERY = 60


def leave_out_loaded() -> None:
    """Look through all objects, and leave out those that stay in every later search."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(UNASKED_OBJECTS)


async def look_now_and_then(stopping: asyncio.Event) -> None:
    """Look for garbage every minute until the server is to stop."""
    searches = 0
    while True:
        try:
            async with asyncio.timeout(EVERY_S):
                await stopping.wait()
        except TimeoutError:
            searches += 1
            gc.collect(1 if searches % WHOLE_EVERY else 2)
        else:
            return


@web.middleware
async def look_after_answers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A middleware that looks for what an answer left when it is sent."""
    try:
        return await handler(request)
    finally:
        # The task goes on until it has sent the answer, and the loop turns to this afterwards.
        asyncio.get_running_loop().call_soon(_look)


def _look() -> None:
    young, searches, _ = gc.get_count()
    if young >= YOUNG_OBJECTS:
        gc.collect(0 if searches < YOUNG_SEARCHES else 1)
