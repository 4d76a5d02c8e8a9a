"""The pages of single purchases: the form of a new one, and each that is recorded."""

from collections.abc import Mapping
from dataclasses import replace

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, whole_number
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.views import Choice
from api.pages.purchases.forms import (
    CHANGED_MEANWHILE,
    NOT_APPROVED,
    VEHICLE_TAKEN,
    fault_texts,
    purchase_texts,
    read_purchase,
    seen_revision,
    texts_of_purchase,
)
from api.pages.purchases.labels import told_changes
from api.pages.purchases.named import meant_vehicles, named_vehicle
from api.pages.purchases.views import Notice, PurchasePage
from api.pages.words.language import language_of
from costs.catalogue_stored import read_catalogue
from db.storable_values import ID_MAX
from fleet.localtime import local_now
from fleet.names.order import name_order
from optimiser.purchases.faults import (
    FieldsRefusedError,
    NoPurchaseError,
    NotApprovedError,
    PurchaseChangedError,
    PurchaseTakenError,
)
from optimiser.purchases.purchases import (
    Purchase,
    change_purchase,
    purchase_history,
    purchase_of,
    record_new,
    withdraw_purchase,
)
from optimiser.purchases.requests import Request, request_of
from register.vehicles import fleet_choices


async def show_new_purchase(request: web.Request) -> web.StreamResponse:
    """Show the form of a new purchase, of the request in the query (`?request=1`) or by itself."""
    return page(request, await _new_page(request))


async def add_purchase(request: web.Request) -> web.StreamResponse:
    """Record a purchase. A refused form comes back with what was typed."""
    fields, language = await read_form(request), language_of(request)
    request_id = _request_id(fields)
    try:
        bought = read_purchase(fields, language)
        pool, actor = request.config_dict[CONTEXT].pool, visitor(request)
        bought = replace(bought, vehicle_id=await named_vehicle(pool, actor, bought.vehicle_id))
        purchase_id = await record_new(pool, actor, bought, request_id)
    except FormError as refused:
        return page(request, await _new_page(request, refused, request_id), status=422)
    except FieldsRefusedError as refused:
        errors, status = fault_texts(refused.faults, language), 422
    except PurchaseTakenError:
        errors, status = {"vehicle_id": VEHICLE_TAKEN}, 409
    except NotApprovedError:
        errors, status = {"kind": NOT_APPROVED}, 409
    else:
        raise see_other(f"/purchases/{purchase_id}?done={Notice.PURCHASE_SAVED}")
    refused = FormError(purchase_texts(fields), errors)
    return page(request, await _new_page(request, refused, request_id), status=status)


async def show_purchase(request: web.Request) -> web.StreamResponse:
    """Show a purchase, its history, and the form that corrects it."""
    return page(request, await _purchase_page(request))


async def correct_purchase(request: web.Request) -> web.StreamResponse:
    """Correct a purchase. A refused form comes back with what was typed."""
    fields, language = await read_form(request), language_of(request)
    purchase_id = id_in_path(request, "purchase_id")
    pool, actor = request.config_dict[CONTEXT].pool, visitor(request)
    try:
        bought = read_purchase(fields, language)
        was = await purchase_of(pool, purchase_id)
        if was is not None and bought.vehicle_id == was.vehicle_name:
            named = was.vehicle_id  # it may have left the fleet since
        else:
            named = await named_vehicle(pool, actor, bought.vehicle_id)
        bought = replace(bought, vehicle_id=named)
        await change_purchase(pool, actor, purchase_id, bought, seen=seen_revision(fields))
    except FormError as refused:
        return page(request, await _purchase_page(request, refused), status=422)
    except NoPurchaseError:
        raise web.HTTPNotFound from None
    except FieldsRefusedError as refused:
        errors, status = fault_texts(refused.faults, language), 422
    except PurchaseTakenError:
        errors, status = {"vehicle_id": VEHICLE_TAKEN}, 409
    except PurchaseChangedError:
        errors, status = {"kind": CHANGED_MEANWHILE}, 409
    else:
        raise see_other(f"/purchases/{purchase_id}?done={Notice.PURCHASE_SAVED}")
    refused = FormError(purchase_texts(fields), errors)
    return page(request, await _purchase_page(request, refused), status=status)


async def withdraw(request: web.Request) -> web.StreamResponse:
    """Say why a purchase counts no more."""
    fields, purchase_id = await read_form(request), id_in_path(request, "purchase_id")
    reason = str(fields.get("withdrawn", ""))
    try:
        await withdraw_purchase(
            request.config_dict[CONTEXT].pool,
            visitor(request),
            purchase_id,
            reason,
            seen=seen_revision(fields),
        )
    except NoPurchaseError:
        raise web.HTTPNotFound from None
    except FieldsRefusedError as refused:
        errors, status = fault_texts(refused.faults, language_of(request)), 422
    except PurchaseChangedError:
        errors, status = {"withdrawn": CHANGED_MEANWHILE}, 409
    else:
        raise see_other(f"/purchases/{purchase_id}?done={Notice.PURCHASE_WITHDRAWN}")
    view = await _purchase_page(request, FormError({"withdrawn": reason}, errors))
    return page(request, view, status=status)


def _request_id(fields: Mapping[str, object]) -> int | None:
    """The number of the request that a purchase answers; None: it answers none."""
    text = fields.get("request", "")
    return whole_number(text, 1, ID_MAX) if isinstance(text, str) else None


async def _new_page(
    request: web.Request, refused: FormError | None = None, request_id: int | None = None
) -> PurchasePage:
    pool = request.config_dict[CONTEXT].pool
    number = request_id or _request_id(request.query)
    answered = None if number is None else await request_of(pool, number)
    if answered is not None and not answered.awaits_purchase:
        answered = None if refused is None else answered
    values = _of_request(answered) if refused is None else refused.values
    errors: Mapping[str, str] = {} if refused is None else refused.errors
    return await _page(request, None, answered, values, errors)


def _of_request(answered: Request | None) -> dict[str, str]:
    """What the form of a purchase has at first: what is known of the request that it answers."""
    values = {"bought_on": local_now().date().isoformat()}
    if answered is None:
        return values
    return values | {
        "kind": answered.kind or "",
        "department": answered.department,
        "principle": "" if answered.principle is None else answered.principle.value,
        "reason": answered.answer,
        "not_green": answered.not_green,
    }


async def _purchase_page(request: web.Request, refused: FormError | None = None) -> PurchasePage:
    pool = request.config_dict[CONTEXT].pool
    found = await purchase_of(pool, id_in_path(request, "purchase_id"))
    if found is None:
        raise web.HTTPNotFound
    answered = None if found.request_id is None else await request_of(pool, found.request_id)
    values = texts_of_purchase(found, language_of(request))
    if refused is not None:
        values |= refused.values
    errors: Mapping[str, str] = {} if refused is None else refused.errors
    return await _page(request, found, answered, values, errors)


async def _page(
    request: web.Request,
    purchase: Purchase | None,
    answered: Request | None,
    values: Mapping[str, str],
    errors: Mapping[str, str],
) -> PurchasePage:
    context, actor = request.config_dict[CONTEXT], visitor(request)
    pool = context.pool
    kinds = sorted(await read_catalogue(pool), key=lambda one: name_order(one.name))
    refused = FormError(values, errors) if errors else None
    history = () if purchase is None else await purchase_history(pool, purchase.purchase_id)
    return PurchasePage(
        purchase=purchase,
        request=answered,
        kinds=[Choice(one.kind, one.name) for one in kinds],
        departments=(await fleet_choices(pool)).departments,
        found=await meant_vehicles(pool, actor, refused, "vehicle_id"),
        history=told_changes(history, language_of(request)),
        values=values,
        errors=errors,
        notice=notice_in_address(request, Notice),
    )
