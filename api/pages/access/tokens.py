"""The page of tokens of programs: GET and POST /tokens, POST /tokens/{token_id}/end."""

from collections.abc import Collection
from datetime import timedelta

from aiohttp import web

from access import tokens as register
from access.roles import NOT_FOR_PROGRAMS
from access.settings import access_settings
from access.tokens import TokenError
from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.access.forms import TokenForm, chosen_in
from api.pages.access.views import Notice, OpenedAddress, TokensPage
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.rest.routes import OPERATIONS
from fleet.actor import Permission
from fleet.localtime import local_now

#: The days for which the form proposes that a token works.
PROPOSED_DAYS = 365


async def show_tokens(request: web.Request) -> web.StreamResponse:
    """Show every token with what it may, and the form for a further one."""
    return page(request, await _page(request))


async def make_token(request: web.Request) -> web.StreamResponse:
    """Make a token and show it once; no address leads to it again."""
    fields = await read_form(request)
    pool, actor = request.config_dict[CONTEXT].pool, visitor(request)
    try:
        form = TokenForm.read(fields)
        try:
            made = await register.new_token(pool, actor, form.label, form.permissions, form.ends_on)
        except TokenError as error:
            raise form.refused(error) from None
    except FormError as refused:
        view = await _page(request, refused, chosen_in(fields, "permission"))
        return page(request, view, status=422)
    return page(request, await _page(request, made=made))


async def end_token(request: web.Request) -> web.StreamResponse:
    """End a token; the next request with it is refused."""
    pool = request.config_dict[CONTEXT].pool
    try:
        await register.end_token(pool, visitor(request), id_in_path(request, "token_id"))
    except TokenError:
        raise web.HTTPNotFound from None
    raise see_other(f"/tokens?done={Notice.TOKEN_ENDED}")


async def _page(
    request: web.Request,
    refused: FormError | None = None,
    chosen: Collection[str] = (),
    made: str | None = None,
) -> TokensPage:
    today = local_now().date()
    latest = today + timedelta(days=access_settings().token_days_max)
    proposed = min(today + timedelta(days=PROPOSED_DAYS), latest)
    return TokensPage(
        part=asked_part(
            await register.tokens(request.config_dict[CONTEXT].pool), request.query, "/tokens"
        ),
        opens={
            permission: [
                OpenedAddress(one.method, one.path, one.summary)
                for one in OPERATIONS
                if one.need is permission
            ]
            for permission in Permission
            if permission not in NOT_FOR_PROGRAMS
        },
        latest=latest,
        chosen=chosen,
        values={"ends_on": proposed.isoformat()} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        made=made,
        notice=notice_in_address(request, Notice),
    )
