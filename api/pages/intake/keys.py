"""The page of keys: GET and POST /intake/keys, POST /intake/keys/{key_id}/revoke."""

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.intake import views
from api.pages.intake.forms import KeyForm
from api.pages.intake.views import Notice
from register.devices import EnrolmentError
from register.keys import list_keys, new_device_key, new_gateway_key, revoke_key


async def show_keys(request: web.Request) -> web.StreamResponse:
    """Show every key with its owner, its purpose and its last use, and the form for a further
    one."""
    return page(request, await _keys_page(request))


async def make_key(request: web.Request) -> web.StreamResponse:
    """Make a key and show it once; no address leads to it again."""
    pool = request.config_dict[CONTEXT].pool
    try:
        form = KeyForm.read(await read_form(request))
    except FormError as error:
        return page(request, await _keys_page(request, error), status=422)
    try:
        if form.for_gateway:
            key = await new_gateway_key(pool, visitor(request), form.name, form.label)
        else:
            key = await new_device_key(pool, visitor(request), form.name, form.label)
    except EnrolmentError:
        error = form.not_enrolled()
        return page(request, await _keys_page(request, error), status=422)
    return page(request, await _keys_page(request, made=key))


async def revoke_one_key(request: web.Request) -> web.StreamResponse:
    """Revoke one key; the others stay valid."""
    try:
        await revoke_key(
            request.config_dict[CONTEXT].pool, visitor(request), id_in_path(request, "key_id")
        )
    except EnrolmentError:
        raise web.HTTPNotFound from None
    raise see_other(f"/intake/keys?done={Notice.KEY_REVOKED}")


async def _keys_page(
    request: web.Request, refused: FormError | None = None, made: str | None = None
) -> views.KeysPage:
    return views.KeysPage(
        part=asked_part(
            await list_keys(request.config_dict[CONTEXT].pool), request.query, "/intake/keys"
        ),
        made=made,
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )
