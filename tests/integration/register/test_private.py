"""Private driving leaves nothing behind but a count, in no table and by no way in."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from ingest.gate.known_devices import AGE_MAX_S
from register.private_periods import PrivacyError, end_private, private_periods, set_private
from register.private_time import DutyHours, PrivatePeriod
from tests.conftest import free_port
from tests.factories.access import PROGRAM, TESTER
from tests.factories.private_vehicles import add_vehicle, rows
from tests.factories.serving import GOOD, Client, client_of
from tests.factories.teltonika_tracker import logged_in
from tests.unit.ingest.teltonika_encoder import IMEI, Sent, packet
from trips.service import TripService

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(settings, database_url) as client:
        await add_vehicle(pool, "v1", "d1")
        yield client


def at(ts: datetime, **more: Any) -> dict[str, Any]:
    return {**GOOD, "ts": ts.isoformat(), **more}


async def test_positions_of_a_private_period_are_acknowledged_and_only_counted(
    client: Client, pool: Pool
) -> None:
    period = PrivatePeriod(NOW - 2 * HOUR, NOW - HOUR)
    await set_private(pool, Actor.trusted("driver"), "v1", period)
    await asyncio.sleep(AGE_MAX_S + 0.1)
    batch = [at(NOW - 3 * HOUR), at(NOW - 2 * HOUR), at(NOW - 1.5 * HOUR), at(NOW - HOUR)]
    status, answer = await client.post(batch)
    assert (status, answer) == (200, {"stored": 2, "duplicate": 0, "quarantined": 0})
    # What has no moment may have been driven then, also when it comes afterwards.
    no_moment = {**GOOD, "ts": "soon"}
    assert (await client.post(no_moment))[1] == {"stored": 0, "duplicate": 0, "quarantined": 0}
    assert await rows(pool, "quarantine") == 0
    kept = await pool.fetch("SELECT ts FROM position ORDER BY ts")
    assert [row["ts"] for row in kept] == [NOW - 3 * HOUR, NOW - HOUR]
    _, metrics = await client.get("/metrics")
    assert 'flaade_positions_private_total{protocol="positions"} 3.0' in metrics


async def test_what_is_refused_while_private_is_not_kept_either(client: Client, pool: Pool) -> None:
    await set_private(pool, Actor.trusted("driver"), "v1", PrivatePeriod(NOW - HOUR, None))
    await asyncio.sleep(AGE_MAX_S + 0.1)
    wrong = [at(NOW, lat=95), at(NOW - 20_000 * HOUR * 24), at(NOW, soc_pct=400)]
    assert (await client.post(wrong))[1] == {"stored": 0, "duplicate": 0, "quarantined": 0}
    assert await rows(pool, "quarantine") == 0


async def test_by_tcp_neither_positions_nor_a_packet_that_cannot_be_read_are_kept(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    await add_vehicle(pool, "v1", IMEI)
    await set_private(pool, Actor.trusted("driver"), "v1", PrivatePeriod(NOW - HOUR, None))
    ports = settings.model_copy(update={"port": 0, "osmand_port": 0, "teltonika_port": free_port()})
    ms = round(NOW.timestamp() * 1000)
    good = packet(*(Sent(timestamp_ms=ms + 1000 * n) for n in range(5)))
    async with (
        running_server(ports, database_url, [ServerRole.INGEST]),
        logged_in(ports) as tracker,
    ):
        await tracker.send(good)
        assert await tracker.counted() == 5
        await tracker.send(good[:-1] + bytes([good[-1] ^ 1]))
        assert await tracker.counted() == 0
    assert await rows(pool, "position") == await rows(pool, "quarantine") == 0
    assert await pool.fetchval("SELECT sum(positions) FROM private_day") == 6


async def test_outside_duty_hours_a_car_that_is_taken_home_is_private(
    client: Client, pool: Pool
) -> None:
    # Not the moment at which the tests were collected: duty hours may not begin in the past.
    now = datetime.now(UTC).replace(microsecond=0)
    elsewhen = (now.astimezone().weekday() + 3) % 7
    duty = DutyHours(frozenset({elsewhen}), time(7), time(16), on_holidays=True)
    await set_private(pool, Actor.trusted("manager"), "v1", PrivatePeriod(now, None, duty))
    await asyncio.sleep(AGE_MAX_S + 0.1)
    answer = (await client.post([at(now - HOUR), at(now + timedelta(seconds=5))]))[1]
    assert answer["stored"] == 1


async def test_a_period_set_afterwards_deletes_what_was_stored_of_it_with_its_trips(
    client: Client, pool: Pool
) -> None:
    begin = NOW - 5 * HOUR
    drive = [
        at(begin + timedelta(seconds=20 * n), lat=55.77 + 0.002 * min(n, 60), speed_kmh=40.0)
        for n in range(120)
    ]
    await client.post(drive)
    await client.post(at(begin, lat=95))
    await TripService(pool).refresh()
    assert await rows(pool, "trip") == 1
    period = PrivatePeriod(begin - HOUR, begin + HOUR)
    assert await set_private(pool, Actor.trusted("driver"), "v1", period, note="sick child") == 120
    await TripService(pool).refresh()
    assert await rows(pool, "trip") == await rows(pool, "position") == 0
    [one] = await private_periods(pool, "v1")
    assert (one.set_by, one.note, one.deleted, one.ended_by) == ("driver", "sick child", 120, None)


async def test_a_period_is_ended_by_somebody_and_its_past_stays_private(
    client: Client, pool: Pool
) -> None:
    await set_private(pool, Actor.trusted("driver"), "v1", PrivatePeriod(NOW - HOUR, None))
    [one] = await private_periods(pool, "v1")
    await end_private(pool, Actor.trusted("manager"), one.private_id)
    await asyncio.sleep(AGE_MAX_S + 0.1)
    later = datetime.now(UTC) + timedelta(seconds=1)
    assert (await client.post([at(NOW - HOUR / 2), at(later)]))[1]["stored"] == 1
    [ended] = await private_periods(pool, "v1")
    assert ended.ended_by == "manager"
    assert ended.period.ends is not None
    with pytest.raises(PrivacyError, match="has not ended"):
        await end_private(pool, Actor.trusted("manager"), one.private_id)


@pytest.mark.parametrize(
    ("vehicle", "period", "reason"),
    [
        ("v2", PrivatePeriod(NOW, None), "no vehicle v2"),
        ("v1", PrivatePeriod(NOW, NOW - HOUR), "ends after"),
        (
            "v1",
            PrivatePeriod(NOW - HOUR, None, DutyHours(frozenset({1}), time(7), time(16))),
            "now or later",
        ),
        ("v1", PrivatePeriod(NOW, None, DutyHours(frozenset(), time(7), time(16))), "weekday"),
    ],
)
async def test_what_cannot_be_set_says_why(
    pool: Pool, vehicle: str, period: PrivatePeriod, reason: str
) -> None:
    await add_vehicle(pool, "v1", "d1")
    with pytest.raises(PrivacyError, match=reason):
        await set_private(pool, Actor.trusted("x"), vehicle, period)
    assert await rows(pool, "private_period") == 0


async def test_the_page_of_a_vehicle_sets_and_ends_private_driving(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    async with client_of(settings, database_url, ServerRole.INGEST, ServerRole.API) as client:
        await add_vehicle(pool, "v1", "d1")
        url = client.server.url + "/vehicles/v1/private"
        danish = {"Accept": "text/html"}
        async with client.session.post(url, data={"kind": "duty"}, headers=danish) as response:
            assert response.status == 422
            assert "Vælg mindst én dag med tjeneste" in await response.text()
        async with client.session.post(url, data={}, headers=danish) as response:
            assert "Privat nu" in await response.text()
        [one] = await private_periods(pool, "v1")
        end = f"{url}/{one.private_id}/end"
        for status in (200, 404):  # it ends once
            async with client.session.post(end, data={}, headers=danish) as response:
                assert response.status == status
        [one] = await private_periods(pool, "v1")
        assert (one.set_by, one.ended_by) == (TESTER, TESTER)
        await pool.execute(
            "INSERT INTO trip"
            " (device, start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km)"
            " SELECT 'd1', day + interval '8 hours', day + interval '9 hours', 0, 0, 0, 0, 1"
            " FROM generate_series('2026-10-01Z'::timestamptz, '2026-10-05Z', '1 day') AS day"
        )
        slip = {"kind": "span", "begins": "2025-10-01T00:00", "ends": "2026-10-04T00:00"}
        async with client.session.post(url, data=slip, headers=danish) as response:
            assert (response.status, "Slet 3 ture for altid" in await response.text()) == (
                422,
                True,
            )
        assert await rows(pool, "trip") == 5
        meant = slip | {"confirmed": "1"}
        async with client.session.post(url, data=meant, headers=danish) as response:
            assert response.status == 200
        assert await rows(pool, "trip") == 2
        async with client.session.get(client.server.url + "/vehicles/v2/private") as response:
            assert response.status == 404


async def test_programs_set_list_and_end_private_periods(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        await add_vehicle(pool, "v1", "d1")
        url = client.server.url + "/v1/vehicles/v1/private"

        async def ask(path: str, body: object | None = None) -> tuple[int, dict[str, Any]]:
            method = "GET" if body is None else "POST"
            async with client.session.request(method, path, json=body) as response:
                return response.status, await response.json()

        duty = {"duty": "mon-fri 07:00-16:00", "note": "taken home"}
        assert await ask(url, duty) == (
            200,
            {"deleted": 0, "removed_trips": 0, "removed_refused": 0},
        )
        _, listed = await ask(url)
        [period] = listed["items"]
        assert (period["duty"], period["set_by"], period["ended_by"]) == (
            "mon,tue,wed,thu,fri 07:00-16:00",
            PROGRAM,
            None,
        )
        end = f"{url}/{period['private_id']}/end"
        assert await ask(end, {}) == (200, {"ended": 1})
        status, answer = await ask(end, {})
        assert (status, "has not ended" in answer["detail"]) == (422, True)
        assert (await ask(url))[1]["items"][0]["ended_by"] == PROGRAM
        assert (await ask(f"{url}/999/end", {}))[0] == 404
        status, answer = await ask(url, {"duty": "whenever"})
        assert (status, answer["errors"][0]["field"]) == (422, "duty")
        assert (await ask(url.replace("v1/private", "v9/private")))[0] == 404
        await pool.execute(
            "INSERT INTO trip"
            " (device, start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km) VALUES ("
            "'d1', '2026-03-02 08:00Z', '2026-03-02 09:00Z', 55.7, 12.5, 55.8, 12.5, 12)"
        )
        past = {"begins": "2026-03-01T00:00:00Z", "ends": "2026-03-03T00:00:00Z"}
        counts = {"deleted": 0, "removed_trips": 1, "removed_refused": 0}
        assert await ask(url, past) == (200, counts)
