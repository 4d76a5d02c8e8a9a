"""The pages of indicators: GET and POST /plan/indicators, GET and POST
/plan/indicators/{indicator_id}, and POST …/values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import cast

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, Seen, field_texts, merged_form
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.indicators import forms
from api.pages.indicators.views import (
    IndicatorNotice,
    IndicatorPage,
    IndicatorRow,
    IndicatorsPage,
    Told,
)
from api.pages.plan.figures import plan_figures
from api.pages.words.formats import Formats
from api.pages.words.language import language_of, mark
from fleet.errors import ChangedSinceError
from fleet.localtime import local_now
from tracker.indicators import (
    DetailChange,
    Indicator,
    IndicatorRefusedError,
    NoIndicatorError,
    add_indicator,
    change_indicator,
    detail_history,
    indicator,
    indicators,
    say_value,
    value_history,
)
from tracker.milestones import milestones_of
from tracker.plans import programmes

#: The indicators of a part of their list, and the entries that the history shows.
ROWS, HISTORY_ROWS = 15, 50

#: The details of which the history tells, by the names of the columns.
DETAILS: Mapping[str, str] = {
    "name": mark("Name"),
    "kind": mark("Tells of"),
    "unit": mark("Unit"),
    "target": mark("Target"),
    "target_day": mark("Target by"),
    "source": mark("Source"),
    "scale": mark("Agreed scale"),
    "figure": mark("Figure of the system"),
}


async def show_indicators(request: web.Request) -> web.StreamResponse:
    """Show by what plans are measured."""
    return page(request, await _indicators_page(request))


async def add(request: web.Request) -> web.StreamResponse:
    """Measure a programme by an indicator."""
    pool = request.config_dict[CONTEXT].pool
    fields = await read_form(request)
    try:
        form = forms.NewForm.read(fields, language_of(request))
        added = await add_indicator(
            pool, visitor(request), form.details, programme_id=form.programme_id
        )
    except FormError as refused:
        shown = await _indicators_page(request)
        again = replace(shown, values=refused.values, errors=refused.errors)
        return page(request, again, status=422)
    except NoIndicatorError:
        raise web.HTTPNotFound from None
    raise see_other(f"/plan/indicators/{added}?done={IndicatorNotice.SAVED}")


async def show_indicator(request: web.Request) -> web.StreamResponse:
    """Show one indicator with its values and its history."""
    return page(request, await _indicator_page(request))


async def change(request: web.Request) -> web.StreamResponse:
    """Change an indicator, or remove it."""
    pool, language = request.config_dict[CONTEXT].pool, language_of(request)
    fields = await read_form(request)
    seen = Seen.read(fields)
    shown = await _indicator_page(request)
    number = shown.row.indicator.indicator_id
    is_removal = field_texts(fields, ("press",))["press"] == "remove"
    try:
        details = None if is_removal else forms.read_details(fields, language)
        await change_indicator(pool, visitor(request), number, details, seen=seen.changes)
    except FormError as refused:
        again = replace(shown, values=refused.values, errors=refused.errors)
        return page(request, again, status=422)
    except ChangedSinceError:
        merged = merged_form(field_texts(fields, forms.FIELDS), seen.texts, shown.texts)
        again = replace(shown, values=merged.values, meanwhile=merged.meanwhile)
        return page(request, again, status=409)
    except NoIndicatorError:
        raise web.HTTPNotFound from None
    if is_removal:
        raise see_other(f"/plan/indicators?done={IndicatorNotice.REMOVED}")
    raise see_other(f"/plan/indicators/{number}?done={IndicatorNotice.SAVED}")


async def say(request: web.Request) -> web.StreamResponse:
    """Say the value of a day."""
    pool = request.config_dict[CONTEXT].pool
    number = id_in_path(request, "indicator_id")
    fields = await read_form(request)
    typed = field_texts(fields, forms.VALUE_FIELDS)
    try:
        form = forms.ValueForm.read(fields, language_of(request))
        await say_value(
            pool,
            visitor(request),
            number,
            form.day,
            form.value,
            source=form.source,
            quality=form.quality,
        )
    except FormError as refused:
        again = replace(await _indicator_page(request), values=typed, errors=refused.errors)
        return page(request, again, status=422)
    except IndicatorRefusedError:
        errors = {"value": forms.VALUE_REFUSED}
        again = replace(await _indicator_page(request), values=typed, errors=errors)
        return page(request, again, status=422)
    except NoIndicatorError:
        raise web.HTTPNotFound from None
    raise see_other(f"/plan/indicators/{number}?done={IndicatorNotice.VALUE}")


async def _indicators_page(request: web.Request) -> IndicatorsPage:
    pool = request.config_dict[CONTEXT].pool
    found = await indicators(pool)
    if any(one.details.figure is not None for one in found):
        figures = await plan_figures(request.config_dict[CONTEXT], visitor(request))
        found = await indicators(pool, None, figures)
    part = asked_part(found, request.query, "/plan/indicators", most=ROWS)
    rows = {row.indicator.indicator_id: row for row in await _rows(request, part.rows)}
    return IndicatorsPage(
        part=part.shown_as(lambda one: rows[one.indicator_id]),
        programmes={
            one.programme_id: one.name for one in await programmes(pool) if one.gone_at is None
        },
        notice=notice_in_address(request, IndicatorNotice),
    )


async def _indicator_page(request: web.Request) -> IndicatorPage:
    context = request.config_dict[CONTEXT]
    number = id_in_path(request, "indicator_id")
    try:
        found = await indicator(context.pool, number)
        if found.details.figure is not None:
            found = await indicator(
                context.pool, number, await plan_figures(context, visitor(request))
            )
    except NoIndicatorError:
        raise web.HTTPNotFound from None
    [row] = await _rows(request, [found])
    formats = Formats(language_of(request))
    told = [
        *(Told(one.actor, one.at, said=one) for one in await value_history(context.pool, number)),
        *(_told(one, formats) for one in await detail_history(context.pool, number)),
    ]
    told.sort(key=lambda one: one.at, reverse=True)
    return IndicatorPage(
        row=row,
        texts=forms.texts_of(found.details, language_of(request)),
        today=local_now().date(),
        history=told[:HISTORY_ROWS],
        notice=notice_in_address(request, IndicatorNotice),
    )


async def _rows(request: web.Request, found: Sequence[Indicator]) -> Sequence[IndicatorRow]:
    pool = request.config_dict[CONTEXT].pool
    ids = [one.milestone_id for one in found if one.milestone_id is not None]
    names = {key: one.title for key, one in (await milestones_of(pool, ids)).items()}
    names |= {one.programme_id: one.name for one in await programmes(pool)}
    return [
        IndicatorRow(one, names.get(one.programme_id or one.milestone_id or "", ""))
        for one in found
    ]


def _told(one: DetailChange, formats: Formats) -> Told:
    return Told(
        one.actor,
        one.at,
        [
            (
                label,
                _text(name, one.before.get(name), formats),
                _text(name, one.content[name], formats),
            )
            for name, label in DETAILS.items()
            if name in one.content and (one.content[name] or one.before.get(name))
        ],
    )


def _text(name: str, value: object, formats: Formats) -> str:
    match value:
        case None:
            return ""
        case list():
            return ", ".join(map(str, cast("list[object]", value)))
        case int() | float():
            return formats.figure(value)
        case _:
            text = str(value)
            return formats.day(date.fromisoformat(text)) if name == "target_day" else text
