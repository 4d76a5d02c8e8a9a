"""Finds tables in plain text: cells between bars or tabs, or below headings at even places."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracker.importer.source import SourceCell, SourceDocument, SourceLine, SourceTable

_BORDER = re.compile(r"[\s|+:=─━┼├┤┌┐└┘┬┴│_-]+")
_BAR = re.compile(r"[|│]")
_WIDE_GAP = re.compile(r"\S+(?: \S+)*")

#: The headings by which a table without bars is known.
_HEADINGS = re.compile(
    r"(?:milepæl\w*|handling(?:er)?|aktivitet(?:er)?|indsats(?:er)?|kvartal|tid\w*|hvornår|frist"
    r"|deadline|ansvarlig\w*|status|indikator\w*|ressourcer|formulering|leverance\w*|opgave\w*"
    r"|nr\.?|mål|tema|periode|start|slut|initiativ\w*|bemærkninger|økonomi)",
    re.IGNORECASE,
)
_ROWS_MIN = 2
_HEADINGS_MIN = 3


def with_text_tables(document: SourceDocument) -> SourceDocument:
    """The document with the tables that its lines draw. One that has tables already, or whose lines
    are paragraphs, keeps its lines."""
    if document.lines_are_paragraphs or any(
        isinstance(part, SourceTable) for part in document.parts
    ):
        return document
    lines = [part for part in document.parts if isinstance(part, SourceLine)]
    parts: list[SourceLine | SourceTable] = []
    at = 0
    while at < len(lines):
        found = _table_at(lines, at)
        if found is None:
            parts.append(lines[at])
            at += 1
        else:
            table, at = found
            parts.append(table)
    return replace(document, parts=tuple(parts))


def _table_at(lines: Sequence[SourceLine], at: int) -> tuple[SourceTable, int] | None:
    """The table that begins at a line, and the place after it."""
    text = lines[at].text
    if len(_BAR.findall(text)) > 1 or (_BORDER.fullmatch(text) and "+" in text):
        return _barred(lines, at)
    if "\t" in text.strip():
        return _tabbed(lines, at)
    heads = [found for found in _chunks(text) if _HEADINGS.fullmatch(found[1].strip(" :"))]
    if len(heads) >= _HEADINGS_MIN and len(heads) == len(list(_chunks(text))):
        return _aligned(lines, at, [start for start, _ in heads])
    return None


def _barred(lines: Sequence[SourceLine], at: int) -> tuple[SourceTable, int] | None:
    """A table between bars: each line is a row, or, where borders part the rows, a line of one."""
    rows: list[list[list[SourceLine]]] = []
    borders = 0
    is_open = False
    while at < len(lines):
        line = lines[at]
        if _BORDER.fullmatch(line.text) and line.text.strip():
            borders += 1
            is_open = False
        elif _BAR.search(line.text):
            cells = _BAR.split(line.text.strip().strip("|│"))
            if is_open and len(cells) == len(rows[-1]):
                for cell, text in zip(rows[-1], cells, strict=True):
                    cell.append(replace(line, text=text.strip()))
            else:
                rows.append([[replace(line, text=text.strip())] for text in cells])
            is_open = True
        elif not line.is_blank or not _goes_on(lines, at, len(rows)):
            break
        at += 1
    if borders < _ROWS_MIN + 1:  # borders do not part the rows
        rows = [[[cell[place]] for cell in row] for row in rows for place in range(len(row[0]))]
    return (_table(rows), at) if len(rows) >= _ROWS_MIN else None


def _goes_on(lines: Sequence[SourceLine], at: int, rows: int) -> bool:
    """Whether a blank line stands between two lines of a table, all of which blank lines part."""
    has_next = at + 1 < len(lines) and _BAR.search(lines[at + 1].text) is not None
    return has_next and (rows <= 1 or lines[at - 2].is_blank)


def _tabbed(lines: Sequence[SourceLine], at: int) -> tuple[SourceTable, int] | None:
    """A table of lines with tabs; all rows have about as many as the headings."""
    heads = [text.strip(" :") for text in lines[at].text.split("\t") if text.strip()]
    known = sum(_HEADINGS.fullmatch(one) is not None for one in heads)
    if known < min(2, len(heads)) or len(heads) < 2:  # a tab stands between a bullet and its text
        return None
    width = lines[at].text.rstrip().count("\t")
    rows: list[list[list[SourceLine]]] = []
    while at < len(lines):
        line = lines[at]
        if line.is_blank:
            if at + 1 >= len(lines) or "\t" not in lines[at + 1].text:
                break
        elif "\t" in line.text and line.text.count("\t") <= width + 1:
            rows.append([[replace(line, text=text.strip())] for text in line.text.split("\t")])
        else:
            break
        at += 1
    return (_table(rows), at) if width > 0 and len(rows) > _ROWS_MIN else None


@dataclass(slots=True)
class _Cut:
    """A line of a table without bars, cut at the places of its columns."""

    cells: list[SourceLine]
    is_after_blank: bool

    @property
    def filled(self) -> list[int]:
        return [at for at, cell in enumerate(self.cells) if not cell.is_blank]


def _aligned(
    lines: Sequence[SourceLine], at: int, starts: Sequence[int]
) -> tuple[SourceTable, int] | None:
    """A table whose cells stand below their headings. A blank line parts its rows, or else a row
    begins where the first column is filled."""
    head = [[replace(lines[at], text=text)] for _, text in _chunks(lines[at].text)]
    cuts: list[_Cut] = []
    blank = 0
    at += 1
    while at < len(lines):
        line = lines[at]
        if line.is_blank:
            blank += 1
            if blank > 2:
                break
        elif _BORDER.fullmatch(line.text):
            blank = 0
        else:
            cut = _cut(line, starts, is_after_blank=blank > 0)
            if cut is None:
                break
            cuts.append(cut)
            blank = 0
        at += 1
    by_blanks = sum(cut.is_after_blank for cut in cuts[1:]) > 0
    rows: list[list[list[SourceLine]]] = [head]
    for cut in cuts:
        begins = cut.is_after_blank if by_blanks else (0 in cut.filled or len(cut.filled) > 2)
        if begins or len(rows) == 1:
            rows.append([[cell] for cell in cut.cells])
        else:
            for cell, more in zip(rows[-1], cut.cells, strict=True):
                cell.append(more)
    return (_table(rows), at) if len(rows) > _ROWS_MIN else None


def _cut(line: SourceLine, starts: Sequence[int], *, is_after_blank: bool) -> _Cut | None:
    """A line cut at the columns; None: its words do not stand in columns."""
    texts = [""] * len(starts)
    for start, text in _chunks(line.text):
        column = max((at for at, place in enumerate(starts) if place <= start + 2), default=0)
        end = starts[column + 1] if column + 1 < len(starts) else None
        if end is not None and start + len(text) > end:
            return None
        texts[column] = f"{texts[column]} {text}".strip()
    return _Cut([replace(line, text=text) for text in texts], is_after_blank)


def _chunks(text: str) -> list[tuple[int, str]]:
    """The texts of a line that two blanks or more part, each with its place."""
    return [(found.start(), found[0]) for found in _WIDE_GAP.finditer(text.expandtabs())]


def _table(rows: Sequence[Sequence[Sequence[SourceLine]]]) -> SourceTable:
    return SourceTable(
        tuple(
            tuple(SourceCell(tuple(line for line in cell if not line.is_blank)) for cell in row)
            for row in rows
        )
    )
