"""The OsmAnd protocol over HTTP, as the OsmAnd app and the Traccar Client speak it.

A query string or form with `id`, `lat`, `lon` and more, or a JSON body. Speed is in knots in the
former and in m/s in the latter. Only known parameters are taken: a sender must not be able to set
its odometer by inventing a name.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any, cast
from urllib.parse import parse_qsl, unquote_plus

import orjson

from fleet.position import Position
from ingest.columns import Columns
from ingest.protocols.elements import parse_ts
from ingest.protocols.refusal import FieldError, Message, Unreadable

#: The app sends a dozen parameters.
FIELDS_MAX = 100

#: The parameters that are read. Of what is refused no others are kept.
_QUERY = frozenset(
    {"id", "deviceid", "location", "lat", "lon", "timestamp", "speed", "bearing", "heading"}
    | {"altitude", "accuracy", "hdop", "batt", "charge", "valid"}
)
#: The same of the JSON variant; an object has its own.
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

KMH_PER_KNOT = 1.852
KMH_PER_M_S = 3.6


def decode(payload: bytes, received_at: datetime) -> Message:
    """The position in any of the forms, told apart as quarantine must: by its first character.

    Raises:
        Unreadable: as for `decode_json` and `decode_query`.
    """
    if payload.lstrip().startswith(b"{"):
        return decode_json(payload)
    return decode_query(payload, received_at)


def decode_query(query: bytes, received_at: datetime) -> Message:
    """The position in a query string or form body.

    Raises:
        Unreadable: no device, no coordinates, or a value that is not of its type.
    """
    text = query.decode("utf-8", errors="replace")
    values = dict(fields_of(text))
    device = _device(values.get("id") or values.get("deviceid"))
    if "location" in values:
        lat_text, _, lon_text = values["location"].partition(",")
    else:
        lat_text, lon_text = values.get("lat", ""), values.get("lon", "")
    speed_knots = _number(values, "speed")
    position = Position(
        device=device,
        ts=_query_ts(values.get("timestamp"), received_at),
        lat=_coordinate("lat", lat_text),
        lon=_coordinate("lon", lon_text),
        speed_kmh=None if speed_knots is None else speed_knots * KMH_PER_KNOT,
        heading_deg=_number(values, "bearing" if "bearing" in values else "heading"),
        altitude_m=_number(values, "altitude"),
        accuracy_m=_number(values, "accuracy"),
        # The phone's own battery, never the state of charge of the vehicle.
        attrs=_attrs(
            {
                "hdop": _number(values, "hdop"),
                "phone_battery_pct": _number(values, "batt"),
                "phone_charging": _flag(values.get("charge")),
            }
        ),
    )
    if _flag(values.get("valid")) is False:
        raise Unreadable([FieldError(None, "valid", "the tracker says that it has no fix")])
    dropped = Counter(values.keys() - _QUERY - {"key"})
    return Message(Columns.of([position]), lambda _: known_query(query), None, dropped)


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
        raise Unreadable([FieldError(None, "body", f"more than {FIELDS_MAX} fields")]) from None


def decode_json(body: bytes) -> Message:
    """The position in the JSON variant; negative values mean absent there.

    Raises:
        Unreadable: not JSON, or `device_id`, `location.coords` or the timestamp is missing.
    """
    try:
        root = _object(orjson.loads(body), "body")
    except orjson.JSONDecodeError as error:
        raise Unreadable([FieldError(None, "body", f"is not JSON: {error}")]) from None
    device = root.get("device_id")
    location = _object(root.get("location"), "location")
    coords = _object(location.get("coords"), "location.coords")
    battery = _object(location.get("battery") or {}, "location.battery")
    try:
        ts = parse_ts(location.get("timestamp"))
    except ValueError as error:
        raise Unreadable([FieldError(None, "location.timestamp", str(error))]) from None
    speed_m_s = _present(coords, "speed")
    odometer_m = _present(location, "odometer")
    level = _present(battery, "level")
    position = Position(
        device=_device(device if isinstance(device, str) else None),
        ts=ts,
        lat=_json_coordinate(coords, "latitude"),
        lon=_json_coordinate(coords, "longitude"),
        speed_kmh=None if speed_m_s is None else speed_m_s * KMH_PER_M_S,
        heading_deg=_present(coords, "heading"),
        altitude_m=_json_number(coords, "altitude"),
        accuracy_m=_present(coords, "accuracy"),
        attrs=_attrs(
            {
                # A phone's own count since it was installed, not the vehicle's odometer.
                "phone_odometer_km": None if odometer_m is None else odometer_m / 1000,
                "phone_battery_pct": None if level is None else level * 100,
            }
        ),
    )
    dropped: Counter[str] = Counter()
    kept = _known(root, _JSON, "", dropped)
    return Message(Columns.of([position]), lambda _: orjson.dumps(kept), None, dropped)


def _known(
    values: Mapping[str, Any], known: Mapping[str, Any], within: str, dropped: Counter[str]
) -> dict[str, Any]:
    """What is read of an object, and the names of what is not."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        own: Mapping[str, Any] | None = known.get(name)
        if name not in known or (own is None and isinstance(value, dict | list)):
            dropped[within + name] += 1
        elif own is None:
            kept[name] = value
        elif isinstance(value, dict):
            inner = cast(dict[str, Any], value)
            kept[name] = _known(inner, own, f"{within}{name}.", dropped)
    return kept


def _device(value: str | None) -> str:
    if not value or len(value) > 128 or "\0" in value:
        raise Unreadable([FieldError(None, "id", "is missing, too long or not text")])
    return value


def _query_ts(value: str | None, received_at: datetime) -> datetime:
    if value is None:
        return received_at
    try:
        if value.lstrip("-").isdigit():
            return parse_ts(int(value))
        if "T" in value:
            return parse_ts(value)
        return datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise Unreadable([FieldError(None, "timestamp", str(error))]) from None


def _coordinate(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise Unreadable([FieldError(None, name, f"is no number: {text[:40]!r}")]) from None
    if not isfinite(value):
        raise Unreadable([FieldError(None, name, f"is not finite: {text[:40]!r}")])
    return value


def _number(values: Mapping[str, str], name: str) -> float | None:
    text = values.get(name)
    return None if text is None else _coordinate(name, text)


def _flag(value: str | None) -> bool | None:
    return None if value is None else value.lower() in ("true", "1")


def _object(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable([FieldError(None, field, "is missing or not an object")])
    return cast(dict[str, Any], value)


def _json_number(values: Mapping[str, Any], name: str) -> float | None:
    value = values.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable([FieldError(None, name, f"is no number: {value!r:.40}")])
    return float(value)


def _json_coordinate(coords: Mapping[str, Any], name: str) -> float:
    value = _json_number(coords, name)
    if value is None:
        raise Unreadable([FieldError(None, f"location.coords.{name}", "is missing")])
    return value


def _present(values: Mapping[str, Any], name: str) -> float | None:
    value = _json_number(values, name)
    return None if value is None or value < 0 else value


def _attrs(values: Mapping[str, float | bool | None]) -> bytes | None:
    present = {name: value for name, value in values.items() if value is not None}
    return orjson.dumps(present) if present else None
