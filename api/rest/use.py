"""The use of vehicles for programs: `/v1/use`."""

from datetime import date
from typing import Annotated

from pydantic import Field

from api.pages.words.language import mark
from api.rest.frame.bodies import DaysQuery, Name, PageBody, ResponseBody
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import page_of
from api.rest.frame.spans import asked_period
from fleet.actor import Permission
from register.vehicles import Vehicle, VehicleFilter
from trips.use.fleet_use import VehicleUse
from trips.use.usage import UseStatus


class UseQuery(DaysQuery):
    """Whose use: of vehicles of a department, a depot, a kind, or of all."""

    department: Name | None = None
    depot_id: Name | None = None
    kind: Name | None = None


class VehicleUseTold(ResponseBody):
    """The use of a vehicle in the period. A value that is not known is null, and so is one that is
    not the vehicle's measure: km of a machine, engine hours of the others. Sums of a
    vehicle that was silent are null, and `driving_h` is where a driving log tells of trips: it says
    when a vehicle left and was back.

    `covered_share` is the share of `expected_h` in which its tracker was heard; of the working days
    that are known it was used on `working_days_used`.
    """

    vehicle_id: str
    name: str
    department: str
    depot_id: str
    kind: str
    status: UseStatus
    known: bool
    covered_share: float | None
    expected_h: int | None
    working_days_known: int
    working_days_used: int
    days_used_share: float | None
    trips: int | None
    km: float | None
    driving_h: float | None
    away_h: float | None
    engine_h: float | None


class FleetUseTold(PageBody):
    """The use of vehicles from a local day to another, both included, in the order of their ids;
    the days are null before the first trip. Without `tracks:read` they are whole weeks that are
    over, so that the figures tell of no single day."""

    first: Annotated[date | None, Field(serialization_alias="from")]
    last: Annotated[date | None, Field(serialization_alias="to")]
    items: list[VehicleUseTold]


async def show_use(call: Call[UseQuery]) -> FleetUseTold:
    asked, context = call.asked, call.context
    period = await asked_period(context, asked, call.actor)
    chosen = VehicleFilter(asked.department, asked.depot_id, asked.kind)
    fleet = await context.fleet_use(call.actor, period, chosen)
    items, more = page_of(fleet.vehicles, asked, lambda one: one.vehicle.vehicle_id)
    return FleetUseTold(
        first=None if period is None else period.first,
        last=None if period is None else period.last,
        items=[_told(one, context.status(one.figures)) for one in items],
        next=more,
    )


def _told(one: VehicleUse[Vehicle], status: UseStatus) -> VehicleUseTold:
    vehicle, figures = one.vehicle, one.figures
    return VehicleUseTold(
        vehicle_id=vehicle.vehicle_id,
        name=vehicle.name,
        department=vehicle.department,
        depot_id=vehicle.depot_id,
        kind=vehicle.kind,
        status=status,
        known=figures.known,
        covered_share=figures.covered_share,
        expected_h=figures.expected_h,
        working_days_known=figures.days_known,
        working_days_used=figures.days_used,
        days_used_share=figures.days_used_share,
        trips=figures.told(figures.trips),
        km=None if vehicle.by_hours else figures.told(figures.km),
        driving_h=figures.told(figures.driving_h),
        away_h=figures.told(figures.away_h),
        engine_h=figures.told(figures.engine_h) if vehicle.by_hours else None,
    )


USE = (
    Operation(
        "GET",
        "/v1/use",
        Permission.FIGURES_READ,
        mark("The use of vehicles in a period"),
        UseQuery,
        FleetUseTold,
        show_use,
    ),
)
