"""The documents of rounds and of the end of the pilot for programs, as files:
`/v1/rounds/{round_id}/report.pdf` and the others."""

from typing import Annotated

from pydantic import Field

from api.pages.pilot_end.documents import view_pdf
from api.pages.pilot_end.evaluation import evaluation_page
from api.pages.pilot_end.roll_out import roll_out_page
from api.pages.reports.documents import (
    ARCHIVE_TYPE,
    CONTENT_TYPE,
    certificate_archive,
    council_pdf,
    report_pdf,
    report_workbook,
)
from api.pages.words.language import Language, mark
from api.rest.frame.bodies import Query
from api.rest.frame.operations import Call, Operation
from api.rest.frame.problems import Problem
from api.rest.pilot_end.asked import EvaluationQuery, days_asked
from fleet.actor import Permission
from fleet.files.table_format import TableFormat
from optimiser.rounds.overview import Round, done_version


class ReportQuery(Query):
    """The language of a document."""

    language: Annotated[Language, Field(strict=False)] = Language.DANISH


class EvaluationReportQuery(EvaluationQuery):
    """The language of the evaluation, and the days of its two periods; absent: those of the first
    round, and the latest weeks."""

    language: Annotated[Language, Field(strict=False)] = Language.DANISH


async def send_report(call: Call[ReportQuery]) -> bytes:
    return await report_pdf(call.request, await _round(call), call.asked.language)


async def send_council(call: Call[ReportQuery]) -> bytes:
    return await council_pdf(call.request, await _round(call), call.asked.language)


async def send_tables(call: Call[ReportQuery]) -> bytes:
    return await report_workbook(call.request, await _round(call), call.asked.language)


async def send_certificate(call: Call[ReportQuery]) -> bytes:
    found = await _round(call)
    content = await certificate_archive(call.request, found, call.asked.language)
    if content is None:
        raise Problem(404, f"nothing is proven of the round {found.round_id}")
    return content[1]


async def send_evaluation(call: Call[EvaluationReportQuery]) -> bytes:
    view = await evaluation_page(call.request, days=days_asked(call.asked))
    return await view_pdf(call.request, view, call.asked.language)


async def send_roll_out(call: Call[ReportQuery]) -> bytes:
    return await view_pdf(call.request, await roll_out_page(call.request), call.asked.language)


async def _round(call: Call[ReportQuery]) -> Round:
    """The version of a round in the address.

    Raises:
        Problem: it is not done, or there is none.
    """
    round_id = call.id("round_id")
    found = await done_version(call.pool, round_id)
    if found is None:
        raise Problem(404, f"there is no round {round_id} that is done")
    return found


REPORTS = (
    Operation(
        "GET",
        "/v1/rounds/{round_id}/report.pdf",
        Permission.FIGURES_READ,
        mark("The report of one version of a round, as PDF"),
        ReportQuery,
        bytes,
        send_report,
        content_type=CONTENT_TYPE,
    ),
    Operation(
        "GET",
        "/v1/rounds/{round_id}/council.pdf",
        Permission.FIGURES_READ,
        mark("The page of a version of a round for the council, as PDF"),
        ReportQuery,
        bytes,
        send_council,
        content_type=CONTENT_TYPE,
    ),
    Operation(
        "GET",
        "/v1/rounds/{round_id}/report.xlsx",
        Permission.FIGURES_READ,
        mark("Every table of the report of a version of a round, as Excel"),
        ReportQuery,
        bytes,
        send_tables,
        content_type=TableFormat.EXCEL.content_type,
    ),
    Operation(
        "GET",
        "/v1/rounds/{round_id}/certificate.zip",
        Permission.TRACKS_READ,
        mark("The proof of a version of a round with the files by which it is checked again"),
        ReportQuery,
        bytes,
        send_certificate,
        content_type=ARCHIVE_TYPE,
    ),
    Operation(
        "GET",
        "/v1/evaluation/report.pdf",
        Permission.FIGURES_READ,
        mark("The evaluation of the pilot, as PDF"),
        EvaluationReportQuery,
        bytes,
        send_evaluation,
        content_type=CONTENT_TYPE,
    ),
    Operation(
        "GET",
        "/v1/roll-out/report.pdf",
        Permission.FIGURES_READ,
        mark("The roll-out plan, as PDF"),
        ReportQuery,
        bytes,
        send_roll_out,
        content_type=CONTENT_TYPE,
    ),
)
