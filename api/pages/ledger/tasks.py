"""The page of a task: GET and POST /ledger/tasks/{task_id}."""

from collections.abc import Mapping
from datetime import date

from aiohttp import web

from access.accounts import accounts
from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, day_in
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.ledger import views
from api.pages.ledger.forms import (
    CHANGED_MEANWHILE,
    DECIDED_SINCE,
    DEPOT_GONE,
    DUE_FAR,
    NOT_DUE,
    NOT_SINCE,
    OWNER_UNABLE,
    OWNER_UNKNOWN,
    OWNER_UNSEEN,
    PLATE_TAKEN,
    SHARED_TASK,
    VEHICLE_SINCE,
    Press,
    TaskForm,
)
from api.pages.ledger.views import Notice
from api.pages.words.formats import Formats
from api.pages.words.language import language_of, translations
from fleet.localtime import local_now
from optimiser.ledger.carried_out import CarriedOutError
from optimiser.ledger.steps import LAST_STEP
from optimiser.ledger.stored import read_ledger
from optimiser.ledger.tasks import (
    NoTaskError,
    TaskChangedError,
    TaskDayError,
    TaskPlan,
    UnableOwnerError,
    UnknownOwnerError,
    UnseenOwnerError,
    departments_that_do,
    finish_task,
    may_do,
    plan_task,
    reopen_task,
    task_history,
)
from optimiser.rounds.decisions import SharedProposalError
from register.inventory.changes import DetailsRefusedError, PlateTakenError, RetiredDayError
from register.vehicles import scope_of

_NOTICES = {
    Press.PLAN: Notice.TASK_SAVED,
    Press.DONE: Notice.TASK_DONE,
    Press.REOPEN: Notice.TASK_REOPENED,
}


#: The field at which a refusal stands that is of none alone, by the button.
_FIELDS = {Press.PLAN: "due", Press.DONE: "done_on", Press.REOPEN: "reason"}


async def show_task(request: web.Request) -> web.StreamResponse:
    """Show a task, its history, and the forms that change it."""
    return page(request, await _task_page(request))


async def change_task(request: web.Request) -> web.StreamResponse:
    """Say who does a task and by when, that it is done, or that it is not. A refused form comes
    back with what was typed."""
    try:
        form = TaskForm.read(await read_form(request))
    except FormError as error:
        return page(request, await _task_page(request, error), status=422)
    day = _FIELDS[form.press]
    try:
        await _change(request, form)
    except NoTaskError:
        raise web.HTTPNotFound from None
    except UnknownOwnerError:
        return await _refused(request, form, {"owner": OWNER_UNKNOWN}, 422)
    except UnseenOwnerError:
        return await _refused(request, form, {"owner": OWNER_UNSEEN}, 422)
    except UnableOwnerError:
        return await _refused(request, form, {"owner": OWNER_UNABLE}, 422)
    except TaskDayError as refused:
        text = NOT_SINCE if form.press is Press.DONE else NOT_DUE
        if form.due is not None and form.due > refused.first:
            text = DUE_FAR
        return await _refused(request, form, {day: _with_day(request, text, refused.first)}, 422)
    except RetiredDayError as refused:
        text = _with_day(request, VEHICLE_SINCE, refused.first)
        return await _refused(request, form, {day: text}, 422)
    except TaskChangedError:
        return await _refused(request, form, {day: CHANGED_MEANWHILE}, 409)
    except CarriedOutError:
        return await _refused(request, form, {day: DECIDED_SINCE}, 409)
    except PlateTakenError as refused:
        language = language_of(request)
        text = translations(language).gettext(PLATE_TAKEN).format(name=refused.by_name)
        return await _refused(request, form, {day: text}, 409)
    except DetailsRefusedError:
        return await _refused(request, form, {day: DEPOT_GONE}, 409)
    except SharedProposalError:
        return await _refused(request, form, {day: SHARED_TASK}, 403)
    raise see_other(f"/ledger?done={_NOTICES[form.press]}")


async def _change(request: web.Request, form: TaskForm) -> None:
    pool, actor = request.config_dict[CONTEXT].pool, visitor(request)
    task_id = id_in_path(request, "task_id")
    if form.press is Press.PLAN and form.due is not None:
        plan = TaskPlan(form.due, form.owner, form.note)
        await plan_task(pool, actor, task_id, plan, seen=form.seen)
    elif form.press is Press.DONE and form.done_on is not None:
        await finish_task(pool, actor, task_id, form.done_on, seen=form.seen)
    else:
        await reopen_task(pool, actor, task_id, form.reason, seen=form.seen)


def _with_day(request: web.Request, text: str, day: date) -> str:
    """The words of a refusal that names a day."""
    language = language_of(request)
    return translations(language).gettext(text).format(day=Formats(language).day(day))


async def _refused(
    request: web.Request, form: TaskForm, errors: dict[str, str], status: int
) -> web.StreamResponse:
    refused = FormError(form.values, errors)
    return page(request, await _task_page(request, refused), status=status)


async def _task_page(request: web.Request, refused: FormError | None = None) -> views.TaskPage:
    context, actor = request.config_dict[CONTEXT], visitor(request)
    task_id = id_in_path(request, "task_id")
    scope = await scope_of(context.pool, actor)
    today = local_now().date()
    ledger = await read_ledger(context.pool, scope, today, context.settings.ledger_silent_days)
    found = next(
        ((row, task) for row in ledger.rows for task in row.tasks if task.task_id == task_id), None
    )
    if found is None:
        raise web.HTTPNotFound
    row, task = found
    decision = row.proposal.decision
    doing = await departments_that_do(context.pool, decision)
    owners = sorted(doing)
    if scope is None:
        owners += [
            one.name
            for one in await accounts(context.pool)
            if not one.closed
            and may_do(decision, one.role, one.departments)
            and not (one.departments and doing.isdisjoint(one.departments))
        ]
    values: Mapping[str, str] = {} if refused is None else refused.values
    return views.TaskPage(
        row=row,
        task=task,
        due=day_in(values["due"]) if "due" in values else task.due,
        done_on=day_in(values["done_on"]) if "done_on" in values else today,
        is_last=LAST_STEP.get(row.proposal.decision.action) is task.step,
        owners=owners,
        history=await task_history(context.pool, task_id),
        values={"owner": task.owner, "note": task.note, **values},
        errors={} if refused is None else refused.errors,
    )
