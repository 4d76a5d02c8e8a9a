"""The pages of the trial, the interface and Excel say the same of four simulated weeks, and nobody
sees what is not theirs."""

import io
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape
from typing import Any, cast

import pytest
from python_calamine import CalamineWorkbook

from access.accounts import add_account_within
from access.roles import Role
from access.sessions import open_session
from api.pages.words.formats import Formats
from api.pages.words.language import Language
from api.settings import Settings
from db.connect import Pool
from optimiser.trial.nightly import try_days
from optimiser.workers import Workers
from tests.factories.access import Visitor, visitor
from tests.factories.actors import SOMEBODY
from tests.factories.moments import today
from tests.factories.page_text import words
from tests.factories.trial_weeks import TrialWeeks, planted, trial_weeks
from tests.factories.whole import served, whole_app


@dataclass(frozen=True)
class Site:
    """A server with four tried weeks."""

    url: str
    weeks: TrialWeeks
    unit: Visitor

    @property
    def pool(self) -> Pool:
        return self.weeks.pool

    async def get(self, who: Visitor, path: str) -> tuple[int, str]:
        async with who.client() as session, session.get(self.url + path) as answer:
            return answer.status, _plain(await answer.text())

    async def post(self, who: Visitor, path: str, **form: str) -> tuple[int, str]:
        async with who.client() as session, session.post(self.url + path, data=form) as answer:
            return answer.status, _plain(await answer.text())

    async def told(self, who: Visitor, path: str) -> dict[str, Any]:
        async with who.client() as session, session.get(self.url + path) as answer:
            assert answer.status == 200, path
            return cast("dict[str, Any]", await answer.json())

    async def sheets(self, who: Visitor) -> dict[str, list[list[Any]]]:
        async with who.client() as session, session.get(self.url + "/trial.xlsx") as answer:
            assert answer.status == 200
            book = CalamineWorkbook.from_filelike(io.BytesIO(await answer.read()))
        return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def _plain(html: str) -> str:
    return unescape(words(html)).replace("\u00a0", " ")


@pytest.fixture
async def site(pool: Pool, settings: Settings, workers: Workers) -> AsyncGenerator[Site]:
    weeks = await trial_weeks(pool, settings, workers)
    await pool.execute("DELETE FROM device_day WHERE device = 'd-c1' AND day = $1", weeks.day(0, 6))
    await try_days(pool, settings, workers, weeks.now)
    async with served(whole_app(pool, settings)[0]) as url:
        yield Site(url, weeks, await visitor(pool, Role.FLEET_UNIT, "Flåden"))


async def newcomer(pool: Pool, role: Role, name: str, *departments: str) -> Visitor:
    """Somebody who has not yet said why they look at tracks."""
    async with pool.acquire() as connection, connection.transaction():
        account = await add_account_within(connection, SOMEBODY, name, role, departments)
    session = await open_session(pool, account.account_id, source="127.0.0.1", agent="test")
    return Visitor(session, None)


async def test_page_interface_and_excel_say_the_same_to_the_oere(site: Site) -> None:
    kr = await site.pool.fetchval("SELECT sum(missed_kr) FROM trial_day")
    assert await site.pool.fetchval("SELECT sum(kr) FROM trial_miss") == pytest.approx(kr)
    status, text = await site.get(site.unit, "/trial")
    assert status == 200
    # 3 usual trips on each of 20 days, and 6 planted ones, of which 4 had no vehicle.
    assert "Indtil nu ville den foreslåede flåde have kørt 82 af 86 rundture." in text
    assert "På 1 af 2 depoter ville den have klaret alle dage." in text
    assert "1 dag på et depot kan ikke afgøres, da der mangler data." in text
    shown = f"{round(kr):,}".replace(",", ".")
    assert f"67 km i alt, have kostet {shown} kr." in text
    assert "Gården 17 af 20 4 af 66" in text
    status, text = await site.get(site.unit, "/trial/home")
    assert "ville den foreslåede flåde have klaret 17 af 20 dage og 62 af 66 rundture." in text
    assert "Alle foreslåede køretøjer, der kan køre den, var ude på én gang" in text
    told = await site.told(site.unit, "/v1/trial")
    assert told["round"] == 1
    home, other = sorted(told["depots"], key=lambda one: one["depot_id"])
    assert (home["coped"], home["missed_days"], home["unknown"], home["still"]) == (17, 3, 1, 7)
    assert (home["trips"], home["missed"], other["trips"], other["missed"]) == (66, 4, 20, 0)
    assert home["missed_kr"] == pytest.approx(kr, abs=0.005)
    days = (await site.told(site.unit, "/v1/trial/days?limit=1000"))["items"]
    assert len(days) == 56
    assert sum(one["missed_kr"] for one in days) == pytest.approx(kr, abs=0.005)
    missed = (await site.told(site.unit, "/v1/trial/missed"))["items"]
    assert sum(one["kr"] for one in missed) == pytest.approx(kr, abs=0.005)
    sheets = await site.sheets(site.unit)
    depots, of_days, of_misses = sheets.values()
    assert sum(row[-2] for row in depots[1:]) == pytest.approx(kr, abs=0.005)
    assert sum(row[-3] for row in of_days[1:]) == pytest.approx(kr, abs=0.005)
    assert sum(row[-2] for row in of_misses[1:]) == pytest.approx(kr, abs=0.005)
    assert (len(of_days), len(of_misses)) == (57, 5)
    assert (
        "Indtil nu ville den foreslåede flåde have kørt 82 af 86"
        in (await site.get(site.unit, "/"))[1]
    )
    proposal = await site.pool.fetchval(
        "SELECT proposal_id FROM proposal WHERE key ~ '^dispose' LIMIT 1"
    )
    assert (
        "have klaret 17 af 20 dage og 62 af 66 rundture."
        in (await site.get(site.unit, f"/proposals/{proposal}"))[1]
    )


async def test_a_list_of_the_interface_goes_on_where_the_page_before_ended(site: Site) -> None:
    for what, count in (("days", 56), ("missed", 4)):
        path, found = f"/v1/trial/{what}?limit=3", list[dict[str, Any]]()
        told = await site.told(site.unit, path)
        while True:
            found += told["items"]
            if told["next"] is None:
                break
            told = await site.told(site.unit, f"{path}&cursor={told['next']}")
        assert len(found) == count
        assert len({str(one) for one in found}) == count
    assert (await site.get(site.unit, "/v1/trial/days?cursor=x"))[0] == 422


async def test_who_drove_is_told_once_somebody_said_why_and_is_recorded(site: Site) -> None:
    unit = await newcomer(site.pool, Role.FLEET_UNIT, "Ny")
    status, text = await site.get(unit, "/trial/home")
    assert status == 200
    assert "Skriv derfor, hvorfor du ser på dem" in text
    assert "Bil 3" not in text
    async with unit.client() as session, session.get(f"{site.url}/v1/trial/missed") as answer:
        assert answer.status == 403
    assert (await site.post(unit, "/trial/home", why="x"))[0] == 422
    status, text = await site.post(unit, "/trial/home", why="Kan vi undvære dem?")
    assert status == 200
    for one in planted(site.weeks.first):
        at = f"{one.begins:%H.%M}–{one.end.astimezone(site.weeks.now.tzinfo):%H.%M}"
        wanted = one.day.weekday() != 3
        assert (at in text) == wanted, at
    assert "Bil 3" in text
    assert "Bil 4" in text
    read = await site.pool.fetch(
        "SELECT subject_id, detail ->> 'from' AS day FROM audit_entry"
        " WHERE act = 'track_read' AND actor = 'Ny' ORDER BY 1, 2"
    )
    drove = {("c3", 0), ("c3", 2), ("c4", 2), ("c3", 4)}
    assert {(row["subject_id"], row["day"]) for row in read} == {
        (vehicle, site.weeks.day(2, weekday).isoformat()) for vehicle, weekday in drove
    }


async def test_a_head_sees_their_own_depots_and_own_trips_only(site: Site) -> None:
    head = await visitor(site.pool, Role.DEPARTMENT_HEAD, "Hanne", frozenset({"Fremmed"}))
    head = replace(head, program=None)
    _, text = await site.get(head, "/trial")
    assert "have kørt 20 af 20 rundture" in text
    assert "Gården" not in text
    assert (await site.get(head, "/trial/home"))[0] == 404
    assert (await site.post(head, "/trial/home", why="hvorfor"))[0] in (303, 404)
    assert [one["depot_id"] for one in (await site.told(head, "/v1/trial"))["depots"]] == ["other"]
    assert (await site.told(head, "/v1/trial/missed"))["items"] == []
    assert len((await site.told(head, "/v1/trial/days?depot_id=home"))["items"]) == 0
    # A vehicle of theirs at the other depot.
    await site.pool.execute("UPDATE vehicle SET department = 'Fremmed' WHERE vehicle_id = 'c4'")
    _, text = await site.get(head, "/trial")
    assert "Gården 1 rundtur uden køretøj" in text
    status, text = await site.get(head, "/trial/home")
    assert status == 200
    assert "Her holder også køretøjer fra andre afdelinger" in text
    assert "Bil 4" not in text
    assert (await site.get(head, "/v1/trial/missed"))[0] == 403
    status, text = await site.post(head, "/trial/home", why="Var det os?")
    assert status == 200
    assert "Bil 4" in text
    assert "Bil 3" not in text
    missed = (await site.told(head, "/v1/trial/missed"))["items"]
    assert [one["vehicle_id"] for one in missed] == ["c4"]
    names = {cell for rows in (await site.sheets(head)).values() for row in rows for cell in row}
    assert "Byen" in names


async def test_who_sees_no_single_trips_is_told_of_whole_weeks(site: Site) -> None:
    reader = replace(await visitor(site.pool, Role.READER, "Læser"), program=None)
    _, text = await site.get(reader, "/trial/home")
    assert "Din rolle ser hele uger" in text
    assert "Dag for dag" not in text
    assert not re.search(r"Bil \d", text)
    assert (await site.post(reader, "/trial/home", why="hvorfor"))[0] == 403
    assert list(await site.sheets(reader)) == ["Depoter"]
    for what in ("days", "missed"):
        assert (await site.get(reader, f"/v1/trial/{what}"))[0] == 403
    told = await site.told(reader, "/v1/trial")
    assert (told["first"], told["last"]) == (
        site.weeks.first.isoformat(),
        site.weeks.last.isoformat(),
    )


async def test_an_address_of_no_depot_is_not_found(site: Site) -> None:
    assert (await site.get(site.unit, "/trial/nowhere"))[0] == 404
    assert (await site.get(site.unit, "/trial/home?misses=99"))[0] == 200


async def test_before_a_round_there_is_nothing_to_try(pool: Pool, settings: Settings) -> None:
    unit = await visitor(pool, Role.FLEET_UNIT, "Flåden")
    async with served(whole_app(pool, settings)[0]) as url, unit.client() as session:
        async with session.get(f"{url}/trial") as answer:
            assert "ingen foreslået flåde" in await answer.text()
        async with session.get(f"{url}/v1/trial") as answer:
            assert (await answer.json())["round"] is None
        for path in ("/trial/home", "/trial.xlsx"):
            async with session.get(url + path) as answer:
                assert answer.status == 404


async def trial_text(pool: Pool, settings: Settings, reader: Visitor) -> str:
    async with (
        served(whole_app(pool, settings)[0]) as url,
        reader.client() as session,
        session.get(f"{url}/trial") as answer,
    ):
        return words(await answer.text())


async def test_until_the_first_night_it_is_told_when_that_is_and_what_it_will_show(
    pool: Pool, settings: Settings
) -> None:
    await pool.execute(
        "INSERT INTO round (requested_by, period_first, period_last, state, finished_at, number,"
        " rules) VALUES ('x', $1, $1, 'done', now(), 1, '{}')",
        today(),
    )
    unit = await visitor(pool, Role.FLEET_UNIT, "Flåden")
    reader = await visitor(pool, Role.READER, "Læser")
    formats = Formats(Language.DANISH)
    first = today()
    monday = first + timedelta(days=-first.weekday() % 7)
    for one, said in (
        (unit, f"prøves natten til {formats.day(first + timedelta(days=1))} efter kl. 3"),
        (reader, f"vises til dig {formats.day(monday + timedelta(days=7))}."),
    ):
        text = await trial_text(pool, settings, one)
        assert said in text
        assert "hvilke rundture der ville have manglet et køretøj og hvorfor" in text
    # Days that are over and not tried yet are told as that.
    await pool.execute("UPDATE round SET finished_at = now() - interval '3 days'")
    assert "ingen dag siden da er prøvet endnu" in await trial_text(pool, settings, unit)
