"""What a proxy tells of a request counts from a trusted one only, and no further than it goes."""

import ipaddress
from collections.abc import AsyncGenerator, Sequence

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from api.door.forwarded import Origin, is_within, origin_of, passed_on
from fleet.settings import Network

PROXIES = (ipaddress.ip_network("10.0.0.0/24"), ipaddress.ip_network("2001:db8::/64"))


def told(addresses: str = "", scheme: str = "", host: str = "") -> dict[str, str]:
    return {
        "X-Forwarded-For": addresses,
        "X-Forwarded-Proto": scheme,
        "X-Forwarded-Host": host,
    }


@pytest.mark.parametrize(
    ("addresses", "remote"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7, 10.0.0.2", "192.0.2.7"),
        # A stranger sent the first ones; the proxy added the address that it was asked from.
        ("10.0.0.9, 198.51.100.1, 192.0.2.7", "192.0.2.7"),
        ("127.0.0.1, 192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1::5", "2001:db8:1::5"),
        ("", "10.0.0.1"),
        ("192.0.2.7, unknown", "10.0.0.1"),
        ("192.0.2.7:4711", "10.0.0.1"),
        (", ".join(["10.0.0.2"] * 50), "10.0.0.2"),
    ],
)
def test_the_sender_is_the_last_address_that_is_no_proxy_of_ours(addresses, remote):
    assert origin_of("10.0.0.1", "http", told(addresses), PROXIES).remote == remote


@pytest.mark.parametrize(
    ("said", "scheme"),
    [
        ("https", "https"),
        ("HTTPS", "https"),
        ("http", "http"),
        ("https, http", "http"),
        ("", "http"),
    ],
)
def test_only_what_came_over_tls_all_the_way_did(said, scheme):
    assert origin_of("10.0.0.1", "http", told(scheme=said), PROXIES).scheme == scheme


def test_a_name_counts_when_there_is_one():
    assert origin_of("10.0.0.1", "http", told(host="flaade.example"), PROXIES).host == (
        "flaade.example"
    )
    assert origin_of("10.0.0.1", "http", told(host="a.example, b.example"), PROXIES).host is None


@given(st.text(), st.text(), st.text())
def test_whatever_a_header_holds_an_address_comes_out(addresses, scheme, host):
    found = origin_of("10.0.0.1", "http", told(addresses, scheme, host), PROXIES)
    assert isinstance(found, Origin)
    ipaddress.ip_address(found.remote.partition("%")[0])
    assert found.scheme in ("http", "https")


def test_an_address_of_ipv4_in_a_form_of_ipv6_is_that_address():
    assert is_within("::ffff:10.0.0.1", PROXIES)
    assert not is_within("::ffff:10.0.1.1", PROXIES)
    assert not is_within("", PROXIES)


async def whoever(request: web.Request) -> web.StreamResponse:
    return web.json_response([request.remote, request.scheme, request.host])


async def client_behind(
    proxies: Sequence[Network],
) -> AsyncGenerator[TestClient[web.Request, web.Application]]:
    app = web.Application(middlewares=[passed_on(proxies)])
    app.router.add_get("/", whoever)
    async with TestClient(TestServer(app)) as client:
        yield client


FORGED = {
    "X-Forwarded-For": "192.0.2.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "flaade.example",
}


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [
        ([ipaddress.ip_network("127.0.0.1/32")], ["192.0.2.7", "https", "flaade.example"]),
        ([ipaddress.ip_network("10.0.0.0/8")], ["127.0.0.1", "http"]),
        ([], ["127.0.0.1", "http"]),
    ],
)
async def test_headers_from_elsewhere_are_ignored(proxies, seen):
    async for client in client_behind(proxies):
        found = await (await client.get("/", headers=FORGED)).json()
        assert found[: len(seen)] == seen
        assert (found[2] == "flaade.example") == (len(seen) == 3)
