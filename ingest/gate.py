"""Who may send, and what is plausible. What does not pass is quarantined with its reason."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import isfinite

from fleet.position import Position
from fleet.settings import Network


class Reason(StrEnum):
    """Why telemetry was quarantined."""

    UNKNOWN_DEVICE = "unknown_device"
    NOT_AUTHORISED = "not_authorised"
    CLOCK = "clock"
    COORDINATES = "coordinates"
    ZERO_ISLAND = "zero_island"
    NO_FIX = "no_fix"
    SPEED = "speed"
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
    ip = ipaddress.ip_address(address)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return Sender(device, None) if any(ip in network for network in networks) else None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plausible position looks like."""

    earliest: datetime
    future_max: timedelta
    speed_max_kmh: float


#: What a sensor can say at all, and what the columns of `position` hold: (lowest, highest).
_RANGES: dict[str, tuple[float, float]] = {
    "heading_deg": (0, 360),
    "altitude_m": (-1_000, 20_000),
    "accuracy_m": (0, 1e6),
    "satellites": (0, 200),
    "odometer_km": (0, 1e7),
    "engine_hours_h": (0, 1e6),
    "fuel_pct": (0, 100),
    "soc_pct": (0, 100),
    "battery_v": (0, 1_500),
}


def implausible(position: Position, limits: Limits, now: datetime) -> tuple[Reason, str] | None:
    """Why a position cannot be true, or None when it can."""
    if position.ts < limits.earliest:
        return Reason.CLOCK, f"{position.ts.isoformat()} is before {limits.earliest.isoformat()}"
    if position.ts > now + limits.future_max:
        return Reason.CLOCK, f"{position.ts.isoformat()} is in the future"
    lat, lon = position.lat, position.lon
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):  # also refuses NaN
        return Reason.COORDINATES, f"latitude {lat}, longitude {lon}"
    if position.satellites == 0:
        return Reason.NO_FIX, "satellites 0: the place is old or made up"
    if lat == 0 and lon == 0:
        return Reason.ZERO_ISLAND, "latitude 0, longitude 0: a tracker without a fix"
    speed = position.speed_kmh
    if speed is not None and not 0 <= speed <= limits.speed_max_kmh:
        return Reason.SPEED, f"speed_kmh {speed}"
    for name, (lowest, highest) in _RANGES.items():
        value = getattr(position, name)
        if value is not None and not (isfinite(value) and lowest <= value <= highest):
            return Reason.VALUE, f"{name} {value} is not within {lowest:g} and {highest:g}"
    return None
