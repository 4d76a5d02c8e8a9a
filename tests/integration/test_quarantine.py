"""What was refused can be seen, released, and is never lost."""

from collections.abc import AsyncGenerator

import pytest

from api.server import Part
from db.connect import Pool
from fleet.settings import Settings
from ingest.intake import Intake
from ingest.registry import enrol_device
from tests.integration.serving import GOOD, Client, client_of


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(settings, database_url, Part.INGEST, Part.API) as client:
        yield client


async def release(client: Client, device: str, reason: str) -> None:
    fields = {"device": device, "reason": reason}
    async with client.session.post(client.server.url + "/intake/release", data=fields) as response:
        assert response.status == 200


async def test_released_after_enrolment_it_is_stored(client: Client, pool: Pool) -> None:
    batch = [{**GOOD, "device": "new", "ts": 1_795_000_000 + i} for i in range(1200)]
    assert (await client.post(batch))[1]["quarantined"] == 1200
    await enrol_device(pool, "new")
    await release(client, "new", "unknown_device")
    assert await pool.fetchval("SELECT count(*) FROM position WHERE device = 'new'") == 1200
    assert await pool.fetchval("SELECT count(*) FROM quarantine WHERE released_at IS NULL") == 0


async def test_what_is_still_refused_stays_with_the_reason_of_today(
    client: Client, pool: Pool
) -> None:
    await client.post({**GOOD, "device": "new", "lat": 95})
    await enrol_device(pool, "new")
    await release(client, "new", "unknown_device")
    [row] = await pool.fetch("SELECT reason, released_at FROM quarantine")
    assert (row["reason"], row["released_at"]) == ("coordinates", None)


async def test_released_twice_it_is_stored_once(client: Client, pool: Pool) -> None:
    await client.post({**GOOD, "device": "new"})
    await enrol_device(pool, "new")
    await release(client, "new", "unknown_device")
    await pool.execute("UPDATE quarantine SET released_at = NULL")
    await release(client, "new", "unknown_device")
    assert await pool.fetchval("SELECT count(*) FROM position") == 1


async def test_an_osmand_position_without_a_time_keeps_the_time_of_its_receipt(
    pool: Pool, settings: Settings, client: Client
) -> None:
    await pool.execute(
        "INSERT INTO quarantine (protocol, device, reason, detail, payload, payload_sha256,"
        " received_at) VALUES ('osmand', 'new', 'unknown_device', '', $1, $1, $2::timestamptz)",
        b"id=new&lat=55.77&lon=12.5",
        (await pool.fetchval("SELECT '2026-11-01T10:00:00Z'::timestamptz")),
    )
    await enrol_device(pool, "new")
    await release(client, "new", "unknown_device")
    ts = await pool.fetchval("SELECT ts FROM position")
    assert ts.isoformat() == "2026-11-01T10:00:00+00:00"


async def test_a_release_without_a_writer_fails_loudly_instead_of_waiting_for_ever(
    pool: Pool, settings: Settings
) -> None:
    await enrol_device(pool, "d1")
    impatient = Intake(pool, settings.model_copy(update={"writer_wait_max_s": 0.2}))
    await pool.execute(
        "INSERT INTO quarantine (protocol, device, reason, detail, payload, payload_sha256)"
        " VALUES ('positions', 'd1', 'unknown_device', '', $1, $1)",
        b'{"device":"d1","ts":"2026-11-20T10:00:00Z","lat":55.77,"lon":12.5}',
    )
    with pytest.raises(RuntimeError, match="no commit within"):
        await impatient.release("d1", None)
    assert await pool.fetchval("SELECT count(*) FROM quarantine WHERE released_at IS NULL") == 1
