"""The principles of purchase and disposal, and how green the purchases are:
`/v1/purchase-principles` and `/v1/green-purchases`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    FreeText,
    Query,
    RequestBody,
    ResponseBody,
    Revision,
    Told,
    Year,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.problems import Problem
from fleet.actor import Permission
from fleet.localtime import local_now
from optimiser.purchases.green_share import GoalState, YearShare, green_shares
from optimiser.purchases.principles import FIGURE_MAX, Principle, PrincipleRow
from optimiser.purchases.principles_stored import (
    changes_of_principles,
    put_principle,
    read_principles,
)
from optimiser.purchases.purchases import purchases


class PrincipleTold(ResponseBody):
    """A principle: its text in both languages, and the `figure` of its rule. Of `green` that is the
    share of green vehicles among a year's purchases in per cent, of `contract_end` the days before
    the end from which a vehicle may be replaced, of `least_use` the least days of use a week, of
    `pool_first` the most working days a week of a vehicle that counts as free. `actor` and `at`:
    null while it is as the system came with it."""

    principle: Principle
    text_da: str
    text_en: str
    figure: float
    from_year: int
    in_force: bool
    source: str
    revision: int
    actor: str | None
    at: datetime | None


class PrinciplesTold(ResponseBody):
    """All principles."""

    items: list[PrincipleTold]


class PrincipleBody(RequestBody):
    """A principle as it is to be. `revision` is the one that was read."""

    model_config = example(
        text_da="Et køretøj anskaffes kun, når det bliver brugt mindst så mange dage om ugen.",
        text_en="A vehicle is acquired only when it will be used on at least so many days a week.",
        figure=3.5,
        from_year=2026,
        in_force=True,
        source="Byrådets beslutning",
        revision=0,
    )

    text_da: Annotated[FreeText, Field(min_length=1)]
    text_en: Annotated[FreeText, Field(min_length=1)]
    figure: Annotated[float, Field(ge=0, le=max(FIGURE_MAX.values()), allow_inf_nan=False)]
    from_year: Year
    in_force: bool
    source: Annotated[FreeText, Field(min_length=1)]
    revision: Revision
    principle: Told = None
    actor: Told = None
    at: Told = None


class YearTold(ResponseBody):
    """The purchases of a year that count: motor vehicles, those of them that are green, and their
    share; bicycles stand apart. `goal` is the share that is to be green; null: the year has
    none."""

    year: int
    motor: int
    green: int
    bicycles: int
    share: float | None
    goal: float | None
    state: GoalState


class GreenPurchases(ResponseBody):
    """The years with purchases, and this one, the latest first."""

    items: list[YearTold]


async def list_principles(call: Call[Query]) -> PrinciplesTold:
    found = await read_principles(call.pool)
    changes = await changes_of_principles(call.pool)
    return PrinciplesTold(items=[_told(found.of(one), changes[one]) for one in Principle])


async def show_principle(call: Call[Any]) -> PrincipleTold:
    principle = _principle(call)
    row = (await read_principles(call.pool)).of(principle)
    return _told(row, (await changes_of_principles(call.pool))[principle])


async def change_principle(call: Call[PrincipleBody]) -> PrincipleTold:
    asked = call.asked
    row = PrincipleRow(
        principle=_principle(call),
        text_da=asked.text_da,
        text_en=asked.text_en,
        figure=asked.figure,
        from_year=asked.from_year,
        source=asked.source,
        in_force=asked.in_force,
    )
    await put_principle(call.pool, call.actor, row, seen=asked.revision)
    return await show_principle(call)


async def show_green(call: Call[Query]) -> GreenPurchases:
    years = green_shares(
        await purchases(call.pool), await read_principles(call.pool), local_now().year
    )
    return GreenPurchases(items=[_year(one) for one in years])


def _principle(call: Call[Any]) -> Principle:
    name = call.name("principle")
    if name not in set(Principle):
        raise Problem(404, f"there is no principle {name}")
    return Principle(name)


def _told(row: PrincipleRow, changes: int) -> PrincipleTold:
    return PrincipleTold(
        principle=row.principle,
        text_da=row.text_da,
        text_en=row.text_en,
        figure=row.figure,
        from_year=row.from_year,
        in_force=row.in_force,
        source=row.source,
        revision=changes,
        actor=row.actor,
        at=row.at,
    )


def _year(one: YearShare) -> YearTold:
    return YearTold(**{name: getattr(one, name) for name in YearTold.model_fields})


_AT = "/v1/purchase-principles"
_ONE = f"{_AT}/{{principle}}"

PRINCIPLES: Sequence[Operation[Any, Any]] = (
    Operation(
        "GET",
        _AT,
        Permission.FIGURES_READ,
        mark("The principles of purchase and disposal"),
        Query,
        PrinciplesTold,
        list_principles,
    ),
    Operation(
        "GET",
        _ONE,
        Permission.FIGURES_READ,
        mark("One principle"),
        Query,
        PrincipleTold,
        show_principle,
    ),
    Operation(
        "PUT",
        _ONE,
        Permission.PURCHASES_DECIDE,
        mark("Change a principle"),
        PrincipleBody,
        PrincipleTold,
        change_principle,
        conflict="somebody changed the principle since",
    ),
    Operation(
        "GET",
        "/v1/green-purchases",
        Permission.FIGURES_READ,
        mark("How green the purchases of each year are, against the goal"),
        Query,
        GreenPurchases,
        show_green,
    ),
)
