"""The documents of rounds for programs: `/v1/rounds/{round_id}/report.pdf`."""

from typing import Annotated

from pydantic import Field

from api.pages.reports.documents import CONTENT_TYPE, report_pdf
from api.pages.words.language import Language, mark
from api.rest.frame.bodies import Query
from api.rest.frame.operations import Call, Operation
from api.rest.frame.problems import Problem
from fleet.actor import Permission
from optimiser.rounds.overview import done_version


class ReportQuery(Query):
    """The language of a document."""

    language: Annotated[Language, Field(strict=False)] = Language.DANISH


async def send_report(call: Call[ReportQuery]) -> bytes:
    round_id = call.id("round_id")
    found = await done_version(call.pool, round_id)
    if found is None:
        raise Problem(404, f"there is no round {round_id} that is done")
    return await report_pdf(call.request, found, call.asked.language)


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
)
