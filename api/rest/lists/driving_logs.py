"""The import of driving logs for programs: `/v1/driving-logs`.

A program sends a file, may ask how its first rows are read by some columns, and imports it by them.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from api.pages.frame.uploads import TABLE_READER
from api.pages.words.language import mark
from api.rest.frame.bodies import (
    FileQuery,
    FreeText,
    PageBody,
    PageQuery,
    Query,
    RequestBody,
    ResponseBody,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import cut, key_after
from api.rest.frame.problems import Problem
from fleet.actor import Permission
from ingest.listeners.problem import RefusedPart
from trips.driving_log import uploads as log_uploads
from trips.driving_log.log_columns import ColumnsError, LogField, missing_columns
from trips.driving_log.log_headings import guess_columns
from trips.driving_log.log_import import preview
from trips.driving_log.log_row import LogLimits
from trips.driving_log.log_rows import log_limits
from trips.driving_log.refusals import RowReason, RowRefusal
from trips.driving_log.uploads import ImportedUpload, UploadSummary, WaitingLog

#: The latest logs that are told; they are forgotten after some days.
LOGS_MAX = 100
PREVIEW_ROWS = 10

#: A number of rows above that of any log.
_EVERY = 1_000_000_000

_PLACE: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=0)])

Heading = Annotated[FreeText, Field(min_length=1)]


class LogColumns(RequestBody):
    """The headings of the columns that hold what. A log has the day of a departure in its column of
    times or in one of its own, and the distance as such or as the mileage at departure and at
    return."""

    model_config = example(
        vehicle="Bil", date="Dato", start="Afgang kl.", end="Hjemkomst kl.", km="Km"
    )

    vehicle: Heading
    date: Heading | None = None
    start: Heading
    end_date: Heading | None = None
    end: Heading
    km: Heading | None = None
    km_start: Heading | None = None
    km_end: Heading | None = None

    def chosen(self) -> dict[LogField, str]:
        """The chosen headings."""
        given = {field: getattr(self, field.value) for field in LogField}
        return {field: heading for field, heading in given.items() if heading is not None}


class LogOutcome(ResponseBody):
    """What became of a log: how many trips of how many vehicles were imported, how many rows were
    refused, how many were left out since they were, or may have been, driven in private, and how
    many were imported before."""

    trips: int
    vehicles: int
    refused: int
    private: int
    known: int


class DrivingLog(ResponseBody):
    """A driving log. One that waits has its `headings`, with what each is guessed to hold; one that
    is imported has its outcome."""

    id: int
    name: str
    uploaded_at: datetime | None
    rows: int | None
    headings: list[str]
    guessed: dict[LogField, str]
    outcome: LogOutcome | None


class DrivingLogs(ResponseBody):
    """The latest logs, the last one first."""

    items: list[DrivingLog]


class ReadTrip(ResponseBody):
    """A row of a log as it would be imported, in UTC."""

    row: int
    vehicle_id: str
    start: datetime
    end: datetime
    km: float


class RefusedRow(ResponseBody):
    """A row of a log that is no trip; why, as a code and in words; and its cells, of the columns
    that were named."""

    row: int
    reason: str
    why: str
    cells: list[str]


class LogPreview(ResponseBody):
    """How the first rows of a log are read by some columns. What is stored is compared when the log
    is imported."""

    trips: list[ReadTrip]
    refused: list[RefusedRow]


class RefusedRows(PageBody):
    """The refused rows of a log that is imported, in its order, under these headings."""

    headings: list[str]
    items: list[RefusedRow]


async def send_log(call: Call[FileQuery]) -> DrivingLog:
    name = call.asked.name
    read = await call.context.read_in_own_process(TABLE_READER, name, call.content)
    return await _told(call, await log_uploads.keep_upload(call.pool, call.actor, name, read))


async def show_logs(call: Call[Query]) -> DrivingLogs:
    found = await log_uploads.uploads(call.pool, LOGS_MAX)
    return DrivingLogs(items=[_summary(one) for one in found])


async def show_log(call: Call[Any]) -> DrivingLog:
    return await _told(call, call.id("log_id"))


async def preview_log(call: Call[LogColumns]) -> LogPreview:
    found, chosen = await _waiting(call), call.asked.chosen()
    faults = missing_columns(found.first.headings, _of(found, chosen))
    if faults:
        raise _unfit(ColumnsError(faults))
    first = replace(found.first, rows=found.first.rows[:PREVIEW_ROWS])
    trips, refused = await preview(call.pool, first, chosen, _limits(call))
    return LogPreview(
        trips=[
            ReadTrip(
                row=one.row, vehicle_id=one.vehicle_id, start=one.start, end=one.end, km=one.km
            )
            for one in sorted(trips, key=lambda one: one.row)
        ],
        refused=[_refused(one) for one in refused],
    )


async def import_log(call: Call[LogColumns]) -> DrivingLog:
    """A log that is imported already is left as it is, and its outcome is told."""
    log_id, found = call.id("log_id"), await _log(call)
    if isinstance(found, WaitingLog):
        chosen = _of(found, call.asked.chosen())
        try:
            await log_uploads.import_upload(
                call.pool, call.actor, log_id, found.name, chosen, _limits(call)
            )
        except ColumnsError as error:
            raise _unfit(error) from None
    return await _told(call, log_id)


async def show_refused(call: Call[PageQuery]) -> RefusedRows:
    found = await _log(call, _EVERY)
    if not isinstance(found, ImportedUpload):
        raise Problem(409, "the log waits for its import")
    after = key_after(call.asked, _PLACE)
    placed = list(enumerate(found.first))[0 if after is None else after + 1 :]
    items, more = cut(placed, call.asked.limit, lambda one: one[0])
    return RefusedRows(
        headings=list(found.headings), items=[_refused(one) for _, one in items], next=more
    )


def _limits(call: Call[Any]) -> LogLimits:
    return log_limits(call.context.settings, datetime.now(UTC))


def _of(found: WaitingLog, chosen: Mapping[LogField, str]) -> dict[LogField, str]:
    """The chosen headings, which the log has.

    Raises:
        Problem: it lacks one.
    """
    parts = [
        RefusedPart(None, field.value, f"the log has no column {heading}")
        for field, heading in chosen.items()
        if heading not in found.first.headings
    ]
    if parts:
        raise Problem(422, "the log has no such column", parts)
    return dict(chosen)


def _unfit(error: ColumnsError) -> Problem:
    parts = [RefusedPart(None, field.value, str(fault)) for field, fault in error.faults.items()]
    return Problem(422, "by these columns no row is a trip", parts)


async def _log(call: Call[Any], refused: int = 0) -> WaitingLog | ImportedUpload:
    """The log in the address.

    Raises:
        Problem: there is none, or no longer.
    """
    log_id = call.id("log_id")
    found = await log_uploads.upload_of(call.pool, log_id, refused)
    if found is None:
        raise Problem(404, f"there is no driving log {log_id}")
    return found


async def _waiting(call: Call[Any]) -> WaitingLog:
    """The log in the address, which waits.

    Raises:
        Problem: there is none, or it is imported.
    """
    found = await _log(call)
    if not isinstance(found, WaitingLog):
        raise Problem(409, "the log is imported already")
    return found


async def _told(call: Call[Any], log_id: int) -> DrivingLog:
    found = await log_uploads.upload_of(call.pool, log_id, 0)
    if found is None:
        raise Problem(404, f"there is no driving log {log_id}")
    if isinstance(found, WaitingLog):
        return DrivingLog(
            id=log_id,
            name=found.name,
            uploaded_at=None,
            rows=found.rows,
            headings=[one for one in found.first.headings if one],
            guessed=dict(guess_columns(found.first)),
            outcome=None,
        )
    return DrivingLog(
        id=log_id,
        name=found.name,
        uploaded_at=None,
        rows=None,
        headings=list(found.headings),
        guessed={},
        outcome=LogOutcome(
            trips=found.trips,
            vehicles=found.vehicles,
            refused=found.refused,
            private=found.private,
            known=found.known,
        ),
    )


def _summary(one: UploadSummary) -> DrivingLog:
    outcome = None
    if one.trips is not None and one.vehicles is not None and one.refused is not None:
        outcome = LogOutcome(
            trips=one.trips,
            vehicles=one.vehicles,
            refused=one.refused,
            private=one.private,
            known=one.known,
        )
    return DrivingLog(
        id=one.upload_id,
        name=one.name,
        uploaded_at=one.uploaded_at,
        rows=None,
        headings=[],
        guessed={},
        outcome=outcome,
    )


def _refused(one: RowRefusal) -> RefusedRow:
    return RefusedRow(
        row=one.row, reason=RowReason(one.reason).name.lower(), why=str(one), cells=list(one.cells)
    )


NEED = Permission.LOGS_IMPORT

DRIVING_LOGS = (
    Operation(
        "POST",
        "/v1/driving-logs",
        NEED,
        mark("Send a driving log: CSV, Excel or LibreOffice; nothing is imported yet"),
        FileQuery,
        DrivingLog,
        send_log,
        located="/v1/driving-logs/{id}",
        takes_file=True,
    ),
    Operation(
        "GET",
        "/v1/driving-logs",
        NEED,
        mark("The latest driving logs"),
        Query,
        DrivingLogs,
        show_logs,
    ),
    Operation(
        "GET",
        "/v1/driving-logs/{log_id}",
        NEED,
        mark("One driving log"),
        Query,
        DrivingLog,
        show_log,
    ),
    Operation(
        "POST",
        "/v1/driving-logs/{log_id}/preview",
        NEED,
        mark("How the first rows of a driving log are read by some columns"),
        LogColumns,
        LogPreview,
        preview_log,
        conflict="the log is imported already",
    ),
    Operation(
        "POST",
        "/v1/driving-logs/{log_id}/import",
        NEED,
        mark("Import a driving log by some columns; rows that are no trips stay out"),
        LogColumns,
        DrivingLog,
        import_log,
    ),
    Operation(
        "GET",
        "/v1/driving-logs/{log_id}/refused",
        NEED,
        mark("Every row of a driving log that was refused, and why"),
        PageQuery,
        RefusedRows,
        show_refused,
        conflict="the log waits for its import",
    ),
)
