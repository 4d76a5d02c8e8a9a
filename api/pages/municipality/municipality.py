"""The page of the municipality: GET /municipality, POST /municipality/name. Its closing days are in
`closing_days`."""

from dataclasses import replace

from aiohttp import web

from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, PageContext, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, Seen, merged_form, whole_number
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.municipality.forms import NameForm
from api.pages.municipality.shown_name import ShownName
from api.pages.municipality.views import MunicipalityPage, Notice
from fleet.errors import ChangedSinceError
from fleet.localtime import local_now
from register.history import RegisterSubject, count_changes
from register.municipality.closing_days import closing_days
from register.municipality.own_name import name_municipality


async def show_municipality(request: web.Request) -> web.StreamResponse:
    """Show the name, the days of a year that are no working days, and the forms for both."""
    return page(request, await municipality_view(request))


async def set_name(request: web.Request) -> web.StreamResponse:
    """Give the municipality a name."""
    context = request.config_dict[CONTEXT]
    fields = await read_form(request)
    seen = Seen.read(fields)
    try:
        form = NameForm.read(fields)
    except FormError as refused:
        return page(request, await municipality_view(request, refused, seen), status=422)
    try:
        await name_municipality(context.pool, visitor(request), form.name, seen.changes)
    except ChangedSinceError:
        await ShownName.of(request).refresh()
        shown = await municipality_view(request)
        merged = merged_form({"name": form.name}, seen.texts, {"name": shown.name})
        shown = replace(shown, values=merged.values, meanwhile=merged.meanwhile)
        return page(request, shown, status=409)
    await ShownName.of(request).refresh()
    raise see_other(f"/municipality?done={Notice.NAMED}")


async def municipality_view(
    request: web.Request, refused: FormError | None = None, seen: Seen | None = None
) -> MunicipalityPage:
    """The page, with the form that was refused; `seen` is what its sender saw."""
    context: PageContext = request.config_dict[CONTEXT]
    year = year_in_address(request)
    facts = await context.first_run_facts()
    return MunicipalityPage(
        name=ShownName.of(request).name,
        year=year,
        part=asked_part(
            await closing_days(context.pool, year),
            request.query,
            "/municipality",
            {"year": str(year)},
        ),
        days_known=facts.closing_days_known,
        seen=seen
        or Seen(
            await count_changes(context.pool, RegisterSubject.MUNICIPALITY, "name"),
            {"name": ShownName.of(request).name},
        ),
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )


def year_in_address(request: web.Request) -> int:
    """The year in the address, or this year where the address has none within bounds."""
    year = whole_number(request.query.get("year", ""), 1990, 2100)
    return local_now().year if year is None else year
