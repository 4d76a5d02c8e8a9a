"""The closing days on the page of the municipality: POST /municipality/closing-days, POST
/municipality/closing-days/{day}/remove, POST /municipality/no-closing-days."""

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, day_in
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.municipality.forms import ClosingDayForm
from api.pages.municipality.municipality import municipality_view
from api.pages.municipality.views import Notice
from register.municipality import closing_days as register


async def add_closing_day(request: web.Request) -> web.StreamResponse:
    """Add a closing day. A day that is one already by another name keeps it, and the form says
    so."""
    context = request.config_dict[CONTEXT]
    actor = visitor(request)
    try:
        form = ClosingDayForm.read(await read_form(request))
        try:
            await register.add_closing_day(context.pool, actor, form.day, form.name, form.source)
        except register.ClosedAlreadyError as there:
            raise form.taken() from there
    except FormError as refused:
        return page(request, await municipality_view(request, refused), status=422)
    raise see_other(f"/municipality?year={form.day.year}&done={Notice.DAY_CLOSED}")


async def remove_own_closing_day(request: web.Request) -> web.StreamResponse:
    """Remove one of the municipality's own closing days."""
    context = request.config_dict[CONTEXT]
    day = day_in(request.match_info["day"])
    if day is None:
        raise web.HTTPNotFound
    try:
        await register.remove_closing_day(context.pool, visitor(request), day)
    except register.NoClosingDayError:
        raise web.HTTPNotFound from None
    raise see_other(f"/municipality?year={day.year}&done={Notice.DAY_OPENED}")


async def settle_no_closing_days(request: web.Request) -> web.StreamResponse:
    """Note that the municipality is closed on public holidays only."""
    context = request.config_dict[CONTEXT]
    await register.settle_closing_days(context.pool, visitor(request))
    raise see_other(f"/municipality?done={Notice.DAYS_SETTLED}")
