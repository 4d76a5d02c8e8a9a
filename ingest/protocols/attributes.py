"""Keeps the attributes of positions in our own format that are on a list, and no others.

A sender may put anything into `attrs`, the name of a person too. The list is data
(`attributes.toml`), to which a setting adds.
"""

import tomllib
from collections import Counter
from collections.abc import Collection
from importlib.resources import files
from typing import Any, cast

import msgspec
import orjson

from fleet.position import POSITION_FIELDS
from ingest.protocols.position_columns import PositionColumns

#: The largest unreadable message of which known members are kept; of a larger one only the length
#: is kept.
PARSED_MAX_BYTES = 256 * 1024

#: Characters of a text that is kept, at most.
TEXT_MAX = 64


class KeptAttributes:
    """The list of attributes that are kept: the product's own, and `more`."""

    def __init__(self, more: Collection[str] = ()) -> None:
        text = files("ingest.protocols").joinpath("attributes.toml").read_text(encoding="utf-8")
        self._names = frozenset([*tomllib.loads(text)["names"], *more])

    def kept(self, positions: PositionColumns) -> tuple[PositionColumns, Counter[str]]:
        """Drop the attributes that are not on the list.

        Returns:
            The positions with the others, and how often each dropped name was there.
        """
        dropped: Counter[str] = Counter()
        if not any(positions.attrs):
            return positions, dropped
        texts = [None if text is None else self._kept(text, dropped) for text in positions.attrs]
        if not dropped:
            return positions, dropped
        return PositionColumns([*positions.fields[: len(POSITION_FIELDS) - 1], texts]), dropped

    def kept_of(self, text: bytes) -> bytes | None:
        """The JSON object of attributes with only those on the list; None: none is left."""
        return self._kept(text, Counter())

    def _kept(self, text: bytes, dropped: Counter[str]) -> bytes | None:
        attrs: dict[str, Any] = orjson.loads(text)
        kept = {
            name: value for name, value in attrs.items() if name in self._names and _is_short(value)
        }
        if len(kept) == len(attrs):
            return text
        dropped.update(name for name in attrs if name not in kept)
        return orjson.dumps(kept) if kept else None


def _is_short(value: object) -> bool:
    """Whether a value is a number, a flag or a short text."""
    return isinstance(value, int | float) or (isinstance(value, str) and len(value) <= TEXT_MAX)


def known_members(element: bytes, known: Collection[str]) -> bytes:
    """A JSON object with only those of its members that are `known`, as they were sent."""
    members = msgspec.json.decode(element, type=dict[str, msgspec.Raw])
    return msgspec.json.encode({name: members[name] for name in members if name in known})


def may_be_kept(value: object) -> bool:
    """Whether quarantine may keep the value of a known field: a number, a flag or a short text."""
    return value is None or _is_short(value)


def without_unknown(body: bytes, known: Collection[str]) -> bytes:
    """The bytes to keep of JSON that is no position: of each object the known members that may be
    kept. Bytes that are no JSON may hold anything, so that only their length is kept."""
    if len(body) > PARSED_MAX_BYTES:
        return b"%d bytes, too many to look into" % len(body)
    try:
        parsed: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return b"%d bytes that are not JSON" % len(body)
    elements = cast(list[Any], parsed) if isinstance(parsed, list) else [parsed]
    kept = [
        {
            name: value
            for name, value in cast(dict[str, Any], element).items()
            if name in known and may_be_kept(value)
        }
        if isinstance(element, dict)
        else None
        for element in elements
    ]
    return orjson.dumps(kept if isinstance(parsed, list) else kept[0])
