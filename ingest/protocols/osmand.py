"""The OsmAnd protocol over HTTP, as the OsmAnd app and the Traccar Client speak it.

A message is a query string or form with `id`, `lat`, `lon` and more, or a JSON body. The speed of a
JSON body is in m/s, that of a query in the unit that is set for its device. Where none is set, the
Traccar Client sends knots, and the OsmAnd app and GPSLogger send m/s: a query with `hdop`, and with
neither `accuracy` nor `batt`, comes from one of the latter. Only known parameters are taken: a
sender must not be able to set its odometer by inventing a name.
"""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from math import isfinite, nan
from typing import Any, cast
from urllib.parse import parse_qsl, unquote_plus

import orjson

from fleet.position import Position, SpeedUnit
from ingest.protocols.json_elements import parse_ts
from ingest.protocols.message import Message
from ingest.protocols.mistake import Mistake, mistake_in
from ingest.protocols.position_columns import PositionColumns
from ingest.protocols.unreadable import FieldError, Unreadable, unreadable

#: Parameters of a query that are read, at most; the app sends a dozen.
FIELDS_MAX = 100

#: The parameters that are read. Quarantine keeps no others.
_QUERY = frozenset(
    {"id", "deviceid", "location", "lat", "lon", "timestamp", "speed", "bearing", "heading"}
    | {"altitude", "accuracy", "hdop", "batt", "charge", "valid"}
)
#: The parameters of the JSON variant that are read, and of each object in it.
_JSON: dict[str, Any] = {
    "device_id": None,
    "location": {
        "timestamp": None,
        "odometer": None,
        "coords": dict.fromkeys(
            ("latitude", "longitude", "speed", "heading", "altitude", "accuracy")
        ),
        "battery": {"level": None},
    },
}

KMH_PER_M_S = 3.6


_KMH_PER = {SpeedUnit.KNOTS: 1.852, SpeedUnit.M_S: KMH_PER_M_S, SpeedUnit.KM_H: 1.0}
_NO_UNITS: Mapping[str, SpeedUnit] = {}

_EPOCH = re.compile(r"-?\d{1,20}([.,]\d{0,20})?")
#: The texts that programs write for a value that they do not have.
_NO_VALUE = frozenset({"null", "none", "nil", "undefined"})
_BLANK_OFFSET = re.compile(r"(\d) (\d\d:?\d\d)\Z")


def decode(
    payload: bytes, received_at: datetime, units: Mapping[str, SpeedUnit] = _NO_UNITS
) -> Message:
    """Decode the position in a query, a form or a JSON body, told apart by the first character
    alone, since quarantine keeps no more of the request.

    Raises:
        Unreadable: as for `decode_json` and `decode_query`.
    """
    if payload.lstrip().startswith(b"{"):
        return decode_json(payload)
    return decode_query(payload, received_at, units)


def decode_query(
    query: bytes, received_at: datetime, units: Mapping[str, SpeedUnit] = _NO_UNITS
) -> Message:
    """The position in a query string or form body; one without a place is a heartbeat: heard, and
    without a fix. `units` are those set for devices.

    Raises:
        Unreadable: no device, or a moment or coordinates that are none.
    """
    text = query.decode("utf-8", errors="replace")
    values = dict(fields_of(text))
    device = _device(values.get("id") or values.get("deviceid"))
    left_out: list[str] = []
    ts = _query_ts(values.get("timestamp"), received_at)
    if "location" in values:
        lat_text, _, lon_text = values["location"].partition(",")
    else:
        lat_text, lon_text = values.get("lat"), values.get("lon")
    placed = lat_text is not None or lon_text is not None
    if placed and {(text or "").strip().lower() for text in (lat_text, lon_text)} & _NO_VALUE:
        placed = False
    speed = _number(values, "speed", left_out)
    is_in_m_s = "hdop" in values and not values.keys() & {"accuracy", "batt"}
    unit = units.get(device) or (SpeedUnit.M_S if is_in_m_s else SpeedUnit.KNOTS)
    no_fix = not placed or _flag(values.get("valid")) is False
    position = Position(
        device=device,
        ts=ts,
        lat=_coordinate("lat", lat_text or "") if placed else nan,
        lon=_coordinate("lon", lon_text or "") if placed else nan,
        speed_kmh=None if speed is None else speed * _KMH_PER[unit],
        heading_deg=_number(values, "bearing" if "bearing" in values else "heading", left_out),
        altitude_m=_number(values, "altitude", left_out),
        accuracy_m=_number(values, "accuracy", left_out),
        satellites=0 if no_fix else None,  # how the gate knows that there is no fix
        # The phone's own battery, never the state of charge of the vehicle.
        attrs=_attrs(
            {
                "hdop": _number(values, "hdop", left_out),
                "phone_battery_pct": _number(values, "batt", left_out),
                "phone_charging": _flag(values.get("charge")),
            }
        ),
    )
    dropped = Counter(values.keys() - _QUERY - {"key"})
    return Message(
        PositionColumns.of([position]), lambda _: known_query(query), None, dropped, left_out
    )


def known_query(query: bytes) -> bytes:
    """A query string or form with the parameters that are read, and no others."""
    parts = query.split(b"&")
    return b"&".join(
        part for part in parts if unquote_plus(part.partition(b"=")[0].decode("latin-1")) in _QUERY
    )


def fields_of(text: str) -> list[tuple[str, str]]:
    """The parameters in a query string or form.

    Raises:
        Unreadable: there are too many.
    """
    try:
        return parse_qsl(text, max_num_fields=FIELDS_MAX)
    except ValueError:
        raise unreadable(None, "body", Mistake.FIELDS, most=FIELDS_MAX) from None


def decode_json(body: bytes) -> Message:
    """The position in the JSON variant; negative values mean absent there, and one without a place
    in `coords`, or without these, is a heartbeat: heard, and without a fix.

    Raises:
        Unreadable: not JSON, `device_id`, `location` or the timestamp is missing, or the
            coordinates are none.
    """
    try:
        root = _object(orjson.loads(body), "body")
    except orjson.JSONDecodeError as error:
        raise unreadable(None, "body", Mistake.NOT_JSON, error=str(error)) from None
    named = root.get("device_id")
    device = _device(named if isinstance(named, str) else None)
    location = _object(root.get("location"), "location")
    try:
        ts = parse_ts(location.get("timestamp"))
    except ValueError as error:
        raise Unreadable([FieldError(None, "location.timestamp", mistake_in(error))]) from None
    given = location.get("coords")
    coords = {} if given is None else _object(given, "location.coords")
    placed = all(coords.get(name) is not None for name in ("latitude", "longitude"))
    left_out: list[str] = []
    battery: dict[str, Any] = {}
    if location.get("battery") is not None:
        try:
            battery = _object(location["battery"], "location.battery")
        except Unreadable:
            left_out.append("battery")
    speed_m_s = _present(coords, "speed", left_out)
    odometer_m = _present(location, "odometer", left_out)
    level = _present(battery, "level", left_out)
    position = Position(
        device=device,
        ts=ts,
        lat=_json_coordinate(coords, "latitude") if placed else nan,
        lon=_json_coordinate(coords, "longitude") if placed else nan,
        speed_kmh=None if speed_m_s is None else speed_m_s * KMH_PER_M_S,
        heading_deg=_present(coords, "heading", left_out),
        altitude_m=_json_number(coords, "altitude", left_out),
        accuracy_m=_present(coords, "accuracy", left_out),
        satellites=None if placed else 0,  # how the gate knows that there is no fix
        attrs=_attrs(
            {
                # A phone's own count since it was installed, not the vehicle's odometer.
                "phone_odometer_km": None if odometer_m is None else odometer_m / 1000,
                "phone_battery_pct": None if level is None else level * 100,
            }
        ),
    )
    dropped: Counter[str] = Counter()
    kept = _known_members(root, _JSON, "", dropped)
    return Message(
        PositionColumns.of([position]), lambda _: orjson.dumps(kept), None, dropped, left_out
    )


def _known_members(
    values: Mapping[str, Any], known: Mapping[str, Any], within: str, dropped: Counter[str]
) -> dict[str, Any]:
    """The members of an object that are read; adds the names of the others to `dropped`."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        own: Mapping[str, Any] | None = known.get(name)
        if name not in known or (own is None and isinstance(value, dict | list)):
            dropped[within + name] += 1
        elif own is None:
            kept[name] = value
        elif isinstance(value, dict):
            inner = cast(dict[str, Any], value)
            kept[name] = _known_members(inner, own, f"{within}{name}.", dropped)
    return kept


def known_parameters(payload: bytes) -> bytes:
    """An unreadable message with only the parameters that would be read."""
    if not payload.lstrip().startswith(b"{"):
        return known_query(payload)
    root = _object(orjson.loads(payload), "body")
    return orjson.dumps(_known_members(root, _JSON, "", Counter()))


def device_named(payload: bytes) -> str:
    """The device that a message names; empty where it names none that may be.

    Raises:
        Unreadable: it is neither an object nor a form.
    """
    if payload.lstrip().startswith(b"{"):
        try:
            named = _object(orjson.loads(payload), "body").get("device_id")
        except orjson.JSONDecodeError as error:
            raise unreadable(None, "body", Mistake.NOT_JSON, error=str(error)) from None
        device = named if isinstance(named, str) else ""
    else:
        fields = dict(fields_of(payload.decode("utf-8", errors="replace")))
        device = fields.get("id") or fields.get("deviceid") or ""
    return "" if "\0" in device else device[:128]


def names_device_and_time(payload: bytes) -> str | None:
    """The device of an unreadable message that names it and has a timestamp, readable or not;
    otherwise None. Such a sender has further messages waiting behind this one."""
    try:
        if payload.lstrip().startswith(b"{"):
            root = _object(orjson.loads(payload), "body")
            named = root.get("device_id")
            if "timestamp" not in _object(root.get("location"), "location"):
                return None
            return _device(named if isinstance(named, str) else None)
        values = dict(fields_of(payload.decode("utf-8", errors="replace")))
        return (
            _device(values.get("id") or values.get("deviceid")) if "timestamp" in values else None
        )
    except ValueError:
        return None


def _device(value: str | None) -> str:
    if not value or len(value) > 128 or "\0" in value:
        raise unreadable(None, "id", Mistake.NO_NAME)
    return value


def _query_ts(value: str | None, received_at: datetime) -> datetime:
    if value is None:
        return received_at
    try:
        if _EPOCH.fullmatch(value):
            return parse_ts(float(value.replace(",", ".")))
        # A plus sign that was not escaped reads as a blank.
        return parse_ts(_BLANK_OFFSET.sub(r"\1+\2", value))
    except ValueError as error:
        raise Unreadable([FieldError(None, "timestamp", mistake_in(error))]) from None


def _coordinate(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise unreadable(None, name, Mistake.NO_NUMBER) from None
    if not isfinite(value):
        raise unreadable(None, name, Mistake.NOT_FINITE)
    return value


def _number(values: Mapping[str, str], name: str, left_out: list[str]) -> float | None:
    """An optional number; a value that is none is named in `left_out`."""
    text = values.get(name)
    if text is None:
        return None
    try:
        return _coordinate(name, text)
    except Unreadable:
        left_out.append(name)
        return None


def _flag(value: str | None) -> bool | None:
    return None if value is None else value.lower() in ("true", "1")


def _object(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise unreadable(None, field, Mistake.NO_PART)
    return cast(dict[str, Any], value)


def _json_number(values: Mapping[str, Any], name: str, left_out: list[str]) -> float | None:
    """An optional number; a value that is none is named in `left_out`."""
    value = values.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        left_out.append(name)
        return None
    return float(value)


def _json_coordinate(coords: Mapping[str, Any], name: str) -> float:
    value = _json_number(coords, name, [])
    if value is None:
        raise unreadable(None, f"location.coords.{name}", Mistake.NO_VALUE)
    return value


def _present(values: Mapping[str, Any], name: str, left_out: list[str]) -> float | None:
    value = _json_number(values, name, left_out)
    return None if value is None or value < 0 else value


def _attrs(values: Mapping[str, float | bool | None]) -> bytes | None:
    present = {name: value for name, value in values.items() if value is not None}
    return orjson.dumps(present) if present else None
