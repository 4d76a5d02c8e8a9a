"""Reads a Word file into a document: paragraphs as lines, and tables."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from fleet.files.refusal import FileRefusedError
from tracker.importer.source import (
    DocumentBounds,
    SourceCell,
    SourceDocument,
    SourceLine,
    SourceTable,
)
from tracker.importer.text_file import TOO_MANY_LINES, TOO_MUCH_TEXT
from tracker.importer.word.numbering import Counting, counting_of
from tracker.importer.word.package import open_package
from tracker.importer.word.runs import NoteReference, text_of_runs
from tracker.importer.word.styles import Styles, styles_of

#: A twentieth of a point is a twip; so many are about the width of a character.
_TWIPS_A_BLANK = 120
_BLANKS_MAX = 40

#: Columns of a table; more are no table of a plan.
_COLUMNS_MAX = 60

#: Matches a text that begins with a mark which a person typed.
_TYPED_MARK = re.compile(r"\s*(?:[•●○◦▪▫■□◆►➢➤→✓✗❖]|[-–—*·o]\s)")

Part = SourceLine | SourceTable

#: What stands around paragraphs without changing them.
_FRAMES = {"w_sdt", "w_sdtContent", "w_ins", "w_moveTo", "w_customXml", "w_smartTag"}


def read_word_file(content: bytes, bounds: DocumentBounds) -> SourceDocument:
    """The document in a Word file, with tracked changes accepted.

    Headers and footers are left out, and the table of contents. Text boxes and notes are beside
    the text.

    Raises:
        FileRefusedError: it is no Word file, is damaged, or larger than the bounds.
    """
    package = open_package(content, bounds)
    body = package.document.find("w_body")
    reading = _Reading(
        styles_of(package.related.get("styles")),
        counting_of(package.related.get("numbering")),
        bounds,
    )
    parts = tuple(reading.parts(() if body is None else body))
    return SourceDocument(
        parts, lines_are_paragraphs=True, asides=tuple(reading.asides(package.related))
    )


@dataclass(slots=True)
class _Reading:
    """The place in a file: the number of the last line, the lists, and what stands beside the
    text."""

    styles: Styles
    counting: Counting
    bounds: DocumentBounds
    number: int = 0
    characters: int = 0
    #: The text of paragraphs whose end was deleted, so that they go on in the next one.
    kept: str = ""
    boxes: list[Element] = field(default_factory=list[Element])
    notes: list[NoteReference] = field(default_factory=list[NoteReference])

    def parts(self, content: Iterable[Element]) -> Iterator[Part]:
        for one in content:
            if one.tag == "w_p":
                yield from self.paragraph(one)
            elif one.tag == "w_tbl":
                yield from self.table(one)
            elif one.tag in _FRAMES:
                yield from self.parts(one)
            elif one.tag == "mc_AlternateContent":
                yield from self.parts(one.findall("mc_Choice/*"))

    def asides(self, related: Mapping[str, Element]) -> Iterator[SourceLine]:
        """The lines of text boxes and of the notes that the text refers to. Those in boxes may
        bring more of either."""
        while self.boxes or self.notes:
            boxes, notes = self.boxes, self.notes
            self.boxes, self.notes = [], []
            contents: list[Iterable[Element]] = [*boxes]
            for part, identifier in notes:
                found = related.get(part)
                if found is not None:
                    contents += [one for one in found if one.get("w_id") == identifier]
            for content in contents:
                lines = _lines(self.parts(content))
                yield from (line for line in lines if not line.is_blank)

    def paragraph(self, element: Element) -> Iterator[SourceLine]:
        properties = element.find("w_pPr")
        runs = text_of_runs(element)
        self.boxes += runs.boxes
        self.notes += runs.notes
        first, *others = runs.lines
        if properties is not None and _is_end_deleted(properties):
            self.kept += " ".join([first, *others])
            return
        first, self.kept = self.kept + first, ""
        if self.styles.is_of_contents(properties):
            return
        listed = self.styles.listed(properties)
        style = self.styles.style_id(properties)
        mark = None if listed is None else self.counting.mark(listed, style)
        heading = self.styles.heading_level(properties)
        if mark is None and heading is None and first.strip():
            twips = self.styles.indent_twips(properties)
            first = " " * min(max(0, round(twips / _TWIPS_A_BLANK)), _BLANKS_MAX) + first
        texts = _parted(first, others)
        # A number of several parts, as of a heading, is of no item.
        is_single = mark is not None and not re.search(r"\d\.\d", mark.text)
        is_item = mark is not None and (mark.is_bullet or (heading is None and is_single))
        for at, text in enumerate(texts):
            line = self.line(text)
            if at == 0 and mark is not None:
                level = mark.level if is_item else None
                line = replace(line, marker=mark.text, list_level=level)
            yield replace(line, heading_level=heading if line.text.strip() else None)

    def line(self, text: str) -> SourceLine:
        self.number += 1
        self.characters += len(text)
        if self.number > self.bounds.lines:
            raise FileRefusedError(TOO_MANY_LINES, most=self.bounds.lines)
        if self.characters > self.bounds.characters:
            raise FileRefusedError(TOO_MUCH_TEXT, most=self.bounds.characters)
        return SourceLine(self.number, text.rstrip())

    def table(self, element: Element) -> Iterator[Part]:
        rows = [tuple(self.cells(row)) for row in _rows(element)]
        rows = [row for row in rows if row]
        if len(rows) == 1 and len(rows[0]) == 1:  # a frame around text
            yield from rows[0][0].lines
        elif rows:
            yield SourceTable(tuple(rows))

    def cells(self, row: Element) -> Iterator[SourceCell]:
        """The cells of a row; one over several columns is followed by empty ones."""
        properties = row.find("w_trPr")
        if properties is not None and properties.find("w_del") is not None:
            return
        count = _number(properties, "w_gridBefore", 0)
        yield from [SourceCell()] * count
        for cell in _cells(row):
            own = cell.find("w_tcPr")
            if own is not None and own.find("w_cellDel") is not None:
                continue
            width = _number(own, "w_gridSpan", 1)
            count += width
            if count > _COLUMNS_MAX:
                return
            yield self.cell(cell, own)
            yield from [SourceCell()] * (width - 1)

    def cell(self, element: Element, properties: Element | None) -> SourceCell:
        lines = _lines(self.parts(element))
        if self.kept:  # a cell ends its last paragraph
            lines.append(self.line(self.kept))
            self.kept = ""
        if properties is None:
            return SourceCell(tuple(lines))
        beside = properties.find("w_hMerge")
        if beside is not None and beside.get("w_val") != "restart":
            return SourceCell()
        merge = properties.find("w_vMerge")
        tracked = properties.find("w_cellMerge")
        is_merged = (merge is not None and merge.get("w_val") != "restart") or (
            tracked is not None and tracked.get("w_vMerge") == "cont"
        )
        return SourceCell(tuple(lines), is_merged_with_above=is_merged)


def _is_end_deleted(properties: Element) -> bool:
    return any(properties.find(f"w_rPr/{one}") is not None for one in ("w_del", "w_moveFrom"))


def _parted(first: str, others: Sequence[str]) -> list[str]:
    """The lines of a paragraph. A person breaks a line to wrap it, or to begin an item with a mark
    that is typed: only the second parts the paragraph."""
    found = [first]
    for text in others:
        if _TYPED_MARK.match(text):
            found.append(text)
        else:
            found[-1] = re.sub(r"\s*$", " ", found[-1]) + text if text.strip() else found[-1]
    return found


def _lines(parts: Iterable[Part]) -> list[SourceLine]:
    """The lines of what stands in a cell, those of tables in it among them."""
    return list(SourceDocument(tuple(parts)).lines())


def _rows(table: Element) -> Iterator[Element]:
    yield from _framed(table, "w_tr")


def _cells(row: Element) -> Iterator[Element]:
    yield from _framed(row, "w_tc")


def _framed(element: Element, name: str) -> Iterator[Element]:
    for one in element:
        if one.tag == name:
            yield one
        elif one.tag in _FRAMES:
            yield from _framed(one, name)


def _number(properties: Element | None, name: str, default: int) -> int:
    found = None if properties is None else properties.find(name)
    written = "" if found is None else found.get("w_val", "")
    return min(int(written), _COLUMNS_MAX) if re.fullmatch(r"\d{1,4}", written) else default
