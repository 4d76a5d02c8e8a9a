"""The page on which many vehicles are changed at once: POST /register/chosen shows the chosen ones,
POST /register/chosen/change changes them."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, field_texts
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.register import views
from api.pages.register.entry import (
    CONTRACT_CONFIRMED,
    DEPARTMENT_CONFIRMED,
    doubted_contract,
    doubted_department,
)
from api.pages.register.forms import (
    CHOSEN_MAX,
    NOTHING_CHOSEN,
    TOO_MANY_CHOSEN,
    fault_errors,
    read_choice,
    read_shared,
)
from api.pages.register.register import chosen_rows, depot_choices, kind_choices
from api.pages.register.views import ChosenVehicle, Notice
from api.pages.words.language import Language, language_of
from db.connect import Pool
from fleet.localtime import local_now
from fleet.names.order import name_order
from register.inventory.changes import (
    ChangedMeanwhileError,
    DetailsRefusedError,
    NewDepartmentError,
    change_vehicles,
)
from register.inventory.details import VehicleField
from register.inventory.stored import register_choices, registered_vehicles
from register.vehicles import NoVehicleError


async def show_chosen(request: web.Request) -> web.StreamResponse:
    """Show the vehicles that were ticked, or all that the list found, and what they may get."""
    context = request.config_dict[CONTEXT]
    fields = await read_form(request)
    found = field_texts(fields, ("found", "all"))
    if found["all"]:
        choice = read_choice(MultiDict(parse_qsl(found["found"])))
        everything = await registered_vehicles(context.pool)
        days = context.settings.contract_warning_days
        rows = chosen_rows(everything, choice, local_now().date(), days)
        ids = [row.vehicle_id for row in rows]
    else:
        ids = [text for text in fields.getall("vehicle", []) if isinstance(text, str)]
    shown, status = await _page(request, ids, {}, {}), 200
    if shown.errors:
        status = 422
    return page(request, shown, status=status)


async def change_chosen(request: web.Request) -> web.StreamResponse:
    """Give the chosen vehicles the values of the form; an empty field leaves them as they are."""
    language = language_of(request)
    fields = await read_form(request)
    seen = _seen([text for text in fields.getall("seen", []) if isinstance(text, str)])
    context = request.config_dict[CONTEXT]
    pool = context.pool
    texts = field_texts(fields, list(fields))
    try:
        values = read_shared(fields, language)
        if seen:
            await _refuse_doubtful(pool, list(seen), values, texts, language)
            is_new = bool(fields.get(DEPARTMENT_CONFIRMED))
            await change_vehicles(pool, visitor(request), seen, values, new_department=is_new)
            raise see_other(f"/register?done={Notice.MANY_CHANGED}")
    except NoVehicleError:
        raise web.HTTPNotFound from None
    except FormError as refused:
        shown = await _page(request, list(seen), texts, refused.errors)
        return page(request, shown, status=422)
    except NewDepartmentError as refused:
        asked = {DEPARTMENT_CONFIRMED: doubted_department(refused.department, language)}
        return page(request, await _page(request, list(seen), texts, asked), status=422)
    except DetailsRefusedError as refused:
        errors = fault_errors(list(refused.faults), language)
        named = {name: f"{refused.vehicle}: {text}" for name, text in errors.items()}
        return page(request, await _page(request, list(seen), texts, named), status=422)
    except ChangedMeanwhileError as refused:
        names = [one.details.name for one in refused.present]
        return page(request, await _page(request, list(seen), texts, {}, names), status=409)
    return page(request, await _page(request, [], texts, {}), status=422)


async def _refuse_doubtful(
    pool: Pool,
    ids: Sequence[str],
    values: Mapping[VehicleField, Any],
    texts: Mapping[str, str],
    language: Language,
) -> None:
    """Ask about the contract of the first of the vehicles of which that is odd with the `values`.

    Raises:
        FormError: there is one, and nobody confirmed it.
    """
    today = local_now().date()
    for one in await registered_vehicles(pool, ids):
        if texts.get(CONTRACT_CONFIRMED) or not one.is_in_fleet(today):
            continue
        after = one.details.with_values(values)
        asked = doubted_contract(one.details, after, today, language)
        if asked is not None:
            raise FormError(dict(texts), {CONTRACT_CONFIRMED: f"{after.name}: {asked}"})


def _seen(pairs: Sequence[str]) -> dict[str, int]:
    """The revisions of the vehicles that the form showed, from `revision id`."""
    seen: dict[str, int] = {}
    for pair in pairs[:CHOSEN_MAX]:
        revision, _, vehicle_id = pair.partition(" ")
        if revision.isdecimal() and len(revision) < 10 and vehicle_id:
            seen[vehicle_id] = int(revision)
    return seen


async def _page(
    request: web.Request,
    ids: Sequence[str],
    values: Mapping[str, str],
    errors: Mapping[str, str],
    meanwhile: Sequence[str] = (),
) -> views.ChosenPage:
    context = request.config_dict[CONTEXT]
    choices = await register_choices(context.pool)
    found = await registered_vehicles(context.pool, list(ids)[: CHOSEN_MAX + 1])
    if not found:
        errors = {**errors, "vehicles": NOTHING_CHOSEN}
    elif len(found) > CHOSEN_MAX:
        errors = {**errors, "vehicles": TOO_MANY_CHOSEN}
    return views.ChosenPage(
        vehicles=[
            ChosenVehicle(
                vehicle_id=one.vehicle_id,
                name=one.details.name,
                revision=one.revision,
                department=one.details.department,
                depot=one.depot_name,
                kind=one.kind_name,
            )
            for one in sorted(found, key=lambda one: name_order(one.details.name))
        ],
        departments=choices.departments,
        depots=depot_choices(choices),
        kinds=kind_choices(choices, language_of(request)),
        values=values,
        errors=errors,
        meanwhile=meanwhile,
    )
