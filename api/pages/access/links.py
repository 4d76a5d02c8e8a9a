"""The pages that one-time links lead to: GET and POST /first-administrator, GET /link, POST
/link/enter, POST /link/password.

Showing a page does not use up its link, since scanners of mail open links, too.
"""

from aiohttp import web

from access.accounts import AccountError, accounts
from access.attempts import TooManyAttemptsError
from access.first_administrator import DEMO_NAME, is_first_link, use_first_link
from access.links import LinkEndedError, account_of_link, enter_by_link, use_link
from access.passwords import PasswordRefusedError
from api.door.visitor import agent_of, source_of
from api.pages.access.forms import WAIT, NewPasswordForm, password_refusal, typed
from api.pages.access.labels import ACCOUNT_FAULTS
from api.pages.access.views import FirstAdministratorPage, LinkEndedPage, LinkPage
from api.pages.access.visits import signed_in, visit_page
from api.pages.frame.context import CONTEXT
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError

#: The status of the page of a link that has ended.
GONE = 410


async def show_first_administrator(request: web.Request) -> web.StreamResponse:
    """Show the form that makes the first administrator."""
    token = request.query.get("token", "")
    if not await is_first_link(request.config_dict[CONTEXT].pool, token):
        return await _ended(request, is_first=True)
    return visit_page(request, FirstAdministratorPage(token=token))


async def make_first_administrator(request: web.Request) -> web.StreamResponse:
    """Make the first administrator, who is then signed in."""
    fields = await read_form(request)
    link, name = typed(fields, "token"), typed(fields, "name").strip()
    try:
        form = NewPasswordForm.read(fields)
        token = await use_first_link(
            request.config_dict[CONTEXT].pool,
            link,
            name,
            form.password,
            source=source_of(request),
            agent=agent_of(request),
        )
    except LinkEndedError:
        return await _ended(request, is_first=True)
    except FormError as refused:
        errors = refused.errors
    except AccountError as error:
        field, text = ACCOUNT_FAULTS[error.fault]
        errors = {field: text}
    except PasswordRefusedError as refused:
        errors = password_refusal(refused)
    except TooManyAttemptsError:
        errors = {"new_password": WAIT}
    else:
        raise await signed_in(request, token, "/")
    view = FirstAdministratorPage(token=link, values={"name": name}, errors=errors)
    return visit_page(request, view, status=422)


async def show_link(request: web.Request) -> web.StreamResponse:
    """Show what a link offers, without using it up."""
    return await _link_page(request, request.query.get("token", ""))


async def enter_once(request: web.Request) -> web.StreamResponse:
    """Sign in by a link, which ends."""
    link = typed(await read_form(request), "token")
    try:
        token = await enter_by_link(
            request.config_dict[CONTEXT].pool,
            link,
            source=source_of(request),
            agent=agent_of(request),
        )
    except LinkEndedError:
        return await _ended(request, is_first=False)
    raise await signed_in(request, token, "/")


async def set_password(request: web.Request) -> web.StreamResponse:
    """Set a password by a link, which ends, and sign in."""
    fields = await read_form(request)
    link = typed(fields, "token")
    try:
        token = await use_link(
            request.config_dict[CONTEXT].pool,
            link,
            NewPasswordForm.read(fields).password,
            source=source_of(request),
            agent=agent_of(request),
        )
    except LinkEndedError:
        return await _ended(request, is_first=False)
    except FormError as refused:
        errors = dict(refused.errors)
    except PasswordRefusedError as refused:
        errors = password_refusal(refused)
    except TooManyAttemptsError:
        errors = {"new_password": WAIT}
    else:
        raise await signed_in(request, token, "/")
    return await _link_page(request, link, errors)


async def _link_page(
    request: web.Request, token: str, errors: dict[str, str] | None = None
) -> web.StreamResponse:
    account = await account_of_link(request.config_dict[CONTEXT].pool, token)
    if account is None:
        return await _ended(request, is_first=False)
    view = LinkPage(
        token=token,
        name=account.name,
        has_password=account.has_password,
        may_enter=account.has_password or account.name == DEMO_NAME,
        errors=errors or {},
    )
    return visit_page(request, view, 422 if errors else 200)


async def _ended(request: web.Request, *, is_first: bool) -> web.StreamResponse:
    nobody = not await accounts(request.config_dict[CONTEXT].pool)
    return visit_page(request, LinkEndedPage(is_first=is_first, nobody=nobody), GONE)
