"""The trackers for programs: `/v1/devices/live` and `/v1/devices/{device}/vehicles`, protected as
the pages are."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from aiohttp import web

from api.door.needs import add_routes, get, post
from api.door.visitor import visitor
from api.rest.answers import (
    NAME_IN_PATH,
    Day,
    Name,
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
from fleet.localtime import local_day
from register.contact import Contact, ContactLimits, Tracker, trackers
from register.devices import EnrolmentError, move_device, seats


class Move(RequestBody):
    """The vehicle (null: none) that a tracker sits in from a local day on (absent: today)."""

    vehicle: Name | None
    since: Day | None = None


class Seat(ResponseBody):
    """A vehicle that a tracker sat in: from `since` (null: the first) until before `until` (null:
    it still does)."""

    vehicle: str | None
    since: date | None
    until: date | None


class Seats(ResponseBody):
    """The vehicles that a tracker sat in, the latest first."""

    vehicles: list[Seat]


class LiveDevice(ResponseBody):
    """The last ping of a tracker, without its place, and whether it is in contact."""

    device: str
    vehicle: str | None
    contact: Contact
    last_ping: datetime | None
    silence_s: float | None
    interval_s: float | None
    protocol: str | None
    soc_pct: float | None
    charging: bool | None
    battery_v: float | None
    tracker_battery_pct: float | None


class LiveDevices(ResponseBody):
    """Every enrolled tracker."""

    devices: list[LiveDevice]


def add_device_routes(app: web.Application, pool: Pool, limits: ContactLimits) -> None:
    """Add `/v1/devices/live` and `/v1/devices/{device}/vehicles` to an application whose pages are
    protected. `limits` say when a tracker is late, and when it is silent."""

    async def live(_: web.Request) -> web.StreamResponse:
        """The places of vehicles are left out: a program that watches contact does not need
        them."""
        found = await trackers(pool, limits, datetime.now(UTC))
        return json_answer(LiveDevices(devices=[_live(tracker) for tracker in found]))

    async def show(request: web.Request) -> web.StreamResponse:
        return await _answer(pool, request.match_info["device"])

    async def move(request: web.Request) -> web.StreamResponse:
        device = request.match_info["device"]
        wanted = await read_body(request, Move)
        try:
            await move_device(
                pool,
                visitor(request),
                device,
                wanted.vehicle,
                wanted.since or local_day(datetime.now(UTC)),
            )
        except EnrolmentError as refused:
            return json_error(422, str(refused))
        return await _answer(pool, device)

    seats, need = "/v1/devices/{device}/vehicles", Permission.TELEMETRY_MANAGE
    add_routes(
        app,
        [
            get("/v1/devices/live", live, need),
            get(seats, answering_json(show), need),
            post(seats, answering_json(move), need),
        ],
    )


async def _answer(pool: Pool, device: str) -> web.StreamResponse:
    found = await seats(pool, device)
    if not found:
        return json_error(404, "there is no such device")
    return json_answer(Seats(vehicles=[Seat(**asdict(one)) for one in found]))


def _live(tracker: Tracker) -> LiveDevice:
    return LiveDevice(
        device=tracker.device,
        vehicle=tracker.vehicle_id,
        contact=tracker.contact,
        last_ping=tracker.last_heard,
        silence_s=tracker.silence_s,
        interval_s=tracker.interval_s,
        protocol=tracker.protocol,
        soc_pct=tracker.soc_pct,
        charging=tracker.charging,
        battery_v=tracker.battery_v,
        tracker_battery_pct=tracker.tracker_battery_pct,
    )


def device_schemas() -> dict[str, Any]:
    """The bodies, for `/openapi.json`."""
    return schemas_of(Move=Move, Seats=Seats, LiveDevices=LiveDevices)


def device_paths() -> dict[str, Any]:
    """The addresses, for `/openapi.json`. They answer where the pages do."""
    seats = response_doc("the vehicles it sat in, the latest first", schema_ref("Seats"))
    missing = response_doc("no such device", schema_ref("Error"))
    refused = response_doc(
        "not readable, or not as the rules have it; says why", schema_ref("Error")
    )
    return {
        "/v1/devices/{device}/vehicles": {
            "parameters": [path_parameter("device", NAME_IN_PATH)],
            "get": {
                "summary": "The vehicles that a tracker sat in",
                "responses": {"200": seats, "404": missing},
            },
            "post": {
                "summary": "Move a tracker; what it told before that day stays the old vehicle's",
                "requestBody": body_doc("Move"),
                "responses": {"200": seats, "404": missing, "422": refused},
            },
        },
        "/v1/devices/live": {
            "get": {
                "summary": "The last ping of every device, and whether it is in contact",
                "responses": {
                    "200": response_doc("all enrolled devices", schema_ref("LiveDevices"))
                },
            }
        },
    }
