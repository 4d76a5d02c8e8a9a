"""A document is set as PDF, whatever people name their vehicles."""

import hashlib
import subprocess

import pytest

from reports.paper import (
    Block,
    Bullets,
    Facts,
    Heading,
    Paper,
    Paragraph,
    Picture,
    Span,
    Table,
    Text,
    Tone,
)
from reports.pdf import paper_pdf

HOSTILE = [
    *("#", '#panic("x")', "$x", "*b", "_i_", "\\", '"', "'", "`", "[x]", "]", "@ref", "<a>", "//"),
    *("/*", "= h", "- x", "~", "\u202e", "\u200b", "🚗", "a" * 200, "#" * 200, "", " "),
]


def paper(name: str) -> Paper:
    """A document with every block, in which the name stands everywhere."""
    text: Text = [Span(name), Span(name, strong=True), Span(name, small=True)]
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="3"></circle></svg>'
    blocks: list[Block] = [
        *(Heading(level, text) for level in (1, 2, 3)),
        *(Paragraph(text, tone) for tone in Tone),
        Bullets([text]),
        *(Facts([(text, text)] * number, large=True) for number in (1, 4, 6)),
        Facts([(text, text)]),
        Table([text, text], [[text, text]] * 12, [False, True]),
        Picture(svg),
    ]
    return Paper(language="da", blocks=blocks)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_text_and_no_markup(name: str) -> None:
    assert paper_pdf(paper(name)).startswith(b"%PDF-")


def test_a_long_name_stays_within_its_column() -> None:
    """A table whose one word is 200 letters has as many pages as one of short words nearly has."""
    assert paper_pdf(paper("a" * 200)).count(b"/Type /Page") < 10


def pages_of(pdf: bytes) -> int:
    told = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True).stdout
    [line] = [line for line in told.decode().splitlines() if line.startswith("Pages:")]
    return int(line.split()[1])


@pytest.mark.parametrize(("rows", "pages"), [(61, 1), (70, 1), (200, 4)])
def test_a_compact_document_is_set_smaller_where_that_brings_it_onto_one_page(
    rows: int, pages: int
) -> None:
    """So many lines at the full size take one page, a page and a tenth, and several."""
    lines: list[Block] = [Paragraph([Span(f"{row}")], Tone.PLAIN) for row in range(rows)]
    set_small = paper_pdf(Paper(language="da", blocks=lines, compact=True))
    assert pages_of(set_small) == pages


def test_the_same_document_gives_the_same_bytes() -> None:
    assert paper_pdf(paper("Rådhuset")) == paper_pdf(paper("Rådhuset"))
    assert paper_pdf(paper("Rådhuset")) != paper_pdf(paper("Rådhuset 2"))


def test_a_sum_can_be_copied_and_compared() -> None:
    """A column breaks it, and no mark stands in it where it is copied."""
    digest = hashlib.sha256(b"plan").hexdigest()
    pdf = paper_pdf(Paper(language="da", blocks=[Facts([([Span("Plan")], [Span(digest)])] * 6)]))
    done = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True
    )
    assert "".join(done.stdout.decode().split()).count(digest) == 6
