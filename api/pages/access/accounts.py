"""The pages of accounts: GET and POST /accounts, GET and POST /accounts/{account_id}, POST …/link,
…/close and …/reopen."""

from collections.abc import Collection, Mapping
from dataclasses import replace

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
from api.pages.frame.forms import FieldChange, FormError, Seen, field_texts, merged_form
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
    return page(request, await account_page(request, made, link=link))


async def show_account(request: web.Request) -> web.StreamResponse:
    """Show one account, and the forms that change it."""
    return page(request, await account_page(request, await account_in_path(request)))


async def change_account(request: web.Request) -> web.StreamResponse:
    """Give an account another role or other departments; its sessions end."""
    account, fields = await account_in_path(request), await read_form(request)
    seen, chosen = Seen.read(fields), chosen_in(fields, "department")
    try:
        form = AccountForm.read(fields)
        try:
            await register.change_account(
                request.config_dict[CONTEXT].pool,
                visitor(request),
                account.account_id,
                form.role,
                form.departments,
                seen.changes,
            )
        except AccountError as error:
            raise form.refused(error) from None
    except FormError as refused:
        view = await account_page(request, account, refused, chosen, seen=seen)
        return page(request, view, status=422)
    except ChangedSinceError:
        role = field_texts(fields, ("role",))["role"]
        return page(request, await _merged_page(request, role, chosen, seen), status=409)
    raise see_other(f"/accounts/{account.account_id}?done={Notice.ACCOUNT_CHANGED}")


async def make_link(request: web.Request) -> web.StreamResponse:
    """Make a one-time link and show it once; no address leads to it again."""
    account = await account_in_path(request)
    try:
        pool = request.config_dict[CONTEXT].pool
        link = await new_link(pool, visitor(request), account.account_id)
    except AccountError as error:
        return await _refused(request, account, error)
    return page(request, await account_page(request, account, link=link))


async def close_account(request: web.Request) -> web.StreamResponse:
    """Close an account: nobody signs in to it."""
    account = await account_in_path(request)
    try:
        pool = request.config_dict[CONTEXT].pool
        await register.close_account(pool, visitor(request), account.account_id)
    except AccountError as error:
        return await _refused(request, account, error)
    raise see_other(f"/accounts/{account.account_id}?done={Notice.ACCOUNT_CLOSED}")


async def reopen_account(request: web.Request) -> web.StreamResponse:
    """Open a closed account again."""
    account = await account_in_path(request)
    pool = request.config_dict[CONTEXT].pool
    await register.reopen_account(pool, visitor(request), account.account_id)
    raise see_other(f"/accounts/{account.account_id}?done={Notice.ACCOUNT_REOPENED}")


async def account_in_path(request: web.Request) -> Account:
    """The account that an address names."""
    pool = request.config_dict[CONTEXT].pool
    found = await register.account(pool, id_in_path(request, "account_id"))
    if found is None:
        raise web.HTTPNotFound
    return found


async def _refused(request: web.Request, account: Account, error: AccountError) -> web.Response:
    """The page of an account on which an act was refused that has no field of its own."""
    _, text = ACCOUNT_FAULTS[error.fault]
    values = {"role": account.role.value}
    view = await account_page(request, account, FormError(values, {"act": text}))
    return page(request, view, status=422)


async def _accounts_page(
    request: web.Request, refused: FormError | None = None, chosen: Collection[str] = ()
) -> AccountsPage:
    context = request.config_dict[CONTEXT]
    pool, settings = context.pool, context.settings
    found = await register.accounts(pool)
    known = await register.known_departments(pool)
    return AccountsPage(
        part=asked_part(found, request.query, "/accounts"),
        unknown_of_groups=[
            (group, department)
            for group, department in sorted(settings.oidc_departments.items())
            if settings.oidc_issuer is not None and department not in known
        ],
        unknown_of_accounts=[
            (one.name, department)
            for one in found
            if not one.closed
            for department in sorted(one.departments - known)
        ],
        departments=(await fleet_choices(pool)).departments,
        chosen=chosen,
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
    )


#: The prefix of what a form tells of a department: the box of it is ticked.
_TICKED = "department-"


def _texts(role: str, departments: Collection[str]) -> dict[str, str]:
    """The fields of the form of an account, with one for each box that is ticked."""
    return {"role": role} | {_TICKED + one: "yes" for one in sorted(departments)}


def _ticked(texts: Mapping[str, str]) -> list[str]:
    """The departments whose boxes are ticked."""
    return [
        name.removeprefix(_TICKED) for name in texts if name.startswith(_TICKED) and texts[name]
    ]


async def _merged_page(
    request: web.Request, role: str, chosen: Collection[str], seen: Seen
) -> AccountPage:
    """The page of an account that somebody else changed while its form was open."""
    account = await account_in_path(request)
    now = _texts(account.role.value, account.departments)
    # A box that is not ticked sends nothing.
    typed = dict.fromkeys(seen.texts, "") | _texts(role, chosen)
    form = merged_form(typed, seen.texts, now)
    meanwhile = [one for one in form.meanwhile if one.field == "role"]
    if len(meanwhile) < len(form.meanwhile):
        before, after = (", ".join(_ticked(texts)) for texts in (seen.texts, now))
        meanwhile.append(FieldChange("departments", before, after))
    shown = await account_page(request, account, chosen=_ticked(form.values))
    values = {**shown.values, "role": form.values["role"]}
    return replace(shown, values=values, meanwhile=meanwhile)


async def account_page(
    request: web.Request,
    account: Account,
    refused: FormError | None = None,
    chosen: Collection[str] | None = None,
    link: str | None = None,
    seen: Seen | None = None,
) -> AccountPage:
    """The page of an account. `seen` is what the sender of a refused form saw."""
    pool = request.config_dict[CONTEXT].pool
    if seen is None:
        changes = await count_changes(pool, AccessSubject.ACCOUNT, account.account_id)
        seen = Seen(changes, _texts(account.role.value, account.departments))
    departments = {*(await fleet_choices(pool)).departments, *account.departments}
    return AccountPage(
        account=account,
        seen=seen,
        own=account.account_id == visitor(request).account_id,
        departments=sorted(departments),
        chosen=account.departments if chosen is None else chosen,
        values={"role": account.role.value, "email": account.email or ""}
        | ({} if refused is None else dict(refused.values)),
        errors={} if refused is None else refused.errors,
        link=None if link is None else link_address(request.config_dict[CONTEXT].settings, link),
        link_hours=access_settings().link_hours,
        sends_mail=request.config_dict[CONTEXT].settings.sends_mail,
        notice=notice_in_address(request, Notice),
    )
