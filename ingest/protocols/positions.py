"""Our own format, `POST /v1/positions`: one JSON object, an array, or NDJSON.

`ts` is ISO 8601 (without an offset: UTC), epoch seconds or epoch milliseconds.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, NotRequired, cast

import orjson
from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from fleet.position import Position
from ingest.protocols.refusal import FieldError, Message, Unreadable

#: A number of this size or more is milliseconds, below it seconds.
EPOCH_SECONDS_MAX = 2**31 - 1

#: A sender with more mistakes than this learns from the first ones.
ERRORS_SHOWN_MAX = 20


def parse_ts(value: object) -> datetime:
    """A moment in any of the accepted forms, as an aware datetime in UTC.

    Raises:
        ValueError: it is none of them, or outside the years 1 to 9999.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("must be ISO 8601 text or epoch seconds or milliseconds")  # noqa: TRY004
    try:
        if isinstance(value, str):
            ts = datetime.fromisoformat(value)
            return (ts if ts.tzinfo else ts.replace(tzinfo=UTC)).astimezone(UTC)
        seconds = value if abs(value) < EPOCH_SECONDS_MAX else value / 1000
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"is no moment in time: {error}") from None


def no_nul(value: object) -> object:
    """The value, unless it holds U+0000 anywhere."""
    # PostgreSQL cannot store U+0000, in text or in jsonb.
    if "\\u0000" in orjson.dumps(value).decode():
        raise ValueError("holds the character U+0000")
    return value


class PositionBody(TypedDict):
    """One position as it is sent; the fields are those of `Position`."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # pyright: ignore

    device: Annotated[str, Field(min_length=1, max_length=128), BeforeValidator(no_nul)]
    ts: Annotated[datetime, BeforeValidator(parse_ts)]
    lat: float
    lon: float
    speed_kmh: NotRequired[float | None]
    heading_deg: NotRequired[float | None]
    altitude_m: NotRequired[float | None]
    accuracy_m: NotRequired[float | None]
    satellites: NotRequired[int | None]
    ignition: NotRequired[bool | None]
    odometer_km: NotRequired[float | None]
    engine_hours_h: NotRequired[float | None]
    fuel_pct: NotRequired[float | None]
    soc_pct: NotRequired[float | None]
    charging: NotRequired[bool | None]
    battery_v: NotRequired[float | None]
    attrs: NotRequired[Annotated[dict[str, Any], BeforeValidator(no_nul)]]


_BODIES = TypeAdapter(list[PositionBody])


def positions_schema() -> dict[str, Any]:
    """The JSON schema of an array of positions, its parts under `#/components/schemas`."""
    return _BODIES.json_schema(ref_template="#/components/schemas/{model}")


def decode(body: bytes) -> Message:
    """Positions from a JSON object or array.

    Raises:
        Unreadable: the body is not JSON, or some element is not a position; names each field.
    """
    return _message(elements_of(body))


def decode_lines(body: bytes) -> Message:
    """Positions from NDJSON, one object a line; empty lines are skipped.

    Raises:
        Unreadable: as for `decode`; the index counts the lines that are not empty.
    """
    elements: list[Any] = []
    for line in body.splitlines():
        if line.strip():
            try:
                elements.append(orjson.loads(line))
            except orjson.JSONDecodeError as error:
                reason = _not_json(error, line)
                raise Unreadable([FieldError(len(elements), "line", reason)]) from None
    return _message(elements)


def elements_of(body: bytes) -> list[Any]:
    """The elements of a JSON array; anything else is one element.

    Raises:
        Unreadable: the body is not JSON.
    """
    try:
        parsed: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unreadable([FieldError(None, "body", _not_json(error, body))]) from None
    return cast(list[Any], parsed) if isinstance(parsed, list) else [parsed]


def unreadable_elements(error: ValidationError) -> Unreadable:
    """What is wrong in the elements of an array, each with its index and its field."""
    return Unreadable(
        [
            FieldError(
                int(found["loc"][0]),
                ".".join(str(part) for part in found["loc"][1:]) or "position",
                found["msg"].removeprefix("Value error, "),
            )
            for found in error.errors(include_url=False)[:ERRORS_SHOWN_MAX]
        ]
    )


def _message(elements: Sequence[Any]) -> Message:
    try:
        wires = _BODIES.validate_python(elements)
    except ValidationError as error:
        raise unreadable_elements(error) from None
    return Message(
        [Position(**wire) for wire in wires], lambda index: orjson.dumps(elements[index])
    )


def _not_json(error: orjson.JSONDecodeError, body: bytes) -> str:
    hint = ""
    if b"NaN" in body or b"Infinity" in body:
        hint = "; NaN and Infinity are not JSON numbers, leave the field out or send null"
    return f"is not JSON: {error}{hint}"
