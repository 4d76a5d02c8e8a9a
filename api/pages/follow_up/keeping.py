"""The pages of who keeps a plan: GET and POST /plan/follow-up, that of one follow-up, and its
forms."""

from aiohttp import web

from api.door.link_addresses import follow_up_address
from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.follow_up.forms import (
    CENTRE_CONTACT_GONE,
    PLAN_MISSING,
    QUARTER_RUNS,
    START_FIELDS,
    StartForm,
)
from api.pages.follow_up.views import CentreRow, FollowUpPage, FollowUpsPage, Notice
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, field_texts, whole_number
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.views import Choice
from api.pages.letters.follow_up import follow_up_words
from api.pages.plan.overview import plan_name
from fleet.localtime import local_now
from tracker.contacts import NoContactError, contacts
from tracker.follow_up.centres import centre_contacts, set_centre_contact
from tracker.follow_up.coverage import coverage
from tracker.follow_up.links import revoke, send_anew
from tracker.follow_up.rounds import (
    FollowUpRefusedError,
    NoFollowUpError,
    close_follow_up,
    follow_up,
    follow_ups,
    open_follow_up,
)
from tracker.follow_up.telling import tell_owners
from tracker.plans import NoPlanError, plans
from tracker.quarter import Quarter

#: The rows of a part of the lists, so that a phone shows few screens.
PEOPLE_ROWS, ROUND_ROWS, CENTRE_ROWS = 12, 8, 8

#: The quarters before this one that may be followed up, and those after it.
QUARTERS_BEFORE, QUARTERS_AFTER = 2, 3


async def show_follow_ups(request: web.Request) -> web.StreamResponse:
    """Show the follow-ups of plans."""
    return page(request, await _follow_ups_page(request))


async def start(request: web.Request) -> web.StreamResponse:
    """Begin the follow-up of a plan in a quarter, and send the mails."""
    context, fields = request.config_dict[CONTEXT], await read_form(request)
    typed = field_texts(fields, START_FIELDS)
    words = follow_up_words(context.settings)
    try:
        form = StartForm.read(fields, local_now().date())
        try:
            follow_up_id = await open_follow_up(
                context.pool,
                visitor(request),
                form.plan_id,
                form.quarter,
                form.answer_by,
                context.settings,
            )
        except FollowUpRefusedError:
            raise FormError(typed, {"quarter": QUARTER_RUNS}) from None
        except NoPlanError:
            raise FormError(typed, {"plan": PLAN_MISSING}) from None
    except FormError as refused:
        return page(request, await _follow_ups_page(request, refused), status=422)
    one = await follow_up(context.pool, follow_up_id)
    await tell_owners(context.pool, visitor(request), one, words, context.settings)
    done = Notice.STARTED if words is not None else Notice.STARTED_WITHOUT_MAIL
    raise see_other(f"/plan/follow-up/{follow_up_id}?done={done}")


async def change_centre(request: web.Request) -> web.StreamResponse:
    """Say who is written to for a centre."""
    pool = request.config_dict[CONTEXT].pool
    typed = field_texts(await read_form(request), ("centre", "contact"))
    contact_id = whole_number(typed["contact"] or "0", 0, 999_999_999)
    if contact_id is None or typed["centre"] not in await centre_contacts(pool):
        raise web.HTTPNotFound
    try:
        await set_centre_contact(pool, visitor(request), typed["centre"], contact_id or None)
    except NoContactError:
        refused = FormError({}, {"centres": CENTRE_CONTACT_GONE})
        return page(request, await _follow_ups_page(request, refused), status=422)
    raise see_other(f"/plan/follow-up?done={Notice.CENTRE_SAVED}")


async def show_follow_up(request: web.Request) -> web.StreamResponse:
    """Show who has answered and who is silent."""
    return page(request, await _follow_up_page(request))


async def close(request: web.Request) -> web.StreamResponse:
    """Close the quarter."""
    follow_up_id = _id(request, "follow_up_id")
    try:
        await close_follow_up(request.config_dict[CONTEXT].pool, visitor(request), follow_up_id)
    except NoFollowUpError:
        raise web.HTTPNotFound from None
    except FollowUpRefusedError:  # somebody else has closed it: it is as the sender wants it
        pass
    raise see_other(f"/plan/follow-up/{follow_up_id}?done={Notice.CLOSED}")


async def send_link_anew(request: web.Request) -> web.StreamResponse:
    """Make another link for a contact, who gets it by mail, or from who sees the page."""
    context = request.config_dict[CONTEXT]
    follow_up_id, contact_id = _id(request, "follow_up_id"), _id(request, "contact_id")
    try:
        token = await send_anew(
            context.pool,
            visitor(request),
            follow_up_id,
            contact_id,
            follow_up_words(context.settings),
        )
    except NoFollowUpError:
        raise web.HTTPNotFound from None
    except FollowUpRefusedError:
        raise see_other(f"/plan/follow-up/{follow_up_id}") from None
    if token is None:
        raise see_other(f"/plan/follow-up/{follow_up_id}?done={Notice.SENT}")
    link = follow_up_address(context.settings, token)
    return page(request, await _follow_up_page(request, link, contact_id))


async def revoke_links(request: web.Request) -> web.StreamResponse:
    """Let the links of a contact not work any more."""
    follow_up_id, contact_id = _id(request, "follow_up_id"), _id(request, "contact_id")
    pool = request.config_dict[CONTEXT].pool
    try:
        await revoke(pool, visitor(request), follow_up_id, contact_id)
    except NoFollowUpError:
        raise web.HTTPNotFound from None
    raise see_other(f"/plan/follow-up/{follow_up_id}?done={Notice.REVOKED}")


def _id(request: web.Request, name: str) -> int:
    found = whole_number(request.match_info[name], 1, 2**62)
    if found is None:
        raise web.HTTPNotFound
    return found


async def _follow_ups_page(request: web.Request, refused: FormError | None = None) -> FollowUpsPage:
    context, today = request.config_dict[CONTEXT], local_now().date()
    pool, now = context.pool, Quarter.of(today)
    quarters = [now]
    for _ in range(QUARTERS_BEFORE):
        quarters.insert(0, quarters[0].before)
    for _ in range(QUARTERS_AFTER):
        quarters.append(quarters[-1].next)
    centres = [CentreRow(*pair) for pair in (await centre_contacts(pool)).items()]
    return FollowUpsPage(
        part=asked_part(
            await follow_ups(pool), request.query, "/plan/follow-up", (), most=ROUND_ROWS
        ),
        today=today,
        plans=[Choice(str(one.plan_id), plan_name(one)) for one in await plans(pool)],
        quarters=quarters,
        answer_days=context.settings.follow_up_answer_days,
        centres=asked_part(
            centres, request.query, "/plan/follow-up", (), name="centres", most=CENTRE_ROWS
        ),
        contacts=[one for one in await contacts(pool) if one.left_at is None],
        by_mail=context.settings.sends_mail,
        values={"quarter": f"{now.year}-{now.quarter}"} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )


async def _follow_up_page(
    request: web.Request, link: str = "", link_of: int | None = None
) -> FollowUpPage:
    context = request.config_dict[CONTEXT]
    follow_up_id = _id(request, "follow_up_id")
    try:
        one = await follow_up(context.pool, follow_up_id)
    except NoFollowUpError:
        raise web.HTTPNotFound from None
    found = await coverage(context.pool, one)
    address = f"/plan/follow-up/{follow_up_id}"
    names = {each.contact.contact_id: each.contact.name for each in found.people}
    return FollowUpPage(
        coverage=found,
        part=asked_part(found.people, request.query, address, (), most=PEOPLE_ROWS),
        is_open=one.is_open(local_now().date()),
        by_mail=context.settings.sends_mail,
        link=link,
        link_of=names.get(link_of or 0, ""),
        notice=notice_in_address(request, Notice),
    )
