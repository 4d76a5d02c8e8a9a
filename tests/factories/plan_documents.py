"""A plan document as files that offices exchange, each with the milestones that are to be found.

The PDF is set by typst, which the system has for its reports. The Word files are in `plan_docx`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import msgspec
import orjson
import typst

from tests.factories.plan_blocks import Block, BlockKind, Document, ExpectedMilestone, expected_of
from tests.factories.plan_reflow import breaks, unbroken

TEMPLATE = Path(__file__).with_name("plan_document.typ")

Look = Literal["title", "heading", "top", "sub", "entry", "prose"]


@dataclass(frozen=True, slots=True)
class WrittenPlan:
    """A file, and its milestones in their order; `pages` are theirs in a PDF, counted from 1.

    The lines of the milestones are 0: a reader takes its own text out of the file.
    """

    name: str
    content: bytes
    expected: tuple[ExpectedMilestone, ...]
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a file. `number` is that of a heading or an entry, "" where it has none.

    `block` is its block, the first one where several lines are one paragraph.
    """

    look: Look
    number: str
    text: str
    block: Block

    @property
    def whole(self) -> str:
        return f"{self.number} {self.text}" if self.number else self.text


def expected_in_file(document: Document) -> tuple[ExpectedMilestone, ...]:
    """The milestones of a document that has no lines of its own; no mark is lost in a file."""
    return tuple(
        replace(milestone, line_from=0, line_to=0, lost="")
        for milestone in expected_of(document, document.printed())
    )


def paragraphs(document: Document) -> Iterator[Paragraph]:
    """The paragraphs of a document: the lines of prose that belong together are one."""
    prose: list[Block] = []
    entry = 0
    for block in document.blocks:
        is_line = block.kind is BlockKind.LINE
        if prose and not (is_line and goes_on(prose, block)):
            yield prose_of(prose)
            prose = []
        entry = entry + 1 if block.kind is BlockKind.ENTRY else 0
        if is_line:
            prose.append(block)
        else:
            yield paragraph(block, entry)
    if prose:
        yield prose_of(prose)


def goes_on(prose: list[Block], line: Block) -> bool:
    """Whether a line belongs to the paragraph of the lines before it."""
    begins_anew = is_listed(line) or (is_listed(prose[0]) and line.text[0].isupper())
    return len(prose[-1].gap) == 1 and not begins_anew


def is_listed(line: Block) -> bool:
    return line.lines[0].strip().startswith("• ")


def prose_of(lines: list[Block]) -> Paragraph:
    look: Look = "top" if is_listed(lines[0]) else "prose"
    return Paragraph(look, "", " ".join(line.text for line in lines), lines[0])


def paragraph(block: Block, entry: int) -> Paragraph:
    if block.kind is BlockKind.PROGRAMME:
        return Paragraph("title", block.section, block.text, block)
    if block.kind is BlockKind.SECTION:
        return Paragraph("heading", block.section, block.text, block)
    if block.kind is BlockKind.ENTRY:
        return Paragraph("entry", f"{entry}.", block.text, block)
    if block.level is not None:
        return Paragraph(block.level, "", block.text, block)
    if block.kind is BlockKind.QUARTER and block.mark:
        return Paragraph("top", "", block.text, block)
    if block.kind is BlockKind.UNPLACED:
        return Paragraph("prose", "", block.lines[0].strip(), block)
    return Paragraph("heading", "", block.text, block)


def plan_pdf(
    document: Document,
    head: str = "Virksomhedsplan",
    *,
    hyphenated: bool = True,
    paper: str = "a4",
    columns: int = 1,
) -> WrittenPlan:
    """The plan as PDF: columns, a running head, page numbers, hyphenated where `hyphenated`."""
    written = list(paragraphs(document))
    inputs = {
        "plan": orjson.dumps(
            {
                "head": head,
                "paper": paper,
                "columns": columns,
                "hyphenated": hyphenated,
                "paragraphs": [
                    {
                        "look": one.look,
                        "words": [
                            {"text": word, "held": is_held(word)} for word in unbroken(one.whole)
                        ],
                    }
                    for one in written
                ],
            }
        ).decode()
    }
    source = TEMPLATE.read_bytes()
    content = typst.compile(source, sys_inputs=inputs, ignore_system_fonts=True)
    assert isinstance(content, bytes), "a PDF is one file"
    places = msgspec.json.decode(
        typst.query(source, "<place>", field="value", sys_inputs=inputs, ignore_system_fonts=True),
        type=list[tuple[int, int]],
    )
    pages = dict(places)
    return WrittenPlan(
        "plan.pdf",
        content,
        expected_in_file(document),
        tuple(
            pages[index]
            for index, one in enumerate(written)
            if one.block.kind is BlockKind.MILESTONE
        ),
    )


def is_held(word: str) -> bool:
    """Whether nobody could tell, if a line ended within the word, how it is written."""
    inner = word[1:-1]
    if (
        " " in word
        or word.isupper()
        or re.search(r"[/–—&@]|[^\W\d_]\.\w\w|[a-zæøå][A-ZÆØÅ]", inner)
    ):
        return True
    stays = sum(word.startswith(left) for left, _ in breaks(word, "-"))
    return inner.count("-") > stays
