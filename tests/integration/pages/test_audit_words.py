"""Each entry of the audit log says in words what it was: what was changed, from what to what."""

import csv
import io
import re
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape

import pytest

from access.accounts import change_account
from access.roles import Role
from api.server import ServerRole
from api.settings import Settings
from costs.assumptions import Figure, FigureKey
from costs.assumptions_stored import put_assumption
from costs.catalogue import starter_catalogue
from costs.catalogue_stored import put_kind, read_catalogue
from db.audit.entry import Subject
from db.connect import Pool
from optimiser.rounds.decisions import Verdict, decide
from register.devices import move_device
from register.inventory.changes import change_vehicle, retire_vehicle
from register.inventory.stored import registered_vehicle
from register.municipality.own_name import name_municipality
from register.private_periods import end_private, private_periods, set_private
from register.private_time import PrivatePeriod
from register.vehicles import Ruling, rule_vehicle, set_trip_class
from register.zones import ZoneKind, circle
from register.zones_stored import put_zone, remove_zone
from tests.factories.accounts import person
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.factories.serving import Client, client_of
from tests.factories.vehicles import put_cars
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.milestone import MilestoneStatus
from tracker.saying import Said, say
from tracker.shipped import load_programme

BEGINS = datetime(2026, 11, 20, 16, tzinfo=UTC)


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Gården', 55.77, 12.5, 150)")
    await put_cars(pool, "v1")
    async with client_of(settings, database_url, ServerRole.API, devices=("d1",)) as client:
        yield client


async def shown(client: Client, subject: Subject, language: str = "da") -> str:
    """What the page says of the entries about one kind of thing, the latest first."""
    headers = {"Cookie": f"lang={language}"}
    address = f"{client.server.url}/audit?subject={subject}"
    async with client.session.get(address, headers=headers) as answer:
        text = await answer.text()
    told = words(text.partition("<tbody")[2].partition("</tbody>")[0])
    return unescape(told).removeprefix('role="rowgroup"> ')


async def test_a_decision_says_its_verdict_and_comment(client: Client, pool: Pool) -> None:
    await pool.execute(
        "INSERT INTO round (requested_by, period_first, period_last)"
        " VALUES ('x', '2026-11-01', '2026-11-30');"
        "INSERT INTO proposal (round_id, rank, depot_id, saving_kr_year, saving_co2_t_year,"
        ' content, key) SELECT round_id, 1, \'home\', 1, 1, \'{"version": 1, "key":'
        ' "dispose:v1", "action": "dispose", "depot_id": "home", "vehicle_id": "v1"}\','
        " 'dispose:v1' FROM round"
    )
    proposal = await pool.fetchval("SELECT proposal_id FROM proposal")
    await decide(pool, SOMEBODY, proposal, Verdict.ACCEPTED, "")
    await decide(pool, SOMEBODY, proposal, Verdict.REJECTED, "Bruges til sne")
    told = await shown(client, Subject.PROPOSAL)
    assert "Forslag: Afhænd: v1 Beslutning: Godkendt → Afvist" in told
    assert "Kommentar: Bruges til sne" in told
    english = await shown(client, Subject.PROPOSAL, "en")
    assert "Decision: Accepted → Rejected" in english
    assert "Comment: Bruges til sne" in english


async def test_private_time_says_its_span(client: Client, pool: Pool) -> None:
    await set_private(pool, SOMEBODY, "v1", PrivatePeriod(BEGINS, None), note="ferie")
    [period] = await private_periods(pool, "v1")
    await end_private(pool, SOMEBODY, period.private_id)
    told = await shown(client, Subject.VEHICLE)
    assert told.count("Fra: fre. 20. nov. 2026 kl. 17.00") == 2
    assert re.search(r"Afsluttet privat tid .*?Til: \w+\. \d+\. \w+\. \d{4} kl\. ", told)
    assert "Sat privat tid" in told
    assert "Note: ferie" in told


async def test_a_change_says_what_was_and_what_is(client: Client, pool: Pool) -> None:
    before = await registered_vehicle(pool, "v1")
    assert before is not None
    details = replace(before.details, department="Vej", plate="AB12345", contract_km=90_000.5)
    await change_vehicle(pool, SOMEBODY, "v1", before.revision, details, new_department=True)
    await retire_vehicle(pool, SOMEBODY, "v1", date(2027, 1, 1))
    await set_trip_class(pool, SOMEBODY, "v1", "van")
    await rule_vehicle(pool, SOMEBODY, "v1", Ruling.STAY, None, "sne")
    await rule_vehicle(pool, SOMEBODY, "v1", Ruling.GO, None, "solgt")
    told = await shown(client, Subject.VEHICLE)
    assert "Afdeling: d → Vej" in told
    assert "Registreringsnummer: AB12345" in told
    assert "90.000,5" in told
    assert "Udgået fra: fre. 1. jan. 2027" in told
    assert "Dets ture findes som for: Varevogn" in told
    assert re.search(r"Dets fremtid: \S[^→:]* → \S[^:]* Årsag: solgt", told)
    # A value that stayed is no change.
    assert "Navn: V1" not in told


async def test_kinds_and_depots_are_told_by_their_names_and_kroner_with_their_ore(
    client: Client, pool: Pool
) -> None:
    kind = next(one for one in starter_catalogue() if one.kind == "varebil-diesel")
    await put_kind(pool, SOMEBODY, kind)
    await pool.execute("INSERT INTO depot VALUES ('raadhuset', 'Rådhuset', 55.8, 12.4, 150)")
    stood = await registered_vehicle(pool, "v1")
    assert stood is not None
    moved = replace(
        stood.details, kind="varebil-diesel", depot_id="raadhuset", cost_kr_year=40_000.5
    )
    await change_vehicle(pool, SOMEBODY, "v1", stood.revision, moved)
    told = await shown(client, Subject.VEHICLE)
    assert re.search(r"Type: [^:]+ → Varebil, diesel ", told)
    assert "Depot: Gården → Rådhuset" in told
    assert "40.000,50" in told
    for raw in ("varebil-diesel", "raadhuset"):
        assert raw not in told, raw
    _, page = await client.get("/vehicles/v1/register")
    assert 'value="40.000,50"' in page


async def test_zones_kinds_figures_accounts_and_the_rest_say_it_too(
    client: Client, pool: Pool
) -> None:
    yard = circle("yard", "Pladsen", ZoneKind.DEPOT, 55.7, 12.4, 100)
    await put_zone(pool, SOMEBODY, yard, new=True)
    await put_zone(pool, SOMEBODY, replace(yard, radius_m=250.0), new=False)
    await remove_zone(pool, SOMEBODY, "yard")
    told = await shown(client, Subject.ZONE)
    assert told.startswith("Fjernet Zone: yard")
    assert "Radius i meter: 100 → 250" in told
    assert "Type: Depot" in told
    for value in (1.8, 2.1):
        figure = Figure(
            key=FigureKey.ELECTRICITY_KR_KWH,
            valid_from=2026,
            value=value,
            source="aftale",
            note="",
        )
        await put_assumption(pool, SOMEBODY, figure)
    assert "Værdi: 1,8 → 2,1" in await shown(client, Subject.ASSUMPTION)
    [kind] = await read_catalogue(pool)
    await put_kind(pool, SOMEBODY, kind)
    await put_kind(pool, SOMEBODY, replace(kind, name="Lille bil", offered=True))
    assert "Navn: Car → Lille bil" in await shown(client, Subject.KIND)
    tows = replace(kind, name="Lille bil", offered=True, offers=frozenset({"towbar"}))
    await put_kind(pool, SOMEBODY, tows)
    assert "anhængertræk" in await shown(client, Subject.KIND)
    assert "On offer: no → yes" in await shown(client, Subject.KIND, "en")
    account = await person(pool, "Regnskab", Role.READER)
    await change_account(pool, SOMEBODY, account.account_id, Role.DEPARTMENT_HEAD, ["d"])
    told = await shown(client, Subject.ACCOUNT)
    assert "Rolle: Læser → Afdelingsleder Afdelinger: d" in told
    assert "Adgangskode: blev sat" in told
    await name_municipality(pool, SOMEBODY, "Ny Kommune")
    await name_municipality(pool, SOMEBODY, "Nyere Kommune")
    told = await shown(client, Subject.MUNICIPALITY)
    assert told.startswith("Tilføjet eller ændret Kommune: Navn")
    assert "Ny Kommune → Nyere Kommune" in told
    await move_device(pool, SOMEBODY, "d1", "v1", date(2026, 11, 1))
    await move_device(pool, SOMEBODY, "d1", None, date(2026, 11, 10))
    assert "Køretøj: v1 → –" in await shown(client, Subject.DEVICE)
    await load_programme(pool, read_programme(FLEET_PROGRAMME))
    milestone = await pool.fetchval("SELECT min(milestone_id) FROM milestone")
    await say(pool, SOMEBODY, milestone, Said(MilestoneStatus.IN_PROGRESS, "er i gang"))
    told = await shown(client, Subject.MILESTONE)
    assert "Status: Ikke startet → I gang" in told


async def test_the_file_says_it_in_a_column(client: Client, pool: Pool) -> None:
    await name_municipality(pool, SOMEBODY, "Ny Kommune")
    await name_municipality(pool, SOMEBODY, "Nyere Kommune")
    for form, column in (("csv", "told"), ("csv-da", "Detaljer")):
        async with client.session.get(
            f"{client.server.url}/audit/export/{form}?subject=municipality"
        ) as answer:
            text = (await answer.read()).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text), delimiter=";" if form == "csv-da" else ","))
        assert rows[0][column] == "Navn: Ny Kommune → Nyere Kommune"
