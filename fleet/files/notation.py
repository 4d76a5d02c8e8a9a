"""Finds out from the cells of a file which decimal sign it has, and which of its local times are
ambiguous.

`1.250` is 1250 to a Dane and 1.25 to a program; `1,250` is the other way round. The other cells
decide for the whole file: `12,5`, `1.250,5` and `10.000.000` have decimal commas, `12.5`, `1,250.5`
and `10,000,000` decimal points. Where no cell shows the sign, the separator of the columns decides.
Where that cannot decide either, such a number is refused rather than guessed.

An odometer or an amount has no three decimals: where nearly all numbers of such a column have three
digits behind their sign, it parts thousands there, and a number in which it does not is refused
(`decimals_of_amounts`). One odd cell decides for none of the others.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fleet.moments import ClockChange, clock_change


class NotationMark(StrEnum):
    """A sign in one cell of how its file writes numbers and times."""

    DECIMAL_COMMA = "decimal comma"
    DECIMAL_POINT = "decimal point"
    #: `1.250` and `1,250`: a decimal sign, or one that parts thousands.
    POINT_OF_THREE = "point of three"
    COMMA_OF_THREE = "comma of three"
    #: A local time of the hour that the clock leaves out, and of the one that it has twice.
    TIME_LEFT_OUT = "time left out"
    TIME_TWICE = "time twice"


#: The decimal sign that each mark suggests by itself.
_THREE = {NotationMark.POINT_OF_THREE: ".", NotationMark.COMMA_OF_THREE: ","}
_SHOWN = {NotationMark.DECIMAL_COMMA: ",", NotationMark.DECIMAL_POINT: "."}

_OTHER = {",": ".", ".": ","}

NOTE_POINT_PARTS = "Numbers such as 1.250 are read as 1250: the point separates thousands"
NOTE_POINT_DECIMAL = "The point in numbers such as 1.250 is read as a decimal one"
NOTE_COMMA_PARTS = "Numbers such as 1,250 are read as 1250: the comma separates thousands"
NOTE_COMMA_DECIMAL = "The comma in numbers such as 1,250 is read as a decimal one"
_THREE_NOTES = (
    (NotationMark.POINT_OF_THREE, NOTE_POINT_PARTS, NOTE_POINT_DECIMAL),
    (NotationMark.COMMA_OF_THREE, NOTE_COMMA_PARTS, NOTE_COMMA_DECIMAL),
)
NOTE_LEFT_OUT = (
    "Some times are of the hour that the clock leaves out in spring; they are read an hour later"
)
NOTE_TWICE = (
    "Some times are of the hour that the clock has twice in autumn; the first of the two is taken"
)

#: For each number of a column of amounts in which a sign is a decimal one, so many in which it
#: stands before three digits show that it parts thousands. Half a dozen of each tell nothing.
_THREES_TO_EACH = 10


class OddNumberError(ValueError):
    """A number has as a decimal sign what parts thousands in the others of its column. The message
    quotes it."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} has as a decimal sign what parts thousands in the other numbers of its"
            " column: write it as they are written"
        )
        self.text = text


class AmbiguousNumberError(ValueError):
    """A number may be one of two, and nothing in its file tells which. The message quotes it."""

    def __init__(self, text: str) -> None:
        whole, part = re.sub("[.,]", "", text), text.replace(",", ".")
        super().__init__(
            f"{text!r} is {whole} or {part}, and nothing else in the file shows which: write it"
            " without a sign that parts thousands"
        )
        self.text = text


def three_pattern(sign: str) -> str:
    """The pattern of a number with one sign before three digits, which reads both ways. It has no
    leading zero, for no number of thousands has one."""
    return rf"[-+]?[1-9]\d{{0,2}}{re.escape(sign)}\d{{3}}"


def shown_pattern(sign: str) -> str:
    """The pattern of a number that is one only where `sign` is the decimal sign and the other one
    parts thousands."""
    decimal, parts = re.escape(sign), re.escape(_OTHER[sign])
    return (
        rf"[-+]?(?:\d{{1,3}}(?:{parts}\d{{3}}){{2,}}"
        rf"|\d{{1,3}}(?:{parts}\d{{3}})+{decimal}\d*"
        rf"|\d{{1,3}}{decimal}(?:\d{{0,2}}|\d{{4,}})|(?:0\d*|\d{{4,}}){decimal}\d*|{decimal}\d+)"
    )


_NUMBERS = [
    *((mark, re.compile(three_pattern(sign))) for mark, sign in _THREE.items()),
    *((mark, re.compile(shown_pattern(sign))) for mark, sign in _SHOWN.items()),
]
#: Finds quickly the cells whose hour may be 2, which are then looked at closely.
_TWO_O_CLOCK = re.compile(r"(?<!\d)0?2[.:]\d\d|T02")
_CLOCK = {
    ClockChange.LEFT_OUT: NotationMark.TIME_LEFT_OUT,
    ClockChange.TWICE: NotationMark.TIME_TWICE,
}


def number_text(cell: object) -> str:
    """The text of a cell without the space around its number and the `km` behind it."""
    return re.sub(r"\s|km$", "", str(cell).strip(), flags=re.IGNORECASE)


def number_mark(text: str) -> NotationMark | None:
    """The mark of a number; None: the number has none, or the text is no number."""
    if "," not in text and "." not in text:
        return None
    return next((mark for mark, pattern in _NUMBERS if pattern.fullmatch(text)), None)


def marks_in(cells: Iterable[object]) -> frozenset[NotationMark]:
    """The marks that the cells of a column have between them."""
    return frozenset(mark for cell in cells for mark in _marks(cell))


def clock_mark(cell: object) -> NotationMark | None:
    """The mark of a local time that the clock leaves out or has twice; None for any other."""
    change = clock_change(cell)
    return None if change is None else _CLOCK[change]


def _marks(cell: object) -> Iterator[NotationMark]:
    mark = None
    if isinstance(cell, str):
        number = number_mark(number_text(cell)) if "," in cell or "." in cell else None
        if number is not None:
            yield number
        if _TWO_O_CLOCK.search(cell):
            mark = clock_mark(cell)
    elif isinstance(cell, datetime):
        mark = clock_mark(cell)
    if mark is not None:
        yield mark


def marks_by_column(rows: Sequence[Sequence[object]]) -> list[frozenset[NotationMark]]:
    """The marks of each column of a table, without the headings in its first row."""
    marks: list[set[NotationMark]] = [set() for _ in rows[0]]
    for row in rows[1:]:
        for found, cell in zip(marks, row, strict=False):
            found.update(_marks(cell))
    return [frozenset(found) for found in marks]


def clock_notes(marks: Collection[NotationMark]) -> list[str]:
    """The notes on local times that the clock leaves out or has twice."""
    said = ((NotationMark.TIME_LEFT_OUT, NOTE_LEFT_OUT), (NotationMark.TIME_TWICE, NOTE_TWICE))
    return [note for mark, note in said if mark in marks]


@dataclass(frozen=True, slots=True)
class DecimalSign:
    """The decimal sign of a file, by the marks that its numbers have `shown`. Where they have none
    it is the `presumed` one; "": neither is presumed. The sign `parting` parts thousands whatever
    else is shown, and one of `doubted` before three digits may do so."""

    presumed: str
    shown: frozenset[NotationMark] = frozenset()
    parting: str = ""
    doubted: frozenset[str] = frozenset()

    @property
    def sign(self) -> str:
        """The decimal sign; "" where cells show both, or nothing does."""
        shown = {sign for mark, sign in _SHOWN.items() if mark in self.shown}
        return shown.pop() if len(shown) == 1 else "" if shown else self.presumed

    def plain(self, text: str) -> str:
        """The number as programs write it; a text that is no number stays as it is.

        Raises:
            AmbiguousNumberError: it may be one of two.
            OddNumberError: its decimal sign is the one that parts thousands.
        """
        mark = number_mark(text)
        if mark is None:
            return text
        if self.parting and _SHOWN.get(mark) == self.parting:
            raise OddNumberError(text)
        sign = self._sign_in(mark)
        if not sign:
            raise AmbiguousNumberError(text)
        return text.replace(_OTHER[sign], "").replace(sign, ".")

    def notes(self) -> list[str]:
        """The notes on numbers that read both ways."""
        notes: list[str] = []
        for mark, parts, decimal in _THREE_NOTES:
            if mark not in self.shown:
                continue
            own, sign = _THREE[mark], self._sign_in(mark)
            if sign == _OTHER[own]:
                notes.append(parts)
            elif sign and self.presumed != own:
                notes.append(decimal)
        return notes

    def _sign_in(self, mark: NotationMark) -> str:
        """The decimal sign by which a number with a mark is read; "": it may be either."""
        if mark in _SHOWN:
            return _SHOWN[mark]
        own = _THREE[mark]
        if own == self.parting:
            return _OTHER[own]
        if own in self.doubted:
            return ""
        if mark is NotationMark.COMMA_OF_THREE and self.sign == ".":
            # Where commas part the columns, few numbers have one: a comma is the decimal sign only
            # if a cell shows so.
            is_sure = NotationMark.DECIMAL_POINT in self.shown and self.presumed != ","
            return "." if is_sure else ""
        return self.sign


def decimals_of_amounts(
    presumed: str, column: Mapping[NotationMark, int], others: Iterable[NotationMark] = ()
) -> DecimalSign:
    """The decimal sign of a column of odometers or amounts, by how many of its numbers have each
    mark, and by the marks of the `others` of its file.

    A sign before three digits parts thousands where hardly any number of the column has it as a
    decimal one, and is a decimal one where hardly any has it before three digits. Between these it
    may be either, and so it may where it is a decimal one by presumption only.
    """
    shown = frozenset(others) & _SHOWN.keys() | {mark for mark, count in column.items() if count}
    parting: list[str] = []
    doubted: set[str] = set()
    for three, sign in _THREE.items():
        decimal = next(mark for mark, one in _SHOWN.items() if one == sign)
        threes, decimals = column.get(three, 0), column.get(decimal, 0)
        is_other = any(mark in shown and one != sign for mark, one in _SHOWN.items())
        if not threes or (is_other and decimal not in shown):
            continue
        if threes >= _THREES_TO_EACH * max(decimals, 1):
            parting.append(sign)
        elif decimals < _THREES_TO_EACH * threes and (decimal in shown or presumed == sign):
            doubted.add(sign)
    # If two signs both part thousands, one may be wrong.
    if len(parting) > 1:
        return DecimalSign(presumed, shown, doubted=frozenset(parting))
    return DecimalSign(presumed, shown, "".join(parting), frozenset(doubted))


def marks_counted(cells: Iterable[object]) -> Counter[NotationMark]:
    """How many cells of a column have each mark."""
    return Counter(mark for cell in cells for mark in _marks(cell))
