"""The page on which a plan is removed: GET and POST /plan/plans/{plan_id}/removal."""

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import COMMENT_MAX, TEXT_TOO_LONG, FormError, field_texts, whole_number
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.plan import forms
from api.pages.plan.overview import plan_name
from api.pages.plan.views import Notice, RemovalPage
from fleet.errors import ChangedSinceError
from tracker.documents.removal import ReportedPlanError, UnexplainedRemovalError, remove_plan
from tracker.follow_up.links import people_with_links
from tracker.plans import NoPlanError, Plan, plan


async def show_removal(request: web.Request) -> web.StreamResponse:
    """Show what it means to remove the plan, and the form."""
    return page(request, await _removal_page(request, await _plan(request)))


async def remove(request: web.Request) -> web.StreamResponse:
    """Remove the plan."""
    pool = request.config_dict[CONTEXT].pool
    one = await _plan(request)
    typed = field_texts(await read_form(request), ("reason", "revision"))
    seen = whole_number(typed["revision"], 1, 999_999_999)

    async def refused(field: str, fault: str, status: int) -> web.StreamResponse:
        view = await _removal_page(request, one, FormError(typed, {field: fault}))
        return page(request, view, status=status)

    if len(typed["reason"]) > COMMENT_MAX:
        return await refused("reason", TEXT_TOO_LONG, 422)
    try:
        await remove_plan(pool, visitor(request), one.plan_id, typed["reason"], seen=seen)
    except NoPlanError:
        raise web.HTTPNotFound from None
    except UnexplainedRemovalError:
        return await refused("reason", forms.REMOVAL_UNEXPLAINED, 422)
    except ReportedPlanError:
        return await refused("reason", forms.PLAN_REPORTED, 409)
    except ChangedSinceError:
        return await refused("reason", forms.PLAN_CHANGED_MEANWHILE, 409)
    raise see_other(f"/plan?done={Notice.PLAN_REMOVED}")


async def _plan(request: web.Request) -> Plan:
    pool = request.config_dict[CONTEXT].pool
    plan_id = whole_number(request.match_info["plan_id"], 1, 999_999_999)
    try:
        one = await plan(pool, plan_id or 0)
    except NoPlanError:
        raise web.HTTPNotFound from None
    if one.removed_at is not None:
        raise web.HTTPNotFound
    return one


async def _removal_page(
    request: web.Request, one: Plan, refused: FormError | None = None
) -> RemovalPage:
    return RemovalPage(
        plan=one,
        people_with_links=await people_with_links(request.config_dict[CONTEXT].pool, one.plan_id),
        name=plan_name(one),
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
    )
