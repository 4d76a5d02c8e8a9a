"""The pages of driving logs: GET and POST /logs, GET and POST /logs/{upload_id}, GET
/logs/{upload_id}/refused.

A person uploads a file. The page guesses its columns and shows how the first rows are read by them,
and the person settles them. Then the file is imported, and rows that do not fit are reported with
their reasons.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT
from api.pages.frame.download import asked_format, table_download
from api.pages.frame.form_body import UploadedFile, read_form
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.logs import views
from api.pages.logs.labels import LABELS
from api.pages.words.formats import Formats
from api.pages.words.language import Language, language_of, mark, translations
from api.pages.words.refusals import refusal_text
from fleet.files.refusal import FileRefusedError
from fleet.files.table_format import TableFormat
from trips.driving_log import uploads as log_uploads
from trips.driving_log.log_import import preview
from trips.driving_log.log_rows import (
    LogField,
    LoggedTrip,
    LogLimits,
    LogSheet,
    RowReason,
    RowRefusal,
    guess_columns,
    log_limits,
    reading_notes,
    refusal_table,
)
from trips.driving_log.uploads import ImportedUpload, WaitingLog

FILE_MISSING = mark("Choose a driving log: CSV, Excel or LibreOffice")
COLUMN_MISSING = mark("Choose the column that holds this")

ROW_HEADING = mark("Row")
REASON_HEADING = mark("Why it was refused")
REFUSED_SHEET_NAME = mark("Refused rows")

UPLOADS_SHOWN = 20
PREVIEW_ROWS = 10
REFUSED_SHOWN = 50

#: A number of rows above that of any log.
REFUSED_KEPT = 1_000_000_000


async def show_logs(request: web.Request) -> web.StreamResponse:
    """Show the form for a file, and the latest uploads."""
    return page(request, await _logs(request, {}))


async def upload_log(request: web.Request) -> web.StreamResponse:
    """Store the file and go on to its columns."""
    context = request.config_dict[CONTEXT]
    sent = (await read_form(request)).get("file")
    if not isinstance(sent, UploadedFile) or not sent.name:
        return page(request, await _logs(request, {"file": FILE_MISSING}), status=422)
    try:
        read = await context.read_in_own_process(
            "fleet.files.cells:read_packed", sent.name, sent.content
        )
    except FileRefusedError as refused:
        errors = {"file": refusal_text(refused, language_of(request))}
        return page(request, await _logs(request, errors), status=422)
    number = await log_uploads.keep_upload(context.pool, sent.name, read)
    raise see_other(f"/logs/{number}")


async def show_log(request: web.Request) -> web.StreamResponse:
    """Show the columns of a log that waits, as asked for or guessed, or the report of one that was
    imported."""
    found = await _upload(request)
    if isinstance(found, WaitingLog):
        chosen = guess_columns(found.first.headings) | _chosen(request.query, found.first)
        return page(request, await _columns(request, found, chosen, {}))
    language = language_of(request)
    return page(
        request,
        views.LogReportPage(
            upload_id=id_in_path(request, "upload_id"),
            name=found.name,
            trips=found.trips,
            vehicles=found.vehicles,
            refused=found.refused,
            private=found.private,
            shown=[
                views.RefusedRow(
                    row=r.row, reason=row_refusal_text(r, language), cells="; ".join(r.cells)
                )
                for r in found.first
            ],
        ),
    )


async def import_uploaded_log(request: web.Request) -> web.StreamResponse:
    """Import the log by the chosen columns. Of a log that was imported already only the report is
    shown."""
    found = await _upload(request)
    number = id_in_path(request, "upload_id")
    if isinstance(found, WaitingLog):
        chosen = _chosen(await read_form(request), found.first)
        errors = {field.value: COLUMN_MISSING for field in LogField if field not in chosen}
        if errors:
            return page(request, await _columns(request, found, chosen, errors), status=422)
        pool = request.config_dict[CONTEXT].pool
        await log_uploads.import_upload(
            pool, visitor(request), number, found.name, chosen, _limits(request)
        )
    raise see_other(f"/logs/{number}")


async def refused_rows(request: web.Request) -> web.StreamResponse:
    """Answer with the refused rows as a file: ?format=xlsx"""
    found = await _upload(request, REFUSED_KEPT)
    if not isinstance(found, ImportedUpload):
        raise web.HTTPNotFound
    form = asked_format(request.query.get("format", TableFormat.EXCEL))
    language = language_of(request)
    say = translations(language).gettext
    table = refusal_table(
        found.headings,
        found.first,
        lambda r: row_refusal_text(r, language),
        (say(ROW_HEADING), say(REASON_HEADING)),
    )
    return await table_download(
        table, form, f"refused-{request.match_info['upload_id']}", say(REFUSED_SHEET_NAME)
    )


def row_refusal_text(refusal: RowRefusal, language: Language) -> str:
    """The reason of a refusal, in words."""
    text = translations(language).gettext(LABELS[RowReason][refusal.reason])
    formats = Formats(language)
    return text.format(
        **{
            name: formats.number(value, 1) if isinstance(value, float) else value
            for name, value in refusal.values.items()
        }
    )


def _limits(request: web.Request) -> LogLimits:
    return log_limits(request.config_dict[CONTEXT].settings, datetime.now(UTC))


def _chosen(fields: Mapping[str, Any], sheet: LogSheet) -> dict[LogField, str]:
    """The chosen columns that the sheet has."""
    return {field: fields[field] for field in LogField if fields.get(field) in sheet.headings}


async def _upload(
    request: web.Request, refused: int = REFUSED_SHOWN
) -> WaitingLog | ImportedUpload:
    pool = request.config_dict[CONTEXT].pool
    found = await log_uploads.upload_of(pool, id_in_path(request, "upload_id"), refused)
    if found is None:
        raise web.HTTPNotFound
    return found


async def _logs(request: web.Request, errors: Mapping[str, str]) -> views.LogsPage:
    context = request.config_dict[CONTEXT]
    return views.LogsPage(
        uploads=await log_uploads.uploads(context.pool, UPLOADS_SHOWN),
        keep_days=context.settings.log_upload_days,
        errors=errors,
    )


async def _columns(
    request: web.Request, found: WaitingLog, chosen: dict[LogField, str], errors: Mapping[str, str]
) -> views.ColumnsPage:
    sheet, language = found.first, language_of(request)
    first = replace(sheet, rows=sheet.rows[:PREVIEW_ROWS])
    reasons: dict[int, str] = {}
    read: dict[int, LoggedTrip] = {}
    if len(chosen) == len(LogField):
        pool = request.config_dict[CONTEXT].pool
        taken, refused = await preview(pool, first, chosen, _limits(request))
        reasons = {refusal.row: row_refusal_text(refusal, language) for refusal in refused}
        read = {trip.row: trip for trip in taken}
    at = {field: sheet.headings.index(heading) for field, heading in chosen.items()}

    def cell(row: tuple[object, ...], index: int) -> str:
        return str(row[index]).strip() if index < len(row) else ""

    return views.ColumnsPage(
        upload_id=id_in_path(request, "upload_id"),
        name=found.name,
        rows=found.rows,
        notes=[*found.notes, *reading_notes(sheet, chosen)],
        headings=[(h, cell(sheet.rows[0], i)) for i, h in enumerate(sheet.headings) if h],
        chosen=chosen,
        preview=[
            views.LogRow(
                row=number,
                cells={field: cell(row, index) for field, index in at.items()}
                | _as_read(read.get(number), Formats(language)),
                reason=reasons.get(number, ""),
                is_private=number in found.private,
                is_empty=not any(str(value).strip() for value in row),
            )
            for number, row in enumerate(first.rows, start=2)
        ],
        errors=errors,
    )


def _as_read(trip: LoggedTrip | None, formats: Formats) -> dict[LogField, str]:
    """The cells of a row that fits, as they are stored; empty for another row, which is shown as it
    stands in the file."""
    if trip is None:
        return {}
    return {
        LogField.START: formats.moment(trip.start),
        LogField.END: formats.moment(trip.end),
        LogField.KM: formats.figure(trip.km),
    }
