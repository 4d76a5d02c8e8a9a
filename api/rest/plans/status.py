"""The status of quarters of plans, for programs: `/v1/plans/{plan_id}/status`. A report of it that
was kept is one of `/v1/reports`."""

from typing import Annotated

from pydantic import Field

from api.pages.plan_status.status import (
    keep_plan_status,
    plan_status,
    status_pdf,
    status_workbook,
)
from api.pages.reports.documents import CONTENT_TYPE
from api.pages.words.language import Language, mark
from api.rest.frame.bodies import Id, Query, RequestBody, ResponseBody, example
from api.rest.frame.operations import Call, Operation
from api.rest.plans.milestones import QuarterTold
from api.rest.plans.status_told import StatusTold, status_told
from fleet.actor import Permission
from fleet.files.table_format import TableFormat
from fleet.localtime import local_now
from reports.plan_status import PlanStatus
from tracker.quarter import Quarter

PlanYear = Annotated[int, Field(ge=1990, le=2200)]
QuarterNumber = Annotated[int, Field(ge=1, le=4)]


class StatusQuery(Query):
    """The quarter; without one that of today."""

    year: PlanYear | None = None
    quarter: QuarterNumber | None = None

    def of(self) -> Quarter:
        now = Quarter.of(local_now().date())
        return Quarter(self.year or now.year, self.quarter or now.quarter)


class StatusFileQuery(StatusQuery):
    """The quarter, and the language of the file."""

    language: Language = Language.DANISH


class NewStatusBody(RequestBody):
    """The quarter whose status is kept as it is now."""

    model_config = example(year=2026, quarter=4)

    year: PlanYear
    quarter: QuarterNumber


class KeptStatusTold(ResponseBody):
    """The report that was kept, which is one of `/v1/reports`."""

    id: Id
    plan_id: Id
    quarter: QuarterTold


async def show_status(call: Call[StatusQuery]) -> StatusTold:
    return status_told(await _status(call, call.asked.of()))


async def send_pdf(call: Call[StatusFileQuery]) -> bytes:
    return await status_pdf(await _status(call, call.asked.of()), call.asked.language)


async def send_workbook(call: Call[StatusFileQuery]) -> bytes:
    return await status_workbook(await _status(call, call.asked.of()), call.asked.language)


async def keep(call: Call[NewStatusBody]) -> KeptStatusTold:
    plan_id, quarter = call.id("plan_id"), Quarter(call.asked.year, call.asked.quarter)
    report_id = await keep_plan_status(call.context, call.actor, plan_id, quarter)
    return KeptStatusTold(
        id=report_id,
        plan_id=plan_id,
        quarter=QuarterTold(year=quarter.year, quarter=quarter.quarter),
    )


async def _status(call: Call[StatusQuery] | Call[StatusFileQuery], of: Quarter) -> PlanStatus:
    return await plan_status(call.context, call.actor, call.id("plan_id"), of)


_STATUS = "/v1/plans/{plan_id}/status"

STATUS = (
    Operation(
        "GET",
        _STATUS,
        Permission.FIGURES_READ,
        mark("The status of a quarter of a plan: late, promised, changed, and to be decided"),
        StatusQuery,
        StatusTold,
        show_status,
    ),
    Operation(
        "GET",
        f"{_STATUS}.pdf",
        Permission.FIGURES_READ,
        mark("The status of a quarter of a plan as PDF"),
        StatusFileQuery,
        bytes,
        send_pdf,
        content_type=CONTENT_TYPE,
    ),
    Operation(
        "GET",
        f"{_STATUS}.xlsx",
        Permission.FIGURES_READ,
        mark("The status of a quarter of a plan as a workbook of Excel"),
        StatusFileQuery,
        bytes,
        send_workbook,
        content_type=TableFormat.EXCEL.content_type,
    ),
    Operation(
        "POST",
        "/v1/plans/{plan_id}/reports",
        Permission.PLAN_MANAGE,
        mark("Keep the status of a quarter of a plan as it is now"),
        NewStatusBody,
        KeptStatusTold,
        keep,
        located="/v1/reports/{id}",
    ),
)
