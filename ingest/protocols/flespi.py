"""Flespi-style JSON, as a gateway for many makes of trackers forwards it: an array of flat objects.

Only the parameters below are read. The others, a driver's key among them, are not kept in
quarantine either, since a position is never built from them. An element without a place is one
without a fix.
"""

from collections import Counter
from collections.abc import Iterator
from math import nan

import msgspec
import orjson
from msgspec import Raw, Struct

from fleet.position import Position
from ingest.protocols.attributes import known_members
from ingest.protocols.json_elements import (
    DeviceName,
    ElementFormat,
    Moment,
    moment_or_stand_in,
    originals_of,
)
from ingest.protocols.json_pieces import pieces_of, read_pieces
from ingest.protocols.message import Message
from ingest.protocols.position_columns import PositionColumns

#: The Flespi parameter of each of our fields, in the same unit.
_PARAMETERS: dict[str, str] = {
    "device": "ident",
    "ts": "timestamp",
    "lat": "position.latitude",
    "lon": "position.longitude",
    "valid": "position.valid",
    "speed_kmh": "position.speed",
    "heading_deg": "position.direction",
    "altitude_m": "position.altitude",
    "satellites": "position.satellites",
    "hdop": "position.hdop",
    "ignition": "engine.ignition.status",
    "movement": "movement.status",
    "battery_v": "external.powersource.voltage",
    # The tracker's own battery.
    "tracker_battery_pct": "battery.level",
    "fuel_pct": "can.fuel.level",
    "odometer_km": "vehicle.mileage",
}
_ATTRS = ("hdop", "movement", "tracker_battery_pct")


class _Element(Struct, rename=_PARAMETERS, gc=False):
    device: DeviceName
    ts: Moment
    lat: float | None = None
    lon: float | None = None
    valid: bool | None = None
    speed_kmh: float | None = None
    heading_deg: float | None = None
    altitude_m: float | None = None
    satellites: int | None = None
    hdop: float | None = None
    ignition: bool | None = None
    movement: bool | None = None
    battery_v: float | None = None
    tracker_battery_pct: float | None = None
    fuel_pct: float | None = None
    odometer_km: float | None = None


_FORMAT = ElementFormat(_Element, needed=("lat", "lon"))
_KNOWN = frozenset(_PARAMETERS.values())
_NAMES = msgspec.json.Decoder(list[dict[str, Raw]] | dict[str, Raw])


def read(body: bytes) -> Iterator[Message]:
    """Positions from an array, piece by piece; one object is an array of one.

    Raises:
        Unreadable: the body is not JSON, or some element is no position; names each field.
    """
    return read_pieces(pieces_of(body), decode)


def decode(body: bytes) -> Message:
    """The same as `read` in one step, for a body that is no larger than a piece."""
    read, left_out = _FORMAT.read(body)

    split: list[bytes] = []

    def original(index: int) -> bytes:
        if not split:
            split.extend(originals_of(body))
        return known_members(split[index], _KNOWN)

    positions = [_position(one) for one in read]
    return Message(PositionColumns.of(positions), original, None, _dropped(body), left_out)


def _dropped(body: bytes) -> Counter[str]:
    """How often each parameter occurs that is not read."""
    found: list[dict[str, Raw]] | dict[str, Raw] = _NAMES.decode(body)
    elements = found if isinstance(found, list) else [found]
    return Counter(name for one in elements for name in one if name not in _KNOWN)


def _position(element: _Element) -> Position:
    placed = element.lat is not None and element.lon is not None and element.valid is not False
    said = msgspec.structs.asdict(element)
    attrs = {name: said[name] for name in _ATTRS if said[name] is not None}
    return Position(
        device=element.device,
        ts=moment_or_stand_in(element.ts),
        lat=nan if element.lat is None else element.lat,
        lon=nan if element.lon is None else element.lon,
        speed_kmh=element.speed_kmh,
        heading_deg=element.heading_deg,
        altitude_m=element.altitude_m,
        satellites=element.satellites if placed else 0,  # how the gate knows that there is no fix
        ignition=element.ignition,
        odometer_km=element.odometer_km,
        fuel_pct=element.fuel_pct,
        battery_v=element.battery_v,
        attrs=orjson.dumps(attrs) if attrs else None,
    )
