"""Trackers for programs: `/v1/devices`."""

from dataclasses import asdict
from datetime import UTC, date, datetime

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    Day,
    Name,
    Nothing,
    PageBody,
    PageQuery,
    Query,
    RequestBody,
    ResponseBody,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import page_of
from api.rest.frame.problems import Problem
from db.connect import Pool
from fleet.actor import Permission
from fleet.localtime import local_day
from register.contact import Contact, Tracker
from register.devices import enrol_device, move_device, seats
from register.keys import new_device_key


class DevicesQuery(PageQuery):
    """Which trackers: those whose contact is this one, or all."""

    contact: Contact | None = None


class Device(ResponseBody):
    """A tracker, the vehicle it sits in, its last ping without its place, and whether it is in
    contact."""

    device: str
    vehicle_id: str | None
    enrolled_at: datetime
    contact: Contact
    last_ping: datetime | None
    silence_s: float | None
    interval_s: float | None
    protocol: str | None
    soc_pct: float | None
    charging: bool | None
    battery_v: float | None
    tracker_battery_pct: float | None


class Devices(PageBody):
    """Enrolled trackers, in the order of their names."""

    items: list[Device]


class NewDevice(RequestBody):
    """A tracker that may send from now on, and the vehicle (null: none) that it sits in."""

    model_config = example(device="356307042441013", vehicle_id="AB12345")

    device: Name
    vehicle_id: Name | None = None


class Enrolled(ResponseBody):
    """A tracker that is enrolled."""

    device: str
    vehicle_id: str | None


class Move(RequestBody):
    """The vehicle (null: none) that a tracker sits in from a local day on (absent: today)."""

    model_config = example(vehicle_id="AB12345", since="2026-11-30")

    vehicle_id: Name | None
    since: Day | None = None


class Seat(ResponseBody):
    """A vehicle that a tracker sat in: from `since` (null: the first) until before `until` (null:
    it still does)."""

    vehicle_id: str | None
    since: date | None
    until: date | None


class Seats(ResponseBody):
    """The vehicles that a tracker sat in, the latest first."""

    items: list[Seat]


class DeviceKey(ResponseBody):
    """The key by which a tracker sends over HTTP; it is shown only once."""

    key: str


async def list_devices(call: Call[DevicesQuery]) -> Devices:
    """The places of vehicles are left out: a program that watches contact does not need them."""
    found = await call.context.trackers(datetime.now(UTC))
    asked = call.asked.contact
    chosen = [one for one in found if asked in (None, one.contact)]
    items, more = page_of(chosen, call.asked, lambda one: one.device)
    return Devices(items=[_device(one) for one in items], next=more)


async def enrol(call: Call[NewDevice]) -> Enrolled:
    device = call.asked.device
    await enrol_device(call.pool, call.actor, device, call.asked.vehicle_id)
    [seat, *_] = await seats(call.pool, device)
    return Enrolled(device=device, vehicle_id=seat.vehicle)


async def list_seats(call: Call[Query]) -> Seats:
    return await _seats(call.pool, call.name("device"))


async def move(call: Call[Move]) -> Seats:
    device, asked = call.name("device"), call.asked
    await _seats(call.pool, device)
    since = asked.since or local_day(datetime.now(UTC))
    await move_device(call.pool, call.actor, device, asked.vehicle_id, since)
    return await _seats(call.pool, device)


async def make_key(call: Call[Nothing]) -> DeviceKey:
    device = call.name("device")
    await _seats(call.pool, device)
    return DeviceKey(key=await new_device_key(call.pool, call.actor, device))


async def _seats(pool: Pool, device: str) -> Seats:
    """The seats of a tracker.

    Raises:
        Problem: it is not enrolled.
    """
    found = await seats(pool, device)
    if not found:
        raise Problem(404, f"there is no device {device}")
    return Seats(
        items=[Seat(vehicle_id=one.vehicle, since=one.since, until=one.until) for one in found]
    )


def _device(tracker: Tracker) -> Device:
    told = {name: value for name, value in asdict(tracker).items() if name in Device.model_fields}
    return Device(**told, last_ping=tracker.last_heard)


NEED = Permission.TELEMETRY_MANAGE
_SEATS = "/v1/devices/{device}/vehicles"

DEVICES = (
    Operation(
        "GET",
        "/v1/devices",
        NEED,
        mark("All trackers, and whether each is in contact"),
        DevicesQuery,
        Devices,
        list_devices,
    ),
    Operation(
        "POST",
        "/v1/devices",
        NEED,
        mark("Enrol a tracker; one that is enrolled stays so"),
        NewDevice,
        Enrolled,
        enrol,
        located="/v1/devices/{device}/vehicles",
    ),
    Operation(
        "GET", _SEATS, NEED, mark("The vehicles that a tracker sat in"), Query, Seats, list_seats
    ),
    Operation(
        "POST",
        _SEATS,
        NEED,
        mark("Move a tracker; what it told before that day stays the old vehicle's"),
        Move,
        Seats,
        move,
        conflict="another tracker sat in the vehicle on that day or later",
    ),
    Operation(
        "POST",
        "/v1/devices/{device}/keys",
        NEED,
        mark("Make a key for a tracker that sends over HTTP"),
        Nothing,
        DeviceKey,
        make_key,
    ),
)
