"""Trackers for programs: `/v1/devices/{device}/vehicles`, protected as the pages are."""

from datetime import UTC, date, datetime
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from api.rest.answers import Name, answering_json, error, read, ref, said, sent
from db.connect import Pool
from db.statements import statements
from fleet.localtime import local_day
from ingest.registry import EnrolmentError, move_device

SQL = statements("device")


class Move(BaseModel):
    """From which local day on (absent: today) a tracker sits in which vehicle (null: in none)."""

    model_config = ConfigDict(extra="forbid")

    vehicle: Name | None
    since: date | None = None


class Seat(BaseModel):
    """A vehicle that a tracker sat in: from `since` (null: the first) until before `until` (null:
    it still does)."""

    vehicle: str | None
    since: date | None
    until: date | None


def add_device_routes(app: web.Application, pool: Pool) -> None:
    """Add `/v1/devices/{device}/vehicles` to an application whose pages are protected."""

    async def show(request: web.Request) -> web.StreamResponse:
        return await _answer(pool, request.match_info["device"])

    async def move(request: web.Request) -> web.StreamResponse:
        device = request.match_info["device"]
        wanted = await read(request, Move)
        try:
            await move_device(
                pool, device, wanted.vehicle, wanted.since or local_day(datetime.now(UTC))
            )
        except EnrolmentError as refused:
            return error(422, str(refused))
        return await _answer(pool, device)

    app.router.add_get("/v1/devices/{device}/vehicles", answering_json(show))
    app.router.add_post("/v1/devices/{device}/vehicles", answering_json(move))


async def _answer(pool: Pool, device: str) -> web.StreamResponse:
    rows = await pool.fetch(SQL["seats"], device)
    if not rows:
        return error(404, "there is no such device")
    seats = [Seat(**dict(row)).model_dump(mode="json") for row in rows]
    return web.json_response({"vehicles": seats})


def device_schemas() -> dict[str, Any]:
    """The bodies, for `/openapi.json`."""
    return {name: model.model_json_schema() for name, model in {"Move": Move, "Seat": Seat}.items()}


def device_paths() -> dict[str, Any]:
    """The address, for `/openapi.json`. It answers where the pages do."""
    device = {"name": "device", "in": "path", "required": True, "schema": {"type": "string"}}
    seats = {
        "type": "object",
        "required": ["vehicles"],
        "properties": {"vehicles": {"type": "array", "items": ref("Seat")}},
    }
    answer = said("the vehicles it sat in, the latest first", seats)
    refused = said("not readable, or not as the rules have it; says why", ref("Error"))
    return {
        "/v1/devices/{device}/vehicles": {
            "parameters": [device],
            "get": {
                "summary": "The vehicles that a tracker sat in",
                "responses": {"200": answer, "404": said("no such device", ref("Error"))},
            },
            "post": {
                "summary": "Move a tracker; what it told before that day stays the old vehicle's",
                "requestBody": sent("Move"),
                "responses": {"200": answer, "422": refused},
            },
        }
    }
