"""The pages of who has a part in plans: GET and POST /plan/owners, and POST /plan/assign."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from aiohttp import web

from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, Seen, field_texts, merged_form, whole_number
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.plan import forms, owner_views
from api.pages.plan.choice import PlanChoice
from api.pages.plan.overview import ASSIGNED_MAX, RefusedAssignment, as_seen, plan_page
from api.pages.plan.views import Notice
from fleet.actor import Permission
from fleet.errors import ChangedSinceError
from fleet.localtime import local_now
from tracker.contacts import (
    Contact,
    ContactRefusedError,
    NoContactError,
    add_contact,
    addresses,
    change_contact,
    contact,
    contacts,
)
from tracker.finding import Asked, Found, find
from tracker.milestones import NoMilestoneError, changed_since, revisions_of
from tracker.saying import Assignment, ChangedMilestonesError, Keep, assign


async def show_owners(request: web.Request) -> web.StreamResponse:
    """Show who has a part in plans, and how their milestones stand."""
    return page(request, await _owners_page(request))


async def add_owner(request: web.Request) -> web.StreamResponse:
    """Add a contact."""
    pool = request.config_dict[CONTEXT].pool
    fields = await read_form(request)
    try:
        details = forms.read_contact(fields)
        await add_contact(pool, visitor(request), details)
    except FormError as refused:
        return page(request, await _owners_page(request, refused), status=422)
    except ContactRefusedError:
        return page(request, await _owners_page(request, forms.known_contact(fields)), status=422)
    raise see_other(f"/plan/owners?done={Notice.CONTACT_SAVED}")


async def show_owner(request: web.Request) -> web.StreamResponse:
    """Show one contact with the form that changes it."""
    return page(request, await _owner_page(request))


async def change_owner(request: web.Request) -> web.StreamResponse:
    """Change a contact."""
    pool = request.config_dict[CONTEXT].pool
    fields = await read_form(request)
    seen = Seen.read(fields)
    shown = await _owner_page(request)
    try:
        details = replace(forms.read_contact(fields), account_id=shown.contact.account_id)
        await change_contact(
            pool, visitor(request), shown.contact.contact_id, details, seen=seen.changes
        )
    except FormError as refused:
        again = replace(shown, values=refused.values, errors=refused.errors)
        return page(request, again, status=422)
    except ContactRefusedError:
        refused = forms.known_contact(fields)
        again = replace(shown, values=refused.values, errors=refused.errors)
        return page(request, again, status=422)
    except ChangedSinceError:
        merged = merged_form(field_texts(fields, forms.CONTACT_FIELDS), seen.texts, shown.texts)
        again = replace(shown, values=merged.values, meanwhile=merged.meanwhile)
        return page(request, again, status=409)
    raise see_other(f"/plan/owners?done={Notice.CONTACT_SAVED}")


async def assign_chosen(request: web.Request) -> web.StreamResponse:
    """Give the chosen milestones of the overview, or all that were found, to somebody."""
    pool = request.config_dict[CONTEXT].pool
    fields = await read_form(request)
    choice = PlanChoice.read({name: str(value) for name, value in fields.items()}, "at-")
    chosen = [str(one) for one in fields.getall("milestone", [])]
    is_all = fields.get("all") == "1"
    names = (*forms.OWNER_FIELDS, "all-seen", "at-part", "at-moment")
    typed = field_texts(fields, (*names, *(f"seen-{one}" for one in chosen)))
    seen = {
        one: revision
        for one in chosen
        if (revision := whole_number(typed[f"seen-{one}"], 1, 999_999_999)) is not None
    }
    changed: Sequence[str] | None = None
    if is_all:
        chosen = list((await _find(request, choice.asked)).ids)
        if len(chosen) <= ASSIGNED_MAX and typed["all-seen"]:
            seen = await revisions_of(pool, chosen)
            if as_seen(seen) != typed["all-seen"]:
                since = whole_number(typed["at-moment"], 0, 99_999_999_999) or 0
                moment = datetime.fromtimestamp(since, UTC)
                changed = await changed_since(pool, chosen, moment)
    assignment = Assignment(
        owner_id=_person(typed["owner"]),
        deputy_id=_person(typed["deputy"]),
        centre=typed["centre"][:100] or Keep.KEEP,
    )
    back = choice.address()
    mark = "&" if "?" in back else "?"
    if len(chosen) > ASSIGNED_MAX:
        raise see_other(f"{back}{mark}done={Notice.TOO_MANY_CHOSEN}")
    if not chosen or assignment == Assignment():
        raise see_other(f"{back}{mark}done={Notice.NOTHING_CHOSEN}")
    try:
        if changed is None:
            await assign(pool, visitor(request), chosen, assignment, seen=seen)
            raise see_other(f"{back}{mark}done={Notice.ASSIGNED}")
    except ChangedMilestonesError as others:
        changed = others.milestone_ids
    except (NoContactError, NoMilestoneError):
        raise web.HTTPNotFound from None
    refused = RefusedAssignment(
        chosen=frozenset(() if is_all else chosen),
        is_all=is_all,
        values={name: typed[name] for name in forms.OWNER_FIELDS},
        changed=changed,
    )
    view = await plan_page(request, choice, {"part": typed["at-part"]}, refused)
    return page(request, view, status=409)


async def _find(request: web.Request, asked: Asked) -> Found:
    context, today = request.config_dict[CONTEXT], local_now().date()
    return await find(context.pool, asked, today, context.settings.silent_since(today))


def _person(text: str) -> int | Keep | None:
    """The contact that a field names: `none` is nobody, and an empty field leaves who it is."""
    if text == "none":
        return None
    return int(text) if text.isdecimal() and len(text) < 10 else Keep.KEEP


async def _owners_page(
    request: web.Request, refused: FormError | None = None
) -> owner_views.OwnersPage:
    pool = request.config_dict[CONTEXT].pool
    found = await _find(request, Asked())
    tallies = found.counted.by("owner_id")
    people = await contacts(pool)
    people.sort(key=lambda one: one.left_at is not None)
    part = asked_part(people, request.query, "/plan/owners")
    mails = await _mails(request, part.rows)
    return owner_views.OwnersPage(
        part=part.shown_as(
            lambda one: owner_views.OwnerRow(
                one, mails.get(one.contact_id), tallies.get(one.contact_id)
            )
        ),
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )


async def _mails(request: web.Request, people: Sequence[Contact]) -> Mapping[int, str]:
    """The addresses of contacts, for those who manage the plan."""
    actor = visitor(request)
    if not actor.may(Permission.PLAN_MANAGE):
        return {}
    ids = [one.contact_id for one in people]
    return await addresses(request.config_dict[CONTEXT].pool, actor, ids)


async def _owner_page(request: web.Request) -> owner_views.OwnerPage:
    pool = request.config_dict[CONTEXT].pool
    contact_id = whole_number(request.match_info["contact_id"], 1, 999_999_999)
    try:
        one = await contact(pool, contact_id or 0)
    except NoContactError:
        raise web.HTTPNotFound from None
    mails = await addresses(pool, visitor(request), [one.contact_id])
    return owner_views.OwnerPage(contact=one, texts=_texts(one, mails[one.contact_id]))


def _texts(one: Contact, email: str) -> Mapping[str, str]:
    return {
        "name": one.name,
        "email": email,
        "centre": one.centre,
        "left": "1" if one.left_at is not None else "",
    }
