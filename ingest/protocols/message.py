"""What a decoder answers: the positions of a message, or why it cannot be read."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from types import MappingProxyType
from typing import Any, NamedTuple

from msgspec import Struct

from fleet.position import BOUNDS
from fleet.saying import Saying, Value
from ingest.protocols.mistake import Mistake, in_english
from ingest.protocols.position_columns import Columns


@dataclass(frozen=True, slots=True)
class FieldError:
    """One mistake: in which element (from 0; None: the whole body), in which field, and what."""

    index: int | None
    field: str
    mistake: Saying
    #: Whether the sender made up the name of the field, so that it may say anything.
    made_up: bool = False

    def __str__(self) -> str:
        return in_english(self._at(self.field))

    @property
    def reason(self) -> str:
        """The mistake in English, without its place."""
        return in_english(self.mistake)

    @property
    def saying(self) -> Saying:
        """What may be kept of it: nothing that a sender made up."""
        return self._at("a field" if self.made_up else self.field)

    def _at(self, field: str) -> Saying:
        place = field if self.index is None else f"[{self.index}].{field}"
        return Saying(Mistake.AT, {"place": place, "mistake": (self.mistake,)})


class Unreadable(ValueError):  # noqa: N818 - says what the message is, as the decoders' docs do
    """A message that is not in its protocol's format. No reason quotes a value, which may be a
    name."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(map(str, errors)))
        self.errors = tuple(errors)

    @property
    def saying(self) -> Saying:
        """What quarantine keeps of why."""
        if len(self.errors) == 1:
            return self.errors[0].saying
        return Saying(Mistake.SEVERAL, {"mistakes": tuple(one.saying for one in self.errors)})


def unreadable(index: int | None, field: str, mistake: Mistake, **values: Value) -> Unreadable:
    """A message with one mistake: in which element (None: the whole body), in which field."""
    return Unreadable([FieldError(index, field, Saying(mistake, values))])


class Extremes(NamedTuple):
    """The earliest and the latest moment of some positions, and their highest speed, 0 when none is
    known.

    They are there only for positions that all have a fix, whose numbers are all within `BOUNDS`,
    and of which none is on the equator.
    """

    first: datetime
    last: datetime
    fastest_kmh: float


def extremes_of(columns: Mapping[str, Sequence[Any]]) -> Extremes | None:
    """The extremes of positions that are given by their columns, each full of values or of None.

    Returns: None where some number is out of bounds.
    """
    for name, (low, high) in BOUNDS.items():
        column = columns[name]
        if column[0] is not None and not (low <= min(column) and max(column) <= high):
            return None
    if 0 in columns["lat"] or 0 in columns["satellites"]:
        return None
    moments, speeds = columns["ts"], columns["speed_kmh"]
    fastest_kmh = 0.0 if speeds[0] is None else max(speeds)
    return Extremes(min(moments), max(moments), fastest_kmh)


def of_all(parts: Iterable[Extremes | None]) -> Extremes | None:
    """The extremes of several lists of positions together."""
    known = list(parts)
    if not known or None in known:
        return None
    if len(known) == 1:
        return known[0]
    firsts, lasts, fastest = zip(*(one for one in known if one is not None), strict=True)
    return Extremes(min(firsts), max(lasts), max(fastest))


class Message(Struct, frozen=True, eq=False):
    """The positions of one message; `original(i)` gives the bytes that the i-th came in.

    `extremes` is set where the decoder saw that nothing is out of bounds; `dropped` is how often
    which parameter was there that is not on the list of what is kept. `left_out` names
    optional values that were none of their type: each costs itself and not the position.
    """

    positions: Columns
    original: Callable[[int], bytes]
    extremes: Extremes | None = None
    dropped: Mapping[str, int] = MappingProxyType({})
    left_out: Sequence[str] = ()


def together(messages: Sequence[Message]) -> Message:
    """Several messages as one."""
    if len(messages) == 1:
        return messages[0]
    ends = list(accumulate(len(one.positions) for one in messages))

    def original(index: int) -> bytes:
        number = bisect_right(ends, index)
        message = messages[number]
        return message.original(index - ends[number] + len(message.positions))

    return Message(
        Columns.joined([one.positions for one in messages]),
        original,
        of_all(one.extremes for one in messages),
        sum((Counter(one.dropped) for one in messages), Counter[str]()),
        [name for one in messages for name in one.left_out],
    )
