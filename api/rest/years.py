"""A vehicle's year for programs: `/v1/vehicles/{vehicle}/year`."""

from datetime import date
from typing import Annotated

from pydantic import Field

from api.pages.vehicles.year_figures import YearMonth, vehicle_year
from api.pages.words.language import mark
from api.rest.frame.bodies import Day, Query, ResponseBody
from api.rest.frame.operations import Call, Operation
from fleet.actor import Permission
from register.vehicles import NoVehicleError
from trips.use.usage import VehicleDay


class YearQuery(Query):
    """The last local day of the year."""

    last: Annotated[
        Day | None,
        Field(alias="to", description="the last local day; absent: that of the data"),
    ] = None


class YearMonthTold(ResponseBody):
    """A month, or what of it is in the year: the days from `first` to `last`, both included. A
    value that is not known is null, and so is one that is not the vehicle's measure: km of a
    machine, engine hours of the others. `covered_share` is the share of the time in which its
    tracker was heard."""

    month: date
    first: date
    last: date
    known: bool
    covered_share: float | None
    working_days_known: int
    working_days_used: int
    days_used_share: float | None
    trips: int | None
    km: float | None
    driving_h: float | None
    away_h: float | None
    engine_h: float | None


class YearDayTold(ResponseBody):
    """A local day. `heard`: its tracker was heard. `works`: it is a working day."""

    day: date
    heard: bool
    works: bool
    km: float | None
    driving_h: float | None
    away_h: float
    engine_h: float | None


class VehicleYearTold(ResponseBody):
    """The year of a vehicle, from a local day to another, both included; they are null before the
    first trip of the fleet. The latest month is the first. Without `tracks:read` the days are null,
    and a month is of whole weeks that are over, each counted to the month of its Thursday, so that
    its sums tell of no single day. `earlier`
    and `later` are the last days of the years before and after, where there is data."""

    vehicle_id: str
    first: Annotated[date | None, Field(serialization_alias="from")]
    last: Annotated[date | None, Field(serialization_alias="to")]
    months: list[YearMonthTold]
    days: list[YearDayTold] | None
    earlier: date | None
    later: date | None


async def show_year(call: Call[YearQuery]) -> VehicleYearTold:
    vehicle_id = call.name("vehicle")
    found = await vehicle_year(call.context, call.actor, vehicle_id, call.asked.last)
    if found is None:
        raise NoVehicleError(vehicle_id)
    by_hours = found.used.vehicle.by_hours
    return VehicleYearTold(
        vehicle_id=vehicle_id,
        first=None if found.period is None else found.period.first,
        last=None if found.period is None else found.period.last,
        months=[_month(one, by_hours=by_hours) for one in found.months],
        days=[_day(one, by_hours=by_hours) for one in found.days] if found.by_day else None,
        earlier=found.earlier,
        later=found.later,
    )


def _month(month: YearMonth, *, by_hours: bool) -> YearMonthTold:
    figures = month.figures
    return YearMonthTold(
        month=month.month,
        first=month.first,
        last=month.last,
        known=figures.known,
        covered_share=figures.covered_share,
        working_days_known=figures.days_known,
        working_days_used=figures.days_used,
        days_used_share=figures.days_used_share,
        trips=figures.told(figures.trips),
        km=None if by_hours else figures.told(figures.km),
        driving_h=figures.told(figures.driving_h),
        away_h=figures.told(figures.away_h),
        engine_h=figures.told(figures.engine_h) if by_hours else None,
    )


def _day(day: VehicleDay, *, by_hours: bool) -> YearDayTold:
    return YearDayTold(
        day=day.day,
        heard=day.heard,
        works=day.works,
        km=None if by_hours else day.km,
        driving_h=day.driving_h,
        away_h=day.away_h,
        engine_h=day.engine_h if by_hours else None,
    )


YEARS = (
    Operation(
        "GET",
        "/v1/vehicles/{vehicle}/year",
        Permission.FIGURES_READ,
        mark("A vehicle's year by month, and by day with tracks:read"),
        YearQuery,
        VehicleYearTold,
        show_year,
    ),
)
