"""The import of a published plan: GET and POST /plan/import, and POST /plan/import/confirm.

A document is read in a process of its own and shown beside its source. Nothing is stored until a
person confirms it; a corrected document shows first what it adds, changes and lacks.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT
from api.pages.frame.form_body import UploadedFile, read_form
from api.pages.frame.forms import NAME_MAX, FormError, field_texts, whole_number
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.uploads import FIELD, file_refused, read_upload
from api.pages.plan import forms, import_views
from api.pages.plan.carried import CarriedPlan, unpacked
from api.pages.plan.overview import plan_name
from api.pages.plan.views import Notice, Option
from db.connect import Pool
from fleet.errors import ChangedSinceError
from fleet.files.refusal import FileRefusedError
from reports.plan_tables import CSV_END, EXCEL_END, JSON_END, PLAN_TABLE_READER
from tracker.documents.again import ShippedPlanError, take_again
from tracker.documents.exporting import export_plan
from tracker.documents.matching import found_again
from tracker.documents.placing import PlanRefusedError, with_quarters
from tracker.documents.taking import KnownDocumentError, SourceFile, take_plan
from tracker.importer.plan_file import Milestone, PlanFile
from tracker.importer.text_file import refuse_size
from tracker.plans import NoPlanError, plans
from tracker.plans import plan as stored_plan

READER = "tracker.documents.packed:read_packed_plan"

#: The values of a milestone that a corrected document may change.
_COMPARED = ("text", "section", "year", "quarter_from", "quarter_to")


async def show_import(request: web.Request) -> web.StreamResponse:
    """Show the form that takes a document."""
    return page(request, await _import_page(request))


async def read_document(request: web.Request) -> web.StreamResponse:
    """Read a document and show what was found in it, beside its source."""
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
    carried = CarriedPlan.model_validate(
        {"file_name": name, "digest": hashlib.sha256(content).hexdigest(), **read.answer}
    )
    again = field_texts(fields, ("again",))["again"]
    return page(request, await _preview(request, carried, again))


async def confirm(request: web.Request) -> web.StreamResponse:
    """Take the plan that was shown, with the quarters that were confirmed one by one."""
    pool = request.config_dict[CONTEXT].pool
    fields = await read_form(request)
    carried = unpacked(str(fields.get("carried", "")))
    if carried is None:
        raise web.HTTPBadRequest(text="the form cannot be read\n")
    inferred = {one.id: one for one in carried.plan.milestones if one.inferred}
    names = [f"quarter-{one}" for one in inferred]
    typed = field_texts(fields, ("again", "revision", "name", "year", *names))
    numbers = {one: whole_number(typed[f"quarter-{one}"], 1, 4) for one in inferred}
    errors = {
        f"quarter-{one}": forms.QUARTER_UNCONFIRMED
        for one, number in numbers.items()
        if number is None
    }
    year = carried.plan.year or whole_number(typed["year"], 1990, 2200)
    if year is None:
        errors["year"] = forms.YEAR_MISSING
    if len(typed["name"]) > NAME_MAX:
        errors["name"] = forms.NAME_TOO_LONG
    if errors:
        refused = FormError(typed, errors)
        return page(request, await _preview(request, carried, typed["again"], refused), status=422)
    # A document that tells no year tells none of its quarters either.
    quarters = {
        one.id: (year, one.quarter_from, one.quarter_to)
        for one in carried.plan.milestones
        if carried.plan.year is None and one.year is None and one.quarter_from is not None
    } | {one: (inferred[one].year or year, number, number) for one, number in numbers.items()}
    plan = with_quarters(carried.plan.model_copy(update={"year": year}), quarters)
    source = SourceFile(carried.file_name, carried.digest)
    actor, again = visitor(request), whole_number(typed["again"], 1, 999_999_999)
    try:
        if again is None:
            plan_id = await take_plan(
                pool, actor, source, plan, name=typed["name"], confirmed=inferred
            )
        else:
            seen = whole_number(typed["revision"], 1, 999_999_999)
            await take_again(pool, actor, again, source, plan, confirmed=inferred, seen=seen)
            plan_id = again
    except (NoPlanError, ShippedPlanError):
        raise web.HTTPNotFound from None
    except KnownDocumentError as known:
        raise see_other(f"/plan?plan={known.plan_id}&done={Notice.PLAN_KNOWN}") from None
    except ChangedSinceError:
        refused = FormError(typed, {"confirm": forms.PLAN_CHANGED})
        return page(request, await _preview(request, carried, typed["again"], refused), status=409)
    except PlanRefusedError:
        refused = FormError(typed, {"confirm": forms.PLAN_INCOHERENT})
        return page(request, await _preview(request, carried, typed["again"], refused), status=422)
    raise see_other(f"/plan?plan={plan_id}&done={Notice.PLAN_TAKEN}")


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
    )


async def _preview(
    request: web.Request, carried: CarriedPlan, again: str, refused: FormError | None = None
) -> import_views.PreviewPage:
    """The page of what was read, and of what it would change in the plan `again`; "": it is a new
    plan."""
    pool = request.config_dict[CONTEXT].pool
    plan = carried.plan
    known = whole_number(again, 1, 999_999_999)
    return import_views.PreviewPage(
        carried=carried,
        again="" if known is None else again,
        groups=_groups(carried),
        difference=None if known is None else await _difference(pool, known, plan),
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
    )


def _groups(carried: CarriedPlan) -> Sequence[import_views.ReadGroup]:
    """The milestones by the title of their section, in the order of the document."""
    titles = {one.section: one.title for one in carried.plan.initiatives}
    titles |= {one.number: one.title or "" for one in carried.plan.programmes if one.number}
    by_section: dict[str | None, list[Milestone]] = {}
    for one in carried.plan.milestones:
        by_section.setdefault(one.section, []).append(one)
    return [
        import_views.ReadGroup(section or "", titles.get(section, ""), found)
        for section, found in by_section.items()
    ]


async def _difference(pool: Pool, plan_id: int, plan: PlanFile) -> import_views.Difference:
    """The difference that `take_again` will make: by the same comparison."""
    try:
        stored = await stored_plan(pool, plan_id)
        before = await export_plan(pool, plan_id)
    except NoPlanError:
        raise web.HTTPNotFound from None
    if stored.is_shipped:
        raise web.HTTPNotFound
    found = found_again(before, plan)
    there = set(found.later.values())
    later: Mapping[str, Milestone] = {one.id: one for one in plan.milestones}
    earlier = {one.id: one for one in before.milestones}
    return import_views.Difference(
        revision=stored.revision,
        added=[one.text for one in plan.milestones if one.id not in there],
        changed=[
            (earlier[one].text, later[other].text)
            for one, other in found.later.items()
            if any(getattr(earlier[one], name) != getattr(later[other], name) for name in _COMPARED)
        ],
        gone=[one.text for one in before.milestones if one.id not in found.later],
    )
