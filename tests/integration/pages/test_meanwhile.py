"""Two people change one thing: what the second did not see is shown to them before it is lost."""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace
from html import unescape

import pytest

from access.accounts import add_account
from access.roles import Role
from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from tests.factories.actors import SOMEBODY
from tests.factories.sent_forms import fields_of_form
from tests.factories.serving import Client, client_of
from tests.factories.vehicles import put_cars

MEANWHILE = "En anden har ændret det, efter at du åbnede siden"
CORNERS = (
    '{"type":"Polygon","coordinates":[[[12.5,55.77],[12.502,55.77],[12.502,55.772],[12.5,55.77]]]}'
)


@dataclass(frozen=True)
class Form:
    """A form on a page, what two people write in other fields of it (the second in the first's too,
    where it has one field), and what the second is told of the first."""

    page: str
    address: str
    first: dict[str, str]
    second: dict[str, str]
    told: str
    #: What stands beside a field that both changed.
    beside: str = ""


FORMS = {
    "kind": Form(
        page="/catalogue/elbil-lille",
        address="/catalogue/elbil-lille",
        first={"insurance_kr_year": "7.000", "note": "To linjer\r\nom den", "energy": "hydrogen"},
        second={"name": "Bil B", "wltp_range_km": "411"},
        told="Forsikring: var 6.500, er nu 7.000",
    ),
    "kind whose figures are stated now": Form(
        page="/catalogue/elbil-lille",
        address="/catalogue/elbil-lille",
        first={"origin": "stated", "fixed_kr_year": "1", "kr_km": "2", "co2_g_km": "3"},
        second={"name": "Bil B"},
        told="Omkostning pr. km: var –, er nu 2",
    ),
    "capability": Form(
        page="/capabilities",
        address="/capabilities",
        first={"name-towbar": "Træk"},
        second={"name-lift": "Lad med lift"},
        told="Træk: var anhængertræk, er nu Træk",
    ),
    "zone": Form(
        page="/zones?zone=home",
        address="/zones",
        first={"radius_m": "160", "active_from": "2026-02-01"},
        second={"name": "Gården ved åen", "charge_points": "4"},
        told="Radius i meter: var 150, er nu 160",
    ),
    "zone with corners now": Form(
        page="/zones?zone=home",
        address="/zones",
        first={"centre": "", "radius_m": "", "shape": CORNERS},
        second={"name": "Gården ved åen"},
        told="Radius i meter: var 150, er nu –",
    ),
    "account": Form(
        page="/accounts/{account}",
        address="/accounts/{account}",
        first={"role": "department_head", "department": "d"},
        second={},
        told="Afdelinger: var –, er nu d",
    ),
}
ONE_VALUE = {
    "assumption": Form(
        page="/assumptions/petrol_kr_l",
        address="/assumptions/petrol_kr_l",
        first={"value": "13", "source": "x"},
        second={"value": "14", "source": "y"},
        told="er nu 13; du har skrevet 14",
        beside="En anden har gemt 13 her. Du har skrevet 14, og det gemmes, hvis du gemmer igen.",
    ),
    "municipality": Form(
        page="/municipality",
        address="/municipality/name",
        first={"name": "Nord Kommune"},
        second={"name": "Syd Kommune"},
        told="er nu Nord Kommune; du har skrevet Syd Kommune",
        beside="En anden har gemt Nord Kommune her. Du har skrevet Syd Kommune",
    ),
    "kind": Form(
        page="/catalogue/elbil-lille",
        address="/catalogue/elbil-lille",
        first={"insurance_kr_year": "7.000"},
        second={"insurance_kr_year": "8.000"},
        told="Forsikring: var 6.500, er nu 7.000; du har skrevet 8.000",
        beside="En anden har gemt 7.000 her. Du har skrevet 8.000",
    ),
    "what a kind is for": Form(
        page="/catalogue/elbil-lille",
        address="/catalogue/elbil-lille",
        first={"energy": "hydrogen"},
        second={"energy": "diesel"},
        told="Energi: var El, er nu Brint; du har skrevet Diesel",
        beside="En anden har gemt Brint her. Du har skrevet Diesel",
    ),
    "capability": Form(
        page="/capabilities",
        address="/capabilities",
        first={"name-towbar": "Træk"},
        second={"name-towbar": "Krog"},
        told="er nu Træk; du har skrevet Krog",
        beside="En anden har gemt Træk her. Du har skrevet Krog",
    ),
    "vehicle": Form(
        page="/vehicles/v1/register",
        address="/vehicles/v1/register",
        first={"mileage_km": "12.345", "depot_id": "home"},
        second={"mileage_km": "23.456"},
        told="Km-stand: var –, er nu 12.345; du har skrevet 23.456",
        beside="En anden har gemt 12.345 her. Du har skrevet 23.456",
    ),
    "zone": Form(
        page="/zones?zone=home",
        address="/zones",
        first={"radius_m": "160"},
        second={"radius_m": "170"},
        told="Radius i meter: var 150, er nu 160; du har skrevet 170",
        beside="En anden har gemt 160 her. Du har skrevet 170",
    ),
    "account": Form(
        page="/accounts/{account}",
        address="/accounts/{account}",
        first={"role": "fleet_unit"},
        second={"role": "administrator"},
        told="Flådeenhed",
        beside="En anden har gemt Flådeenhed: alt undtagen brugere her.",
    ),
}


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Gården', 55.77, 12.5, 150)")
    await put_cars(pool, "v1")
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        yield client


def visible(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of a form that a person sees; lines end as a browser sends them."""
    return {
        name: "\r\n".join(text.splitlines())
        for name, text in fields.items()
        if name != "seen" and not name.startswith("seen-")
    }


async def send(client: Client, address: str, form: Mapping[str, str]) -> tuple[int, str]:
    async with client.session.post(client.server.url + address, data=form) as answer:
        return answer.status, await answer.text()


async def opened(client: Client, form: Form) -> dict[str, str]:
    status, text = await client.get(form.page)
    assert status == 200
    return fields_of_form(text, form.address)


async def placed(pool: Pool, form: Form) -> Form:
    """The form, at the account that it is about."""
    account = await add_account(pool, SOMEBODY, "Kim", Role.READER)
    page, address = (one.format(account=account.account_id) for one in (form.page, form.address))
    return replace(form, page=page, address=address)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
async def test_who_sends_a_form_once_more_as_told_reverts_nothing_that_a_colleague_changed(
    client: Client, pool: Pool, form: Form
) -> None:
    form = await placed(pool, form)
    both = await opened(client, form)

    status, _ = await send(client, form.address, both | form.first)
    assert status == 200
    stored = visible(await opened(client, form))
    assert stored.items() >= form.first.items()

    status, text = await send(client, form.address, both | form.second)
    assert status == 409
    assert MEANWHILE in text
    assert form.told in unescape(text)
    assert visible(await opened(client, form)) == stored

    status, _ = await send(client, form.address, fields_of_form(text, form.address))
    assert status == 200
    assert visible(await opened(client, form)) == stored | form.second


@pytest.mark.parametrize("form", ONE_VALUE.values(), ids=ONE_VALUE)
async def test_who_changed_the_same_field_is_told_what_it_is_now_and_keeps_what_they_wrote(
    client: Client, pool: Pool, form: Form
) -> None:
    form = await placed(pool, form)
    both = await opened(client, form)
    await send(client, form.address, both | form.first)

    status, text = await send(client, form.address, both | form.second)
    assert status == 409
    said = " ".join(unescape(re.sub(r"<[^>]+>", "", text)).split())
    assert form.told in said
    assert form.beside in said
    again = fields_of_form(text, form.address)
    assert again.items() >= form.second.items()

    status, _ = await send(client, form.address, again)
    assert status == 200
    [written, *_] = form.second
    assert (await opened(client, form))[written] == form.second[written]


async def test_a_form_that_was_refused_first_still_tells_what_its_sender_saw(
    client: Client, pool: Pool
) -> None:
    form = await placed(pool, FORMS["zone"])
    both = await opened(client, form)
    await send(client, form.address, both | {"radius_m": "160"})

    status, text = await send(client, form.address, both | {"charge_points": "mange"})
    assert status == 422
    corrected = fields_of_form(text, form.address) | {"charge_points": "4"}
    status, text = await send(client, form.address, corrected)
    assert status == 409
    again = fields_of_form(text, form.address)
    assert (again["radius_m"], again["charge_points"]) == ("160", "4")
