"""A document says what its page says, and nothing of the ways to go on."""

import re
from collections.abc import Iterable

import pytest

from api.door.reach import Reach
from api.pages.frame.render import Renderer
from api.pages.frame.static import StaticFiles
from api.pages.reports.paper_of_page import paper_of
from api.pages.routes import VOCABULARY
from api.pages.words.language import Language
from reports.paper import Block, Bullets, Facts, Heading, Paper, Paragraph, Picture, Table, Text
from reports.pdf import paper_pdf
from tests.factories.actors import SOMEBODY
from tests.samples.pages import NEEDS_OF_PAGES, PAGES

DOCUMENTS = [name for name in PAGES if name.startswith(("report", "council"))]

#: An amount, as both languages write it.
AMOUNT = re.compile(r"(?:DKK\u00a0)?[\u2212\d][\d.,]*(?:\u00a0kr\.)?")


def html_of(name: str, language: Language) -> str:
    renderer = Renderer(StaticFiles(), "Prøve Kommune", VOCABULARY, Reach(NEEDS_OF_PAGES))
    return renderer.html(PAGES[name], language, "/", SOMEBODY, "t0ken")


def texts(block: Block) -> Iterable[Text]:
    match block:
        case Heading() | Paragraph():
            yield block.text
        case Bullets():
            yield from block.items
        case Facts():
            for pair in block.pairs:
                yield from pair
        case Table():
            yield from block.head
            for row in block.rows:
                yield from row
        case Picture():
            pass


def words_of(paper: Paper) -> str:
    return "\n".join(
        "|".join(span.text for span in text) for block in paper.blocks for text in texts(block)
    )


@pytest.mark.parametrize("name", ["roll-out-none", "roll-out-none-of-head", "roll-out"])
def test_a_plan_on_paper_has_no_way_to_go_on(name: str) -> None:
    said = words_of(paper_of(html_of(name, Language.DANISH), Language.DANISH))
    assert "Se køretøjerne" not in said
    assert said.strip()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_report_is_a_pdf_with_the_amounts_of_its_page(name: str, language: Language) -> None:
    html = html_of(name, language)
    paper = paper_of(html, language)
    assert paper_pdf(paper).startswith(b"%PDF-")
    assert paper.title
    article = html.partition("<article")[2].partition("</article>")[0]
    article = re.sub(r"<svg.*?</svg>|<[^>]*>", " ", article, flags=re.DOTALL)
    amounts = [one for one in AMOUNT.findall(article) if "kr" in one or "DKK" in one]
    said = words_of(paper)
    assert [one for one in amounts if one not in said] == []
    assert said.count("kr.") + said.count("DKK") >= len(amounts)


def test_a_document_has_its_tables_lists_and_pictures() -> None:
    paper = paper_of(html_of("report", Language.DANISH), Language.DANISH)
    kinds = {type(block) for block in paper.blocks}
    assert kinds == {Heading, Paragraph, Bullets, Facts, Table, Picture}
    [table, decided] = [
        block
        for block in paper.blocks
        if isinstance(block, Table) and block.head[0][0].text == "Forslag"
    ]
    assert [cell[0].text for cell in table.head[:2]] == ["Forslag", "Sparer om året"]
    assert [cell[0].text for cell in decided.head[:2]] == ["Forslag", "Beslutning"]
    assert list(table.numeric) == [False, True, True, True, False, False]
    assert {len(row) for row in table.rows} == {6}
    [picture] = [block for block in paper.blocks if isinstance(block, Picture)]
    assert "viewBox" in picture.svg
    assert ".curve-point{" in picture.svg
    assert "var(" not in picture.svg


def test_ways_to_go_on_are_no_part_of_a_document() -> None:
    said = words_of(paper_of(html_of("report", Language.ENGLISH), Language.ENGLISH))
    for text in ("as PDF", "Show it", "Show more", "becomes", "Propose this one"):
        assert text not in said
    assert "17 → 15" in said


def test_what_stands_small_below_is_a_line_of_its_own() -> None:
    html = """<article><table><tr><td class="lead">Bil  1<span class="sub">A</span>
        <span class="sub">B &lt;i&gt;</span></td></tr></table><p>1
        <strong>2</strong>, <a href="/">3</a>.</p><p class="note d-print-none">x</p></article>"""
    paper = paper_of(html, Language.DANISH)
    assert words_of(paper) == "\nBil 1|A|B <i>\n1 |2|, 3."
