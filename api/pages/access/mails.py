"""The page of mails that are not sent: GET /mails, POST /mails/{mail_id}/again and …/drop; and the
forms of an address of mail: POST /account/email, POST /accounts/{account_id}/email."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from access.mail.address import MailAddressError, set_address
from access.mail.outbox import NoMailError, drop, send_again, unsent_mails
from api.address import id_in_path
from api.door.visitor import SESSION, visitor
from api.pages.access.accounts import account_in_path, account_page
from api.pages.access.forms import EMAIL_UNUSABLE
from api.pages.access.own_account import own_account_page
from api.pages.access.views import MailsPage, Notice
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, field_texts
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from db.connect import Pool
from fleet.actor import Actor


async def show_mails(request: web.Request) -> web.StreamResponse:
    """Show the mails that wait, failed, or of which it is unclear whether they arrived."""
    context = request.config_dict[CONTEXT]
    found = await unsent_mails(context.pool)
    view = MailsPage(
        part=asked_part(found, request.query, "/mails"),
        sends_mail=context.settings.sends_mail,
        notice=notice_in_address(request, Notice),
    )
    return page(request, view)


async def send_mail_again(request: web.Request) -> web.StreamResponse:
    """Let a mail be sent again."""
    await _settle(request, send_again)
    raise see_other(f"/mails?done={Notice.MAIL_AGAIN}")


async def drop_mail(request: web.Request) -> web.StreamResponse:
    """Let a mail not be sent."""
    await _settle(request, drop)
    raise see_other(f"/mails?done={Notice.MAIL_DROPPED}")


async def change_own_address(request: web.Request) -> web.StreamResponse:
    """Give the visitor's account an address of mail, or none."""
    session = request[SESSION]
    try:
        await _set_address(request, session.account.account_id)
    except FormError as refused:
        view = await own_account_page(request, refused.errors, refused.values)
        return page(request, view, status=422)
    raise see_other(f"/account?done={Notice.EMAIL_CHANGED}")


async def change_address(request: web.Request) -> web.StreamResponse:
    """Give an account an address of mail, or none."""
    account = await account_in_path(request)
    try:
        await _set_address(request, account.account_id)
    except FormError as refused:
        return page(request, await account_page(request, account, refused), status=422)
    raise see_other(f"/accounts/{account.account_id}?done={Notice.EMAIL_CHANGED}")


async def _set_address(request: web.Request, account_id: int) -> None:
    """Raises FormError."""
    values = field_texts(await read_form(request), ("email",))
    pool = request.config_dict[CONTEXT].pool
    try:
        await set_address(pool, visitor(request), account_id, values["email"])
    except MailAddressError:
        raise FormError(values, {"email": EMAIL_UNUSABLE}) from None


async def _settle(request: web.Request, act: Callable[[Pool, Actor, int], Awaitable[None]]) -> None:
    pool = request.config_dict[CONTEXT].pool
    try:
        await act(pool, visitor(request), id_in_path(request, "mail_id"))
    except NoMailError:
        raise web.HTTPNotFound from None
