"""A plan document as blocks: headings, quarters, bullets and lines, each as it is printed.

A `Document` comes from the published plan and its truth, or is written in words of our own. The
published one, printed without a change, is the text that it came from.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Literal, NamedTuple

from tests.factories.plan_truth import (
    PUBLISHED,
    Level,
    PlanTruth,
    TrueMilestone,
    one_line,
    plan_truth,
)

Lost = Literal["", "mark", "blank", "next mark"]


class BlockKind(StrEnum):
    """The role of a block."""

    PROGRAMME = "programme"
    SECTION = "section"
    HEADING = "heading"
    QUARTER = "quarter"
    MILESTONE = "milestone"
    #: A bullet that is no milestone: a criterion, a partner, an effort of a year.
    OTHER_BULLET = "other bullet"
    #: An entry of a numbered list that holds no milestone.
    ENTRY = "entry"
    #: A line whose section cannot be placed.
    UNPLACED = "unplaced"
    LINE = "line"


class Span(NamedTuple):
    """The first and the last quarter of a heading, and whether its number was lost."""

    first: int
    last: int
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class ExpectedMilestone:
    """A milestone as a reader must find it.

    `line_from` and `line_to` count from 1 in the text that is read; `parent` is the text of the
    bullet above a sub-bullet. `lost` tells what got lost in the text: its mark, the mark of the
    bullet after it, or a blank line in it or beside it; it is to be found all the same.
    """

    section: str
    level: Level
    text: str
    quarter_as_written: str | None
    quarter_from: int | None
    quarter_to: int | None
    inferred: bool
    parent: str | None
    line_from: int = 0
    line_to: int = 0
    lost: Lost = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A block. `lines` are as printed, without the blank lines of `gap` that follow.

    `text` is the block as one line, without `mark`. `section` is of a programme or a section,
    `span` of a quarter, `level` of a bullet, `lost` of a milestone.
    """

    kind: BlockKind
    text: str
    lines: tuple[str, ...]
    gap: tuple[str, ...] = ()
    mark: str = ""
    section: str = ""
    span: Span | None = None
    level: Level | None = None
    lost: Lost = ""


@dataclass(frozen=True, slots=True)
class Document:
    """The blocks of a plan in their order, after `head`, the blank lines before the first."""

    blocks: tuple[Block, ...]
    head: tuple[str, ...] = ()

    def printed(self) -> Iterator[tuple[str, int | None]]:
        """The lines, each with the index of the block that it is of, or null where it is blank."""
        for line in self.head:
            yield line, None
        for index, block in enumerate(self.blocks):
            for line in block.lines:
                yield line, index if line.strip() else None
            for line in block.gap:
                yield line, None


def text_of(printed: Iterable[tuple[str, int | None]]) -> str:
    """The text of printed lines."""
    return "".join(f"{line}\n" for line, _ in printed)


def expected_of(
    document: Document, printed: Iterable[tuple[str, int | None]]
) -> tuple[ExpectedMilestone, ...]:
    """The milestones of a document, with their lines as printed."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for number, (_, index) in enumerate(printed, start=1):
        if index is not None:
            first.setdefault(index, number)
            last[index] = number
    found: list[ExpectedMilestone] = []
    section, quarter, parent = "", None, None
    for index, block in enumerate(document.blocks):
        if block.kind in (BlockKind.PROGRAMME, BlockKind.SECTION):
            section, quarter = block.section, None
        elif block.kind is BlockKind.QUARTER:
            quarter = block
        elif block.kind is BlockKind.MILESTONE:
            assert block.level is not None
            parent = block.text if block.level == "top" else parent
            span = quarter.span if quarter else None
            found.append(
                ExpectedMilestone(
                    section=section,
                    level=block.level,
                    text=block.text,
                    quarter_as_written=quarter.text if quarter else None,
                    quarter_from=span.first if span else None,
                    quarter_to=span.last if span else None,
                    inferred=bool(span and span.inferred),
                    parent=parent if block.level == "sub" else None,
                    line_from=first[index],
                    line_to=last[index],
                    lost=block.lost,
                )
            )
    return tuple(found)


@cache
def published_document() -> Document:
    """The published plan as blocks, by its truth."""
    return document_from(PUBLISHED.read_text(encoding="utf-8"), plan_truth())


def document_from(text: str, truth: PlanTruth) -> Document:
    """The blocks of a text, cut where the truth says that something begins and ends."""
    lines = text.removesuffix("\n").split("\n")
    begins = starts_of(truth)
    blocks: list[Block] = []
    head: list[str] = []
    number = 1
    while number <= len(lines):
        line = lines[number - 1]
        if not line.strip():
            if blocks:
                blocks[-1] = replace(blocks[-1], gap=(*blocks[-1].gap, line))
            else:
                head.append(line)
            number += 1
            continue
        block, line_to = begins.get(number, (Block(BlockKind.LINE, "", ()), number))
        mark = line.strip()[0] if line.strip().startswith(("• ", "o ")) else ""
        if block.kind is BlockKind.MILESTONE and not mark:
            block = replace(block, lost="mark")
            blocks[-1] = replace(blocks[-1], lost="next mark")
        blocks.append(
            replace(
                block,
                text=one_line(lines, number, line_to, truth.name_hyphens),
                lines=tuple(lines[number - 1 : line_to]),
                mark=mark,
            )
        )
        if block.kind in (BlockKind.QUARTER, BlockKind.HEADING, BlockKind.LINE, BlockKind.UNPLACED):
            blocks[-1] = replace(blocks[-1], text=line.strip().removeprefix("• "))
        number = line_to + 1
    return Document(tuple(blocks), tuple(head))


def starts_of(truth: PlanTruth) -> dict[int, tuple[Block, int]]:
    """What begins in a line, and the line in which it ends."""
    begins: dict[int, tuple[Block, int]] = {}
    bullet = Block(BlockKind.OTHER_BULLET, "", (), level="top")
    for programme in truth.programmes:
        begins[programme.title.line_from] = (
            Block(BlockKind.PROGRAMME, "", (), section=programme.number),
            programme.title.line_to,
        )
        bullets = [*programme.success_criteria]
        if len(programme.partners) > 4:
            bullets += [one.passage for one in programme.partners if one.side == "external"]
        for passage in bullets:
            begins[passage.line_from] = (bullet, passage.line_to)
    for initiative in truth.initiatives:
        begins[initiative.title.line_from] = (
            bullet
            if initiative.section is None
            else Block(BlockKind.SECTION, "", (), section=initiative.section),
            initiative.title.line_to,
        )
    for passage in (truth.not_placed_heading, *truth.not_placed):
        begins[passage.line_from] = (Block(BlockKind.UNPLACED, "", ()), passage.line_to)
    for passage in truth.policies:
        begins[passage.line_from] = (Block(BlockKind.ENTRY, "", ()), passage.line_to)
    for line in truth.headings:
        begins[line] = (Block(BlockKind.HEADING, "", ()), line)
    for milestone in truth.milestones:
        begins[milestone.line_from] = (
            Block(BlockKind.MILESTONE, "", (), level=milestone.level),
            milestone.line_to,
        )
        if milestone.quarter_line is not None:
            begins[milestone.quarter_line] = (quarter_of(milestone), milestone.quarter_line)
    return begins


def quarter_of(milestone: TrueMilestone) -> Block:
    assert milestone.quarter_from is not None
    assert milestone.quarter_to is not None
    span = Span(milestone.quarter_from, milestone.quarter_to, milestone.inferred)
    return Block(BlockKind.QUARTER, "", (), span=span)
