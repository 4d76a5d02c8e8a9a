"""Protects every page: sets headers, and refuses requests that other sites cause.

There is no sign-in yet, so the pages listen on loopback only. A web page from elsewhere could still
reach them through a visitor's browser. So requests under names that are not ours (DNS rebinding)
and changes that another site started (cross-site request forgery) are refused. Telemetry needs a
key, which no web page has, and may come under any name.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from ingest.listeners.http import TELEMETRY_PATHS

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def refuse_foreign_requests(*, on_loopback: bool) -> Middleware:
    """A middleware that answers 403 to a foreign Host (when `on_loopback`) or a cross-site change.

    Programs send neither `Sec-Fetch-Site` nor `Origin` and are let through: a person who can run
    one here needs no browser.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        is_ours = _host_name(request.host) in LOOPBACK_NAMES or request.path in TELEMETRY_PATHS
        if on_loopback and not is_ours:
            raise web.HTTPForbidden(text=f"this server is not {request.host}\n")
        if request.method not in READING_METHODS and _from_another_site(request):
            raise web.HTTPForbidden(text="a change must come from a page of this server\n")
        return await handler(request)

    return middleware


def security_headers(
    tiles_url: str | None,
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """An `on_response_prepare` handler that sets the headers by which browsers load from this
    server only, except tiles."""
    policy = content_security_policy(tiles_url)

    async def set_headers(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(SECURITY_HEADERS)
        response.headers["Content-Security-Policy"] = policy
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


def _host_name(host: str) -> str | None:
    """The name in a Host header, without port and brackets; None where the header is malformed."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _from_another_site(request: web.Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host
