"""The JSON interface answers as `/openapi.json` says, whatever it is sent, with valid keys.

schemathesis makes the requests from the description: what fits it and what does not.
"""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from aiohttp import web

from access.roles import Role
from api.settings import Settings
from db.connect import Pool
from tests.factories.interface import OPERATIONS, Keys, explore, served_whole
from tests.factories.whole import whole_app

#: Of each operation and each mode; `benchmarks.service.interface` takes more.
EXAMPLES = 6

#: Those of them that each further role sends.
FEW = 1


@pytest.fixture
async def served_url(pool: Pool, settings: Settings) -> AsyncGenerator[tuple[str, Keys]]:
    async with served_whole(pool, settings) as address:
        yield address


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
async def test_every_operation_answers_as_it_is_described(
    served_url: tuple[str, Keys], path: str, method: str
) -> None:
    await asyncio.to_thread(explore, *served_url, path, method, Role.ADMINISTRATOR, EXAMPLES)


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.ADMINISTRATOR])
async def test_no_operation_does_for_a_token_what_its_role_may_not(
    served_url: tuple[str, Keys], role: Role
) -> None:
    for path, method in OPERATIONS:
        await asyncio.to_thread(explore, *served_url, path, method, role, EXAMPLES, FEW)


async def test_every_route_of_the_interface_is_described(pool: Pool, settings: Settings) -> None:
    app: web.Application = whole_app(pool, settings)[0]
    routes = {
        (route.resource.canonical, route.method.lower())
        for route in app.router.routes()
        if route.resource is not None
        and route.resource.canonical.startswith("/v1/")
        and route.method != "HEAD"
    }
    assert routes == set(OPERATIONS)
