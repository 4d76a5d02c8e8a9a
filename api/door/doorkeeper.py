"""The doorkeeper: finds out who sent a request, and lets in whom its address is for.

People come with the cookie of a session, programs with a token in `Authorization: Bearer`. A token
opens the JSON interface only; a session opens the pages, and of the interface what only reads. An
address that asks nothing is answered before anybody is looked up, also while the database is away.
"""

from contextlib import nullcontext
from urllib.parse import quote, urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from access.accounts import account_actor
from access.sessions import session_of
from access.tokens import token_actor
from api.door.cookies import SESSION_COOKIE, VISIT_COOKIE
from api.door.guard import READING_METHODS, from_another_site
from api.door.needs import Welcome, need_of
from api.door.visitor import SESSION, VISIT_SECRET, VISITOR, source_of
from db.connect import Pool
from db.scope.read_once import reading_once
from db.scope.seen import seen_by
from fleet.actor import Actor

#: The beginning of the addresses of the JSON interface; all others are pages and files.
INTERFACE_PREFIX = "/v1/"

SIGN_IN_ADDRESS = "/sign-in"

#: The header of a request by which a page keeps itself current while nobody need sit there.
UNATTENDED = "X-Flaade-Unattended"

#: What the page of sign-in is told where the browser had a session that is over.
SESSION_OVER = "session_over"

#: More characters than any token has; a longer one is none, and is not looked up.
_TOKEN_CHARS_MAX = 200


def is_interface(request: web.Request) -> bool:
    """Whether a request is for the JSON interface, which answers browsers as it answers
    programs."""
    return request.path.startswith(INTERFACE_PREFIX)


def doorkeeper(pool: Pool) -> Middleware:
    """The middleware at the door. It sets `VISITOR`, and of a person `SESSION` and `VISIT_SECRET`.

    Raises:
        NotAllowedError: who came lacks the permission that the address asks for.
        web.HTTPSeeOther: a page asks who it is, and nobody is signed in.
        web.HTTPUnauthorized: the interface asks, and there is neither token nor session.
        web.HTTPForbidden: nobody has decided for whom the address is.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.match_info.http_exception is not None:  # the address does not exist
            await _person(pool, request)
            return await handler(request)
        need = need_of(request)
        if need is None:
            raise web.HTTPForbidden(text="nobody has decided for whom this address is\n")
        if need is Welcome.ANYBODY:
            visit = VISIT_COOKIE.value(request)
            if visit is not None:
                request[VISIT_SECRET] = visit
            return await handler(request)
        actor = await _comes(pool, request)
        if actor is None:
            raise _who_is_it(request)
        if need is Welcome.SIGNED_IN:
            return await handler(request)
        actor.require(need)
        is_reading = request.method in READING_METHODS
        with seen_by(actor.departments), reading_once() if is_reading else nullcontext():
            return await handler(request)

    return middleware


async def _comes(pool: Pool, request: web.Request) -> Actor | None:
    """Who sent a request; None where that cannot be told."""
    if not is_interface(request):
        return await _person(pool, request)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return await _program(pool, request, token.strip())
    # A page of ours may read; a change needs a token, which no other site can make a browser send.
    if request.method in READING_METHODS and not from_another_site(request):
        return await _person(pool, request)
    return None


async def _person(pool: Pool, request: web.Request) -> Actor | None:
    token = SESSION_COOKIE.value(request)
    in_use = UNATTENDED not in request.headers
    session = None if token is None else await session_of(pool, token, in_use=in_use)
    if token is None or session is None:
        return None
    request[SESSION] = session
    request[VISIT_SECRET] = token
    request[VISITOR] = actor = account_actor(session.account, source_of(request))
    return actor


async def _program(pool: Pool, request: web.Request, token: str) -> Actor | None:
    if not 0 < len(token) <= _TOKEN_CHARS_MAX:
        return None
    actor = await token_actor(pool, token, source_of(request))
    if actor is not None:
        request[VISITOR] = actor
    return actor


def _who_is_it(request: web.Request) -> web.HTTPException:
    """The answer to somebody whom the door does not know."""
    if is_interface(request):
        return web.HTTPUnauthorized(
            text="Authorization: Bearer <token> is missing, or the token is not valid\n",
            headers={"WWW-Authenticate": "Bearer"},
        )
    asked = request.path_qs if request.method in READING_METHODS else _form_address(request)
    address = f"{SIGN_IN_ADDRESS}?next={quote(asked, safe='/')}"
    if SESSION_COOKIE.value(request) is None:
        return web.HTTPSeeOther(address)
    answer = web.HTTPSeeOther(f"{address}&done={SESSION_OVER}")
    SESSION_COOKIE.forget(request, answer)
    return answer


def _form_address(request: web.Request) -> str:
    """The address of the page on which the form stood that was sent."""
    try:
        page = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return "/"
    if page.netloc != request.host:
        return "/"
    return page.path + (f"?{page.query}" if page.query else "")
