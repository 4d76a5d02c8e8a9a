"""The positions of one message, as a decoder returns them."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from types import MappingProxyType
from typing import Any, NamedTuple

from msgspec import Struct

from fleet.position import SENSOR_BOUNDS
from ingest.protocols.position_columns import PositionColumns


class Extremes(NamedTuple):
    """The earliest and the latest moment of some positions, and their highest speed, 0 when none is
    known.

    They are known only where all positions have a fix and numbers within `SENSOR_BOUNDS`, and none
    is on the equator.
    """

    first: datetime
    last: datetime
    fastest_kmh: float


def extremes_of(columns: Mapping[str, Sequence[Any]]) -> Extremes | None:
    """The extremes of positions that are given by their columns, each full of values or of None.

    Returns: None where some number is out of bounds.
    """
    for name, (low, high) in SENSOR_BOUNDS.items():
        column = columns[name]
        if column[0] is not None and not (low <= min(column) and max(column) <= high):
            return None
    if 0 in columns["lat"] or 0 in columns["satellites"]:
        return None
    moments, speeds = columns["ts"], columns["speed_kmh"]
    fastest_kmh = 0.0 if speeds[0] is None else max(speeds)
    return Extremes(min(moments), max(moments), fastest_kmh)


def join_extremes(parts: Iterable[Extremes | None]) -> Extremes | None:
    """The extremes of several lists of positions together."""
    known = list(parts)
    if not known or None in known:
        return None
    if len(known) == 1:
        return known[0]
    firsts, lasts, fastest = zip(*(one for one in known if one is not None), strict=True)
    return Extremes(min(firsts), max(lasts), max(fastest))


class Message(Struct, frozen=True, eq=False):
    """The positions of one message.

    Attributes:
        positions: the positions.
        original: gives the bytes that the position of an index came in.
        extremes: the extremes, where the decoder saw that nothing is out of bounds.
        dropped: how often each parameter was there that is not on the list of what is kept.
        left_out: the fields of optional values that were not of their type; their positions are
            taken without them.
    """

    positions: PositionColumns
    original: Callable[[int], bytes]
    extremes: Extremes | None = None
    dropped: Mapping[str, int] = MappingProxyType({})
    left_out: Sequence[str] = ()


def join_messages(messages: Sequence[Message]) -> Message:
    """Join several messages into one."""
    if len(messages) == 1:
        return messages[0]
    ends = list(accumulate(len(one.positions) for one in messages))

    def original(index: int) -> bytes:
        number = bisect_right(ends, index)
        message = messages[number]
        return message.original(index - ends[number] + len(message.positions))

    return Message(
        PositionColumns.joined([one.positions for one in messages]),
        original,
        join_extremes(one.extremes for one in messages),
        sum((Counter(one.dropped) for one in messages), Counter[str]()),
        [name for one in messages for name in one.left_out],
    )
