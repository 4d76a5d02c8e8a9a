"""The private periods for programs: `/v1/vehicles/{id}/private`, protected as the pages are."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field, field_validator

from api.address import id_in_path
from api.door.needs import add_routes, get, post
from api.door.visitor import visitor
from api.rest.answers import (
    ID_IN_PATH,
    NAME_IN_PATH,
    FreeText,
    Moment,
    RequestBody,
    ResponseBody,
    answering_json,
    body_doc,
    json_answer,
    json_error,
    path_parameter,
    read_body,
    response_doc,
    schema_ref,
    schemas_of,
)
from db.connect import Pool
from fleet.actor import Permission
from register.private_periods import end_private, private_periods, set_private
from register.private_time import DutyError, PrivatePeriod, parse_duty
from register.vehicles import refuse_other_departments, vehicle_name


class NewPeriod(RequestBody):
    """A private period of a vehicle, from a moment (absent: now) to another (absent: until somebody
    ends it).

    With `duty`, only the time outside these local hours is private, such as `mon-fri 07:00-16:00`.
    """

    begins: Moment | None = None
    ends: Moment | None = None
    duty: Annotated[str, Field(max_length=60)] | None = None
    on_holidays: bool = False
    note: FreeText = ""

    @field_validator("duty")
    @classmethod
    def _says_hours(cls, duty: str | None) -> str | None:
        if duty is not None:
            try:
                parse_duty(duty)
            except DutyError as wrong:
                raise ValueError(str(wrong)) from None
        return duty


class Period(ResponseBody):
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


class Periods(ResponseBody):
    """A vehicle's private periods, the latest first."""

    periods: list[Period]


class Deleted(ResponseBody):
    """How many stored positions were deleted."""

    deleted: int


class Ended(ResponseBody):
    """How many periods were ended."""

    ended: int


def add_private_routes(app: web.Application, pool: Pool) -> None:
    """Add `/v1/vehicles/{id}/private` to an application whose pages are protected."""

    async def known(request: web.Request) -> str | None:
        vehicle_id = request.match_info["id"]
        return vehicle_id if await vehicle_name(pool, vehicle_id) else None

    async def show(request: web.Request) -> web.StreamResponse:
        vehicle_id = await known(request)
        if vehicle_id is None:
            return json_error(404, "there is no such vehicle")
        await refuse_other_departments(pool, visitor(request), vehicle_id)
        return json_answer(Periods(periods=await _periods(pool, vehicle_id)))

    async def add(request: web.Request) -> web.StreamResponse:
        vehicle_id = await known(request)
        if vehicle_id is None:
            return json_error(404, "there is no such vehicle")
        new = await read_body(request, NewPeriod)
        duty = None if new.duty is None else parse_duty(new.duty, on_holidays=new.on_holidays)
        period = PrivatePeriod(new.begins or datetime.now(UTC), new.ends, duty)
        deleted = await set_private(pool, visitor(request), vehicle_id, period, note=new.note)
        return json_answer(Deleted(deleted=deleted))

    async def end(request: web.Request) -> web.StreamResponse:
        private_id = id_in_path(request, "private_id")
        own = await private_periods(pool, request.match_info["id"])
        if private_id not in {one.private_id for one in own}:
            return json_error(404, "the vehicle has no such period")
        await end_private(pool, visitor(request), private_id)
        return json_answer(Ended(ended=1))

    periods, one = "/v1/vehicles/{id}/private", "/v1/vehicles/{id}/private/{private_id}/end"
    add_routes(
        app,
        [
            get(periods, answering_json(show), Permission.TRACKS_READ),
            post(periods, answering_json(add), Permission.PRIVATE_CHANGE),
            post(one, answering_json(end), Permission.PRIVATE_CHANGE),
        ],
    )


async def _periods(pool: Pool, vehicle_id: str) -> list[Period]:
    shown: list[Period] = []
    for one in await private_periods(pool, vehicle_id):
        period = one.period
        known = {name: value for name, value in asdict(one).items() if name in Period.model_fields}
        entry = Period(
            **known,
            begins=period.begins,
            ends=period.ends,
            duty=None if period.duty is None else str(period.duty),
            on_holidays=period.duty is not None and period.duty.on_holidays,
        )
        shown.append(entry)
    return shown


def private_schemas() -> dict[str, Any]:
    """The bodies, for `/openapi.json`."""
    return schemas_of(
        NewPrivatePeriod=NewPeriod,
        PrivatePeriods=Periods,
        DeletedPositions=Deleted,
        EndedPeriods=Ended,
    )


def private_paths() -> dict[str, Any]:
    """The addresses, for `/openapi.json`. They answer where the pages do."""
    vehicle, number = path_parameter("id", NAME_IN_PATH), path_parameter("private_id", ID_IN_PATH)
    periods = response_doc("all of them", schema_ref("PrivatePeriods"))
    refused = {
        "404": response_doc("no such vehicle or period", schema_ref("Error")),
        "422": response_doc(
            "not readable, or not as the rules have it; says why", schema_ref("Error")
        ),
    }
    return {
        "/v1/vehicles/{id}/private": {
            "parameters": [vehicle],
            "get": {
                "summary": "A vehicle's private periods, the latest first",
                "responses": {
                    "200": periods,
                    "404": refused["404"],
                },
            },
            "post": {
                "summary": "Make it private; what is stored of that time is deleted",
                "requestBody": body_doc("NewPrivatePeriod"),
                "responses": {
                    "200": response_doc("positions deleted", schema_ref("DeletedPositions")),
                    **refused,
                },
            },
        },
        "/v1/vehicles/{id}/private/{private_id}/end": {
            "parameters": [vehicle, number],
            "post": {
                "summary": "End a private period now",
                "responses": {"200": response_doc("ended", schema_ref("EndedPeriods")), **refused},
            },
        },
    }
