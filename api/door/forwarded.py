"""Finds out who sent a request that a proxy passed on, how, and under which name.

A proxy tells that in `X-Forwarded-For`, `-Proto` and `-Host`. Anybody can send these headers, so
they count only where the connection itself comes from a network of `FLAADE_TRUSTED_PROXIES`.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from fleet.settings import Network

#: More proxies than stand behind each other; what an earlier one told is not believed.
_PROXIES_MAX = 10


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from: the address of its sender, the scheme by which they sent it, and
    the name under which they reached us, where a proxy tells it."""

    remote: str
    scheme: str
    host: str | None


def passed_on(proxies: Sequence[Network]) -> Middleware:
    """A middleware behind which a request looks as its sender sent it to the first of `proxies`.

    It is the outermost one, so that all others see the same request.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        peer = request.remote
        if peer is None or not is_within(peer, proxies):
            return await handler(request)
        told = {
            name: ",".join(request.headers.getall(name, ()))
            for name in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host")
        }
        found = origin_of(peer, request.scheme, told, proxies)
        if found.host is None:
            return await handler(request.clone(remote=found.remote, scheme=found.scheme))
        return await handler(
            request.clone(remote=found.remote, scheme=found.scheme, host=found.host)
        )

    return middleware


def origin_of(
    peer: str, scheme: str, told: Mapping[str, str], proxies: Sequence[Network]
) -> Origin:
    """The origin of a request, as the trusted proxy `peer` tells it.

    Each proxy adds the address that it was asked from at the end, so the addresses are read from
    there, and no further than to the first that is no trusted proxy: what stands before it was sent
    by a stranger. Where proxies disagree on the scheme, it is the plain one.
    """
    remote = peer
    for one in reversed(_parts(told, "X-Forwarded-For")[-_PROXIES_MAX:]):
        if not _is_address(one):
            break
        remote = _plain(one)
        if not is_within(remote, proxies):
            break
    schemes = {one.lower() for one in _parts(told, "X-Forwarded-Proto")} or {scheme}
    hosts = _parts(told, "X-Forwarded-Host")
    return Origin(
        remote,
        "https" if schemes == {"https"} else "http",
        hosts[0] if len(hosts) == 1 else None,
    )


def is_within(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address belongs to one of the networks; an IPv4 address in a form of IPv6 is that
    IPv4 address."""
    if not networks or not _is_address(address):
        return False
    ip = ipaddress.ip_address(_plain(address))
    return any(ip in network for network in networks)


def _parts(told: Mapping[str, str], name: str) -> list[str]:
    return [part.strip() for part in told.get(name, "").split(",") if part.strip()]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


def _plain(address: str) -> str:
    ip = ipaddress.ip_address(address.partition("%")[0])
    return str(getattr(ip, "ipv4_mapped", None) or ip)
