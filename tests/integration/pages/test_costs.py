"""The pages of assumptions, catalogue and a vehicle's future, as a browser sends their forms."""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import date
from html import unescape

import aiohttp
import pytest

from api.server import ServerRole, running_server
from api.settings import Settings
from costs.assumptions import FigureKey
from costs.assumptions_stored import assumption_history, read_assumptions
from costs.catalogue import Specification, StatedFigures, starter_catalogue
from costs.catalogue_stored import kind_history, read_catalogue
from db.connect import Pool
from fleet.actor import Actor
from fleet.period import Period
from fleet.vehicle import GREEN_ENERGIES, Energy
from optimiser.rounds.prepare import prepare_round
from optimiser.rounds.requests import request_round, request_version
from register.register_file import load_register, read_register
from simulators.pilot import generate_pilot
from simulators.pilot_files import REGISTER_FILE, write_pilot
from tests.conftest import empty_tables
from tests.factories.access import TESTER, visitor
from tests.factories.moments import today
from tests.factories.page_text import words

PUT_CONSUMPTION = "INSERT INTO kind_consumption VALUES ($1, $2, $3, $4, $5, $6)"


@dataclass
class Site:
    """A running server with a pilot's register."""

    pool: Pool
    url: str
    session: aiohttp.ClientSession

    async def text(self, path: str) -> str:
        async with self.session.get(self.url + path) as answer:
            assert answer.status == 200, path
            return unescape(await answer.text()).replace("\u00a0", " ")

    async def send(self, path: str, **fields: str) -> tuple[int, str]:
        async with self.session.post(self.url + path, data=fields) as answer:
            return answer.status, unescape(await answer.text())


@pytest.fixture(scope="module")
async def site(
    shared_pool: Pool, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Site]:
    directory = tmp_path_factory.mktemp("site")
    await empty_tables(shared_pool)
    pilot = generate_pilot(start=date(2026, 11, 2), weeks=1, vehicles=22, seed=1)
    write_pilot(pilot, directory)
    await load_register(shared_pool, read_register(directory / REGISTER_FILE))
    settings = Settings(data_dir=directory, port=0)  # pyright: ignore[reportCallIssue]
    tester = await visitor(shared_pool)
    async with (
        running_server(settings, database_url, [ServerRole.API]) as server,
        tester.client(headers={"Accept": "text/html"}) as session,
    ):
        yield Site(shared_pool, server.url, session)


async def test_a_figure_is_changed_in_danish_and_the_catalogue_follows(site: Site) -> None:
    before = await site.text("/catalogue?km=10.000")
    status, _ = await site.send(
        "/assumptions/electricity_kr_kwh",
        value="1,05",
        valid_from="2026",
        source="Aftale 2026",
    )
    assert status == 200
    figures = (await read_assumptions(site.pool)).at(2026)
    assert figures[FigureKey.ELECTRICITY_KR_KWH] == 1.05
    assert "Aftale 2026" in await site.text("/assumptions")
    assert await site.text("/catalogue?km=10.000") != before
    await site.send(
        "/assumptions/electricity_kr_kwh/withdraw",
        withdrawn="2026",
        reason="Forkert aftale",
    )
    assert (await read_assumptions(site.pool)).at(2026)[FigureKey.ELECTRICITY_KR_KWH] == 2.10
    history = await assumption_history(site.pool, FigureKey.ELECTRICITY_KR_KWH)
    assert [change.value for change in history] == [None, 1.05]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"value": "2.066"}, "uden for det mulige"),  # Danish: two thousand and sixty-six
        ({"value": "billig"}, "Skriv et tal"),
        ({"value": "nan"}, "Skriv et tal"),
        ({"value": "1,5", "valid_from": "26"}, "Skriv et år"),
        ({"value": "1,5", "valid_from": "2026"}, "hvor tallet kommer fra"),
    ],
)
async def test_a_figure_that_cannot_be_is_refused_at_its_field_and_nothing_is_stored(
    site: Site, fields: dict[str, str], words: str
) -> None:
    stored = await site.pool.fetchval("SELECT count(*) FROM assumption")
    status, text = await site.send("/assumptions/petrol_ttw_kg_l", **fields)
    assert status == 422
    assert words in text
    assert f'value="{fields["value"]}"' in text
    assert await site.pool.fetchval("SELECT count(*) FROM assumption") == stored


async def test_the_lines_of_a_kind_are_shown_and_add_up(site: Site) -> None:
    text = await site.text("/catalogue/elvarebil-stor?km=15.000")
    table = text[text.index("Værditab") : text.index("Værdi af CO₂e, for sig")]
    amounts = [
        int(found.replace(".", ""))
        for found in re.findall(r'data-title="kr. om året">(?:<strong>)?([\d.]+)<', table)
    ]
    assert len(amounts) == 9
    assert sum(amounts[:-1]) == pytest.approx(amounts[-1], abs=len(amounts))
    assert "tv2fyn.dk" in table


async def test_a_starter_kind_is_taken_into_use_and_a_register_kind_is_stated(site: Site) -> None:
    shown = await site.text("/catalogue/elminibus")
    fields = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*maxlength[^>]*value="([^"]*)"', shown))
    status, _ = await site.send(
        "/catalogue/elminibus",
        **{**fields, "price_kr": "499.000", "source": "Tilbud 7"},
        energy="electric",
        origin="computed",
        offered="yes",
    )
    assert status == 200
    kinds = {kind.kind: kind for kind in await read_catalogue(site.pool)}
    minibus = kinds["elminibus"]
    assert isinstance(minibus.figures, Specification)
    assert minibus.figures.price_kr == 499_000
    original = next(kind for kind in starter_catalogue() if kind.kind == "elminibus").figures
    assert isinstance(original, Specification)
    assert minibus.figures.wltp_range_km == original.wltp_range_km
    assert (minibus.offered, minibus.source) == (True, "Tilbud 7")
    status, _ = await site.send(
        "/catalogue/dieselbil",
        name="Dieselbil",
        energy="diesel",
        origin="stated",
        fixed_kr_year="45.500",
        kr_km="1,35",
        co2_g_km="140",
        source="Økonomi 2025",
        year="2025",
    )
    assert status == 200
    kinds = {kind.kind: kind for kind in await read_catalogue(site.pool)}
    assert kinds["dieselbil"].figures == StatedFigures(
        fixed_kr_year=45_500, kr_km=1.35, co2_g_km=140
    )
    assert [one.actor for one in await kind_history(site.pool, "dieselbil")] == [
        TESTER,
        "register",
    ]
    assert "Kommunens egne tal" in await site.text("/catalogue/dieselbil")


async def test_a_kind_that_cannot_be_is_refused_with_what_is_missing(site: Site) -> None:
    plain = {"name": "Ny bil", "year": "2026", "source": "x", "origin": "computed"}
    for fields, said in (
        ({"energy": "electric", "price_kr": "1", "wltp_use_100km": "15"}, "elkøretøjets række"),
        ({"energy": "petrol", "wltp_use_100km": "5"}, "enten en pris eller en årlig"),
        ({"energy": "petrol", "price_kr": "-5", "wltp_use_100km": "5"}, "ikke være under 0"),
        ({"energy": "petrol", "price_kr": "9" * 12, "wltp_use_100km": "5"}, "større, end det kan"),
        ({"price_kr": "5", "wltp_use_100km": "5"}, "Vælg et drivmiddel"),
        (
            {"energy": "petrol", "price_kr": "5", "wltp_use_100km": "5", "window": "18-07"},
            "to klokkeslæt",
        ),
    ):
        status, text = await site.send("/catalogue", **plain, **fields)
        assert (status, said in text) == (422, True), said
    assert "ny-bil" not in {kind.kind for kind in await read_catalogue(site.pool)}


async def test_the_fleet_unit_rules_on_a_vehicle_with_reason_and_name(site: Site) -> None:
    row = await site.pool.fetchrow("SELECT vehicle_id FROM vehicle WHERE kind = 'ladvogn' LIMIT 1")
    assert row is not None
    path = f"/vehicles/{row['vehicle_id']}/future"
    assert "Hverken en chip eller en kørebog fortæller om det" in await site.text(path)
    status, text = await site.send(path, ruling="stay", needs="cargo; kran")
    assert status == 422
    assert "Turene kan kun kræve det, typen kan" in text
    assert "Skriv begrundelsen" in text
    status, text = await site.send(path, ruling="stay", needs="cargo", reason="Vinterberedskab")
    assert status == 200
    assert "Skal blive: flådeenheden har bestemt det" in text
    kept = await site.pool.fetchrow("SELECT * FROM vehicle_ruling")
    assert kept is not None
    assert (kept["ruling"], kept["needs"], kept["actor"]) == ("stay", ["cargo"], TESTER)
    assert await site.pool.fetchval(
        "SELECT needs FROM vehicle WHERE vehicle_id = $1", row["vehicle_id"]
    ) == ["cargo"]


@pytest.mark.parametrize(
    "path", ["/assumptions/nothing", "/catalogue/nothing", "/vehicles/nothing/future"]
)
async def test_what_is_not_there_is_not_found(site: Site, path: str) -> None:
    async with site.session.get(site.url + path) as answer:
        assert answer.status == 404


async def test_a_capability_has_a_danish_name_that_the_municipality_may_change(site: Site) -> None:
    assert "anhængertræk" in await site.text("/catalogue")
    status, text = await site.send(
        "/capabilities", **{"name-towbar": "Trækkrog", "name-cargo": "trækkrog"}
    )
    assert status == 422
    assert "hedder det samme" in text
    status, _ = await site.send("/capabilities", **{"name-towbar": "Trækkrog"})
    assert status == 200
    text = await site.text("/catalogue")
    assert "Trækkrog" in text
    assert "towbar" not in text
    vehicle = await site.pool.fetchval(
        "SELECT vehicle_id FROM vehicle v JOIN vehicle_kind USING (kind)"
        " WHERE 'towbar' = ANY (offers) AND 'cargo' = ANY (offers)"
    )
    path = f"/vehicles/{vehicle}/future"
    assert "Trækkrog" in await site.text(path)
    status, _ = await site.send(path, ruling="open", needs="TRÆKKROG", reason="Trailer")
    assert status == 200
    needs = "SELECT needs FROM vehicle WHERE vehicle_id = $1"
    assert await site.pool.fetchval(needs, vehicle) == ["towbar"]
    await site.send("/capabilities", **{"name-towbar": ""})
    assert "anhængertræk" in await site.text("/catalogue")


async def test_all_green_kinds_of_the_starter_catalogue_are_put_on_offer_at_once(
    site: Site,
) -> None:
    offered = "SELECT count(*) FROM vehicle_kind WHERE offered"
    before = await site.pool.fetchval(offered)
    status, text = await site.send("/catalogue/offer", which="chosen")
    assert status == 422
    assert "Vælg mindst én type" in text
    known = {row["kind"] for row in await site.pool.fetch("SELECT kind FROM vehicle_kind")}
    one, other = [kind.kind for kind in starter_catalogue() if kind.kind not in known][:2]
    fields = [("which", "chosen"), ("kind", one), ("kind", other)]
    async with site.session.post(f"{site.url}/catalogue/offer", data=fields) as answer:
        assert answer.status == 200
    assert await site.pool.fetchval(offered) == before + 2
    status, _ = await site.send("/catalogue/offer", which="green")
    assert status == 200
    missing = [
        kind.kind
        for kind in starter_catalogue()
        if kind.energy in GREEN_ENERGIES
        and not await site.pool.fetchval(
            "SELECT offered FROM vehicle_kind WHERE kind = $1", kind.kind
        )
    ]
    assert set(missing) <= known  # those that were there before are changed by nobody
    [latest, *_] = await kind_history(site.pool, one)
    assert latest.actor == TESTER


async def test_the_catalogue_says_how_many_vehicles_a_green_kind_could_follow(site: Site) -> None:
    text = await site.text("/catalogue")
    fossil = await site.pool.fetchval(
        "SELECT count(*) FROM vehicle JOIN vehicle_kind USING (kind)"
        " WHERE energy IN ('petrol', 'diesel', 'hvo')"
    )
    assert f"Af jeres {fossil} køretøjer på benzin, diesel eller HVO" in text


async def test_a_rounds_basis_stays_as_it_was_and_the_next_one_says_what_changed(
    site: Site,
) -> None:
    settings = Settings()  # pyright: ignore[reportCallIssue]

    async def begun() -> int:
        """A round that keeps what it would be calculated with; there are no trips to go on."""
        round_id = await request_round(
            site.pool, Actor.trusted("MB"), Period(date(2026, 11, 2), date(2026, 11, 8))
        )
        await prepare_round(site.pool, round_id, settings)
        await site.pool.execute("UPDATE round SET state = 'done' WHERE round_id = $1", round_id)
        return round_id

    first = await begun()
    text = await site.text(f"/proposals/rounds/{first}")
    assert "14,49 kr/l" in text
    assert "Kun grønne typer må blive flere" in text
    await site.send("/assumptions/petrol_kr_l", value="13,05", valid_from="2026", source="Aftale")
    assert "14,49 kr/l" in await site.text(f"/proposals/rounds/{first}")
    text = await site.text(f"/proposals/rounds/{await begun()}")
    assert "Hvad er ændret siden runde" in text
    changes = text[text.index("Hvad er ændret siden runde") : text.index("Regler")]
    assert "Benzin" in changes
    assert "13,05 kr/l" in changes
    assert "Diesel" not in changes
    await site.pool.execute("DELETE FROM round")


async def test_a_version_keeps_the_figures_of_its_round_and_says_what_the_register_changed(
    site: Site,
) -> None:
    settings = Settings()  # pyright: ignore[reportCallIssue]
    stricter = settings.model_copy(
        update={
            "least_saving_kr_year": 20_000.0,
            "greenest_within": 0.01,
            "contract_horizon_days": 180,
        }
    )
    actor = Actor.trusted("MB")

    async def begun(round_id: int, settings: Settings) -> tuple[int, str]:
        await prepare_round(site.pool, round_id, settings)
        await site.pool.execute("UPDATE round SET state = 'done' WHERE round_id = $1", round_id)
        return round_id, words(await site.text(f"/proposals/rounds/{round_id}"))

    week = Period(date(2026, 11, 2), date(2026, 11, 8))
    first, text = await begun(await request_round(site.pool, actor, week), settings)
    for rule in (
        "Køretøjer i reserve til værkstedet",
        "sparer mindre om året, værdien af CO₂e regnet med, foreslås ikke 5.000 kr.",
        "koste mere end den billigste med 2,0 %",
        "når den løber længere end 365 dage",
    ):
        assert rule in text
    await site.send("/assumptions/diesel_kr_l", value="19", valid_from="2026", source="Aftale")
    vehicle, name = await site.pool.fetchrow(
        "UPDATE vehicle SET cost_kr_year = coalesce(cost_kr_year, 0) + 1000 WHERE vehicle_id ="
        " (SELECT min(vehicle_id) FROM vehicle WHERE measured_in = 'km')"
        " RETURNING vehicle_id, name"
    ) or ("", "")
    depot = await site.pool.fetchval(
        "UPDATE zone SET charge_points = 7 WHERE zone_id ="
        " (SELECT depot_id FROM vehicle WHERE vehicle_id = $1) RETURNING name",
        vehicle,
    )

    def changes(text: str) -> str:
        return text[text.index("Hvad er ændret siden runde") :].partition("Regler")[0]

    second, text = await begun(await request_version(site.pool, actor, first), stricter)
    assert "version 1" in changes(text)
    assert "19 kr/l" not in text
    assert "foreslås ikke 5.000 kr." in text
    assert f"Køretøjer med andre egne udgifter 1 : {name}" in changes(text)
    assert f"Ladepunkter på {depot} så mange, som" in changes(text)
    assert "Diesel" not in changes(text)
    _, text = await begun(await request_round(site.pool, actor, week), stricter)
    assert "version 2" in changes(text)
    least = "sparer mindre om året, værdien af CO₂e regnet med, foreslås ikke 5.000 kr."
    assert f"{least} → bliver til 20.000 kr." in changes(text)
    assert "2,0 % → bliver til 1,0 %" in changes(text)
    assert "365 dage → bliver til 180 dage" in changes(text)
    assert "19 kr/l" in changes(text)
    assert "egne udgifter" not in changes(text)
    assert second > first
    await site.pool.execute("DELETE FROM round")


@pytest.mark.parametrize(
    ("year", "said"),
    [
        (None, "Tallet er gemt. Næste runde regner med det."),
        ("2099", "Det gælder ikke endnu: en runde regner med det, når"),
        ("2019", "Et senere tal gælder i år, og det regner næste runde med."),
    ],
)
async def test_a_saved_figure_says_which_round_uses_it(
    site: Site, year: str | None, said: str
) -> None:
    sent = {"value": "14", "valid_from": year or str(today().year), "source": "Aftale"}
    status, text = await site.send("/assumptions/petrol_kr_l", **sent)
    assert status == 200
    assert said in words(text)


async def test_a_measured_range_is_shown_beside_the_catalogues_and_a_round_keeps_it(
    site: Site,
) -> None:
    """Winter is measured over 1,860 km and July over 1,260 km. The round plans with winter."""
    settings = Settings()  # pyright: ignore[reportCallIssue]
    kind = next(
        one
        for one in await read_catalogue(site.pool)
        if one.energy is Energy.ELECTRIC and isinstance(one.figures, Specification)
    )
    page = f"/catalogue/{kind.kind}"

    async def begun() -> str:
        round_id = await request_round(
            site.pool, Actor.trusted("MB"), Period(date(2026, 11, 2), date(2026, 11, 8))
        )
        await prepare_round(site.pool, round_id, settings)
        await site.pool.execute("UPDATE round SET state = 'done' WHERE round_id = $1", round_id)
        return f"/proposals/rounds/{round_id}"

    before = await begun()
    assert "Målt rækkevidde" not in await site.text(page)
    for month, km, pct, trips in ((1, 1000.0, 470.0, 110), (12, 860.0, 407.4, 104)):
        await site.pool.execute(PUT_CONSUMPTION, kind.kind, "battery", month, km, pct, trips)
    await site.pool.execute(PUT_CONSUMPTION, kind.kind, "battery", 7, 1260.0, 470.1, 131)
    text = await site.text(page)
    assert "212 km om vinteren, 268 km ellers" in text
    assert "ud fra 3.120 km på 345 ture" in text
    assert "målt; kataloget siger" in text
    after = await begun()
    assert "212 km<span" in await site.text(after)
    assert "målt over 1.860 km" in await site.text(after)
    assert "målt over" not in await site.text(before)
    assert kind.name in (text := await site.text(after))[text.index("ændret siden") :]
    async with site.session.get(f"{site.url}/v1/kinds") as answer:
        told = {one["id"]: one for one in (await answer.json())["items"]}[kind.kind]
    assert (told["range_km"], told["range_is_measured"]) == (212, True)
    assert told["measured"] == {
        "winter": {"range_km": 212, "km": 1860, "trips": 214},
        "otherwise": {"range_km": 268, "km": 1260, "trips": 131},
    }
    await site.pool.execute("DELETE FROM kind_consumption")
    assert "målt over 1.860 km" in await site.text(after), "a round keeps what it used"
    assert "målt" not in (await site.text("/catalogue")).lower().split("<main")[1]
    await site.pool.execute("DELETE FROM round")


async def test_of_a_vehicle_it_is_shown_how_far_it_came(site: Site) -> None:
    vehicle_id, device = await site.pool.fetchrow(  # pyright: ignore[reportGeneralTypeIssues]
        "SELECT vehicle_id, device FROM device JOIN vehicle USING (vehicle_id)"
        " JOIN vehicle_kind USING (kind) WHERE energy IN ('petrol', 'diesel') LIMIT 1"
    )
    page = f"/vehicles/{vehicle_id}"
    assert "Målt på en fuld tank" not in await site.text(page)
    await site.pool.execute(
        "INSERT INTO trip (device, start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km,"
        " levels_read, tank_from_pct, tank_to_pct, tank_km)"
        " SELECT $1, at, at + interval '1 hour', 55.7, 12.5, 55.7, 12.5, 60, true, 90, 80, 60"
        " FROM generate_series(now() - interval '364 days', now(), interval '12 hours') at",
        device,
    )
    text = await site.text(page)
    assert "Målt på en fuld tank" in text
    assert "600 km om vinteren, 600 km ellers" in text
    await site.pool.execute("DELETE FROM trip")
