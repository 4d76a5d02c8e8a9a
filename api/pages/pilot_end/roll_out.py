"""The page of the roll-out plan: GET and POST /roll-out."""

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.pilot_end import views
from api.pages.pilot_end.forms import (
    MONTH_OVER,
    NO_DEPARTMENT,
    PLAN_CHANGED,
    RollOutForm,
    choice_values,
    line_error,
    line_of,
)
from api.pages.pilot_end.periods import asked_periods, pilot_limits
from api.pages.pilot_end.views import Notice
from api.pages.words.language import language_of
from fleet.errors import ChangedSinceError
from fleet.localtime import local_now
from optimiser.pilot_end.chosen import RollOutError, choose
from reports.pilot_end import read_roll_out


async def show_roll_out(request: web.Request) -> web.StreamResponse:
    """Show how the vehicles without a tracker get theirs, and what is to be expected of it."""
    return page(request, await roll_out_page(request))


async def choose_roll_out(request: web.Request) -> web.StreamResponse:
    """Choose the first month, the trackers of a month, and the departments that come first."""
    language = language_of(request)
    try:
        form = RollOutForm.read(await read_form(request), language)
    except FormError as refused:
        return page(request, await roll_out_page(request, refused), status=422)
    pool, actor = request.config_dict[CONTEXT].pool, visitor(request)
    try:
        await choose(pool, actor, form.choice, seen=form.seen)
    except RollOutError as error:
        text = MONTH_OVER
        if error.department:
            line = line_of(form.values["departments"], error.department)
            text = line_error(NO_DEPARTMENT, line, error.department, language)
        refused = FormError(form.values, {error.field: text})
        return page(request, await roll_out_page(request, refused), status=422)
    except ChangedSinceError:
        refused = FormError(form.values, {"start": PLAN_CHANGED})
        return page(request, await roll_out_page(request, refused), status=409)
    raise see_other(f"/roll-out?done={Notice.PLAN_CHOSEN}")


async def roll_out_page(
    request: web.Request, refused: FormError | None = None
) -> views.RollOutPage:
    """The view of the plan for who asks."""
    context, actor, now = request.config_dict[CONTEXT], visitor(request), local_now()
    periods, _ = await asked_periods(context, {}, actor)
    limits = pilot_limits(context.settings)
    found = await read_roll_out(
        context.pool, context.months, actor, periods.before, limits, now.date()
    )
    return views.RollOutPage(
        plan=found.plan,
        vehicles=found.vehicles,
        sources=found.sources,
        is_whole=actor.departments is None,
        entries=found.entries,
        changes=found.changes,
        values=choice_values(found.plan.choice) if refused is None else refused.values,
        as_of=now,
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )
