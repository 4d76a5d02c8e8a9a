"""Every address against everybody who may come to it."""

import re
from collections.abc import AsyncGenerator, Mapping

import aiohttp
import pytest
from aiohttp import web

from access.roles import Role
from api.door.needs import NEEDS, Need, Welcome
from api.door.permissions_table import Answer, Comer, answer_to, comers, permissions_table
from api.settings import Settings
from db.connect import Pool
from tests.factories.access import Visitor, visitor
from tests.factories.permissions import DOCUMENT
from tests.factories.vehicles import put_cars
from tests.factories.whole import served, whole_app


@pytest.fixture
async def app(pool: Pool, settings: Settings) -> web.Application:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "1")
    return whole_app(pool, settings)[0]


def test_the_document_is_that_of_the_routes(app: web.Application) -> None:
    written = DOCUMENT.read_text(encoding="utf-8")
    assert written == permissions_table(app[NEEDS]), "python -m tests.factories.permissions"


def test_every_route_says_what_it_asks_for(app: web.Application) -> None:
    silent = [
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None
        and route.method != "HEAD"
        and (route.method, route.resource.canonical) not in app[NEEDS]
    ]
    assert silent == []


@pytest.fixture
async def clients(pool: Pool) -> AsyncGenerator[Mapping[Role | Comer, aiohttp.ClientSession]]:
    """A client of everybody who may come."""
    people = {
        role: await visitor(pool, role, role.value, ("d",) if role is Role.DEPARTMENT_HEAD else ())
        for role in Role
    }
    found: dict[Role | Comer, aiohttp.ClientSession] = {
        role: Visitor(one.session, None).client() for role, one in people.items()
    }
    found[Comer.PROGRAM] = aiohttp.ClientSession(
        headers={"Authorization": f"Bearer {people[Role.READER].program}"}
    )
    found[Comer.NOBODY] = aiohttp.ClientSession()
    yield found
    for one in found.values():
        await one.close()


async def answer(client: aiohttp.ClientSession, method: str, address: str) -> Answer:
    async with client.request(method, address, allow_redirects=False) as answered:
        assert answered.status < 500, (method, address)
        if answered.status == 303 and answered.headers["Location"].startswith("/sign-in?next="):
            return Answer.SIGN_IN
        refused = {401: Answer.WHO_IS_IT, 403: Answer.REFUSED}
        return refused.get(answered.status, Answer.LET_IN)


def _turn(one: tuple[tuple[str, str], Need]) -> tuple[bool, str]:
    """Who signs out is nobody afterwards."""
    return one[0][1] == "/sign-out", one[0][1]


async def test_each_address_answers_each_comer_as_the_document_says(
    app: web.Application, clients: Mapping[Role | Comer, aiohttp.ClientSession]
) -> None:
    wrong: list[str] = []
    async with served(app) as url:
        for (method, path), need in sorted(app[NEEDS].items(), key=_turn):
            if path in ("/v1/positions", "/v1/flespi"):
                continue  # trackers have keys of their own
            address = url + re.sub(r"\{.*?\}", "999", path)
            # A form that is for anybody needs the token of its page, which is not asked for here.
            is_form = need is Welcome.ANYBODY and method == "POST"
            for comer in comers():
                expected = Answer.REFUSED if is_form else answer_to(comer, method, path, need)
                found = await answer(clients[comer], method, address)
                if found is not expected:
                    wrong.append(f"{method} {path} to {comer}: {found}, not {expected}")
    assert wrong == []
