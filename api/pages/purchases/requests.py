"""The pages of requests for vehicles: GET /purchases, and those of one request."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.choices.list_parts import ListPart, asked_part
from api.pages.costs.capabilities import Capabilities, read_capabilities
from api.pages.frame.context import CONTEXT, PageContext, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.views import Choice
from api.pages.purchases.forms import (
    ANSWERED_MEANWHILE,
    OFFER_GONE,
    OFFER_TAKEN,
    AnswerForm,
    chosen_needs,
    fault_texts,
    read_request,
    request_texts,
    seen_revision,
)
from api.pages.purchases.labels import told_changes
from api.pages.purchases.measured import checked_request
from api.pages.purchases.named import meant_vehicles, named_vehicle
from api.pages.purchases.views import (
    NewRequestPage,
    Notice,
    PurchasesPage,
    RequestForm,
    RequestPage,
)
from api.pages.words.language import language_of
from costs.capabilities import capabilities
from costs.catalogue_stored import read_catalogue
from fleet.actor import Actor, Permission
from fleet.localtime import local_now
from fleet.names.order import name_order
from fleet.vehicle import GREEN_ENERGIES
from optimiser.purchases.answers import answer_request
from optimiser.purchases.check import Advice, Check, OfferedKind, PoolVehicle, green_kinds
from optimiser.purchases.faults import (
    FieldsRefusedError,
    NoRequestError,
    OfferGoneError,
    OfferTakenError,
    RequestAnsweredError,
)
from optimiser.purchases.green_share import green_shares
from optimiser.purchases.principles import Principle
from optimiser.purchases.principles_stored import read_principles
from optimiser.purchases.purchases import purchases
from optimiser.purchases.requests import (
    Request,
    RequestState,
    ask,
    request_history,
    request_of,
    requests,
    withdraw_request,
)
from register.naming.look_up import FOUND_MAX, FoundVehicle
from register.vehicles import fleet_choices

#: The requests of a part of each list, and the purchases that are named which are not green: as
#: cards on a phone all of them are a few screens long.
LIST_ROWS = 6
NOT_GREEN_SHOWN = 5

#: What is chosen in the form of an answer at first, by what the check suggests.
_STATES: Mapping[Advice, RequestState] = {
    Advice.OFFER: RequestState.OFFERED,
    Advice.REFUSE: RequestState.REFUSED,
    Advice.WAIT: RequestState.REFUSED,
    Advice.APPROVE_GREEN: RequestState.APPROVED,
    Advice.APPROVE: RequestState.APPROVED,
}


async def show_purchases(request: web.Request) -> web.StreamResponse:
    """Show the requests, and how green the purchases are by year."""
    context, actor = request.config_dict[CONTEXT], visitor(request)
    principles = await read_principles(context.pool)
    bought = [one for one in await purchases(context.pool) if one.counts]
    asked = await requests(context.pool)
    waiting = [one for one in reversed(asked) if one.is_open]
    to_buy = [one for one in reversed(asked) if one.awaits_purchase]
    decided = [one for one in asked if not (one.is_open or one.awaits_purchase)]

    def part(found: Sequence[Request], name: str) -> ListPart[Request]:
        return asked_part(found, request.query, "/purchases", name=name, most=LIST_ROWS)

    held = [one for one in bought if principles.goal(one.bought_on.year) is not None]
    not_green = [one for one in held if one.energy not in GREEN_ENERGIES]
    view = PurchasesPage(
        years=green_shares(bought, principles, local_now().year),
        goal=principles.of(Principle.GREEN),
        not_green=not_green[:NOT_GREEN_SHOWN],
        waiting=part(waiting, "waiting"),
        to_buy=part(to_buy, "to_buy"),
        decided=part(decided, "part"),
        own_only=actor.departments is not None,
        notice=notice_in_address(request, Notice),
    )
    return page(request, view)


async def show_new_request(request: web.Request) -> web.StreamResponse:
    """Show the form by which a vehicle is asked for."""
    return page(request, await _new_page(request))


async def ask_for_vehicle(request: web.Request) -> web.StreamResponse:
    """Ask for a vehicle. A refused form comes back with what was typed."""
    fields, language = await read_form(request), language_of(request)
    try:
        try:
            asked = read_request(fields, language)
            pool, actor = request.config_dict[CONTEXT].pool, visitor(request)
            asked = replace(asked, replaces=await named_vehicle(pool, actor, asked.replaces))
            request_id = await ask(pool, actor, asked)
        except FieldsRefusedError as refused:
            errors = fault_texts(refused.faults, language)
            raise FormError(request_texts(fields), errors) from None
    except FormError as refused:
        view = replace(await _new_page(request, refused), chosen_needs=chosen_needs(fields))
        return page(request, view, status=422)
    raise see_other(f"/purchases/requests/{request_id}?done={Notice.ASKED}")


async def show_request(request: web.Request) -> web.StreamResponse:
    """Show a request, what the principles say of it, and its answer or the form of one."""
    return page(request, await _request_page(request))


async def answer(request: web.Request) -> web.StreamResponse:
    """Answer a request. A refused form comes back with what was typed."""
    context, actor, language = (
        request.config_dict[CONTEXT],
        visitor(request),
        language_of(request),
    )
    asked = await _asked(request)
    try:
        form = AnswerForm.read(await read_form(request))
    except FormError as refused:
        return page(request, await _request_page(request, refused), status=422)
    checked = await checked_request(context, actor, asked)
    offered = await named_vehicle(context.pool, actor, form.answer.vehicle_id)
    try:
        await answer_request(
            context.pool,
            actor,
            asked.request_id,
            replace(form.answer, vehicle_id=offered),
            checked.check,
            seen=form.seen,
            measured_since=checked.since,
        )
    except NoRequestError:
        raise web.HTTPNotFound from None
    except FieldsRefusedError as refused:
        return await _refused(request, form.values, fault_texts(refused.faults, language), 422)
    except RequestAnsweredError:
        return await _refused(request, form.values, {"state": ANSWERED_MEANWHILE}, 409)
    except OfferGoneError:
        return await _refused(request, form.values, {"vehicle_id": OFFER_GONE}, 409)
    except OfferTakenError:
        return await _refused(request, form.values, {"vehicle_id": OFFER_TAKEN}, 409)
    raise see_other(f"/purchases/requests/{asked.request_id}?done={Notice.ANSWERED}")


async def withdraw(request: web.Request) -> web.StreamResponse:
    """Withdraw a request that waits for an answer."""
    context, language = request.config_dict[CONTEXT], language_of(request)
    request_id, fields = id_in_path(request, "request_id"), await read_form(request)
    reason = str(fields.get("withdrawn", ""))
    try:
        await withdraw_request(
            context.pool, visitor(request), request_id, reason, seen=seen_revision(fields)
        )
    except NoRequestError:
        raise web.HTTPNotFound from None
    except FieldsRefusedError as refused:
        errors = {"withdrawn": fault_texts(refused.faults, language)["answer"]}
        return await _refused(request, {"withdrawn": reason}, errors, 422)
    except RequestAnsweredError:
        return await _refused(
            request, {"withdrawn": reason}, {"withdrawn": ANSWERED_MEANWHILE}, 409
        )
    raise see_other(f"/purchases/requests/{request_id}?done={Notice.WITHDRAWN}")


async def _refused(
    request: web.Request, values: Mapping[str, str], errors: Mapping[str, str], status: int
) -> web.StreamResponse:
    refused = FormError(values, errors)
    return page(request, await _request_page(request, refused), status=status)


async def _asked(request: web.Request) -> Request:
    """The request in the address, if the visitor sees it."""
    found = await request_of(request.config_dict[CONTEXT].pool, id_in_path(request, "request_id"))
    if found is None:
        raise web.HTTPNotFound
    return found


async def _new_page(request: web.Request, refused: FormError | None = None) -> NewRequestPage:
    context, actor = request.config_dict[CONTEXT], visitor(request)
    form = await request_form(context, actor, await read_capabilities(request))
    values = {"department": form.departments[0]} if len(form.departments) == 1 else {}
    principles = await read_principles(context.pool)
    return NewRequestPage(
        form=form,
        principles=[one for one in principles.rows.values() if one.holds(local_now().year)],
        values=values if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        found=await meant_vehicles(context.pool, actor, refused, "replaces"),
    )


async def request_form(context: PageContext, actor: Actor, known: Capabilities) -> RequestForm:
    """What the actor may choose from who asks for a vehicle; `known` has the names of needs."""
    choices, seen = await fleet_choices(context.pool), actor.departments
    kinds = sorted(await read_catalogue(context.pool), key=lambda one: name_order(one.name))
    return RequestForm(
        departments=[one for one in choices.departments if seen is None or one in seen],
        depots=[Choice(one.depot_id, one.name) for one in await context.depots(actor)],
        kinds=[Choice(one.kind, one.name) for one in kinds if one.offered],
        needs=[Choice(one.code, known.name(one.code)) for one in await capabilities(context.pool)],
    )


async def _request_page(request: web.Request, refused: FormError | None = None) -> RequestPage:
    context, actor = request.config_dict[CONTEXT], visitor(request)
    asked = await _asked(request)
    known = await read_capabilities(request)
    may_ask = actor.may(Permission.VEHICLES_REQUEST)
    view = RequestPage(
        request=asked,
        needs=sorted(known.named(asked.needs), key=name_order),
        findings=() if asked.checked is None else asked.checked.findings,
        advice=None if asked.checked is None else asked.checked.advice,
        until_day=None if asked.checked is None else asked.checked.until,
        free=(),
        hidden=0 if asked.checked is None else asked.checked.free,
        since=None,
        until=None,
        found=(),
        history=told_changes(
            await request_history(context.pool, asked.request_id), language_of(request)
        ),
        may_withdraw=asked.is_open and may_ask,
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )
    if not asked.is_open:
        return view
    checked = await checked_request(context, actor, asked)
    free = checked.shown_to(actor)
    found = await meant_vehicles(context.pool, actor, refused, "vehicle_id")
    return replace(
        view,
        findings=checked.check.findings,
        advice=checked.check.advice,
        until_day=checked.check.until,
        free=free,
        hidden=len(checked.check.free) - len(free),
        going=checked.going_shown_to(actor),
        since=checked.since,
        until=checked.until,
        found=found or _to_offer(free),
        # What was typed in one form leaves what the other one suggests.
        values=_suggested(asked, checked.check, checked.kinds)
        | ({} if refused is None else dict(refused.values)),
    )


def _to_offer(free: Sequence[PoolVehicle]) -> list[FoundVehicle]:
    """The vehicles that are suggested before somebody types: those that are free."""
    return [
        FoundVehicle(
            vehicle_id=one.vehicle_id, name=one.name, depot_name=one.depot_name, tracker=None
        )
        for one in free[:FOUND_MAX]
    ]


def _suggested(asked: Request, checked: Check, kinds: Sequence[OfferedKind]) -> dict[str, str]:
    """What the form of an answer has at first: the answer that the check suggests."""
    energy = asked.energy
    if checked.advice is Advice.APPROVE_GREEN:
        energy = green_kinds(asked.needs, kinds)[0].energy
    return {
        "state": _STATES[checked.advice].value,
        "principle": checked.principle.value,
        "energy": energy.value,
        "vehicle_id": checked.free[0].name if checked.free else "",
    }
