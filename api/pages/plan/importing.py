"""The import of a published plan: GET and POST /plan/import, GET /plan/import/{digest}, and POST
/plan/import/confirm.

A document is read in a process of its own, waits, and is shown beside its source. No plan is stored
until a person confirms it. A corrected document and that of the next year show first what they
change, and ask which milestones are the same where that is not sure.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import UploadedFile, read_form
from api.pages.frame.forms import NAME_MAX, FormError, field_texts, whole_number
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.uploads import FIELD, file_refused, read_upload
from api.pages.plan import forms, import_views
from api.pages.plan.overview import plan_name
from api.pages.plan.views import Notice, Option
from db.connect import Pool
from fleet.actor import Actor
from fleet.errors import ChangedSinceError
from fleet.files.refusal import FileRefusedError
from reports.plan_tables import CSV_END, EXCEL_END, JSON_END, PLAN_TABLE_READER
from tracker.documents.again import take_again
from tracker.documents.comparing import (
    Compared,
    OtherYearError,
    ShippedPlanError,
    compare_again,
    compare_next,
)
from tracker.documents.drafts import Draft, NoDraftError, keep_draft, kept_draft
from tracker.documents.matching import NO_ANSWERS, Answers, UnansweredError
from tracker.documents.next_year import take_next_year
from tracker.documents.placing import PlanRefusedError, with_quarters
from tracker.documents.taking import KnownDocumentError, SourceFile, take_plan
from tracker.documents.targets import (
    OfferedTarget,
    known_targets,
    not_known,
    offered_targets,
)
from tracker.importer.plan_file import Milestone, PlanFile
from tracker.importer.text_file import refuse_size
from tracker.plans import NoPlanError, plans

READER = "tracker.documents.packed:read_packed_plan"

#: The answer that a milestone is another than all that are here.
NEW = "new"

#: The values of a milestone that a corrected document may change.
_COMPARED = ("text", "section", "year", "quarter_from", "quarter_to")


@dataclass(frozen=True, slots=True)
class _Relation:
    """The plan that a document corrects, or that it follows; neither: it is a new plan."""

    again: int | None
    follows: int | None

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "_Relation":
        """The relation in an address or a form. Where both are named, it is a corrected one."""
        again = whole_number(sent.get("again", ""), 1, 999_999_999)
        follows = whole_number(sent.get("follows", ""), 1, 999_999_999)
        return cls(again, follows if again is None else None)

    @property
    def query(self) -> str:
        """The part of the address that names it."""
        if self.again is not None:
            return f"?again={self.again}"
        return "" if self.follows is None else f"?follows={self.follows}"


async def show_import(request: web.Request) -> web.StreamResponse:
    """Show the form that takes a document."""
    return page(request, await _import_page(request))


async def read_document(request: web.Request) -> web.StreamResponse:
    """Read a document, which then waits for a person to confirm it."""
    fields = await read_form(request)
    sent = fields.get(FIELD)
    content = sent.content if isinstance(sent, UploadedFile) else b""
    try:
        refuse_size(len(content), request.config_dict[CONTEXT].settings.document_bounds)
        named = sent.name if isinstance(sent, UploadedFile) else ""
        is_export = Path(named).suffix.lower() in (EXCEL_END, CSV_END, JSON_END)
        reader = PLAN_TABLE_READER if is_export else READER
        name, read = await read_upload(request, reader, forms.DOCUMENT_MISSING)
    except FileRefusedError as too_large:
        refused = file_refused(request, too_large)
        return page(request, await _import_page(request, refused), status=422)
    except FormError as refused:
        return page(request, await _import_page(request, refused), status=422)
    digest = hashlib.sha256(content).hexdigest()
    draft = Draft.model_validate({"file_name": name, "digest": digest, **read.answer})
    context = request.config_dict[CONTEXT]
    await keep_draft(context.pool, visitor(request), draft, context.settings.plan_draft_days)
    kind, _, plan_id = field_texts(fields, ("of",))["of"].partition("-")
    raise see_other(f"/plan/import/{digest}{_Relation.read({kind: plan_id}).query}")


async def show_read(request: web.Request) -> web.StreamResponse:
    """Show what was found in a document, beside its source."""
    draft = await _draft(request, request.match_info["digest"])
    return page(request, await _preview(request, draft, _Relation.read(request.query)))


async def confirm(request: web.Request) -> web.StreamResponse:
    """Take the plan that was shown, with the quarters that were confirmed one by one and the
    numbers that were chosen as targets."""
    pool, actor = request.config_dict[CONTEXT].pool, visitor(request)
    fields = await read_form(request)
    draft = await _draft(request, field_texts(fields, ("digest",))["digest"])
    inferred = {one.id: one for one in draft.plan.milestones if one.inferred}
    names = [f"quarter-{one}" for one in inferred]
    asked = [name for name in fields if name.startswith("same-")]
    typed = field_texts(
        fields, ("again", "follows", "revision", "name", "year", "rest", *names, *asked)
    )
    relation, answers = _Relation.read(typed), _answers(typed)
    chosen = frozenset(str(one) for one in fields.getall("target", []))
    numbers = {one: whole_number(typed[f"quarter-{one}"], 1, 4) for one in inferred}
    errors = {
        f"quarter-{one}": forms.QUARTER_UNCONFIRMED
        for one, number in numbers.items()
        if number is None
    }
    year = draft.plan.year or whole_number(typed["year"], 1990, 2200)
    if year is None:
        errors["year"] = forms.YEAR_MISSING
    if len(typed["name"]) > NAME_MAX:
        errors["name"] = forms.NAME_TOO_LONG

    async def refused(wrong: Mapping[str, str], status: int) -> web.StreamResponse:
        again = await _preview(request, draft, relation, FormError(typed, wrong), chosen)
        return page(request, again, status=status)

    if errors or year is None:
        return await refused(errors, 422)
    # A document that tells no year tells none of its quarters either.
    quarters = {
        one.id: (year, one.quarter_from, one.quarter_to)
        for one in draft.plan.milestones
        if draft.plan.year is None and one.year is None and one.quarter_from is not None
    } | {one: (inferred[one].year or year, number, number) for one, number in numbers.items()}
    plan = with_quarters(draft.plan.model_copy(update={"year": year}), quarters)
    source = SourceFile(draft.file_name, draft.digest)
    name = typed["name"]
    try:
        if relation.again is not None:
            seen = whole_number(typed["revision"], 1, 999_999_999)
            plan_id = relation.again
            await take_again(
                pool,
                actor,
                plan_id,
                source,
                plan,
                confirmed=inferred,
                answers=answers,
                targets=chosen,
                seen=seen,
            )
        elif relation.follows is not None:
            taken = await take_next_year(
                pool,
                actor,
                relation.follows,
                source,
                plan,
                answers=answers,
                name=name,
                confirmed=inferred,
                targets=chosen,
            )
            plan_id = taken.plan_id
        else:
            plan_id = await take_plan(
                pool, actor, source, plan, name=name, confirmed=inferred, targets=chosen
            )
    except (NoPlanError, ShippedPlanError):
        raise web.HTTPNotFound from None
    except KnownDocumentError as known:
        raise see_other(f"/plan?plan={known.plan_id}&done={Notice.PLAN_KNOWN}") from None
    except ChangedSinceError:
        return await refused({"confirm": forms.PLAN_CHANGED}, 409)
    except UnansweredError as more:
        missing = {f"same-{one.milestone.id}": forms.SAME_MISSING for one in more.questions}
        return await refused(missing, 422)
    except OtherYearError:
        return await refused({"confirm": forms.OTHER_YEAR}, 422)
    except PlanRefusedError:
        return await refused({"confirm": forms.PLAN_INCOHERENT}, 422)
    raise see_other(f"/plan?plan={plan_id}&done={Notice.PLAN_TAKEN}")


def _answers(typed: Mapping[str, str]) -> Answers:
    """The answers of a form; what is not answered is left out."""
    said = {
        name.removeprefix("same-"): text
        for name, text in typed.items()
        if name.startswith("same-") and text
    }
    return Answers(
        same={one: known for one, known in said.items() if known != NEW},
        new=[one for one, known in said.items() if known == NEW],
        rest_is_new=typed["rest"] == "1",
    )


async def _draft(request: web.Request, digest: str) -> Draft:
    """The document that waits; whoever asks for another one is led to the form that takes one."""
    try:
        return await kept_draft(request.config_dict[CONTEXT].pool, visitor(request), digest)
    except NoDraftError:
        raise see_other(f"/plan/import?done={Notice.DOCUMENT_GONE}") from None


async def _import_page(
    request: web.Request, refused: FormError | None = None
) -> import_views.ImportPage:
    pool = request.config_dict[CONTEXT].pool
    return import_views.ImportPage(
        plans=[
            Option(str(one.plan_id), plan_name(one), is_chosen=False)
            for one in await plans(pool)
            if not one.is_shipped
        ],
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )


async def _preview(
    request: web.Request,
    draft: Draft,
    relation: _Relation,
    refused: FormError | None = None,
    chosen: Collection[str] = (),
) -> import_views.PreviewPage:
    """The page of what was read, and of what it would change."""
    pool, actor = request.config_dict[CONTEXT].pool, visitor(request)
    try:
        compared = await _compared(pool, actor, draft.plan, relation)
    except (NoPlanError, ShippedPlanError):
        raise web.HTTPNotFound from None
    except PlanRefusedError:
        # It is of another year than the plan that it is to correct, or of no later one.
        compared = None
    is_of_plan = relation.again is not None or relation.follows is not None
    errors = dict(refused.errors) if refused is not None else {}
    if is_of_plan and compared is None:
        errors["confirm"] = forms.OTHER_YEAR
    return import_views.PreviewPage(
        draft=draft,
        again="" if relation.again is None else str(relation.again),
        follows="" if relation.follows is None else str(relation.follows),
        is_of_plan=is_of_plan,
        groups=_groups(draft),
        difference=None if compared is None else _difference(compared, draft.plan),
        questions=() if compared is None else compared.asked,
        targets=await _targets(pool, draft.plan, relation, compared),
        chosen=chosen,
        values={} if refused is None else refused.values,
        errors=errors,
    )


async def _compared(
    pool: Pool, actor: Actor, plan: PlanFile, relation: _Relation
) -> Compared | None:
    """The document beside the plan that it corrects or follows, by the comparison by which it is
    taken then."""
    if relation.again is not None:
        return await compare_again(pool, actor, relation.again, plan, NO_ANSWERS)
    if relation.follows is not None:
        return await compare_next(pool, actor, relation.follows, plan, NO_ANSWERS)
    return None


async def _targets(
    pool: Pool, plan: PlanFile, relation: _Relation, compared: Compared | None
) -> Sequence[OfferedTarget]:
    """The numbers that are offered as targets: those that no milestone has already."""
    offered = offered_targets(plan)
    if relation.again is None or compared is None:
        return offered
    return not_known(offered, compared.earlier, await known_targets(pool, relation.again))


def _groups(draft: Draft) -> Sequence[import_views.ReadGroup]:
    """The milestones by the title of their section, in the order of the document."""
    titles = {one.section: one.title for one in draft.plan.initiatives}
    titles |= {one.number: one.title or "" for one in draft.plan.programmes if one.number}
    by_section: dict[str | None, list[Milestone]] = {}
    for one in draft.plan.milestones:
        by_section.setdefault(one.section, []).append(one)
    return [
        import_views.ReadGroup(section or "", titles.get(section, ""), found)
        for section, found in by_section.items()
    ]


def _difference(compared: Compared, plan: PlanFile) -> import_views.Difference:
    earlier = {one.id: one for one in compared.known}
    later = {one.id: one for one in plan.milestones}
    pairs = [
        (earlier[known], later[one])
        for one, known in compared.earlier.items()
        if known in earlier and one in later
    ]
    found = set(compared.earlier.values())
    return import_views.Difference(
        revision=compared.revision,
        added=[one.text for one in plan.milestones if one.id not in compared.earlier],
        changed=[
            (before.text, now.text)
            for before, now in pairs
            if any(getattr(before, name) != getattr(now, name) for name in _COMPARED)
        ],
        gone=[
            one.text
            for one in compared.known
            if one.id not in found and one.id not in compared.typed
        ],
        same=len(pairs),
    )
