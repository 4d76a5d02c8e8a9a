"""Plan documents whose form was changed, each with the milestones that are still to be found.

A change is one that a person reads through without a doubt: the texts, the sections, the quarters
and the levels stay. They are fixed, by kind and seed, so that a reader is not fitted to them.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tests.factories.plan_blocks import (
    Block,
    BlockKind,
    Document,
    ExpectedMilestone,
    expected_of,
    text_of,
)
from tests.factories.plan_quarters import with_quarters_worded
from tests.factories.plan_reflow import reflowed

Printed = list[tuple[str, int | None]]

#: The seeds of each kind that a reader is measured on.
SEEDS = range(200)

#: The share of marks, and of blank lines, that get lost.
LOST_SHARE = 0.02

TITLES = (BlockKind.PROGRAMME, BlockKind.SECTION, BlockKind.HEADING, BlockKind.QUARTER)
BULLETS = (BlockKind.MILESTONE, BlockKind.OTHER_BULLET)

#: Marks of bullets; the numbers count within a list. Two of a pair look alike, so a document has
#: one of them.
MARKS = ("•", "-", "–", "*", "▪", "·", "o", "1.", "1)")
ALIKE = ({"-", "–"}, {"1.", "1)"}, {"•", "·"})


@dataclass(frozen=True, slots=True)
class Mutated:
    """A text, and the milestones that a reader must find in it, in their order."""

    text: str
    expected: tuple[ExpectedMilestone, ...]


def mutated(kind: str, seed: int, document: Document) -> Mutated:
    """A document changed in one way; the same for the same kind, seed and document."""
    rng = random.Random(f"{kind} {seed}")
    if kind == "furniture":
        printed = with_furniture(document, rng)
    else:
        document = CHANGES[kind](document, rng)
        printed = list(document.printed())
    return Mutated(text_of(printed), expected_of(document, printed))


def with_glyphs(document: Document, rng: random.Random) -> Document:
    """Other marks of bullets, in the whole document or other ones in each programme."""
    anew = rng.random() < 0.2
    top, sub, indent = marks(rng)
    after = rng.choice((" ", " ", "  ", "   ", "\t"))
    counts = {"top": 0, "sub": 0}
    blocks: list[Block] = []
    for block in document.blocks:
        if block.kind is BlockKind.PROGRAMME and anew:
            top, sub, indent = marks(rng)
        if block.kind not in BULLETS or block.level == "top":
            counts["sub"] = 0
        if block.kind not in BULLETS:
            counts["top"] = 0
        if block.kind is BlockKind.QUARTER and block.mark:
            bare = "" if top in ("1.", "1)") else f"{top}{after}"
            blocks.append(replace(block, lines=(f"{bare}{block.text}", *block.lines[1:])))
        elif block.level is not None and block.mark:
            counts[block.level] += 1
            glyph = top if block.level == "top" else sub
            mark = glyph.replace("1", str(counts[block.level]))
            before = " " * indent if block.level == "sub" else ""
            first = re.sub(r"^\s*\S+\s+", "", block.lines[0])
            lines = (f"{before}{mark}{after}{first}", *block.lines[1:])
            blocks.append(replace(block, mark=mark, lines=lines))
        else:
            blocks.append(block)
    return replace(document, blocks=tuple(blocks))


def marks(rng: random.Random) -> tuple[str, str, int]:
    """A mark of bullets, one of sub-bullets, and by how many blanks these are set in."""
    top = rng.choice(MARKS)
    others = [
        mark for mark in MARKS if mark != top and not any({mark, top} == pair for pair in ALIKE)
    ]
    return top, rng.choice(others), rng.choice((0, 2, 4))


def with_marks_lost(document: Document, rng: random.Random) -> Document:
    """Two of a hundred bullets lose their mark, and as many blank lines are gone."""
    blocks = list(document.blocks)
    marked = [index for index, block in enumerate(blocks) if block.level and block.mark]
    lost = [index for index in marked if rng.random() < LOST_SHARE] or [rng.choice(marked)]
    for index, block in enumerate(blocks):
        lines = tuple(line for line in block.lines if line.strip() or rng.random() >= LOST_SHARE)
        gap = tuple(line for line in block.gap if rng.random() >= LOST_SHARE)
        if (lines, gap) != (block.lines, block.gap):
            blocks[index] = replace(block, lines=lines, gap=gap, lost=block.lost or "blank")
            if gap != block.gap and index + 1 < len(blocks) and not blocks[index + 1].lost:
                blocks[index + 1] = replace(blocks[index + 1], lost="blank")
    for index in lost:
        first = re.sub(r"^\s*\S+\s+", "", blocks[index].lines[0])
        blocks[index] = replace(
            blocks[index], mark="", lines=(first, *blocks[index].lines[1:]), lost="mark"
        )
        if index and blocks[index - 1].lost != "mark":
            blocks[index - 1] = replace(blocks[index - 1], lost="next mark")
    return replace(document, blocks=tuple(blocks))


def with_case(document: Document, rng: random.Random) -> Document:
    """Headings and quarters in capitals, in small letters or with capital initials, or some so."""
    chosen = [kind for kind in TITLES if rng.random() < 0.6] or [rng.choice(TITLES)]
    changes: dict[BlockKind, Callable[[str], str]] = {
        kind: rng.choice((str.upper, str.lower, str.title)) for kind in chosen
    }
    share = rng.choice((0.3, 0.6, 0.9, 1.0))
    return replace(
        document,
        blocks=tuple(
            replace(
                block,
                text=changes[block.kind](block.text),
                lines=tuple(changes[block.kind](line) for line in block.lines),
            )
            if block.kind in changes and rng.random() < share
            else block
            for block in document.blocks
        ),
    )


def with_order(document: Document, rng: random.Random) -> Document:
    """Programmes, sections of a programme or quarters of a section in another order, or several."""
    chosen = [order for order in ORDERS if rng.random() < 0.5] or [rng.choice(ORDERS)]
    blocks = list(document.blocks)
    for order in chosen:
        blocks = order(blocks, rng)
    return replace(document, blocks=tuple(blocks))


def programmes_shuffled(blocks: list[Block], rng: random.Random) -> list[Block]:
    placed = [block for block in blocks if block.kind is not BlockKind.UNPLACED]
    unplaced = [block for block in blocks if block.kind is BlockKind.UNPLACED]
    first, *runs = runs_of(placed, (BlockKind.PROGRAMME,))
    return [*first, *shuffled(runs, rng), *unplaced]


def sections_shuffled(blocks: list[Block], rng: random.Random) -> list[Block]:
    first, *programmes = runs_of(blocks, (BlockKind.PROGRAMME,))
    for programme in programmes:
        before, *sections = runs_of(programme, (BlockKind.SECTION,))
        first += [*before, *shuffled_to_last_milestone(sections, rng)]
    return first


def quarters_shuffled(blocks: list[Block], rng: random.Random) -> list[Block]:
    """Quarters that lost their number stay: only their order tells which they are."""
    first, *sections = runs_of(blocks, (BlockKind.PROGRAMME, BlockKind.SECTION))
    for section in sections:
        before, *quarters = runs_of(section, (BlockKind.QUARTER,))
        inferred = any(run[0].span and run[0].span.inferred for run in quarters)
        first += before
        if inferred:
            first += [block for run in quarters for block in run]
        else:
            first += shuffled_to_last_milestone(quarters, rng)
    return first


ORDERS = (programmes_shuffled, sections_shuffled, quarters_shuffled)


def runs_of(blocks: Sequence[Block], kinds: tuple[BlockKind, ...]) -> list[list[Block]]:
    """What is before the first block of these kinds, then a run from each of them to the next."""
    runs: list[list[Block]] = [[]]
    for block in blocks:
        if block.kind in kinds:
            runs.append([])
        runs[-1].append(block)
    return runs


def shuffled(runs: Sequence[list[Block]], rng: random.Random) -> list[Block]:
    return [block for run in rng.sample(runs, len(runs)) for block in run]


def shuffled_to_last_milestone(runs: list[list[Block]], rng: random.Random) -> list[Block]:
    """The runs in another order; what follows the last milestone of the last one stays last."""
    if not runs:
        return []
    last = runs[-1]
    end = 1 + max(
        index for index, block in enumerate(last) if not index or block.kind is BlockKind.MILESTONE
    )
    return [*shuffled([*runs[:-1], last[:end]], rng), *last[end:]]


def with_furniture(document: Document, rng: random.Random) -> Printed:
    """Running heads, feet and page numbers between the lines, also within a wrapped text."""
    head, foot, number = rng.choice(HEADS), rng.choice(FEET), rng.choice(NUMBERS)
    if not head and not foot and not number:
        number = NUMBERS[1]
    spaced, feed = rng.random() < 0.5, rng.random() < 0.2
    lines = list(document.printed())
    height = rng.randint(30, 60) * 2
    pages = -(-len(lines) // height)
    printed: Printed = []
    for page in range(pages):
        if page:
            printed += furniture((foot, number.format(page, pages)), spaced)
            top = furniture((head,), spaced)
            if feed and top:
                top[0] = (f"\f{top[0][0]}", None)
            printed += top
        printed += lines[page * height : (page + 1) * height]
    return printed


HEADS = (
    "",
    "Virksomhedsplan",
    "Virksomhedsplan 2025",
    "Center for By og Miljø",
    "Handleplan 2025 – Teknik og Miljø",
    "UDKAST",
)
FEET = ("", "", "Sagsnr. 24/11843", "Udkast af 3. marts 2025", "www.kommunen.example", "Fortroligt")
NUMBERS = ("", "{0}", "{0}/{1}", "Side {0} af {1}", "Side {0}", "- {0} -", "– {0} –")


def furniture(texts: Sequence[str], spaced: bool) -> Printed:
    found: Printed = []
    for text in texts:
        if text:
            found += [("", None), (text, None), ("", None)] if spaced else [(text, None)]
    return found


CHANGES: dict[str, Callable[[Document, random.Random], Document]] = {
    "reflow": reflowed,
    "glyphs": with_glyphs,
    "marks": with_marks_lost,
    "quarters": with_quarters_worded,
    "case": with_case,
    "order": with_order,
}

#: The kinds of changes.
KINDS = (*CHANGES, "furniture")
