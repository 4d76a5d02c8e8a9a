"""Two people change one thing: what the second did not see is shown to them before it is lost."""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field

import pytest

from access.accounts import add_account
from access.roles import Role
from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from tests.factories.actors import SOMEBODY
from tests.factories.serving import Client, client_of
from tests.factories.vehicles import put_cars

MEANWHILE = "En anden har ændret det, efter at du åbnede siden"


@dataclass(frozen=True)
class Form:
    """A form at an address, with what two people write in it, and a statement that reads what is
    stored then."""

    page: str
    address: str
    first: Mapping[str, str]
    second: Mapping[str, str]
    stored: str
    values: tuple[str, str]
    fields: Mapping[str, str] = field(default_factory=dict[str, str])


KIND = {
    "energy": "petrol",
    "offered": "no",
    "origin": "stated",
    "source": "x",
    "year": "2026",
    "fixed_kr_year": "1",
    "kr_km": "1",
    "co2_g_km": "1",
}
FORMS = {
    "assumption": Form(
        page="/assumptions/petrol_kr_l",
        address="/assumptions/petrol_kr_l",
        first={"value": "13"},
        second={"value": "14"},
        stored="SELECT value::text FROM assumption ORDER BY change_id DESC LIMIT 1",
        values=("13", "14"),
        fields={"valid_from": "2026", "source": "x"},
    ),
    "kind": Form(
        page="/catalogue/car",
        address="/catalogue/car",
        first={"name": "Bil A"},
        second={"name": "Bil B"},
        stored="SELECT name FROM vehicle_kind WHERE kind = 'car'",
        values=("Bil A", "Bil B"),
        fields=KIND,
    ),
    "capability": Form(
        page="/capabilities",
        address="/capabilities",
        first={"name-towbar": "Træk"},
        second={"name-towbar": "Krog"},
        stored="SELECT name FROM capability_name ORDER BY change_id DESC LIMIT 1",
        values=("Træk", "Krog"),
    ),
    "zone": Form(
        page="/zones?zone=home",
        address="/zones",
        first={"radius_m": "160"},
        second={"radius_m": "170"},
        stored="SELECT radius_m::text FROM zone",
        values=("160", "170"),
        fields={"zone_id": "home", "name": "Gården", "kind": "depot", "centre": "55.77, 12.5"},
    ),
    "municipality": Form(
        page="/municipality",
        address="/municipality/name",
        first={"name": "Nord Kommune"},
        second={"name": "Syd Kommune"},
        stored="SELECT name FROM municipality",
        values=("Nord Kommune", "Syd Kommune"),
    ),
    "account": Form(
        page="/accounts/{account}",
        address="/accounts/{account}",
        first={"role": "fleet_unit"},
        second={"role": "administrator"},
        stored="SELECT role FROM account WHERE name = 'Kim'",
        values=("fleet_unit", "administrator"),
    ),
}


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Gården', 55.77, 12.5, 150)")
    await put_cars(pool, "v1")
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        yield client


async def send(client: Client, address: str, form: Mapping[str, str]) -> tuple[int, str]:
    async with client.session.post(client.server.url + address, data=form) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
async def test_the_second_of_two_is_told_and_overwrites_only_what_they_saw(
    client: Client, pool: Pool, form: Form
) -> None:
    account = await add_account(pool, SOMEBODY, "Kim", Role.READER)
    at, to = (one.format(account=account.account_id) for one in (form.page, form.address))
    _, text = await client.get(at)
    [both] = set(re.findall(r'name="seen" value="(\d+)"', text))

    status, _ = await send(client, to, {**form.fields, **form.first, "seen": both})
    assert status == 200
    assert await pool.fetchval(form.stored) == form.values[0]

    status, text = await send(client, to, {**form.fields, **form.second, "seen": both})
    assert status == 409
    assert MEANWHILE in text
    assert await pool.fetchval(form.stored) == form.values[0]
    # What the second wrote is still there, to be sent once more.
    [written] = form.second.values()
    assert written in text

    [now] = set(re.findall(r'name="seen" value="(\d+)"', text))
    status, _ = await send(client, to, {**form.fields, **form.second, "seen": now})
    assert status == 200
    assert await pool.fetchval(form.stored) == form.values[1]
