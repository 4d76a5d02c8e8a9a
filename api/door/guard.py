"""Protects every page: sets headers, and refuses requests that other sites cause.

A web page from elsewhere could reach the server through the browser of somebody who is signed in.
So requests under names that are not ours (DNS rebinding) and changes that another site started
(cross-site request forgery) are refused, and from another machine all that did not come over TLS.
Telemetry needs a key, which no web page has, and may come under any name.
"""

from collections.abc import Awaitable, Callable, Collection
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from api.door.forwarded import is_within
from fleet.settings import LOOPBACK
from ingest.listeners.http import TELEMETRY_PATHS

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

#: What monitors ask for, which tells nothing; they may come by an address and in plain text.
MONITOR_PATHS = frozenset({"/healthz", "/readyz"})

#: Browsers that came over TLS come in no other way for a year.
HSTS = "max-age=31536000"

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def refuse_foreign_requests(names: Collection[str]) -> Middleware:
    """A middleware that answers 403 to a Host that is neither of this machine nor one of `names`,
    to plain HTTP from another machine, and to a cross-site change.

    Programs send neither `Sec-Fetch-Site` nor `Origin` and are let through: they have no cookie
    that another site could make use of.
    """
    ours = LOOPBACK_NAMES | frozenset(names)
    open_paths = MONITOR_PATHS | frozenset(TELEMETRY_PATHS)

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path not in open_paths:
            if host_name(request.host) not in ours:
                raise web.HTTPForbidden(text=f"this server is not {request.host}\n")
            if not request.secure and not is_within(request.remote or "", LOOPBACK):
                raise web.HTTPForbidden(text="come over TLS: the address begins with https://\n")
        if request.method not in READING_METHODS and from_another_site(request):
            raise web.HTTPForbidden(text="a change must come from a page of this server\n")
        return await handler(request)

    return middleware


def security_headers(
    tiles_url: str | None, *, own_tls: bool
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """An `on_response_prepare` handler that sets the headers by which browsers load from this
    server only, except tiles, and with a certificate of our own come by no other way again."""
    policy = content_security_policy(tiles_url)

    async def set_headers(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(SECURITY_HEADERS)
        response.headers["Content-Security-Policy"] = policy
        if own_tls:  # a proxy decides for its own name
            response.headers["Strict-Transport-Security"] = HSTS
        # What is not for everybody is kept nowhere; what is says so itself.
        response.headers.setdefault("Cache-Control", "no-store")

    return set_headers


def content_security_policy(tiles_url: str | None) -> str:
    """The Content-Security-Policy; `tiles_url` is the only address that may be on another
    server."""
    tiles = _origin(tiles_url)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "font-src 'self'",
            f"img-src 'self' data: blob:{tiles}",
            f"connect-src 'self'{tiles}",
            "worker-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _origin(tiles_url: str | None) -> str:
    if tiles_url is None or tiles_url.startswith("/"):
        return ""
    parts = urlsplit(tiles_url)
    return f" {parts.scheme}://{parts.netloc}"


def host_name(host: str) -> str | None:
    """The name in a Host header, without port and brackets; None where the header is malformed."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def from_another_site(request: web.Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    parts = urlsplit(origin)
    # A page that came in the clear may have been changed on its way.
    is_downgraded = request.scheme == "https" and parts.scheme != "https"
    return parts.netloc != request.host or is_downgraded
