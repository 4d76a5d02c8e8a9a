"""The page of closing days: GET and POST /use/closing-days, POST /use/closing-days/{day}/remove."""

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, PageContext, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, day_in, whole_number
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.use.forms import ClosingDayForm
from api.pages.use.views import ClosingDaysPage, Notice
from fleet.localtime import local_now
from register import closing_days as register


async def show_closing_days(request: web.Request) -> web.StreamResponse:
    """Show the days of a year that are no working days, and the form for the municipality's own."""
    return page(request, await _view(request.config_dict[CONTEXT], _year(request), request))


async def add_closing_day(request: web.Request) -> web.StreamResponse:
    """Add a closing day. A day that is one already keeps its name."""
    context = request.config_dict[CONTEXT]
    try:
        form = ClosingDayForm.read(await read_form(request))
    except FormError as refused:
        view = await _view(context, _year(request), request, refused)
        return page(request, view, status=422)
    await register.add_closing_day(context.pool, visitor(request), form.day, form.name, form.source)
    raise see_other(f"/use/closing-days?year={form.day.year}&done={Notice.DAY_CLOSED}")


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
    raise see_other(f"/use/closing-days?year={day.year}&done={Notice.DAY_OPENED}")


def _year(request: web.Request) -> int:
    """The year in the address, or this year where the address has none within bounds."""
    year = whole_number(request.query.get("year", ""), 1990, 2100)
    return local_now().year if year is None else year


async def _view(
    context: PageContext, year: int, request: web.Request, refused: FormError | None = None
) -> ClosingDaysPage:
    return ClosingDaysPage(
        year=year,
        days=await register.closing_days(context.pool, year),
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )
