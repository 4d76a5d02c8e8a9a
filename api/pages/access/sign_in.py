"""The page of sign-in: GET and POST /sign-in, POST /sign-out."""

from math import ceil

from aiohttp import web

from access.accounts import accounts
from access.attempts import TooManyAttemptsError
from access.sessions import end_session, session_of
from access.sign_in import SignInRefusedError, sign_in
from api.door.cookies import SESSION_COOKIE
from api.door.visitor import VISITOR, agent_of, source_of
from api.pages.access.forms import typed
from api.pages.access.municipality import OPENID
from api.pages.access.views import LeavingPage, Notice, SignInPage
from api.pages.access.visits import signed_in, visit_page
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.redirect import is_local, see_other

#: The address that a person comes to after sign-out, also from the provider, which has to know it.
SIGNED_OUT_PATH = f"/sign-in?done={Notice.SIGNED_OUT}"


async def show_sign_in(request: web.Request) -> web.StreamResponse:
    """Show the form. Who is signed in already goes on to the page that they came for."""
    pool = request.config_dict[CONTEXT].pool
    wanted = _wanted(request.query.get("next", "/"))
    token = SESSION_COOKIE.value(request)
    if token is not None and await session_of(pool, token) is not None:
        raise see_other(wanted)
    view = SignInPage(
        next=wanted,
        nobody=not await accounts(pool),
        at_municipality=_at_municipality(request),
        notice=notice_in_address(request, Notice),
    )
    return visit_page(request, view)


async def enter(request: web.Request) -> web.StreamResponse:
    """Sign in. A refusal does not tell whether the name or the password was wrong."""
    pool = request.config_dict[CONTEXT].pool
    fields = await read_form(request)
    name, wanted = typed(fields, "name").strip(), _wanted(typed(fields, "next"))
    try:
        token = await sign_in(
            pool,
            name,
            typed(fields, "password"),
            source=source_of(request),
            agent=agent_of(request),
        )
    except SignInRefusedError:
        view = SignInPage(
            next=wanted, name=name, wrong=True, at_municipality=_at_municipality(request)
        )
        return visit_page(request, view, status=422)
    except TooManyAttemptsError as error:
        view = SignInPage(
            next=wanted,
            name=name,
            wait_s=ceil(error.wait_s),
            at_municipality=_at_municipality(request),
        )
        answer = visit_page(request, view, status=429)
        answer.headers["Retry-After"] = str(ceil(error.wait_s))
        return answer
    raise await signed_in(request, token, wanted)


async def leave(request: web.Request) -> web.StreamResponse:
    """Sign out: end the session, and let the browser forget it. Who came in from the municipality's
    provider signs out there, too: who sits there next would come in otherwise."""
    token, id_token = SESSION_COOKIE.value(request), None
    if token is not None:
        id_token = await end_session(request.config_dict[CONTEXT].pool, token)
    address = await _end_address(request, id_token)
    if address is not None:
        # Forms may lead to this server only, so a page goes on to the provider.
        del request[VISITOR]
        leaving = visit_page(request, LeavingPage(address))
        SESSION_COOKIE.forget(request, leaving)
        return leaving
    answer = see_other(SIGNED_OUT_PATH)
    SESSION_COOKIE.forget(request, answer)
    raise answer


async def _end_address(request: web.Request, id_token: str | None) -> str | None:
    """The address at which a person who came in with an ID token signs out of the municipality's
    provider, too; None: they came in otherwise, or there is no such address."""
    provider = request.config_dict.get(OPENID)
    if provider is None or id_token is None:
        return None
    back_url = request.config_dict[CONTEXT].settings.pages_address + SIGNED_OUT_PATH
    return await provider.end_address(id_token, back_url)


def _at_municipality(request: web.Request) -> bool:
    return OPENID in request.config_dict


def _wanted(address: str) -> str:
    """The page to go on to; the front page where the address is none of ours."""
    return address if is_local(address) else "/"
