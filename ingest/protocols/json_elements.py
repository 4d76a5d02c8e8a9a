"""Reads elements of JSON: one object, an array of objects, or one object a line.

Well-formed bodies are read in one step. Any other is read again element by element and field by
field, so that its sender is told every mistake, and values that only the slower reader knows are
read after all.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from math import nan
from operator import attrgetter
from typing import Annotated, Any, Generic, TypeVar, cast

import msgspec
import orjson
from msgspec import Meta, Raw, Struct

from fleet.moments import EPOCH_MS_MAX, EPOCH_SECONDS_MAX, NO_MOMENT
from fleet.saying import Saying
from ingest.protocols.attributes import may_be_kept
from ingest.protocols.json_pieces import DEPTH_MAX, is_shallow
from ingest.protocols.mistake import Mistake, MistakenError, mistake_in
from ingest.protocols.unreadable import FieldError, Unreadable, unreadable

#: Mistakes of a body that its sender is told; reading ends there.
ERRORS_SHOWN_MAX = 20
#: Characters shown of the name of an unknown field.
NAME_SHOWN_MAX = 100

#: The stand-in for a value that cannot be read, by which the gate refuses its position.
_STAND_INS: Mapping[str, Any] = {"ts": NO_MOMENT, "lat": nan, "lon": nan}

DeviceName = Annotated[str, Meta(min_length=1, max_length=128)]
#: A moment as JSON has it, for `parse_ts`.
Moment = datetime | int | float
#: The text of a JSON object, not looked into.
JsonObject = Annotated[Raw, Meta(extra_json_schema={"type": "object"})]

Body = TypeVar("Body", bound=Struct)
_Reader = Callable[[Any], Any]


class _TooDeepError(MistakenError):
    """Nesting beyond the bound, which refuses the body as its size would, and not one value."""


class ElementFormat(Generic[Body]):
    """Reads elements of one format, each a `Body`. Numbers and flags may come as text.

    An optional value that is not of its type is left out and named, alone. A moment or a coordinate
    that cannot be read gets a stand-in, by which its position is refused. A missing or an unknown
    field makes the body unreadable; so does an object, a list or a long text in the place of a
    required value, and nesting that is too deep.
    """

    def __init__(self, body: type[Body], needed: Collection[str] = ()) -> None:
        """`needed` are fields that may be absent, but are not left out when they are wrong."""
        self._body = body
        self._decoder = msgspec.json.Decoder(list[body] | body, strict=False)
        self._line_decoder = msgspec.json.Decoder(body, strict=False)
        self._fields = {field.encode_name: field for field in msgspec.structs.fields(body)}
        self._optional = {
            field.encode_name: field.name
            for field in self._fields.values()
            if not field.required and field.name not in needed
        }
        self._readers = {name: _reader(field.type) for name, field in self._fields.items()}
        self._unseen = [name for name, field in self._fields.items() if field.type == JsonObject]
        self._closed = body.__struct_config__.forbid_unknown_fields

    def read(self, body: bytes) -> tuple[list[Body], list[str]]:
        """Read the elements of an array; one object is an array of one.

        Returns:
            The elements, and the names of the fields whose values were left out.

        Raises:
            Unreadable: the body is not JSON, or a required value of some element is wrong; names
                each field.
        """
        if has_plain_texts(body):
            try:
                decoded: list[Body] | Body = self._decoder.decode(body)
            except (msgspec.DecodeError, RecursionError):
                pass  # the reading with care below tells the mistake
            else:
                read = decoded if isinstance(decoded, list) else [decoded]
                if self._is_sound(read):
                    return read, []
        return self._read_with_care(elements_of(body))

    def read_lines(self, body: bytes) -> tuple[list[Body], list[str]]:
        """The same as `read` for NDJSON, with one element a line; empty lines are skipped.

        Returns:
            As `read`.

        Raises:
            Unreadable: as for `read`; the index counts the lines that are not empty.
        """
        if has_plain_texts(body):
            try:
                read = self._line_decoder.decode_lines(body)
            except (msgspec.DecodeError, RecursionError):
                pass
            else:
                if self._is_sound(read):
                    return read, []
        return self._read_with_care(elements_of_lines(body))

    def _is_sound(self, read: list[Body]) -> bool:
        """Whether the objects that were not looked into may be stored, in all of the elements."""
        return all(are_storable_objects(map(attrgetter(name), read)) for name in self._unseen)

    def _read_with_care(self, elements: list[Any]) -> tuple[list[Body], list[str]]:
        """Read elements field by field; returns and raises as `read`."""
        read: list[Body] = []
        left_out: list[str] = []
        errors: list[FieldError] = []
        for index, element in enumerate(elements):
            if isinstance(element, dict):
                values, wrong = self._fields_of(cast(dict[str, Any], element), left_out)
            else:
                values, wrong = {}, {"position": Saying(Mistake.NO_OBJECT)}
            errors += [
                FieldError(index, name, mistake, mistake.code == Mistake.NO_FIELD)
                for name, mistake in wrong.items()
            ]
            if not errors:
                read.append(self._body(**values))
            if len(errors) >= ERRORS_SHOWN_MAX:
                more = Saying(Mistake.MISTAKES, {"most": ERRORS_SHOWN_MAX})
                errors = [*errors[:ERRORS_SHOWN_MAX], FieldError(None, "body", more)]
                break
        if errors:
            raise Unreadable(errors)
        return read, left_out

    def _fields_of(
        self, element: Mapping[str, Any], left_out: list[str]
    ) -> tuple[dict[str, Any], dict[str, Saying]]:
        """Read one element field by field; adds to `left_out`.

        Returns:
            Its values, and the mistakes by field where they make the body unreadable.
        """
        values: dict[str, Any] = {}
        stood_for: dict[str, Saying] = {}
        wrong = {
            name: Saying(Mistake.FIELD_MISSING)
            for name, field in self._fields.items()
            if field.required and name not in element
        }
        for name, value in element.items():
            if name in self._fields:
                field = self._fields[name].name
                try:
                    values[field] = self._readers[name](value)
                except ValueError as error:
                    if name in self._optional and not isinstance(error, _TooDeepError):
                        left_out.append(self._optional[name])
                    elif field in _STAND_INS and may_be_kept(value):
                        values[field] = _STAND_INS[field]
                        stood_for[name] = mistake_in(error)
                    else:
                        wrong[name] = mistake_in(error)
            elif self._closed:
                wrong[name[:NAME_SHOWN_MAX]] = Saying(Mistake.NO_FIELD)
            if len(wrong) > ERRORS_SHOWN_MAX:
                break
        return values, wrong | stood_for if wrong else {}


def moment_or_stand_in(value: object) -> datetime:
    """The same as `parse_ts`, but `NO_MOMENT` where the value is no moment."""
    try:
        return parse_ts(value)
    except ValueError:
        return NO_MOMENT


def parse_ts(value: object) -> datetime:
    """A moment in any of the accepted forms, as an aware datetime in UTC.

    Raises:
        MistakenError: it is none of them, or outside the years 1 to 9999.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | datetime):
        raise MistakenError(Mistake.NO_TIME)
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(_epoch_seconds(value), UTC)
        ts = datetime.fromisoformat(value) if isinstance(value, str) else value
        return (ts if ts.tzinfo else ts.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise MistakenError(Mistake.NOT_A_MOMENT) from None


def _epoch_seconds(value: float) -> float:
    """Seconds since 1970 of a number whose unit its size tells."""
    if abs(value) < EPOCH_SECONDS_MAX:
        return value
    return value / 1e6 if EPOCH_MS_MAX <= abs(value) < EPOCH_MS_MAX * 1_000 else value / 1_000


def elements_of(body: bytes) -> list[Any]:
    """The elements of a JSON array; anything else is one element.

    Raises:
        Unreadable: the body is not JSON.
    """
    try:
        parsed: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _not_json(None, "body", error, body) from None
    return cast(list[Any], parsed) if isinstance(parsed, list) else [parsed]


def originals_of(body: bytes) -> list[bytes]:
    """The bytes of each element of a body that was read."""
    if not body.lstrip().startswith(b"["):
        return [body]
    return [bytes(raw) for raw in msgspec.json.decode(body, type=list[Raw])]


def originals_of_lines(body: bytes) -> list[bytes]:
    """The bytes of each element of NDJSON that was read; two may share a line."""
    return [bytes(raw) for raw in msgspec.json.Decoder(Raw).decode_lines(body)]


def elements_of_lines(body: bytes) -> list[Any]:
    """The elements of NDJSON.

    Raises:
        Unreadable: a line is not JSON.
    """
    elements: list[Any] = []
    for line in filter(bytes.strip, body.split(b"\n")):
        try:
            elements.append(orjson.loads(line))
        except orjson.JSONDecodeError as error:
            raise _not_json(len(elements), "line", error, line) from None
    return elements


def has_plain_texts(body: bytes) -> bool:
    """Whether the texts in a body may be stored without looking into them.

    An escape may stand for U+0000 or for half a character, which a database cannot store, and the
    bytes may be no UTF-8.
    """
    # The search for one byte is many times as fast as that for two.
    if b"\\" in body and b"\\u" in body:
        return False
    if body.isascii():
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def are_storable_objects(texts: Iterable[Raw]) -> bool:
    """Whether JSON objects that were not decoded are not nested too deeply, and hold only numbers
    that can be read later: 1e400 is a number to the database, but no float."""
    given = [text for text in texts if text]
    if not given:
        return True
    together = b"[%b]" % b",".join(given)
    try:
        read = orjson.loads(together)
    except orjson.JSONDecodeError:
        return False
    is_flat = together.count(b"{") <= len(given) and together.count(b"[") == 1
    return is_flat or is_shallow(read, DEPTH_MAX)


def _reader(to: Any) -> _Reader:
    if to == Moment:
        return parse_ts
    if to == JsonObject:
        return _json_object
    return lambda value: _no_nul(msgspec.convert(value, to, strict=False))


def _no_nul(value: object) -> object:
    if isinstance(value, str) and "\0" in value:
        raise MistakenError(Mistake.NUL)
    return value


def _json_object(value: object) -> Raw:
    if not isinstance(value, dict):
        raise MistakenError(Mistake.NO_OBJECT)
    if not is_shallow(cast(object, value), DEPTH_MAX - 1):
        raise _TooDeepError(Mistake.TOO_DEEP, most=DEPTH_MAX - 1)
    text = orjson.dumps(value)
    if b"\\u0000" in text:
        raise MistakenError(Mistake.NUL)
    return Raw(text)


def _not_json(
    index: int | None, field: str, error: orjson.JSONDecodeError, body: bytes
) -> Unreadable:
    hint = ""
    if b"NaN" in body or b"Infinity" in body:
        hint = "; NaN and Infinity are not JSON numbers, leave the field out or send null"
    return unreadable(index, field, Mistake.NOT_JSON, error=f"{error}{hint}")
