"""What came in of late is counted by when it came in: a backlog of old positions is not nothing."""

import html
import re
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import pytest

from api.pages.frame.context import LAST_24_HOURS
from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from db.retention import forget_received
from fleet.position import Position
from ingest.watch.received import (
    ReceivedOfDevice,
    ReceivedSince,
    received_of_device,
    received_since,
)
from tests.factories.private_vehicles import add_vehicle
from tests.factories.serving import GOOD, Client, client_of
from tests.factories.writers import writing

LONG_AGO = datetime(2024, 5, 1, 8, tzinfo=UTC)


def old(count: int, device: str = "d1", after: int = 0) -> list[Position]:
    moments = [LONG_AGO + timedelta(seconds=after + number) for number in range(count)]
    return [Position(device=device, ts=ts, lat=55.77, lon=12.5) for ts in moments]


def day_ago() -> datetime:
    return datetime.now(UTC) - LAST_24_HOURS


async def test_every_position_that_is_stored_is_counted_once_when_it_came_in(pool: Pool) -> None:
    async with writing(pool) as writer, writing(pool) as other:
        assert (await writer.store(old(3), [])).stored == 3
        assert await received_since(pool, day_ago()) == ReceivedSince(3, 1)
        # Those that are sent again are not counted again, whoever was faster.
        assert (await other.store(old(1, after=3), [])).stored == 1
        assert (await writer.store(old(3, after=2), [])).stored == 1
        assert (await other.store(old(5) + old(2, "d2"), [])).stored == 2
        assert (await received_since(pool, day_ago())).positions == 7
    assert await pool.fetchval("SELECT count(*) FROM pending_span") == 0
    assert await received_since(pool, day_ago()) == ReceivedSince(7, 2)
    assert await pool.fetchval("SELECT count(*) FROM position") == 7


async def test_what_came_in_before_is_not_counted_and_is_forgotten(pool: Pool) -> None:
    async with writing(pool) as writer:
        await writer.store(old(3), [])
    for earlier, counted in ((timedelta(hours=23), 3), (timedelta(hours=2), 0)):
        await pool.execute("UPDATE received_minute SET minute = minute - $1::interval", earlier)
        await pool.execute(
            "UPDATE device_state SET received_at = received_at - $1::interval", earlier
        )
        found = await received_since(pool, day_ago())
        assert found == ReceivedSince(counted, 1 if counted else 0)
    for later, left in ((timedelta(0), 1), (timedelta(days=2), 0)):
        await forget_received(pool, datetime.now(UTC) + later)
        assert await pool.fetchval("SELECT count(*) FROM received_minute") == left


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(settings, database_url, ServerRole.INGEST, ServerRole.API) as client:
        yield client


async def test_nobody_sees_without_a_reason_where_a_vehicle_is(client: Client, pool: Pool) -> None:
    await add_vehicle(pool, "v1", "d1")
    now = datetime.now(UTC).isoformat()
    await client.post({**GOOD, "ts": now, "lat": 55.7123, "lon": 12.4567, "speed_kmh": 37})
    for path in ("/intake", "/intake/live", "/intake/trackers", "/intake/trackers/d1", "/"):
        _, page = await client.get(path)
        assert "d1" in page or path == "/"
        for told in ("55,71", "55.71", "12,45", "12.45", "37&nbsp;km", "37\u00a0km"):
            assert told not in page, path


async def test_pages_tell_of_a_backlog_and_of_one_as_one(client: Client, pool: Pool) -> None:
    await add_vehicle(pool, "v1", "d1")

    async def shown(path: str) -> str:
        _, page = await client.get(path)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())

    text = "0 positioner modtaget fra 0 enheder i de seneste 24 timer"
    assert text in await shown("/intake")
    await client.post({**GOOD, "ts": "2024-05-01T08:00:00Z"})
    assert "1 position modtaget fra 1 enhed i de seneste 24 timer" in await shown("/intake")
    await client.post({**GOOD, "ts": "2024-05-01T08:00:10Z"})
    assert "2 positioner modtaget fra 1 enhed i de seneste 24 timer" in await shown("/intake")
    assert "Positioner modtaget i dag 2 " in await shown("/")
    vehicle = await shown("/vehicles/v1")
    assert "Positioner målt i de seneste 24 timer 0 " in vehicle
    assert "Sidst modtaget" in vehicle
    now = datetime.now(UTC)
    await client.post({**GOOD, "ts": now.isoformat()})
    assert "Positioner målt i de seneste 24 timer 1 " in await shown("/vehicles/v1")
    found = await received_of_device(pool, "d1", day_ago())
    assert found.measured == 1
    assert found.last_received is not None
    assert abs(found.last_received - now) < timedelta(minutes=1)
    assert await received_of_device(pool, "d9", day_ago()) == ReceivedOfDevice(0, None)
