"""Bounds the time in which the body of a request must arrive: some seconds for a form, and as long
as it makes progress for a large file. Telemetry has bounds of its own
(`ingest/listeners/http_bodies.py`)."""

import asyncio
from dataclasses import dataclass

from aiohttp import StreamReader, web
from aiohttp.typedefs import Handler, Middleware
from aiohttp.web_exceptions import HTTPRequestTimeout

from ingest.listeners.http import TELEMETRY_PATHS


@dataclass(frozen=True, slots=True)
class BodyPace:
    """The seconds that a body may take: `first_s`, and `byte_s` more for each byte that has
    arrived."""

    first_s: float
    byte_s: float


class _TooSlowError(TimeoutError):
    """A body takes longer than it may."""


def body_within_pace(pace: BodyPace) -> Middleware:
    """A middleware that answers 408 to a sender who is slower than `pace`, and nothing to one who
    hangs up: what is left of the body then cannot be read, be it that it has arrived."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        content = request.content
        if request.path in TELEMETRY_PATHS:
            return await handler(request)
        late = None if content.is_eof() else asyncio.create_task(_end_when_late(content, pace))
        try:
            return await handler(request)
        except _TooSlowError:
            raise HTTPRequestTimeout(text="the body did not arrive in time\n") from None
        except (OSError, web.RequestPayloadError):
            if content.exception() is None:  # the error came from elsewhere
                raise
            raise web.HTTPBadRequest(text="the body broke off, or does not decompress\n") from None
        finally:
            if late is not None:
                late.cancel()

    return middleware


async def _end_when_late(content: StreamReader, pace: BodyPace) -> None:
    """Make the reader of the body fail once the body takes too long."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    while not content.is_eof():
        left_s = began_s + pace.first_s + content.total_bytes * pace.byte_s - loop.time()
        if left_s <= 0:
            content.set_exception(_TooSlowError())
            return
        await asyncio.sleep(max(left_s, 0.1))
