"""Teltonika trackers on real sockets: an answer means stored, and nothing is answered otherwise."""

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from ingest.gate.receipt import Receipt
from register.devices import enrol_device
from tests.conftest import free_port
from tests.factories.actors import SOMEBODY
from tests.factories.refused import detail_of
from tests.factories.serving import client_of, release
from tests.factories.teltonika_tracker import (
    START_MS,
    ask,
    connected,
    logged_in,
    records,
    stored,
)
from tests.unit.ingest.teltonika_encoder import (
    CODEC_8,
    IMEI,
    Sent,
    block,
    datagram,
    frame,
    login,
    packet,
)


@pytest.fixture
def ports(settings: Settings) -> Settings:
    return settings.model_copy(
        update={
            "port": 0,
            "osmand_port": 0,
            "teltonika_port": free_port(),
            "tracker_packet_max_bytes": 4_000,
            "writer_wait_max_s": 1.0,
        }
    )


@pytest.fixture
async def server(pool: Pool, ports: Settings, database_url: str) -> AsyncGenerator[Settings]:
    await enrol_device(pool, SOMEBODY, IMEI)
    async with running_server(ports, database_url, [ServerRole.INGEST]):
        yield ports


async def test_a_packet_is_answered_with_its_count_when_it_is_stored(
    server: Settings, pool: Pool
) -> None:
    async with logged_in(server) as tracker:
        await tracker.send(packet(*records(25)))
        assert await tracker.counted() == 25
        assert await stored(pool) == 25
        await tracker.send(b"\xff" + packet(*records(25)))
        assert await tracker.counted() == 25
    assert await stored(pool) == 25


async def test_many_packets_in_one_write_and_one_packet_in_many(
    server: Settings, pool: Pool
) -> None:
    async with connected(server) as tracker:
        packets = [packet(*records(5, 5 * n)) for n in range(6)]
        await tracker.send(login() + b"".join(packets[:3]))
        assert await tracker.answer(1) == b"\x01"
        assert [await tracker.counted() for _ in range(3)] == [5, 5, 5]
        for whole in packets[3:]:
            for byte in whole:
                await tracker.send(bytes([byte]))
            assert await tracker.counted() == 5
    assert await stored(pool) == 30


async def test_packets_of_one_read_are_answered_in_their_order_and_kept_as_they_came(
    server: Settings, pool: Pool
) -> None:
    wrong = bytearray(packet(*records(2, 50)))
    wrong[-1] ^= 1
    no_fix = packet(*records(1, 10), Sent(timestamp_ms=START_MS + 11_000, satellites=0))
    async with connected(server) as tracker:
        await tracker.send(login() + packet(*records(5)) + wrong + no_fix + packet(*records(3, 20)))
        assert await tracker.answer(1) == b"\x01"
        assert [await tracker.counted() for _ in range(4)] == [5, 0, 2, 3]
    assert await stored(pool) == 10
    kept = await pool.fetch("SELECT reason, payload FROM quarantine ORDER BY reason")
    assert [(row["reason"], row["payload"]) for row in kept] == [
        ("unreadable", login() + bytes(wrong)),
    ]


async def test_what_is_no_login_is_rejected_and_the_connection_closed(server: Settings) -> None:
    async with connected(server) as tracker:
        await tracker.send(b"\x00\x0fnot-a-number-at")
        assert await tracker.answer(1) == b"\x00"
        assert await tracker.answer(1) == b""


async def test_an_unknown_device_is_kept_acknowledged_and_stored_when_it_is_enrolled(
    server: Settings, pool: Pool
) -> None:
    stranger = "356307042440000"
    async with logged_in(server, stranger) as tracker:
        await tracker.send(packet(*records(3)))
        assert await tracker.counted() == 3
    rows = await pool.fetch("SELECT device, protocol, reason, payload FROM quarantine")
    assert {(r["device"], r["protocol"], r["reason"]) for r in rows} == {
        (stranger, "teltonika_tcp", "unknown_device")
    }
    assert {r["payload"] for r in rows} == {login(stranger) + packet(one) for one in records(3)}
    await enrol_device(pool, SOMEBODY, stranger)
    assert await release(pool, server, stranger) == (Receipt(3, 0, 0), 0)
    assert await stored(pool) == 3


async def test_a_network_that_is_not_allowed_goes_to_quarantine(
    pool: Pool, ports: Settings, database_url: str
) -> None:
    await enrol_device(pool, SOMEBODY, IMEI)
    elsewhere = Settings(teltonika_networks="192.0.2.0/24, 2001:db8::/32")  # pyright: ignore
    closed = ports.model_copy(update={"teltonika_networks": elsewhere.teltonika_networks})
    async with running_server(closed, database_url, [ServerRole.INGEST]):
        async with logged_in(closed) as tracker:
            await tracker.send(packet(*records(2)))
            assert await tracker.counted() == 2
        reply = await ask(closed, datagram(block(CODEC_8, records(2))))
        assert reply is not None
    rows = await pool.fetch("SELECT DISTINCT protocol, reason, detail FROM quarantine")
    assert {(row["protocol"], row["reason"]) for row in rows} == {
        ("teltonika_tcp", "not_authorised"),
        ("teltonika_udp", "not_authorised"),
    }
    assert all("127.0.0.1 is in no network" in detail_of(row["detail"]) for row in rows)
    assert await stored(pool) == 0
    assert await release(pool, closed, IMEI) == (Receipt(2, 2, 0), 0)
    assert await stored(pool) == 2


async def test_a_bad_checksum_is_refused_and_kept_and_the_connection_goes_on(
    server: Settings, pool: Pool, shared_data: Path
) -> None:
    lines = (shared_data / "teltonika_frames.jsonl").read_text().splitlines()
    bad = bytes.fromhex(json.loads(lines[-1])["frame"])
    async with logged_in(server) as tracker:
        await tracker.send(bad)
        assert await tracker.counted() == 0
        await tracker.send(packet(*records(1)))
        assert await tracker.counted() == 1
    [row] = await pool.fetch("SELECT device, reason, detail, payload FROM quarantine")
    assert (row["device"], row["reason"]) == (IMEI, "unreadable")
    assert "checksum" in detail_of(row["detail"])
    # But for elements that are on no list, which are blanked.
    kept = login() + bad
    assert len(row["payload"]) == len(kept)
    assert all(byte in (sent, 0) for byte, sent in zip(row["payload"], kept, strict=True))
    assert await stored(pool) == 1


async def test_every_frame_of_the_collection_is_answered_and_all_of_it_is_somewhere(
    pool: Pool, ports: Settings, database_url: str, shared_data: Path
) -> None:
    sent = placeless = 0
    async with client_of(ports, database_url, devices=(IMEI,), given_ports=True) as client:
        for line in (shared_data / "teltonika_frames.jsonl").read_text().splitlines():
            known = json.loads(line)
            data = bytes.fromhex(known["frame"])
            sent += len(known["records"]) if known["crc_ok"] is not False else 1
            if known["kind"] == "udp_codec08":
                assert await ask(ports, data) == bytes.fromhex(known["ack"])
                continue
            async with logged_in(ports) as tracker:
                await tracker.send(data)
                assert await tracker.counted() == len(known["records"]) * known["crc_ok"]
            placeless += sum(one["lat"] == one["lon"] == 0 for one in known["records"])
        _, metrics = await client.get("/metrics")
    # Those have no fix either, and come before any that has one: there is nothing to store.
    counted = 'flaade_positions_without_place_total{protocol="teltonika_tcp"}'
    assert f"{counted} {placeless}.0" in metrics
    kept = await pool.fetchval("SELECT count(*) FROM quarantine")
    assert await stored(pool) + kept + placeless == sent
    assert await pool.fetchval("SELECT count(*) FROM position WHERE attrs ? 'io_78'") == 0


async def test_a_record_without_satellites_is_heard(server: Settings, pool: Pool) -> None:
    async with logged_in(server) as tracker:
        await tracker.send(packet(Sent(satellites=0), *records(1, 5)))
        assert await tracker.counted() == 2
    assert await pool.fetchval("SELECT count(*) FROM quarantine") == 0
    assert await stored(pool) == 2


async def test_commands_are_not_answered_but_counted(
    server: Settings, pool: Pool, ports: Settings
) -> None:
    command = frame(bytes([12, 1, 5, 0, 0, 0, 2]) + b"ok" + b"\x01")
    async with logged_in(server) as tracker:
        await tracker.send(command)
        assert await tracker.silent(0.3)
        await tracker.send(packet(*records(1)))
        assert await tracker.counted() == 1


async def test_a_datagram_is_answered_with_its_packet_id_when_it_is_stored(
    server: Settings, pool: Pool
) -> None:
    reply = await ask(server, datagram(block(CODEC_8, records(3)), packet_id=0xBEEF, avl_id=7))
    assert reply is not None
    assert reply.hex() == "0005beef010703"
    assert await stored(pool) == 3


async def test_nothing_is_acknowledged_before_the_commit_nor_without_one(
    server: Settings, pool: Pool
) -> None:
    """The table is locked: over TCP the connection ends, over UDP nothing comes."""
    async with logged_in(server) as waiting:
        async with pool.acquire() as other, other.transaction():
            await other.execute("LOCK TABLE position IN ACCESS EXCLUSIVE MODE")
            await waiting.send(packet(*records(4)))
            asked = asyncio.create_task(ask(server, datagram(block(CODEC_8, records(4, 50)))))
            assert await waiting.silent(0.5)
            assert await waiting.answer() == b""
            assert await asked is None
        async with logged_in(server) as again:
            await again.send(packet(*records(4)))
            assert await again.counted() == 4
    assert await ask(server, datagram(block(CODEC_8, records(4, 50)))) is not None
    assert await stored(pool) == 8


async def test_while_a_commit_is_awaited_the_socket_is_not_read(
    server: Settings, pool: Pool
) -> None:
    """A sender that does not wait for its answers is held back by its own socket."""
    flood = packet(*records(20)) * 20_000
    async with logged_in(server) as tracker, pool.acquire() as other:
        lock = other.transaction()
        await lock.start()
        await other.execute("LOCK TABLE position IN ACCESS EXCLUSIVE MODE")
        tracker.writer.write(flood)
        await asyncio.sleep(0.5)
        # More than the buffers of two sockets is still here.
        assert tracker.writer.transport.get_write_buffer_size() > len(flood) // 2
        tracker.writer.transport.abort()
        await lock.rollback()


async def test_a_silent_connection_is_closed(
    pool: Pool, ports: Settings, database_url: str
) -> None:
    impatient = ports.model_copy(update={"tracker_idle_s": 0.2})
    async with (
        running_server(impatient, database_url, [ServerRole.INGEST]),
        logged_in(impatient) as tracker,
    ):
        assert await tracker.answer(1) == b""


async def test_one_connection_too_many_is_turned_away(
    pool: Pool, ports: Settings, database_url: str
) -> None:
    small = ports.model_copy(update={"tracker_connections_max": 1})
    async with (
        running_server(small, database_url, [ServerRole.INGEST]),
        logged_in(small),
        connected(small) as second,
    ):
        assert await second.answer(1) == b""


async def test_a_stop_answers_what_was_taken(
    pool: Pool, ports: Settings, database_url: str
) -> None:
    await enrol_device(pool, SOMEBODY, IMEI)
    async with pool.acquire() as other:
        lock = other.transaction()

        async def unlock_later() -> None:
            await asyncio.sleep(0.3)
            await lock.rollback()

        async with running_server(ports, database_url, [ServerRole.INGEST]):
            reader, writer = await asyncio.open_connection("127.0.0.1", ports.teltonika_port)
            writer.write(login())
            assert await reader.readexactly(1) == b"\x01"
            await lock.start()
            await other.execute("LOCK TABLE position IN ACCESS EXCLUSIVE MODE")
            writer.write(packet(*records(2)))
            await asyncio.sleep(0.2)
            unlocking = asyncio.create_task(unlock_later())
        assert await reader.read() == b"\x00\x00\x00\x02"
        await unlocking
        writer.close()
    assert await stored(pool) == 2
