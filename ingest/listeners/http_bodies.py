"""Bounds the memory that the bodies of HTTP requests take, and the time that a sender may take for
a body.

Every byte counts from the moment it is read, so that a body that unpacks to more than was announced
counts in full. A body counts until its request is answered. Each connection holds at most some 100
KB that are not read yet.
"""

import asyncio

from aiohttp import web

from ingest.gate.receipt import Overloaded
from ingest.protocols.mistake import Mistake
from ingest.protocols.unreadable import Unreadable, unreadable
from ingest.watch.metrics import Metrics


class PendingBodies:
    """The bodies of all requests of one process that are not answered yet."""

    def __init__(
        self, metrics: Metrics, *, each_max_bytes: int, together_max_bytes: int, wait_max_s: float
    ) -> None:
        #: Bytes that one body may have.
        self.each_max_bytes = each_max_bytes
        self._together_max_bytes = together_max_bytes
        self._wait_max_s = wait_max_s
        self._held = 0
        metrics.body_bytes.set_function(lambda: self._held)

    async def read(self, request: web.Request, each_max_bytes: int | None = None) -> bytes:
        """Read the body of a request, unpacked. It counts until `answered`, unless this raises.

        `each_max_bytes` is the bound for a sender that may send less than others.

        Raises:
            Overloaded: other bodies take all the room; the sender is to come back.
            Unreadable: the body does not unpack, or its sender hung up.
            web.HTTPRequestEntityTooLarge: the body is larger than one may be.
            web.HTTPRequestTimeout: the body did not arrive in time.
        """
        most = (
            self.each_max_bytes
            if each_max_bytes is None
            else min(each_max_bytes, self.each_max_bytes)
        )
        body = bytearray()
        complete = False
        try:
            if request.content.is_eof():  # most arrive with their headers
                self._take(body, request.content.read_nowait(), most)
            else:
                async with asyncio.timeout(self._wait_max_s):
                    async for chunk in request.content.iter_any():
                        self._take(body, chunk, most)
                        await asyncio.sleep(0)  # a packed body comes without a pause between chunks
            complete = True
        except web.RequestPayloadError:
            raise _why_broken(request) from None
        except ConnectionError:  # the sender hung up, which says nothing of the database
            raise unreadable(None, "body", Mistake.INCOMPLETE) from None
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        finally:
            if not complete:
                self.answered(body)
        return bytes(body)

    def hold(self, body: bytes) -> None:
        """Count a body that came in one piece, until `answered`.

        Raises:
            Overloaded: as for `read`.
        """
        if self._held and self._held + len(body) > self._together_max_bytes:
            raise Overloaded(f"requests of {self._held:,} bytes are not answered yet")
        self._held += len(body)

    def answered(self, body: bytes | bytearray) -> None:
        """Stop counting a body whose request is answered."""
        self._held -= len(body)

    def _take(self, body: bytearray, chunk: bytes, most: int) -> None:
        size = len(chunk)
        if len(body) + size > most:
            raise web.HTTPRequestEntityTooLarge(most, text=f"{most:,} bytes")
        # A body that is alone may always be read, however small the bound is.
        if self._held > len(body) and self._held + size > self._together_max_bytes:
            raise Overloaded(f"requests of {self._held:,} bytes are not answered yet")
        self._held += size
        body += chunk


def _why_broken(request: web.Request) -> Unreadable:
    """The mistake in a body that does not arrive as its headers announce it."""
    encoding = request.headers.get("Content-Encoding", "").lower()
    if encoding in ("gzip", "deflate"):
        return unreadable(None, "body", Mistake.NOT_UNPACKED, encoding=encoding)
    return unreadable(None, "body", Mistake.INCOMPLETE)
