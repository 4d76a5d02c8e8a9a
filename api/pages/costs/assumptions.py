"""The pages of assumptions: GET /assumptions, GET and POST /assumptions/{key}, POST …/withdraw."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from aiohttp import web

from api.door.visitor import visitor
from api.pages.costs import views
from api.pages.costs.forms import FigureForm, WithdrawalForm, number_text
from api.pages.costs.views import Notice
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, Seen, field_texts, merged_form
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.words.language import language_of
from costs.assumptions import (
    SWITCH_KEYS,
    Assumptions,
    Figure,
    FigureGroup,
    FigureKey,
    is_estimate,
    is_out_of_date,
    quantities,
    shipped_assumptions,
)
from costs.assumptions_stored import (
    assumption_history,
    put_assumption,
    read_assumptions,
    withdraw_assumption,
)
from fleet.errors import ChangedSinceError
from fleet.localtime import local_now
from optimiser.rounds.basis import latest_dependences


async def show_assumptions(request: web.Request) -> web.StreamResponse:
    """Show the assumptions in force this year by group, each with its source."""
    context = request.config_dict[CONTEXT]
    year = local_now().year
    assumptions = await read_assumptions(context.pool)
    figures = (assumptions.at(year).figure(key) for key in quantities())
    rows = assumption_rows(assumptions, figures, year)
    actor = visitor(request)
    # The figures of the whole round are of the whole municipality.
    depends = await latest_dependences(context.pool) if actor.departments is None else None
    groups = {group: list[views.AssumptionRow]() for group in FigureGroup}
    for row in rows:
        groups[quantities()[row.key].group].append(row)
    return page(
        request,
        views.AssumptionsPage(
            year=year,
            groups=[views.AssumptionGroup(group=g, rows=members) for g, members in groups.items()],
            own=sum(row.own for row in rows),
            estimates=sum(row.estimate for row in rows),
            old=sum(row.old for row in rows),
            depends=depends,
            notice=notice_in_address(request, Notice),
        ),
    )


async def show_assumption(request: web.Request) -> web.StreamResponse:
    """Show one assumption: its years, its history, and the form that changes it."""
    return page(request, await _assumption_page(request))


async def change_assumption(request: web.Request) -> web.StreamResponse:
    """Put another figure in force from a year on. A refused form comes back with what was typed."""
    context = request.config_dict[CONTEXT]
    key = _key(request)
    fields = await read_form(request)
    seen = Seen.read(fields)
    try:
        form = FigureForm.read(key, fields, language_of(request))
    except FormError as error:
        return page(request, await _assumption_page(request, error, seen), status=422)
    try:
        await put_assumption(context.pool, visitor(request), form.figure, seen.changes)
    except ChangedSinceError:
        typed = field_texts(fields, ("value", "valid_from", "source", "note"))
        return page(request, await _merged_page(request, typed, seen), status=409)
    held = (await read_assumptions(context.pool)).at(local_now().year).figure(key)
    raise see_other(f"/assumptions/{key}?done={_saved(form.figure, held)}")


def _saved(figure: Figure, held: Figure) -> Notice:
    """What is said of a figure that was saved, where `held` is the one that holds this year."""
    if figure.valid_from == held.valid_from:
        return Notice.FIGURE_SAVED
    later = figure.valid_from > held.valid_from
    return Notice.FIGURE_OF_LATER_YEAR if later else Notice.FIGURE_REPLACED


async def withdraw_figure(request: web.Request) -> web.StreamResponse:
    """Withdraw one of the municipality's own figures."""
    context = request.config_dict[CONTEXT]
    key = _key(request)
    fields = await read_form(request)
    seen = Seen.read(fields)
    try:
        form = WithdrawalForm.read(fields)
    except FormError as error:
        return page(request, await _assumption_page(request, error, seen), status=422)
    try:
        await withdraw_assumption(
            context.pool, visitor(request), key, form.valid_from, form.reason, seen.changes
        )
    except ChangedSinceError:
        typed = field_texts(fields, ("withdrawn", "reason"))
        return page(request, await _merged_page(request, typed, seen), status=409)
    raise see_other(f"/assumptions/{key}?done={Notice.FIGURE_WITHDRAWN}")


async def _merged_page(
    request: web.Request, typed: Mapping[str, str], seen: Seen
) -> views.AssumptionPage:
    """The page of a figure that somebody else changed while one of its forms was open."""
    shown = await _assumption_page(request)
    form = merged_form(typed, seen.texts, shown.values)
    return replace(shown, values=form.values, meanwhile=form.meanwhile)


async def _assumption_page(
    request: web.Request, refused: FormError | None = None, seen: Seen | None = None
) -> views.AssumptionPage:
    """The page of a figure. `seen` is what the sender of a refused form saw."""
    context = request.config_dict[CONTEXT]
    key = _key(request)
    year = local_now().year
    assumptions = await read_assumptions(context.pool)
    current = assumptions.at(year).figure(key)
    quantity = quantities()[key]
    language = language_of(request)
    given = {
        "value": number_text(current.value, language),
        "valid_from": str(year),
        "source": "",
        "note": "",
        "reason": "",
    }
    history = await assumption_history(context.pool, key)
    return views.AssumptionPage(
        key=key,
        unit=quantity.unit,
        least=quantity.least,
        most=quantity.most,
        switch=key in SWITCH_KEYS,
        year=year,
        series=assumption_rows(
            assumptions,
            (figure for figure in assumptions.figures if figure.key is key),
            year,
            current,
        ),
        history=history,
        seen=seen or Seen(len(history), given),
        values=given if refused is None else {**given, **refused.values},
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )


def assumption_rows(
    assumptions: Assumptions, figures: Iterable[Figure], year: int, current: Figure | None = None
) -> list[views.AssumptionRow]:
    """The rows of figures on a page about a year. Only the one that equals `current` holds then;
    all do where that is None."""
    as_shipped = set(shipped_assumptions().figures)
    return [
        views.AssumptionRow(
            key=figure.key,
            value=figure.value,
            unit=quantities()[figure.key].unit,
            valid_from=figure.valid_from,
            source=figure.source,
            note=figure.note,
            own=figure not in as_shipped,
            estimate=is_estimate(figure.source),
            holds=current is None or figure == current,
            old=(current is None or figure == current) and is_out_of_date(figure, year),
        )
        for figure in figures
    ]


def _key(request: web.Request) -> FigureKey:
    try:
        return FigureKey(request.match_info["key"])
    except ValueError:
        raise web.HTTPNotFound from None
