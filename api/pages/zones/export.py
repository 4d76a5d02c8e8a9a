"""Exports trips or round trips of the data period as a file: GET and POST /export/{what}."""

from aiohttp import web

from api.door.visitor import visitor
from api.headings import with_headings
from api.pages.frame.context import CONTEXT
from api.pages.frame.download import asked_format, table_download
from api.pages.frame.forms import FormError
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.vehicles.tracks import access_of, keep_reason
from api.pages.words.language import language_of, mark, translations
from api.pages.zones import views
from fleet.files.table_format import TableFormat
from trips.files.export import ExportedTable, export_table

#: The names of the sheets in exported workbooks.
EXPORT_SHEET_NAMES = {
    ExportedTable.TRIPS: mark("Trips"),
    ExportedTable.ROUND_TRIPS: mark("Round trips"),
}


async def export_trips(request: web.Request) -> web.StreamResponse:
    """Answer with trips or round trips of the data period as a file: ?format=xlsx&vehicle=… Who
    said today why they take them gets it; others are asked."""
    context, what = request.config_dict[CONTEXT], _what(request)
    form = asked_format(request.query.get("format", TableFormat.EXCEL))
    period = await context.period()
    if period is None:
        raise web.HTTPNotFound
    access = await access_of(request, request.query.get("vehicle"))
    if access is None:
        return page(request, views.ExportReasonPage(what, request.path_qs))
    table = await export_table(context.pool, visitor(request), access, what, period)
    if form.for_people:
        table = with_headings(table, what)
    title = translations(language_of(request)).gettext(EXPORT_SHEET_NAMES[what])
    return await table_download(request, table, form, f"{what}-{period.first}-{period.last}", title)


async def give_reason(request: web.Request) -> web.StreamResponse:
    """Keep why the visitor takes the trips, and answer with the file."""
    what = _what(request)
    try:
        await keep_reason(request, request.query.get("vehicle"))
    except FormError as refused:
        asked = views.ExportReasonPage(what, request.path_qs, refused.values, refused.errors)
        return page(request, asked, status=422)
    raise see_other(request.raw_path)


def _what(request: web.Request) -> ExportedTable:
    try:
        return ExportedTable(request.match_info["what"])
    except ValueError:
        raise web.HTTPNotFound from None
