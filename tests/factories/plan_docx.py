"""A plan as Word writes it: automatic bullets and numbers, a table, or with changes tracked.

The package is written by hand with the standard library. A library for Word files would bring a
parser of XML in C, and offers neither automatic numbers that begin anew nor tracked changes.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal
from xml.sax.saxutils import escape

from tests.factories.plan_blocks import BlockKind, Document, ExpectedMilestone
from tests.factories.plan_documents import Paragraph, WrittenPlan, expected_in_file, paragraphs
from tests.factories.plan_numbering import Counted, Numbering, numbering_part

#: "bullets": bullets are automatic, numbers of headings are typed. "numbers": those of headings,
#: quarters and bullets are automatic. "tracked": as "bullets", with changes tracked and hyphens of
#: Word's own. "table": the milestones of each section stand in a table of four columns.
Form = Literal["bullets", "numbers", "tracked", "table"]
FORMS: tuple[Form, ...] = ("bullets", "numbers", "tracked", "table")

NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
CHANGE = 'w:id="1" w:author="Redaktion" w:date="2030-11-01T09:00:00Z"'

#: The styles by their names in Danish Word, and those that Word knows them by.
STYLES = {
    "Overskrift1": "heading 1",
    "Overskrift2": "heading 2",
    "Overskrift3": "heading 3",
    "Listeafsnit": "List Paragraph",
    "Tabelgitter": "Table Grid",
}
TABLE_HEAD = ("Indsats", "Milepæl", "Kvartal", "Ansvarlig")


def plan_docx(document: Document, form: Form, head: str = "Virksomhedsplan") -> WrittenPlan:
    """The plan as a Word file of a form, with a running head."""
    numbering = Numbering()
    expected = expected_in_file(document)
    if form == "table":
        body = "".join(tabled(document, expected, numbering))
    else:
        body = "".join(Listing(form, numbering).of(paragraphs(document)))
    return WrittenPlan(f"plan_{form}.docx", packed(body, numbering, head), expected)


def packed(body: str, numbering: Numbering, head: str) -> bytes:
    """A Word file with this body."""
    parts = {
        "[Content_Types].xml": content_types(),
        "_rels/.rels": relations({"officeDocument": "word/document.xml"}),
        "word/_rels/document.xml.rels": relations(
            {"styles": "styles.xml", "numbering": "numbering.xml", "header": "header1.xml"}
        ),
        "word/styles.xml": styles(),
        "word/numbering.xml": numbering_part(numbering, NS),
        "word/header1.xml": f"<w:hdr {NS}>{styled('', run(head))}</w:hdr>",
        "word/document.xml": (
            f'<w:document {NS} xmlns:r="{OFFICE}"><w:body>{body}<w:sectPr><w:headerReference '
            'w:type="default" r:id="header"/></w:sectPr></w:body></w:document>'
        ),
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(zipfile.ZipInfo(name), DECLARATION + part, zipfile.ZIP_DEFLATED)
    return content.getvalue()


@dataclass(slots=True)
class Listing:
    """Writes paragraphs one after the other; a numbered list begins anew after what is none.

    `quarter` is the last quarter that got its number automatically within a section.
    """

    form: Form
    numbering: Numbering
    numbered: int = 0
    quarters: int = 0
    quarter: int = 0
    bullets: int = field(init=False)
    entries: int = field(init=False)

    def __post_init__(self) -> None:
        self.bullets = self.numbering.anew(Counted.BULLETS)
        self.entries = self.numbering.anew(Counted.ENTRIES)

    def of(self, written: Iterable[Paragraph]) -> Iterator[str]:
        for count, one in enumerate(written):
            is_quarter = one.block.kind is BlockKind.QUARTER
            if one.block.kind in (BlockKind.PROGRAMME, BlockKind.SECTION):
                self.quarter = 0
            if one.look == "top" or one.look == "sub":
                yield from self.bullet(one, count)
                continue
            self.numbered = 0
            if one.look == "entry":
                yield styled("Listeafsnit", self.runs(one, count), self.entries, 0)
            elif is_quarter:
                yield self.quarter_heading(one)
            elif one.look == "prose":
                yield styled("", self.runs(one, count))
            else:
                yield self.heading(one)

    def runs(self, one: Paragraph, count: int) -> str:
        return tracked(one.text, count) if self.form == "tracked" else run(one.text)

    def bullet(self, one: Paragraph, count: int) -> Iterator[str]:
        level = 1 if one.look == "sub" else 0
        if self.form == "numbers" and one.block.kind is not BlockKind.QUARTER:
            self.numbered = self.numbered or self.numbering.anew(Counted.NUMBERED, (1,))
            yield styled("Listeafsnit", run(one.text), self.numbered, level)
            return
        yield styled("Listeafsnit", self.runs(one, count), self.bullets, level)
        if self.form == "tracked" and count % 11 == 0:
            yield gone("Slettet milepæl", self.bullets, level)
        if self.form == "tracked" and count % 13 == 0:
            yield moved_away(f"Flyttet: {one.text}", self.bullets, level)

    def quarter_heading(self, one: Paragraph) -> str:
        span, rest = one.block.span, one.text.partition(" ")[2]
        assert span is not None
        if self.form != "numbers" or one.text != f"{span.first}. {rest}" or span.first != span.last:
            return styled("Overskrift3", run(one.text))
        if span.first != self.quarter + 1 or not self.quarter:
            self.quarters = self.numbering.anew(Counted.QUARTERS, (span.first,))
        self.quarter = span.first
        return styled("Overskrift3", run(rest), self.quarters, 0)

    def heading(self, one: Paragraph) -> str:
        style = "Overskrift1" if one.look == "title" else "Overskrift2"
        if one.number and self.form == "numbers":
            return styled(style, run(one.text), *self.numbering.heading(one.number))
        return styled(style, run(one.whole))


def tabled(
    document: Document, expected: Sequence[ExpectedMilestone], numbering: Numbering
) -> Iterator[str]:
    """Each section as a heading and a table, whose first column names the section again."""
    listing = Listing("bullets", numbering)
    by_section = {
        section: list(milestones)
        for section, milestones in groupby(expected, lambda milestone: milestone.section)
    }
    section, title = "", ""
    for one in paragraphs(document):
        if one.block.kind in (BlockKind.PROGRAMME, BlockKind.SECTION):
            section, title = one.block.section, one.text
        if one.block.kind in (BlockKind.QUARTER, BlockKind.MILESTONE):
            if section in by_section:
                yield table(title, by_section.pop(section), listing.bullets)
        else:
            yield from listing.of([one])


def table(title: str, milestones: Sequence[ExpectedMilestone], bullets: int) -> str:
    """A table of the milestones of a section: a row for each bullet, with its sub-bullets."""
    rows: list[tuple[str, str, str, str]] = []
    keys: list[tuple[str, ...]] = []
    for milestone in milestones:
        if milestone.level == "sub":
            initiative, cell, quarter, centre = rows[-1]
            cell += styled("Listeafsnit", run(milestone.text), bullets, 1)
            rows[-1] = (initiative, cell, quarter, centre)
        else:
            cell = styled("Listeafsnit", run(milestone.text), bullets, 0)
            written = milestone.quarter_as_written or ""
            rows.append((plain(title), cell, plain(written), plain("Center A")))
            keys.append((title, "", f"{milestone.quarter_from} {written}", ""))
    return table_of(TABLE_HEAD, rows, keys)


def table_of(
    head: Sequence[str], rows: Sequence[Sequence[str]], keys: Sequence[Sequence[str]]
) -> str:
    """A table of cells of paragraphs.

    Each cell has a key. Cells below each other with equal keys are one cell; those with an empty
    key stand alone.
    """
    titles = "".join(cell_of(plain(title)) for title in head)
    printed = [f"<w:tr><w:trPr><w:tblHeader/></w:trPr>{titles}</w:tr>"]
    for index, row in enumerate(rows):
        above = keys[index - 1] if index else [""] * len(row)
        cells: list[str] = []
        for cell, key, key_above in zip(row, keys[index], above, strict=True):
            if not key:
                cells.append(cell_of(cell))
            elif key == key_above:
                cells.append(cell_of("<w:p/>", "<w:vMerge/>"))
            else:
                cells.append(cell_of(cell, '<w:vMerge w:val="restart"/>'))
        printed.append(f"<w:tr>{''.join(cells)}</w:tr>")
    grid = "<w:gridCol/>" * len(head)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="Tabelgitter"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
        f"{''.join(printed)}</w:tbl>"
    )


def cell_of(content: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def plain(text: str) -> str:
    return styled("", run(text))


def styled(style: str, runs: str, numbered: int = 0, level: int = 0) -> str:
    """A paragraph of runs; `numbered` is its list."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if numbered:
        properties += numbered_by(numbered, level)
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"


def numbered_by(numbered: int, level: int) -> str:
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{numbered}"/></w:numPr>'


def run(text: str, tag: str = "t") -> str:
    return f'<w:r><w:{tag} xml:space="preserve">{escape(text)}</w:{tag}></w:r>'


def tracked(text: str, count: int) -> str:
    """Runs of a text with changes tracked in some, and hyphens of Word's own in others."""
    if count % 7 == 0:
        kept, _, last = text.rpartition(" ")
        old = f"<w:del {CHANGE}>{run('Et tidligere udkast: ', 'delText')}</w:del>"
        return f"{old}{run(f'{kept} ' if kept else '')}<w:ins {CHANGE}>{run(last)}</w:ins>"
    if count % 5 == 0:
        half = len(text) // 2
        inner = text[half - 1 : half + 1]
        hyphen = '</w:t><w:noBreakHyphen/><w:t xml:space="preserve">'
        first = run(text[:half]).replace("-", hyphen)
        optional = "<w:r><w:softHyphen/></w:r>" if inner.isalpha() else ""
        return f"{first}{optional}{run(text[half:])}"
    return run(text)


def gone(text: str, numbered: int, level: int) -> str:
    """A paragraph that was deleted as a whole."""
    return (
        f'<w:p><w:pPr><w:pStyle w:val="Listeafsnit"/>{numbered_by(numbered, level)}'
        f"<w:rPr><w:del {CHANGE}/></w:rPr></w:pPr>"
        f"<w:del {CHANGE}>{run(text, 'delText')}</w:del></w:p>"
    )


def moved_away(text: str, numbered: int, level: int) -> str:
    """A paragraph that was moved from here."""
    return (
        f'<w:p><w:pPr><w:pStyle w:val="Listeafsnit"/>{numbered_by(numbered, level)}'
        f"<w:rPr><w:moveFrom {CHANGE}/></w:rPr></w:pPr>"
        f"<w:moveFrom {CHANGE}>{run(text)}</w:moveFrom></w:p>"
    )


def content_types() -> str:
    parts = {"document": "document.main", "styles": "styles", "numbering": "numbering"}
    overrides = "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{WORD}.{kind}+xml"/>'
        for part, kind in (*parts.items(), ("header1", "header"))
    )
    return (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def relations(targets: dict[str, str]) -> str:
    related = "".join(
        f'<Relationship Id="{kind}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for kind, target in targets.items()
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>'


def styles() -> str:
    written = "".join(
        f'<w:style w:type="{"table" if "Table" in name else "paragraph"}" w:styleId="{style}">'
        f'<w:name w:val="{name}"/></w:style>'
        for style, name in STYLES.items()
    )
    normal = '<w:style w:type="paragraph" w:default="1" w:styleId="Normal">'
    return f'<w:styles {NS}>{normal}<w:name w:val="Normal"/></w:style>{written}</w:styles>'
