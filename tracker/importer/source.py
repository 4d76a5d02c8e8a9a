"""The lines and tables of a document, as readers of files give them and the importer takes them.

A reader says what its kind of file knows: plain text knows lines, a PDF also pages and widths, a
Word file also lists, styles and tables. What it does not know stays None, and the importer infers
it from the text.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of a document.

    Of a Word file it is a paragraph, for Word stores no lines; `text` has no line break.
    """

    #: The number from 1 in the text that was taken out of the file; blank lines count.
    number: int
    #: The text with its leading blanks and its bullet, as far as the file stores it in the text.
    text: str
    #: The page from 1; None: the file knows no pages.
    page: int | None = None
    #: The level from 0 of an item of an automatic list of Word; None: the line is no such item.
    list_level: int | None = None
    #: The mark or number that an automatic list shows before the text, such as `•` or `2.1.3`.
    marker: str | None = None
    #: The level from 1 of the style of a heading; None: no style says that the line is one.
    heading_level: int | None = None
    #: Whether the first word of the line below would have had room at the end of this one; None:
    #: the file knows no widths.
    has_room_for_next: bool | None = None
    #: Whether the line is the first of a page, where the file tells without page numbers.
    starts_page: bool = False

    @property
    def is_blank(self) -> bool:
        return not self.text.strip()


@dataclass(frozen=True, slots=True)
class SourceCell:
    """A cell of a table, with lines as a document has them: bullets may stand in it."""

    lines: tuple[SourceLine, ...] = ()
    #: Whether the cell is one with the cell above it, which then holds the text.
    is_merged_with_above: bool = False

    @property
    def text(self) -> str:
        """The text of all lines with single blanks between them."""
        return " ".join(" ".join(line.text for line in self.lines).split())


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table: rows of cells, the headings of the columns among them. Rows may differ in length."""

    rows: tuple[tuple[SourceCell, ...], ...]


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A document from top to bottom: lines, and tables where they stand between lines."""

    parts: tuple[SourceLine | SourceTable, ...]
    #: Whether a line is a whole paragraph, as in a Word file, so that none goes on in the next.
    lines_are_paragraphs: bool = False
    #: Lines that the file stores beside its text: those of text boxes, footnotes and endnotes.
    asides: tuple[SourceLine, ...] = ()

    def lines(self) -> Iterator[SourceLine]:
        """Every line in the order of the document, also those in cells."""
        for part in self.parts:
            if isinstance(part, SourceLine):
                yield part
            else:
                for row in part.rows:
                    for cell in row:
                        yield from cell.lines


@dataclass(frozen=True, slots=True)
class DocumentBounds:
    """The bounds on the reading of one document."""

    file_bytes: int = 50_000_000
    #: Of a package such as a Word file, when it is unpacked.
    unzipped_bytes: int = 200_000_000
    characters: int = 10_000_000
    lines: int = 200_000
