"""Headings of quarters in all the ways in which plans write them."""

import random
from dataclasses import replace

from tests.factories.plan_blocks import Block, BlockKind, Document, Span

ORDINALS = ("første", "andet", "tredje", "fjerde")

#: A quarter, a span of quarters and half a year. The spans are first, last and their ordinals.
ONE = (
    "{0}. Kvartal {y}",
    "{0}. kvartal {y}",
    "{0}. Kvartal",
    "{0}. kvartal",
    "{0}. KVARTAL {y}",
    "{0}. kv. {y}",
    "{0}. kv.",
    "{0}.kvartal {y}",
    "Q{0} {y}",
    "Q{0}",
    "{a} kvartal {y}",
    "{a} kvartal",
    "{A} kvartal {y}",
    "{A} kvartal",
)
SPAN = (
    "{0}. – {1}. Kvartal {y}",
    "{0}. - {1}. kvartal {y}",
    "{0}.-{1}. Kvartal {y}",
    "{0}.–{1}. kvartal",
    "{0}.-{1}. kv. {y}",
    "{0}.-{1}. kv.",
    "Q{0}-Q{1} {y}",
    "Q{0}–Q{1}",
)
TWO = (
    "{0}. og {1}. Kvartal {y}",
    "{0}. og {1}. Kvartal",
    "{0}. og {1}. kv.",
    "Q{0} og Q{1} {y}",
    "{a} og {b} kvartal",
    "{A} og {b} kvartal {y}",
)
HALF = ("{h}. halvår {y}", "{h}. halvår", "{H} halvår {y}", "{h}. Halvår {y}")
#: A heading whose number got lost.
LOST = ("• Kvartal {y}", "Kvartal {y}", "• kvartal {y}", "• Kvartal", ". Kvartal {y}")


def ways(span: Span) -> tuple[str, ...]:
    """The ways of writing a span of quarters."""
    if span.inferred:
        return LOST
    if span.first == span.last:
        return ONE
    if (span.first, span.last) in ((1, 2), (3, 4)):
        return (*SPAN, *TWO, *HALF)
    return SPAN if span.last - span.first > 1 else (*SPAN, *TWO)


def written(way: str, span: Span, year: int) -> str:
    """A span of quarters, written in one way."""
    half = 1 if span.last == 2 else 2
    return way.format(
        span.first,
        span.last,
        y=year,
        a=ORDINALS[span.first - 1],
        A=ORDINALS[span.first - 1].capitalize(),
        b=ORDINALS[span.last - 1],
        h=half,
        H=ORDINALS[half - 1].capitalize(),
    )


def with_quarters_worded(document: Document, rng: random.Random) -> Document:
    """Other wordings of the quarters: one way in the whole document, or another one each time."""
    mixed, colon = rng.random() < 0.4, rng.random() < 0.15
    chosen: dict[tuple[str, ...], str] = {}
    year = year_of(document)
    blocks: list[Block] = []
    for block in document.blocks:
        if block.kind is BlockKind.QUARTER:
            assert block.span is not None
            offered = ways(block.span)
            way = chosen.setdefault(offered, rng.choice(offered))
            if mixed:
                way = rng.choice(offered)
            text = written(way, block.span, year) + (":" if colon else "")
            blocks.append(
                replace(
                    block,
                    text=text.removeprefix("• "),
                    mark="•" if text.startswith("•") else "",
                    lines=(text, *block.lines[1:]),
                )
            )
        else:
            blocks.append(block)
    return replace(document, blocks=tuple(blocks))


def year_of(document: Document) -> int:
    """The year that a document's quarters are written with."""
    return next(
        int(block.text[-4:])
        for block in document.blocks
        if block.kind is BlockKind.QUARTER and block.text[-4:].isdigit()
    )
