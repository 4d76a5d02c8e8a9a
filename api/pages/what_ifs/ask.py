"""The form by which a what-if is asked: GET and POST /what-ifs/new."""

from collections.abc import Mapping, Sequence

from aiohttp import web

from api.door.visitor import visitor
from api.jobs import queue_what_if
from api.pages.costs.capabilities import read_capabilities
from api.pages.frame.context import CONTEXT
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.what_ifs.forms import AskForm, ticked
from api.pages.what_ifs.labels import FAULTS
from api.pages.what_ifs.views import AskPage, Notice, OfferedFigure
from api.pages.words.formats import Formats
from api.pages.words.language import language_of, translations
from costs.assumptions import MONTH_KEYS, SWITCH_KEYS, quantities
from optimiser.what_if.faults import RoundSupersededError, WhatIfError
from optimiser.what_if.offers import what_if_offer
from optimiser.what_if.requests import ask
from register.vehicles import vehicle_name
from register.zones_stored import depots

#: The field of the form at which something is wrong, by the part of the question.
_FIELDS: Mapping[str, str] = {
    "name": "name",
    "depot": "depot",
    "round": "depot",
    "changes": "changes",
    "stay": "vehicles",
    "go": "vehicles",
    "need": "need",
    "more": "kind",
    "peak": "peak",
}


async def show_form(request: web.Request) -> web.StreamResponse:
    """Show the form, for a depot and with a vehicle ticked where the address names them. One of
    which it is decided that it leaves is not ticked, as nothing could be asked so."""
    depot_id, vehicle_id = request.query.get("depot"), request.query.get("vehicle")
    stay = [] if vehicle_id is None else [vehicle_id]
    return page(request, await _ask_page(request, depot_id, stay=stay))


async def ask_what_if(request: web.Request) -> web.StreamResponse:
    """Ask a what-if. A refused form comes back with what was typed."""
    context, fields = request.config_dict[CONTEXT], await read_form(request)
    language = language_of(request)
    superseded = False
    try:
        form = AskForm.read(fields, language)
        try:
            what_if_id = await ask(context.pool, visitor(request), form.asked)
        except WhatIfError as refusal:
            raise FormError(form.values, await _errors(request, form, refusal)) from None
    except RoundSupersededError:
        superseded = True
        refused = FormError(_texts(fields), {})
    except FormError as error:
        refused = error
    else:
        await queue_what_if(context.jobs, what_if_id)
        raise see_other(f"/what-ifs/{what_if_id}?done={Notice.ASKED}")
    view = await _ask_page(
        request,
        refused.values.get("depot"),
        stay=ticked(fields, "stay"),
        go=ticked(fields, "go"),
        refused=refused,
        superseded=superseded,
    )
    return page(request, view, status=409 if superseded else 422)


async def _errors(request: web.Request, form: AskForm, refusal: WhatIfError) -> Mapping[str, str]:
    """Why a what-if is refused, by the fields of the form."""
    texts: dict[str, list[str]] = {}
    for error in refusal.every:
        name = form.figure_fields[error.at] if error.field == "figure" else _FIELDS[error.field]
        texts.setdefault(name, []).append(await _worded(request, error))
    return {name: ". ".join(found) for name, found in texts.items()}


async def _worded(request: web.Request, error: WhatIfError) -> str:
    """Why a what-if is refused, with the names of vehicles, depots and capabilities."""
    pool, language = request.config_dict[CONTEXT].pool, language_of(request)
    known, formats = await read_capabilities(request), Formats(language)
    places = {depot.depot_id: depot.name for depot in await depots(pool)}

    async def worded(value: str) -> str:
        name = places.get(value) or await vehicle_name(pool, value)
        return name or formats.with_sign(known.name(value))

    values = {name: await worded(value) for name, value in error.values.items()}
    return translations(language).gettext(FAULTS[error.fault]).format(**values)


def _texts(fields: Mapping[str, object]) -> dict[str, str]:
    return {name: text for name, text in fields.items() if isinstance(text, str)}


async def _ask_page(
    request: web.Request,
    depot_id: str | None,
    *,
    stay: Sequence[str] = (),
    go: Sequence[str] = (),
    refused: FormError | None = None,
    superseded: bool = False,
) -> AskPage:
    offer = await what_if_offer(request.config_dict[CONTEXT].pool, depot_id)
    if offer is None:
        return AskPage(offer=None)
    known = await read_capabilities(request)
    return AskPage(
        offer=offer,
        figures=[
            OfferedFigure(key=key, value=offer.figures[key], unit=quantity.unit)
            for key, quantity in quantities().items()
            if key not in SWITCH_KEYS | MONTH_KEYS
        ],
        capabilities=[(one, known.name(one)) for one in offer.capabilities],
        stay=stay,
        go=go,
        superseded=superseded,
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
    )
