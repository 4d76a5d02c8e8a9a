"""The page of one's own account: GET /account, POST /account/password, POST
/account/sessions/{session_id}/end, POST /account/sessions/end-others."""

from collections.abc import Mapping

from aiohttp import web

from access.accounts import account
from access.attempts import TooManyAttemptsError
from access.own_password import WrongPasswordError, change_password
from access.passwords import PasswordRefusedError
from access.sessions import end_other_sessions, end_own_session, own_sessions
from api.address import id_in_path
from api.door.cookies import SESSION_COOKIE
from api.door.visitor import SESSION, source_of, visitor
from api.pages.access.forms import (
    WAIT,
    NewPasswordForm,
    password_refusal,
    typed,
)
from api.pages.access.views import Notice, OwnAccountPage
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.words.language import mark

PASSWORD_WRONG = mark("This is not your present password")


async def show_own_account(request: web.Request) -> web.StreamResponse:
    """Show who is signed in, the form of a new password, and the sessions."""
    return page(request, await own_account_page(request))


async def change_own_password(request: web.Request) -> web.StreamResponse:
    """Change the password; the other sessions end."""
    fields = await read_form(request)
    session = request[SESSION]
    try:
        token = await change_password(
            request.config_dict[CONTEXT].pool,
            session.account.account_id,
            typed(fields, "password"),
            NewPasswordForm.read(fields).password,
            keep_session=session.session_id,
            source=source_of(request),
        )
    except FormError as refused:
        errors = refused.errors
    except WrongPasswordError:
        errors = {"password": PASSWORD_WRONG}
    except PasswordRefusedError as refused:
        errors = password_refusal(refused)
    except TooManyAttemptsError:
        errors = {"password": WAIT}
    else:
        answer = see_other(f"/account?done={Notice.PASSWORD_CHANGED}")
        if token is not None:
            SESSION_COOKIE.put(request, answer, token)
        raise answer
    return page(request, await own_account_page(request, errors), status=422)


async def end_one_session(request: web.Request) -> web.StreamResponse:
    """End one of the visitor's own sessions."""
    session_id = id_in_path(request, "session_id")
    await end_own_session(request.config_dict[CONTEXT].pool, visitor(request), session_id)
    raise see_other(f"/account?done={Notice.SESSION_ENDED}")


async def end_others(request: web.Request) -> web.StreamResponse:
    """End all of the visitor's sessions but this one."""
    session = request[SESSION]
    pool = request.config_dict[CONTEXT].pool
    await end_other_sessions(pool, session.account.account_id, session.session_id)
    raise see_other(f"/account?done={Notice.OTHERS_ENDED}")


async def own_account_page(
    request: web.Request,
    errors: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
) -> OwnAccountPage:
    """The page, with what a refused form had."""
    session = request[SESSION]
    context = request.config_dict[CONTEXT]
    pool = context.pool
    known = await account(pool, session.account.account_id)
    assert known is not None, "an account is never deleted"
    return OwnAccountPage(
        account=known,
        session_id=session.session_id,
        part=asked_part(
            await own_sessions(pool, session.account.account_id), request.query, "/account"
        ),
        sends_mail=context.settings.sends_mail,
        values={"email": known.email or ""} if values is None else values,
        errors=errors or {},
        notice=notice_in_address(request, Notice),
    )
