"""Indicators are added, changed, removed and given values by pages, with their history."""

import re
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from access.roles import Role
from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from fleet.localtime import local_now
from tests.factories.access import visitor
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.factories.plan_files import PLAN
from tests.factories.serving import Client, client_of
from tracker.documents.taking import SourceFile, take_plan
from tracker.indicators import (
    Figure,
    Indicator,
    IndicatorDetails,
    IndicatorKind,
    add_indicator,
    indicator,
    indicators,
)
from tracker.milestones import milestones
from tracker.plans import programmes


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        yield client


@pytest.fixture
async def programme(pool: Pool) -> str:
    plan_id = await take_plan(pool, SOMEBODY, SourceFile("p.pdf", "0" * 64), PLAN, name="Årsplan")
    return (await programmes(pool, plan_id))[0].programme_id


async def send(client: Client, path: str, **fields: str) -> tuple[int, str, str]:
    async with client.session.post(f"{client.server.url}{path}", data=fields) as answer:
        return answer.status, await answer.text(), answer.url.path


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form that changes the indicator."""
    return dict(re.findall(r'type="hidden" name="(seen[^"]*)" value="([^"]*)"', page))


async def only(pool: Pool) -> Indicator:
    [one] = await indicators(pool)
    return one


async def test_an_indicator_is_added_measured_changed_and_removed(
    client: Client, pool: Pool, programme: str
) -> None:
    assert "Intet måles endnu." in words((await client.get("/plan/indicators"))[1])
    details = {"name": "Elbiler", "kind": "output", "unit": "biler", "target": "1.250,5"}
    status, page, path = await send(
        client, "/plan/indicators", programme=programme, target_day="2031-06-30", **details
    )
    one = await only(pool)
    assert (status, path) == (200, f"/plan/indicators/{one.indicator_id}")
    assert (one.details.target, one.details.kind) == (1250.5, IndicatorKind.OUTPUT)
    assert one.programme_id == programme
    today = local_now().date()
    for day, value in ((today - timedelta(days=9), "12,5"), (today, "20"), (today, "21")):
        fields = {"day": day.isoformat(), "value": value, "value_source": "Optælling"}
        assert (await send(client, f"{path}/values", quality="Skøn", **fields))[0] == 200
    one = await only(pool)
    assert [said.value for said in one.values] == [12.5, 21.0]
    page = (await client.get(path))[1]
    told = words(page).partition("Historik")[2]
    # All that was said stands there, also what no longer counts.
    assert all(text in told for text in ("12,5 biler", "20 biler", "21 biler", "Optælling, Skøn"))
    # A value that is taken back leaves the one of the day before.
    assert (await send(client, f"{path}/values", day=today.isoformat(), value=""))[0] == 200
    assert [said.value for said in (await only(pool)).values] == [12.5]
    # Two people change it: the second one meets the words of the first.
    changed = details | {"unit": "elbiler"}
    assert (await send(client, path, press="save", **changed, **hidden(page)))[0] == 200
    status, again, _ = await send(
        client, path, press="save", **details | {"name": "Biler på el"}, **hidden(page)
    )
    assert (status, "elbiler" in again) == (409, True)
    assert (await only(pool)).details.name == "Elbiler"
    assert (await send(client, path, press="save", **details, **hidden(again)))[0] == 200
    told = words((await client.get(path))[1]).partition("Historik")[2]
    assert "Enhed: elbiler → biler" in told
    assert "Mål: 1.250,5" in told
    assert "Mål, der skal nås senest: man. 30. jun. 2031" in told
    assert "Elbiler" in words((await client.get("/plan/indicators"))[1])
    page = (await client.get(path))[1]
    assert (await send(client, path, press="remove", **hidden(page)))[2] == "/plan/indicators"
    assert await indicators(pool) == []
    assert (await client.get(path))[0] == 404
    acts = await pool.fetch(
        "SELECT detail->>'part' AS part FROM audit_entry WHERE subject = 'plan'"
    )
    assert [one["part"] for one in acts].count("indicator") == 8


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "n" * 101),
        ("kind", "other"),
        ("target", "mange"),
        ("target", "1e9"),
        ("target_day", "i morgen"),
        ("scale", "et trin"),
        ("scale", "\n".join("abcdefghijklmnopqrstu")),
        ("programme", ""),
    ],
)
async def test_a_form_that_is_refused_keeps_what_was_typed(
    client: Client, pool: Pool, programme: str, field: str, value: str
) -> None:
    fields = {"name": "Elbiler", "kind": "output", "source": "Registret", "programme": programme}
    status, page, _ = await send(client, "/plan/indicators", **fields | {field: value})
    assert status == 422
    assert f'id="{field}-error"' in page
    assert 'value="Registret"' in page
    assert await indicators(pool) == []


async def test_a_value_is_on_the_scale_and_of_a_day_that_has_come(
    client: Client, pool: Pool, programme: str
) -> None:
    scale = IndicatorDetails(name="Ro", kind=IndicatorKind.OUTCOME, scale=("lidt", "meget"))
    number = await add_indicator(pool, SOMEBODY, scale, programme_id=programme)
    today = local_now().date()
    path = f"/plan/indicators/{number}"
    for day, value in (
        (today.isoformat(), "3"),
        (today.isoformat(), "x"),
        ((today + timedelta(days=1)).isoformat(), "1"),
        ("", "1"),
    ):
        assert (await send(client, f"{path}/values", day=day, value=value))[0] == 422
    assert (await send(client, f"{path}/values", day=today.isoformat(), value="2"))[0] == 200
    assert "Seneste værdi meget" in words((await client.get(path))[1])
    for wrong in ("/plan/indicators/999", "/plan/indicators/x"):
        assert (await client.get(wrong))[0] == 404
        assert (await send(client, wrong, name="x", kind="output"))[0] == 404
    assert (await send(client, "/plan/indicators/999/values", day="2026-01-01", value="1"))[
        0
    ] == 404


async def test_who_may_only_read_sees_values_and_changes_none(
    client: Client, pool: Pool, programme: str
) -> None:
    own = (await milestones(pool))[0].milestone_id
    details = IndicatorDetails(name="Flåden", kind=IndicatorKind.IMPACT, figure=Figure.VEHICLES)
    number = await add_indicator(pool, SOMEBODY, details, milestone_id=own)
    reader = await visitor(pool, Role.READER, "Læser")
    async with reader.client(base_url=client.server.url) as session:
        async with session.get(f"/plan/indicators/{number}") as answer:
            page = words(await answer.text())
            assert (answer.status, "Ret indikatoren" in page) == (200, False)
            assert "Systemet fortæller selv værdierne: Køretøjer i flåden." in page
        for path in ("", f"/{number}", f"/{number}/values"):
            async with session.post(f"/plan/indicators{path}", data={"name": "x"}) as answer:
                assert answer.status == 403
    # The system tells its values, which nobody types.
    path = f"/plan/indicators/{number}/values"
    assert (await send(client, path, day="2026-01-01", value="1"))[0] == 422
    assert (await indicator(pool, number)).values == []
