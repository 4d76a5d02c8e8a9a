"""Plans as files, for programs: taken from a PLAN.json, read again, and exported as one."""

import asyncio
import hashlib
from datetime import date
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
from tracker.documents.comparing import compare_again, compare_next
from tracker.documents.exporting import export_plan
from tracker.documents.matching import Answers
from tracker.documents.next_year import take_next_year
from tracker.documents.taking import SourceFile, take_plan
from tracker.documents.targets import open_targets
from tracker.importer.plan_file import MilestoneId, PlanFile
from tracker.plans import plan

_TargetKey = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]


class AnsweredPlanFile(PlanFile):
    """A PLAN.json, and beside its parts the `answers` to what a comparison asks: by the id in the
    file that of the milestone here that is the same, null where it is a new one. `targets` are the
    numbers in milestones that are to be indicators, such as `m012=20 køretøjer`: the id in the
    file, the number and its unit. None becomes one unasked."""

    answers: dict[MilestoneId, Name | None] = Field(default_factory=dict[str, Name | None])
    targets: Annotated[list[_TargetKey], Field(max_length=2_000)] = Field(default_factory=list[str])

    def given(self, *, rest_is_new: bool) -> Answers:
        same = {one: known for one, known in self.answers.items() if known is not None}
        new = self.answers.keys() - same.keys()
        return Answers(same=same, new=new, rest_is_new=rest_is_new)


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
    what goes on keeps its owners. Where that is not sure the body has `answers`, or `rest_is_new`
    says that each milestone without one is new."""

    follows: Id | None = None
    rest_is_new: bool = False
    plan_name: Annotated[str, Field(max_length=128)] = ""


class AgainQuery(PlanFileQuery):
    """The corrected document, and the revision of the plan that was read. Where it is not sure
    which milestones are the same the body has `answers`, or `rest_is_new` says that each without
    one is new."""

    revision: Revision | None = None
    rest_is_new: bool = False


class ComparisonQuery(RequestBody):
    """With what the PLAN.json in the body is compared: `next_year` is the plan of the year after,
    and not a corrected document."""

    model_config = example(name="plan.json") | ConfigDict(extra="forbid", strict=False)

    name: Annotated[Name, Field(description="the name of the document's file")]
    next_year: bool = False


class CandidateTold(ResponseBody):
    """A milestone of the plan that one of the document may be."""

    id: str
    text: str


class QuestionTold(ResponseBody):
    """A milestone of the document, by its id there, and those of the plan that it may be."""

    id: str
    text: str
    candidates: list[CandidateTold]


class ComparisonTold(ResponseBody):
    """A document beside a plan, of which nothing is stored: the milestones that are the same, with
    their ids here by those in the file, and what is to be answered. `revision` is that of the
    plan."""

    file_name: str
    revision: int
    same: dict[str, str]
    questions: list[QuestionTold]


class TargetTold(ResponseBody):
    """A number in a milestone that may be the target of an indicator, which has this name, unit,
    target and day then."""

    milestone_id: str
    text: str
    name: str
    unit: str
    target: float
    target_day: date | None


class TargetsTold(ResponseBody):
    """The numbers in the milestones of a plan that are the target of no indicator of theirs."""

    items: list[TargetTold]


class TakenTold(ResponseBody):
    """The plan that was taken."""

    id: int
    milestones: int


class ReadAgainTold(ResponseBody):
    """The effect of the corrected document, by the ids of milestones. `gone` are those that it
    lacks, and `back` those that an earlier one lacked."""

    same: list[str]
    changed: list[str]
    added: list[str]
    gone: list[str]
    back: list[str]


async def take(call: Call[NewPlanQuery]) -> TakenTold:
    body = await _plan_file(call)
    read = _without_answers(body)
    source, name = call.asked.source(call.content), call.asked.plan_name
    confirmed, follows = _confirmed(call.asked, read), call.asked.follows
    if follows is None:
        plan_id = await take_plan(
            call.pool,
            call.actor,
            source,
            read,
            name=name,
            confirmed=confirmed,
            targets=body.targets,
        )
    else:
        taken = await take_next_year(
            call.pool,
            call.actor,
            follows,
            source,
            read,
            answers=body.given(rest_is_new=call.asked.rest_is_new),
            name=name,
            confirmed=confirmed,
            targets=body.targets,
        )
        plan_id = taken.plan_id
    return TakenTold(id=plan_id, milestones=len(read.milestones))


async def again(call: Call[AgainQuery]) -> ReadAgainTold:
    body = await _plan_file(call)
    read = _without_answers(body)
    found = await take_again(
        call.pool,
        call.actor,
        call.id("plan_id"),
        call.asked.source(call.content),
        read,
        confirmed=_confirmed(call.asked, read),
        answers=body.given(rest_is_new=call.asked.rest_is_new),
        targets=body.targets,
        seen=call.asked.revision,
    )
    return ReadAgainTold(
        same=list(found.same),
        changed=list(found.changed),
        added=list(found.added),
        gone=list(found.gone),
        back=list(found.back),
    )


async def comparison(call: Call[ComparisonQuery]) -> ComparisonTold:
    body = await _plan_file(call)
    compare = compare_next if call.asked.next_year else compare_again
    found = await compare(
        call.pool,
        call.actor,
        call.id("plan_id"),
        _without_answers(body),
        body.given(rest_is_new=False),
    )
    return ComparisonTold(
        file_name=call.asked.name,
        revision=found.revision,
        same=dict(found.earlier),
        questions=[
            QuestionTold(
                id=one.milestone.id,
                text=one.milestone.text,
                candidates=[CandidateTold(id=old.id, text=old.text) for old in one.candidates],
            )
            for one in found.asked
        ],
    )


async def targets(call: Call[Query]) -> TargetsTold:
    plan_id = (await plan(call.pool, call.id("plan_id"))).plan_id
    return TargetsTold(
        items=[
            TargetTold(
                milestone_id=one.milestone_id,
                text=one.text,
                name=one.details.name,
                unit=one.number.unit,
                target=one.number.value,
                target_day=one.details.target_day,
            )
            for one in await open_targets(call.pool, plan_id)
        ]
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


def _without_answers(body: AnsweredPlanFile) -> PlanFile:
    """The plan alone, as it is stored."""
    return PlanFile(**{name: getattr(body, name) for name in PlanFile.model_fields})


async def _plan_file(call: Call[Any]) -> AnsweredPlanFile:
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
        return AnsweredPlanFile.model_validate(found.answer["plan"])
    try:
        return AnsweredPlanFile.model_validate_json(content)
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
        "POST",
        "/v1/plans/{plan_id}/comparison",
        Permission.PLAN_MANAGE,
        mark("Compare a document with a plan: which milestones are the same, and what is asked"),
        ComparisonQuery,
        ComparisonTold,
        comparison,
        conflict=mark("the plan came with the system"),
        takes_file=True,
    ),
    Operation(
        "GET",
        "/v1/plans/{plan_id}/targets",
        Permission.FIGURES_READ,
        mark("The numbers in milestones of a plan that may be targets of indicators"),
        Query,
        TargetsTold,
        targets,
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
