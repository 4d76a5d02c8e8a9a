"""A fleet that sends by the clock from a process of its own.

Each device has a connection of its own and sends one position per request. It sends the next one
when that position is due and the server has answered the last request.
"""

import asyncio
import multiprocessing
import re
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection as Pipe
from typing import Any, NamedTuple, cast

import uvloop

_LENGTH = re.compile(rb"Content-Length: (\d+)", re.IGNORECASE)

#: The pause before a device sends a refused position again.
_AGAIN_S = 1.0


class PostAnswer(NamedTuple):
    """The answer to a post: when the post was due and answered, in seconds after the begin, and how
    often the server refused it before."""

    due_s: float
    answered_s: float
    refused: int


def send_fleet(
    port: int,
    devices: Sequence[tuple[float, Sequence[bytes]]],
    key: str,
    began: float,
    interval_s: float,
) -> list[PostAnswer]:
    """Sends all bodies of every device to a server on loopback.

    Each device sends its first body the given seconds after `began` (`time.time`), and one every
    `interval_s` from then on.
    """
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(
        target=_run, args=(sending, port, devices, key, began, interval_s), daemon=True
    )
    process.start()
    sending.close()  # otherwise this process would wait for a sender that died
    answers = receiving.recv()
    process.join()
    if isinstance(answers, str):
        raise RuntimeError(answers)  # noqa: TRY004 - the error of the other process
    return answers


def _run(
    sending: "Pipe[Any, Any]",
    port: int,
    devices: Sequence[tuple[float, Sequence[bytes]]],
    key: str,
    began: float,
    interval_s: float,
) -> None:
    try:
        sending.send(uvloop.run(_send_all(port, devices, key, began, interval_s)))
    except (OSError, RuntimeError) as error:
        sending.send(f"the load ended early: {error}")


async def _send_all(
    port: int,
    devices: Sequence[tuple[float, Sequence[bytes]]],
    key: str,
    began: float,
    interval_s: float,
) -> list[PostAnswer]:
    answers: list[PostAnswer] = []
    head = (
        b"POST /v1/positions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer %b\r\n" % key.encode()
    )
    loop = asyncio.get_running_loop()
    begins = loop.time() + began - time.time()
    senders = [_Device(first_s, bodies, head, answers, interval_s) for first_s, bodies in devices]
    for sender in senders:
        await loop.create_connection(lambda s=sender: s, "127.0.0.1", port)
    for sender in senders:
        sender.begin(begins)
    for sender in senders:
        await sender.done
    return answers


class _Device(asyncio.Protocol):
    def __init__(
        self,
        first_s: float,
        bodies: Sequence[bytes],
        head: bytes,
        answers: list[PostAnswer],
        interval_s: float,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self._loop.create_future()
        self._due_s = first_s
        self._bodies = iter(bodies)
        self._head = head
        self._answers = answers
        self._interval_s = interval_s
        self._buffer = b""
        self._message = b""
        self._refused = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def begin(self, begins: float) -> None:
        """Sends from the moment `begins` of the loop's clock on."""
        self._begins = begins
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head) if separator else None
        if length is None or len(body) < int(length[1]):
            return
        answer, self._buffer = self._buffer, b""
        if answer.startswith(b"HTTP/1.1 503"):
            self._refused += 1
            self._loop.call_later(_AGAIN_S, self._send)
        elif not answer.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(RuntimeError(answer.decode()))
        else:
            answered_s = self._loop.time() - self._begins
            self._answers.append(PostAnswer(self._due_s, answered_s, self._refused))
            self._due_s += self._interval_s
            self._refused = 0
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError(f"closed by the server: {exc}"))

    def _next(self) -> None:
        body = next(self._bodies, None)
        if body is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._message = b"%bContent-Length: %d\r\n\r\n%b" % (self._head, len(body), body)
        self._loop.call_at(self._begins + self._due_s, self._send)

    def _send(self) -> None:
        self._transport.write(self._message)
