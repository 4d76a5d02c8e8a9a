"""A Mosquitto of a test's own: on loopback, its log in a folder that goes with the test."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest
from paho.mqtt.client import Client, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")

NO_MOSQUITTO = "Mosquitto is not installed (Debian package mosquitto)"


class Broker:
    """A running broker; its log says what it received."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self._log = log

    def subscribed(self) -> bool:
        """Whether the server has its subscription."""
        return "Sending SUBACK to flaade" in self._log.read_text()

    def acknowledged(self) -> int:
        """How many messages the server has acknowledged."""
        return self._log.read_text().count("Received PUBACK from flaade")

    async def publish(self, topic: str, body: object, qos: int = 1) -> None:
        """Publish and wait until the broker has it."""

        def send() -> None:
            client = Client(CallbackAPIVersion.VERSION2)
            client.connect("127.0.0.1", self.port)
            client.loop_start()
            payload = body if isinstance(body, bytes) else orjson.dumps(body)
            sent: MQTTMessageInfo = client.publish(topic, payload, qos)
            sent.wait_for_publish(10)
            client.disconnect()
            client.loop_stop()

        await asyncio.to_thread(send)


@asynccontextmanager
async def broker_on(port: int, directory: Path, log_type: str = "all") -> AsyncGenerator[Broker]:
    """Run a broker that keeps every message for a session that is away."""
    assert MOSQUITTO is not None
    log = directory / "mosquitto.log"
    config = directory / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nlog_type {log_type}\n"
        "max_queued_messages 0\n"
    )
    with log.open("ab") as sink:
        process = await asyncio.create_subprocess_exec(MOSQUITTO, "-c", config, stderr=sink)
    try:
        await listening(port)
        yield Broker(port, log)
    finally:
        process.terminate()
        await process.wait()


async def listening(port: int) -> None:
    """Wait until something listens on a port of loopback, at most a minute."""

    async def answers() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    for _ in range(600):
        if await answers():
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"nothing listened on port {port} within a minute")


async def until(condition: Callable[[], bool]) -> None:
    """Wait for it, at most a minute: machines that test are busy."""
    for _ in range(3_000):
        if condition():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it did not come to pass within a minute")
