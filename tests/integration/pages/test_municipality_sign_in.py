"""People sign in at a real provider, with the account that the municipality gave them."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from html import unescape
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from yarl import URL

from access.accounts import account_named
from access.roles import Role
from api.door.cookies import SESSION_COOKIE
from api.pages.access.municipality import BACK_PATH, DEPARTURE_COOKIE, LEAVE_PATH
from api.pages.access.sign_in import SIGNED_OUT_PATH
from api.settings import Settings
from db.connect import Pool
from tests.conftest import free_port
from tests.factories.accounts import PASSWORD, access_in_force, person
from tests.factories.openid_provider import CLIENT_ID, SECRET, RunningProvider, running_provider
from tests.factories.whole import whole_app

PORT = free_port()
OURS = f"http://127.0.0.1:{PORT}"

ROLES = {"/fleet/unit": "fleet_unit", "/heads": "department_head"}
DEPARTMENTS = {"/dep/park": "Park"}


@pytest.fixture(scope="module")
async def provider() -> AsyncGenerator[RunningProvider]:
    async with running_provider(OURS + BACK_PATH, OURS + SIGNED_OUT_PATH) as running:
        yield running


def with_provider(settings: Settings, issuer: str) -> Settings:
    return Settings.model_validate(
        settings.model_dump()
        | {
            "pages_url": OURS,
            "oidc_issuer": issuer,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": SECRET,
            "oidc_roles": ROLES,
            "oidc_departments": DEPARTMENTS,
        }
    )


@dataclass
class Browser:
    """A browser with an empty jar of cookies, which follows redirects."""

    session: aiohttp.ClientSession

    async def ask(self, address: str | URL, **options: Any) -> tuple[int, str, URL]:
        async with self.session.get(address, headers={"Accept": "text/html"}, **options) as answer:
            return answer.status, await answer.text(), answer.url

    async def leave(self, wanted: str = "/") -> tuple[int, str, URL]:
        """Sign in at the municipality, to go on to a page."""
        return await self.ask(f"{OURS}{LEAVE_PATH}", params={"next": wanted, "lang": "en"})

    async def leave_until_back(self) -> URL:
        """Sign in at the provider; returns the address that it sends back to, not asked for yet."""
        address = URL(f"{OURS}{LEAVE_PATH}")
        while address.path != BACK_PATH or address.port != PORT:
            async with self.session.get(address, allow_redirects=False) as answer:
                address = address.join(URL(answer.headers["Location"], encoded=True))
        return address

    def cookies(self) -> set[str]:
        return {cookie.key for cookie in self.session.cookie_jar}


def browser() -> aiohttp.ClientSession:
    jar = aiohttp.CookieJar(unsafe=True)
    jar.update_cookies({"lang": "en"}, URL(OURS))
    return aiohttp.ClientSession(cookie_jar=jar)


@pytest.fixture
async def served(
    pool: Pool, settings: Settings, provider: RunningProvider
) -> AsyncGenerator[RunningProvider]:
    app, _ = whole_app(pool, with_provider(settings, provider.issuer))
    with access_in_force():
        async with TestServer(app, host="127.0.0.1", port=PORT):
            yield provider


async def test_a_person_comes_in_and_goes_on_to_the_page_that_they_came_for(
    pool: Pool, served: RunningProvider
):
    await served.next_is("annha", name="Afdelingen Nord", groups=["/fleet/unit"])
    async with browser() as session:
        here = Browser(session)
        _, text, _ = await here.ask(f"{OURS}/plan")
        assert f"{LEAVE_PATH}?next=%2Fplan" in text
        status, text, url = await here.leave("/plan?quarter=2026-4")
        assert (status, url.path_qs) == (200, "/plan?quarter=2026-4")
        assert "Afdelingen Nord" in text
        assert SESSION_COOKIE.name in here.cookies()
        assert DEPARTURE_COOKIE.name not in here.cookies()
    account = await account_named(pool, "Afdelingen Nord")
    assert account is not None
    assert (account.role, account.from_provider) == (Role.FLEET_UNIT, True)


async def test_the_groups_say_anew_what_a_person_may(pool: Pool, served: RunningProvider):
    await served.next_is("bo", name="Bo Berg", groups=["/fleet/unit"])
    async with browser() as first, browser() as second, browser() as third:
        await Browser(first).leave("/account")
        await served.next_is("bo", name="Bo Berg", groups=["/heads", "/dep/park"])
        await Browser(second).leave("/account")
        account = await account_named(pool, "Bo Berg")
        assert account is not None
        assert (account.role, account.departments) == (Role.DEPARTMENT_HEAD, {"Park"})
        _, _, url = await Browser(first).ask(f"{OURS}/account")
        assert url.path == "/sign-in"  # the session of the earlier role has ended
        await served.next_is("bo", name="Bo Berg", groups=["/nothing"])
        status, text, _ = await Browser(third).leave("/account")
        assert status == 403
        assert "None of your groups has access here" in text
        _, _, url = await Browser(second).ask(f"{OURS}/account")
        assert url.path == "/sign-in"


async def test_who_the_provider_tells_no_groups_of_or_lets_not_in_stays_out(
    pool: Pool, served: RunningProvider
):
    await served.next_is("cecilie", name="Cecilie")
    async with browser() as session:
        status, text, _ = await Browser(session).leave()
        assert (status, "told no groups of you" in text) == (403, True)
        assert SESSION_COOKIE.name not in Browser(session).cookies()
    await served.refuses_next()
    async with browser() as session:
        status, text, _ = await Browser(session).leave()
        assert (status, "did not let you in" in text) == (403, True)
    assert await account_named(pool, "Cecilie") is None


async def test_an_answer_counts_once_and_in_the_browser_that_left(served: RunningProvider):
    await served.next_is("ditte", name="Ditte", groups=["/fleet/unit"])
    async with browser() as hers, browser() as another:
        back = await Browser(hers).leave_until_back()
        # The address, stolen, is worth nothing elsewhere, also where a departure was begun.
        for _ in range(2):
            status, text, _ = await Browser(another).ask(back)
            assert (status, "not begun in this browser" in text) == (403, True)
            await Browser(another).leave_until_back()
        kept = next(one.value for one in hers.cookie_jar if one.key == DEPARTURE_COOKIE.name)
        status, _, _ = await Browser(hers).ask(back)
        assert status == 200
        status, text, _ = await Browser(hers).ask(back)
        assert (status, "not begun in this browser" in text) == (403, True)
        # And with all that the browser knew, the provider refuses the code.
        hers.cookie_jar.update_cookies({DEPARTURE_COOKIE.name: kept}, URL(OURS))
        status, text, _ = await Browser(hers).ask(back)
        assert (status, "used already" in text) == (403, True)


def form_token(text: str) -> str:
    return text.partition('name="form_token" value="')[2].partition('"')[0]


async def test_who_signs_out_is_signed_out_at_the_provider_too(served: RunningProvider):
    """Who sits at the browser next does not come in as them."""
    await served.next_is("frida", name="Frida", groups=["/fleet/unit"])
    async with browser() as session:
        here = Browser(session)
        await here.leave("/account")
        # The provider remembers its session: without signing out, she comes in again unasked.
        await served.next_is("gerda", name="Gerda", groups=["/fleet/unit"])
        session.cookie_jar.clear(lambda cookie: cookie.key == SESSION_COOKIE.name)
        _, text, _ = await here.leave("/account")
        assert "Frida" in text
        form = {"form_token": form_token(text)}
        async with session.post(f"{OURS}/sign-out", data=form) as answer:
            text = unescape(await answer.text())
            assert answer.status == 200
        assert "Frida" not in text
        address = URL(text.partition('content="0; url=')[2].partition('"')[0])
        assert str(address).startswith(served.issuer)
        assert address.query["post_logout_redirect_uri"] == OURS + SIGNED_OUT_PATH
        assert (await here.ask(f"{OURS}/account"))[2].path == "/sign-in"
        _, text, _ = await here.ask(address)
        xsrf = text.partition('name="xsrf" value="')[2].partition('"')[0]
        confirm = text.partition('action="')[2].partition('"')[0]
        async with session.post(confirm, data={"xsrf": xsrf, "logout": "yes"}) as answer:
            assert str(answer.url) == OURS + SIGNED_OUT_PATH
            assert "You are signed out" in await answer.text()
        _, text, _ = await here.leave("/account")
        assert "Gerda" in text


async def test_who_came_in_by_a_password_is_led_to_no_provider(pool: Pool, served: RunningProvider):
    await person(pool, "Materiel")
    async with browser() as session:
        _, text, _ = await Browser(session).ask(f"{OURS}/sign-in")
        form = {"form_token": form_token(text), "name": "Materiel", "password": PASSWORD}
        async with session.post(f"{OURS}/sign-in", data=form) as answer:
            out = {"form_token": form_token(await answer.text())}
        async with session.post(f"{OURS}/sign-out", data=out) as answer:
            assert str(answer.url) == OURS + SIGNED_OUT_PATH


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example"])
async def test_sign_in_leads_to_no_other_site(served: RunningProvider, wanted: str):
    await served.next_is("erik", name="Erik", groups=["/fleet/unit"])
    async with browser() as session:
        status, _, url = await Browser(session).leave(wanted)
        assert (status, url.host, url.path) == (200, "127.0.0.1", "/")


async def test_local_accounts_sign_in_while_the_provider_is_away(pool: Pool, settings: Settings):
    await person(pool, "Materiel")
    app, _ = whole_app(pool, with_provider(settings, "http://127.0.0.1:9"))
    with access_in_force():
        async with TestServer(app, host="127.0.0.1", port=PORT), browser() as session:
            status, text, _ = await Browser(session).leave("/account")
            assert (status, "does not answer" in text) == (503, True)
            form = {
                "form_token": form_token(text),
                "name": "Materiel",
                "password": PASSWORD,
                "next": "/account",
            }
            async with session.post(f"{OURS}/sign-in", data=form) as answer:
                assert (answer.status, answer.url.path) == (200, "/account")


async def test_without_a_provider_nobody_is_led_anywhere(pool: Pool, settings: Settings):
    app, _ = whole_app(pool, settings)
    async with TestServer(app, host="127.0.0.1") as server, browser() as session:
        url = f"http://127.0.0.1:{server.port}"
        status, text, _ = await Browser(session).ask(f"{url}/sign-in")
        assert (status, LEAVE_PATH in text) == (200, False)
        for path in (LEAVE_PATH, BACK_PATH):
            assert (await Browser(session).ask(url + path))[0] == 404
