"""Shows a long list in parts, so that no list is dozens of screens long on a phone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from api.pages.frame.forms import whole_number

#: The rows of a part: as cards on a phone they are a few screens long.
PART_ROWS = 25

Row = TypeVar("Row")
Shown = TypeVar("Shown")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPart(Generic[Row]):
    """A part of a list of `found` rows, counted from 1 to `parts`. `path` and `query` are the
    address of the whole list, and `name` is what its address calls the number of the part. A part
    has `most` rows at most."""

    rows: Sequence[Row]
    found: int
    number: int
    parts: int
    path: str
    query: Sequence[tuple[str, str]]
    name: str = "part"
    most: int = PART_ROWS

    @property
    def first(self) -> int:
        """The number of its first row in the list."""
        return (self.number - 1) * self.most + 1

    @property
    def last(self) -> int:
        """The number of its last row in the list."""
        return self.first + len(self.rows) - 1

    @property
    def before(self) -> str | None:
        """The address of the part before it; None: it is the first."""
        return self._address(self.number - 1)

    @property
    def after(self) -> str | None:
        """The address of the part after it; None: it is the last."""
        return self._address(self.number + 1)

    def shown_as(self, show: Callable[[Row], Shown]) -> "ListPart[Shown]":
        """The same part with each row as `show` shows it."""
        return ListPart(
            rows=[show(row) for row in self.rows],
            found=self.found,
            number=self.number,
            parts=self.parts,
            path=self.path,
            query=self.query,
            name=self.name,
            most=self.most,
        )

    def _address(self, number: int) -> str | None:
        if not 1 <= number <= self.parts:
            return None
        return f"{self.path}?{urlencode([*self.query, (self.name, str(number))])}"


def asked_part(
    rows: Sequence[Row],
    asked: Mapping[str, str],
    path: str,
    query: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    name: str = "part",
    most: int = PART_ROWS,
) -> ListPart[Row]:
    """The part of a list that the query `asked` asks for (`?part=2`), of `most` rows at most. A
    number that is none, or too high, counts as absent, since addresses are typed. The lists of one
    page have `name`s of their own."""
    parts = max(1, -(-len(rows) // most))
    number = whole_number(asked.get(name, ""), 1, parts) or 1
    return ListPart(
        rows=rows[(number - 1) * most : number * most],
        found=len(rows),
        number=number,
        parts=parts,
        path=path,
        query=list(query.items()) if isinstance(query, Mapping) else query,
        name=name,
        most=most,
    )
