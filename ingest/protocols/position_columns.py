"""Positions as columns, as decoders produce them and COPY takes them.

Most steps on the way to the database look at one to three fields. A row for each position would be
made, taken apart again, and thrown away.
"""

from collections.abc import Iterator, Sequence, Set
from datetime import datetime
from itertools import chain
from typing import Any, overload

from msgspec.structs import astuple

from fleet.position import POSITION_FIELDS, Position

#: Where one device was at one moment: the moment, latitude and longitude.
Fix = tuple[datetime, float, float]


LAT, LON = POSITION_FIELDS.index("lat"), POSITION_FIELDS.index("lon")
_SATELLITES = POSITION_FIELDS.index("satellites")


class PositionColumns(Sequence[Position]):
    """Positions, of which `fields` has the values in the order of `POSITION_FIELDS`.

    Every field has a value or None for each position. A single position is made when it is asked
    for.
    """

    __slots__ = ("_devices", "fields")

    def __init__(self, fields: Sequence[Sequence[Any]]) -> None:
        self.fields = fields
        self._devices: Set[str] | None = None

    @classmethod
    def of(cls, positions: Sequence[Position]) -> "PositionColumns":
        """The columns of some positions."""
        if isinstance(positions, PositionColumns):
            return positions
        return cls(list(zip(*map(astuple, positions), strict=True)) or [()] * len(POSITION_FIELDS))

    @classmethod
    def joined(cls, parts: Sequence["PositionColumns"]) -> "PositionColumns":
        """The positions of all parts, one after the other."""
        if len(parts) == 1:
            return parts[0]
        fields = zip(*[part.fields for part in parts], strict=True)
        return cls([list(chain.from_iterable(field)) for field in fields] or cls.of([]).fields)

    @property
    def device(self) -> Sequence[str]:
        return self.fields[0]

    @property
    def ts(self) -> Sequence[datetime]:
        return self.fields[1]

    @property
    def lat(self) -> Sequence[float]:
        return self.fields[LAT]

    @property
    def lon(self) -> Sequence[float]:
        return self.fields[LON]

    @property
    def satellites(self) -> Sequence[int | None]:
        return self.fields[_SATELLITES]

    @property
    def attrs(self) -> Sequence[bytes | None]:
        return self.fields[-1]

    @property
    def devices(self) -> Set[str]:
        """The devices that these positions are of."""
        if self._devices is None:
            self._devices = frozenset(self.device)
        return self._devices

    @property
    def fixes(self) -> Sequence[Fix]:
        """Moment, latitude and longitude of each position."""
        return list(zip(*self.fields[1:4], strict=True))

    def chosen(self, indices: Sequence[int]) -> "PositionColumns":
        """Some of the positions, each at most once."""
        if len(indices) == len(self):
            return self
        return PositionColumns([[field[index] for index in indices] for field in self.fields])

    def __len__(self) -> int:
        return len(self.fields[0])

    def __iter__(self) -> Iterator[Position]:
        return map(Position, *self.fields)

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, PositionColumns) else NotImplemented

    @overload
    def __getitem__(self, index: int) -> Position: ...
    @overload
    def __getitem__(self, index: slice) -> "PositionColumns": ...
    def __getitem__(self, index: int | slice) -> "Position | PositionColumns":
        if isinstance(index, slice):
            return PositionColumns([field[index] for field in self.fields])
        return Position(*[field[index] for field in self.fields])
