"""Who has no key of a vehicle cannot find out that it is private, nor add to its count."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.ingest_parts import ingest_parts
from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from ingest.gate.sender import Sender
from ingest.protocols import positions
from ingest.protocols.protocol_names import MQTT
from register.devices import enrol_device
from register.keys import new_device_key
from register.private_periods import set_private
from register.private_time import PrivatePeriod
from tests.conftest import free_port
from tests.factories.actors import SOMEBODY
from tests.factories.nats_servers import NATS_SERVER, NO_NATS, buffer_settings, nats_server
from tests.factories.refused import DETAIL
from tests.factories.serving import GOOD, Client, client_of
from tests.factories.teltonika_tracker import logged_in
from tests.factories.vehicles import put_cars
from tests.unit.ingest.teltonika_encoder import IMEI, Sent, packet

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)


async def add_vehicles(pool: Pool, private: str, public: str) -> None:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 100)")
    await put_cars(pool, "v1", "v2")
    await enrol_device(pool, SOMEBODY, private, "v1")
    await enrol_device(pool, SOMEBODY, public, "v2")
    await set_private(pool, Actor.trusted("driver"), "v1", PrivatePeriod(NOW - HOUR, None))


@pytest.fixture(
    params=[
        False,
        pytest.param(True, marks=pytest.mark.skipif(NATS_SERVER is None, reason=NO_NATS)),
    ]
)
async def ports(
    settings: Settings, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncGenerator[Settings]:
    """Of a server that stores, and of one with the buffer between."""
    theirs = settings.model_copy(update={"osmand_port": free_port(), "teltonika_port": 0})
    if not request.param:
        yield theirs
        return
    async with nats_server(free_port(), tmp_path) as server:
        yield theirs.model_copy(update=buffer_settings(server))


async def kept(pool: Pool, device: str) -> int:
    return await pool.fetchval("SELECT count(*) FROM quarantine WHERE device = $1", device)


async def counted(pool: Pool) -> int:
    return await pool.fetchval("SELECT coalesce(sum(positions), 0) FROM private_day")


async def ask_all(client: Client, osmand_port: int, device: str, key: str) -> list[Any]:
    """The answers to a stranger who names a device, by HTTP in every form."""
    answers: list[Any] = []
    ts = round(datetime.now(UTC).timestamp())
    place = f"lat=55.7&lon=12.5&timestamp={ts}"
    wrong = f"lat=95&lon=12.5&timestamp={ts}"
    unreadable = f"lat=55.7&lon=12.5&timestamp={ts}&speed=fast"
    for query in (place, wrong, unreadable, "lat=north", f"key={key}&{place}"):
        url = f"http://127.0.0.1:{osmand_port}/?id={device}&{query}"
        async with client.session.get(url) as response:
            answers.append((response.status, await response.text()))
    one = {**GOOD, "device": device, "ts": ts}
    batch = [one, {**one, "ts": ts - 7200}, {**one, "lat": 95}, {**one, "ts": "soon"}]
    flespi = [
        {"ident": device, "timestamp": ts, "position.latitude": 55.7, "position.longitude": 12.5}
    ]
    lines = b"\n".join(map(orjson.dumps, batch))
    answers.append(await client.post(batch, key=key))
    answers.append(await client.post(lines, content_type="application/x-ndjson", key=key))
    answers.append(await client.post(flespi, path="/v1/flespi", key=key))
    return answers


async def test_a_stranger_is_answered_alike_for_a_private_vehicle_and_nothing_is_kept(
    pool: Pool, ports: Settings, database_url: str
) -> None:
    await add_vehicles(pool, "d1", "d2")
    await enrol_device(pool, SOMEBODY, "other")
    key = await new_device_key(pool, SOMEBODY, "other")
    free = ports.model_copy(update={"port": 0})
    parts = [ServerRole.INGEST, ServerRole.WRITER] if ports.buffer_url else [ServerRole.INGEST]
    async with client_of(free, database_url, *parts, devices=(), given_ports=True) as client:
        private = await ask_all(client, ports.osmand_port, "d1", key)
        public = await ask_all(client, ports.osmand_port, "d2", key)
        assert [status for status, _ in private][:2] == [401, 401]
        assert private[-3:] == [
            (200, {"stored": 0, "duplicate": 0, "quarantined": count}) for count in (4, 4, 1)
        ]
        assert private == public
        for _ in range(500):
            if await kept(pool, "d2") >= 9:
                break
            await asyncio.sleep(0.02)
    assert await kept(pool, "d2") >= 9
    # Two hours ago it was not private, but it is when this comes.
    assert await pool.fetchval("SELECT count(*) FROM quarantine WHERE device <> 'd2'") == 0
    assert await counted(pool) == 0


async def test_what_a_stranger_sends_just_after_a_period_is_set_is_answered_alike(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    async with client_of(settings, database_url, devices=("other",)) as client:
        key = await new_device_key(pool, SOMEBODY, "other")
        theirs = {**GOOD, "device": "d1", "ts": NOW.isoformat()}
        await client.post(theirs, key=key)
        await add_vehicles(pool, "d1", "d2")
        # The listener does not know it yet: the writer does.
        answer = await client.post(theirs, key=key)
    assert answer == (200, {"stored": 0, "duplicate": 0, "quarantined": 1})
    assert await counted(pool) == 0


@pytest.mark.parametrize("private", [True, False])
async def test_by_tcp_from_a_network_that_is_not_its_own_all_is_the_same(
    pool: Pool, settings: Settings, database_url: str, private: bool
) -> None:
    await add_vehicles(pool, IMEI if private else "d1", "d2" if private else IMEI)
    ports = settings.model_copy(
        update={
            "port": 0,
            "osmand_port": 0,
            "teltonika_port": free_port(),
            "teltonika_networks": (),
        }
    )
    ms = round(datetime.now(UTC).timestamp() * 1000)
    good = packet(*(Sent(timestamp_ms=ms - 1000 * n) for n in range(5)))
    async with (
        running_server(ports, database_url, [ServerRole.INGEST]),
        logged_in(ports) as tracker,
    ):
        await tracker.send(good)
        assert await tracker.counted() == 5
        await tracker.send(good[:-1] + bytes([good[-1] ^ 1]))
        assert await tracker.counted() == 0
    assert (await kept(pool, IMEI) > 0) is not private
    assert await counted(pool) == 0


async def test_under_a_topic_that_is_not_its_own_all_is_the_same(
    pool: Pool, settings: Settings
) -> None:
    await add_vehicles(pool, "d1", "d2")
    ingest = ingest_parts(pool, settings)
    intake = ingest.context.intake
    writing = asyncio.create_task(ingest.writer.run())
    stranger = Sender("other", None)
    receipts = []
    for device in ("d1", "d2"):
        body = orjson.dumps({**GOOD, "device": device, "ts": NOW.isoformat()})
        await intake.keep_unreadable(MQTT, device, DETAIL, b"x" + body, stranger)
        [message] = positions.read(body)
        receipts.append(await intake.take(message, stranger, MQTT))
    ingest.writer.close()
    await writing
    await ingest.context.known.write_notes()
    assert receipts[0] == receipts[1]
    assert (await kept(pool, "d1"), await kept(pool, "d2")) == (0, 2)
    assert await counted(pool) == 0
