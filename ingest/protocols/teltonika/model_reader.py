"""Reads the records of one model of tracker, by a reader for each shape that the model sends."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from ingest.protocols.mistake import Mistake
from ingest.protocols.teltonika.element_meaning import ElementMeaning
from ingest.protocols.teltonika.record_reader import RecordReader
from ingest.protocols.teltonika.records import (
    CODECS,
    RecordShape,
    announced_records,
    shape_at,
)
from ingest.protocols.unreadable import Unreadable, unreadable

#: Elements in all readers that a model remembers. A fleet sends some dozens of shapes; a tracker
#: that makes up others costs time, not memory.
_ELEMENTS_MAX = 20_000


@dataclass(frozen=True, slots=True)
class RecordRun:
    """Records of one shape that follow each other in a block."""

    reader: RecordReader
    start: int
    count: int


class ModelReader:
    """Reads the records of one model of tracker.

    Where several elements mean one field, the first with a value fills it. An element that is not
    among `known` is not kept; every element with a meaning is among them.
    """

    def __init__(self, meanings: Sequence[tuple[int, ElementMeaning]], known: Set[int]) -> None:
        self._meanings = meanings
        self._known = known
        self._readers: dict[RecordShape, RecordReader] = {}
        self._elements = 0

    def runs(self, block: bytes, likely: RecordReader | None = None) -> list[RecordRun]:
        """The records of a block. `likely` is the reader of the records before it, whose shape
        most blocks have.

        Raises:
            Unreadable: another codec, counts that differ, or records that do not fill the block.
        """
        total = announced_records(block)
        if likely is not None and likely.fills(block, total):
            return [RecordRun(likely, 2, total)]
        try:
            return self._runs(block, total, always_16=False)
        except Unreadable:
            if CODECS[block[0]].has_variable:
                raise
            try:
                return self._runs(block, total, always_16=True)
            except Unreadable:
                pass  # the usual reading below names the mistake
            raise

    def _runs(self, block: bytes, total: int, *, always_16: bool) -> list[RecordRun]:
        runs: list[RecordRun] = []
        index, at = 0, 2
        while index < total:
            reader = self._reader(shape_at(block, at, index, always_16=always_16))
            count = reader.alike(block, at, total - index)
            runs.append(RecordRun(reader, at, count))
            index += count
            at += count * reader.size
        if at != len(block) - 1:
            raise unreadable(None, "length", Mistake.DIFFER, found=len(block) - 1 - at)
        return runs

    def _reader(self, shape: RecordShape) -> RecordReader:
        reader = self._readers.get(shape)
        if reader is None:
            reader = RecordReader(shape, self._meanings, self._known)
            self._elements += 1 + reader.elements
            if self._elements > _ELEMENTS_MAX:
                self._readers.clear()
                self._elements = 1 + reader.elements
            self._readers[shape] = reader
        return reader
