"""With 300 vehicles the pages that list or draw them come in few bytes, stand still while they are
drawn, and have no list that is too long for a phone. `benchmarks.service.pages` asks it of every
page, with a year of trips."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser

from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from tests.browser.conftest import visitor_of
from tests.conftest import empty_tables
from tests.factories.access import visitor
from tests.factories.page_visits import (
    FIRST_BYTES_MAX,
    LATER_BYTES_MAX,
    LIST_HEIGHT_MAX_PX,
    MAP_BYTES_MAX,
    SHIFT_MAX,
    PageVisitor,
    page_visitor,
)
from tests.factories.pilot import load_pilot
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.shipped import load_programme

VEHICLE = "/vehicles/raadhuset-01"
PATHS = [
    *("/", "/vehicles", "/register", "/use", "/zones", "/intake/live", "/intake/trackers"),
    *(VEHICLE, f"{VEHICLE}/year"),
]


@pytest.fixture(scope="module")
async def somebody(
    chromium: Browser,
    shared_pool: Pool,
    database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[PageVisitor]:
    """A visitor on a phone of a server with the trips of 300 vehicles of two days."""
    directory = tmp_path_factory.mktemp("large")
    settings = Settings(data_dir=directory, port=0)  # pyright: ignore[reportCallIssue]
    await empty_tables(shared_pool)
    now = datetime.now(UTC)
    start = now.date() - timedelta(days=2)
    await load_pilot(
        shared_pool, directory / "pilot", start=start, weeks=1, vehicles=300, until=now
    )
    await load_programme(shared_pool, read_programme(FLEET_PROGRAMME))
    async with running_server(settings, database_url, (ServerRole.API,)) as server:
        context = await visitor_of(chromium, server.url, "phone")
        await (await visitor(shared_pool)).sit_at(context, server.url)
        async with page_visitor(context) as somebody:
            yield somebody
        await context.close()


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_is_light_stands_still_and_has_no_list_too_long_for_a_phone(
    somebody: PageVisitor, path: str
) -> None:
    first = await somebody.visit(path, first=True)
    assert first.wire_bytes < (MAP_BYTES_MAX if first.has_map else FIRST_BYTES_MAX)
    again = await somebody.visit(path)
    assert again.wire_bytes < LATER_BYTES_MAX
    assert max(first.shift, again.shift) < SHIFT_MAX
    assert max(first.list_height_px, again.list_height_px) < LIST_HEIGHT_MAX_PX
