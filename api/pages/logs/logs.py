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
from urllib.parse import urlencode

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT
from api.pages.frame.download import asked_format, table_download
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.uploads import TABLE_READER, read_upload
from api.pages.logs import views
from api.pages.logs.labels import LABELS
from api.pages.municipality.views import next_step
from api.pages.words.cells import shown_cell
from api.pages.words.formats import Formats
from api.pages.words.language import Language, language_of, mark, translations
from api.pages.words.refusals import said_notes
from fleet.files.table_format import TableFormat
from register.municipality.first_run import checklist
from trips.driving_log import uploads as log_uploads
from trips.driving_log.log_columns import (
    ColumnFault,
    ColumnProblem,
    ColumnsError,
    LogField,
    missing_columns,
)
from trips.driving_log.log_headings import guess_columns
from trips.driving_log.log_import import preview
from trips.driving_log.log_row import LoggedTrip, LogLimits
from trips.driving_log.log_rows import log_limits, reading_notes
from trips.driving_log.log_sheet import LogSheet, cell_text
from trips.driving_log.refusals import RowReason, RowRefusal, refusal_table
from trips.driving_log.uploads import ImportedUpload, WaitingLog

FILE_MISSING = mark("Choose a driving log: CSV, Excel or LibreOffice")

ROW_HEADING = mark("Row")
REASON_HEADING = mark("Why it was refused")
REFUSED_SHEET_NAME = mark("Refused rows")

UPLOADS_SHOWN = 20
PREVIEW_ROWS = 10
REFUSED_SHOWN = 25

#: A number of rows above that of any log.
REFUSED_KEPT = 1_000_000_000


async def show_logs(request: web.Request) -> web.StreamResponse:
    """Show the form for a file, and the latest uploads."""
    return page(request, await _logs(request, {}))


async def upload_log(request: web.Request) -> web.StreamResponse:
    """Store the file and go on to its columns."""
    try:
        name, read = await read_upload(request, TABLE_READER, FILE_MISSING)
    except FormError as refused:
        return page(request, await _logs(request, refused.errors), status=422)
    pool = request.config_dict[CONTEXT].pool
    number = await log_uploads.keep_upload(pool, visitor(request), name, read)
    raise see_other(f"/logs/{number}")


async def show_log(request: web.Request) -> web.StreamResponse:
    """Show the columns of a log that waits, as asked for or guessed, or the report of one that was
    imported."""
    found = await _upload(request)
    if isinstance(found, WaitingLog):
        is_asked = any(field in request.query for field in LogField)
        chosen = _chosen(request.query, found.first) if is_asked else guess_columns(found.first)
        return page(request, await _columns(request, found, chosen, {}))
    language = language_of(request)
    facts = await request.config_dict[CONTEXT].first_run_facts()
    return page(
        request,
        views.LogReportPage(
            upload_id=id_in_path(request, "upload_id"),
            name=found.name,
            trips=found.trips,
            vehicles=found.vehicles,
            refused=found.refused,
            private=found.private,
            known=found.known,
            shown=[
                views.RefusedRow(
                    row=r.row,
                    reason=row_refusal_text(r, language),
                    cells="; ".join(shown_cell(cell, language) for cell in r.cells),
                )
                for r in found.first
            ],
            next_step=next_step(checklist(facts)),
        ),
    )


async def import_uploaded_log(request: web.Request) -> web.StreamResponse:
    """Import the log by the chosen columns, or show its first rows by them. Of a log that was
    imported already only the report is shown."""
    found = await _upload(request)
    number = id_in_path(request, "upload_id")
    if isinstance(found, WaitingLog):
        chosen = _chosen(await read_form(request), found.first)
        if "show" in request.query:  # the address holds the columns, and none of the form's secrets
            asked = urlencode({field.value: chosen.get(field, "") for field in LogField})
            raise see_other(f"/logs/{number}?{asked}")
        pool = request.config_dict[CONTEXT].pool
        try:
            await log_uploads.import_upload(
                pool, visitor(request), number, found.name, chosen, _limits(request)
            )
        except ColumnsError as error:
            columns = await _columns(request, found, chosen, error.faults)
            return page(request, columns, status=422)
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
        request, table, form, f"refused-{request.match_info['upload_id']}", say(REFUSED_SHEET_NAME)
    )


def column_fault_text(fault: ColumnFault, language: Language) -> str:
    """What is wrong with the column of a field, in words."""
    text = translations(language).gettext(LABELS[ColumnProblem][fault.problem])
    return text.format(**fault.values)


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
        has_vehicles=(await context.first_run_facts()).vehicles > 0,
        keep_days=context.settings.log_upload_days,
        errors=errors,
    )


async def _columns(
    request: web.Request,
    found: WaitingLog,
    chosen: Mapping[LogField, str],
    faults: Mapping[LogField, ColumnFault],
) -> views.ColumnsPage:
    sheet, language = found.first, language_of(request)
    first = replace(sheet, rows=sheet.rows[:PREVIEW_ROWS])
    reasons: dict[int, str] = {}
    read: dict[int, LoggedTrip] = {}
    is_settled = not missing_columns(sheet.headings, chosen)
    if is_settled:
        pool = request.config_dict[CONTEXT].pool
        taken, refused = await preview(pool, first, chosen, _limits(request))
        reasons = {refusal.row: row_refusal_text(refusal, language) for refusal in refused}
        read = {trip.row: trip for trip in taken}
    at = {field: sheet.headings.index(heading) for field, heading in chosen.items()}
    return views.ColumnsPage(
        upload_id=id_in_path(request, "upload_id"),
        name=found.name,
        rows=found.rows,
        notes=[*found.notes, *said_notes(found.said, language), *reading_notes(sheet, chosen)],
        headings=[
            (h, _cell(sheet.rows[0], i, language)) for i, h in enumerate(sheet.headings) if h
        ],
        chosen=chosen,
        preview=[
            views.LogRow(
                row=number,
                **_shown(row, at, read.get(number), language),
                reason=reasons.get(number, ""),
                is_private=number in found.private,
                is_empty=not any(cell_text(value) for value in row),
            )
            for number, row in first.numbered()
        ],
        is_settled=is_settled,
        errors={field.value: column_fault_text(fault, language) for field, fault in faults.items()},
    )


def _shown(
    row: tuple[object, ...],
    at: Mapping[LogField, int],
    trip: LoggedTrip | None,
    language: Language,
) -> dict[str, str]:
    """The trip of a row as it is stored, or where it is none, its cells as they stand in the
    file."""
    formats = Formats(language)

    def cells(*fields: LogField) -> list[str]:
        texts = (_cell(row, at[field], language) for field in fields if field in at)
        return [text for text in texts if text]

    vehicle = " ".join(cells(LogField.VEHICLE))
    if trip is not None:
        return {
            "vehicle": vehicle,
            "departure": formats.moment(trip.start),
            "arrival": formats.moment(trip.end),
            "km": formats.figure(trip.km),
        }
    mileage = " – ".join(cells(LogField.KM_START, LogField.KM_END))
    return {
        "vehicle": vehicle,
        "departure": " ".join(cells(LogField.DATE, LogField.START)),
        "arrival": " ".join(cells(LogField.END_DATE, LogField.END)),
        "km": " ".join(cells(LogField.KM)) or mileage,
    }


def _cell(row: tuple[object, ...], index: int, language: Language) -> str:
    return shown_cell(row[index], language) if index < len(row) else ""
