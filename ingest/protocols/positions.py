"""Our own format, `POST /v1/positions`: one JSON object, an array, or NDJSON.

`ts` is ISO 8601 (without an offset: UTC), epoch seconds or epoch milliseconds.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Raw, Struct

from fleet.position import Position
from ingest.protocols.elements import (
    DeviceName,
    ElementFormat,
    JsonObject,
    Moment,
    originals_of,
    originals_of_lines,
    parse_ts,
)
from ingest.protocols.refusal import FieldError, Message, Unreadable


class PositionBody(Struct, forbid_unknown_fields=True, gc=False):
    """One position as it is sent; the fields are those of `Position`."""

    device: DeviceName
    ts: Moment
    lat: float
    lon: float
    speed_kmh: float | None = None
    heading_deg: float | None = None
    altitude_m: float | None = None
    accuracy_m: float | None = None
    satellites: int | None = None
    ignition: bool | None = None
    odometer_km: float | None = None
    engine_hours_h: float | None = None
    fuel_pct: float | None = None
    soc_pct: float | None = None
    charging: bool | None = None
    battery_v: float | None = None
    attrs: JsonObject = msgspec.field(default_factory=Raw)


_FORMAT = ElementFormat(PositionBody)


def positions_schema() -> dict[str, Any]:
    """The JSON schema of an array of positions, its parts under `#/components/schemas`."""
    [schema], definitions = msgspec.json.schema_components(
        [list[PositionBody]], ref_template="#/components/schemas/{name}"
    )
    return {**schema, "$defs": definitions}


def decode(body: bytes) -> Message:
    """Positions from a JSON object or array.

    Raises:
        Unreadable: the body is not JSON, or some element is not a position; names each field.
    """
    return _message(_FORMAT.read(body), lambda: originals_of(body))


def decode_lines(body: bytes) -> Message:
    """Positions from NDJSON, one object a line; empty lines are skipped.

    Raises:
        Unreadable: as for `decode`; the index counts the lines that are not empty.
    """
    return _message(_FORMAT.read_lines(body), lambda: originals_of_lines(body))


def _message(bodies: list[PositionBody], originals: Callable[[], list[bytes]]) -> Message:
    split: list[bytes] = []

    def original(index: int) -> bytes:
        if not split:
            split.extend(originals())
        return split[index]

    return Message([_position(index, body) for index, body in enumerate(bodies)], original)


def _position(index: int, body: PositionBody) -> Position:
    ts = body.ts
    if type(ts) is not datetime or ts.tzinfo is not UTC:
        try:
            ts = parse_ts(ts)
        except ValueError as error:
            raise Unreadable([FieldError(index, "ts", str(error))]) from None
    attrs = bytes(body.attrs) or None
    if attrs is not None and not attrs.startswith(b"{"):
        raise Unreadable([FieldError(index, "attrs", "must be a JSON object")])
    return Position(
        *(body.device, ts, body.lat, body.lon),
        *(body.speed_kmh, body.heading_deg, body.altitude_m, body.accuracy_m),
        *(body.satellites, body.ignition, body.odometer_km, body.engine_hours_h),
        *(body.fuel_pct, body.soc_pct, body.charging, body.battery_v, attrs),
    )
