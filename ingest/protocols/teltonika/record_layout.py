"""The layout of the records of one shape: the letters by which `struct` unpacks one, and the bytes
that all share."""

from collections.abc import Set
from typing import NamedTuple

from ingest.protocols.teltonika.element_meaning import ElementMeaning
from ingest.protocols.teltonika.records import CODECS, FIX_BYTES, VALUE_BYTES, RecordShape

#: Time, longitude, latitude, altitude, course, satellites and speed; the priority is not read.
_FIX = "QxiihHBH"
FIX_COLUMNS = 7

#: Letters of `struct` for numbers, by their number of bytes; any other value is bytes.
_NUMBERS = {1: "B", 2: "H", 4: "I", 8: "Q"}


class ElementValue(NamedTuple):
    """The place of an element's value among the unpacked ones, its size, and whether it is
    bytes."""

    column: int
    size: int
    is_bytes: bool

    def within(self, meaning: ElementMeaning) -> bool:
        """Whether every number of this size is within the bounds of a meaning."""
        return meaning.lowest <= 0 and meaning.highest >= 256**self.size - 1


class RecordLayout:
    """The layout of a shape: the letters of `struct`, and the bytes that are the same in every
    record."""

    def __init__(self, shape: RecordShape, known: Set[int]) -> None:
        codec = CODECS[shape.codec]
        before = codec.event_bytes + codec.generation_bytes
        self.letters = [">", _FIX, f"{before}x"]
        #: The bytes that are the same in every record, and a mask that is 255 at these bytes and 0
        #: at others.
        self.fixed, self.mask = bytearray(FIX_BYTES + before), bytearray(FIX_BYTES + before)
        #: The place of each element's value. Where an element occurs twice, its last value counts.
        self.values: dict[int, ElementValue] = {}
        self.blanked_spans: list[tuple[int, int]] = []
        self.dropped: list[int] = []
        self.elements = sum(map(len, shape.groups)) + len(shape.variable)
        self._known = known
        self._columns = FIX_COLUMNS
        self._same(self.elements, codec.count.size)
        for size, ids in zip(VALUE_BYTES, shape.groups, strict=False):
            self._same(len(ids), codec.count.size)
            for number in ids:
                self._same(number, codec.id_bytes)
                self._differing(number, size, _NUMBERS.get(size))
        if codec.has_variable:
            self._same(len(shape.variable), codec.count.size)
            for number, size in shape.variable:
                self._same(number, codec.id_bytes)
                self._same(size, codec.count.size)
                self._differing(number, size, None)

    def _same(self, number: int, size: int) -> None:
        self.letters.append(f"{size}x")
        self.fixed += number.to_bytes(size)
        self.mask += b"\xff" * size

    def _differing(self, number: int, size: int, letter: str | None) -> None:
        if number not in self._known:
            self.dropped.append(number)
            self.letters.append(f"{size}x")
            self.blanked_spans.append((len(self.fixed), size))
        else:
            self.letters.append(letter or f"{size}s")
            self.values[number] = ElementValue(self._columns, size, letter is None)
            self._columns += 1
        self.fixed += bytes(size)
        self.mask += bytes(size)
