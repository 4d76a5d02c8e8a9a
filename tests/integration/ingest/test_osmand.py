"""The OsmAnd port on a real socket."""

from collections.abc import AsyncGenerator
from urllib.parse import parse_qsl

import aiohttp
import pytest

from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from fleet.position import SpeedUnit
from register.devices import EnrolmentError, enrol_device, set_speed_unit
from register.keys import new_device_key
from tests.conftest import free_port
from tests.factories.actors import SOMEBODY
from tests.factories.refused import detail_of
from tests.factories.serving import release

POSITION = "id=d1&lat=55.77&lon=12.5&timestamp=1795255200&speed=10"


@pytest.fixture
async def url(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[str]:
    ports = settings.model_copy(update={"port": 0, "osmand_port": free_port(), "teltonika_port": 0})
    async with running_server(ports, database_url, [ServerRole.INGEST]):
        yield f"http://127.0.0.1:{ports.osmand_port}/"


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def key(pool: Pool) -> str:
    await enrol_device(pool, SOMEBODY, "d1")
    return await new_device_key(pool, SOMEBODY, "d1")


async def test_a_query_with_its_key_is_stored_before_the_answer(
    url: str, session: aiohttp.ClientSession, key: str, pool: Pool
) -> None:
    async with session.get(f"{url}?key={key}&{POSITION}") as response:
        assert response.status == 200
    row = await pool.fetchrow("SELECT device, speed_kmh FROM position")
    assert row is not None
    assert (row["device"], row["speed_kmh"]) == ("d1", pytest.approx(18.52))


@pytest.mark.parametrize(
    ("unit", "kmh"), [(SpeedUnit.M_S, 36), (SpeedUnit.KM_H, 10), (None, 18.52)]
)
async def test_speed_is_in_the_unit_that_is_set_also_of_what_is_released(
    url: str,
    session: aiohttp.ClientSession,
    key: str,
    pool: Pool,
    settings: Settings,
    unit: SpeedUnit | None,
    kmh: float,
) -> None:
    await set_speed_unit(pool, SOMEBODY, "d1", SpeedUnit.KNOTS)
    await set_speed_unit(pool, SOMEBODY, "d1", unit)
    async with session.get(f"{url}?key={key}&{POSITION}") as response:
        assert response.status == 200
    async with session.get(f"{url}?{POSITION.replace('1795255200', '1795255300')}") as response:
        assert response.status == 401
    assert (await release(pool, settings, "d1"))[0].stored == 1
    rows = await pool.fetch("SELECT speed_kmh FROM position")
    assert [row["speed_kmh"] for row in rows] == pytest.approx([kmh, kmh])
    with pytest.raises(EnrolmentError, match="d2 is not enrolled"):
        await set_speed_unit(pool, SOMEBODY, "d2", unit)


async def test_a_form_and_a_json_body_with_the_key_in_the_header(
    url: str, session: aiohttp.ClientSession, key: str, pool: Pool
) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    form = dict(parse_qsl(POSITION))
    async with session.post(url, data=form, headers=headers) as response:
        assert response.status == 200
    body = {
        "device_id": "d1",
        "location": {
            "timestamp": "2026-11-20T11:00:00Z",
            "coords": {"latitude": 55.77, "longitude": 12.5},
        },
    }
    async with session.post(url, json=body, headers=headers) as response:
        assert response.status == 200
    assert await pool.fetchval("SELECT count(*) FROM position") == 2


async def test_an_unknown_device_is_kept_and_answered(
    url: str, session: aiohttp.ClientSession, pool: Pool
) -> None:
    async with session.get(f"{url}?{POSITION}") as response:
        assert response.status == 200
    [row] = await pool.fetch("SELECT device, reason, payload FROM quarantine")
    assert (row["device"], row["reason"]) == ("d1", "unknown_device")
    assert row["payload"].decode() == POSITION


async def test_who_knows_a_name_cannot_send_as_that_device(
    url: str, session: aiohttp.ClientSession, key: str, pool: Pool
) -> None:
    async with session.get(f"{url}?key=guess&{POSITION}") as response:
        assert response.status == 401
    [row] = await pool.fetch("SELECT reason, payload FROM quarantine")
    assert row["reason"] == "not_authorised"
    assert b"guess" not in row["payload"]
    assert await pool.fetchval("SELECT count(*) FROM position") == 0


@pytest.mark.parametrize("query", ["lat=1&lon=2", "id=d1&lat=NaN&lon=2"])
async def test_what_cannot_be_read_is_400_and_kept_when_it_names_its_device(
    url: str, session: aiohttp.ClientSession, key: str, pool: Pool, query: str
) -> None:
    async with session.get(f"{url}?key={key}&{query}") as response:
        assert response.status == 400
        assert await response.text()
    kept = await pool.fetch("SELECT reason, payload FROM quarantine")
    if "id=" in query:
        assert [(row["reason"], row["payload"].decode()) for row in kept] == [("unreadable", query)]
    else:
        assert kept == []


@pytest.mark.parametrize("timestamp", ["x", "null", "99999999999999999999"])
async def test_a_timestamp_that_cannot_be_read_is_kept_and_does_not_hold_up_what_comes_after(
    url: str, session: aiohttp.ClientSession, key: str, pool: Pool, timestamp: str
) -> None:
    query = f"id=d1&lat=55.4&lon=10.9&timestamp={timestamp}"
    body = {"device_id": "d1", "location": {"timestamp": timestamp, "coords": {}}}
    async with (
        session.get(f"{url}?key={key}&{query}") as by_query,
        session.post(f"{url}?key={key}", json=body) as by_json,
    ):
        assert (by_query.status, by_json.status) == (200, 200)
    kept = await pool.fetch("SELECT device, reason, detail FROM quarantine")
    assert [(row["device"], row["reason"]) for row in kept] == 2 * [("d1", "unreadable")]
    assert all("timestamp" in detail_of(row["detail"]) for row in kept)
