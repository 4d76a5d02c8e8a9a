"""A plan is read to the letter from the files that offices exchange."""

import re

import pytest

from tests.factories.plan_blocks import Document, published_document, text_of
from tests.factories.plan_documents import WrittenPlan, plan_pdf
from tests.factories.plan_docx import FORMS, Form, plan_docx
from tests.factories.plan_generated import generated_document
from tests.factories.plan_score import Score, score
from tracker.importer.files.document_file import document_in
from tracker.importer.plan_file import PlanFile
from tracker.importer.source import DocumentBounds
from tracker.importer.structure.reader import read_plan

#: The running head of the pages.
HEAD = "Virksomhedsplan"

#: The forms of a PDF: hyphenated or not, and its paper.
PDF_FORMS = ((True, "a4"), (True, "a5"), (False, "a3"))


@pytest.fixture(scope="module", params=["generated 4", "generated 5", "published"])
def document(request: pytest.FixtureRequest) -> Document:
    name, _, seed = str(request.param).partition(" ")
    if name == "generated":
        return generated_document(int(seed))
    request.getfixturevalue("published_plan")  # skips without it
    return published_document()


def plan_of(written: WrittenPlan) -> PlanFile:
    return read_plan(document_in(written.name, written.content, DocumentBounds()))


def measured(written: WrittenPlan, plan: PlanFile) -> Score:
    return score(written.expected, [one.model_dump() for one in plan.milestones])


@pytest.mark.parametrize("form", FORMS)
def test_every_milestone_of_a_word_file_is_right_and_none_invented(
    form: Form, document: Document
) -> None:
    written = plan_docx(document, form)
    found = measured(written, plan_of(written))
    assert found.misses == ()
    assert found.right == found.expected > 90


@pytest.mark.parametrize(("hyphenated", "paper"), PDF_FORMS)
def test_every_milestone_of_a_pdf_is_right_and_has_its_page(
    hyphenated: bool, paper: str, document: Document
) -> None:
    written = plan_pdf(document, hyphenated=hyphenated, paper=paper)
    plan = plan_of(written)
    assert measured(written, plan).misses == ()
    assert tuple(one.page for one in plan.milestones) == written.pages


def test_each_milestone_of_a_pdf_in_two_columns_is_in_one_piece(document: Document) -> None:
    written = plan_pdf(document, hyphenated=False, columns=2)
    lines = document_in(written.name, written.content, DocumentBounds()).lines()
    letters = "".join(line.text.replace(" ", "") for line in lines if line.text.strip() != HEAD)
    letters = re.sub(r"Side\d+af\d+", "", letters)
    lost = [one.text for one in written.expected if one.text.replace(" ", "") not in letters]
    assert lost == []


def test_a_text_is_the_same_plan_in_latin_1(document: Document) -> None:
    text = text_of(document.printed()).replace("•", "-").replace("–", "-").replace("”", '"')
    text = text.encode("latin-1", "ignore").decode("latin-1")
    one, other = (
        read_plan(document_in("plan.txt", text.encode(encoding), DocumentBounds()))
        for encoding in ("utf-8", "latin-1")
    )
    assert one == other
    assert "å" in "".join(milestone.text for milestone in other.milestones)
