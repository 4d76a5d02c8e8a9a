"""The municipality and its closing days for programs: `/v1/municipality`, `/v1/closing-days`."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from api.pages.municipality.shown_name import ShownName
from api.pages.words.language import mark
from api.rest.frame.bodies import (
    Day,
    FreeText,
    Nothing,
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
from fleet.actor import Permission
from fleet.localtime import is_working_day, local_now, public_holidays
from register.history import RegisterSubject, count_changes
from register.municipality.closing_days import (
    ClosedAlreadyError,
    ClosingDay,
    NoClosingDayError,
    add_closing_day,
    closing_days,
    remove_closing_day,
    settle_closing_days,
)
from register.municipality.own_name import NAME_MAX, name_municipality


class NewMunicipalityName(RequestBody):
    """The name of the municipality; null, as it is read before somebody named it, changes nothing.
    `revision` is that of the municipality as the program read it: if somebody else has named it
    since, nothing is changed."""

    model_config = example(revision=0, name="Furesø Kommune")

    revision: Revision
    name: (
        Annotated[str, Field(min_length=1, max_length=NAME_MAX, pattern=r"^[^\x00]*\S[^\x00]*$")]
        | None
    )
    closing_days_known: Told = None


class Municipality(ResponseBody):
    """The municipality; `name` is null until somebody named it. `closing_days_known`: it has told
    its closing days, or that it has none beside public holidays."""

    name: str | None
    closing_days_known: bool
    revision: int


class ClosingDaysQuery(PageQuery):
    """The closing days of which year (absent: this one)."""

    year: Year | None = None


class NewClosingDay(RequestBody):
    """A day on which the municipality is closed, and where that is decided. Weekends and public
    holidays are closed without it. A day that is a closing day already stays as it is."""

    model_config = example(
        day="2026-12-23", name="Dagen før juleaften", source="Aftale om ferie i 2026"
    )

    day: Day
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*\S[^\x00]*$")]
    source: Annotated[FreeText, Field(min_length=1)]
    added_by: Told = None


class ClosingDayTold(ResponseBody):
    """A closing day of the municipality, where that is decided, and who added it."""

    day: date
    name: str
    source: str
    added_by: str


class Holiday(ResponseBody):
    """A public holiday."""

    day: date
    name: str


class ClosingDays(PageBody):
    """The municipality's own closing days of a year by day, and the public holidays, which are
    closed as well."""

    year: int
    holidays: list[Holiday]
    items: list[ClosingDayTold]


async def show_municipality(call: Call[Any]) -> Municipality:
    facts = await call.context.first_run_facts()
    return Municipality(
        name=ShownName.of(call.request).name or None,
        closing_days_known=facts.closing_days_known,
        revision=await count_changes(call.pool, RegisterSubject.MUNICIPALITY, "name"),
    )


async def set_name(call: Call[NewMunicipalityName]) -> Municipality:
    asked = call.asked
    await name_municipality(call.pool, call.actor, asked.name, asked.revision)
    await ShownName.of(call.request).refresh()
    return await show_municipality(call)


async def settle_no_closing_days(call: Call[Nothing]) -> Municipality:
    await settle_closing_days(call.pool, call.actor)
    return await show_municipality(call)


async def list_closing_days(call: Call[ClosingDaysQuery]) -> ClosingDays:
    year = call.asked.year or local_now().year
    own = await _own_days(call, year)
    items, more = page_of(own, call.asked, lambda one: one.day.isoformat())
    return ClosingDays(
        year=year,
        holidays=[Holiday(day=day, name=name) for day, name in public_holidays(year).items()],
        items=[_told(one) for one in items],
        next=more,
    )


async def add_day(call: Call[NewClosingDay]) -> ClosingDayTold:
    asked = call.asked
    if not is_working_day(asked.day):
        raise Problem(422, f"{asked.day} is a weekend or a public holiday, and closed already")
    try:
        await add_closing_day(call.pool, call.actor, asked.day, asked.name.strip(), asked.source)
    except ClosedAlreadyError as there:
        raise Problem(409, str(there)) from there
    return await _day(call, asked.day)


async def show_day(call: Call[Query]) -> ClosingDayTold:
    return await _day(call, _asked_day(call))


async def remove_day(call: Call[Nothing]) -> ClosingDayTold:
    day = _asked_day(call)
    found = await _day(call, day)
    try:
        await remove_closing_day(call.pool, call.actor, day)
    except NoClosingDayError:
        raise _no_day(day) from None
    return found


def _asked_day(call: Call[Any]) -> date:
    """The day in the address.

    Raises:
        Problem: it is none.
    """
    try:
        return date.fromisoformat(call.name("day"))
    except ValueError:
        raise Problem(404, f"{call.name('day')} is no day, such as 2026-12-23") from None


async def _own_days(call: Call[Any], year: int) -> list[ClosingDay]:
    """The days of a year that the municipality closes itself; a public holiday nobody added."""
    return [one for one in await closing_days(call.pool, year) if one.added_by]


async def _day(call: Call[Any], day: date) -> ClosingDayTold:
    """One of the municipality's own closing days.

    Raises:
        Problem: there is none on that day.
    """
    for one in await _own_days(call, day.year):
        if one.day == day:
            return _told(one)
    raise _no_day(day)


def _no_day(day: date) -> Problem:
    return Problem(404, f"the municipality has no closing day of its own on {day}")


def _told(one: ClosingDay) -> ClosingDayTold:
    return ClosingDayTold(day=one.day, name=one.name, source=one.source, added_by=one.added_by)


_DAY = "/v1/closing-days/{day}"

MUNICIPALITY = (
    Operation(
        "GET",
        "/v1/municipality",
        Permission.FIGURES_READ,
        mark("The municipality's name, and whether its closing days are known"),
        Query,
        Municipality,
        show_municipality,
    ),
    Operation(
        "PUT",
        "/v1/municipality",
        Permission.REGISTER_CHANGE,
        mark("Give the municipality a name"),
        NewMunicipalityName,
        Municipality,
        set_name,
        conflict="somebody else has named it since",
    ),
    Operation(
        "POST",
        "/v1/municipality/no-closing-days",
        Permission.REGISTER_CHANGE,
        mark("Note that the municipality is closed on public holidays only"),
        Nothing,
        Municipality,
        settle_no_closing_days,
    ),
    Operation(
        "GET",
        "/v1/closing-days",
        Permission.FIGURES_READ,
        mark("The closing days of a year, and its public holidays"),
        ClosingDaysQuery,
        ClosingDays,
        list_closing_days,
    ),
    Operation(
        "POST",
        "/v1/closing-days",
        Permission.REGISTER_CHANGE,
        mark("Add a closing day"),
        NewClosingDay,
        ClosingDayTold,
        add_day,
        conflict="the day is a closing day already, by another name or source",
        located=_DAY,
    ),
    Operation(
        "GET",
        _DAY,
        Permission.FIGURES_READ,
        mark("One closing day of the municipality's own"),
        Query,
        ClosingDayTold,
        show_day,
    ),
    Operation(
        "DELETE",
        _DAY,
        Permission.REGISTER_CHANGE,
        mark("Remove a closing day of the municipality's own"),
        Nothing,
        ClosingDayTold,
        remove_day,
    ),
)
