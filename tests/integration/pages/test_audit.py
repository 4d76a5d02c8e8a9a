"""The audit log on its pages: searched page by page, taken as a file, and bounded whatever asks."""

import re
from collections.abc import AsyncGenerator
from io import BytesIO

import pytest
from pyarrow import csv

from access.accounts import add_account
from access.roles import Role
from api.server import ServerRole
from api.settings import Settings
from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from fleet.actor import Actor
from tests.factories.actors import SOMEBODY
from tests.factories.serving import Client, client_of


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        async with pool.acquire() as connection, connection.transaction():
            for number in range(60):
                await record(
                    connection,
                    Actor("Indkoeb", source="192.0.2.7"),
                    Act.CHANGED,
                    Subject.ZONE,
                    number,
                )
            why = {"reason": "skade"}
            await record(
                connection,
                Actor("Bruger"),
                Act.TRACK_ASKED,
                Subject.VEHICLE,
                "=cmd|' /C calc'!A0",
                why,
            )
        yield client


def zones_of(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"Zone: (\d+)</span>", text)]


async def test_a_search_is_read_page_by_page(client: Client) -> None:
    status, text = await client.get("/audit?person=Indkoeb&act=changed")
    assert status == 200
    assert zones_of(text) == [*range(59, 34, -1)]
    for page in (range(34, 9, -1), range(9, -1, -1)):
        older = re.search(r'href="(/audit\?[^"]*before=[^"]*)"', text)
        assert older is not None
        _, text = await client.get(older[1].replace("&amp;", "&"))
        assert zones_of(text) == [*page]
    for query, is_there in (
        ("person=Bo", False),
        ("subject=zone&id=7", True),
        ("from=2020-01-01&to=2020-01-02", False),
        ("from=x&to=x&before=x~y&act=x&subject=x", True),
        ("before=9999-99-99~1", True),
        ("before=0001-01-01T00:00%2B14:00~1", True),
        ("before=9999-12-31T23:00-14:00~1", True),
    ):
        status, text = await client.get(f"/audit?{query}")
        assert status == 200, query
        assert bool(zones_of(text)) is is_there, query


async def test_an_account_is_told_by_its_name_and_its_page(client: Client, pool: Pool) -> None:
    made = await add_account(pool, SOMEBODY, "Karen Fjord", Role.READER)
    _, text = await client.get("/audit?subject=account")
    assert f'Bruger: <a href="/accounts/{made.account_id}">Karen Fjord</a>' in text


async def test_what_a_program_read_is_no_file(client: Client, pool: Pool) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await record(connection, Actor("Program"), Act.TRACK_READ, Subject.VEHICLE, "", {"days": 1})
    _, text = await client.get("/audit/tracks")
    assert ">Alle køretøjer</td>" in text


async def test_the_log_and_the_looks_at_tracks_are_taken_as_files(client: Client) -> None:
    async def file(path: str) -> bytes:
        async with client.session.get(client.server.url + path) as response:
            assert response.status == 200, path
            return await response.read()

    table = csv.read_csv(BytesIO(await file("/audit/export/csv?person=Indkoeb")))
    assert table.num_rows == 60
    assert table.column("actor").to_pylist() == ["Indkoeb"] * 60
    assert "Indkoeb" in (await file("/audit/export/csv-da?person=Indkoeb")).decode("utf-8-sig")
    looks = csv.read_csv(BytesIO(await file("/audit/tracks/export/csv")))
    assert "skade" in looks.column("reason").to_pylist()
    assert (await file("/audit/tracks/export/xlsx")).startswith(b"PK")
    late = "skrives her nogle minutter senere"
    _, text = await client.get("/audit?act=sign_in_refused")
    assert late in text
    _, text = await client.get("/audit?act=exported")
    assert late not in text
    assert text.count("Hentet som fil<span") == 4
    for month in ("", "2026-13", "x", "0001-01", "9999-12"):
        status, _ = await client.get(f"/audit/tracks?month={month}")
        assert status == 200, month
