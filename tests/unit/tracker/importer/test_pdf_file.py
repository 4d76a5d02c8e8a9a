"""A PDF file is read as lines in the order in which a person reads them."""

from collections.abc import Callable
from pathlib import Path

import pytest
import typst

from fleet.files.own_process import ReadingBounds
from fleet.files.refusal import FileRefusedError
from tests.factories.pdf_files import (
    doubling_pdf,
    growing_pdf,
    page_of,
    pdf,
    protected_pdf,
    scanned_pdf,
    stream,
    text_pdf,
)
from tests.factories.plan_small import no_plans
from tracker.importer.files.document_file import document_in, read_document_file
from tracker.importer.source import DocumentBounds, SourceDocument, SourceLine
from tracker.importer.structure.reader import NoPlanError, read_plan

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
SMALL = ReadingBounds(memory_bytes=200_000_000, seconds=20)


def read(content: bytes) -> SourceDocument:
    return document_in("plan.pdf", content, DocumentBounds())


def set_as(markup: str) -> list[SourceLine]:
    content = typst.compile(markup.encode(), ignore_system_fonts=True)
    assert isinstance(content, bytes)
    return list(read(content).lines())


def test_lines_have_their_page_and_blank_lines_stand_for_distance() -> None:
    found = set_as("Kajer\\ og fyr\\ i havnen\n\nLods\n#pagebreak()\nBøjer og mærker")
    assert [(one.number, one.page, one.text) for one in found] == [
        (1, 1, "Kajer"),
        (2, 1, "og fyr"),
        (3, 1, "i havnen"),
        (4, 1, ""),
        (5, 1, "Lods"),
        (6, 2, "Bøjer og mærker"),
    ]


def test_a_line_tells_whether_the_next_word_had_room() -> None:
    words = "Kajen er fejet og malet "
    found = set_as(f"#set page(width: 8cm)\n{words * 4}\\ Fyret lyser igen over havnen og byen")
    rooms = [one.has_room_for_next for one in found]
    ends = next(at for at, one in enumerate(found) if "Fyret" in one.text) - 1
    assert rooms[ends] is True
    assert not any(rooms[:ends])


def test_an_item_below_another_stands_further_in() -> None:
    found = set_as("#set list(marker: ([•], [–]))\n- Kajer i havnen\n  - Trapper\n- Fyr")
    texts = [one.text for one in found if not one.is_blank]
    assert [one.strip() for one in texts] == ["• Kajer i havnen", "– Trapper", "• Fyr"]
    indents = [len(one) - len(one.lstrip()) for one in texts]
    assert indents[0] == indents[2] == 0
    assert indents[1] >= 2


def test_two_columns_are_read_one_after_the_other() -> None:
    left = [f"{number} venstre er en linje, som fylder ud" for number in range(6)]
    right = [f"{number} til højre er en linje, som fylder ud" for number in range(6)]
    columns = " #colbreak() ".join(r" \ ".join(side) for side in (left, right))
    markup = f"= Over begge spalter, som en overskrift står\n#columns(2)[{columns}]"
    texts = [one.text for one in set_as(markup) if not one.is_blank]
    assert texts[0].startswith("Over begge")
    assert texts[1:] == left + right


def test_cells_of_a_table_stay_beside_each_other() -> None:
    cells = "".join(f"[Kaj {row}], [{row}. kvartal], [TEK]," for row in range(1, 5))
    markup = f"#table(columns: (1fr, 1fr, 1fr), [Indsats], [Kvartal], [Ansvarlig], {cells})"
    texts = [one.text for one in set_as(markup) if not one.is_blank]
    assert [text.split("  ")[0] for text in texts] == [
        "Indsats",
        *(f"Kaj {row}" for row in range(1, 5)),
    ]
    assert len({text.index("kvartal") for text in texts[1:]}) == 1


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_page_is_read_upright(turn: int) -> None:
    moves = {
        0: b"1 0 0 1 72 700",
        90: b"0 1 -1 0 100 72",
        180: b"-1 0 0 -1 500 100",
        270: b"0 -1 1 0 400 700",
    }
    text = b"BT /F 12 Tf %b Tm 16 TL (Kajer og fyr) Tj T* (Lodser i havnen) Tj ET" % moves[turn]
    objects = page_of(stream(text), FONT)
    objects[2] = objects[2].replace(b"/Type /Page ", b"/Type /Page /Rotate %d " % turn)
    assert [one.text for one in read(pdf(objects)).lines()] == ["Kajer og fyr", "Lodser i havnen"]


def test_a_mark_of_a_font_of_symbols_is_the_sign_that_it_shows() -> None:
    text = b"BT /F 12 Tf 72 700 Td (\xa7) Tj /G 12 Tf 18 0 Td (Kajer er fejet og malet igen) Tj ET"
    symbols = b"<< /Type /Font /Subtype /TrueType /BaseFont /ABCDEF+Wingdings-Regular >>"
    objects = page_of(stream(text), symbols, FONT)
    objects[2] = objects[2].replace(b"/F 5 0 R", b"/F 5 0 R /G 6 0 R")
    assert [one.text for one in read(pdf(objects)).lines()] == ["▪ Kajer er fejet og malet igen"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (scanned_pdf(), "recognised first"),
        (protected_pdf(), "password"),
        (pdf([]), "damaged"),
        (b"%PDF-1.7\n" + bytes(2_000), "damaged"),
        (text_pdf("Kajer og fyr er fejet")[:300], "damaged"),
    ],
    ids=["scanned", "protected", "empty", "zeros", "cut"],
)
def test_what_has_no_text_to_read_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(FileRefusedError, match=said):
        read(content)


def test_a_file_that_lost_its_end_is_read_as_far_as_it_goes() -> None:
    whole = pdf(
        page_of(stream(b"BT /F 12 Tf 72 700 Td (Kajer og fyr og lodser i havnen) Tj ET"), FONT)
    )
    cut = whole[: whole.index(b"startxref")]
    assert [one.text for one in read(cut).lines()] == ["Kajer og fyr og lodser i havnen"]


@pytest.mark.parametrize("content", [growing_pdf, doubling_pdf])
def test_a_file_that_grows_without_end_is_refused(
    content: Callable[[], bytes], tmp_path: Path
) -> None:
    (tmp_path / "plan.pdf").write_bytes(content())
    with pytest.raises(FileRefusedError, match=r"plan\.pdf: "):
        read_document_file(tmp_path / "plan.pdf", DocumentBounds(), SMALL)


@pytest.mark.parametrize("name", no_plans())
def test_a_paper_that_is_no_plan_is_none_as_a_file_either(name: str) -> None:
    with pytest.raises(NoPlanError):
        read_plan(read(text_pdf(no_plans()[name])))
