"""A plan that is written as PDF or for Word holds its milestones, as such files hold them."""

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from tests.factories.plan_blocks import BlockKind, Document, published_document
from tests.factories.plan_documents import WrittenPlan, is_held, paragraphs, plan_pdf
from tests.factories.plan_docx import FORMS, TABLE_HEAD, Form, plan_docx
from tests.factories.plan_generated import generated_document

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module", params=["generated", "published"])
def document(request: pytest.FixtureRequest) -> Document:
    if request.param == "generated":
        return generated_document(4)
    request.getfixturevalue("published_plan")  # skips without it
    return published_document()


def letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def part(written: WrittenPlan, name: str) -> ET.Element:
    with zipfile.ZipFile(io.BytesIO(written.content)) as package:
        return ET.fromstring(package.read(name))


def accepted(paragraph: ET.Element) -> str:
    """The text of a paragraph once all changes are accepted."""

    def texts(element: ET.Element) -> Iterator[str]:
        if element.tag in (f"{W}del", f"{W}moveFrom"):
            return
        if element.tag == f"{W}t":
            yield element.text or ""
        elif element.tag == f"{W}noBreakHyphen":
            yield "-"
        for one in element:
            yield from texts(one)

    return "".join(texts(paragraph))


def list_of(paragraph: ET.Element) -> tuple[int, int] | None:
    """The list of a paragraph and its level there."""
    number = paragraph.find(f"{W}pPr/{W}numPr")
    if number is None:
        return None
    ids = [element.get(f"{W}val") for tag in ("numId", "ilvl") for element in number.iter(W + tag)]
    assert ids[0] is not None
    assert ids[1] is not None
    return int(ids[0]), int(ids[1])


def printed(written: WrittenPlan) -> Iterator[str]:
    """The paragraphs with the numbers that Word prints before them, by Word's rules."""
    root = part(written, "word/numbering.xml")
    formats: dict[str, list[str]] = {
        one.get(f"{W}abstractNumId", ""): [
            text.get(f"{W}val", "") for text in one.iter(f"{W}lvlText")
        ]
        for one in root.iter(f"{W}abstractNum")
    }
    kinds: dict[int, str] = {}
    counts: dict[int, list[int]] = {}
    begins: dict[int, dict[int, int]] = {}
    for one in root.iter(f"{W}num"):
        number = int(one.get(f"{W}numId", ""))
        kind = one.find(f"{W}abstractNumId")
        assert kind is not None
        kinds[number] = kind.get(f"{W}val", "")
        begins[number] = {
            int(override.get(f"{W}ilvl", "")): int(start.get(f"{W}val", ""))
            for override in one.iter(f"{W}lvlOverride")
            for start in override.iter(f"{W}startOverride")
        }
    for paragraph in part(written, "word/document.xml").iter(f"{W}p"):
        listed = list_of(paragraph)
        number = ""
        if listed is not None:
            name, level = listed
            begin = [begins[name].get(index, 1) for index in range(3)]
            reached = counts.setdefault(name, [])
            if len(reached) > level:
                reached[level:] = [reached[level] + 1]
            else:
                reached += begin[len(reached) : level + 1]
            number = formats[kinds[name]][level]
            for index, count in enumerate(reached):
                number = number.replace(f"%{index + 1}", str(count))
        yield f"{number} {accepted(paragraph)}".strip()


@pytest.mark.parametrize("form", FORMS)
def test_each_milestone_is_a_paragraph_of_a_list_in_a_word_file(
    form: Form, document: Document
) -> None:
    written = plan_docx(document, form)
    found = [
        (accepted(paragraph), "sub" if listed[1] else "top")
        for paragraph in part(written, "word/document.xml").iter(f"{W}p")
        if (listed := list_of(paragraph)) is not None and accepted(paragraph)
    ]
    expected = iter([(milestone.text, milestone.level) for milestone in written.expected])
    awaited = next(expected)
    for one in found:
        if one == awaited:
            awaited = next(expected, ("", "top"))
    assert awaited == ("", "top"), "a milestone is not there in its place"


def test_automatic_numbers_are_those_of_the_headings_and_quarters(document: Document) -> None:
    written = plan_docx(document, "numbers")
    lines = list(printed(written))
    for one in paragraphs(document):
        if one.number or (one.block.kind is BlockKind.QUARTER and not one.block.mark):
            assert one.whole in lines
        else:
            assert any(line.endswith(one.text) for line in lines)
    bare = {accepted(one) for one in part(written, "word/document.xml").iter(f"{W}p")}
    sections = {f"{block.section} {block.text}" for block in document.blocks if block.section}
    assert not sections & bare, "a number of a heading is typed"


def test_a_table_has_the_four_columns_and_a_cell_for_each_run_of_a_quarter() -> None:
    document = generated_document(5)
    written = plan_docx(document, "table")
    tables = list(part(written, "word/document.xml").iter(f"{W}tbl"))
    assert len(tables) == len({milestone.section for milestone in written.expected})
    quarters: list[str] = []
    for table in tables:
        rows = list(table.iter(f"{W}tr"))
        assert tuple("".join(cell.itertext()) for cell in rows[0].iter(f"{W}tc")) == TABLE_HEAD
        begun = [
            "".join(cells[2].itertext())
            for row in rows[1:]
            for cells in [list(row.iter(f"{W}tc"))]
            if (merge := cells[2].find(f"{W}tcPr/{W}vMerge")) is not None and merge.attrib
        ]
        quarters += [text for text in begun if text]
    assert quarters == [block.text for block in document.blocks if block.kind is BlockKind.QUARTER]


def test_what_was_deleted_or_moved_away_is_in_the_file_and_not_in_the_plan() -> None:
    document = generated_document(5)
    written = plan_docx(document, "tracked")
    body = part(written, "word/document.xml")
    whole = "".join(body.itertext())
    left = "".join(map(accepted, body.iter(f"{W}p")))
    for text in ("Slettet milepæl", "Flyttet:", "Et tidligere udkast:"):
        assert text in whole
        assert text not in left


@pytest.fixture(scope="module")
def pages(document: Document) -> tuple[WrittenPlan, list[str]]:
    """The plan as PDF, and the text of its pages as a known tool takes it out."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    written = plan_pdf(document, "Handleplan")
    text = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=written.content, capture_output=True, check=True
    ).stdout.decode()
    return written, text.split("\f")[:-1]


def test_a_milestone_of_the_pdf_begins_on_its_page(pages: tuple[WrittenPlan, list[str]]) -> None:
    written, texts = pages
    assert len(written.pages) == len(written.expected)
    for milestone, page in zip(written.expected, written.pages, strict=True):
        assert letters(milestone.text)[:20] in letters(texts[page - 1])
    assert all("Handleplan" in text and f"Side {n}" in text for n, text in enumerate(texts, 1))


def test_a_line_of_the_pdf_ends_within_a_word_only_where_one_can_tell_how_it_is_written(
    pages: tuple[WrittenPlan, list[str]],
) -> None:
    """A hyphenation is a soft hyphen; a line ends at another one before a capital or after one."""
    lines = [line.strip() for text in pages[1] for line in text.split("\n") if line.strip()]
    assert any(line.endswith("\N{SOFT HYPHEN}") for line in lines)
    doubtful = [
        (line, after)
        for line, after in pairwise(lines)
        if re.search(r"\w[-/]$", line)
        and not after[0].isupper()
        and not re.search(r"[A-ZÆØÅ]{2}-$", line)
        and not after.startswith(("og ", "samt ", "eller "))
    ]
    assert doubtful == []


@pytest.mark.parametrize(
    ("word", "held"),
    [
        ("læs-let", True),
        ("sti/vej", True),
        ("hver 2. måned", True),
        ("LyngBot", True),
        ("side.example", True),
        ("Nørre-Åby", False),
        ("VVM-tilladelse", False),
        ("trafik-", False),
        ("koordinering.", False),
    ],
)
def test_a_word_is_held_together_where_a_break_would_leave_doubt(word: str, held: bool) -> None:
    assert is_held(word) == held
