"""Private driving for programs: `/v1/vehicles/{id}/private`, protected as the pages are."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from api.rest.answers import answering_json, error, read, ref, said, sent
from db.connect import Pool
from db.statements import statements
from ingest.privacy import end_private, private_periods, set_private
from ingest.private import DutyError, PrivatePeriod, parse_duty

SQL = statements("private")

Who = Annotated[str, Field(min_length=1, max_length=60)]


class NewPeriod(BaseModel):
    """From when (absent: now) until when (absent: until it is ended) a vehicle is private.

    With `duty` only outside these local hours, such as `mon-fri 07:00-16:00`.
    """

    model_config = ConfigDict(extra="forbid")

    begins: AwareDatetime | None = None
    ends: AwareDatetime | None = None
    duty: Annotated[str, Field(max_length=60)] | None = None
    on_holidays: bool = False
    note: Annotated[str, Field(max_length=2_000)] = ""
    by: Who

    @field_validator("duty")
    @classmethod
    def _says_hours(cls, duty: str | None) -> str | None:
        if duty is not None:
            try:
                parse_duty(duty)
            except DutyError as wrong:
                raise ValueError(str(wrong)) from None
        return duty


class End(BaseModel):
    """Who ends a period now."""

    model_config = ConfigDict(extra="forbid")

    by: Who


class Period(BaseModel):
    """A private period, who set it, and how many stored positions were deleted for it."""

    private_id: int
    begins: datetime
    ends: datetime | None
    duty: str | None
    on_holidays: bool
    note: str
    set_by: str
    set_at: datetime
    deleted: int
    ended_by: str | None
    ended_at: datetime | None


def add_private_routes(app: web.Application, pool: Pool) -> None:
    """Add `/v1/vehicles/{id}/private` to an application whose pages are protected."""

    async def known(request: web.Request) -> str | None:
        vehicle_id = request.match_info["id"]
        return vehicle_id if await pool.fetchval(SQL["vehicle_name"], vehicle_id) else None

    async def show(request: web.Request) -> web.StreamResponse:
        vehicle_id = await known(request)
        if vehicle_id is None:
            return error(404, "there is no such vehicle")
        return web.json_response({"periods": await _periods(pool, vehicle_id)})

    async def add(request: web.Request) -> web.StreamResponse:
        vehicle_id = await known(request)
        if vehicle_id is None:
            return error(404, "there is no such vehicle")
        new = await read(request, NewPeriod)
        duty = None if new.duty is None else parse_duty(new.duty, on_holidays=new.on_holidays)
        period = PrivatePeriod(new.begins or datetime.now(UTC), new.ends, duty)
        deleted = await set_private(pool, vehicle_id, period, set_by=new.by, note=new.note)
        return web.json_response({"deleted": deleted})

    async def end(request: web.Request) -> web.StreamResponse:
        private_id = int(request.match_info["private_id"])
        own = await private_periods(pool, request.match_info["id"])
        if private_id not in {one.private_id for one in own}:
            return error(404, "the vehicle has no such period")
        await end_private(pool, private_id, ended_by=(await read(request, End)).by)
        return web.json_response({"ended": 1})

    app.router.add_get("/v1/vehicles/{id}/private", answering_json(show))
    app.router.add_post("/v1/vehicles/{id}/private", answering_json(add))
    app.router.add_post(
        "/v1/vehicles/{id}/private/{private_id:[0-9]{1,18}}/end", answering_json(end)
    )


async def _periods(pool: Pool, vehicle_id: str) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
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
        shown.append(entry.model_dump(mode="json"))
    return shown


def private_schemas() -> dict[str, Any]:
    """The bodies, for `/openapi.json`."""
    models = {"NewPrivatePeriod": NewPeriod, "EndPrivatePeriod": End, "PrivatePeriod": Period}
    return {name: model.model_json_schema() for name, model in models.items()}


def private_paths() -> dict[str, Any]:
    """The addresses, for `/openapi.json`. They answer where the pages do."""
    vehicle = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    number = {"name": "private_id", "in": "path", "required": True, "schema": {"type": "integer"}}
    periods = {
        "type": "object",
        "required": ["periods"],
        "properties": {"periods": {"type": "array", "items": ref("PrivatePeriod")}},
    }
    counts = {"type": "object", "additionalProperties": {"type": "integer"}}
    refused = {
        "404": said("no such vehicle or period", ref("Error")),
        "422": said("not readable, or not as the rules have it; says why", ref("Error")),
    }
    return {
        "/v1/vehicles/{id}/private": {
            "parameters": [vehicle],
            "get": {
                "summary": "A vehicle's private periods, the latest first",
                "responses": {"200": said("all of them", periods), "404": refused["404"]},
            },
            "post": {
                "summary": "Make it private; what is stored of that time is deleted",
                "requestBody": sent("NewPrivatePeriod"),
                "responses": {"200": said("positions deleted", counts), **refused},
            },
        },
        "/v1/vehicles/{id}/private/{private_id}/end": {
            "parameters": [vehicle, number],
            "post": {
                "summary": "End a private period now",
                "requestBody": sent("EndPrivatePeriod"),
                "responses": {"200": said("ended", counts), **refused},
            },
        },
    }
