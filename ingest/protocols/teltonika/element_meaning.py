"""The meaning of an IO element of a tracker, by which its raw values become plain ones."""

from collections.abc import Callable, Sequence
from math import inf
from typing import Any, NamedTuple

Column = Sequence[Any]


class ElementMeaning(NamedTuple):
    """The meaning of an element: `name` is a field of a position or one of its attributes.

    A raw value outside `lowest` to `highest` says nothing, nor does one of several bytes with all
    bits set. `divisor` is 0 for a flag; a `text` is bytes of printable ASCII. `size` is the bytes
    that the element must have; 0: any.
    """

    name: str
    in_attrs: bool
    lowest: float = 0
    highest: float = inf
    divisor: int = 1
    text: bool = False
    size: int = 0

    def of_size(self, size: int) -> "ElementMeaning":
        """The same meaning for values of `size` bytes."""
        if self.text or size < 2:
            return self
        return self._replace(highest=min(self.highest, 256**size - 2))


def says_something(meaning: ElementMeaning, column: Column) -> bool | None:
    """Whether all raw values of a column say something; None when only some of them do."""
    if meaning.text:
        found = {_printable(raw) != "" for raw in column}
    elif meaning.lowest <= min(column) and max(column) <= meaning.highest:
        return True
    else:
        found = {meaning.lowest <= raw <= meaning.highest for raw in column}
    return None if len(found) > 1 else found.pop()


def plain_values(meaning: ElementMeaning) -> Callable[[Column], Column]:
    """The function that makes plain values of the raw ones of an element with this meaning."""
    if meaning.text:
        return _text
    if meaning.divisor == 0:
        return _flags
    if meaning.divisor == 1:
        return unchanged
    return lambda column: [raw / meaning.divisor for raw in column]


def unchanged(column: Column) -> Column:
    """The raw values themselves."""
    return column


def _flags(column: Column) -> Column:
    return [raw != 0 for raw in column]


def _text(column: Column) -> Column:
    return [_printable(raw) for raw in column]


def hexadecimal(column: Column) -> Column:
    """The bytes as hexadecimal text."""
    return [raw.hex() for raw in column]


def _printable(raw: bytes) -> str:
    """The text in bytes; empty when it is none."""
    found = raw.decode("ascii", errors="replace").strip("\0 ")
    return found if found.isascii() and found.isprintable() else ""
