"""Reports that were kept for programs: `/v1/reports`."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, model_validator

from api.pages.pilot_end.documents import keep_evaluation_page, keep_roll_out_page
from api.pages.pilot_end.evaluation import evaluation_page
from api.pages.plan_status.status import status_workbook
from api.pages.reports.documents import CONTENT_TYPE
from api.pages.reports.kept import keep_round, kept_pdf
from api.pages.words.language import mark
from api.rest.frame.bodies import (
    Day,
    PageBody,
    PageQuery,
    Query,
    RequestBody,
    ResponseBody,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import page_of
from api.rest.frame.problems import Problem
from api.rest.pilot_end.asked import EvaluationQuery, days_asked
from api.rest.plans.status_told import MoveTold, StatusTold, move_told, status_told
from api.rest.rounds.reports import ReportQuery
from db.connect import Pool
from fleet.actor import Permission
from fleet.files.table_format import TableFormat
from optimiser.depot.decision_key import Action
from optimiser.rounds.decisions import Verdict
from optimiser.rounds.overview import latest_round
from reports.frozen import FigureName, FrozenProposal, FrozenReport, ReportKind, differences
from reports.kept import KeptReport, kept_reports, read_report


class NewReport(RequestBody):
    """The report to keep as it is now: that of the latest `round`, the `evaluation` of the pilot or
    the `roll_out` plan; that of a quarter of a plan is kept at its plan. Only an evaluation has
    days: those of its two periods; absent: those of the first round, and the latest weeks."""

    model_config = example(kind="round")

    kind: Annotated[ReportKind, Field(strict=False)]
    before_from: Day | None = None
    before_to: Day | None = None
    after_from: Day | None = None
    after_to: Day | None = None

    @model_validator(mode="after")
    def _has_days(self) -> "NewReport":
        days = self.before_from, self.before_to, self.after_from, self.after_to
        if self.kind is ReportKind.STATUS:
            raise ValueError("the status of a quarter is kept at /v1/plans/{plan_id}/reports")
        if self.kind is not ReportKind.EVALUATION and days != (None,) * len(days):
            raise ValueError("only an evaluation has days")
        return self


class ReportTold(ResponseBody):
    """A report that was kept. One of a round has the number and the version of it, one of a quarter
    of a plan its plan and the first day of the quarter. `digest` is the SHA-256 of what it says."""

    id: int
    kind: ReportKind
    round_id: int | None
    number: int | None
    version: int | None
    plan_id: int | None
    quarter: date | None
    made_at: datetime
    made_by: str
    digest: str


class Reports(PageBody):
    """Reports that were kept, in the order of their ids."""

    items: list[ReportTold]


class ProposalKept(ResponseBody):
    """A proposal as it stood; `key` names the same decision in every version of a round. kr. and
    tonnes are a year. `together` are the other vehicles, or new kinds, with which it is decided as
    one."""

    key: str
    action: Action
    vehicle: str | None
    new_kind: str | None
    departments: list[str]
    depot: str
    saving_kr_year: float
    saving_co2_t_year: float
    verdict: Verdict | None
    together: list[str]


class WholeReport(ReportTold):
    """A report with what it says. `status` is that of a quarter of a plan."""

    figures: dict[FigureName, float]
    proposals: list[ProposalKept]
    status: StatusTold | None


class FigureChanged(ResponseBody):
    """A figure of the earlier report and of the later one."""

    name: FigureName
    before: float
    after: float


class ProposalChanged(ResponseBody):
    """A proposal that the two reports tell differently; null: one of them has none such."""

    before: ProposalKept | None
    after: ProposalKept | None


class ReportsCompared(ResponseBody):
    """How two reports differ, of which `before` is the earlier one."""

    before: ReportTold
    after: ReportTold
    figures: list[FigureChanged]
    proposals: list[ProposalChanged]
    milestones: list[MoveTold]


async def list_reports(call: Call[PageQuery]) -> Reports:
    found = await kept_reports(call.pool)
    items, more = page_of(found, call.asked, lambda one: f"{one.report_id:019}")
    return Reports(items=[_told(one) for one in items], next=more)


async def keep(call: Call[NewReport]) -> WholeReport:
    return _whole(*await _report(call.pool, await _keep(call)))


async def _keep(call: Call[NewReport]) -> int:
    asked = call.asked
    if asked.kind is ReportKind.ROLL_OUT:
        return await keep_roll_out_page(call.request)
    if asked.kind is ReportKind.EVALUATION:
        days = days_asked(EvaluationQuery.model_validate(asked.model_dump(exclude={"kind"})))
        view = await evaluation_page(call.request, days=days)
        report_id = await keep_evaluation_page(call.request, view)
        if report_id is None:
            raise Problem(404, "there is no period before to compare with")
        return report_id
    found = await latest_round(call.pool)
    if found is None:
        raise Problem(404, "there is no round yet that is done")
    return await keep_round(call.request, found)


async def show_report(call: Call[Query]) -> WholeReport:
    return _whole(*await _report(call.pool, call.id("report_id")))


async def send_pdf(call: Call[ReportQuery]) -> bytes:
    _, report = await _report(call.pool, call.id("report_id"))
    return await kept_pdf(report, call.asked.language)


async def send_workbook(call: Call[ReportQuery]) -> bytes:
    kept, report = await _report(call.pool, call.id("report_id"))
    if report.status is None:
        raise Problem(404, f"report {kept.report_id} has no workbook")
    return await status_workbook(report.status, call.asked.language)


async def compare(call: Call[Query]) -> ReportsCompared:
    one = await _report(call.pool, call.id("report_id"))
    other = await _report(call.pool, call.id("other_id"))
    if (one[0].kind, one[0].plan_id) != (other[0].kind, other[0].plan_id):
        raise Problem(422, "reports of two sorts or plans have no figure in common")
    before, after = sorted((one, other), key=lambda found: found[0].report_id)
    found = differences(before[1], after[1])
    return ReportsCompared(
        before=_told(before[0]),
        after=_told(after[0]),
        figures=[
            FigureChanged(name=name, before=then, after=now) for name, then, now in found.figures
        ],
        proposals=[
            ProposalChanged(
                before=None if change.before is None else _proposal(change.before),
                after=None if change.after is None else _proposal(change.after),
            )
            for change in found.proposals
        ],
        milestones=[move_told(one) for one in found.moves],
    )


async def _report(pool: Pool, report_id: int) -> tuple[KeptReport, FrozenReport]:
    """A report that was kept.

    Raises:
        Problem: there is none. Of other departments not even that there is one is told.
    """
    found = await read_report(pool, report_id)
    if found is None:
        raise Problem(404, f"there is no report {report_id}")
    return found


def _told(kept: KeptReport) -> ReportTold:
    return ReportTold(**_parts(kept))


def _whole(kept: KeptReport, report: FrozenReport) -> WholeReport:
    return WholeReport(
        **_parts(kept),
        figures=dict(report.figures),
        proposals=[_proposal(one) for one in report.proposals],
        status=None if report.status is None else status_told(report.status),
    )


def _parts(kept: KeptReport) -> dict[str, Any]:
    parts = asdict(kept)
    return {"id": parts.pop("report_id"), **parts}


def _proposal(one: FrozenProposal) -> ProposalKept:
    return ProposalKept.model_validate(asdict(one))


_ONE = "/v1/reports/{report_id}"

KEPT = (
    Operation(
        "GET",
        "/v1/reports",
        Permission.FIGURES_READ,
        mark("The reports that were kept"),
        PageQuery,
        Reports,
        list_reports,
    ),
    Operation(
        "POST",
        "/v1/reports",
        Permission.ROUNDS_REQUEST,
        mark("Keep a report as it is now"),
        NewReport,
        WholeReport,
        keep,
        located="/v1/reports/{id}",
    ),
    Operation(
        "GET",
        _ONE,
        Permission.FIGURES_READ,
        mark("One report that was kept, with what it says"),
        Query,
        WholeReport,
        show_report,
    ),
    Operation(
        "GET",
        "/v1/reports/{report_id}/report.pdf",
        Permission.FIGURES_READ,
        mark("A report as it was kept, as PDF"),
        ReportQuery,
        bytes,
        send_pdf,
        content_type=CONTENT_TYPE,
    ),
    Operation(
        "GET",
        "/v1/reports/{report_id}/report.xlsx",
        Permission.FIGURES_READ,
        mark("A report of a quarter of a plan as it was kept, as a workbook of Excel"),
        ReportQuery,
        bytes,
        send_workbook,
        content_type=TableFormat.EXCEL.content_type,
    ),
    Operation(
        "GET",
        "/v1/reports/{report_id}/since/{other_id}",
        Permission.FIGURES_READ,
        mark("How a report differs from another one"),
        Query,
        ReportsCompared,
        compare,
    ),
)
