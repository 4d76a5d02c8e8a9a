"""`POST /v1/flespi` on a real socket and a real database."""

from collections.abc import AsyncGenerator
from typing import Any

import orjson
import pytest

from api.settings import Settings
from db.connect import Pool
from ingest.gate.receipt import Receipt
from register.devices import enrol_device
from tests.factories.actors import SOMEBODY
from tests.factories.refused import detail_of
from tests.factories.serving import Client, client_of, release

GOOD: dict[str, Any] = {
    "ident": "d1",
    "timestamp": 1795255200,
    "position.latitude": 55.77,
    "position.longitude": 12.5,
}


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(settings, database_url) as client:
        yield client


async def test_an_array_is_stored_before_the_answer_and_sent_again_it_is_duplicate(
    client: Client, pool: Pool
) -> None:
    batch = [{**GOOD, "timestamp": GOOD["timestamp"] + n} for n in range(3)]
    answer = {"stored": 3, "duplicate": 0, "quarantined": 0}
    assert await client.post(batch, path="/v1/flespi") == (200, answer)
    assert await pool.fetchval("SELECT count(*) FROM position") == 3
    again = {"stored": 0, "duplicate": 3, "quarantined": 0}
    assert await client.post(batch, path="/v1/flespi", compress=True) == (200, again)
    _, metrics = await client.get("/metrics")
    assert 'flaade_positions_stored_total{protocol="flespi"} 3.0' in metrics


async def test_without_a_key_or_with_a_wrong_field_nothing_is_stored(
    client: Client, pool: Pool
) -> None:
    assert (await client.post([GOOD], path="/v1/flespi", key="wrong"))[0] == 401
    status, answer = await client.post([GOOD, {**GOOD, "ident": 7}], path="/v1/flespi")
    assert (status, answer["errors"][0]["index"]) == (422, 1)
    assert answer["errors"][0]["field"] == "ident"
    assert (await client.post(b"", path="/v1/flespi", content_type="text/csv"))[0] == 415
    assert await pool.fetchval("SELECT count(*) FROM position") == 0


async def test_no_fix_is_heard_and_an_unknown_device_is_kept_and_stored_when_enrolled(
    client: Client, pool: Pool, settings: Settings
) -> None:
    heartbeat = {"ident": "d1", "timestamp": GOOD["timestamp"] + 60}
    asleep = {**GOOD, "timestamp": GOOD["timestamp"] + 120, "position.valid": False}
    batch = [GOOD, heartbeat, asleep, {**GOOD, "ident": "new"}]
    _, answer = await client.post(batch, path="/v1/flespi")
    assert answer == {"stored": 3, "duplicate": 0, "quarantined": 1}
    assert await pool.fetchval("SELECT count(*) FROM position WHERE lat = 55.77") == 3
    reasons = await pool.fetch("SELECT device, reason FROM quarantine ORDER BY device")
    assert [tuple(row) for row in reasons] == [("new", "unknown_device")]
    await enrol_device(pool, SOMEBODY, "new")
    assert await release(pool, settings, "new") == (Receipt(1, 0, 0), 0)


@pytest.mark.parametrize("timestamp", ["soon", None, 1e300])
async def test_a_message_whose_time_cannot_be_read_is_kept_and_the_others_are_stored(
    client: Client, pool: Pool, settings: Settings, timestamp: object
) -> None:
    """A gateway sends the same body until it is answered 200: one such message would stop it."""
    later = {**GOOD, "timestamp": GOOD["timestamp"] + 60}
    batch = [GOOD, {**GOOD, "timestamp": timestamp, "driver.code": "00AB"}, later]
    answer = {"stored": 2, "duplicate": 0, "quarantined": 1}
    assert await client.post(batch, path="/v1/flespi") == (200, answer)
    moments = await pool.fetchval(
        "SELECT array_agg(extract(epoch FROM ts)::int ORDER BY ts) FROM position"
    )
    assert moments == [GOOD["timestamp"], later["timestamp"]]
    [row] = await pool.fetch("SELECT device, reason, detail, ts, payload FROM quarantine")
    assert (row["device"], row["reason"], row["ts"]) == ("d1", "clock", None)
    assert detail_of(row["detail"]) == "its time is no moment"
    assert orjson.loads(row["payload"]) == {**GOOD, "timestamp": timestamp}
    assert await release(pool, settings, "d1") == (Receipt(0, 0, 0), 1)
