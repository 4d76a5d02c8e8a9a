"""`POST /v1/positions` on a real socket and a real database."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import orjson
import pytest
from yarl import URL

from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from fleet.position import POSITION_FIELDS, REQUIRED_FIELDS
from ingest.gate.known_devices import AGE_MAX_S, MISS_AGE_MAX_S
from register.devices import enrol_device
from register.keys import new_device_key, revoke_keys
from tests.conftest import free_port
from tests.factories.actors import SOMEBODY
from tests.factories.refused import detail_of
from tests.factories.serving import GOOD, Client, client_of, release


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    small = settings.model_copy(update={"body_max_bytes": 20_000})
    async with client_of(small, database_url) as client:
        yield client


def minute(number: int) -> dict[str, Any]:
    return {**GOOD, "ts": 1_795_000_000 + 60 * number}


async def test_what_is_answered_is_stored_with_every_field(client: Client, pool: Pool) -> None:
    full: dict[str, Any] = {
        **GOOD,
        "speed_kmh": 43.5,
        "heading_deg": 90,
        "altitude_m": 12,
        "accuracy_m": 4,
        "satellites": 9,
        "ignition": True,
        "odometer_km": 12345.678,
        "engine_hours_h": 77.5,
        "fuel_pct": 50,
        "soc_pct": 80,
        "charging": False,
        "battery_v": 12.5,
        "attrs": {"door": "open"},
    }
    assert await client.post(full) == (200, {"stored": 1, "duplicate": 0, "quarantined": 0})
    row = await pool.fetchrow("SELECT * FROM position")
    assert row is not None
    stored = dict(row)
    assert stored.pop("received_at") is not None
    assert stored.pop("ts").isoformat() == "2026-11-20T10:00:00+00:00"
    assert stored == {name: value for name, value in full.items() if name != "ts"}


async def test_sent_again_it_is_a_duplicate_and_no_error(client: Client, pool: Pool) -> None:
    batch = [minute(i) for i in range(10)]
    assert (await client.post(batch))[1] == {"stored": 10, "duplicate": 0, "quarantined": 0}
    assert (await client.post(batch))[1] == {"stored": 0, "duplicate": 10, "quarantined": 0}
    twice = [minute(10), minute(10)]
    assert (await client.post(twice))[1] == {"stored": 1, "duplicate": 1, "quarantined": 0}
    assert await pool.fetchval("SELECT count(*) FROM position") == 11


async def test_lines_and_gzip(client: Client) -> None:
    body = b"\n".join(orjson.dumps(minute(i)) for i in range(5))
    status, answer = await client.post(body, content_type="application/x-ndjson", compress=True)
    assert (status, answer["stored"]) == (200, 5)


async def test_many_senders_at_once_each_get_their_own_receipt(client: Client, pool: Pool) -> None:
    """The same hour from many connections: what is stored adds up, whoever was first."""
    batches = [[minute(i) for i in range(start, start + 20)] for start in range(0, 200, 10)]
    answers = await asyncio.gather(*(client.post(batch) for batch in batches))
    assert sum(answer["stored"] for _, answer in answers) == 210
    assert all(answer["stored"] + answer["duplicate"] == 20 for _, answer in answers)
    assert await pool.fetchval("SELECT count(*) FROM position") == 210


async def test_an_unknown_device_is_kept_and_released_after_enrolment(
    client: Client, pool: Pool
) -> None:
    batch = [minute(0), {**minute(1), "device": "stranger"}]
    assert (await client.post(batch))[1] == {"stored": 1, "duplicate": 0, "quarantined": 1}
    [kept] = await pool.fetch("SELECT device, reason, payload FROM quarantine")
    assert (kept["device"], kept["reason"]) == ("stranger", "unknown_device")
    assert orjson.loads(kept["payload"]) == batch[1]

    await enrol_device(pool, SOMEBODY, "stranger")
    await asyncio.sleep(2 * MISS_AGE_MAX_S)
    status, answer = await client.post({**minute(2), "device": "stranger"})
    assert (status, answer["stored"]) == (200, 1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ts": "1970-01-01T00:00:10Z"}, "clock"),
        ({"ts": "2099-01-01T00:00:00Z"}, "clock"),
        ({"lat": 95}, "coordinates"),
        ({"lat": "NaN"}, "coordinates"),
        ({"lat": 0, "lon": 0}, "zero_island"),
    ],
)
async def test_the_implausible_is_kept_with_its_reason(
    client: Client, pool: Pool, change: dict[str, Any], reason: str
) -> None:
    assert (await client.post({**GOOD, **change}))[1]["quarantined"] == 1
    assert await pool.fetchval("SELECT reason FROM quarantine") == reason
    assert await pool.fetchval("SELECT count(*) FROM position") == 0


async def test_a_jump_is_kept_released_by_hand_and_never_holds_the_device_back(
    client: Client, pool: Pool, settings: Settings
) -> None:
    drive = [{**minute(n), "lat": 55.77 + 0.005 * n} for n in range(6)]
    drive[3]["lat"] = 59.0
    assert (await client.post(drive))[1] == {"stored": 5, "duplicate": 0, "quarantined": 1}
    assert (await client.post(drive))[1] == {"stored": 0, "duplicate": 5, "quarantined": 1}
    [row] = await pool.fetch("SELECT reason, detail, times_sent FROM quarantine")
    assert (row["reason"], row["times_sent"]) == ("jump", 2)
    assert detail_of(row["detail"]) == "356.4 km and 120 s from the last"
    await release(pool, settings, "d1")
    assert await pool.fetchval("SELECT count(*) FROM position") == 6


async def test_where_a_device_was_last_is_known_after_a_restart(
    client: Client, pool: Pool, settings: Settings, database_url: str
) -> None:
    assert (await client.post(minute(0)))[1]["stored"] == 1
    async with client_of(settings, database_url) as fresh:
        assert (await fresh.post({**minute(1), "lat": 59.0}))[1]["quarantined"] == 1
        assert (await fresh.post(minute(2)))[1]["stored"] == 1


async def test_one_value_that_only_the_database_refuses_costs_its_own_row_only(
    client: Client, pool: Pool
) -> None:
    rows = [orjson.dumps(minute(number)) for number in range(7)]
    rows[3] = rows[3][:-1] + b',"attrs":{"hdop":1e-99999}}'
    status, answer = await client.post(b"[" + b",".join(rows) + b"]")
    assert (status, answer) == (200, {"stored": 6, "duplicate": 0, "quarantined": 1})
    [kept] = await pool.fetch("SELECT reason, payload FROM quarantine")
    assert kept["reason"] == "value"


async def test_several_processes_may_share_the_ports_of_a_machine(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    shared = settings.model_copy(
        update={
            "port": free_port(),
            "osmand_port": free_port(),
            "teltonika_port": free_port(),
            "reuse_port": True,
        }
    )
    async with (
        running_server(shared, database_url, [ServerRole.INGEST]),
        running_server(shared, database_url, [ServerRole.INGEST]) as second,
        aiohttp.ClientSession() as session,
        session.get(second.url + "/readyz") as response,
    ):
        assert response.status == 200


async def test_the_same_refused_telemetry_is_kept_once_and_counted(
    client: Client, pool: Pool
) -> None:
    for _ in range(3):
        await client.post({**GOOD, "lat": 95})
    assert await pool.fetchval("SELECT array_agg(times_sent) FROM quarantine") == [3]


async def test_a_body_that_cannot_be_read_names_element_field_and_reason(
    client: Client, pool: Pool
) -> None:
    status, answer = await client.post([minute(0), {"device": "d1", "ts": "soon", "lat": 1}])
    assert status == 422
    assert {(e["index"], e["field"]) for e in answer["errors"]} == {(1, "ts"), (1, "lon")}
    assert all(e["reason"] for e in answer["errors"])
    # The sender keeps the whole body, so none of it is stored.
    assert await pool.fetchval("SELECT count(*) FROM position") == 0


@pytest.mark.parametrize("content_type", ["application/json", "application/x-ndjson"])
@pytest.mark.parametrize(
    ("change", "reason", "detail"),
    [
        ({"ts": "soon"}, "clock", "its time is no moment"),
        ({"ts": None}, "clock", "its time is no moment"),
        ({"ts": 1e300}, "clock", "its time is no moment"),
        ({"lat": "north"}, "coordinates", "its latitude or longitude is no number"),
    ],
)
async def test_a_position_whose_time_or_place_cannot_be_read_costs_no_other(
    client: Client,
    pool: Pool,
    content_type: str,
    change: dict[str, Any],
    reason: str,
    detail: str,
) -> None:
    ones = [orjson.dumps(one) for one in (minute(0), {**minute(1), **change}, minute(2))]
    is_json = content_type == "application/json"
    body = b"[%b]" % b",".join(ones) if is_json else b"\n".join(ones)
    answer = {"stored": 2, "duplicate": 0, "quarantined": 1}
    assert await client.post(body, content_type=content_type) == (200, answer)
    [row] = await pool.fetch("SELECT device, reason, detail, payload FROM quarantine")
    assert (row["device"], row["reason"], row["payload"]) == ("d1", reason, ones[1])
    assert detail_of(row["detail"]) == detail


@pytest.mark.parametrize("body", [b"", b"{", b'{"lat": NaN}', b"\xff\xfe"])
async def test_what_is_no_json_is_422(client: Client, body: bytes) -> None:
    status, answer = await client.post(body)
    assert (status, answer["errors"][0]["field"]) == (422, "body")


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_body_that_does_not_unpack_is_refused_in_our_words_and_no_error_of_ours(
    client: Client, encoding: str
) -> None:
    port = URL(client.server.url).port
    for path in ("/v1/positions", "/v1/flespi"):
        lines = [
            *(f"POST {path} HTTP/1.1", "Host: here", "Content-Length: 20"),
            *("Content-Type: application/json", f"Content-Encoding: {encoding}"),
            *(f"Authorization: Bearer {client.key}", "", ""),
        ]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write("\r\n".join(lines).encode())
        await asyncio.sleep(0.2)  # so that the body is waited for when it comes
        writer.write(b"not packed ")
        answer = b""
        async with asyncio.timeout(10):
            while b"}" not in answer and (more := await reader.read(4_096)):
                answer += more
        assert b"422" in answer.split(b"\r\n")[0]
        assert f"is not {encoding}, which Content-Encoding says".encode() in answer
        writer.close()
    await asyncio.sleep(0.2)  # the rest of a body is read after the answer
    _, metrics = await client.get("/metrics")
    assert "flaade_unexpected_errors_total{" not in metrics


@pytest.mark.parametrize("compress", [False, True])
async def test_a_body_over_the_limit_is_413_also_when_it_only_unpacks_to_that(
    client: Client, compress: bool
) -> None:
    status, answer = await client.post(b" " * 30_000, compress=compress)
    assert status == 413
    assert "larger" in answer["detail"]


async def test_bodies_that_do_not_fit_in_memory_together_are_told_to_come_back(
    settings: Settings, database_url: str
) -> None:
    """While one sender is slow with its body, another may use what is left, and no more."""
    small = settings.model_copy(update={"bodies_max_bytes": 5_000})
    rest = asyncio.Event()

    async def slow() -> AsyncGenerator[bytes]:
        yield b"[" + b" " * 4_000
        await rest.wait()
        yield orjson.dumps(GOOD) + b"]"

    async with client_of(small, database_url) as client:
        first = asyncio.create_task(client.post(slow()))
        async with asyncio.timeout(10):
            while "flaade_bodies_bytes 4001.0" not in (await client.get("/metrics"))[1]:
                pass
        status, answer = await client.post(b" " * 2_000)
        assert status == 503
        assert "not answered yet" in answer["detail"]
        assert (await client.post(minute(1)))[0] == 200
        rest.set()
        assert await first == (200, {"stored": 1, "duplicate": 0, "quarantined": 0})
        assert (await client.post(b" " * 2_000))[0] == 422
        assert "flaade_bodies_bytes 0.0" in (await client.get("/metrics"))[1]


async def test_a_body_that_does_not_come_is_408(settings: Settings, database_url: str) -> None:
    impatient = settings.model_copy(update={"body_wait_max_s": 0.2})

    async def never() -> AsyncGenerator[bytes]:
        yield b"["
        await asyncio.Event().wait()

    async with client_of(impatient, database_url) as client:
        status, answer = await client.post(never())
        assert (status, answer["detail"]) == (408, "the body did not arrive in time")


async def test_no_key_or_a_wrong_one_is_401(client: Client) -> None:
    assert (await client.post(GOOD, key="wrong"))[0] == 401


async def test_a_device_may_not_send_for_another(client: Client, pool: Pool) -> None:
    await enrol_device(pool, SOMEBODY, "d2")
    key = await new_device_key(pool, SOMEBODY, "d2")
    assert (await client.post(minute(0), key=key))[1]["quarantined"] == 1
    assert await pool.fetchval("SELECT reason FROM quarantine") == "not_authorised"
    assert (await client.post({**minute(0), "device": "d2"}, key=key))[1]["stored"] == 1


async def test_keys_rotate_without_downtime_and_stop_when_revoked(
    client: Client, pool: Pool
) -> None:
    old, new = (
        await new_device_key(pool, SOMEBODY, "d1"),
        await new_device_key(pool, SOMEBODY, "d1"),
    )
    assert (await client.post(minute(0), key=old))[0] == 200
    assert (await client.post(minute(1), key=new))[0] == 200
    assert await revoke_keys(pool, SOMEBODY, device="d1") == 2
    await asyncio.sleep(AGE_MAX_S + 0.1)
    assert (await client.post(minute(2), key=old))[0] == 401


async def test_keys_are_stored_hashed(client: Client, pool: Pool) -> None:
    [row] = await pool.fetch("SELECT * FROM api_key")
    assert client.key.encode() not in row["key_sha256"]
    assert client.key not in str(dict(row))


async def test_positions_years_apart_each_find_a_partition(client: Client, pool: Pool) -> None:
    batch = [{**GOOD, "ts": f"{year}-06-01T12:00:00Z"} for year in range(2010, 2027)]
    assert (await client.post(batch))[1]["stored"] == 17
    assert await pool.fetchval("SELECT count(*) FROM position") == 17


async def test_health_readiness_and_metrics(client: Client) -> None:
    await client.post(GOOD)
    assert await client.get("/healthz") == (200, "ok\n")
    assert await client.get("/readyz") == (200, "ready\n")
    _, text = await client.get("/metrics")
    assert 'flaade_positions_stored_total{protocol="positions"} 1.0' in text
    measured = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
    assert float(measured["flaade_writer_commit_seconds_count"]) == 1
    assert float(measured["flaade_writer_oldest_waiting_seconds"]) == 0
    age = datetime.now(UTC) - datetime.fromisoformat(GOOD["ts"])
    assert abs(float(measured["flaade_position_lag_seconds"]) - age.total_seconds()) < 60
    assert float(measured['flaade_connections{protocol="http"}']) >= 1


async def test_the_interface_describes_itself(client: Client) -> None:
    status, text = await client.get("/openapi.json")
    described = orjson.loads(text)
    assert status == 200
    assert described["openapi"] == "3.1.0"
    body = described["components"]["schemas"]["PositionBody"]
    assert set(body["properties"]) == set(POSITION_FIELDS)
    assert set(body["required"]) == set(REQUIRED_FIELDS)


async def test_no_log_line_says_where_anybody_was(
    client: Client,
    pool: Pool,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Through every way that a position takes: stored, refused, wild, stopped by a locked table."""
    here = {"lat": 55.123457, "lon": 12.654321}
    await client.post([{**minute(n), **here} for n in range(5)])
    await client.post({**minute(6), "lat": 95.123457, "lon": 12.654321})
    await client.post({**minute(7), "lat": 59.123457, "lon": 12.654321})
    await client.post({**minute(8), **here, "device": "stranger"})
    await client.post(b'[{"lat": 55.123457, "lon": 12.654321}')
    await client.post({**here, "device": "d1", "ts": "soon"})
    assert await pool.fetchval("SELECT count(*) FROM quarantine") == 4
    out, err = capfd.readouterr()
    assert "123457" not in out + err + caplog.text
    assert "654321" not in out + err + caplog.text
