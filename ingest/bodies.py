"""Bodies of HTTP requests in memory: how many bytes at a time, and how long a sender may take.

Every byte is charged when it is read, so also what unpacks to more than was announced; a body is
held until it is answered. Of what is not read yet, each connection holds some 100 KB at most.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import web

from ingest.groups import Overloaded
from ingest.metrics import Metrics
from ingest.protocols.refusal import FieldError, Unreadable


class Bodies:
    """The bodies of all requests of one process that are not answered yet."""

    def __init__(
        self, metrics: Metrics, *, each_max: int, together_max: int, wait_max_s: float
    ) -> None:
        self._each_max = each_max
        self._together_max = together_max
        self._wait_max_s = wait_max_s
        self._held = 0
        metrics.body_bytes.set_function(lambda: self._held)

    @asynccontextmanager
    async def read(self, request: web.Request) -> AsyncGenerator[bytes]:
        """The body of a request, unpacked; charged for as long as the context is open.

        Raises:
            Overloaded: other bodies take all the room; the sender is to come back.
            Unreadable: the body does not unpack.
            web.HTTPRequestEntityTooLarge: the body is larger than one may be.
            web.HTTPRequestTimeout: the body did not arrive in time.
        """
        body = bytearray()
        try:
            await self._fill(body, request)
            yield bytes(body)
        finally:
            self._held -= len(body)

    async def _fill(self, body: bytearray, request: web.Request) -> None:
        try:
            async with asyncio.timeout(self._wait_max_s):
                async for chunk in request.content.iter_any():
                    self._charge(body, len(chunk))
                    body += chunk
        except web.RequestPayloadError as error:
            raise Unreadable([FieldError(None, "body", f"does not decompress: {error}")]) from None
        except TimeoutError:
            raise web.HTTPRequestTimeout from None

    def _charge(self, body: bytearray, size: int) -> None:
        if len(body) + size > self._each_max:
            raise web.HTTPRequestEntityTooLarge(self._each_max)
        # A body that is alone may always be read, however small the bound is.
        if self._held > len(body) and self._held + size > self._together_max:
            raise Overloaded(f"requests of {self._held:,} bytes are not answered yet")
        self._held += size
