"""Pages reachable from elsewhere: when a server starts so, and what it then believes."""

import ssl
from pathlib import Path

import aiohttp
import pytest
import trustme

from access.accounts import add_account
from access.roles import Role
from access.sessions import own_sessions
from api.door.cookies import SESSION_COOKIE, VISIT_COOKIE
from api.door.guard import HSTS
from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from fleet.settings import LOOPBACK, SettingsError
from register.devices import enrol_device
from register.keys import new_gateway_key
from tests.factories.accounts import PASSWORD, access_in_force, person
from tests.factories.actors import SOMEBODY
from tests.factories.serving import GOOD

NAME = "flaade.example"
#: What a proxy adds that has TLS and was asked from another machine.
FROM_THE_PROXY = {
    "X-Forwarded-For": "192.0.2.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": NAME,
}


@pytest.fixture
def open_to_all(settings: Settings) -> Settings:
    free = {"port": 0, "osmand_port": 0, "teltonika_port": 0}
    return settings.model_copy(update={**free, "host": "0.0.0.0"})


def own_certificate(settings: Settings, folder: Path) -> tuple[Settings, ssl.SSLContext]:
    authority = trustme.CA()
    issued = authority.issue_cert(NAME, "localhost")
    cert, key = folder / "cert.pem", folder / "key.pem"
    issued.private_key_pem.write_to_path(key)
    for part in issued.cert_chain_pems:
        part.write_to_path(cert, append=True)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    named = {"tls_cert": cert, "tls_key": key, "pages_url": f"https://{NAME}"}
    return settings.model_copy(update=named), trusting


async def start(settings: Settings, database_url: str) -> None:
    async with running_server(settings, database_url, (ServerRole.API,)):
        pass


async def test_pages_are_not_served_elsewhere_without_tls_a_name_and_an_administrator(
    pool: Pool, open_to_all: Settings, database_url: str
):
    with pytest.raises(SettingsError, match="TLS"):
        await start(open_to_all, database_url)
    proxied = open_to_all.model_copy(update={"trusted_proxies": LOOPBACK})
    with pytest.raises(SettingsError, match="FLAADE_PAGES_URL"):
        await start(proxied, database_url)
    named = proxied.model_copy(update={"pages_url": f"https://{NAME}"})
    with pytest.raises(SettingsError, match="account add"):
        await start(named, database_url)
    await add_account(pool, SOMEBODY, "Afdelingen", Role.ADMINISTRATOR)
    await start(named, database_url)


async def test_half_a_certificate_is_told_at_the_start(
    pool: Pool, open_to_all: Settings, database_url: str, tmp_path: Path
):
    await add_account(pool, SOMEBODY, "Afdelingen", Role.ADMINISTRATOR)
    secured, _ = own_certificate(open_to_all, tmp_path)
    with pytest.raises(SettingsError, match="FLAADE_TLS_KEY"):
        await start(secured.model_copy(update={"tls_key": None}), database_url)
    with pytest.raises(SettingsError, match="FLAADE_TLS_CERT: /nothing"):
        await start(secured.model_copy(update={"tls_cert": Path("/nothing.pem")}), database_url)


async def test_pages_and_positions_come_over_our_own_tls(
    pool: Pool, open_to_all: Settings, database_url: str, tmp_path: Path
):
    await add_account(pool, SOMEBODY, "Afdelingen", Role.ADMINISTRATOR)
    secured, trusting = own_certificate(open_to_all, tmp_path)
    roles = (ServerRole.API, ServerRole.INGEST)
    async with (
        running_server(secured, database_url, roles) as server,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as session,
    ):
        assert server.url.startswith("https://")
        url = server.url.replace("0.0.0.0", "localhost")
        page = await session.get(url, headers={"Accept": "text/html", "Host": NAME})
        assert page.status == 200
        assert page.headers["Strict-Transport-Security"] == HSTS
        stranger = await session.get(url, headers={"Host": "evil.example"})
        assert stranger.status == 403
        refused = await session.post(f"{url}/v1/positions", json={"device": "d1"})
        assert refused.status == 401
        await enrol_device(pool, SOMEBODY, "d1")
        key = await new_gateway_key(pool, SOMEBODY, "test")
        head = {"Authorization": f"Bearer {key}"}
        stored = await session.post(f"{url}/v1/positions", json=GOOD, headers=head)
        assert (stored.status, (await stored.json())["stored"]) == (200, 1)


async def test_what_a_proxy_tells_counts_from_a_trusted_one_only(
    pool: Pool, open_to_all: Settings, database_url: str
):
    await add_account(pool, SOMEBODY, "Afdelingen", Role.ADMINISTRATOR)
    named = open_to_all.model_copy(
        update={"pages_url": f"https://{NAME}", "trusted_proxies": LOOPBACK}
    )
    async with running_server(named, database_url, (ServerRole.API,)) as server:
        url = server.url.replace("0.0.0.0", "127.0.0.1")
        async with aiohttp.ClientSession() as session:
            assert (await session.get(url, headers=FROM_THE_PROXY)).status == 200
            plain = {**FROM_THE_PROXY, "X-Forwarded-Proto": "http"}
            refused = await session.get(url, headers=plain)
            assert refused.status == 403
            assert "https://" in await refused.text()
            foreign = {**FROM_THE_PROXY, "X-Forwarded-Host": "evil.example"}
            assert (await session.get(url, headers=foreign)).status == 403
            assert (await session.get(f"{url}/healthz", headers=plain)).status == 200


async def test_who_signs_in_through_a_proxy_does_so_from_their_own_address(
    pool: Pool, open_to_all: Settings, database_url: str
):
    with access_in_force():
        account = await person(pool, "Afdelingen")
    named = open_to_all.model_copy(
        update={"pages_url": f"https://{NAME}", "trusted_proxies": LOOPBACK}
    )
    async with (
        running_server(named, database_url, (ServerRole.API,)) as server,
        # The cookies are for TLS only, which this client has none of: it sends them itself.
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        url = server.url.replace("0.0.0.0", "127.0.0.1") + "/sign-in"
        page = await session.get(url, headers=FROM_THE_PROXY)
        token = (await page.text()).partition('name="form_token" value="')[2].partition('"')[0]
        [visit] = page.cookies.values()
        assert (visit.key, visit["secure"]) == (f"__Host-{VISIT_COOKIE.name}", True)
        answer = await session.post(
            url,
            headers={**FROM_THE_PROXY, "Cookie": f"{visit.key}={visit.value}"},
            data={"form_token": token, "name": "Afdelingen", "password": PASSWORD},
            allow_redirects=False,
        )
        assert answer.status == 303
        kept = answer.cookies[f"__Host-{SESSION_COOKIE.name}"]
        assert (kept["secure"], kept["httponly"], kept["samesite"]) == (True, True, "Lax")
    sessions = await own_sessions(pool, account.account_id)
    assert "192.0.2.7" in {one.source for one in sessions}
