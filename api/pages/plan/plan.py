"""The pages of the plan: GET /plan, GET and POST /plan/milestones/{milestone_id}."""

from datetime import date
from itertools import groupby

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.plan import views
from api.pages.plan.forms import MilestoneForm
from api.pages.plan.views import Notice
from fleet.localtime import local_now
from tracker import plan
from tracker.plan import Milestone


async def show_plan(request: web.Request) -> web.StreamResponse:
    """Show every programme, quarter by quarter."""
    context = request.config_dict[CONTEXT]
    found = await plan.milestones(context.pool)
    today = local_now().date()
    programmes: list[views.Programme] = []
    for _, members in groupby(found, key=lambda m: m.programme_id):
        own = list(members)
        quarters = [
            views.QuarterRow(
                year=year,
                quarter=quarter,
                current=(year, quarter) == plan.Quarter.of(today),
                milestones=[milestone_view(m, today) for m in group],
            )
            for (year, quarter), group in groupby(own, key=lambda m: (m.year, m.quarter))
        ]
        programmes.append(
            views.Programme(
                name=own[0].programme,
                purpose=own[0].purpose,
                is_taken=own[0].is_taken,
                quarters=quarters,
            )
        )
    return page(
        request,
        views.PlanPage(
            programmes=programmes,
            notice=notice_in_address(request, Notice),
        ),
    )


async def show_milestone(request: web.Request) -> web.StreamResponse:
    """Show one milestone, its history, and the form that changes it."""
    return page(request, await _milestone_page(request))


async def change_milestone(request: web.Request) -> web.StreamResponse:
    """Set status and note. A refused form comes back with what was typed."""
    context = request.config_dict[CONTEXT]
    try:
        form = MilestoneForm.read(await read_form(request))
    except FormError as error:
        return page(request, await _milestone_page(request, error), status=422)
    try:
        await plan.change_milestone(
            context.pool,
            visitor(request),
            request.match_info["milestone_id"],
            form.status,
            form.note,
        )
    except KeyError:
        raise web.HTTPNotFound from None
    raise see_other(f"/plan?done={Notice.MILESTONE_SAVED}")


def milestone_view(milestone: Milestone, today: date) -> views.MilestoneRow:
    """The view of a milestone, as it stands on the day `today`."""
    return views.MilestoneRow(
        milestone_id=milestone.milestone_id,
        title=milestone.title,
        initiative=milestone.initiative,
        year=milestone.year,
        quarter=milestone.quarter,
        status=milestone.status,
        note=milestone.note,
        late=milestone.late(today),
    )


async def _milestone_page(
    request: web.Request, refused: FormError | None = None
) -> views.MilestonePage:
    context = request.config_dict[CONTEXT]
    try:
        found, changes = await plan.milestone(context.pool, request.match_info["milestone_id"])
    except KeyError:
        raise web.HTTPNotFound from None
    return views.MilestonePage(
        milestone=milestone_view(found, local_now().date()),
        programme=found.programme,
        history=changes,
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
    )
