"""A driving log goes in through the pages: columns, what is refused and why, and once only."""

import re
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from io import BytesIO

import aiohttp
import pytest
from python_calamine import CalamineWorkbook

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from db.retention import delete_uploads
from fleet.actor import Actor
from register.private_periods import set_private
from register.private_time import PrivatePeriod
from tests.factories.serving import Client, client_of
from tests.factories.vehicles import put_cars
from trips.driving_log.log_columns import LogField

LOG = """Nr.;Ude;Inde;Kørt
V1;02-11-2024 08:00;02-11-2024 10:00;12,5
V1;02-11-2024 09:00;02-11-2024 11:00;10
V9;04-11-2024 08:00;04-11-2024 09:00;30
V1;05-11-2024 08:00;05-11-2024 07:00;3
V1;06-11-2024 08:00;06-11-2024 09:00;900
"""
COLUMNS = {"vehicle": "Nr.", "start": "Ude", "end": "Inde", "km": "Kørt"}


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "v1")
    async with client_of(settings, database_url, ServerRole.API) as client:
        yield client


async def send(client: Client, content: str) -> tuple[int, str, str]:
    form = aiohttp.FormData()
    form.add_field("file", content.encode("cp1252"), filename="kørebog.csv")
    async with client.session.post(client.server.url + "/logs", data=form) as answer:
        return answer.status, answer.url.path, await answer.text()


async def choose(client: Client, path: str, columns: dict[str, str]) -> tuple[int, str]:
    async with client.session.post(client.server.url + path, data=columns) as answer:
        return answer.status, await answer.text()


async def test_columns_are_guessed_corrected_and_shown_with_the_first_rows(
    client: Client, pool: Pool
) -> None:
    status, path, text = await send(client, LOG)
    assert (status, path) == (200, "/logs/1")
    assert '<option value="Kørt" selected>' in text
    assert '<option value="Nr." selected>' not in text
    status, text = await choose(client, path, {"km": "Kørt"})
    assert status == 422
    assert text.count("Vælg den kolonne, hvor det står") == 2 * 3
    again = f"{client.server.url}{path}?show=again"
    async with client.session.post(again, data=COLUMNS) as answer:
        text = await answer.text()
        # An address is kept and passed on: it has the columns, and no token of a form.
        assert answer.url.query.keys() == {field.value for field in LogField}
    assert "turen overlapper den i række 2" in text
    assert await pool.fetchval("SELECT count(*) FROM trip") == 0


async def test_every_refused_row_is_told_with_its_reason_on_the_page_and_as_a_file(
    client: Client, pool: Pool
) -> None:
    _, path, _ = await send(client, LOG)
    status, text = await choose(client, path, COLUMNS)
    assert status == 200
    reasons = [
        "turen overlapper den i række 2",
        "der er intet køretøj V9 i registret",
        "turen slutter ved eller før sin start",
        "900,0 km på 1,0 timer er hurtigere end 130 km/t",
    ]
    assert [reason for reason in reasons if reason not in text] == []
    async with client.session.get(f"{client.server.url}{path}/refused") as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        book = CalamineWorkbook.from_filelike(BytesIO(await answer.read()))
    heading, *rows = book.get_sheet_by_index(0).to_python()
    assert heading == ["Række", "Hvorfor den blev afvist", *COLUMNS.values()]
    assert [(row[0], row[1]) for row in rows] == list(zip((3, 4, 5, 6), reasons, strict=True))
    url, headers = client.server.url + path, {"Cookie": "lang=en"}
    async with client.session.get(url, headers=headers) as answer:
        assert "there is no vehicle V9 in the register" in await answer.text()
    assert await pool.fetchval("SELECT sum(km) FROM trip") == 12.5
    await send(client, LOG)
    _, page = await client.get("/logs")
    listed = " ".join(re.sub(r"<[^>]+>", " ", page.partition("<tbody")[2]).split())
    assert "venter på sine kolonner" in listed
    assert re.search(r"\.csv \S+ \S+ kl\.\s\S+ Nr\. 1 1 0 4 ", listed)


async def test_a_log_that_is_sent_again_says_how_much_of_it_was_there(client: Client) -> None:
    _, path, _ = await send(client, LOG)
    await choose(client, path, COLUMNS)
    _, path, _ = await send(client, LOG)
    _, text = await choose(client, path, COLUMNS)
    assert "<dt>Indlæste ture</dt><dd>0</dd>" in text
    assert "<dt>Allerede indlæst</dt><dd>1</dd>" in text
    assert "<dt>Afviste rækker</dt><dd>4</dd>" in text


async def test_of_refused_rows_no_column_is_kept_that_was_not_asked_for(
    client: Client, pool: Pool
) -> None:
    first, *rows = LOG.splitlines()
    log = "\n".join([f"Chauffør;{first}", *(f"en chauffør;{row}" for row in rows)])
    _, path, _ = await send(client, log)
    await choose(client, path, COLUMNS)
    kept = await pool.fetchval("SELECT concat(headings, refused) FROM log_upload")
    assert "hauffør" not in kept
    assert "900" in kept


async def test_a_log_is_taken_once_and_its_file_is_not_kept(client: Client, pool: Pool) -> None:
    _, path, _ = await send(client, LOG)
    await choose(client, path, COLUMNS)
    status, _ = await choose(client, path, COLUMNS)
    assert status == 200
    assert await pool.fetchval("SELECT count(*) FROM trip") == 1
    assert await pool.fetchval("SELECT count(*) FROM log_upload WHERE content IS NOT NULL") == 0
    assert (await client.get("/logs/99"))[0] == 404


@pytest.mark.parametrize("content", ["", "Bil;Start;Slut;Km\n"])
async def test_a_file_without_rows_is_refused(client: Client, content: str) -> None:
    status, _, text = await send(client, content)
    assert status == 422
    assert "ingen rækker under overskrifterne" in text


async def test_reports_are_forgotten_after_a_while(client: Client, pool: Pool) -> None:
    await send(client, LOG)
    await pool.execute("UPDATE log_upload SET uploaded_at = now() - interval '31 days'")
    _, path, _ = await send(client, LOG)
    assert await delete_uploads(pool, 30, datetime.now(UTC)) == 1
    assert [row["upload_id"] for row in await pool.fetch("SELECT upload_id FROM log_upload")] == [2]
    assert path == "/logs/2"


async def test_the_first_rows_are_shown_as_they_will_be_stored_by_what_the_whole_file_shows(
    client: Client, pool: Pool
) -> None:
    rows = ["V1;01-02-2024 08:00;11-02-2024 08:00;1.250"]
    rows += [f"V1;{day:02}-03-2024 08:00;{day:02}-03-2024 09:00;7" for day in range(1, 15)]
    rows += ["V1;31-03-2024 02:30;31-03-2024 05:00;12,5"]
    head = "Køretøj;Start;Slut;Km\n"
    _, path, text = await send(client, head + "\n".join(rows))
    assert "tors. 1. feb. 2024 kl.\xa008.00" in text
    assert ">1.250</td>" in text
    assert "punktummet adskiller tusinder" in text
    assert "som uret springer over om foråret" in text
    columns = {"vehicle": "Køretøj", "start": "Start", "end": "Slut", "km": "Km"}
    await choose(client, path, columns)
    assert await pool.fetchval("SELECT max(km) FROM trip") == 1250
    _, _, text = await send(client, head.replace(";", ",") + rows[0].replace(";", ","))
    assert ">1,25</td>" in text, "a program's decimal point"


async def test_a_start_that_the_clock_leaves_out_is_refused_by_the_clock(client: Client) -> None:
    row = "V1;29-03-2026 02:30;29-03-2026 03:30;12,5\n"
    _, path, _ = await send(client, LOG.partition("\n")[0] + "\n" + row)
    _, text = await choose(client, path, COLUMNS)
    assert (
        "Ude: 29-03-2026 02:30 findes ikke den nat, hvor uret stilles frem, og blev læst som 03:30"
    ) in text


PRIVATE_LOG = """Nr.;Ude;Inde;Kørt
V1;02-11-2024 03:32;02-11-2024 03:38;1
V1;noget;02-11-2024 03:38;1
V1;02-11-2024 08:00;02-11-2024 10:00;12,5
"""


async def test_private_rows_are_counted_and_never_said_to_fit(client: Client, pool: Pool) -> None:
    begins = datetime(2024, 11, 2, 2, 30, tzinfo=UTC)
    period = PrivatePeriod(begins, begins + timedelta(minutes=10))
    await set_private(pool, Actor.trusted("x"), "v1", period)
    _, path, _ = await send(client, PRIVATE_LOG)
    query = "&".join(f"{field}={heading}" for field, heading in COLUMNS.items())
    _, text = await client.get(f"{path}?{query}")
    assert text.count("udeladt: privat kørsel") == 2
    assert text.count("> passer</td>") == 1
    _, text = await choose(client, path, COLUMNS)
    words = " ".join(re.sub(r"<[^>]+>", " ", text).split())
    assert "Indlæste ture 1" in words
    assert "Afviste rækker 0 Udeladte rækker: privat kørsel 2" in words
    assert "alle rækker passede" not in words
    assert "noget" not in words
    _, page = await client.get("/logs")
    listed = " ".join(re.sub(r"<[^>]+>", " ", page.partition("<tbody")[2]).split())
    assert re.search(r"\.csv \S+ \S+ kl\.\s\S+ Nr\. 1 1 0 0 2 ", listed)


async def test_an_empty_row_is_not_said_to_fit(client: Client) -> None:
    first, *rows = LOG.splitlines()
    _, path, _ = await send(client, "\n".join([first, ";;;", *rows]))
    query = "&".join(f"{field}={heading}" for field, heading in COLUMNS.items())
    _, text = await client.get(f"{path}?{query}")
    assert text.count("udeladt: tom række") == 1
    assert text.count("> passer</td>") == 1


async def test_a_log_without_private_rows_says_that_all_fitted(client: Client) -> None:
    _, path, _ = await send(client, "\n".join(LOG.splitlines()[:2]))
    _, text = await choose(client, path, COLUMNS)
    assert "Ingen: alle rækker passede." in text


KEPT = """Kørebog for Hjemmeplejen
November 2024

Bil;Dato;Afgang kl.;Hjemkomst kl.;Km start;Km slut;Ærinde
V1;2/11-24;8.00;10.30;12.500;12.518,5;Møde, rådhuset
V1;02.11.2024;22:30;06:15;12.518,5;12.530;Nattevagt
V1;3/11/24;10.00;;12.530;12.540;
"""


async def test_a_log_as_people_keep_it_needs_no_choice(client: Client, pool: Pool) -> None:
    _, path, text = await send(client, KEPT)
    assert "lør. 2. nov. 2024 kl.\xa008.00" in text
    assert "søn. 3. nov. 2024 kl.\xa006.15" in text, "the return after midnight"
    assert "Rækkerne over overskrifterne er udeladt" in text
    assert text.count("Hjemkomst kl. er tom") == 1
    selects = re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', text, re.DOTALL)
    guessed = (
        (field, re.search('value="([^"]+)" selected', options)) for field, options in selects
    )
    status, text = await choose(client, path, {field: one[1] for field, one in guessed if one})
    assert (status, ">Møde" in text) == (200, False)
    rows = await pool.fetch("SELECT end_ts - start_ts AS lasts, km FROM trip ORDER BY start_ts")
    assert [(row["lasts"] / timedelta(hours=1), row["km"]) for row in rows] == [
        (2.5, 18.5),
        (7.75, 11.5),
    ]
    assert '<td role="cell" class="lead" data-title="Række">7</td>' in text, "as in the file"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "Vælg den kolonne, hvor det står"),
        ({"date": ""}, "Tiderne har ingen dato: vælg kolonnen med datoen"),
        ({"start": "Ærinde"}, "Ingen celle i Ærinde er et tidspunkt"),
        ({"vehicle": "Ærinde"}, "Intet køretøj i registret hedder som i Ærinde, fx Møde, rådhuset"),
        ({"km_end": "Km start"}, "Kolonnen Km start er valgt til to ting"),
    ],
)
async def test_columns_that_hold_no_trips_are_an_error_at_the_form_and_the_log_waits_on(
    client: Client, pool: Pool, wrong: dict[str, str], said: str
) -> None:
    _, path, _ = await send(client, KEPT)
    fields = ("vehicle", "date", "start", "end", "km_start", "km_end")
    right: dict[str, str] = dict(zip(fields, KEPT.splitlines()[3].split(";"), strict=False))
    status, text = await choose(client, path, right | wrong if wrong else {})
    assert status == 422
    assert said in text
    assert await pool.fetchval("SELECT count(*) FROM log_upload WHERE content IS NOT NULL") == 1
    assert (await choose(client, path, right))[0] == 200
    assert await pool.fetchval("SELECT count(*) FROM trip") == 2


async def test_what_became_of_a_log_offers_the_step_that_start_says_is_next(
    client: Client,
) -> None:
    _, path, _ = await send(client, LOG)
    _, report = await choose(client, path, COLUMNS)
    _, start = await client.get("/start")
    missing = re.search(r'class="step">.*?<h3>(.*?)</h3>', start, re.DOTALL)
    assert missing is not None
    offered = report.partition('id="next-heading"')[2].partition("</section>")[0]
    assert missing[1] in offered
    assert 'class="function-link"' in offered


@pytest.mark.parametrize(
    ("path", "back"),
    [
        ("/logs", "/logs"),
        ("/register/lists", "/register/lists"),
        ("/zones/file", "/zones"),
        ("/intake/trackers", "/intake/trackers"),
    ],
)
async def test_a_file_that_is_too_large_is_told_with_the_limit_and_a_way_back(
    client: Client, path: str, back: str
) -> None:
    form = aiohttp.FormData()
    form.add_field("file", BytesIO(b"1;2;3\n" * 2_000_000), filename="alt.csv")
    headers = {"Accept": "text/html"}
    async with client.session.post(client.server.url + path, data=form, headers=headers) as answer:
        text = await answer.text()
    assert answer.status == 413
    assert "Der kan højst sendes 8,0 MB ad gangen" in text
    assert f'href="{back}">Tilbage til formularen' in text
    assert ("hvert år eller kvartal" in text) == (back in ("/logs", "/ledger"))


async def test_the_address_of_a_form_says_that_it_shows_no_page(client: Client) -> None:
    url, headers = client.server.url + "/zones/file", {"Accept": "text/html"}
    async with client.session.get(url, headers=headers) as answer:
        assert answer.status == 405
        assert "Det er adressen på en formular og viser ingen side" in await answer.text()


ODOMETERS = """Køretøj;Dato;Afgang;Hjemkomst;Km start;Km slut;Kørte km
V1;02-11-2024;08:00;10:00;1000;1012;
V1;03-11-2024;08:00;10:00;1012;1030;
"""


@pytest.mark.parametrize("km", ["", "Kørte km"])
async def test_an_empty_column_of_distances_beside_odometers_is_no_obstacle(
    client: Client, pool: Pool, km: str
) -> None:
    """What the preview takes is imported, whether somebody chooses the empty column or not."""
    _, path, text = await send(client, ODOMETERS)
    assert '<option value="Kørte km" selected>' not in text
    assert '<option value="Km start" selected>' in text
    columns = {
        "vehicle": "Køretøj",
        "date": "Dato",
        "start": "Afgang",
        "end": "Hjemkomst",
        "km": km,
        "km_start": "Km start",
        "km_end": "Km slut",
    }
    status, text = await choose(client, path, columns)
    assert status == 200, text
    assert "<dt>Indlæste ture</dt><dd>2</dd>" in text
    assert await pool.fetchval("SELECT sum(km) FROM trip") == 30
