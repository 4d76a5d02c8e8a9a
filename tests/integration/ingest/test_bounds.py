"""What one sender may cost: no body, whoever sends it, holds up the others or fills the disk."""

import asyncio
import gc
import gzip
import struct
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from fastcrc import crc16

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from ingest.gate.refusal import Reason, Refusal
from ingest.gate.stranger_quota import source_of
from ingest.protocols.json_pieces import PIECE_BYTES
from ingest.quarantine import evict_quarantine
from ingest.store.writer import PositionWriter
from tests.conftest import free_port
from tests.factories.refused import DETAIL, detail_of
from tests.factories.serving import GOOD, Client, client_of, release
from tests.factories.teltonika_tracker import ask
from tests.unit.ingest.teltonika_encoder import CODEC_8, Sent, block
from tests.unit.ingest.teltonika_encoder import datagram as well_formed

IMEI = "356307042441013"


@pytest.fixture
def ports(settings: Settings) -> Settings:
    """Ports that the tests know."""
    return settings.model_copy(update={"osmand_port": free_port(), "teltonika_port": free_port()})


@asynccontextmanager
async def serving(settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    devices = ("d1", IMEI)
    async with client_of(
        settings, database_url, ServerRole.INGEST, devices=devices, given_ports=True
    ) as client:
        yield client


@pytest.fixture
async def client(pool: Pool, ports: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with serving(ports, database_url) as client:
        yield client


def nested(depth: int) -> bytes:
    deep = b"[" * depth + b"]" * depth
    return orjson.dumps(GOOD)[:-1] + b',"attrs":{"a":' + deep + b"}}"


class Heartbeat:
    """How long the event loop did nothing but one thing, in processor time of this thread."""

    def __init__(self) -> None:
        self.worst_s = 0.0

    async def beat(self) -> None:
        while True:
            began_s = time.thread_time()
            await asyncio.sleep(0.001)
            self.worst_s = max(self.worst_s, time.thread_time() - began_s)


@asynccontextmanager
async def heartbeat() -> AsyncGenerator[Heartbeat]:
    heart = Heartbeat()
    # As `flaade serve` does: what was there before is not looked through for garbage.
    gc.collect()
    gc.freeze()
    task = asyncio.create_task(heart.beat())
    yield heart
    task.cancel()
    gc.unfreeze()


@pytest.mark.parametrize("depth", [300, 1_000, 20_000])
@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/v1/positions", "application/json"),
        ("/v1/positions", "application/x-ndjson"),
        ("/v1/flespi", "application/json"),
    ],
)
async def test_a_body_nested_deeply_is_422_and_the_next_is_stored(
    client: Client, path: str, content_type: str, depth: int, *, compress: bool
) -> None:
    answer = await client.post(
        nested(depth), path=path, content_type=content_type, compress=compress
    )
    assert answer[0] == 422
    assert answer[1]["errors"]
    assert (await client.post(GOOD))[0] == 200


async def test_osmand_nested_deeply_is_400(client: Client, ports: Settings) -> None:
    deep = b'{"device_id":"d1","location":' + b"[" * 1_000 + b"]" * 1_000 + b"}"
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {client.key}"}
    url = f"http://127.0.0.1:{ports.osmand_port}/"
    for _ in range(2):
        async with client.session.post(url, data=deep, headers=headers) as response:
            assert response.status == 400


async def test_what_quarantine_kept_nested_deeply_is_released_as_refused(
    pool: Pool, settings: Settings, writer: PositionWriter, client: Client
) -> None:
    assert client
    deep = nested(1_000)
    kept = [
        Refusal(protocol, "d1", Reason.CLOCK, DETAIL, deep)
        for protocol in ("positions", "mqtt", "flespi", "osmand", "buffer")
    ]
    await writer.store([], kept)
    receipt, refused = await release(pool, settings, "d1")
    assert (receipt.stored, refused) == (0, 5)


@pytest.mark.parametrize("key", [True, False])
async def test_a_small_body_that_unpacks_to_much_is_not_read(
    client: Client, ports: Settings, *, key: bool
) -> None:
    form = b"id=d1&lat=1&lon=2" + b"&a=1" * 2_000_000
    headers = {
        "Content-Encoding": "gzip",
        "Content-Type": "application/x-www-form-urlencoded",
    } | ({"Authorization": f"Bearer {client.key}"} if key else {})
    url = f"http://127.0.0.1:{ports.osmand_port}/"
    async with heartbeat() as heart:
        packed = gzip.compress(form)
        await asyncio.sleep(0.01)
        heart.worst_s = 0.0
        async with client.session.post(url, data=packed, headers=headers) as response:
            assert response.status == 413
    assert heart.worst_s < 0.1


async def test_a_body_of_osmand_without_a_key_has_a_few_kb(
    client: Client, ports: Settings, pool: Pool
) -> None:
    url = f"http://127.0.0.1:{ports.osmand_port}/"
    form = b"id=d1&lat=55.7&lon=12.5&timestamp=1795000000&a=" + b"x" * ports.keyless_body_max_bytes
    async with client.session.post(url, data=form) as response:
        assert response.status == 413
    key = {"Authorization": f"Bearer {client.key}"}
    async with client.session.post(url, data=form, headers=key) as response:
        assert response.status == 200
    assert await pool.fetchval("SELECT count(*) FROM position") == 1


async def test_many_fields_in_an_address_are_not_read(client: Client, ports: Settings) -> None:
    url = f"http://127.0.0.1:{ports.osmand_port}/?id=d1&lat=1&lon=2" + "&a=1" * 500
    async with client.session.get(url) as response:
        assert response.status == 400


@pytest.mark.parametrize("content_type", ["application/json", "application/x-ndjson"])
async def test_a_large_body_is_stored_in_its_order_and_holds_nobody_up(
    client: Client, pool: Pool, content_type: str
) -> None:
    ones = [orjson.dumps({**GOOD, "ts": 1_795_000_000 + number}) for number in range(20_000)]
    body = b"\n".join(ones) if "ndjson" in content_type else b"[" + b",".join(ones) + b"]"
    assert len(body) > 20 * PIECE_BYTES
    async with heartbeat() as heart:
        answer = await client.post(body, content_type=content_type)
        again = await client.post(body, content_type=content_type, compress=True)
    assert answer == (200, {"stored": 20_000, "duplicate": 0, "quarantined": 0})
    assert again == (200, {"stored": 0, "duplicate": 20_000, "quarantined": 0})
    assert await pool.fetchval("SELECT count(*) FROM position") == 20_000
    assert heart.worst_s < 0.1


async def test_more_positions_than_one_message_may_have_are_refused(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    few = settings.model_copy(update={"body_records_max": 1_000})
    async with client_of(few, database_url, ServerRole.INGEST) as client:
        status, answer = await client.post([GOOD] * 1_001)
        assert status == 422
        assert "1,000 positions" in answer["errors"][0]["reason"]
        assert (await client.post([GOOD] * 1_000))[0] == 200


async def test_the_same_refused_position_many_times_is_one_item_with_a_count(
    client: Client, pool: Pool
) -> None:
    wrong = {**GOOD, "lat": 95.0}
    async with heartbeat() as heart:
        for _ in range(2):
            answer = await client.post([wrong] * 30_000)
            assert answer == (200, {"stored": 0, "duplicate": 0, "quarantined": 30_000})
    kept = await pool.fetch("SELECT times_sent FROM quarantine")
    assert [row["times_sent"] for row in kept] == [60_000]
    assert heart.worst_s < 0.1


async def test_many_refused_positions_are_all_kept(client: Client, pool: Pool) -> None:
    wrong = [{**GOOD, "lat": 95.0, "ts": 1_795_000_000 + number} for number in range(5_000)]
    assert (await client.post(wrong))[1]["quarantined"] == 5_000
    assert await pool.fetchval("SELECT count(*) FROM quarantine") == 5_000


def broken_packet(number: int) -> bytes:
    """A login and a packet of codec 8 that ends too early, with a good checksum."""
    block = b"\x08\x01" + struct.pack(">Q", number) + b"\x01"
    packet = bytes(4) + struct.pack(">I", len(block)) + block + struct.pack(">I", crc16.arc(block))
    return struct.pack(">H", len(IMEI)) + IMEI.encode() + packet


def datagram(number: int) -> bytes:
    block = b"\x08\x01" + struct.pack(">Q", number) + b"\x01"
    rest = b"\x00\x01\x01\x05" + struct.pack(">H", len(IMEI)) + IMEI.encode() + block
    return struct.pack(">H", len(rest)) + rest


async def send_osmand(client: Client, settings: Settings, number: int) -> None:
    url = f"http://127.0.0.1:{settings.osmand_port}/"
    query = f"id=d1&lat=x{number}&lon=2&pad={'x' * 500}"
    async with client.session.get(f"{url}?{query}") as response:
        await response.read()


async def send_tcp(_client: Client, settings: Settings, number: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", settings.teltonika_port)
    writer.write(broken_packet(number))
    await reader.read(100)
    writer.close()


async def send_udp(_client: Client, settings: Settings, number: int) -> None:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=("127.0.0.1", settings.teltonika_port)
    )
    transport.sendto(datagram(number))
    await asyncio.sleep(0.01)
    transport.close()


@pytest.mark.parametrize("send", [send_osmand, send_tcp, send_udp])
async def test_what_has_no_valid_key_is_a_strangers_also_in_the_name_of_an_enrolled_device(
    pool: Pool, ports: Settings, database_url: str, send: Any
) -> None:
    bounded = ports.model_copy(update={"stranger_bytes_minute": 3_000, "teltonika_networks": ()})
    async with serving(bounded, database_url) as client:
        for number in range(30):
            await send(client, bounded, number)
        await asyncio.sleep(0.3)
        kept = await pool.fetch("SELECT device, vouched FROM quarantine")
        assert 0 < len(kept) <= 10
        assert {row["vouched"] for row in kept} == {False}
        assert {row["device"] for row in kept} <= {"d1", IMEI}
        assert "stranger" in (await client.get("/metrics"))[1]


async def test_a_flood_of_datagrams_of_strangers_is_bounded_and_a_device_is_acknowledged(
    pool: Pool, ports: Settings, database_url: str
) -> None:
    """Every datagram names another device and is well-formed, some hundred a second. What is more
    than the socket's buffer holds is lost before anybody sees it, whoever sent it."""
    bounded = ports.model_copy(
        update={
            "stranger_bytes_minute": 3_000,
            "tracker_connections_max": 50,  # of datagrams: so many wait at most
        }
    )
    sent = 0

    async def flood() -> None:
        nonlocal sent
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=("127.0.0.1", bounded.teltonika_port)
        )
        try:
            while True:
                for _ in range(10):
                    imei = f"{350_000_000_000_000 + sent}"
                    transport.sendto(well_formed(block(CODEC_8, [Sent()]), imei))
                    sent += 1
                await asyncio.sleep(0.01)
        finally:
            transport.close()

    async with serving(bounded, database_url) as client:
        flooding = asyncio.create_task(flood())
        try:
            number = 0
            while (
                number < 10 or sent <= 500
            ):  # on a fast machine ten are answered before the flood is one
                number += 1
                record = Sent(timestamp_ms=1_795_255_200_000 + 1_000 * number)
                asked = well_formed(block(CODEC_8, [record]), packet_id=number)
                answer = None
                for _ in range(3):  # a tracker sends again what was lost on the way
                    answer = answer or await ask(bounded, asked)
                assert answer == struct.pack(">HHBBB", 5, number, 1, 5, 1)
        finally:
            flooding.cancel()
        assert await pool.fetchval("SELECT count(*) FROM position") == number
        kept = await pool.fetch("SELECT device, vouched FROM quarantine")
        assert 0 < len(kept) <= 20
        assert not any(row["vouched"] or row["device"] == IMEI for row in kept)
        assert "stranger" in (await client.get("/metrics"))[1]


async def test_what_strangers_send_in_its_name_goes_before_what_a_device_sent(
    pool: Pool, writer: PositionWriter, client: Client
) -> None:
    assert client
    genuine = Refusal("positions", "d1", Reason.CLOCK, DETAIL, b"genuine")
    await writer.store([], [genuine])
    for number in range(5):
        sent = Refusal("osmand", "d1", Reason.NOT_AUTHORISED, DETAIL, b"%d" % number, vouched=False)
        await writer.store([], [sent])
    assert await evict_quarantine(pool, 2, 1_000_000) == 4
    left = await pool.fetch("SELECT payload FROM quarantine ORDER BY quarantine_id")
    assert [row["payload"] for row in left] == [b"genuine", b"4"]


def test_a_source_is_an_address_or_a_network_of_ipv6() -> None:
    assert source_of("10.1.2.3") == source_of("::ffff:10.1.2.3") == "10.1.2.3"
    assert source_of("2001:db8::1") == source_of("2001:db8::ffff:1") != source_of("2001:db8:0:1::1")
    assert source_of("fe80::1%eth0") == source_of("fe80::2")


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("count", [1, 5_000])
@pytest.mark.parametrize("path", ["/v1/positions", "/v1/flespi"])
async def test_telemetry_comes_under_any_name(
    pool: Pool, settings: Settings, database_url: str, path: str, count: int, *, compress: bool
) -> None:
    one = {"ident": "d1", "timestamp": 1_795_000_000, "position.latitude": 55.7}
    body = orjson.dumps([GOOD if path == "/v1/positions" else one] * count)
    async with client_of(settings, database_url, ServerRole.INGEST, ServerRole.API) as client:
        headers = {
            "Host": "fleet.example",
            "Content-Type": "application/json",
            "Authorization": f"Bearer {client.key}",
        }
        if compress:
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        for connection in ("keep-alive", "close"):
            asked = headers | {"Connection": connection}
            url = client.server.url + path
            async with client.session.post(url, data=body, headers=asked) as response:
                assert response.status == 200
        async with client.session.get(client.server.url + "/", headers=headers) as response:
            assert response.status == 403
        malformed = {**headers, "Host": "fleet.example"}
        malformed.pop("Content-Encoding", None)
        async with client.session.post(
            client.server.url + path, data=b"{", headers=malformed
        ) as response:
            assert response.status == 422


async def test_an_error_nobody_foresaw_sets_the_message_aside(client: Client, pool: Pool) -> None:
    """Nothing in a message does that any more, as far as is known; so the table is made to."""
    await pool.execute(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE 'what d1 said' USING ERRCODE = 'P0001'; END $$;"
        " CREATE TRIGGER fail BEFORE INSERT ON position FOR EACH ROW EXECUTE FUNCTION fail()"
    )
    try:
        assert (await client.post(GOOD))[1] == {"stored": 0, "duplicate": 0, "quarantined": 1}
    finally:
        await pool.execute("DROP FUNCTION fail() CASCADE")
    kept = await pool.fetchrow("SELECT device, reason, detail FROM quarantine")
    assert kept is not None
    assert (kept["device"], kept["reason"]) == ("d1", "unreadable")
    assert detail_of(kept["detail"]) == "message: unexpected error: RaiseError"
    assert (
        'flaade_unexpected_errors_total{kind="RaiseError",protocol="positions"} 1.0'
        in ((await client.get("/metrics"))[1])
    )
    assert (await client.post(GOOD))[1]["stored"] == 1
