"""Private periods for programs: `/v1/vehicles/{vehicle}/private`."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    FreeText,
    Moment,
    Nothing,
    Query,
    RequestBody,
    ResponseBody,
    Told,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.problems import Problem
from fleet.actor import Permission
from register.private_periods import RecordedPeriod, end_private, private_periods, set_private
from register.private_time import DutyError, PrivatePeriod, parse_duty
from register.vehicles import NoVehicleError, refuse_other_departments, vehicle_name


class NewPrivatePeriod(RequestBody):
    """A private period of a vehicle, from a moment (absent: now) to another (absent: until somebody
    ends it).

    With `duty`, only the time outside these local hours is private, such as `mon-fri 07:00-16:00`.
    """

    model_config = example(duty="mon-fri 07:00-16:00", note="bilen må bruges privat")

    begins: Moment | None = None
    ends: Moment | None = None
    duty: Annotated[str, Field(max_length=60)] | None = None
    on_holidays: bool = False
    note: FreeText = ""
    private_id: Told = None
    set_by: Told = None
    set_at: Told = None
    deleted: Told = None
    removed: Told = None
    ended_by: Told = None
    ended_at: Told = None

    @field_validator("ends")
    @classmethod
    def _ends_after_it_begins(cls, ends: datetime | None, known: ValidationInfo) -> datetime | None:
        begins: datetime | None = known.data.get("begins")
        if begins is not None and ends is not None and ends <= begins:
            raise ValueError("is not after `begins`")
        return ends

    @field_validator("duty")
    @classmethod
    def _says_hours(cls, duty: str | None) -> str | None:
        if duty is not None:
            try:
                parse_duty(duty)
            except DutyError as wrong:
                raise ValueError(str(wrong)) from None
        return duty


class PrivatePeriodTold(ResponseBody):
    """A private period, who set it, and how many stored positions and other items were deleted for
    it."""

    private_id: int
    begins: datetime
    ends: datetime | None
    duty: str | None
    on_holidays: bool
    note: str
    set_by: str
    set_at: datetime
    deleted: int
    removed: dict[str, int]
    ended_by: str | None
    ended_at: datetime | None


class PrivatePeriods(ResponseBody):
    """A vehicle's private periods, the latest first."""

    items: list[PrivatePeriodTold]


class DeletedPositions(ResponseBody):
    """What was deleted for good of the private time: stored positions, trips with round trips and
    spans of engine hours, and refused items with rows of driving logs. Nothing asks first: `begins`
    in the past deletes what was driven since."""

    deleted: int
    removed_trips: int
    removed_refused: int


class EndedPeriods(ResponseBody):
    """How many periods were ended."""

    ended: int


async def list_periods(call: Call[Query]) -> PrivatePeriods:
    vehicle_id = await _known(call)
    await refuse_other_departments(call.pool, call.actor, vehicle_id)
    found = await private_periods(call.pool, vehicle_id)
    return PrivatePeriods(items=[_period(one) for one in found])


async def add_period(call: Call[NewPrivatePeriod]) -> DeletedPositions:
    vehicle_id, new = await _known(call), call.asked
    duty = None if new.duty is None else parse_duty(new.duty, on_holidays=new.on_holidays)
    period = PrivatePeriod(new.begins or datetime.now(UTC), new.ends, duty)
    deleted = await set_private(call.pool, call.actor, vehicle_id, period, note=new.note)
    removed = (await private_periods(call.pool, vehicle_id))[0].removed
    return DeletedPositions(
        deleted=deleted,
        removed_trips=removed.trips + removed.round_trips + removed.engine_sessions,
        removed_refused=removed.quarantined + removed.log_rows,
    )


async def end_period(call: Call[Nothing]) -> EndedPeriods:
    private_id = call.id("private_id")
    own = await private_periods(call.pool, call.name("vehicle"))
    if private_id not in {one.private_id for one in own}:
        raise Problem(404, "the vehicle has no such period")
    await end_private(call.pool, call.actor, private_id)
    return EndedPeriods(ended=1)


async def _known(call: Call[Query] | Call[NewPrivatePeriod]) -> str:
    """The vehicle in the address.

    Raises:
        NoVehicleError: there is no such vehicle.
    """
    vehicle_id = call.name("vehicle")
    if await vehicle_name(call.pool, vehicle_id) is None:
        raise NoVehicleError(vehicle_id)
    return vehicle_id


def _period(stored: RecordedPeriod) -> PrivatePeriodTold:
    period = stored.period
    known = {
        name: value
        for name, value in asdict(stored).items()
        if name in PrivatePeriodTold.model_fields
    }
    return PrivatePeriodTold(
        **known,
        begins=period.begins,
        ends=period.ends,
        duty=None if period.duty is None else str(period.duty),
        on_holidays=period.duty is not None and period.duty.on_holidays,
    )


_PERIODS = "/v1/vehicles/{vehicle}/private"

PRIVATE = (
    Operation(
        "GET",
        _PERIODS,
        Permission.TRACKS_READ,
        mark("A vehicle's private periods, the latest first"),
        Query,
        PrivatePeriods,
        list_periods,
    ),
    Operation(
        "POST",
        _PERIODS,
        Permission.PRIVATE_CHANGE,
        mark("Make a vehicle private; what is stored of that time is deleted for good, unasked"),
        NewPrivatePeriod,
        DeletedPositions,
        add_period,
    ),
    Operation(
        "POST",
        "/v1/vehicles/{vehicle}/private/{private_id}/end",
        Permission.PRIVATE_CHANGE,
        mark("End a private period now"),
        Nothing,
        EndedPeriods,
        end_period,
    ),
)
