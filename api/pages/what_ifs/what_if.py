"""The page of a what-if: GET and POST /what-ifs/{what_if_id}."""

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.costs.capabilities import read_capabilities
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.what_ifs.forms import ActForm, Press
from api.pages.what_ifs.views import Notice, Trouble, WhatIfPage
from costs.assumptions import quantities
from fleet.errors import ChangedSinceError
from optimiser.what_if.faults import NotDoneError, NotOwnError, NoWhatIfError
from optimiser.what_if.requests import cancel, keep, share, throw_away
from optimiser.what_if.stored import asked_of_round, differing_vehicles, history, what_if
from register.zones_stored import depots

_NOTICES = {
    Press.KEEP: Notice.KEPT,
    Press.SHARE: Notice.SHARED,
    Press.UNSHARE: Notice.UNSHARED,
    Press.THROW: Notice.THROWN,
    Press.CANCEL: Notice.CANCELLED,
}


async def show_what_if(request: web.Request) -> web.StreamResponse:
    """Show what was asked, and the answer beside the round."""
    return page(request, await _what_if_page(request))


async def change_what_if(request: web.Request) -> web.StreamResponse:
    """Keep a what-if, share it, throw it away or cancel it."""
    form = ActForm.read(await read_form(request))
    try:
        await _act(request, form)
    except NoWhatIfError:
        raise web.HTTPNotFound from None
    except ChangedSinceError:
        return page(request, await _what_if_page(request, Trouble.CHANGED), status=409)
    except NotOwnError:
        return page(request, await _what_if_page(request, Trouble.NOT_OWN), status=403)
    except NotDoneError:
        return page(request, await _what_if_page(request, Trouble.NOT_DONE), status=409)
    done = f"?done={_NOTICES[form.press]}" if form.press else ""
    there = "" if form.press is Press.THROW else f"/{id_in_path(request, 'what_if_id')}"
    raise see_other(f"/what-ifs{there}{done}")


async def _act(request: web.Request, form: ActForm) -> None:
    pool, actor = request.config_dict[CONTEXT].pool, visitor(request)
    what_if_id = id_in_path(request, "what_if_id")
    match form.press:
        case Press.KEEP:
            await keep(pool, actor, what_if_id, seen=form.seen)
        case Press.SHARE | Press.UNSHARE:
            shared = form.press is Press.SHARE
            await share(pool, actor, what_if_id, shared=shared, seen=form.seen)
        case Press.THROW:
            await throw_away(pool, actor, what_if_id, seen=form.seen)
        case Press.CANCEL:
            await cancel(pool, actor, what_if_id)
        case None:
            pass


async def _what_if_page(request: web.Request, trouble: Trouble | None = None) -> WhatIfPage:
    pool = request.config_dict[CONTEXT].pool
    row = await what_if(pool, visitor(request), id_in_path(request, "what_if_id"))
    if row is None:
        raise web.HTTPNotFound
    asked, known = await asked_of_round(pool, row), await read_capabilities(request)
    return WhatIfPage(
        row=row,
        changes=row.changes,
        vehicles=await differing_vehicles(pool, row.what_if_id),
        asked=asked,
        capabilities={one.capability: known.name(one.capability) for one in row.changes.needs},
        depots={depot.depot_id: depot.name for depot in await depots(pool)},
        units={key: quantity.unit for key, quantity in quantities().items()},
        history=await history(pool, row.what_if_id),
        trouble=trouble,
        notice=notice_in_address(request, Notice),
    )
