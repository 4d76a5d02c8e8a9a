"""The page of a milestone: GET /plan/milestones/{milestone_id}, and the forms that it has."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, Seen, field_texts, merged_form
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.plan import forms, views
from api.pages.plan.choice import quarter_text
from api.pages.plan.history import entries
from api.pages.plan.views import Notice
from api.pages.words.formats import Formats
from api.pages.words.language import language_of
from db.connect import Pool
from fleet.actor import Actor
from fleet.errors import ChangedSinceError
from fleet.localtime import local_now
from tracker.contacts import NoContactError, contacts
from tracker.milestone import Milestone, MilestoneStatus
from tracker.milestones import NoMilestoneError, milestone, milestones
from tracker.plans import plan
from tracker.quarter import Quarter
from tracker.saying import (
    Assignment,
    Keep,
    MergedMilestoneError,
    PostponedQuarterError,
    Said,
    UnexplainedStatusError,
    answer_by,
    assign,
    need_decision,
    say,
    say_in_own_words,
    set_political,
)

#: The quarters that are offered to postpone to.
QUARTERS_OFFERED = 12

#: Does what a form asks for; given who sent it, the id of the milestone, the fields, and what the
#: sender saw.
_Act = Callable[[Pool, Actor, str, Mapping[str, object], Seen], Awaitable[None]]


async def show_milestone(request: web.Request) -> web.StreamResponse:
    """Show one milestone with its forms and its history."""
    return page(request, await _milestone_page(request))


async def change_milestone(request: web.Request) -> web.StreamResponse:
    """Say how far the milestone is."""
    return await _changed(request, forms.STATUS_FIELDS, _say)


async def change_decision(request: web.Request) -> web.StreamResponse:
    """Say who is to decide something of it, and before when."""
    return await _changed(request, forms.DECISION_FIELDS, _need_decision)


async def change_owner(request: web.Request) -> web.StreamResponse:
    """Give it to an owner, a deputy and a centre."""
    return await _changed(request, forms.OWNER_FIELDS, _assign)


async def change_words(request: web.Request) -> web.StreamResponse:
    """Say what people call it in short."""
    return await _changed(request, forms.WORDS_FIELDS, _own_words)


async def change_political(request: web.Request) -> web.StreamResponse:
    """Say whether it goes to the committee."""
    return await _changed(request, forms.POLITICAL_FIELDS, _political)


async def change_fact(request: web.Request) -> web.StreamResponse:
    """Say which fact of the system answers it."""
    return await _changed(request, forms.FACT_FIELDS, _fact)


async def _changed(request: web.Request, names: Sequence[str], act: _Act) -> web.StreamResponse:
    """Do what a form asks for. A refused form comes back with what was typed; where somebody else
    changed the milestone meanwhile, their words stand beside it, and whoever sends it chooses."""
    pool = request.config_dict[CONTEXT].pool
    milestone_id = request.match_info["milestone_id"]
    fields = await read_form(request)
    seen = Seen.read(fields)
    try:
        await act(pool, visitor(request), milestone_id, fields, seen)
    except NoMilestoneError:
        raise web.HTTPNotFound from None
    except FormError as refused:
        return page(request, await _milestone_page(request, refused, seen), status=422)
    except ChangedSinceError:
        shown = await _milestone_page(request)
        now = {name: shown.texts[name] for name in names}
        merged = merged_form(field_texts(fields, names), seen.texts, now)
        shown = replace(shown, values=merged.values, meanwhile=merged.meanwhile)
        return page(request, shown, status=409)
    raise see_other(f"/plan/milestones/{milestone_id}?done={Notice.MILESTONE_SAVED}")


async def _say(
    pool: Pool, actor: Actor, milestone_id: str, fields: Mapping[str, object], seen: Seen
) -> None:
    form = forms.MilestoneForm.read(fields)
    said = Said(form.status, form.note, form.until, form.into)
    typed = field_texts(fields, forms.STATUS_FIELDS)
    try:
        await say(pool, actor, milestone_id, said, seen=seen.changes)
    except UnexplainedStatusError:
        raise FormError(typed, {"note": forms.REASON_MISSING}) from None
    except PostponedQuarterError:
        raise FormError(typed, {"until": forms.QUARTER_MISSING}) from None
    except MergedMilestoneError:
        raise FormError(typed, {"into": forms.OTHER_MISSING}) from None


async def _need_decision(
    pool: Pool, actor: Actor, milestone_id: str, fields: Mapping[str, object], seen: Seen
) -> None:
    form = forms.NeededForm.read(fields)
    await need_decision(pool, actor, milestone_id, form.by, form.before, seen=seen.changes)


async def _assign(
    pool: Pool, actor: Actor, milestone_id: str, fields: Mapping[str, object], seen: Seen
) -> None:
    """Set what the sender touched: the other fields stay as they are."""
    form = forms.OwnerForm.read(fields)
    typed = field_texts(fields, forms.OWNER_FIELDS)
    same = {
        name
        for name in typed
        if seen.changes is not None and typed[name] == seen.texts.get(name, "")
    }
    assignment = Assignment(
        owner_id=Keep.KEEP if "owner" in same else form.owner_id,
        deputy_id=Keep.KEEP if "deputy" in same else form.deputy_id,
        centre=Keep.KEEP if "centre" in same else form.centre,
    )
    revisions = {} if seen.changes is None else {milestone_id: seen.changes}
    try:
        await assign(pool, actor, [milestone_id], assignment, seen=revisions)
    except NoContactError:
        raise FormError(typed, {"owner": forms.CONTACT_GONE}) from None


async def _own_words(
    pool: Pool, actor: Actor, milestone_id: str, fields: Mapping[str, object], seen: Seen
) -> None:
    text = forms.read_own_words(fields)
    await say_in_own_words(pool, actor, milestone_id, text, seen=seen.changes)


async def _political(
    pool: Pool, actor: Actor, milestone_id: str, fields: Mapping[str, object], seen: Seen
) -> None:
    goes = bool(field_texts(fields, forms.POLITICAL_FIELDS)["political"])
    await set_political(pool, actor, milestone_id, is_political=goes, seen=seen.changes)


async def _fact(
    pool: Pool, actor: Actor, milestone_id: str, fields: Mapping[str, object], seen: Seen
) -> None:
    await answer_by(pool, actor, milestone_id, forms.read_fact(fields), seen=seen.changes)


async def _milestone_page(
    request: web.Request, refused: FormError | None = None, seen: Seen | None = None
) -> views.MilestonePage:
    """The page of a milestone. `seen` is what the sender of a refused form saw."""
    pool = request.config_dict[CONTEXT].pool
    try:
        found, changes = await milestone(pool, request.match_info["milestone_id"])
    except NoMilestoneError:
        raise web.HTTPNotFound from None
    today = local_now().date()
    people = await contacts(pool)
    others = await milestones(pool, found.plan_id)
    titles = {one.milestone_id: one.title for one in others}
    return views.MilestonePage(
        milestone=found,
        row=views.MilestoneRow.of(found, today),
        plan=await plan(pool, found.plan_id),
        texts=texts_of(found),
        seen_changes=found.revision if seen is None or seen.changes is None else seen.changes,
        contacts=[one for one in people if one.left_at is None],
        centres=sorted({one.centre for one in (*others, *people) if one.centre}),
        quarters=later_quarters(found, Quarter.of(today)),
        others=[one for one in others if one.milestone_id != found.milestone_id],
        merged_title=titles.get(found.merged_into or "", ""),
        parts=[one for one in others if one.parent_id == found.milestone_id],
        history=entries(
            changes,
            {one.contact_id: one.name for one in people},
            titles,
            Formats(language_of(request)),
        ),
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )


def texts_of(one: Milestone) -> Mapping[str, str]:
    """The texts of the fields of all forms, as the milestone stands."""
    decision = one.decision
    return {
        "progress": one.status.value,
        "note": one.note,
        "until": (
            quarter_text(one.postponed)
            if one.postponed is not None and one.status is MilestoneStatus.POSTPONED
            else ""
        ),
        "into": one.merged_into or "",
        "decider": "" if decision is None else decision.by,
        "before": ""
        if decision is None or decision.before is None
        else decision.before.isoformat(),
        "owner": "" if one.owner is None else str(one.owner.contact_id),
        "deputy": "" if one.deputy is None else str(one.deputy.contact_id),
        "centre": one.centre,
        "own_words": one.own_words,
        "political": "1" if one.is_political else "",
        "fact": "" if one.answer is None else one.answer.fact.value,
    }


def later_quarters(one: Milestone, now: Quarter) -> Sequence[Quarter]:
    """The quarters to which it may be postponed, and the one to which it was."""
    first = now if one.planned is None else max(now, one.planned.next)
    found = [first]
    while len(found) < QUARTERS_OFFERED:
        found.append(found[-1].next)
    return sorted({*found, *([one.postponed] if one.postponed else [])})
