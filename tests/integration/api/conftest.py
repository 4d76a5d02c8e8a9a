"""A program at a system with a vehicle."""

from collections.abc import AsyncGenerator

import pytest

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from tests.factories.driving import DEPOT
from tests.factories.program import Program
from tests.factories.serving import client_of
from tests.factories.vehicles import put_cars
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.shipped import load_programme


@pytest.fixture
async def program(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Program]:
    """A program at a system that has the kind `car` and the depot `home`."""
    await pool.execute("INSERT INTO depot VALUES ('home', 'Gården', $1, $2, 150)", *DEPOT)
    await put_cars(pool, "v1")
    await load_programme(pool, read_programme(FLEET_PROGRAMME))
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        assert client.visitor is not None
        yield Program(client.server.url, client.session, client.visitor.program or "")
