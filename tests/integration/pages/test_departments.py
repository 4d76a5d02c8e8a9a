"""A department head sees what belongs to their own departments, and a reader no single trip."""

import io
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import pytest
from pyarrow import csv

from access.roles import Role
from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor, NotAllowedError, Permission
from ingest.store.writer import PositionWriter
from register.private_periods import set_private
from register.private_time import PrivatePeriod
from tests.factories.access import Visitor, visitor
from tests.factories.driving import DEPOT, MORNING, day_of_driving
from tests.factories.page_text import words
from tests.factories.serving import client_of
from tests.factories.vehicles import put_cars
from trips.service import TripService

OWN, OTHER = "Hjemmepleje", "Vej & Park"


@dataclass(frozen=True)
class Site:
    """Two vehicles that drive: V1 of the head's department, V2 of another one at its own depot."""

    url: str
    head: Visitor
    reader: Visitor

    async def get(self, who: Visitor, path: str, status: int = 200) -> str:
        async with (
            who.client(headers={"Accept": "text/html"}) as session,
            session.get(self.url + path) as answer,
        ):
            assert answer.status == status, path
            return await answer.text()


@pytest.fixture
async def site(
    pool: Pool, settings: Settings, database_url: str, writer: PositionWriter
) -> AsyncGenerator[Site]:
    await pool.execute(
        "INSERT INTO depot VALUES ('a', 'Gården', $1, $2, 150), ('b', 'Havnen', 55.9, 12.4, 150)",
        *DEPOT,
    )
    await put_cars(pool, "v1", depot_id="a")
    await put_cars(pool, "v2", depot_id="b")
    await pool.execute(
        "UPDATE vehicle SET department = CASE vehicle_id WHEN 'v1' THEN $1 ELSE $2 END", OWN, OTHER
    )
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        for number in (1, 2):
            await pool.execute(
                "INSERT INTO device (device, vehicle_id) VALUES ($1, $2)",
                f"d{number}",
                f"v{number}",
            )
            await writer.store(day_of_driving(f"d{number}", days=1), [])
        await TripService(pool).refresh()
        head = await visitor(pool, Role.DEPARTMENT_HEAD, "Leder", [OWN])
        yield Site(client.server.url, head, await visitor(pool, Role.READER, "Læser"))


@pytest.mark.parametrize("path", ["/", "/vehicles", "/use"])
async def test_lists_and_figures_are_of_the_own_departments(site: Site, path: str) -> None:
    shown = words(await site.get(site.head, path))
    assert "V2" not in shown
    assert OTHER not in shown
    assert "Havnen" not in shown
    everything = words(await site.get(site.reader, path))
    assert "V2" in everything or path == "/"


async def test_what_a_tracker_was_before_makes_nothing_untrue(
    site: Site, pool: Pool, writer: PositionWriter
) -> None:
    """A tracker that sat in no vehicle, or in another one: its trips are not told to be found
    again for ever, and what of it is in quarantine and not seen is not told to be nothing."""
    await pool.execute(
        "INSERT INTO device_seat (device, until, vehicle_id)"
        " VALUES ('d1', $1, NULL), ('d1', $2, 'v2')",
        MORNING.date() - timedelta(days=9),
        MORNING.date() - timedelta(days=5),
    )
    await TripService(pool).refresh()
    for who in (site.head, site.reader):
        shown = words(await site.get(who, "/vehicles/v1"))
        assert "fundet på ny" not in shown
        assert "karantæne" not in shown
    async with (
        site.head.client() as session,
        session.get(f"{site.url}/v1/vehicles/v1/trip-class") as answer,
    ):
        assert (await answer.json())["refinding"] is False
    await pool.execute("UPDATE vehicle SET trip_class = 'machine' WHERE vehicle_id = 'v1'")
    assert "fundet på ny" in words(await site.get(site.head, "/vehicles/v1"))


@pytest.mark.parametrize("page", ["", "/year", "/future", "/private"])
async def test_a_vehicle_of_another_department_is_not_shown(site: Site, page: str) -> None:
    assert "V1" in await site.get(site.head, f"/vehicles/v1{page}")
    async with (
        site.head.client() as session,
        session.get(f"{site.url}/vehicles/v2{page}") as answer,
    ):
        assert answer.status in (403, 404)
        assert "V2" not in await answer.text()


async def test_files_hold_own_trips_and_vehicles_only(site: Site) -> None:
    async with site.head.client() as session:
        for what in ("trips", "round-trips"):
            path = f"{site.url}/export/{what}?format=csv"
            async with session.get(f"{path}&vehicle=v1") as answer:
                table = csv.read_csv(io.BytesIO(await answer.read()))
                assert set(table["vehicle_id"].to_pylist()) == {"v1"}
            for others in ("&vehicle=v2", ""):
                async with session.get(path + others) as answer:
                    assert answer.status == 404
        async with session.get(f"{site.url}/use/export/csv") as answer:
            assert "v2" not in (await answer.text()).lower()


async def test_private_time_is_set_for_own_vehicles_only(site: Site, pool: Pool) -> None:
    async with site.head.client() as session:
        for vehicle, status in (("v1", 200), ("v2", 404)):
            address = f"{site.url}/vehicles/{vehicle}/private"
            async with session.post(address, data={"kind": "span"}) as answer:
                assert answer.status == status
    assert await pool.fetchval("SELECT array_agg(vehicle_id) FROM private_period") == ["v1"]
    head = Actor("Leder", frozenset(Permission), frozenset({OWN}))
    with pytest.raises(NotAllowedError):
        await set_private(pool, head, "v2", PrivatePeriod(MORNING, None))


async def test_a_session_reads_of_the_interface_what_is_its_own(site: Site) -> None:
    async with aiohttp.ClientSession(headers={"Cookie": site.head.cookie}) as session:
        for vehicle, status in (("v1", 200), ("v2", 404)):
            async with session.get(f"{site.url}/v1/vehicles/{vehicle}/private") as answer:
                assert answer.status == status
                assert answer.content_type == (
                    "application/json" if status == 200 else "application/problem+json"
                )


async def test_a_reader_sees_figures_of_a_vehicle_and_neither_trips_nor_places(
    site: Site, pool: Pool
) -> None:
    day = await pool.fetchval("SELECT max(start_ts)::date FROM trip")
    shown = await site.get(site.reader, f"/vehicles/v1?day={day}")
    assert "Din rolle ser køretøjernes tal" in words(shown)
    for hidden in ("map-data", "data-trip", "data-pick", "/private", "55.77"):
        assert hidden not in shown
    assert "map-data" in await site.get(site.head, f"/vehicles/v1?day={day}")
    await site.get(site.reader, "/vehicles/v1/private", 403)
    await site.get(site.reader, "/export/trips", 403)


async def test_where_vehicles_sleep_is_told_of_own_ones_and_to_nobody_with_figures_only(
    site: Site,
) -> None:
    own = words(await site.get(site.head, "/zones"))
    assert "Hvor køretøjerne overnatter" in own
    assert "V2" not in own
    figures = words(await site.get(site.reader, "/zones"))
    assert "Hvor køretøjerne overnatter" not in figures
    assert "Foreslåede depoter" not in figures
