"""Plans as files, for programs: taken from a PLAN.json, read again, and exported as one."""

import asyncio
import hashlib
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError

from api.pages.words.language import mark
from api.rest.frame.bodies import Id, Name, Query, RequestBody, ResponseBody, Revision, example
from api.rest.frame.operations import Call, Operation
from api.rest.frame.problems import Problem, unreadable
from fleet.actor import Permission
from fleet.files.refusal import FileRefusedError
from fleet.files.table_format import TableFormat
from reports.plan_tables import (
    CSV_END,
    EXCEL_END,
    JSON_END,
    PLAN_TABLE_READER,
    plan_bytes,
    table_end,
)
from tracker.documents.again import take_again
from tracker.documents.exporting import export_plan
from tracker.documents.matching import going_on
from tracker.documents.next_year import take_next_year
from tracker.documents.taking import SourceFile, take_plan
from tracker.importer.plan_file import PlanFile
from tracker.matching.compare import compare


class PlanFileQuery(RequestBody):
    """The document that the PLAN.json in the body was read from: the name of its file, and its
    SHA-256 in hexadecimal digits; without one, that of the body. `confirmed`: a person has
    confirmed the quarters whose numbers the document had lost."""

    model_config = example(name="plan.json") | ConfigDict(extra="forbid", strict=False)

    name: Annotated[Name, Field(description="the name of the document's file")]
    digest: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None
    confirmed: bool = False

    def source(self, content: bytes) -> SourceFile:
        return SourceFile(self.name, self.digest or hashlib.sha256(content).hexdigest())


class NewPlanQuery(PlanFileQuery):
    """The document, and what people are to call the plan. `follows` is the plan of the year before:
    what surely goes on keeps its owners."""

    follows: Id | None = None
    plan_name: Annotated[str, Field(max_length=128)] = ""


class AgainQuery(PlanFileQuery):
    """The corrected document, and the revision of the plan that was read."""

    revision: Revision | None = None


class TakenTold(ResponseBody):
    """The plan that was taken."""

    id: int
    milestones: int


class ReadAgainTold(ResponseBody):
    """What the corrected document did, by the ids of milestones. `gone` are those that it lacks,
    and `back` those that an earlier one lacked."""

    same: list[str]
    changed: list[str]
    added: list[str]
    gone: list[str]
    back: list[str]


async def take(call: Call[NewPlanQuery]) -> TakenTold:
    read = await _plan_file(call)
    source, name = call.asked.source(call.content), call.asked.plan_name
    confirmed, follows = _confirmed(call.asked, read), call.asked.follows
    if follows is None:
        plan_id = await take_plan(
            call.pool, call.actor, source, read, name=name, confirmed=confirmed
        )
    else:
        goes_on = going_on(compare(await export_plan(call.pool, follows), read))
        taken = await take_next_year(
            call.pool, call.actor, follows, source, read, goes_on, name=name, confirmed=confirmed
        )
        plan_id = taken.plan_id
    return TakenTold(id=plan_id, milestones=len(read.milestones))


async def again(call: Call[AgainQuery]) -> ReadAgainTold:
    read = await _plan_file(call)
    found = await take_again(
        call.pool,
        call.actor,
        call.id("plan_id"),
        call.asked.source(call.content),
        read,
        confirmed=_confirmed(call.asked, read),
        seen=call.asked.revision,
    )
    return ReadAgainTold(
        same=list(found.same),
        changed=list(found.changed),
        added=list(found.added),
        gone=list(found.gone),
        back=list(found.back),
    )


async def export(call: Call[Query]) -> bytes:
    return plan_bytes(await export_plan(call.pool, call.id("plan_id")), JSON_END)


async def export_excel(call: Call[Query]) -> bytes:
    read = await export_plan(call.pool, call.id("plan_id"))
    return await asyncio.to_thread(plan_bytes, read, EXCEL_END)


async def export_csv(call: Call[Query]) -> bytes:
    return plan_bytes(await export_plan(call.pool, call.id("plan_id")), CSV_END)


def _confirmed(asked: PlanFileQuery, read: PlanFile) -> list[str]:
    return [one.id for one in read.milestones if one.inferred] if asked.confirmed else []


async def _plan_file(call: Call[Any]) -> PlanFile:
    """The plan in a body: a PLAN.json, or a workbook or CSV that was exported.

    Raises:
        Problem: it is none.
    """
    content, end = call.content, table_end(call.content)
    if end:
        try:
            found = await call.context.read_in_own_process(PLAN_TABLE_READER, f"plan{end}", content)
        except FileRefusedError as refused:
            raise Problem(422, str(refused)) from None
        return PlanFile.model_validate(found.answer["plan"])
    try:
        return PlanFile.model_validate_json(content)
    except ValidationError as invalid:
        raise unreadable(invalid) from None


DOCUMENTS = (
    Operation(
        "POST",
        "/v1/plans",
        Permission.PLAN_MANAGE,
        mark("Take a plan that was read from a document and confirmed: a PLAN.json, Excel or CSV"),
        NewPlanQuery,
        TakenTold,
        take,
        conflict=mark("the document is that of a plan that is here"),
        located="/v1/plans/{id}",
        takes_file=True,
    ),
    Operation(
        "POST",
        "/v1/plans/{plan_id}/readings",
        Permission.PLAN_MANAGE,
        mark("Take a corrected document of a plan; what people said stays"),
        AgainQuery,
        ReadAgainTold,
        again,
        conflict=mark(
            "somebody changed the plan since it was read, it came with the system, or the document"
            " is that of another plan"
        ),
        takes_file=True,
    ),
    Operation(
        "GET",
        "/v1/plans/{plan_id}/plan.xlsx",
        Permission.FIGURES_READ,
        mark("A plan as a workbook of Excel, which can be taken again without a difference"),
        Query,
        bytes,
        export_excel,
        content_type=TableFormat.EXCEL.content_type,
    ),
    Operation(
        "GET",
        "/v1/plans/{plan_id}/plan.csv",
        Permission.FIGURES_READ,
        mark("A plan as CSV, which can be taken again without a difference"),
        Query,
        bytes,
        export_csv,
        content_type=TableFormat.CSV.content_type,
    ),
    Operation(
        "GET",
        "/v1/plans/{plan_id}/plan.json",
        Permission.FIGURES_READ,
        mark("A plan as a PLAN.json, which can be taken again without a difference"),
        Query,
        bytes,
        export,
        content_type="application/json",
    ),
)
