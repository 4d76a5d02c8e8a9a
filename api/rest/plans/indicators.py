"""The indicators of plans for programs: `/v1/indicators`."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from api.pages.plan.figures import plan_figures
from api.pages.words.language import mark
from api.rest.frame.bodies import (
    Day,
    FreeText,
    Id,
    Name,
    Query,
    RequestBody,
    ResponseBody,
    Revision,
    Told,
    example,
)
from api.rest.frame.operations import Call, Operation
from fleet.actor import Permission
from tracker.indicators import (
    Figure,
    Indicator,
    IndicatorDetails,
    IndicatorKind,
    add_indicator,
    change_indicator,
    indicator,
    indicators,
    say_value,
    value_history,
)


class IndicatorsQuery(Query):
    """Which indicators: of a plan, or all."""

    plan_id: Id | None = None


class ValueTold(ResponseBody):
    """The value of a day, who said it, where it comes from, and how good it is."""

    day: date
    value: float
    source: str
    quality: str
    actor: str
    at: datetime


class IndicatorTold(ResponseBody):
    """An indicator of a programme or a milestone with the values of its days. `scale` are the words
    of one that is not counted, the lowest first; its values are their numbers from 1. One with a
    `figure` is told by the system itself."""

    id: int
    plan_id: int
    programme_id: str | None
    milestone_id: str | None
    name: str
    kind: IndicatorKind
    scale: list[str]
    unit: str
    target: float | None
    target_day: date | None
    source: str
    figure: Figure | None
    values: list[ValueTold]
    revision: int


class IndicatorsTold(ResponseBody):
    """Indicators, by programme."""

    items: list[IndicatorTold]


class SaidTold(ResponseBody):
    """The value that somebody said of a day; null: that there is none."""

    day: date
    value: float | None
    source: str
    quality: str
    actor: str
    at: datetime


class SaidValuesTold(ResponseBody):
    """All that was said of the values of an indicator, the latest first."""

    items: list[SaidTold]


class IndicatorBody(RequestBody):
    """The details of an indicator. `revision` is the one that was read."""

    model_config = example(name="Elbiler", kind="output", unit="biler", target=30, revision=1)

    name: Name
    kind: Annotated[IndicatorKind, Field(strict=False)]
    scale: Annotated[list[Name], Field(max_length=20)] = Field(default_factory=list[str])
    unit: Annotated[FreeText, Field(max_length=64)] = ""
    target: Annotated[float | None, Field(ge=-1e12, le=1e12)] = None
    target_day: Annotated[Day | None, Field(strict=False)] = None
    source: FreeText = ""
    figure: Annotated[Figure | None, Field(strict=False)] = None
    revision: Revision | None = None
    id: Told = None
    plan_id: Told = None
    programme_id: Told = None
    milestone_id: Told = None
    values: Told = None

    @property
    def details(self) -> IndicatorDetails:
        return IndicatorDetails(
            name=self.name,
            kind=self.kind,
            scale=self.scale,
            unit=self.unit,
            target=self.target,
            target_day=self.target_day,
            source=self.source,
            figure=self.figure,
        )


class NewIndicator(RequestBody):
    """An indicator of a programme or of a milestone."""

    model_config = example(
        programme_id="flaadestyring", indicator={"name": "Elbiler", "kind": "output"}
    )

    programme_id: Name | None = None
    milestone_id: Name | None = None
    indicator: IndicatorBody


class RemovalBody(RequestBody):
    """An indicator that is not used any more. `revision` is the one that was read."""

    model_config = example(revision=1)

    revision: Revision | None = None


class ValueBody(RequestBody):
    """The value of a day; null takes back what was said of it."""

    model_config = example(day="2026-11-02", value=12, source="Optælling", quality="Groft skøn")

    day: Annotated[Day, Field(strict=False)]
    value: Annotated[float | None, Field(ge=-1e12, le=1e12)]
    source: FreeText = ""
    quality: FreeText = ""


class Removed(ResponseBody):
    """The indicator that was removed."""

    id: int


async def list_indicators(call: Call[IndicatorsQuery]) -> IndicatorsTold:
    found = await indicators(call.pool, call.asked.plan_id)
    if any(one.details.figure is not None for one in found):
        figures = await plan_figures(call.context, call.actor)
        found = await indicators(call.pool, call.asked.plan_id, figures)
    return IndicatorsTold(items=[_told(one) for one in found])


async def show_indicator(call: Call[Any]) -> IndicatorTold:
    return await _shown(call, call.id("indicator_id"))


async def show_values(call: Call[Query]) -> SaidValuesTold:
    one = await indicator(call.pool, call.id("indicator_id"))
    return SaidValuesTold(
        items=[
            SaidTold(
                day=said.day,
                value=said.value,
                source=said.source,
                quality=said.quality,
                actor=said.actor,
                at=said.at,
            )
            for said in await value_history(call.pool, one.indicator_id)
        ]
    )


async def new(call: Call[NewIndicator]) -> IndicatorTold:
    asked = call.asked
    indicator_id = await add_indicator(
        call.pool,
        call.actor,
        asked.indicator.details,
        programme_id=asked.programme_id,
        milestone_id=asked.milestone_id,
    )
    return await _shown(call, indicator_id)


async def change(call: Call[IndicatorBody]) -> IndicatorTold:
    indicator_id, asked = call.id("indicator_id"), call.asked
    await change_indicator(call.pool, call.actor, indicator_id, asked.details, seen=asked.revision)
    return await _shown(call, indicator_id)


async def remove(call: Call[RemovalBody]) -> Removed:
    indicator_id = call.id("indicator_id")
    await change_indicator(call.pool, call.actor, indicator_id, None, seen=call.asked.revision)
    return Removed(id=indicator_id)


async def value(call: Call[ValueBody]) -> IndicatorTold:
    indicator_id, asked = call.id("indicator_id"), call.asked
    await say_value(
        call.pool,
        call.actor,
        indicator_id,
        asked.day,
        asked.value,
        source=asked.source,
        quality=asked.quality,
    )
    return await _shown(call, indicator_id)


async def _shown(call: Call[Any], indicator_id: int) -> IndicatorTold:
    found = await indicator(call.pool, indicator_id)
    if found.details.figure is not None:
        figures = await plan_figures(call.context, call.actor)
        found = await indicator(call.pool, indicator_id, figures)
    return _told(found)


def _told(one: Indicator) -> IndicatorTold:
    details = one.details
    return IndicatorTold(
        id=one.indicator_id,
        plan_id=one.plan_id,
        programme_id=one.programme_id,
        milestone_id=one.milestone_id,
        name=details.name,
        kind=details.kind,
        scale=list(details.scale),
        unit=details.unit,
        target=details.target,
        target_day=details.target_day,
        source=details.source,
        figure=details.figure,
        values=[
            ValueTold(
                day=said.day,
                value=said.value,
                source=said.source,
                quality=said.quality,
                actor=said.actor,
                at=said.at,
            )
            for said in one.values
        ],
        revision=one.revision,
    )


_ONE = "/v1/indicators/{indicator_id}"
_CHANGED = mark("somebody changed the indicator since it was read")

INDICATORS = (
    Operation(
        "GET",
        "/v1/indicators",
        Permission.FIGURES_READ,
        mark("By what plans are measured, with the values"),
        IndicatorsQuery,
        IndicatorsTold,
        list_indicators,
    ),
    Operation(
        "POST",
        "/v1/indicators",
        Permission.PLAN_MANAGE,
        mark("Measure a programme or a milestone"),
        NewIndicator,
        IndicatorTold,
        new,
        located="/v1/indicators/{id}",
    ),
    Operation(
        "GET",
        _ONE,
        Permission.FIGURES_READ,
        mark("One indicator"),
        Query,
        IndicatorTold,
        show_indicator,
    ),
    Operation(
        "PUT",
        _ONE,
        Permission.PLAN_MANAGE,
        mark("Say something else of an indicator"),
        IndicatorBody,
        IndicatorTold,
        change,
        conflict=_CHANGED,
    ),
    Operation(
        "POST",
        f"{_ONE}/removal",
        Permission.PLAN_MANAGE,
        mark("Use an indicator no more"),
        RemovalBody,
        Removed,
        remove,
        conflict=_CHANGED,
    ),
    Operation(
        "GET",
        f"{_ONE}/values",
        Permission.FIGURES_READ,
        mark("All that was said of the values of an indicator, the latest first"),
        Query,
        SaidValuesTold,
        show_values,
    ),
    Operation(
        "POST",
        f"{_ONE}/values",
        Permission.PLAN_REPORT,
        mark("Say the value of an indicator on a day"),
        ValueBody,
        IndicatorTold,
        value,
    ),
)
