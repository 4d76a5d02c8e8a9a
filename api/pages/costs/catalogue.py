"""The pages of the catalogue: GET and POST /catalogue, GET /catalogue/new, POST /catalogue/offer,
GET and POST /catalogue/{kind}.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from aiohttp import web

from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.costs import views
from api.pages.costs.capabilities import Capabilities, read_capabilities
from api.pages.costs.forms import KIND_FIELDS, KindForm, kind_values, parse_number
from api.pages.costs.views import Notice
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, Seen, field_texts, merged_form
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.words.language import language_of, mark
from costs.assumptions import FigureKey, YearFigures, is_estimate, quantities
from costs.basis import read_basis
from costs.catalogue import CatalogueKind, StatedFigures, replaceable_by_green, starter_catalogue
from costs.catalogue_stored import (
    kind_history,
    put_kind,
    put_on_offer,
    read_catalogue,
    vehicles_by_kind,
)
from costs.measured_range import MeasuredRange, level_of
from costs.measured_stored import measured_by_kind
from costs.ownership import (
    FUELS,
    CostInput,
    CostTerm,
    Ownership,
    catalogue_range_km,
    kind_figures,
    ownership,
    range_planned_with,
)
from db.connect import Pool
from fleet.errors import ChangedSinceError
from fleet.localtime import local_now
from fleet.names.order import name_order
from fleet.vehicle import GREEN_ENERGIES

KM_YEAR_MOST = 1_000_000.0

NO_KIND_CHOSEN = mark("Choose at least one kind")

INPUT_UNITS: Mapping[CostInput, str] = {
    CostInput.PRICE: "kr.",
    CostInput.RESIDUAL: "%",
    CostInput.YEARLY: "kr.",
    CostInput.TAX: "kr.",
    CostInput.INSURANCE: "kr.",
    CostInput.SERVICE: "kr.",
    CostInput.SERVICE_KM: "kr/km",
    CostInput.CHARGE_POINTS: "",
    CostInput.STATED_FIXED: "kr.",
    CostInput.STATED_KM: "kr/km",
    CostInput.KM_YEAR: "km",
}


async def show_catalogue(request: web.Request) -> web.StreamResponse:
    """Show every kind with its cost and emission a year, and the starter kinds that are not in use
    yet."""
    return page(request, await _catalogue_page(request))


async def offer_kinds(request: web.Request) -> web.StreamResponse:
    """Put kinds of the starter catalogue on offer as they are: the chosen ones, or all green
    ones."""
    context = request.config_dict[CONTEXT]
    fields = await read_form(request)
    values = field_texts(fields, ("which",))
    asked = {text for text in fields.getall("kind", ()) if isinstance(text, str)}
    in_use = {kind.kind for kind in await read_catalogue(context.pool)}
    chosen = [
        kind
        for kind in starter_catalogue()
        if kind.kind not in in_use
        and (kind.energy in GREEN_ENERGIES if values["which"] == "green" else kind.kind in asked)
    ]
    if not chosen:
        refused = FormError(values, {"kind": NO_KIND_CHOSEN})
        return page(request, await _catalogue_page(request, refused, asked), status=422)
    await put_on_offer(context.pool, visitor(request), chosen)
    raise see_other(f"/catalogue?done={Notice.KINDS_OFFERED}")


async def _catalogue_page(
    request: web.Request, refused: FormError | None = None, chosen: Collection[str] = ()
) -> views.CataloguePage:
    context = request.config_dict[CONTEXT]
    basis = await read_basis(context.pool, local_now().year)
    km_year = _km_year(request, basis.figures)
    vehicles = await vehicles_by_kind(context.pool)
    known = await read_capabilities(request)
    in_use = {kind.kind for kind in basis.catalogue}
    suggested = [kind for kind in starter_catalogue() if kind.kind not in in_use]
    rows = [
        kind_row(kind, ownership(kind, basis.figures, km_year), basis.figures, vehicles, known)
        for kind in (*basis.catalogue, *suggested)
    ]
    fossil = [kind for kind in basis.catalogue if kind.energy not in GREEN_ENERGIES]
    offered = [kind for kind in basis.catalogue if kind.offered]
    return views.CataloguePage(
        year=basis.year,
        km_year=km_year,
        well_to_wheel=basis.figures.well_to_wheel,
        part=asked_part(
            sorted(rows[: len(in_use)], key=lambda row: (not row.offered, name_order(row.name))),
            request.query,
            "/catalogue",
            {"km": km} if (km := request.query.get("km")) else {},
        ),
        suggested=rows[len(in_use) :],
        fossil=_count(fossil, vehicles),
        followed=_count(replaceable_by_green(fossil, offered), vehicles),
        followed_by_all=_count(replaceable_by_green(fossil, [*offered, *suggested]), vehicles),
        chosen=chosen,
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )


def _count(kinds: Iterable[CatalogueKind], vehicles: Mapping[str, int]) -> int:
    """The number of vehicles of some kinds; `vehicles` has the number of each kind."""
    return sum(vehicles.get(kind.kind, 0) for kind in kinds)


async def show_kind(request: web.Request) -> web.StreamResponse:
    """Show one kind: its cost line by line, and the form that changes it."""
    return page(request, await _kind_page(request, await _kind(request)))


async def show_new_kind(request: web.Request) -> web.StreamResponse:
    """Show the form of a kind that is not in the catalogue yet."""
    return page(request, await _kind_page(request, None))


async def add_kind(request: web.Request) -> web.StreamResponse:
    """Add a kind. A refused form comes back with what was typed."""
    context = request.config_dict[CONTEXT]
    basis = await read_basis(context.pool, local_now().year)
    known = await read_capabilities(request)
    taken = {kind.kind for kind in (*basis.catalogue, *starter_catalogue())}
    try:
        form = KindForm.read(
            None, await read_form(request), language_of(request), known.read, taken
        )
    except FormError as error:
        return page(request, await _kind_page(request, None, error), status=422)
    await put_kind(context.pool, visitor(request), form.kind)
    raise see_other(f"/catalogue?done={Notice.KIND_SAVED}")


async def change_kind(request: web.Request) -> web.StreamResponse:
    """Change a kind, or take one of the starter catalogue into use."""
    context = request.config_dict[CONTEXT]
    kind = await _kind(request)
    known = await read_capabilities(request)
    fields = await read_form(request)
    seen = Seen.read(fields)
    try:
        form = KindForm.read(kind.kind, fields, language_of(request), known.read)
    except FormError as error:
        return page(request, await _kind_page(request, kind, error, seen), status=422)
    try:
        await put_kind(context.pool, visitor(request), form.kind, seen.changes)
    except ChangedSinceError:
        shown = await _kind_page(request, await _kind(request))
        form = merged_form(field_texts(fields, KIND_FIELDS), seen.texts, shown.values)
        shown = replace(shown, values=form.values, meanwhile=form.meanwhile)
        return page(request, shown, status=409)
    raise see_other(f"/catalogue?done={Notice.KIND_SAVED}")


async def _kind(request: web.Request) -> CatalogueKind:
    """The kind in the address, from the municipality's catalogue or else from the starter
    catalogue."""
    context = request.config_dict[CONTEXT]
    asked = request.match_info["kind"]
    basis = await read_basis(context.pool, local_now().year)
    for kind in (*basis.catalogue, *starter_catalogue()):
        if kind.kind == asked:
            return kind
    raise web.HTTPNotFound


async def _kind_page(
    request: web.Request,
    kind: CatalogueKind | None,
    refused: FormError | None = None,
    seen: Seen | None = None,
) -> views.KindPage:
    """The page of a kind. `seen` is what the sender of a refused form saw."""
    context = request.config_dict[CONTEXT]
    language = language_of(request)
    basis = await read_basis(context.pool, local_now().year)
    figures = basis.figures
    km_year = _km_year(request, figures)
    known = await read_capabilities(request)
    # Only the form of a new kind can be shown.
    cost = None if kind is None else ownership(kind, figures, km_year)
    model = None if kind is None else kind_figures(kind, figures)
    # A starter kind that is opened is about to be put on offer.
    starting = kind is not None and all(k.kind != kind.kind for k in basis.catalogue)
    shown = replace(kind, offered=True) if kind is not None and starting else kind
    values = (
        {"offered": "yes", "origin": views.Origin.COMPUTED.value, "year": str(basis.year)}
        if shown is None
        else kind_values(shown, language, known.written(shown.offers))
    )
    history = [] if kind is None else await kind_history(context.pool, kind.kind)
    return views.KindPage(
        row=None
        if kind is None or cost is None
        else kind_row(kind, cost, figures, await vehicles_by_kind(context.pool), known),
        source="" if kind is None else kind.source,
        note="" if kind is None else kind.note,
        figures_year=basis.year if kind is None else kind.year,
        year=basis.year,
        km_year=km_year,
        well_to_wheel=figures.well_to_wheel,
        lines=[]
        if cost is None
        else [
            views.CostLine(
                key=line.key,
                kr_year=line.kr_year,
                terms=[term_view(term, cost.kind) for term in line.inputs],
            )
            for line in cost.lines
        ],
        co2_kr_t=figures[FigureKey.CO2_KR_T],
        charge_km_h=model and model.charge_km_h,
        upfront_kr=model and model.upfront_kr,
        measured=kind and await _measured(context.pool, kind, figures),
        catalogue_range_km=kind and catalogue_range_km(kind, figures),
        use_unit="" if kind is None else FUELS[kind.energy].unit,
        history=[
            views.KindHistoryEntry(
                offered=was.kind.offered,
                origin=_origin(was.kind),
                source=was.kind.source,
                note=was.kind.note,
                actor=was.actor,
                at=was.at,
            )
            for was in history
        ],
        seen=seen or Seen(len(history), values),
        action="/catalogue" if kind is None else request.path,
        values=values if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )


async def _measured(pool: Pool, kind: CatalogueKind, figures: YearFigures) -> MeasuredRange | None:
    """How far the vehicles of a kind came on a full battery or tank."""
    level = level_of(kind.energy)
    return None if level is None else (await measured_by_kind(pool, figures, level)).get(kind.kind)


def _km_year(request: web.Request, figures: YearFigures) -> float:
    """The km in the address, or those of the assumptions where the address has none that are
    possible."""
    try:
        asked = parse_number(request.query.get("km", ""), language_of(request))
    except ValueError:
        return figures[FigureKey.SHOWN_KM_YEAR]
    return asked if 0 <= asked <= KM_YEAR_MOST else figures[FigureKey.SHOWN_KM_YEAR]


def kind_row(
    kind: CatalogueKind,
    cost: Ownership,
    figures: YearFigures,
    vehicles: Mapping[str, int],
    known: Capabilities,
) -> views.KindRow:
    """The row of a kind and its cost; `vehicles` has the number of each kind."""
    return views.KindRow(
        kind=kind.kind,
        name=kind.name,
        energy=kind.energy,
        offers=known.named(kind.offers),
        offered=kind.offered,
        origin=_origin(kind),
        estimate=is_estimate(kind.source),
        vehicles=vehicles.get(kind.kind, 0),
        fixed_kr_year=cost.fixed_kr_year,
        kr_km=cost.kr_km,
        kr_year=cost.kr_year,
        co2_g_km=cost.co2_g_km,
        co2_ttw_g_km=cost.co2_ttw_g_km,
        co2_wtw_g_km=cost.co2_wtw_g_km,
        range_km=kind_figures(kind, figures).range_km,
        measured=range_planned_with(kind, figures),
    )


def _origin(kind: CatalogueKind) -> views.Origin:
    return views.Origin.STATED if isinstance(kind.figures, StatedFigures) else views.Origin.COMPUTED


def term_view(term: CostTerm, kind: CatalogueKind) -> views.Term:
    """The view of a value in a line of the cost, with the unit that people write."""
    if isinstance(term.what, FigureKey):
        unit = quantities()[term.what].unit
    elif term.what in (CostInput.WLTP_USE, CostInput.REAL_USE):
        unit = f"{FUELS[kind.energy].unit}/100 km"
    else:
        unit = INPUT_UNITS[term.what]
    return views.Term(
        what=term.what,
        value=term.value,
        unit=unit,
        percent=term.what in (CostInput.RESIDUAL, FigureKey.DISCOUNT_RATE),
        source=term.source,
    )
