"""An MQTT subscription on a real Mosquitto: what the broker may forget is stored."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from ingest.gate.receipt import Receipt
from ingest.listeners.mqtt import TopicTemplate
from register.devices import enrol_device
from tests.conftest import free_port
from tests.factories.actors import SOMEBODY
from tests.factories.broker import MOSQUITTO, NO_MOSQUITTO, Broker, broker_on, until
from tests.factories.refused import detail_of
from tests.factories.serving import GOOD, release

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason=NO_MOSQUITTO)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncGenerator[Broker]:
    async with broker_on(free_port(), tmp_path) as broker:
        yield broker


def subscribed(settings: Settings, port: int) -> Settings:
    return settings.model_copy(
        update={
            "port": 0,
            "osmand_port": 0,
            "teltonika_port": 0,
            "mqtt_url": f"mqtt://127.0.0.1:{port}",
            "mqtt_retry_max_s": 1.0,
            "writer_wait_max_s": 1.0,
        }
    )


@pytest.fixture
async def serving(
    pool: Pool, settings: Settings, database_url: str, broker: Broker
) -> AsyncGenerator[Settings]:
    await enrol_device(pool, SOMEBODY, "d1")
    theirs = subscribed(settings, broker.port)
    async with running_server(theirs, database_url, [ServerRole.INGEST]):
        await until(broker.subscribed)
        yield theirs


async def _until_rows(pool: Pool, table: str, count: int) -> None:
    """Wait for so many rows, at most a minute: machines that test are busy."""
    for _ in range(3_000):
        if await pool.fetchval(f"SELECT count(*) FROM {table}") >= count:
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"{table} did not get {count} rows within a minute")


def second(number: int, device: str = "d1") -> dict[str, Any]:
    return {**GOOD, "device": device, "ts": 1_795_255_200 + number}


async def test_a_message_is_stored_and_then_acknowledged(
    serving: Settings, broker: Broker, pool: Pool
) -> None:
    await broker.publish("flaade/d1/positions", second(0))
    await broker.publish("flaade/d1/positions", [second(1), second(2)])
    await _until_rows(pool, "position", 3)
    await until(lambda: broker.acknowledged() == 2)


async def test_nothing_is_acknowledged_without_a_commit_and_nothing_is_lost(
    serving: Settings, broker: Broker, pool: Pool
) -> None:
    async with pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE position IN ACCESS EXCLUSIVE MODE")
        for number in range(5):
            await broker.publish("flaade/d1/positions", second(number))
        await asyncio.sleep(2.5)  # longer than a request waits for its commit
        assert broker.acknowledged() == 0
    await _until_rows(pool, "position", 5)
    await until(lambda: broker.acknowledged() == 5)
    assert await pool.fetchval("SELECT count(*) FROM position") == 5


async def test_what_is_published_while_we_are_away_is_delivered_when_we_are_back(
    pool: Pool, settings: Settings, database_url: str, broker: Broker
) -> None:
    await enrol_device(pool, SOMEBODY, "d1")
    theirs = subscribed(settings, broker.port)
    async with running_server(theirs, database_url, [ServerRole.INGEST]):
        await until(broker.subscribed)  # a broker keeps nothing for a session that is not there
        await broker.publish("flaade/d1/positions", second(0))
        await _until_rows(pool, "position", 1)
    await broker.publish("flaade/d1/positions", second(1))
    async with running_server(theirs, database_url, [ServerRole.INGEST]):
        await _until_rows(pool, "position", 2)


async def test_a_broker_that_comes_later_or_goes_away_is_found_again(
    pool: Pool, settings: Settings, database_url: str, tmp_path: Path
) -> None:
    await enrol_device(pool, SOMEBODY, "d1")
    port = free_port()
    async with running_server(subscribed(settings, port), database_url, [ServerRole.INGEST]):
        for number in range(2):
            directory = tmp_path / f"{number}"
            directory.mkdir()
            async with broker_on(port, directory) as broker:
                await until(broker.subscribed)
                await broker.publish("flaade/d1/positions", second(number))
                await _until_rows(pool, "position", number + 1)


async def test_a_topic_speaks_for_its_own_device_only(
    serving: Settings, broker: Broker, pool: Pool
) -> None:
    await enrol_device(pool, SOMEBODY, "d2")
    await broker.publish("flaade/d1/positions", [second(0), second(0, "d2")])
    await until(lambda: broker.acknowledged() == 1)
    assert await pool.fetchval("SELECT array_agg(device) FROM position") == ["d1"]
    [row] = await pool.fetch("SELECT device, protocol, reason, detail FROM quarantine")
    assert tuple(row)[:3] == ("d2", "mqtt", "not_authorised")
    assert detail_of(row["detail"]) == "the topic is another device's"
    assert await release(pool, serving, "d2") == (Receipt(1, 0, 0), 0)


async def test_what_cannot_be_read_is_kept_and_acknowledged(
    serving: Settings, broker: Broker, pool: Pool
) -> None:
    await broker.publish("flaade/d1/positions", b"{")
    await broker.publish("flaade/new/positions", second(0, "new"), qos=0)
    await until(lambda: broker.acknowledged() == 1)
    await _until_rows(pool, "quarantine", 2)
    rows = await pool.fetch("SELECT device, reason, payload FROM quarantine ORDER BY device")
    assert [(row["device"], row["reason"]) for row in rows] == [
        ("d1", "unreadable"),
        ("new", "unknown_device"),
    ]
    assert rows[0]["payload"] == b"1 bytes that are not JSON"


async def test_a_position_whose_time_cannot_be_read_costs_no_other_of_its_message(
    serving: Settings, broker: Broker, pool: Pool
) -> None:
    await broker.publish("flaade/d1/positions", [second(0), {**GOOD, "ts": "soon"}, second(2)])
    await until(lambda: broker.acknowledged() == 1)
    assert await pool.fetchval("SELECT count(*) FROM position") == 2
    kept = await pool.fetch("SELECT device, reason FROM quarantine")
    assert [tuple(row) for row in kept] == [("d1", "clock")]


def test_the_template_finds_the_device_also_in_a_shared_subscription() -> None:
    plain = TopicTemplate("kommune/{device}/pos")
    shared = TopicTemplate("$share/writers/kommune/{device}/pos")
    assert (plain.filter, shared.filter) == ("kommune/+/pos", "$share/writers/kommune/+/pos")
    assert plain.device("kommune/d1/pos") == shared.device("kommune/d1/pos") == "d1"


@pytest.mark.parametrize("topic", ["flaade/d1/positions", "flaade/nobody/positions"])
async def test_one_poisonous_message_ends_nothing_and_does_not_come_again(
    serving: Settings, broker: Broker, pool: Pool, topic: str
) -> None:
    deep = orjson.dumps(GOOD)[:-1] + b',"attrs":{"a":' + b"[" * 1_000 + b"]" * 1_000 + b"}}"
    await broker.publish(topic, deep)
    await broker.publish("flaade/d1/positions", GOOD)
    await _until_rows(pool, "position", 1)
    await until(lambda: broker.acknowledged() == 2)
    kept = await pool.fetch("SELECT reason, payload FROM quarantine")
    assert [row["reason"] for row in kept] == ["unreadable"]


async def test_what_is_too_much_of_a_stranger_is_let_go_and_holds_nobody_up(
    pool: Pool, settings: Settings, database_url: str, broker: Broker
) -> None:
    await enrol_device(pool, SOMEBODY, "d1")
    update = {"stranger_bytes_minute": 2_000, "mqtt_in_flight_max": 5}
    theirs = subscribed(settings, broker.port).model_copy(update=update)
    async with running_server(theirs, database_url, [ServerRole.INGEST]):
        await until(broker.subscribed)
        for number in range(10):
            await broker.publish("flaade/nobody/positions", b"x%d" % number + b"x" * 500)
        await broker.publish("flaade/d1/positions", GOOD)
        await _until_rows(pool, "position", 1)
        assert 0 < await pool.fetchval("SELECT count(*) FROM quarantine") < 5
