"""The pages of accounts: GET and POST /accounts, GET and POST /accounts/{account_id}, POST …/link,
…/close and …/reopen."""

from collections.abc import Collection

from aiohttp import web

from access import accounts as register
from access.accounts import Account, AccountError
from access.history import AccessSubject, count_changes
from access.links import new_link
from access.settings import access_settings
from api.address import id_in_path
from api.door.link_addresses import link_address
from api.door.visitor import visitor
from api.pages.access.forms import AccountForm, chosen_in
from api.pages.access.labels import ACCOUNT_FAULTS
from api.pages.access.views import AccountPage, AccountsPage, Notice
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import CHANGED_MEANWHILE, FormError, field_texts, seen_in
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from fleet.errors import ChangedSinceError
from register.vehicles import fleet_choices


async def show_accounts(request: web.Request) -> web.StreamResponse:
    """Show every account, and the form for a further one."""
    return page(request, await _accounts_page(request))


async def add_account(request: web.Request) -> web.StreamResponse:
    """Make an account, and show its first link."""
    fields = await read_form(request)
    pool, actor = request.config_dict[CONTEXT].pool, visitor(request)
    chosen = chosen_in(fields, "department")
    try:
        form = AccountForm.read(fields)
        try:
            made = await register.add_account(pool, actor, form.name, form.role, form.departments)
        except AccountError as error:
            raise form.refused(error) from None
    except FormError as refused:
        return page(request, await _accounts_page(request, refused, chosen), status=422)
    link = await new_link(pool, actor, made.account_id)
    return page(request, await _account_page(request, made, link=link))


async def show_account(request: web.Request) -> web.StreamResponse:
    """Show one account, and the forms that change it."""
    return page(request, await _account_page(request, await _account(request)))


async def change_account(request: web.Request) -> web.StreamResponse:
    """Give an account another role or other departments; its sessions end."""
    account, fields = await _account(request), await read_form(request)
    chosen = chosen_in(fields, "department")
    try:
        form = AccountForm.read(fields)
        try:
            await register.change_account(
                request.config_dict[CONTEXT].pool,
                visitor(request),
                account.account_id,
                form.role,
                form.departments,
                seen_in(fields),
            )
        except AccountError as error:
            raise form.refused(error) from None
    except FormError as refused:
        view = await _account_page(request, account, refused, chosen, seen=seen_in(fields))
        return page(request, view, status=422)
    except ChangedSinceError:
        values = field_texts(fields, ("role",))
        meanwhile = FormError(values, {"role": CHANGED_MEANWHILE})
        view = await _account_page(request, await _account(request), meanwhile, chosen)
        return page(request, view, status=409)
    raise see_other(f"/accounts/{account.account_id}?done={Notice.ACCOUNT_CHANGED}")


async def make_link(request: web.Request) -> web.StreamResponse:
    """Make a one-time link and show it once; no address leads to it again."""
    account = await _account(request)
    try:
        pool = request.config_dict[CONTEXT].pool
        link = await new_link(pool, visitor(request), account.account_id)
    except AccountError as error:
        return await _refused(request, account, error)
    return page(request, await _account_page(request, account, link=link))


async def close_account(request: web.Request) -> web.StreamResponse:
    """Close an account: nobody signs in to it."""
    account = await _account(request)
    try:
        pool = request.config_dict[CONTEXT].pool
        await register.close_account(pool, visitor(request), account.account_id)
    except AccountError as error:
        return await _refused(request, account, error)
    raise see_other(f"/accounts/{account.account_id}?done={Notice.ACCOUNT_CLOSED}")


async def reopen_account(request: web.Request) -> web.StreamResponse:
    """Open a closed account again."""
    account = await _account(request)
    pool = request.config_dict[CONTEXT].pool
    await register.reopen_account(pool, visitor(request), account.account_id)
    raise see_other(f"/accounts/{account.account_id}?done={Notice.ACCOUNT_REOPENED}")


async def _account(request: web.Request) -> Account:
    pool = request.config_dict[CONTEXT].pool
    found = await register.account(pool, id_in_path(request, "account_id"))
    if found is None:
        raise web.HTTPNotFound
    return found


async def _refused(request: web.Request, account: Account, error: AccountError) -> web.Response:
    """The page of an account on which an act was refused that has no field of its own."""
    field, text = ACCOUNT_FAULTS[error.fault]
    values = {"role": account.role.value}
    view = await _account_page(request, account, FormError(values, {field: text}))
    return page(request, view, status=422)


async def _accounts_page(
    request: web.Request, refused: FormError | None = None, chosen: Collection[str] = ()
) -> AccountsPage:
    pool = request.config_dict[CONTEXT].pool
    return AccountsPage(
        part=asked_part(await register.accounts(pool), request.query, "/accounts"),
        departments=(await fleet_choices(pool)).departments,
        chosen=chosen,
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
    )


async def _account_page(
    request: web.Request,
    account: Account,
    refused: FormError | None = None,
    chosen: Collection[str] | None = None,
    link: str | None = None,
    seen: int | None = None,
) -> AccountPage:
    """The page of an account. `seen` are the changes that the sender of a refused form saw."""
    pool = request.config_dict[CONTEXT].pool
    if seen is None:
        seen = await count_changes(pool, AccessSubject.ACCOUNT, account.account_id)
    departments = {*(await fleet_choices(pool)).departments, *account.departments}
    return AccountPage(
        account=account,
        seen=seen,
        own=account.account_id == visitor(request).account_id,
        departments=sorted(departments),
        chosen=account.departments if chosen is None else chosen,
        values={"role": account.role.value} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        link=None if link is None else link_address(request.config_dict[CONTEXT].settings, link),
        link_hours=access_settings().link_hours,
        notice=notice_in_address(request, Notice),
    )
