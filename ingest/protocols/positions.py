"""Our own format, `POST /v1/positions`: one JSON object, an array, or NDJSON.

`ts` is ISO 8601 (without an offset: UTC), or epoch seconds, milliseconds or microseconds.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from math import nan
from typing import Annotated, Any

import msgspec
from msgspec import NODEFAULT, Meta, Raw, Struct
from msgspec.structs import FieldInfo, astuple

from fleet.position import SENSOR_BOUNDS, Position
from ingest.protocols.attributes import without_unknown
from ingest.protocols.json_elements import (
    DeviceName,
    ElementFormat,
    JsonObject,
    Moment,
    are_storable_objects,
    has_plain_texts,
    moment_or_stand_in,
    originals_of,
    originals_of_lines,
)
from ingest.protocols.json_pieces import line_pieces_of, pieces_of, read_pieces
from ingest.protocols.message import Extremes, Message
from ingest.protocols.position_columns import PositionColumns


class PositionBody(Struct, forbid_unknown_fields=True, gc=False):
    """One position as it is sent; the fields are those of `Position`. A position without a place
    tells that the device was heard."""

    device: DeviceName
    ts: Moment
    lat: float | None
    lon: float | None
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
_PLAIN_FIELDS = frozenset(PositionBody.__struct_fields__) - {"attrs"}


def _within_bounds(field: FieldInfo) -> tuple[str, Any, Any]:
    """The field of a usual body: a moment is text, and a number is within its bounds."""
    kind: Any = datetime if field.name == "ts" else field.type
    if field.name in SENSOR_BOUNDS:
        low, high = SENSOR_BOUNDS[field.name]
        number = int if field.name == "satellites" else float
        # No satellites means no fix.
        kind = Annotated[number, Meta(ge=max(low, 1) if number is int else low, le=high)]
        if not field.required:
            kind = kind | None
    if field.default_factory is not NODEFAULT:
        return field.name, kind, msgspec.field(default_factory=field.default_factory)
    return field.name, kind, msgspec.field(default=field.default)


_USUAL = msgspec.defstruct(
    "UsualBody",
    map(_within_bounds, msgspec.structs.fields(PositionBody)),
    forbid_unknown_fields=True,
    gc=False,
)
_DECODER = msgspec.json.Decoder(list[_USUAL] | _USUAL)
_LINE_DECODER = msgspec.json.Decoder(_USUAL)


def positions_schema() -> dict[str, Any]:
    """The JSON schema of an array of positions, its parts under `#/components/schemas`."""
    [schema], definitions = msgspec.json.schema_components(
        [list[PositionBody]], ref_template="#/components/schemas/{name}"
    )
    return {**schema, "$defs": definitions}


def read(body: bytes) -> Iterator[Message]:
    """Positions from a JSON object or array, piece by piece.

    Raises:
        Unreadable: the body is not JSON, or some element is not a position; names each field.
    """
    return read_pieces(pieces_of(body), decode)


def read_lines(body: bytes) -> Iterator[Message]:
    """Positions from NDJSON, one object a line, piece by piece; empty lines are skipped.

    Raises:
        Unreadable: as for `read`; the index counts the lines that are not empty.
    """
    return read_pieces(line_pieces_of(body), decode_lines)


def decode(body: bytes) -> Message:
    """The same as `read` in one step, for a body that is no larger than a piece."""

    def read_usual() -> list[Struct]:
        found: list[Struct] | Struct = _DECODER.decode(body)
        return found if isinstance(found, list) else [found]

    original = _originals(lambda: originals_of(body))
    return _usual(body, read_usual, original) or _message(_FORMAT.read(body), original)


def decode_lines(body: bytes) -> Message:
    """The same as `read_lines` in one step, for a body that is no larger than a piece."""
    original = _originals(lambda: originals_of_lines(body))
    return _usual(body, lambda: _LINE_DECODER.decode_lines(body), original) or _message(
        _FORMAT.read_lines(body), original
    )


def with_attrs(element: bytes, attrs: bytes | None) -> bytes:
    """The bytes of one position with these attributes in the place of its own."""
    members = msgspec.json.decode(element, type=dict[str, Raw])
    members["attrs"] = Raw(attrs or b"{}")
    return msgspec.json.encode(members)


def known_fields(body: bytes) -> bytes:
    """The bytes to keep of a body that is no position: the known fields, without `attrs`."""
    return without_unknown(body, _PLAIN_FIELDS)


def _originals(read: Callable[[], list[bytes]]) -> Callable[[int], bytes]:
    split: list[bytes] = []

    def original(index: int) -> bytes:
        if not split:
            split.extend(read())
        return split[index]

    return original


def _usual(
    body: bytes, read: Callable[[], list[Struct]], original: Callable[[int], bytes]
) -> Message | None:
    """The positions of a usual body, as almost all are, read column by column.

    Returns:
        None for any other body, which a slower reader reads.
    """
    if not has_plain_texts(body):
        return None
    columns: Iterator[tuple[Any, ...]]
    try:
        columns = zip(*map(astuple, read()), strict=True)
        devices, moments, latitudes, longitudes, speeds, *others, attrs = columns
    except (msgspec.DecodeError, RecursionError, ValueError):  # also when there is no element
        return None
    texts: list[bytes | None] = [None] * len(devices)
    if any(attrs):
        if not are_storable_objects(attrs):
            return None
        texts = [bytes(raw) or None for raw in attrs]
        if not all(text is None or text.startswith(b"{") for text in texts):
            return None
    if {moment.tzinfo for moment in moments} != {UTC}:
        return None
    positions = PositionColumns([devices, moments, latitudes, longitudes, speeds, *others, texts])
    if 0 in latitudes:
        return Message(positions, original)
    fastest_kmh = max([speed for speed in speeds if speed], default=0.0)
    return Message(positions, original, Extremes(min(moments), max(moments), fastest_kmh))


def _message(
    read: tuple[list[PositionBody], list[str]], original: Callable[[int], bytes]
) -> Message:
    bodies, left_out = read
    positions = [_position(body, left_out) for body in bodies]
    return Message(PositionColumns.of(positions), original, left_out=left_out)


def _position(body: PositionBody, left_out: list[str]) -> Position:
    ts = body.ts
    if type(ts) is not datetime or ts.tzinfo is not UTC:
        ts = moment_or_stand_in(ts)
    attrs = bytes(body.attrs) or None
    if attrs is not None and not attrs.startswith(b"{"):
        left_out.append("attrs")
        attrs = None
    placed = body.lat is not None and body.lon is not None
    return Position(
        *(body.device, ts),
        *(nan if body.lat is None else body.lat, nan if body.lon is None else body.lon),
        *(body.speed_kmh, body.heading_deg, body.altitude_m, body.accuracy_m),
        *(body.satellites if placed else 0, body.ignition, body.odometer_km, body.engine_hours_h),
        *(body.fuel_pct, body.soc_pct, body.charging, body.battery_v, attrs),
    )
