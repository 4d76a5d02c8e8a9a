"""The door: who comes in with what, and what does not open it."""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from html import unescape
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import structlog
from aiohttp import web
from yarl import URL

from access.accounts import account_named, add_account, change_account, close_account
from access.first_administrator import first_administrator_link
from access.links import new_link
from access.roles import Role
from access.sessions import session_of
from api.door.cookies import SESSION_COOKIE, VISIT_COOKIE
from api.settings import Settings
from db.connect import Pool
from tests.factories.access import visitor
from tests.factories.accounts import PASSWORD, access_in_force, person
from tests.factories.actors import SOMEBODY
from tests.factories.moments import today
from tests.factories.vehicles import put_cars
from tests.factories.whole import served, whole_app


@pytest.fixture
async def url(pool: Pool, settings: Settings) -> AsyncGenerator[str]:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "v1")
    with access_in_force():
        async with served(whole_app(pool, settings)[0]) as url:
            yield url


@dataclass
class Browser:
    """A browser as a person uses it: it keeps cookies, and sends the forms that pages have."""

    url: str
    session: aiohttp.ClientSession
    cookies: dict[str, str] = field(default_factory=dict[str, str])

    async def ask(
        self,
        method: str,
        path: str,
        form: dict[str, str] | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[int, str, Any]:
        """The status, the text and the headers of an answer, which is not followed."""
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        async with self.session.request(
            method,
            URL(self.url + path, encoded=True),
            data=form,
            headers={"Accept": "text/html", "Cookie": f"lang=en; {kept}", **headers},
            allow_redirects=False,
        ) as answer:
            for name, morsel in answer.cookies.items():
                self.cookies[name] = morsel.value
                if not morsel.value:
                    del self.cookies[name]
            return answer.status, await answer.text(), answer.headers

    async def send(self, page: str, path: str, **form: str) -> tuple[int, str, Any]:
        """Send a form with the hidden fields of the page that it stands on."""
        _, text, _ = await self.ask("GET", page)
        found = text.partition(f'action="{path}"')[2].partition("</form>")[0]
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', unescape(found)))
        assert "form_token" in hidden, (page, path)
        return await self.ask("POST", path, hidden | form)

    async def sign_in(
        self, name: str = "Materiel", password: str = PASSWORD
    ) -> tuple[int, str, Any]:
        return await self.send("/sign-in", "/sign-in", name=name, password=password)


@pytest.fixture
async def browser(url: str) -> AsyncGenerator[Browser]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Browser(url, session)


async def test_who_is_not_known_is_sent_to_sign_in_and_from_there_to_what_they_came_for(
    browser: Browser, pool: Pool
) -> None:
    await person(pool)
    status, _, headers = await browser.ask("GET", "/use?from=2026-01-01&department=A%26B")
    assert status == 303
    asked = urlsplit(headers["Location"])
    assert asked.path == "/sign-in"
    assert parse_qs(asked.query)["next"] == ["/use?from=2026-01-01&department=A%26B"]
    status, _, headers = await browser.send(
        headers["Location"], "/sign-in", name="materiel", password=PASSWORD
    )
    assert (status, headers["Location"]) == (303, "/use?from=2026-01-01&department=A%26B")
    assert headers["Cache-Control"] == "no-store"
    cookie = next(one for one in headers.getall("Set-Cookie") if SESSION_COOKIE.name in one)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    status, text, headers = await browser.ask("GET", "/use")
    assert status == 200
    assert headers["Cache-Control"] == "no-store"
    assert "Materiel" in text
    assert "Sign out" in text


@pytest.mark.parametrize("wrong", [("Materiel", "not the password"), ("Nobody", PASSWORD)])
async def test_a_refused_sign_in_does_not_tell_which_half_was_wrong(
    browser: Browser, pool: Pool, wrong: tuple[str, str]
) -> None:
    await person(pool)
    status, text, _ = await browser.sign_in(*wrong)
    assert status == 422
    assert "The name or the password is wrong" in text
    assert SESSION_COOKIE.name not in browser.cookies
    assert wrong[1] not in text


async def test_too_many_attempts_are_told_to_wait(browser: Browser, pool: Pool) -> None:
    await person(pool)
    with access_in_force(name_attempts=2):
        found = [await browser.sign_in("Materiel", "wrong") for _ in range(3)]
    assert [one[0] for one in found] == [422, 422, 429]
    assert int(found[-1][2]["Retry-After"]) > 0
    assert "too many attempts" in found[-1][1]


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example/", "https://evil.example", "/\\evil.example", "/%5Cevil.example", "\t//x"],
)
async def test_sign_in_leads_to_pages_of_ours_only(
    browser: Browser, pool: Pool, elsewhere: str
) -> None:
    await person(pool)
    _, text, _ = await browser.ask("GET", "/sign-in")
    token = re.findall(r'name="form_token" value="(\w+)"', text)[0]
    form = {"form_token": token, "next": elsewhere, "name": "Materiel", "password": PASSWORD}
    status, _, headers = await browser.ask("POST", "/sign-in", form)
    assert (status, headers["Location"]) == (303, "/")


async def test_a_session_that_somebody_else_put_into_the_browser_is_none_of_who_signs_in(
    browser: Browser, pool: Pool
) -> None:
    await person(pool)
    await person(pool, "Svindler")
    fixed = (await visitor(pool, name="Svindler")).session
    browser.cookies[SESSION_COOKIE.name] = fixed
    await browser.send("/account", "/sign-out")
    browser.cookies[SESSION_COOKIE.name] = fixed  # a page of theirs puts it there once more
    assert (await browser.sign_in())[0] == 303
    assert browser.cookies[SESSION_COOKIE.name] != fixed
    assert await session_of(pool, fixed) is None
    assert "Materiel" in (await browser.ask("GET", "/account"))[1]


async def test_signing_out_ends_the_session_and_a_copy_of_it_opens_nothing(
    browser: Browser, pool: Pool
) -> None:
    await person(pool)
    await browser.sign_in()
    stolen = browser.cookies[SESSION_COOKIE.name]
    status, _, headers = await browser.send("/account", "/sign-out")
    assert status == 303
    assert headers["Location"].startswith("/sign-in")
    browser.cookies[SESSION_COOKIE.name] = stolen
    assert (await browser.ask("GET", "/account"))[0] == 303


async def test_a_session_ends_when_role_or_account_go(browser: Browser, pool: Pool) -> None:
    materiel = await person(pool)
    await person(pool, "Anden")
    await browser.sign_in()
    await change_account(pool, SOMEBODY, materiel.account_id, Role.READER, ())
    assert (await browser.ask("GET", "/"))[0] == 303
    await browser.sign_in()
    status, text, _ = await browser.ask("GET", "/intake")
    assert status == 403
    assert "manage trackers and their keys" in text
    assert "Administrator, Fleet unit" in text
    await close_account(pool, SOMEBODY, materiel.account_id)
    assert (await browser.ask("GET", "/"))[0] == 303


async def test_a_refusal_is_told_in_the_language_of_the_visitor(browser: Browser, pool: Pool):
    await person(pool, role=Role.READER)
    await browser.sign_in()
    status, text, _ = await browser.ask(
        "GET", "/logs", headers={"Cookie": f"lang=da; {_all(browser)}"}
    )
    assert status == 403
    assert "Det kræver ret til at indlæse kørebøger" in text
    assert "Disse roller har den ret: Administrator, Flådeenhed" in text


def _all(browser: Browser) -> str:
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


@pytest.mark.parametrize("forged", [None, "", "x" * 64, "0" * 64, "æ"])
async def test_a_form_without_the_token_of_the_visit_changes_nothing(
    browser: Browser, pool: Pool, forged: str | None
) -> None:
    await person(pool)
    await browser.sign_in()
    form = {"kind": "span"} | ({} if forged is None else {"form_token": forged})
    status, text, _ = await browser.ask("POST", "/vehicles/v1/private", form)
    assert status == 403
    assert "load the page again" in text
    assert await pool.fetchval("SELECT count(*) FROM private_period") == 0
    assert (await browser.send("/vehicles/v1/private", "/vehicles/v1/private"))[0] == 303
    assert await pool.fetchval("SELECT set_by FROM private_period") == "Materiel"


async def test_the_token_of_another_visit_is_none_of_this_one(browser: Browser, pool: Pool) -> None:
    await person(pool)
    other = await visitor(pool)
    await browser.sign_in()
    form = {"kind": "span", "form_token": other.form_token}
    assert (await browser.ask("POST", "/vehicles/v1/private", form))[0] == 403


async def test_signing_in_needs_a_form_of_this_browser(browser: Browser, pool: Pool) -> None:
    """Another site could else sign a person in to an account of its own."""
    await person(pool)
    form = {"name": "Materiel", "password": PASSWORD, "form_token": "x" * 64}
    assert (await browser.ask("POST", "/sign-in", form))[0] == 403
    await browser.ask("GET", "/sign-in")
    assert VISIT_COOKIE.name in browser.cookies
    assert (await browser.ask("POST", "/sign-in", form))[0] == 403
    assert (await browser.sign_in())[0] == 303


async def test_a_form_of_a_session_that_has_ended_leads_back_to_its_page(
    browser: Browser, pool: Pool
) -> None:
    browser.cookies[SESSION_COOKIE.name] = "ended"
    for referer, back in (
        (f"{browser.url}/vehicles/v1/private?x=1", "/vehicles/v1/private?x=1"),
        ("https://evil.example/x", "/"),
        ("http://[", "/"),
        ("", "/"),
    ):
        status, _, headers = await browser.ask(
            "POST", "/vehicles/v1/private", {"kind": "span"}, headers={"Referer": referer}
        )
        assert status == 303
        assert parse_qs(urlsplit(headers["Location"]).query)["next"] == [back]


@pytest.mark.parametrize("value", ["x" * 129, "x" * 7_000, "%00", "æøå", ";;=", '"'])
async def test_a_cookie_that_is_none_of_ours_opens_nothing(browser: Browser, value: str) -> None:
    browser.cookies[SESSION_COOKIE.name] = value
    assert (await browser.ask("GET", "/"))[0] == 303
    browser.cookies = {VISIT_COOKIE.name: value}
    assert (await browser.ask("GET", "/sign-in"))[0] == 200


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
async def test_no_method_goes_past_the_door(browser: Browser, method: str) -> None:
    status, text, _ = await browser.ask(method, "/vehicles/v1")
    assert status == (303 if method == "HEAD" else 405)
    assert "/vehicles/v1/" not in text
    status, _, _ = await browser.ask(method, "/v1/quarantine")
    assert status == (401 if method == "HEAD" else 405)


async def test_an_address_for_which_nobody_decided_opens_to_nobody(
    pool: Pool, settings: Settings
) -> None:
    app = whole_app(pool, settings)[0]

    async def forgotten(_: web.Request) -> web.StreamResponse:
        return web.Response(text="secret")

    app.router.add_get("/forgotten", forgotten)
    tester = await visitor(pool)
    async with (
        served(app) as url,
        tester.client() as session,
        session.get(f"{url}/forgotten") as answer,
    ):
        assert answer.status == 403


# Links ------------------------------------------------------------------------------------------


async def test_the_first_administrator_is_made_by_a_link_once(browser: Browser, pool: Pool) -> None:
    assert "no accounts yet" in (await browser.ask("GET", "/sign-in"))[1]
    link = await first_administrator_link(pool)
    page = f"/first-administrator?token={link}"
    again = {"new_password": PASSWORD, "again": "another one"}
    status, text, _ = await browser.send(page, "/first-administrator", name="Materiel", **again)
    assert status == 422
    assert "not the same" in text
    assert PASSWORD not in text
    twice = {"new_password": PASSWORD, "again": PASSWORD}
    status, text, _ = await browser.send(page, "/first-administrator", name="", **twice)
    assert status == 422
    assert "Enter a name" in text
    status, _, _ = await browser.send(page, "/first-administrator", name="Materiel", **twice)
    assert status == 303
    status, text, _ = await browser.ask("GET", "/accounts")
    assert status == 200
    assert "Materiel" in text
    browser.cookies.clear()
    assert (await browser.ask("GET", page))[0] == 410


async def test_a_link_is_not_used_up_by_being_looked_at_and_works_once(
    browser: Browser, pool: Pool
) -> None:
    made = await add_account(pool, SOMEBODY, "Ny", Role.READER)
    page = f"/link?token={await new_link(pool, SOMEBODY, made.account_id)}"
    for method in ("GET", "HEAD", "GET"):
        assert (await browser.ask(method, page))[0] == 200
    status, text, _ = await browser.send(
        page, "/link/password", new_password="short", again="short"
    )
    assert status == 422
    assert "at least 12 characters" in text
    twice = {"new_password": PASSWORD, "again": PASSWORD}
    status, _, headers = await browser.send(page, "/link/password", **twice)
    assert (status, headers["Location"]) == (303, "/")
    assert "Ny" in (await browser.ask("GET", "/account"))[1]
    browser.cookies.clear()
    status, text, _ = await browser.ask("GET", page)
    assert status == 410
    assert "The link has ended" in text
    assert (await browser.sign_in("Ny"))[0] == 303


async def test_a_link_lets_a_person_in_once(browser: Browser, pool: Pool) -> None:
    materiel = await person(pool)
    page = f"/link?token={await new_link(pool, SOMEBODY, materiel.account_id)}"
    assert (await browser.send(page, "/link/enter"))[0] == 303
    assert (await browser.ask("GET", "/"))[0] == 200
    assert (await browser.ask("GET", page))[0] == 410


async def test_a_link_whose_time_is_over_opens_nothing(browser: Browser, pool: Pool) -> None:
    materiel = await person(pool)
    link = await new_link(pool, SOMEBODY, materiel.account_id)
    await pool.execute("UPDATE account_link SET ends_at = now() - interval '1 second'")
    assert (await browser.ask("GET", f"/link?token={link}"))[0] == 410
    for path in ("/link", "/link?token=", "/link?token=%C3%A6", f"/link?token={'x' * 5_000}"):
        assert (await browser.ask("GET", path))[0] == 410


# Accounts ---------------------------------------------------------------------------------------


async def test_an_administrator_makes_changes_and_closes_an_account(
    browser: Browser, pool: Pool
) -> None:
    await person(pool)
    await browser.sign_in()
    department = await pool.fetchval("SELECT department FROM vehicle")
    status, text, _ = await browser.send(
        "/accounts", "/accounts", name="Leder", role="department_head"
    )
    assert status == 422
    assert "Choose the departments" in text
    status, text, _ = await browser.send(
        "/accounts", "/accounts", name="Leder", role="department_head", department=department
    )
    assert status == 200
    assert re.search(r"<code>http[^<]*/link\?token=[\w-]{43}</code>", text)
    leader = await account_named(pool, "leder")
    assert leader is not None
    assert leader.departments == {department}
    page = f"/accounts/{leader.account_id}"
    text = (await browser.ask("GET", page))[1]
    assert "/link?token" not in text
    assert "No mail server is set up" in text
    assert "The person gets a mail" not in text
    status, _, _ = await browser.send(page, page, role="reader")
    assert status == 303
    assert (await browser.send(page, f"{page}/close"))[0] == 303
    assert "Open it again" in (await browser.ask("GET", page))[1]
    assert (await browser.send(page, f"{page}/reopen"))[0] == 303
    materiel = await account_named(pool, "Materiel")
    assert materiel is not None
    own = f"/accounts/{materiel.account_id}"
    status, text, _ = await browser.send(own, own, role="reader")
    assert status == 422
    assert "the last administrator" in text
    assert (await browser.ask("GET", "/accounts/999"))[0] == 404


async def test_a_person_changes_the_password_and_ends_other_sessions(
    browser: Browser, pool: Pool
) -> None:
    await person(pool)
    other = await visitor(pool, name="Materiel")
    await browser.sign_in()
    text = (await browser.ask("GET", "/account"))[1]
    assert "No mail server is set up" in text
    assert "You get a mail" not in text
    ends = re.findall(r'action="(/account/sessions/\d+/end)"', text)
    assert len(ends) == 2  # the other one, and that of the link
    assert (await browser.send("/account", ends[0]))[0] == 303
    assert len(re.findall(r"/sessions/\d+/end", (await browser.ask("GET", "/account"))[1])) == 1
    assert (await browser.send("/account", "/account/sessions/end-others"))[0] == 303
    assert await session_of(pool, other.session) is None
    third = await visitor(pool, name="Materiel")
    new = "another horse battery"
    fields = {"password": "wrong", "new_password": new, "again": new}
    status, text, _ = await browser.send("/account", "/account/password", **fields)
    assert status == 422
    assert "not your present password" in text
    fields["password"] = PASSWORD
    assert (await browser.send("/account", "/account/password", **fields))[0] == 303
    assert await session_of(pool, third.session) is None
    assert (await browser.ask("GET", "/account"))[0] == 200
    browser.cookies.clear()
    assert (await browser.sign_in(password=new))[0] == 303


# Programs ---------------------------------------------------------------------------------------


async def test_a_token_is_made_shown_once_opens_what_it_may_and_ends(
    browser: Browser, pool: Pool
) -> None:
    await person(pool)
    await browser.sign_in()
    fields = {"label": "Økonomi", "ends_on": "2999-01-01"}
    status, text, _ = await browser.send("/tokens", "/tokens", **fields)
    assert status == 422
    fields |= {"permission": "tracks:read", "ends_on": f"{today(30)}"}
    status, text, _ = await browser.send("/tokens", "/tokens", **fields)
    found = re.search(r"<code>([\w-]{43})</code>", text)
    assert (status, found is not None) == (200, True)
    assert found is not None
    assert found[1] not in (await browser.ask("GET", "/tokens"))[1]
    nobody = Browser(browser.url, browser.session)
    bearer = {"Authorization": f"bearer {found[1]}", "Accept": "*/*"}  # the scheme has no case
    private = "/v1/vehicles/v1/private"
    assert (await nobody.ask("GET", private, headers=bearer))[0] == 200
    status, text, _ = await nobody.ask("POST", private, headers=bearer)
    assert status == 403
    assert "private:change" in text
    assert (await nobody.ask("GET", "/vehicles", headers=bearer))[0] == 303  # a token opens no page
    [ends] = re.findall(r'action="(/tokens/\d+/end)"', (await browser.ask("GET", "/tokens"))[1])
    assert (await browser.send("/tokens", ends))[0] == 303
    assert (await nobody.ask("GET", private, headers=bearer))[0] == 401


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", "Bearer x", f"Bearer {'x' * 5_000}", "Basic eDp4"],
)
async def test_the_interface_tells_a_program_that_its_token_is_missing(
    browser: Browser, given: str
) -> None:
    headers = {"Authorization": given, "Accept": "application/json"}
    status, text, answer = await browser.ask("GET", "/v1/quarantine", headers=headers)
    assert status == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer["Content-Type"] == "application/problem+json"
    assert "token" in text


async def test_a_session_reads_the_interface_and_changes_nothing_through_it(
    browser: Browser, pool: Pool
) -> None:
    await person(pool)
    await browser.sign_in()
    private = "/v1/vehicles/v1/private"
    assert (await browser.ask("GET", private))[0] == 200
    assert (await browser.ask("GET", private, headers={"Sec-Fetch-Site": "cross-site"}))[0] == 401
    assert (await browser.ask("POST", private))[0] == 401
    assert await pool.fetchval("SELECT count(*) FROM private_period") == 0


async def test_neither_cookies_nor_passwords_nor_links_are_logged(
    browser: Browser, pool: Pool
) -> None:
    materiel = await person(pool)
    link = await new_link(pool, SOMEBODY, materiel.account_id)
    with structlog.testing.capture_logs() as said:
        await browser.sign_in()
        secret = browser.cookies[SESSION_COOKIE.name]
        await pool.execute("ALTER TABLE account_link RENAME TO gone")
        try:
            assert (await browser.ask("GET", f"/link?token={link}"))[0] == 500
            assert (await browser.send("/account", "/account/password", password=PASSWORD))[0]
        finally:
            await pool.execute("ALTER TABLE gone RENAME TO account_link")
    assert said
    text = repr(said)
    for hidden in (secret, link, PASSWORD):
        assert hidden not in text


async def test_who_is_signed_in_no_more_is_told_why_sign_in_is_asked_for(browser: Browser) -> None:
    browser.cookies[SESSION_COOKIE.name] = "over"
    status, _, headers = await browser.ask("GET", "/plan")
    assert (status, headers["Location"]) == (303, "/sign-in?next=/plan&done=session_over")
    browser.cookies.clear()  # as the answer says
    _, text, _ = await browser.ask("GET", headers["Location"])
    assert "You were signed in here, and are not any more" in text
