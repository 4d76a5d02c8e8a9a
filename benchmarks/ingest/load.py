"""A light sender in a process of its own, whose messages are made beforehand.

Every connection sends its next message when the server has answered the last, as trackers and
gateways do.
"""

import asyncio
import multiprocessing
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from typing import Any, cast

import uvloop

_LENGTH = re.compile(rb"Content-Length: (\d+)", re.IGNORECASE)
_COUNTS = re.compile(rb'"stored":\s*(\d+),\s*"duplicate":\s*(\d+)')


@dataclass(frozen=True)
class Connection:
    """The messages of a connection: of a Teltonika tracker with `imei`, or else over HTTP."""

    messages: Sequence[bytes]
    imei: str | None = None


@dataclass
class LoadResult:
    """The result of sending: acknowledged positions, and the seconds of each answer."""

    seconds: float = 0.0
    stored: int = 0
    duplicate: int = 0
    answers_s: list[float] = field(default_factory=list[float])

    @property
    def acknowledged(self) -> int:
        return self.stored + self.duplicate


def send(
    host: str, port: int, connections: Sequence[Connection], per_second: float | None = None
) -> LoadResult:
    """Sends all messages from a process of its own, together at most `per_second` of them."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(
        target=_run, args=(sending, host, port, connections, per_second), daemon=True
    )
    process.start()
    sending.close()  # otherwise this process would wait for a sender that died
    load = receiving.recv()
    process.join()
    if isinstance(load, str):
        raise RuntimeError(load)  # noqa: TRY004
    return load


def _run(
    sending: "Pipe[Any, Any]",
    host: str,
    port: int,
    connections: Sequence[Connection],
    per_second: float | None,
) -> None:
    try:
        sending.send(uvloop.run(_send_all(host, port, connections, per_second)))
    except (OSError, RuntimeError) as error:
        sending.send(f"the load ended early: {error}")


async def _send_all(
    host: str, port: int, connections: Sequence[Connection], per_second: float | None
) -> LoadResult:
    load = LoadResult()
    loop = asyncio.get_running_loop()
    # The connections spread their first messages over one interval.
    every_s = None if per_second is None else len(connections) / per_second
    senders: list[_Sender] = []
    for number, connection in enumerate(connections):
        first_s = 0.0 if every_s is None else every_s * number / len(connections)
        _, sender = await loop.create_connection(
            lambda c=connection, f=first_s: _Sender(c, load, f, every_s), host, port
        )
        senders.append(sender)
    for sender in senders:
        await sender.ready
    began = time.perf_counter()
    for sender in senders:
        sender.begin()
    for sender in senders:
        await sender.done
    load.seconds = time.perf_counter() - began
    return load


class _Sender(asyncio.Protocol):
    def __init__(
        self, connection: Connection, load: LoadResult, first_s: float, every_s: float | None
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = self._loop.create_future()
        self.done: asyncio.Future[None] = self._loop.create_future()
        self._messages = iter(connection.messages)
        self._imei = connection.imei
        self._load = load
        self._buffer = b""
        self._sent_at = 0.0
        self._due_s = first_s
        self._every_s = every_s

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if self._imei is None:
            self.ready.set_result(None)
        else:
            self._transport.write(len(self._imei).to_bytes(2) + self._imei.encode())

    def begin(self) -> None:
        self._began = self._loop.time()
        self._send_when_due()

    def data_received(self, data: bytes) -> None:
        if not self.ready.done():
            self.ready.set_result(None)
            return
        self._buffer += data
        if self._imei is not None:
            if len(self._buffer) < 4:
                return
            self._load.stored += int.from_bytes(self._buffer)
        elif not self._read_http():
            return
        self._buffer = b""
        self._load.answers_s.append(self._loop.time() - self._sent_at)
        self._send_when_due()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError(f"closed by the server: {exc}"))

    def _read_http(self) -> bool:
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head) if separator else None
        if length is None or len(body) < int(length[1]):
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(RuntimeError(self._buffer.decode()))
            return False
        if counts := _COUNTS.search(body):
            self._load.stored += int(counts[1])
            self._load.duplicate += int(counts[2])
        return True

    def _send_when_due(self) -> None:
        if self._every_s is None:
            self._send()
        else:
            self._loop.call_at(self._began + self._due_s, self._send)
            self._due_s += self._every_s

    def _send(self) -> None:
        message = next(self._messages, None)
        if message is None:
            self.done.set_result(None)
            self._transport.close()
        else:
            self._sent_at = self._loop.time()
            self._transport.write(message)
