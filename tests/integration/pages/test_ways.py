"""No page shows a visitor a way that is refused to them: whatever their role, each link and each
form of each page leads to an address that they may request."""

from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from yarl import URL

from access.accounts import account_actor, account_named
from access.roles import ROLE_PERMISSIONS, Role
from api.door.doorkeeper import INTERFACE_PREFIX
from api.door.needs import NEEDS, Need, Welcome
from api.door.reach import Reach
from api.server import RunningServer, ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from optimiser.rounds.requests import cancel_round, request_round
from optimiser.trial.nightly import try_days
from optimiser.workers import Workers
from register.devices import enrol_device
from register.keys import new_gateway_key
from tests.conftest import empty_tables
from tests.factories.access import Visitor, visitor
from tests.factories.accounts import person
from tests.factories.actors import SOMEBODY
from tests.factories.moments import today
from tests.factories.pilot import load_pilot
from tests.factories.rounds import FEW_STUDIES, answer_round
from tests.factories.ways import PageWays, Way, way_of, ways_on
from tests.factories.whole import whole_app
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.quarter import Quarter
from tracker.shipped import load_programme
from trips.use.fleet_use import data_period

#: The ends of addresses that answer with files.
NO_PAGES = (
    "/file",
    "/refused",
    ".pdf",
    ".xlsx",
    ".zip",
    "/pdf",
    ".json",
    ".ics",
    "/xlsx",
    "/csv",
    "/json",
    "/{form}",
)

#: Forms that stand on pages which only a form leads to, or which the data of these tests do not
#: lead to: the second step of changing many vehicles, the service of addresses, the reason for
#: trips as a file or of a trial, which the visitors have given, proposals to a head who is chosen
#: first, a plan that was read, meetings, indicators and calendars of plans, and mails that could
#: not be sent.
FORMS_ELSEWHERE = {
    "/register/chosen/change",
    "/zones/address",
    "/proposals/send",
    "/proposals/{proposal_id}/days",
    "/trial/{depot}",
    "/proposals/{proposal_id}/instead",
    "/mails/{mail_id}/again",
    "/mails/{mail_id}/drop",
    "/export/{what}",
    "/ledger/journeys/{list_id}/remove",
    "/municipality/no-closing-days",
    "/plan/import/confirm",
    "/plan/meetings/{meeting_id}",
    "/plan/meetings/{meeting_id}/agenda",
    "/plan/indicators/{indicator_id}",
    "/plan/indicators/{indicator_id}/values",
    "/plan/calendars/{calendar_id}/end",
}

#: Pages that only a form leads to, or which the data do not lead to, in the same way.
PAGES_ELSEWHERE = {
    "/plan/import/{digest}",
    "/plan/meetings/{meeting_id}",
    "/plan/indicators/{indicator_id}",
}


@dataclass(frozen=True)
class System:
    """A running server with something on every page, and somebody of each role."""

    server: RunningServer
    reach: Reach
    needs: Mapping[tuple[str, str], Need]
    people: Mapping[Role, Visitor]
    pool: Pool

    async def send(
        self, path: str, fields: Mapping[str, str], *, files: tuple[str, bytes] | None = None
    ) -> str:
        """Send a form as the administrator; returns the address that it leads to."""
        form = aiohttp.FormData(fields)
        if files is not None:
            form.add_field("file", files[1], filename=files[0])
        async with (
            self.people[Role.ADMINISTRATOR].client(headers={"Accept": "text/html"}) as session,
            session.post(URL(self.server.url + path, encoded=True), data=form) as answer,
        ):
            assert answer.status == 200, (path, await answer.text())
            return answer.url.path

    @property
    def pages(self) -> set[str]:
        """The paths of the pages that ask who comes."""
        return self._paths("GET")

    @property
    def forms(self) -> set[str]:
        """The paths to which these pages send forms."""
        return self._paths("POST")

    def _paths(self, method: str) -> set[str]:
        return {
            path
            for (answered, path), need in self.needs.items()
            if answered == method
            and need is not Welcome.ANYBODY
            and not path.startswith(INTERFACE_PREFIX)
        }

    def routes_of(self, seen: "Seen") -> set[str]:
        """The routes to which the forms of pages lead that change something."""
        return {self.reach.route(*form) for form in seen.forms if form[0] == "POST"}


@dataclass
class Seen:
    """What a visitor saw of the pages: the addresses, their forms, and what is wrong."""

    pages: dict[str, PageWays] = field(default_factory=dict[str, PageWays])
    wrong: list[str] = field(default_factory=list[str])

    @property
    def forms(self) -> set[tuple[str, str]]:
        return {form for ways in self.pages.values() for form in ways.forms}


@pytest.fixture(scope="module")
async def system(
    shared_pool: Pool,
    database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    workers: Workers,
) -> AsyncGenerator[System]:
    pool = shared_pool
    await empty_tables(pool)
    directory = tmp_path_factory.mktemp("system")
    free = {"port": 0, "osmand_port": 0, "teltonika_port": 0}
    settings = Settings.model_validate({"data_dir": directory} | free | FEW_STUDIES)
    start = today() - timedelta(days=15)
    await load_pilot(pool, directory, start=start, weeks=2, vehicles=22)
    await load_programme(pool, read_programme(FLEET_PROGRAMME))
    period = await data_period(pool, settings.period_weeks)
    assert period is not None
    round_id = await request_round(pool, SOMEBODY, period)
    await answer_round(pool, round_id, settings, workers)
    # The fleet is tried on the days since it was proposed.
    await pool.execute("UPDATE round SET finished_at = finished_at - interval '5 days'")
    assert (await try_days(pool, settings, workers, datetime.now(UTC))).tried
    async with running_server(
        settings, database_url, (ServerRole.INGEST, ServerRole.API)
    ) as server:
        [department] = await pool.fetchval(
            "SELECT array_agg(department) FROM (SELECT department"
            " FROM vehicle GROUP BY department ORDER BY count(*) DESC LIMIT 1)"
        )
        await person(pool, Role.ADMINISTRATOR.value)
        people = {
            role: await visitor(
                pool, role, role.value, [department] if role is Role.DEPARTMENT_HEAD else ()
            )
            for role in Role
        }
        await visitor(pool, Role.ADMINISTRATOR, Role.ADMINISTRATOR.value)  # from elsewhere, too
        needs = whole_app(pool, settings)[0][NEEDS]
        system = System(server, Reach(needs), needs, people, pool)
        await _fill(system)
        # A task of a proposal. Its acceptance comes later: a plan that waits for it has other
        # ways. What changes the register comes before: it withdraws what nobody accepted.
        await pool.execute(
            "WITH one AS (INSERT INTO undertaking (key, proposal_id, accepted_at, accepted_by,"
            " takes_hold) SELECT key, proposal_id, now(), 'somebody', '2026-12-01' FROM proposal"
            " WHERE content ->> 'action' <> 'keep' ORDER BY proposal_id LIMIT 1"
            " RETURNING undertaking_id)"
            " INSERT INTO task (undertaking_id, step, due, planned)"
            " SELECT undertaking_id, 'hand_over', now(), now() FROM one"
        )
        yield system


async def _fill(system: System) -> None:
    """Have something on the pages that the pilot leaves empty."""
    pool = system.pool
    first, second, third = [
        row["vehicle_id"]
        for row in await pool.fetch("SELECT vehicle_id FROM vehicle ORDER BY vehicle_id LIMIT 3")
    ]
    day = {"day": "2026-06-05", "day_name": "Grundlovsdag", "source": "MED"}
    await system.send("/municipality/closing-days", day)
    await system.send(
        "/assumptions/diesel_kr_l", {"value": "14", "valid_from": "2026", "source": "x"}
    )
    place = {"name": "Plads", "kind": "other", "centre": "55.7, 12.3", "radius_m": "90"}
    await system.send("/zones", place)
    zone = await pool.fetchval("SELECT zone_id FROM zone WHERE name = 'Plads'")
    await system.send(f"/zones/{zone}/remove", {})
    await system.send("/zones", place | {"name": "Plads 2"})
    await system.send(f"/vehicles/{first}/private", {"kind": "span"})
    await system.send(f"/vehicles/{first}/private", {"kind": "span"})
    await system.send(f"/vehicles/{third}/retire", {"since": today().isoformat()})
    of_first = await pool.fetchrow("SELECT * FROM vehicle WHERE vehicle_id = $1", first)
    assert of_first is not None
    wish = {"department": of_first["department"], "depot_id": of_first["depot_id"]}
    wish |= {
        "energy": "electric",
        "wanted_from": today(60).isoformat(),
        "days_week": "5",
        "reason": "x",
    }
    await system.send("/purchases/requests", wish)
    await system.send("/plan/owners", {"name": "Vejteamet"})
    owner = await pool.fetchval("SELECT contact_id FROM plan_contact")
    milestone = await pool.fetchrow("SELECT plan_id, milestone_id FROM milestone")
    assert milestone is not None
    owned = {"owner": str(owner), "centre": "Miljø"}
    await system.send(f"/plan/milestones/{milestone['milestone_id']}/owner", owned)
    now = Quarter.of(today())
    asked = {"plan": str(milestone["plan_id"]), "quarter": f"{now.year}-{now.quarter}"}
    path = await system.send("/plan/follow-up", asked)
    await system.send(f"{path}/people/{owner}/link", {})
    bought = {"bought_on": "2026-01-01", "kind": of_first["kind"], "price_kr": "1"}
    bought |= {"department": wish["department"], "principle": "green", "reason": "x"}
    await system.send("/purchases", bought | {"not_green": "x"})
    log = f"Bil;Start;Slut;Km\n{first};02-11-2026 08:00;02-11-2026 10:00;12\n".encode()
    await system.send("/logs", {}, files=("log.csv", log))
    path = await system.send("/logs", {}, files=("log.csv", log))
    columns = {"vehicle": "Bil", "start": "Start", "end": "Slut", "km": "Km"}
    await system.send(path, columns)
    for heading in ("Type", "Biltype", "Køretøjstype", "Art"):
        cells = f"Reg.nr.;{heading};Afdeling;Depot\nAB12345;Hest;Mars;Saturn\n"
        await system.send("/register/lists", {}, files=("biler.csv", cells.encode()))
    columns = {"plate": 0, "kind": 1, "department": 2, "depot_id": 3}
    chosen = {f"field-{at}": one for one, at in columns.items()}
    for waits_for_values in (1, 2, 3):
        await system.send(f"/register/lists/{waits_for_values}/columns", chosen)
    kind = await pool.fetchval("SELECT kind FROM vehicle WHERE vehicle_id = $1", first)
    depot = await pool.fetchval("SELECT depot_id FROM vehicle WHERE vehicle_id = $1", first)
    meant = {"kind": ("Hest", kind), "department": ("Mars", "Mars"), "depot": ("Saturn", depot)}
    texts = {f"text-{sort}-0": text for sort, (text, _) in meant.items()}
    values = {f"value-{sort}-0": value for sort, (_, value) in meant.items()}
    await system.send("/register/lists/2/values", texts | values)
    await system.send("/register/lists/3/values", texts | values)
    await system.send("/register/lists/3/preview", {})
    goal = {"metric": "use", "target": "50", "by": "2030-01-01", "source": "x"}
    await system.send("/evaluation/goals", goal)
    depot = await pool.fetchval("SELECT depots[1] FROM round_part WHERE part_plan IS NOT NULL")
    asked = {"name": "x", "depot": depot, "figure-1": "petrol_kr_l", "value-1": "30"}
    round_id = await pool.fetchval("SELECT max(round_id) FROM round WHERE state = 'done'")
    await system.send("/what-ifs/new", asked | {"round": str(round_id)})
    for _ in range(2):  # one is compared with another
        await system.send("/proposals/reports", {})
    device = await pool.fetchval("SELECT device FROM device WHERE vehicle_id = $1", second)
    await system.send("/intake/keys", {"kind": "device", "name": device, "label": "x"})
    await system.send("/accounts", {"name": "closed", "role": "reader"})
    closed = await account_named(pool, "closed")
    assert closed is not None
    await system.send(f"/accounts/{closed.account_id}/close", {})
    key = await new_gateway_key(pool, SOMEBODY, "test")
    strange = {"device": "stranger", "ts": "2026-11-20T10:00:00Z", "lat": 55.77, "lon": 12.5}
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{system.server.url}/v1/positions", json=strange) as answer,
    ):
        assert (await answer.json())["quarantined"] == 1
    await enrol_device(pool, SOMEBODY, "stranger")


async def look(
    system: System, role: Role, beginning: Collection[str], *, follow: bool = True
) -> Seen:
    """Look at the pages of some addresses, and of all that they lead to: each way once."""
    account = await account_named(system.pool, role.value)
    assert account is not None
    actor = account_actor(account, "")
    seen, known = Seen(), {way_of(one) for one in beginning}
    answers: dict[Way, int] = {}
    waiting = list(beginning)
    async with system.people[role].client(headers={"Accept": "text/html"}) as session:
        while waiting:
            address = waiting.pop()
            async with session.get(URL(system.server.url + address, encoded=True)) as answer:
                answers[way_of(address)] = answer.status
                if answer.status != 200 or answer.content_type != "text/html":
                    continue
                shown = answer.url.raw_path_qs
                seen.pages[shown] = ways = ways_on(shown, await answer.text())
            new = {way_of(link): link for link in ways.links if way_of(link) not in known}
            known |= new.keys()
            waiting += new.values() if follow else ()
    for page, ways in seen.pages.items():
        for link in ways.links:
            if answers.get(way_of(link), 200) >= 400 or not system.reach.lets_in(
                actor, "GET", link
            ):
                seen.wrong.append(f"{page} has a link: {link}")
        for method, address in ways.forms:
            if not system.reach.lets_in(actor, method, address):
                seen.wrong.append(f"{page} has a form: {method} {address}")
    return seen


@pytest.fixture(scope="module")
async def everything(system: System) -> Seen:
    """What the administrator sees, who may see all."""
    return await look(system, Role.ADMINISTRATOR, [one for one in system.pages if "{" not in one])


def test_the_administrator_sees_every_page(system: System, everything: Seen) -> None:
    downloads = {one for one in system.pages if "export" in one or one.endswith(NO_PAGES)}
    shown = {system.reach.route("GET", address) for address in everything.pages}
    assert system.pages - downloads - shown == PAGES_ELSEWHERE


@pytest.mark.parametrize("role", Role)
async def test_no_page_shows_a_way_that_the_role_of_its_visitor_may_not_go(
    system: System, everything: Seen, role: Role
) -> None:
    may = {*ROLE_PERMISSIONS[role], Welcome.SIGNED_IN}
    open_to = [one for one in everything.pages if system.reach.need("GET", one) in may]
    seen = await look(system, role, open_to)
    assert len(seen.pages) > 30
    assert seen.wrong == []


async def test_a_fleet_is_chosen_on_the_curve_and_one_that_is_not_there_is_refused(
    system: System, everything: Seen
) -> None:
    """No second one while the first is calculated."""
    page = everything.pages["/proposals/curve"]
    assert ("POST", "/proposals/curve") in page.forms
    async with system.people[Role.FLEET_UNIT].client(headers={"Accept": "text/html"}) as session:

        async def post(path: str, **fields: str) -> tuple[int, str, str]:
            async with session.post(system.server.url + path, data=fields) as answer:
                return answer.status, answer.url.path_qs, await answer.text()

        async with session.get(system.server.url + "/proposals/curve") as answer:
            key = (await answer.text()).split('name="fleet" value="')[1].split('"')[0]
        status, _, text = await post("/proposals/curve", fleet="0.000000")
        assert (status, "Flåderne er ændret" in text) == (422, True)
        status, address, text = await post("/proposals/curve", fleet=key)
        assert (status, address) == (200, "/proposals?done=fleet_chosen")
        assert "med den flåde, du valgte" in text
        status, _, text = await post("/proposals/curve", fleet=key)
        assert (status, "En runde er allerede i gang" in text) == (422, True)
    latest = "SELECT round_id, chosen_prices FROM round ORDER BY round_id DESC LIMIT 1"
    row = await system.pool.fetchrow(latest)
    assert row is not None
    assert row["chosen_prices"]
    assert await cancel_round(system.pool, SOMEBODY, row["round_id"])


async def test_nor_while_a_decision_waits_for_a_plan_and_while_that_is_calculated(
    system: System, everything: Seen
) -> None:
    """And there is no form that these tests do not know."""
    proposal = await system.pool.fetchval(
        "SELECT min(proposal_id) FROM proposal WHERE content ->> 'action' <> 'keep'"
    )
    sent = system.routes_of(everything)
    for address, fields in (
        (f"/proposals/{proposal}", {"verdict": "accepted"}),
        ("/proposals/versions", {}),
    ):
        await system.send(address, fields)
        for role in Role:
            seen = await look(system, role, ["/proposals"], follow=False)
            assert seen.wrong == [], role
            sent |= system.routes_of(seen)
    assert system.forms - sent == FORMS_ELSEWHERE
