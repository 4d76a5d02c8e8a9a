"""Reads a PDF file into a document: lines in reading order, with their pages and indents."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from fleet.files.refusal import FileRefusedError
from tracker.importer.glyphs import readable
from tracker.importer.pdf.glyphs_on_page import pages_of
from tracker.importer.pdf.lines import Gutter, PageLine, Run, gutter_of, lines_of, runs_of
from tracker.importer.source import DocumentBounds, SourceDocument, SourceLine
from tracker.importer.text_file import TOO_MANY_LINES, TOO_MUCH_TEXT

NO_TEXT = (
    "The file has no text, only pictures of pages: have its text recognised first (OCR), and read "
    "what comes out of that"
)

#: A file with fewer letters has no text, or names its glyphs wrongly.
_LETTERS_MIN = 20
_LETTERS_SHARE_MIN = 0.3

#: The width of a blank in an indent, against the height of a glyph: less than that of any letter,
#: so that texts of cells below each other begin at the same place.
_INDENT_WIDTH = 0.3
_INDENT_MAX = 400

#: The distance between lines, against the most frequent one, from which a blank line stands between
#: them, or two.
_BLANK_FROM, _TWO_FROM = 1.25, 2.6

#: The share of lines that may reach beyond the margin, as heads do.
_BEYOND_SHARE = 0.01
#: Points by which a line may miss the margin.
_MARGIN_SLACK = 1.0

#: The width of a blank between words, against the height of a glyph.
_WORD_GAP = 0.2

#: Lines around a line of cells that may be lines of cells, too.
_TABLE_REACH = 4


@dataclass(slots=True)
class _Line:
    """A line on its page, with its text."""

    page: int
    line: PageLine
    text: str
    has_cells: bool


def read_pdf_file(content: bytes, bounds: DocumentBounds) -> SourceDocument:
    """The document in a PDF file. Heads and page numbers are lines as others are.

    Raises:
        FileRefusedError: it is protected, damaged, has no text, or more than the bounds.
    """
    pages = [(page.number, runs_of(page)) for page in pages_of(content)]
    _refuse_pictures([run for _, runs in pages for run in runs])
    gutters = [gutter_of(runs) for _, runs in pages]
    lines: list[_Line] = []
    characters = 0
    for (number, runs), gutter in zip(pages, gutters, strict=True):
        for line in lines_of(runs, gutter or _usual(gutters, runs)):
            lines.append(_shown(number, line))
            characters += len(lines[-1].text)
            if characters > bounds.characters:
                raise FileRefusedError(TOO_MUCH_TEXT, most=bounds.characters)
    return SourceDocument(tuple(_source_lines(lines, bounds)))


def _refuse_pictures(runs: Sequence[Run]) -> None:
    text = "".join(run.text for run in runs)
    letters = sum(one.isalnum() for one in text)
    if letters < _LETTERS_MIN or letters < _LETTERS_SHARE_MIN * len(text):
        raise FileRefusedError(NO_TEXT)


def _usual(gutters: Sequence[Gutter | None], runs: Sequence[Run]) -> Gutter | None:
    """The gutter of most pages, where hardly a line of this page crosses it: the end of a text in
    columns is short."""
    known = [one for one in gutters if one is not None]
    if not known or 2 * len(known) < len(gutters):
        return None
    usual = Gutter(max(one.left for one in known), min(one.right for one in known))
    crossing = sum(usual.is_crossed_by(run) for run in runs)
    return usual if usual.right > usual.left and crossing * 3 < len(runs) else None


def _shown(page: int, line: PageLine) -> _Line:
    """The text of a line. Between cells, blanks stand for the distance."""
    text = ""
    has_cells = False
    for run in line.runs:
        shown = readable(run.text)
        if not text or _is_mark(text):
            text = f"{text} {shown}" if text else shown
            continue
        has_cells = True
        place = round((run.left - line.left) / (_INDENT_WIDTH * line.height))
        text = text.ljust(min(max(place, len(text) + 2), _INDENT_MAX)) + shown
    return _Line(page, line, text, has_cells)


def _is_mark(text: str) -> bool:
    """Whether a text is only the bullet or the number of what follows it after a gap."""
    return (
        len(text) == 1
        or re.fullmatch(r"\(?(?:\d{1,2}(?:\.\d{1,2}){0,4}|[a-zA-Z])[.):]?", text) is not None
    )


def _source_lines(lines: Sequence[_Line], bounds: DocumentBounds) -> Iterator[SourceLine]:
    leading = _leading(lines)
    lefts, rights = _margins(lines)
    number = 0
    for at, one in enumerate(lines):
        before = lines[at - 1] if at else None
        blanks = _blanks(before, one, leading)
        if before is not None and one.line.starts_column and _has_room(before, one, rights):
            blanks = 1
        for _ in range(blanks):
            number += 1
            yield SourceLine(number, "", page=one.page)
        number += 1
        if number > bounds.lines:
            raise FileRefusedError(TOO_MANY_LINES, most=bounds.lines)
        indent = round((one.line.left - lefts[one.line.column]) / (_INDENT_WIDTH * one.line.height))
        around = lines[max(0, at - _TABLE_REACH) : at + _TABLE_REACH]
        is_in_table = any(other.has_cells for other in around)
        after = lines[at + 1] if at + 1 < len(lines) else None
        yield SourceLine(
            number,
            " " * min(max(0, indent), _INDENT_MAX) + one.text,
            page=one.page,
            has_room_for_next=None if is_in_table else _has_room(one, after, rights),
        )


def _leading(lines: Sequence[_Line]) -> float:
    """The most frequent distance between lines, against their height."""
    steps: Counter[float] = Counter()
    for before, one in pairwise(lines):
        step = _step(before, one)
        if step is not None:
            steps[round(step, 1)] += 1
    return steps.most_common(1)[0][0] if steps else 1.0


def _step(before: _Line, one: _Line) -> float | None:
    """How far a line stands below another, against the height of its glyphs; None: not below."""
    if before.page != one.page or one.line.starts_column or one.line.column != before.line.column:
        return None
    step = (before.line.middle - one.line.middle) / max(before.line.height, one.line.height)
    return step if step > 0 else None


def _blanks(before: _Line | None, one: _Line, leading: float) -> int:
    step = None if before is None else _step(before, one)
    if step is None:
        return 0
    return 2 if step > _TWO_FROM * leading else 1 if step > _BLANK_FROM * leading else 0


def _margins(lines: Sequence[_Line]) -> tuple[dict[int, float], dict[int, float]]:
    """The left and the right margin of each column."""
    lefts: defaultdict[int, list[float]] = defaultdict(list)
    rights: defaultdict[int, list[float]] = defaultdict(list)
    for one in lines:
        lefts[one.line.column].append(one.line.left)
        rights[one.line.column].append(one.line.right)
    beyond = {column: int(_BEYOND_SHARE * len(ends)) for column, ends in rights.items()}
    return (
        {column: sorted(ends)[beyond[column]] for column, ends in lefts.items()},
        {column: sorted(ends)[-1 - beyond[column]] for column, ends in rights.items()},
    )


def _has_room(one: _Line, after: _Line | None, rights: Mapping[int, float]) -> bool | None:
    """Whether the first word of the line below would have had room at the end of a line."""
    if after is None:
        return None
    first, *others = after.line.runs[0].glyphs
    word = [first, *takewhile(lambda glyph: not glyph.follows_blank, others)]
    width = word[-1].right - first.left + _WORD_GAP * one.line.height
    return one.line.right + width < rights[one.line.column] - _MARGIN_SLACK
