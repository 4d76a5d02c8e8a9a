"""An MQTT subscription, whose messages are acknowledged (QoS 1) after their commit, in the order
received.

The broker knows its publishers, and its access rules say who may publish under which topic; here a
topic may send for the one device that it names. The broker keeps messages that are not
acknowledged, and sends them again when the session is resumed. Where nothing can be stored, the
session is therefore left and resumed after a pause.
"""

import asyncio
from contextlib import suppress
from urllib.parse import unquote, urlsplit

import structlog
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.gate.detail import TOPIC
from ingest.gate.receipt import Overloaded
from ingest.gate.sender import Sender
from ingest.gate.stranger_quota import StrangerQuotaExceeded
from ingest.gate.unexpected import UnexpectedError
from ingest.listeners.listener_context import ListenerContext
from ingest.protocols import positions
from ingest.protocols.protocol_names import MQTT
from ingest.protocols.unreadable import Unreadable
from ingest.settings import IngestSettings

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

DEVICE = "{device}"
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_KEEPALIVE_S = 60
_RETRY_MIN_S = 1.0

#: The most bytes that a message has beside its content.
_TOPIC_MAX_BYTES = 66_000


class _SessionEnded(Exception):  # noqa: N818 - the condition; the next session follows
    """The broker is away or refused us, or nothing can be stored now, so that the broker has to
    keep its messages."""


class TopicTemplate:
    """The topic of a subscription, such as `flaade/{device}/positions`, maybe after
    `$share/<group>/`."""

    def __init__(self, template: str) -> None:
        self.filter = template.replace(DEVICE, "+")
        levels = template.split("/")
        # Messages come without the prefix of a shared subscription.
        self._level = levels.index(DEVICE) - (2 if levels[0] == "$share" else 0)

    def device(self, topic: str) -> str:
        """The device in the topic of a message."""
        return topic.split("/")[self._level]


class MqttSubscriber:
    """Takes the messages of one subscription to the intake, session after session."""

    def __init__(self, context: ListenerContext, settings: IngestSettings, url: str) -> None:
        self._intake = context.intake
        self._metrics = context.metrics
        self._unexpected = context.unexpected
        self._settings = settings
        self._url = urlsplit(url)
        self._topic = TopicTemplate(settings.mqtt_topic)
        self._pause_s = _RETRY_MIN_S

    async def run(self) -> None:
        """Run session after session until cancelled; the pause between two doubles up to the
        setting."""
        while True:
            try:
                await self._session()
            except _SessionEnded as ended:
                LOG.warning("mqtt session ended", reason=str(ended), pause_s=self._pause_s)
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(2 * self._pause_s, self._settings.mqtt_retry_max_s)

    async def _session(self) -> None:
        arrived: asyncio.Queue[MQTTMessage | _SessionEnded] = asyncio.Queue()
        client = self._client(arrived)
        try:
            await asyncio.to_thread(self._connect, client)
        except (OSError, ValueError) as error:
            raise _SessionEnded(f"no connection: {error}") from None
        client.loop_start()
        try:
            while True:
                batch = [await arrived.get()]
                while not arrived.empty():
                    batch.append(arrived.get_nowait())
                await self._take_all(client, batch)
        finally:
            await asyncio.to_thread(_leave, client)

    async def _take_all(self, client: Client, batch: list[MQTTMessage | _SessionEnded]) -> None:
        messages = [item for item in batch if isinstance(item, MQTTMessage)]
        outcomes = await asyncio.gather(*map(self._take, messages), return_exceptions=True)
        for message, outcome in zip(messages, outcomes, strict=True):
            if isinstance(outcome, Overloaded | UnexpectedError):  # it could not even be kept
                raise _SessionEnded(str(outcome))
            if outcome is not None:
                raise outcome
            if message.qos:
                client.ack(message.mid, message.qos)
            self._pause_s = _RETRY_MIN_S
        for item in batch:
            if isinstance(item, _SessionEnded):
                raise item

    async def _take(self, message: MQTTMessage) -> None:
        device = self._topic.device(message.topic)
        payload = bytes(message.payload)
        sender = Sender(device, None)
        source = f"{MQTT} {device}"
        with self._unexpected.contained(MQTT), suppress(StrangerQuotaExceeded):
            # A message beyond the quota of strangers is counted and acknowledged. Unacknowledged,
            # it would hold up the messages of all others.
            try:
                read = await self._intake.read(positions.read(payload), MQTT)
            except Unreadable as error:
                known_as = device.replace("\0", "")[:128]
                known = self._unexpected.known(MQTT, payload, positions.known_fields)
                await self._intake.keep_unreadable(
                    MQTT, known_as, error.saying, known, sender, source
                )
            else:
                await self._intake.take_all(read, sender, MQTT, stranger=TOPIC, source=source)

    def _client(self, arrived: asyncio.Queue[MQTTMessage | _SessionEnded]) -> Client:
        """A client whose thread puts what arrives into the queue `arrived`."""
        loop = asyncio.get_running_loop()

        def put(item: MQTTMessage | _SessionEnded) -> None:
            # The broker keeps to our bound for QoS 1; only this check bounds QoS 0.
            full = arrived.qsize() >= self._settings.mqtt_in_flight_max
            if full and isinstance(item, MQTTMessage) and item.qos == 0:
                self._metrics.rejected.labels(MQTT, "too_many").inc()
            else:
                arrived.put_nowait(item)

        def end(reason: str) -> None:
            loop.call_soon_threadsafe(put, _SessionEnded(reason))

        def on_connect(
            client: Client, _user: object, _flags: object, code: ReasonCode, _more: object
        ) -> None:
            if code.is_failure:
                end(f"refused: {code}")
            else:
                client.subscribe(self._topic.filter, qos=1)

        def on_subscribe(
            _client: Client, _user: object, _mid: int, codes: list[ReasonCode], _more: object
        ) -> None:
            for code in codes:
                if code.is_failure:
                    end(f"no subscription: {code}")

        def on_message(_client: Client, _user: object, message: MQTTMessage) -> None:
            loop.call_soon_threadsafe(put, message)

        def on_disconnect(
            _client: Client, _user: object, _flags: object, code: ReasonCode, _more: object
        ) -> None:
            end(f"disconnected: {code}")

        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._settings.mqtt_client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.on_connect = on_connect
        client.on_subscribe = on_subscribe
        client.on_message = on_message
        client.on_disconnect = on_disconnect
        return client

    def _connect(self, client: Client) -> None:
        url = self._url
        if url.username is not None:
            password = None if url.password is None else unquote(url.password)
            client.username_pw_set(unquote(url.username), password)
        if url.scheme == "mqtts":
            client.tls_set()  # pyright: ignore[reportUnknownMemberType]
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = self._settings.mqtt_session_s
        properties.ReceiveMaximum = self._settings.mqtt_in_flight_max
        # The broker discards a larger message instead of sending it.
        properties.MaximumPacketSize = self._settings.body_max_bytes + _TOPIC_MAX_BYTES
        client.connect(
            url.hostname or "localhost",
            url.port or _PORTS[url.scheme],
            keepalive=_KEEPALIVE_S,
            clean_start=False,
            properties=properties,
        )


def _leave(client: Client) -> None:
    """Say goodbye and end the client's thread; the session stays with the broker."""
    client.disconnect()
    client.loop_stop()
