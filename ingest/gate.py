"""Who may send, and what is plausible. What does not pass is quarantined with its reason."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from fleet.position import Position
from fleet.settings import Network
from ingest.detail import Detail

#: Addresses of senders that are remembered, for they send again and again.
_ADDRESSES_MAX = 10_000


class Reason(StrEnum):
    """Why telemetry was quarantined."""

    UNKNOWN_DEVICE = "unknown_device"
    NOT_AUTHORISED = "not_authorised"
    CLOCK = "clock"
    COORDINATES = "coordinates"
    ZERO_ISLAND = "zero_island"
    NO_FIX = "no_fix"
    SPEED = "speed"
    JUMP = "jump"
    VALUE = "value"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Telemetry that did not pass: the original bytes, whose they are, and why."""

    protocol: str
    device: str
    reason: Reason
    detail: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a key belongs to: one device, or a gateway that may send for every enrolled one."""

    device: str | None
    gateway: str | None

    def may_send_for(self, device: str) -> bool:
        return self.gateway is not None or self.device == device


def sender_by_address(address: str, device: str, networks: Sequence[Network]) -> Sender | None:
    """Who a tracker without a key is: the device it names, if it speaks from an allowed network."""
    ip = _ip(address)
    return Sender(device, None) if any(ip in network for network in networks) else None


@lru_cache(maxsize=_ADDRESSES_MAX)
def _ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    ip = ipaddress.ip_address(address)
    return getattr(ip, "ipv4_mapped", None) or ip


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plausible position looks like."""

    earliest: datetime
    future_max: timedelta
    speed_max_kmh: float


def implausible(position: Position, limits: Limits, now: datetime) -> tuple[Reason, str] | None:
    """Why a position cannot be true, or None when it can.

    The bounds are what a sensor can say at all, and what the columns of `position` hold. No
    comparison holds for NaN, so that is refused with the rest.
    """
    ts = position.ts
    if ts < limits.earliest:
        return Reason.CLOCK, Detail.TOO_EARLY.text(
            ts=ts.isoformat(), earliest=limits.earliest.isoformat()
        )
    if ts > now + limits.future_max:
        return Reason.CLOCK, Detail.FUTURE.text(ts=ts.isoformat())
    if position.satellites == 0:
        return Reason.NO_FIX, Detail.NO_FIX.text()
    lat, lon = position.lat, position.lon
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return Reason.COORDINATES, Detail.COORDINATES.text(lat=lat, lon=lon)
    if lat == 0 and lon == 0:
        return Reason.ZERO_ISLAND, Detail.ZERO_ISLAND.text()
    value = position.speed_kmh
    if value is not None and not 0 <= value <= limits.speed_max_kmh:
        return Reason.SPEED, Detail.SPEED.text(value=value)
    # One by one, for this runs for every position.
    value = position.heading_deg
    if value is not None and not 0 <= value <= 360:
        return _value("heading_deg", value)
    value = position.altitude_m
    if value is not None and not -1_000 <= value <= 20_000:
        return _value("altitude_m", value)
    value = position.accuracy_m
    if value is not None and not 0 <= value <= 1e6:
        return _value("accuracy_m", value)
    value = position.satellites
    if value is not None and not 0 <= value <= 200:
        return _value("satellites", value)
    value = position.odometer_km
    if value is not None and not 0 <= value <= 1e7:
        return _value("odometer_km", value)
    value = position.engine_hours_h
    if value is not None and not 0 <= value <= 1e6:
        return _value("engine_hours_h", value)
    value = position.fuel_pct
    if value is not None and not 0 <= value <= 100:
        return _value("fuel_pct", value)
    value = position.soc_pct
    if value is not None and not 0 <= value <= 100:
        return _value("soc_pct", value)
    value = position.battery_v
    if value is not None and not 0 <= value <= 1_500:
        return _value("battery_v", value)
    return None


def _value(name: str, value: float) -> tuple[Reason, str]:
    return Reason.VALUE, Detail.VALUE.text(field=name, value=value)
