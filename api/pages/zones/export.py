"""Exports trips or round trips of the data period as a file: GET /export/{what}."""

from aiohttp import web

from api.headings import with_headings
from api.pages.frame.context import CONTEXT
from api.pages.frame.download import asked_format, table_download
from api.pages.words.language import language_of, mark, translations
from fleet.files.table_format import TableFormat
from trips.files.export import ExportedTable, export_table

#: The names of the sheets in exported workbooks.
EXPORT_SHEET_NAMES = {
    ExportedTable.TRIPS: mark("Trips"),
    ExportedTable.ROUND_TRIPS: mark("Round trips"),
}


async def export_trips(request: web.Request) -> web.StreamResponse:
    """Answer with trips or round trips of the data period as a file: ?format=xlsx&vehicle=…"""
    context = request.config_dict[CONTEXT]
    try:
        what = ExportedTable(request.match_info["what"])
    except ValueError:
        raise web.HTTPNotFound from None
    form = asked_format(request.query.get("format", TableFormat.EXCEL))
    period = await context.period()
    if period is None:
        raise web.HTTPNotFound
    table = await export_table(context.pool, what, period, request.query.get("vehicle"))
    if form.for_people:
        table = with_headings(table, what)
    title = translations(language_of(request)).gettext(EXPORT_SHEET_NAMES[what])
    return await table_download(request, table, form, f"{what}-{period.first}-{period.last}", title)
