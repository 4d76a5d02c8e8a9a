"""One sender's connection, which is not read further while earlier bytes are being answered.

So a slow database slows the senders down instead of filling memory. Bytes that come meanwhile are
held undecoded. Most senders wait for their answer, so that there are none.
"""

import asyncio
from abc import abstractmethod
from collections.abc import Coroutine
from typing import cast

#: Seconds that messages may wait for their commit when a listener stops.
FINISH_S = 10.0


class Connection(asyncio.Protocol):
    """A connection, which is in `open_connections` while it is open. It closes itself when nothing
    came for `idle_s`."""

    def __init__(self, open_connections: "set[Connection]", idle_s: float) -> None:
        self._open_connections = open_connections
        self._idle_s = idle_s
        self._loop = asyncio.get_running_loop()
        self._answering: asyncio.Task[None] | None = None
        self._held = b""
        self._may_write = True
        self._stopping = False
        self._heard_at = self._loop.time()
        self._idle_timer: asyncio.TimerHandle | None = None

    @abstractmethod
    def take(self, data: bytes) -> Coroutine[None, None, None] | None:
        """Take bytes that came. Returns the work of answering them, which ends with `answered`, or
        None."""

    def answered(self) -> None:
        """Note that the bytes that were taken are answered. The caller then reads on, or closes the
        transport."""
        self._answering = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._open_connections.add(self)
        self._await_data()

    def connection_lost(self, exc: Exception | None) -> None:
        self.leave()

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        if self._answering is not None:
            self._held += data
            self._transport.pause_reading()
        elif answering := self.take(data):
            self._answering = self._loop.create_task(answering)

    def pause_writing(self) -> None:
        self._may_write = False
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._may_write = True
        if not self._stopping and not self._transport.is_closing():
            self._transport.resume_reading()
        self.read_on()

    def read_on(self) -> None:
        """Take the bytes that were held."""
        waiting = self._answering is not None or not self._may_write
        if waiting or self._stopping or self._transport.is_closing():
            return
        held, self._held = self._held, b""
        if held:
            self._transport.resume_reading()
            self.data_received(held)

    def stop_reading(self) -> asyncio.Task[None] | None:
        """Read no more; returns the answering that is under way."""
        self._stopping = True
        if not self._transport.is_closing():
            self._transport.pause_reading()
        return self._answering

    @property
    def transport(self) -> asyncio.Transport | None:
        return self._transport

    def force_close(self) -> None:
        """Close now, to make room for another connection."""
        self._transport.abort()

    def close(self) -> None:
        """Close when the answers that were written are sent."""
        self._transport.close()

    def leave(self) -> None:
        """Note that another protocol serves the connection from now on."""
        self._open_connections.discard(self)
        if self._idle_timer is not None:
            self._idle_timer.cancel()

    def _await_data(self) -> None:
        """Close when nothing came for `idle_s`. There is one timer, which is set again when it is
        due."""
        left = self._heard_at + self._idle_s - self._loop.time()
        if left <= 0 and self._answering is None:
            self._transport.close()
        else:
            self._idle_timer = self._loop.call_later(max(left, 1.0), self._await_data)


async def finish_open(open_connections: set[Connection]) -> None:
    """Read no more, answer what was taken, and close."""
    answering = {task for one in open_connections if (task := one.stop_reading()) is not None}
    if answering:
        await asyncio.wait(answering, timeout=FINISH_S)
    for connection in list(open_connections):
        connection.close()
