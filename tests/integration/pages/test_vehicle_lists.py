"""The register of a municipality goes in through the pages as an Excel file with mistakes: exactly
these are told, and all other vehicles are there."""

import html
import re
from collections.abc import AsyncGenerator
from datetime import date
from io import BytesIO

import aiohttp
import pytest
from python_calamine import CalamineWorkbook

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from register.inventory.stored import registered_vehicles
from tests.factories.flawed_list import FIRST, MISTAKES, the_list
from tests.factories.inventory import put_depots
from tests.factories.page_text import words
from tests.factories.serving import Client, client_of
from tests.factories.vehicle_lists import sheet_cells, workbook


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    await put_depots(pool)
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        yield client


async def upload(client: Client, content: bytes, name: str = "flåde.xlsx") -> tuple[str, str]:
    """Send a file; returns the address of the step that it led to, and the page."""
    form = aiohttp.FormData()
    form.add_field("file", content, filename=name)
    async with client.session.post(client.server.url + "/register/lists", data=form) as answer:
        return answer.url.path, await answer.text()


async def send(client: Client, path: str, fields: dict[str, str]) -> tuple[str, str]:
    async with client.session.post(client.server.url + path, data=fields) as answer:
        return answer.url.path, await answer.text()


def chosen_in(page: str) -> dict[str, str]:
    """What a browser would send of the selects and hidden fields of a page."""
    fields: dict[str, str] = {}
    for name, options in re.findall(r'<select[^>]* name="([^"]+)".*?>(.*?)</select>', page, re.S):
        selected = re.search(r'value="([^"]*)" selected', options)
        fields[name] = "" if selected is None else html.unescape(selected[1])
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page):
        fields[name] = html.unescape(value)
    return fields


def bad_cells(page: str) -> dict[tuple[int, str], tuple[str, str]]:
    """The bad cells of a page by row and heading: the cell and the reason."""
    table = page.partition('stacked cells"')[2].partition("</table>")[0]
    rows = re.findall(r'<tr role="row">(.*?)</tr>', table.partition("<tbody")[2], re.S)
    found: dict[tuple[int, str], tuple[str, str]] = {}
    for row in rows:
        cells = [html.unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)]
        found[int(cells[0]), cells[1]] = (cells[2], cells[3])
    return found


async def test_of_60_vehicles_with_20_mistakes_exactly_those_are_told_and_the_rest_is_there(
    client: Client, pool: Pool
) -> None:
    path, page = await upload(client, the_list())
    assert path == "/register/lists/1/columns"
    assert '<span class="form-hint break-word" id="field-8-hint">2020</span>' in page
    columns = chosen_in(page)
    assert [field for name, field in columns.items() if name.startswith("field-")] == [
        *("", "plate", "make", "model", "kind", "energy", "department", "depot_id"),
        *("model_year", "first_registered", "contract_start", "contract_end", "contract_km"),
        *("cost_kr_month", "mileage_km", ""),
    ]
    path, page = await send(client, path, columns)
    assert path == "/register/lists/1/values"
    assert "rækker har en celle, der ikke kan læses, og udelades, indtil" in page
    assert "som registret ikke kender" in page
    values = chosen_in(page)
    meant = {
        "Kassevogn / El": "elvarebil-lille",
        "Personbil / El": "elbil-mellem",
        "Materielgården": "park",
        "Hest / El": "",
        "Mars": "",
    }
    for name, text in [(n, t) for n, t in values.items() if n.startswith("text-")]:
        if text in meant:
            values[name.replace("text-", "value-")] = meant[text]
    path, page = await send(client, path, values)
    assert path == "/register/lists/1/preview"
    expected = {(FIRST + n, heading): reason for (n, heading), (_, reason) in MISTAKES.items()}
    told = bad_cells(page)
    assert told.keys() == expected.keys()
    assert [key for key, (_, reason) in told.items() if expected[key] not in reason] == []
    assert "Række 65, I alt: en række med summer" in html.unescape(page)
    assert await pool.fetchval("SELECT count(*) FROM vehicle") == 0
    path, page = await send(client, path, {})
    assert path == "/register/lists/1"
    assert bad_cells(page) == told
    found = {one.details.plate: one for one in await registered_vehicles(pool)}
    assert found.keys() == {f"AB10{n:03}" for n in range(60)} - {f"AB10{n:03}" for n, _ in MISTAKES}
    details = found["AB10002"].details
    assert (details.make, details.kind, details.department) == (
        *("Skoda", "elbil-mellem", "Vej og Park"),
    )
    assert {
        (one.details.contract_end, one.details.cost_kr_year, one.details.mileage_km)
        for one in found.values()
    } == {(date(2027, 1, 31), 42_000, 41_000)}
    assert {one.details.first_registered for one in found.values()} == {date(2023, 1, 10)}
    path, page = await upload(client, the_list())
    # It is read as before, and nothing has to be said again but what was left open.
    assert path == "/register/lists/2/values"
    assert "her står, hvad I har sagt, at de hver især betyder" in page
    assert "som registret ikke kender" not in page
    path, page = await send(client, path, chosen_in(page))
    assert bad_cells(page) == told
    assert "Færdig: intet ændres" in page
    assert "Listen læses ligesom den seneste med de samme overskrifter." in page
    async with client.session.get(f"{client.server.url}/register/lists/2/file") as answer:
        book = CalamineWorkbook.from_filelike(BytesIO(await answer.read()))
    headings, *rows = book.get_sheet_by_index(0).to_python()
    assert headings[:4] == ["Række", "Køretøj", "Resultat", "Kolonne"]
    assert [(row[0], row[3]) for row in rows] == sorted(told)


async def test_what_changes_is_shown_before_it_is_made(client: Client, pool: Pool) -> None:
    first = "Reg.nr.;Type;Afdeling;Depot;Km-stand\nAB12345;Varebil, diesel;Vej;Rådhuset;1.000\n"
    path, page = await upload(client, first.encode("cp1252"), "biler.csv")
    path, page = await send(client, path, chosen_in(page))
    path, page = await send(client, path, chosen_in(page))
    path, page = await send(client, path, {})
    second = first.replace("Rådhuset;1.000", "Vej & Park;1.200")
    path, page = await upload(client, second.encode("cp1252"), "biler.csv")
    # The headings are known, and so is every word.
    assert path == "/register/lists/2/preview"
    words = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
    assert "Listen læses ligesom den seneste med de samme overskrifter." in words
    assert "Depot Rådhuset Vej & Park" in words
    assert "Km-stand 1.000 1.200" in words
    assert "En km-stand uden aflæsningsdato regnes som aflæst i dag" in words
    await send(client, path, {})
    (vehicle,) = await registered_vehicles(pool)
    assert (vehicle.depot_name, vehicle.details.mileage_km) == ("Vej & Park", 1_200)
    path, page = await send(client, path, {})
    assert path == "/register/lists/2"
    assert (await client.get("/register/lists/99"))[0] == 404
    path, page = await upload(client, first.encode("cp1252"), "biler.csv")
    words = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
    assert "Km-standen ville falde for: AB 12 345." in words


async def test_two_spellings_of_a_department_become_one_and_stay_so(
    client: Client, pool: Pool
) -> None:
    rows = [
        f"AB1234{n};Varebil, diesel;{department};Rådhuset"
        for n, department in enumerate(["Vej og Park", "Vej & Park", "Vej og Park", "Vejdrift"])
    ]
    text = "\n".join(("Reg.nr.;Type;Afdeling;Depot", *rows))
    path, page = await upload(client, text.encode("cp1252"), "biler.csv")
    path, page = await send(client, path, chosen_in(page))
    values = chosen_in(page)
    texts = {values[f"text-department-{n}"]: f"value-department-{n}" for n in range(3)}
    # The same words are proposed to be one; that another one is, too, a person says.
    assert values[texts["Vej & Park"]] == "Vej og Park"
    assert values[texts["Vejdrift"]] == "Vejdrift"
    path, page = await send(client, path, values | {texts["Vejdrift"]: "Vej og Park"})
    await send(client, path, {})
    vehicles = await registered_vehicles(pool)
    assert [one.details.department for one in vehicles] == ["Vej og Park"] * 4
    again = text.replace("Vej og Park", "Vej  &  Park")
    path, page = await upload(client, again.encode("cp1252"), "biler.csv")
    assert path == "/register/lists/2/preview"
    assert "Færdig: intet ændres" in page


async def test_columns_that_do_not_do_and_files_that_are_none_are_told_at_the_form(
    client: Client,
) -> None:
    path, page = await upload(client, b"", "tom.xlsx")
    assert path == "/register/lists"
    assert 'id="file-error"' in page
    path, page = await upload(client, b"Km;Farve\n1;2\n", "biler.csv")
    path, page = await send(client, path, {})
    assert "som skiller køretøjerne fra hinanden" in page
    path, page = await send(client, path, {"field-0": "plate", "field-1": "plate"})
    assert "To kolonner indeholder det samme" in page


async def test_what_became_of_a_list_offers_the_step_that_start_says_is_next(
    client: Client,
) -> None:
    path, page = await upload(client, the_list())
    for _ in ("columns", "values", "preview"):
        path, page = await send(client, path, chosen_in(page))
    assert path == "/register/lists/1"
    report = page
    _, start = await client.get("/start")
    missing = re.search(r'class="step">.*?<h3>(.*?)</h3>', start, re.DOTALL)
    assert missing is not None
    offered = report.partition('id="next-heading"')[2].partition("</section>")[0]
    assert missing[1] in offered
    assert 'class="function-link"' in offered


async def test_the_preview_tells_everything_that_the_list_says_of_a_new_vehicle(
    client: Client,
) -> None:
    rows = (
        *(("Navn", "Reg.nr.", "Type", "Afdeling", "Placering"),),
        *(("Bil 1", "AB12345", "elbil-lille", "Vej", "raad"),),
        *(("Bil 1", "AB12346", "elbil-lille", "Vej", "raad"),),
    )
    more = (
        *(("Leasing start", "Leasing udløb", "Km pr. år", "Ydelse pr. md.", "Km-stand"),),
        *(("10-01-2020", "10-01-2024", 20_000, "3.500", "41.000"),),
        *(("", "", "", "", ""),),
    )
    cells = sheet_cells([one + other for one, other in zip(rows, more, strict=True)])
    path, page = await upload(client, workbook(cells))
    path, page = await send(client, path, chosen_in(page))
    path, page = await send(client, path, chosen_in(page))
    assert path.endswith("/preview")
    news = page.partition('id="new-heading"')[2]
    first = re.sub(r"<[^>]*>", " ", html.unescape(news.partition("<li>")[2].partition("</li>")[0]))
    for told in (
        *("Registreringsnummer: AB 12 345", "Kontrakten begynder: 10. jan. 2020"),
        *("Kontrakten udløber: 10. jan. 2024", "Aftalte km i hele aftalen: 80.000"),
        *("Udgift om året: 42.000", "Km-stand: 41.000"),
    ):
        assert told in first
    assert "Mere end ét køretøj ville hedde: Bil 1." in page
    assert "Kontrakten er allerede udløbet for: Bil 1." in page


@pytest.mark.parametrize("heading", ["km pr. år", "Årskørsel"])
async def test_the_preview_says_that_km_driven_a_year_are_not_kept_and_no_row_stays_out(
    client: Client, heading: str
) -> None:
    rows = (("Navn", "Type", "Afdeling", "Placering", heading, "Note"),)
    rows += (("Bil 1", "elbil-lille", "Vej", "raad", 12_500, "x"),)
    path, page = await upload(client, workbook(sheet_cells(rows)))
    assert "Registret har intet felt til kørte km om året" in page
    path, page = await send(client, path, chosen_in(page))
    path, page = await send(client, path, chosen_in(page))
    assert path.endswith("/preview")
    assert bad_cells(page) == {}
    assert "1 nyt køretøj" in page
    assert f"Tages ikke med: {heading}." in page
    assert "Kolonner, der ikke tages med: Note." in page


async def test_a_list_whose_depots_stand_in_a_column_that_nobody_chose_says_so(
    client: Client,
) -> None:
    """The words of the file are not said to be unknown, and the way to the columns is shown."""
    rows = (("Navn", "Type", "Afdeling", "Hvor"),)
    rows += tuple((f"Bil {at}", "elbil-lille", "Vej", "raad") for at in (1, 2))
    rows += (("Bil 3", "", "Vej", "raad"),)
    path, page = await upload(client, workbook(sheet_cells(rows)))
    at_columns, columns = path, chosen_in(page)
    path, page = await send(client, path, columns)
    to_columns = f'<a href="{at_columns}">Vælg kolonnen</a>'
    assert "Ingen kolonne er valgt som depot." in page
    assert to_columns in page
    assert "her står, hvad I har sagt" not in page
    # Nothing is said of any of them.
    unsaid = chosen_in(page) | {"value-department-0": "Vej"}
    path, page = await send(client, path, unsaid)
    assert path.endswith("/preview")
    assert "Ingen kolonne er valgt som depot: 3 rækker udelades." in words(page)
    assert to_columns in page
    assert "ord, som registret ikke kender" not in page
    assert "1 af dem er tom, og køretøjet er nyt" in page
    assert bad_cells(page)[2, "–"] == ("–", "Ingen kolonne er valgt som depot")
    async with client.session.get(f"{client.server.url}/register/lists/1/values") as answer:
        page = await answer.text()
    depot = page.partition('id="depot-heading"')[2].partition("</section>")[0]
    assert "hvad I har sagt" not in depot
    # As soon as the column is chosen every row is taken.
    columns |= {"field-3": "depot_id"}
    path, page = await send(client, at_columns, columns)
    path, page = await send(client, path, chosen_in(page) | {"value-kind-0": "elbil-lille"})
    assert bad_cells(page) == {}
    assert "3 nye køretøjer" in page
