"""Visits of people who did not sign in yet, and the moment in which they do."""

from aiohttp import web

from access.sessions import end_session
from api.door.cookies import SESSION_COOKIE, VISIT_COOKIE, new_visit
from api.door.visitor import VISIT_SECRET
from api.pages.frame.context import CONTEXT
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.views import PageView


def visit_page(request: web.Request, view: PageView, status: int = 200) -> web.Response:
    """The answer with a page whose forms work for who is not signed in."""
    known = VISIT_SECRET in request
    if not known:
        request[VISIT_SECRET] = new_visit()
    answer = page(request, view, status)
    if not known:
        VISIT_COOKIE.put(request, answer, request[VISIT_SECRET])
    return answer


async def signed_in(request: web.Request, token: str, address: str) -> web.HTTPSeeOther:
    """The answer that lets a browser keep the session with this token and go on to an address of
    ours. A session that the browser had before ends, so that none that somebody else put there goes
    on."""
    before = SESSION_COOKIE.value(request)
    if before is not None:
        await end_session(request.config_dict[CONTEXT].pool, before)
    answer = see_other(address)
    SESSION_COOKIE.put(request, answer, token)
    VISIT_COOKIE.forget(request, answer)
    answer.headers["Cache-Control"] = "no-store"
    return answer
