"""A vehicle's own page: how its trips are found, where it sleeps, and what is unknown of it."""

import re
from collections.abc import AsyncGenerator
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from fleet.position import Position
from ingest.store.writer import PositionWriter
from register.private_periods import set_private
from register.private_time import PrivatePeriod
from tests.factories.driving import DEPOT, MORNING, day_of_driving
from tests.factories.page_text import words
from tests.factories.serving import Client, client_of
from tests.factories.vehicles import put_cars
from trips.service import TripService


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    """V1 has the tracker d1; V2 has d2, which was never heard; V3 has none."""
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', $1, $2, 150)", *DEPOT)
    await put_cars(pool, "v1", "v2", "v3")
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        await pool.execute("INSERT INTO device (device, vehicle_id) VALUES ('d1', 'v1')")
        await pool.execute("INSERT INTO device (device, vehicle_id) VALUES ('d2', 'v2')")
        yield client


async def choose(client: Client, trip_class: str, language: str = "da") -> tuple[int, str]:
    async with client.session.post(
        client.server.url + "/vehicles/v1/trip-class",
        data={"trip_class": trip_class},
        headers={"Cookie": f"lang={language}"},
    ) as answer:
        return answer.status, await answer.text()


def an_errand_with_a_stop_of_eight_minutes() -> list[Position]:
    """Home, ten minutes' driving, eight minutes' standing, ten minutes' driving, and there."""
    positions: list[Position] = []
    for step in range(240):
        minute = step / 2
        driven_min = min(max(minute - 40, 0), 10) + min(max(minute - 58, 0), 10)
        driving = 40 <= minute < 50 or 58 <= minute < 68
        positions.append(
            Position(
                device="d1",
                ts=MORNING + timedelta(minutes=minute),
                lat=DEPOT[0] + driven_min * 0.6 / 111.195,
                lon=DEPOT[1],
                speed_kmh=36 if driving else 0,
            )
        )
    return positions


async def test_a_class_chosen_on_the_page_finds_the_trips_anew(
    client: Client, pool: Pool, writer: PositionWriter
) -> None:
    await writer.store(an_errand_with_a_stop_of_eight_minutes(), [])
    service = TripService(pool)
    await service.refresh()
    assert await pool.fetchval("SELECT count(*) FROM trip") == 2
    _, page = await client.get("/vehicles/v1")
    assert "Personbil som for alle person- og varebiler" in words(page)
    assert "En tur slutter efter et stop på 5 min." in words(page)

    status, page = await choose(client, "truck")
    assert status == 200
    assert "Klassen er gemt" in page
    assert "Turene er ved at blive fundet på ny" in page
    assert "Lastbil valgt for dette køretøj" in words(page)
    assert "En tur slutter efter et stop på 10 min." in words(page)
    assert await service.refresh() == 1
    assert await pool.fetchval("SELECT count(*) FROM trip") == 1
    assert "ved at blive fundet" not in (await client.get("/vehicles/v1"))[1]

    await choose(client, "")
    await service.refresh()
    assert await pool.fetchval("SELECT count(*) FROM trip") == 2


@pytest.mark.parametrize(
    ("language", "reason"),
    [("da", "Vælg en af klasserne på listen"), ("en", "Choose one of the classes in the list")],
)
async def test_a_class_that_there_is_not_is_refused_at_its_field(
    client: Client, pool: Pool, language: str, reason: str
) -> None:
    status, page = await choose(client, "tank", language)
    assert status == 422
    assert f"{reason}</span>" in page.partition('id="trip_class-error"')[2]
    assert await pool.fetchval("SELECT trip_class FROM vehicle WHERE vehicle_id = 'v1'") is None
    url = client.server.url + "/vehicles/nothing/trip-class"
    async with client.session.post(url, data={"trip_class": "car"}) as answer:
        assert answer.status == 404


async def test_a_class_that_only_the_register_knows_is_told_and_can_be_changed(
    client: Client, pool: Pool
) -> None:
    await pool.execute("UPDATE vehicle SET trip_class = 'patient'")
    status, page = await client.get("/vehicles/v1")
    assert status == 200
    assert "som ikke findes, så der findes ingen ture" in page
    assert (await choose(client, "van"))[0] == 200


async def test_the_page_says_where_the_vehicle_stands_at_night(
    client: Client, pool: Pool, writer: PositionWriter
) -> None:
    # From the second day on it stays where it drove to.
    stays = [p for p in day_of_driving("d1", days=3) if p.ts < MORNING + timedelta(hours=3)]
    await writer.store(stays, [])
    await writer.store(day_of_driving("d2", days=3), [])
    await TripService(pool).refresh()
    away, own, none = [
        words((await client.get(f"/vehicles/{vehicle}"))[1]) for vehicle in ("v1", "v2", "v3")
    ]
    assert "Står om natten Ét sted, der ikke er et depot" in away
    assert "kendt for 2 nætter" in away
    assert "Står om natten På sit eget depot: Home kendt for 2 nætter" in own
    assert "Står om natten Ukendt" in none


@pytest.mark.parametrize("vehicle", ["v2", "v3"])
async def test_a_vehicle_without_positions_is_unknown_and_never_unused(
    client: Client, pool: Pool, writer: PositionWriter, vehicle: str
) -> None:
    await writer.store(day_of_driving("d1"), [])
    await TripService(pool).refresh()
    for path in (f"/vehicles/{vehicle}", f"/vehicles/{vehicle}/year"):
        page = words((await client.get(path))[1])
        assert "Ukendt" in page
        assert "Sjældent brugt" not in page
        assert "0 km" not in page
    use = (await client.get("/use"))[1]
    assert "Af køretøjerne er 2 af 3 ukendte" in words(use)
    row = words(use.partition(f'href="/vehicles/{vehicle}/year"')[2].partition("</tr>")[0])
    assert "Ukendt" in row
    assert "0 km" not in row
    overview = (await client.get("/"))[1]
    least = overview.partition('id="least-heading"')[2].partition("</section>")[0]
    assert "/vehicles/v1" in least
    assert f"/vehicles/{vehicle}" not in least


async def test_days_without_positions_are_silence_and_no_days_of_standing_still(
    client: Client, pool: Pool, writer: PositionWriter
) -> None:
    """Two days of driving, four of silence, two of driving: the gap is told and not counted."""
    days = [(p.ts - MORNING, p) for device in ("d1", "d2") for p in day_of_driving(device, days=8)]
    heard = [
        replace(p, ts=p.ts - timedelta(weeks=2))  # so that none is still to come
        for since, p in days
        if p.device == "d2" or not timedelta(days=2) <= since < timedelta(days=6)
    ]
    await writer.store(heard, [])
    await TripService(pool).refresh()
    _, year = await client.get("/vehicles/v1/year")
    silent = re.findall(r"<title>([^<]+): chippen var tavs</title>", year)
    assert len(silent) == 4 - 1  # the morning of the first silent day was still heard
    _, full = await client.get("/vehicles/v2/year")
    assert "chippen var tavs</title>" not in full
    # Too much was silent to say how often it is used; what it drove stands.
    use = (await client.get("/use?department=d"))[1]
    row = words(use.partition('href="/vehicles/v1/year"')[2].partition("</tr>")[0])
    assert "Ukendt" in row
    assert re.search(r"\b1\d\d km", row)


async def test_a_day_without_trips_is_not_called_idle_when_nobody_knows(
    client: Client, pool: Pool, writer: PositionWriter
) -> None:
    await writer.store(day_of_driving("d1", days=1), [])
    await TripService(pool).refresh()
    still = MORNING + timedelta(days=1)
    parked = [
        Position(device="d1", ts=still + timedelta(minutes=n), lat=DEPOT[0], lon=DEPOT[1])
        for n in range(0, 600, 5)
    ]
    await writer.store(parked, [])
    await TripService(pool).refresh()
    await set_private(
        pool,
        Actor.trusted("a"),
        "v1",
        PrivatePeriod(MORNING + timedelta(days=2), MORNING + timedelta(days=2, hours=1)),
    )
    said = {
        MORNING.date() + timedelta(days=1): "kørte ingen ture den dag, så vidt vides",
        MORNING.date() + timedelta(days=2): "en del af den er privat",
        MORNING.date() + timedelta(days=3): "Der vides intet om køretøjet den dag",
        date(2100, 1, 1): "Dagen er ikke kommet endnu",
    }
    for day, text in said.items():
        async with client.session.get(f"{client.server.url}/vehicles/v1?day={day}") as answer:
            page = words(await answer.text())
        assert text in page, day
        assert [one for one in said.values() if one in page] == [text]
