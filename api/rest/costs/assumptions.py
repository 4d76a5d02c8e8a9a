"""The assumptions behind costs and emissions for programs: `/v1/assumptions`."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    FreeText,
    PageBody,
    PageQuery,
    Query,
    RequestBody,
    ResponseBody,
    Revision,
    Told,
    Year,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import page_of
from api.rest.frame.problems import Problem
from costs.assumptions import (
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
    changes_of_assumptions,
    put_assumption,
    read_assumptions,
    withdraw_assumption,
)
from fleet.actor import Permission
from fleet.localtime import local_now
from ingest.listeners.problem import RefusedPart


class AssumptionsQuery(PageQuery):
    """The figures that hold in which year (absent: this one)."""

    year: Year | None = None


class NewFigure(RequestBody):
    """A figure of the municipality's own, from the year `valid_from` on, with where it is from.
    `revision` is that of the assumption as the program read it: if somebody else has changed it
    since, nothing is changed."""

    model_config = example(
        revision=0, value=13.5, valid_from=2026, source="SKI-aftale 50.05, prisliste 2026"
    )

    revision: Revision
    value: Annotated[float, Field(allow_inf_nan=False)]
    valid_from: Year
    source: Annotated[FreeText, Field(min_length=1)]
    note: FreeText = ""
    key: Told = None
    group: Told = None
    unit: Told = None
    least: Told = None
    most: Told = None
    own: Told = None
    estimate: Told = None
    out_of_date: Told = None


class Withdrawal(RequestBody):
    """The year from which on a figure of the municipality's own holds that is taken back, and why.
    `revision` is as that of a new figure."""

    model_config = example(revision=1, valid_from=2026, reason="Aftalen er udløbet")

    revision: Revision
    valid_from: Year
    reason: Annotated[FreeText, Field(min_length=1)]


class AssumptionTold(ResponseBody):
    """The figure of a quantity that holds in the year, in its `unit`, with where it is from. It is
    between `least` and `most`. `own`: the municipality stated it; else the product ships it.
    `estimate`: the source says so. `out_of_date`: it is too old for the year."""

    key: FigureKey
    group: FigureGroup
    unit: str
    least: float
    most: float
    value: float
    valid_from: int
    source: str
    note: str
    own: bool
    estimate: bool
    out_of_date: bool
    revision: int


class AssumptionsTold(PageBody):
    """The figures that hold in a year, in the order of their keys."""

    year: int
    items: list[AssumptionTold]


class FigureChangeTold(ResponseBody):
    """A change of a figure; `value` is null where it was taken back, and `source` says why then."""

    valid_from: int
    value: float | None
    source: str
    note: str
    actor: str
    at: datetime


class FigureHistory(ResponseBody):
    """The changes of an assumption, the latest first."""

    items: list[FigureChangeTold]


async def list_assumptions(call: Call[AssumptionsQuery]) -> AssumptionsTold:
    year = call.asked.year or local_now().year
    assumptions = await read_assumptions(call.pool)
    changes = await changes_of_assumptions(call.pool)
    keys, more = page_of(quantities(), call.asked, str)
    return AssumptionsTold(
        year=year,
        items=[_told(assumptions, key, year, changes.get(key, 0)) for key in keys],
        next=more,
    )


async def show_assumption(call: Call[Any]) -> AssumptionTold:
    key = _key(call)
    changes = await changes_of_assumptions(call.pool)
    assumptions = await read_assumptions(call.pool)
    return _told(assumptions, key, local_now().year, changes.get(key, 0))


async def show_history(call: Call[Query]) -> FigureHistory:
    found = await assumption_history(call.pool, _key(call))
    return FigureHistory(
        items=[
            FigureChangeTold(
                valid_from=one.valid_from,
                value=one.value,
                source=one.source,
                note=one.note,
                actor=one.actor,
                at=one.at,
            )
            for one in found
        ]
    )


async def put_figure(call: Call[NewFigure]) -> AssumptionTold:
    key, asked = _key(call), call.asked
    refusal = quantities()[key].refusal(asked.value)
    if refusal is not None:
        reason = refusal.removeprefix(f"{key}: ")
        raise Problem(422, "the figure cannot be", [RefusedPart(None, "value", reason)])
    if not asked.source.strip():
        part = RefusedPart(None, "source", "says where the figure is from")
        raise Problem(422, "a figure needs a source", [part])
    figure = Figure(
        key=key,
        valid_from=asked.valid_from,
        value=asked.value,
        source=asked.source.strip(),
        note=asked.note,
    )
    # What holds already is no change, so that a figure that the product ships stays the product's.
    if figure not in (await read_assumptions(call.pool)).figures:
        await put_assumption(call.pool, call.actor, figure, asked.revision)
    return await show_assumption(call)


async def withdraw(call: Call[Withdrawal]) -> AssumptionTold:
    key, asked = _key(call), call.asked
    await withdraw_assumption(
        call.pool, call.actor, key, asked.valid_from, asked.reason, asked.revision
    )
    return await show_assumption(call)


def _key(call: Call[Any]) -> FigureKey:
    """The key in the address.

    Raises:
        Problem: there is no such assumption.
    """
    key = call.name("key")
    try:
        return FigureKey(key)
    except ValueError:
        raise Problem(404, f"there is no assumption {key}") from None


def _told(assumptions: Assumptions, key: FigureKey, year: int, changes: int) -> AssumptionTold:
    quantity, figure = quantities()[key], assumptions.at(year).figure(key)
    return AssumptionTold(
        key=key,
        group=quantity.group,
        unit=quantity.unit,
        least=quantity.least,
        most=quantity.most,
        value=figure.value,
        valid_from=figure.valid_from,
        source=figure.source,
        note=figure.note,
        own=figure not in shipped_assumptions().figures,
        estimate=is_estimate(figure.source),
        out_of_date=is_out_of_date(figure, year),
        revision=changes,
    )


_ONE = "/v1/assumptions/{key}"
_CONFLICT = "somebody else has changed it since"

ASSUMPTIONS = (
    Operation(
        "GET",
        "/v1/assumptions",
        Permission.FIGURES_READ,
        mark("The assumptions that hold in a year, each with its source"),
        AssumptionsQuery,
        AssumptionsTold,
        list_assumptions,
    ),
    Operation(
        "GET",
        _ONE,
        Permission.FIGURES_READ,
        mark("One assumption"),
        Query,
        AssumptionTold,
        show_assumption,
    ),
    Operation(
        "PUT",
        _ONE,
        Permission.COSTS_CHANGE,
        mark("Put a figure of the municipality's own in force, from a year on"),
        NewFigure,
        AssumptionTold,
        put_figure,
        conflict=_CONFLICT,
    ),
    Operation(
        "POST",
        "/v1/assumptions/{key}/withdraw",
        Permission.COSTS_CHANGE,
        mark("Take a figure of the municipality's own back"),
        Withdrawal,
        AssumptionTold,
        withdraw,
        conflict=_CONFLICT,
    ),
    Operation(
        "GET",
        "/v1/assumptions/{key}/history",
        Permission.FIGURES_READ,
        mark("Who changed an assumption, the latest first"),
        Query,
        FigureHistory,
        show_history,
    ),
)
