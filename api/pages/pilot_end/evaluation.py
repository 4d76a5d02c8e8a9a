"""The page of the evaluation of the pilot, GET /evaluation, and its goals: POST /evaluation/goals,
GET and POST /evaluation/goals/{goal_id}."""

from collections.abc import Mapping

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, day_in
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.pilot_end import views
from api.pages.pilot_end.forms import GOAL_CHANGED, GOAL_FAR, GoalForm, Press, goal_values
from api.pages.pilot_end.periods import asked_periods, pilot_limits
from api.pages.pilot_end.views import Notice
from api.pages.words.language import language_of
from fleet.errors import ChangedSinceError
from fleet.localtime import local_now
from optimiser.pilot_end.elsewhere import found_elsewhere
from optimiser.pilot_end.figures import compared
from optimiser.pilot_end.goals import (
    GoalError,
    NoGoalError,
    change_goal,
    goal_history,
    read_goals,
    state_goal,
)
from reports.pilot_end import read_evaluation


async def show_evaluation(request: web.Request) -> web.StreamResponse:
    """Show the pilot before and after, what was done of what was decided, and the goals."""
    return page(request, await evaluation_page(request))


async def add_goal(request: web.Request) -> web.StreamResponse:
    """State a goal. A refused form comes back with what was typed."""
    try:
        form = GoalForm.read(await read_form(request), language_of(request))
    except FormError as refused:
        return page(request, await evaluation_page(request, refused), status=422)
    if form.text is None:  # there is nothing to remove
        raise see_other("/evaluation")
    try:
        await state_goal(request.config_dict[CONTEXT].pool, visitor(request), form.text)
    except GoalError:
        refused = FormError(form.values, {"by": GOAL_FAR})
        return page(request, await evaluation_page(request, refused), status=422)
    raise see_other(f"/evaluation?done={Notice.GOAL_STATED}")


async def show_goal(request: web.Request) -> web.StreamResponse:
    """Show a goal, its history, and the form that changes it."""
    return page(request, await _goal_page(request))


async def edit_goal(request: web.Request) -> web.StreamResponse:
    """Change a goal, or remove it. A refused form comes back with what was typed."""
    goal_id = id_in_path(request, "goal_id")
    try:
        form = GoalForm.read(await read_form(request), language_of(request))
    except FormError as refused:
        return page(request, await _goal_page(request, refused), status=422)
    pool, actor = request.config_dict[CONTEXT].pool, visitor(request)
    try:
        await change_goal(pool, actor, goal_id, form.text, seen=form.seen)
    except NoGoalError:
        raise web.HTTPNotFound from None
    except GoalError:
        refused = FormError(form.values, {"by": GOAL_FAR})
        return page(request, await _goal_page(request, refused), status=422)
    except ChangedSinceError:
        refused = FormError(form.values, {"target": GOAL_CHANGED})
        return page(request, await _goal_page(request, refused), status=409)
    done = Notice.GOAL_REMOVED if form.press is Press.REMOVE else Notice.GOAL_CHANGED
    raise see_other(f"/evaluation?done={done}")


async def evaluation_page(
    request: web.Request,
    refused: FormError | None = None,
    days: Mapping[str, str] | None = None,
) -> views.EvaluationPage:
    """The view of the evaluation for who asks, of the periods between these `days`, or of those in
    the address."""
    context, actor, now = request.config_dict[CONTEXT], visitor(request), local_now()
    query = request.query if days is None else days
    periods, asked = await asked_periods(context, query, actor)
    limits = pilot_limits(context.settings)
    found = await read_evaluation(context.pool, context.months, actor, periods, limits, now.date())
    return views.EvaluationPage(
        found=found,
        figures=compared(found),
        elsewhere=found_elsewhere(),
        asked=asked,
        as_of=now,
        known_min=limits.known_min,
        values={} if refused is None else refused.values,
        by=None if refused is None else day_in(refused.values["by"]),
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )


async def _goal_page(request: web.Request, refused: FormError | None = None) -> views.GoalPage:
    pool, goal_id = request.config_dict[CONTEXT].pool, id_in_path(request, "goal_id")
    goal = next((one for one in await read_goals(pool) if one.goal_id == goal_id), None)
    if goal is None:
        raise web.HTTPNotFound
    return views.GoalPage(
        goal=goal,
        history=await goal_history(pool, goal_id),
        values=goal_values(goal.text, language_of(request)) if refused is None else refused.values,
        by=goal.by if refused is None else day_in(refused.values["by"]),
        errors={} if refused is None else refused.errors,
    )
