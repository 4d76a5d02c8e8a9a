"""Tells what each line of a document begins with: a time, a part, a number, a bullet or text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from tracker.importer.layout.furniture import ContentLine
from tracker.importer.layout.marks import MarkedText, marked_text
from tracker.importer.parts import Part, labelled_part, part_of_heading
from tracker.importer.quarters import WrittenTime, leading_time, written_time


class Kind(Enum):
    """The beginning of a paragraph."""

    TIME = auto()
    PART = auto()
    NUMBERED = auto()
    STYLED = auto()
    BULLET = auto()
    TEXT = auto()


@dataclass(slots=True)
class Row:
    """A line with what its beginning says."""

    line: ContentLine
    marked: MarkedText
    kind: Kind
    time: WrittenTime | None = None
    part: Part | None = None
    #: The bullet of the paragraph that the line is in or after, for the width of its lines.
    width_kind: str = "text"

    @property
    def shown(self) -> str:
        """The line as it is printed."""
        return self.line.source.text.rstrip()

    @property
    def is_lower(self) -> bool:
        return bool(_LOWER_START.match(self.marked.text))


#: A number with a full stop is an ordinal, which something follows.
SENTENCE_END = re.compile(r"(?<!\b\d)(?<!\b\d\d)[.!?:;][”\"’'»)]*$")
_ABBREVIATION = re.compile(
    r"\b(?:evt|inkl|ekskl|incl|ca|f\.eks|bl\.a|jf|pga|mhp|m\.h\.p|ift|i\.f\.t|vedr|maks|max|min|nr|stk|pr"
    r"|hhv|dvs|d\.v\.s|kl|mio|mia|pkt|hht|iht|pba|ifm)\.$",
    re.IGNORECASE,
)
_LOWER_START = re.compile(r"[(”\"’'«/]*[a-zæøåéüö]")
_FIRST_WORD = re.compile(r"\S+")


def rows_of(content: Sequence[ContentLine]) -> list[Row]:
    rows: list[Row] = []
    width_kind = "text"
    for line in content:
        row = _row(line)
        if row.kind is Kind.BULLET:
            width_kind = row.marked.bullet
        elif row.kind is not Kind.TEXT:
            width_kind = "text"
        row.width_kind = width_kind
        rows.append(row)
    return rows


def _row(line: ContentLine) -> Row:
    marked = marked_text(line.source)
    whole = " ".join(line.source.text.split())
    text = marked.text if marked.bullet else whole
    labelled = labelled_part(text)
    if labelled is not None and labelled[0] is Part.TIMETABLE:
        return Row(
            line, replace(marked, text=labelled[1], number=""), Kind.PART, part=Part.TIMETABLE
        )
    counted = f"{line.source.marker} {text}"  # an automatic number may be that of a quarter
    time = written_time(counted) if marked.number and line.source.marker else None
    if time is not None:
        text = counted
    else:
        time = written_time(text)
    if time is not None and _heads_items(time, marked):
        return Row(line, replace(marked, text=text), Kind.TIME, time=time)
    part = part_of_heading(text)
    if part is not None and (not marked.bullet or text.endswith(":")):
        return Row(line, replace(marked, text=text, number=""), Kind.PART, part=part)
    if line.source.heading_level is not None:
        return Row(line, marked, Kind.STYLED)
    if labelled is not None and labelled[0] is not Part.BACKGROUND:
        return Row(line, replace(marked, text=labelled[1], number=""), Kind.PART, part=labelled[0])
    if marked.bullet or leading_time(text) is not None:
        return Row(line, replace(marked, text=text, number=""), Kind.BULLET)
    if marked.number:
        if marked.number.isalpha():
            return Row(line, replace(marked, bullet="a)", number=""), Kind.BULLET)
        return Row(line, marked, Kind.NUMBERED)
    return Row(line, marked, Kind.TEXT)


def _heads_items(time: WrittenTime, marked: MarkedText) -> bool:
    """Whether a time can stand above milestones: a day is the date of a letter, and a year behind a
    bullet an item."""
    return not time.is_day and (time.has_quarter or time.is_number_lost or not marked.bullet)


def as_text(row: Row) -> Row:
    """A row whose number turned out to be part of its text."""
    whole = " ".join(row.line.source.text.split())
    return replace(row, kind=Kind.TEXT, marked=replace(row.marked, number="", text=whole))


def is_bare(row: Row) -> bool:
    """Whether a heading of a part has no text of its own beside it."""
    return (
        part_of_heading(row.line.source.text) is not None
        or part_of_heading(row.marked.text) is not None
    )


def is_finished(row: Row) -> bool:
    """Whether a line ends as a sentence does; the full stop of an abbreviation ends none."""
    if is_abbreviated(row):
        return False
    return bool(SENTENCE_END.search(row.marked.text))


def is_abbreviated(row: Row) -> bool:
    """Whether a line ends with an abbreviation that something follows."""
    return _ABBREVIATION.search(row.marked.text) is not None


def first_word(text: str) -> str:
    found = _FIRST_WORD.match(text)
    return found[0] if found else ""


def plain_key(text: str) -> str:
    return " ".join(text.casefold().rstrip(" .:;,").split())


def is_open(text: str) -> bool:
    """Whether a bracket or a quotation is still open at the end of a text."""
    return text.count("(") > text.count(")") or text.count("”") % 2 == 1 or text.count('"') % 2 == 1
