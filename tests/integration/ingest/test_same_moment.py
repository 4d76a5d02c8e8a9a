"""Two positions of one device and moment: one is stored, one that differs is in quarantine, and an
exact repeat is nowhere."""

import asyncio
import struct
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from msgspec.structs import replace

from api.ingest_parts import ingest_parts
from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from fleet.position import Position
from ingest.gate.receipt import Receipt
from ingest.gate.sender import Sender
from ingest.protocols.message import Message
from ingest.protocols.position_columns import PositionColumns
from ingest.protocols.protocol_names import OSMAND
from register.devices import enrol_device
from register.private_periods import set_private
from register.private_time import PrivatePeriod
from tests.conftest import empty_tables, free_port
from tests.factories.actors import SOMEBODY
from tests.factories.broker import MOSQUITTO, NO_MOSQUITTO, broker_on, until
from tests.factories.nats_servers import NATS_SERVER, NO_NATS, buffer_settings, nats_server
from tests.factories.private_vehicles import add_vehicle
from tests.factories.serving import GOOD, Client, client_of, release
from tests.factories.writers import writing
from tests.unit.ingest.teltonika_encoder import CODEC_8, IMEI, Sent, block, frame, login

START = datetime(2026, 11, 20, 10, tzinfo=UTC)

#: Another place, another value, one more value, and other attributes.
OTHERS: list[dict[str, Any]] = [
    {"lat": 55.78},
    {"lon": 12.51},
    {"ignition": False},
    {"satellites": 8},
    {"odometer_km": 10.002},
    {"attrs": {"door": "open"}},
]


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(settings, database_url) as client:
        yield client


async def kept(pool: Pool) -> list[tuple[str, str, str, int]]:
    rows = await pool.fetch(
        "SELECT protocol, device, reason, times_sent FROM quarantine ORDER BY quarantine_id"
    )
    return [tuple(row) for row in rows]


async def _until_kept(pool: Pool, count: int) -> None:
    for _ in range(1_500):
        if await pool.fetchval("SELECT count(*) FROM quarantine") >= count:
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"{count} items were not kept within half a minute")


@pytest.mark.parametrize("other", OTHERS)
async def test_in_one_array_or_two_messages(
    client: Client, pool: Pool, other: dict[str, Any]
) -> None:
    differing = {**GOOD, **other}
    answer = {"stored": 1, "duplicate": 1, "quarantined": 2}
    assert await client.post([GOOD, differing, GOOD, differing]) == (200, answer)
    assert await kept(pool) == [("positions", "d1", "same_moment_differs", 2)]
    assert orjson.loads(await pool.fetchval("SELECT payload FROM quarantine")) == differing
    assert await client.post(GOOD) == (200, {"stored": 0, "duplicate": 1, "quarantined": 0})
    assert await client.post(differing) == (200, {"stored": 0, "duplicate": 0, "quarantined": 1})
    assert await kept(pool) == [("positions", "d1", "same_moment_differs", 3)]
    assert (await pool.fetchval("SELECT lat FROM position"), 55.77) == (55.77, 55.77)
    _, counted = await client.get("/metrics")
    name = "flaade_positions_quarantined_total"
    assert f'{name}{{protocol="positions",reason="same_moment_differs"}} 3.0' in counted
    assert 'flaade_positions_duplicate_total{protocol="positions"} 2.0' in counted


async def test_what_is_equal_as_stored_is_no_difference(client: Client, pool: Pool) -> None:
    """Columns of four bytes round, JSON has many forms of one value, and 0 is also -0."""
    one = {**GOOD, "speed_kmh": 43.1, "soc_pct": 0.0, "attrs": {"a": 1.0, "b": [2]}}
    one |= {"odometer_km": 1234.1}
    same = {**one, "speed_kmh": 43.1000001, "soc_pct": -0.0}
    same |= {"attrs": {"b": [2], "a": 1.00}, "ts": "2026-11-20T11:00:00+01:00"}
    assert (await client.post(one))[1]["stored"] == 1
    assert (await client.post([same, same]))[1] == {"stored": 0, "duplicate": 2, "quarantined": 0}
    assert await kept(pool) == []


async def test_where_a_device_without_a_fix_was_put_is_no_difference(
    client: Client, pool: Pool
) -> None:
    """It was put where it was believed then, which is elsewhere when it is sent again."""
    asleep = {"device": "d1", "ts": "2026-11-20T10:01:00Z", "lat": 0, "lon": 0, "satellites": 0}
    moved = {**GOOD, "ts": "2026-11-20T10:30:00Z", "lat": 55.9}
    asked = {**asleep, "ts": "2026-11-20T10:40:00Z"}
    assert (await client.post([GOOD, asleep, moved, asked]))[1]["stored"] == 4
    again = [{**asleep, "lat": 55.5, "lon": 12.1}, asked]
    assert (await client.post(again))[1] == {"stored": 0, "duplicate": 2, "quarantined": 0}
    other = {**asked, "ignition": True}
    assert (await client.post(other))[1]["quarantined"] == 1


async def test_it_is_not_released_while_another_is_stored(
    client: Client, pool: Pool, settings: Settings
) -> None:
    await client.post([GOOD, {**GOOD, "satellites": 8}])
    assert await release(pool, settings, "d1") == (Receipt(0, 0, 0), 1)
    assert await kept(pool) == [("positions", "d1", "same_moment_differs", 1)]
    assert await pool.fetchval("SELECT count(*) FROM quarantine WHERE released_at IS NULL") == 1
    await pool.execute("DELETE FROM position")
    assert await release(pool, settings, "d1") == (Receipt(1, 0, 0), 0)
    assert await pool.fetchval("SELECT satellites FROM position") == 8


async def test_it_is_gone_with_a_private_period(client: Client, pool: Pool) -> None:
    """Also what comes later for a moment that became private."""
    await client.post([GOOD, {**GOOD, "satellites": 8}])
    await add_vehicle(pool, "v1", "d1")
    period = PrivatePeriod(START - timedelta(hours=1), START + timedelta(hours=1))
    await set_private(pool, Actor.trusted("driver"), "v1", period)
    await client.post([GOOD, {**GOOD, "satellites": 9}])
    assert await kept(pool) == []
    assert await pool.fetchval("SELECT count(*) FROM position") == 0


async def test_teltonika(pool: Pool, settings: Settings, database_url: str) -> None:
    """Of one packet the event's record wins and has the other; in two packets both are visible."""
    await enrol_device(pool, SOMEBODY, IMEI)
    ports = {"port": 0, "osmand_port": 0, "teltonika_port": free_port()}
    ours = settings.model_copy(update=ports)
    periodic = Sent(io=({239: 1}, {}, {}, {}))
    event = Sent(event_io=239, io=({239: 0}, {}, {}, {}))
    async with running_server(ours, database_url, [ServerRole.INGEST]):
        reader, writer = await asyncio.open_connection("127.0.0.1", ours.teltonika_port)
        writer.write(login())
        assert await reader.readexactly(1) == b"\x01"
        for sent in ([periodic], [event], [periodic], [event]):
            writer.write(frame(block(CODEC_8, sent)))
            assert struct.unpack(">I", await reader.readexactly(4)) == (1,)
        writer.close()
        await writer.wait_closed()
    assert await pool.fetchval("SELECT array_agg(ignition) FROM position") == [True]
    assert await kept(pool) == [("teltonika_tcp", IMEI, "same_moment_differs", 2)]
    payload = await pool.fetchval("SELECT payload FROM quarantine")
    assert payload == login() + frame(block(CODEC_8, [event]))


@pytest.mark.skipif(MOSQUITTO is None, reason=NO_MOSQUITTO)
async def test_mqtt(pool: Pool, settings: Settings, database_url: str, tmp_path: Path) -> None:
    await enrol_device(pool, SOMEBODY, "d1")
    async with broker_on(free_port(), tmp_path) as broker:
        ports: dict[str, Any] = {"port": 0, "osmand_port": 0, "teltonika_port": 0}
        ports["mqtt_url"] = f"mqtt://127.0.0.1:{broker.port}"
        async with running_server(
            settings.model_copy(update=ports), database_url, [ServerRole.INGEST]
        ):
            await until(broker.subscribed)
            for values in ({}, {"satellites": 8}, {}, {"satellites": 8}):
                await broker.publish("flaade/d1/positions", {**GOOD, **values})
            await until(lambda: broker.acknowledged() == 4)
    assert await pool.fetchval("SELECT count(*) FROM position WHERE satellites IS NULL") == 1
    assert await kept(pool) == [("mqtt", "d1", "same_moment_differs", 2)]


@pytest.mark.skipif(NATS_SERVER is None, reason=NO_NATS)
async def test_over_nats(pool: Pool, settings: Settings, database_url: str, tmp_path: Path) -> None:
    """Also messages that differ only in their values, within the time that the stream remembers."""
    async with nats_server(free_port(), tmp_path) as server:
        buffered = settings.model_copy(update=buffer_settings(server))
        async with client_of(buffered, database_url, *ServerRole) as client:
            sent = [{}, {"satellites": 8}, {"lat": 55.78}, {"satellites": 8}]
            for values in sent:
                assert (await client.post({**GOOD, **values}))[0] == 200
            array = [{**GOOD, "ts": "2026-11-20T10:05:00Z", **values} for values in sent]
            assert (await client.post(array))[0] == 200
            await _until_kept(pool, 4)
            _, counted = await client.get("/metrics")
        assert 'protocol="positions",reason="same_moment_differs"}' in counted
    assert await pool.fetchval("SELECT array_agg(lat ORDER BY ts) FROM position") == [55.77, 55.77]
    [row] = await pool.fetch(
        "SELECT payload FROM quarantine WHERE payload NOT LIKE '%55.78%'::bytea AND ts = $1", START
    )
    assert orjson.loads(row["payload"]) == {**GOOD, "satellites": 8}
    assert {reason for _, _, reason, _ in await kept(pool)} == {"same_moment_differs"}


moments = st.integers(0, 4).map(lambda n: START + timedelta(seconds=n))
records = st.builds(
    Position,
    device=st.sampled_from(["d1", "d2"]),
    ts=moments,
    lat=st.sampled_from([55.77, 55.770000001]),
    lon=st.just(12.5),
    speed_kmh=st.sampled_from([None, 43.1, 43.1000001]),
    satellites=st.sampled_from([None, 7]),
    ignition=st.sampled_from([None, True, False]),
    attrs=st.sampled_from([None, b'{"a":1}', b'{"a":1.0}', b'{"b":"c"}']),
)


def as_stored(one: Position) -> Position:
    """What the table makes of it."""
    speed = None if one.speed_kmh is None else struct.unpack("f", struct.pack("f", one.speed_kmh))
    attrs = b'{"a":1}' if one.attrs == b'{"a":1.0}' else one.attrs
    return replace(one, speed_kmh=speed and speed[0], attrs=attrs)


def _compact(attrs: dict[str, Any] | None) -> bytes | None:
    return None if attrs is None else orjson.dumps(attrs)


def original(one: Position) -> bytes:
    return b"%r" % (as_stored(one),)


@examples(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(records, min_size=1, max_size=6), min_size=1, max_size=6), st.booleans())
async def test_each_moment_is_stored_once_and_each_record_that_differs_is_kept(
    pool: Pool, settings: Settings, messages: list[list[Position]], at_once: bool
) -> None:
    await empty_tables(pool)
    for device in ("d1", "d2"):
        await enrol_device(pool, SOMEBODY, device)
    ingest = ingest_parts(pool, settings)
    gateway = Sender(device=None, gateway="g")

    async def send(sent: list[Position]) -> Receipt:
        message = Message(PositionColumns.of(sent), lambda index: original(sent[index]))
        return await ingest.context.intake.take(message, gateway, OSMAND)

    async with asyncio.TaskGroup() as together:
        together.create_task(ingest.writer.run())
        try:
            if at_once:
                receipts = await asyncio.gather(*map(send, messages))
            else:
                receipts = [await send(sent) for sent in messages]
        finally:
            ingest.writer.close()

    all_sent = Counter(as_stored(one) for sent in messages for one in sent)
    rows = await pool.fetch(
        "SELECT device, ts, lat, lon, speed_kmh, satellites, ignition, attrs FROM position"
    )
    stored = {as_stored(Position(**{**row, "attrs": _compact(row["attrs"])})) for row in rows}
    assert len(stored) == len({(one.device, one.ts) for one in all_sent})
    assert stored <= all_sent.keys()
    left = {original(one): times for one, times in all_sent.items() if one not in stored}
    items = await pool.fetch("SELECT payload, times_sent, reason FROM quarantine")
    assert {row["payload"]: row["times_sent"] for row in items} == left
    assert {row["reason"] for row in items} <= {"same_moment_differs"}
    total = sum(receipts[1:], receipts[0])
    assert total.stored == len(stored)
    assert total.quarantined == sum(left.values())
    assert total.duplicate == all_sent.total() - total.stored - total.quarantined


async def test_also_where_another_writer_was_faster(pool: Pool) -> None:
    """The first writer believes that nothing is later than what it stored itself."""
    one = Position(device="d1", ts=START + timedelta(seconds=1), lat=55.77, lon=12.5)
    before = replace(one, ts=START)
    other = replace(one, satellites=8)
    async with writing(pool) as first, writing(pool) as second:
        await first.store([before], [])
        await second.store([one], [])
        later = replace(one, ts=START + timedelta(seconds=2))
        receipt = await first.store([one, other, later], [])
    assert receipt == Receipt(1, 1, 0, [other])
