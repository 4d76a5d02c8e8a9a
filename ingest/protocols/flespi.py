"""Flespi-style JSON, as a gateway for many makes of trackers forwards it: an array of flat objects.

Only the parameters below are read. The others, a driver's key among them, are not even kept in
quarantine: a position is never built from them.
"""

from typing import Annotated, Any, NotRequired, cast

import orjson
from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from fleet.position import Position
from ingest.protocols.positions import elements_of, no_nul, parse_ts, unreadable_elements
from ingest.protocols.refusal import Message

#: Parameter of Flespi to field of `Position`, both in the same unit.
_FIELDS: dict[str, str] = {
    "ident": "device",
    "timestamp": "ts",
    "position.latitude": "lat",
    "position.longitude": "lon",
    "position.speed": "speed_kmh",
    "position.direction": "heading_deg",
    "position.altitude": "altitude_m",
    "position.satellites": "satellites",
    "engine.ignition.status": "ignition",
    "external.powersource.voltage": "battery_v",
    "can.fuel.level": "fuel_pct",
    "vehicle.mileage": "odometer_km",
}
#: Parameter of Flespi to name in `attrs`. `battery.level` is the tracker's own battery.
_ATTRS: dict[str, str] = {
    "position.hdop": "hdop",
    "movement.status": "movement",
    "battery.level": "tracker_battery_pct",
}
_VALID = "position.valid"

_Element = TypedDict(
    "_Element",
    {
        "ident": Annotated[str, Field(min_length=1, max_length=128), BeforeValidator(no_nul)],
        "timestamp": Annotated[Any, BeforeValidator(parse_ts)],
        "position.latitude": float,
        "position.longitude": float,
        "position.speed": NotRequired[float | None],
        "position.direction": NotRequired[float | None],
        "position.altitude": NotRequired[float | None],
        "position.satellites": NotRequired[int | None],
        "position.valid": NotRequired[bool | None],
        "position.hdop": NotRequired[float | None],
        "engine.ignition.status": NotRequired[bool | None],
        "movement.status": NotRequired[bool | None],
        "external.powersource.voltage": NotRequired[float | None],
        "battery.level": NotRequired[float | None],
        "can.fuel.level": NotRequired[float | None],
        "vehicle.mileage": NotRequired[float | None],
    },
)
_Element.__pydantic_config__ = ConfigDict(extra="ignore")  # pyright: ignore

_ELEMENTS = TypeAdapter(list[_Element])


def decode(body: bytes) -> Message:
    """Positions from an array; one object is an array of one.

    Raises:
        Unreadable: the body is not JSON, or some element is no position; names each field.
    """
    elements = elements_of(body)
    try:
        read = _ELEMENTS.validate_python(elements)
    except ValidationError as error:
        raise unreadable_elements(error) from None
    known = _FIELDS.keys() | _ATTRS.keys() | {_VALID}

    def original(index: int) -> bytes:
        element = cast(dict[str, Any], elements[index])
        return orjson.dumps({name: element[name] for name in element if name in known})

    return Message([_position(cast(dict[str, Any], element)) for element in read], original)


def _position(element: dict[str, Any]) -> Position:
    values = {field: element[name] for name, field in _FIELDS.items() if name in element}
    if element.get(_VALID) is False:
        values["satellites"] = 0  # how the gate knows that there is no fix
    attrs = {
        field: element[name] for name, field in _ATTRS.items() if element.get(name) is not None
    }
    return Position(**values, attrs=attrs)
