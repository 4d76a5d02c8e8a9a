"""Trackers of four protocols: each sends a position every so often, and again what was not
acknowledged."""

import asyncio
import contextlib
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp
import orjson
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from tests.unit.ingest.teltonika_encoder import CODEC_8, Sent, block, frame, login

LON = 12.5

#: A tracker waits so long for an answer before it tries again.
ANSWER_S = 40.0

#: Positions that a tracker sends at a time after it could not send for a while.
BACKLOG_ROWS = 20


def latitude(ts_ms: int) -> float:
    """Where every tracker of a run is at a moment: within a few metres, told by the second."""
    return round(55.77 + ts_ms // 1000 % 1_000 * 1e-6, 6)


@dataclass
class Tracker:
    """One device: the moments of its positions, in ms, that wait and that were acknowledged."""

    device: str
    waiting: list[int] = field(default_factory=list[int])
    acknowledged: list[int] = field(default_factory=list[int])
    answers: int = 0
    failures: int = 0

    def drive(self) -> None:
        """Take a position now."""
        self.waiting.append(time.time_ns() // 1_000_000)

    def batch(self) -> list[int]:
        """The oldest positions that wait."""
        return self.waiting[:BACKLOG_ROWS]

    def done(self, batch: Sequence[int]) -> None:
        """The batch was acknowledged."""
        self.answers += 1
        self.acknowledged += batch
        del self.waiting[: len(batch)]


@dataclass(frozen=True)
class Addresses:
    """Where the service listens, the gateway's key, and the broker's port."""

    http: int
    osmand: int
    teltonika: int
    broker: int
    key: str


class Load:
    """All trackers, until `stop`; each then sends what still waits."""

    def __init__(self, addresses: Addresses, trackers: Sequence[Tracker], every_s: float) -> None:
        self.trackers = trackers
        self._addresses = addresses
        self._every_s = every_s
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Take no more positions."""
        self._stopping.set()

    async def run(self) -> None:
        """Send by the protocol that a device's name begins with."""
        ways = {"http": self._http, "osmand": self._osmand, "35": self._teltonika}
        timeout = aiohttp.ClientTimeout(total=ANSWER_S)
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as group:
            for tracker in self.trackers:
                group.create_task(self._drive(tracker))
                for beginning, way in ways.items():
                    if tracker.device.startswith(beginning):
                        group.create_task(way(tracker, session))
            publishing = [one for one in self.trackers if one.device.startswith("mqtt")]
            group.create_task(self._mqtt(publishing))

    async def _drive(self, tracker: Tracker) -> None:
        while not self._stopping.is_set():
            tracker.drive()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._every_s):
                    await self._stopping.wait()

    def _more(self, tracker: Tracker) -> bool:
        return not self._stopping.is_set() or bool(tracker.waiting)

    async def _http(self, tracker: Tracker, session: aiohttp.ClientSession) -> None:
        url = f"http://127.0.0.1:{self._addresses.http}/v1/positions"
        headers = {"Authorization": f"Bearer {self._addresses.key}"}
        headers["Content-Type"] = "application/json"
        while self._more(tracker):
            batch = tracker.batch()
            body = [
                {"device": tracker.device, "ts": ts, "lat": latitude(ts), "lon": LON}
                for ts in batch
            ]
            answered = None
            if batch:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with session.post(url, data=orjson.dumps(body), headers=headers) as got:
                        answered = got.status
            await self._after(tracker, batch, acknowledged=answered == 200)

    async def _osmand(self, tracker: Tracker, session: aiohttp.ClientSession) -> None:
        url = f"http://127.0.0.1:{self._addresses.osmand}/"
        while self._more(tracker):
            batch = tracker.batch()[:1]
            answered = None
            for ts in batch:
                asked = {"id": tracker.device, "lat": f"{latitude(ts)}", "lon": f"{LON}"}
                asked |= {"timestamp": f"{ts}", "key": self._addresses.key}
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with session.get(url, params=asked) as got:
                        answered = got.status
            await self._after(tracker, batch, acknowledged=answered == 200)

    async def _after(self, tracker: Tracker, batch: Sequence[int], *, acknowledged: bool) -> None:
        if not batch:
            await asyncio.sleep(self._every_s / 4)
        elif acknowledged:
            tracker.done(batch)
        else:
            tracker.failures += 1
            await asyncio.sleep(self._every_s)

    async def _teltonika(self, tracker: Tracker, _: aiohttp.ClientSession) -> None:
        while self._more(tracker):
            writer = None
            try:
                async with asyncio.timeout(ANSWER_S):
                    reader, writer = await asyncio.open_connection(
                        "127.0.0.1", self._addresses.teltonika
                    )
                    writer.write(login(tracker.device))
                    if await reader.readexactly(1) != b"\x01":
                        continue
                while self._more(tracker):
                    batch = tracker.batch()
                    if batch:
                        await self._send_packet(reader, writer, batch)
                    await self._after(tracker, batch, acknowledged=True)
            except (OSError, EOFError):
                await self._after(tracker, [0], acknowledged=False)
            finally:
                if writer is not None:
                    writer.close()

    async def _send_packet(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, batch: Sequence[int]
    ) -> None:
        """Raises OSError or EOFError when it was not acknowledged."""
        records = [
            Sent(
                timestamp_ms=ts,
                lat_e7=round(latitude(ts) * 1e7),
                lon_e7=round(LON * 1e7),
                speed_kmh=0,
            )
            for ts in batch
        ]
        writer.write(frame(block(CODEC_8, records)))
        async with asyncio.timeout(ANSWER_S):
            (count,) = struct.unpack(">I", await reader.readexactly(4))
        if count != len(batch):
            raise ConnectionError(f"{count} of {len(batch)} records were acknowledged")

    async def _mqtt(self, trackers: Sequence[Tracker]) -> None:
        """Publish with QoS 1; what the broker has is acknowledged, and must be stored later."""
        client = Client(CallbackAPIVersion.VERSION2)
        await asyncio.to_thread(client.connect, "127.0.0.1", self._addresses.broker)
        client.loop_start()
        try:
            while any(self._more(one) for one in trackers):
                for tracker in trackers:
                    batch = tracker.batch()
                    if not batch:
                        continue
                    body = [
                        {"device": tracker.device, "ts": ts, "lat": latitude(ts), "lon": LON}
                        for ts in batch
                    ]
                    topic = f"flaade/{tracker.device}/positions"
                    sent = client.publish(topic, orjson.dumps(body), qos=1)
                    if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
                        tracker.failures += 1
                        continue
                    await asyncio.to_thread(sent.wait_for_publish, ANSWER_S)
                    if sent.is_published():
                        tracker.done(batch)
                await asyncio.sleep(self._every_s / 4)
        finally:
            client.disconnect()
            await asyncio.to_thread(client.loop_stop)
