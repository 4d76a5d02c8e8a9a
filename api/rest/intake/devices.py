"""Trackers for programs: `/v1/devices`."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from ipaddress import ip_network
from typing import Annotated, Any

from pydantic import Field

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    Day,
    Name,
    PageBody,
    PageQuery,
    Query,
    RequestBody,
    ResponseBody,
    Told,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import page_of
from api.rest.frame.problems import Problem
from db.connect import Pool
from fleet.actor import Permission
from fleet.localtime import local_day
from fleet.settings import Network
from ingest.listeners.problem import RefusedPart
from register.contact import Contact, ContactLimits, Tracker, tracker_of
from register.devices import (
    NETWORKS_MAX,
    allow_networks,
    enrol_device,
    move_device,
    networks_of,
    seats,
)


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
    enrolled_at: Told = None
    contact: Told = None
    last_ping: Told = None
    silence_s: Told = None
    interval_s: Told = None
    protocol: Told = None
    soc_pct: Told = None
    charging: Told = None
    battery_v: Told = None
    tracker_battery_pct: Told = None


class Move(RequestBody):
    """The vehicle (null: none) that a tracker sits in from a local day on (absent: today)."""

    model_config = example(vehicle_id="AB12345", since="2026-11-30")

    vehicle_id: Name | None
    since: Day | None = None
    until: Told = None


class Seat(ResponseBody):
    """A vehicle that a tracker sat in: from `since` (null: the first) until before `until` (null:
    it still does)."""

    vehicle_id: str | None
    since: date | None
    until: date | None


class Seats(ResponseBody):
    """The vehicles that a tracker sat in, the latest first."""

    items: list[Seat]


class NewNetworks(RequestBody):
    """The networks that a tracker without a key may send from; null: those of the settings."""

    model_config = example(networks=["10.20.0.0/16"])

    networks: (
        Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=NETWORKS_MAX)] | None
    )

    def read(self) -> list[Network] | None:
        """The networks.

        Raises:
            Problem: one is none.
        """
        try:
            return [ip_network(one) for one in self.networks or ()] or None
        except ValueError as wrong:
            part = RefusedPart(None, "networks", str(wrong))
            raise Problem(422, "the networks cannot be read", [part]) from None


class NetworksTold(ResponseBody):
    """The networks of its own that a tracker without a key may send from; null: those of the
    settings."""

    networks: list[str] | None


async def list_devices(call: Call[DevicesQuery]) -> Devices:
    """The places of vehicles are left out: a program that watches contact does not need them."""
    found = await call.context.trackers(datetime.now(UTC))
    asked = call.asked.contact
    chosen = [one for one in found if asked in (None, one.contact)]
    items, more = page_of(chosen, call.asked, lambda one: one.device)
    return Devices(items=[_device(one) for one in items], next=more)


async def show_device(call: Call[Any]) -> Device:
    return await _tracker(call, call.name("device"))


async def enrol(call: Call[NewDevice]) -> Device:
    device = call.asked.device
    await enrol_device(call.pool, call.actor, device, call.asked.vehicle_id)
    return await _tracker(call, device)


async def list_seats(call: Call[Query]) -> Seats:
    return await _seats(call.pool, call.name("device"))


async def move(call: Call[Move]) -> Seats:
    device, asked = call.name("device"), call.asked
    await _seats(call.pool, device)
    since = asked.since or local_day(datetime.now(UTC))
    await move_device(call.pool, call.actor, device, asked.vehicle_id, since)
    return await _seats(call.pool, device)


async def show_networks(call: Call[Any]) -> NetworksTold:
    device = await _tracker(call, call.name("device"))
    own = await networks_of(call.pool, device.device)
    return NetworksTold(networks=None if own is None else [str(one) for one in own])


async def set_networks(call: Call[NewNetworks]) -> NetworksTold:
    device, networks = await _tracker(call, call.name("device")), call.asked.read()
    if networks != await networks_of(call.pool, device.device):
        await allow_networks(call.pool, call.actor, device.device, networks)
    return await show_networks(call)


async def _tracker(call: Call[Any], device: str) -> Device:
    """A tracker.

    Raises:
        Problem: it is not enrolled.
    """
    limits = ContactLimits.of(call.context.settings)
    found = await tracker_of(call.pool, limits, datetime.now(UTC), device)
    if found is None:
        raise Problem(404, f"there is no device {device}")
    return _device(found)


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
_ONE = "/v1/devices/{device}"
_NETWORKS = "/v1/devices/{device}/networks"
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
        Device,
        enrol,
        located=_ONE,
    ),
    Operation("GET", _ONE, NEED, mark("One tracker"), Query, Device, show_device),
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
        "GET",
        _NETWORKS,
        NEED,
        mark("The networks of its own that a tracker without a key may send from"),
        Query,
        NetworksTold,
        show_networks,
    ),
    Operation(
        "PUT",
        _NETWORKS,
        NEED,
        mark("Let a tracker without a key send from some networks only"),
        NewNetworks,
        NetworksTold,
        set_networks,
    ),
)
