"""A plan as Excel and as CSV: it is read again as it was, and no cell of it is a formula."""

import csv
import io

import pytest
from hypothesis import Phase, assume, given
from hypothesis import settings as examples
from python_calamine import CalamineWorkbook

from fleet.files.own_process import ReadingBounds
from fleet.files.refusal import FileRefusedError
from fleet.files.spreadsheet import is_formula
from reports.plan_tables import plan_csv, plan_workbook, read_packed_plan_table, read_plan_table
from tests.factories.plan_files import PLAN, plan_files
from tracker.importer.plan_file import Milestone, PlanFile, Programme, Resource

BOUNDS = ReadingBounds()
FORMULAS = ("=1+1", "+45", "-", "@SUM(A1)", "'=1", "'", "", "\t=2", "＝HYPERLINK(1)")

#: Texts that spreadsheets compute or change, in every place that holds a text.
HOSTILE = PlanFile(
    title="=cmd|' /C calc'!A0",
    year=2026,
    programmes=tuple(
        Programme(
            number=text,
            title=text,
            purpose=text or None,
            success_criteria=(text, "007"),
            partners_internal=(text,),
            resources=(Resource(centre=text, aarsvaerk=0.1 + 0.2),),
        )
        for text in FORMULAS
    ),
    milestones=tuple(
        Milestone(id=f"m{at}", section=text, text=text or "-", line_from=1, line_to=1)
        for at, text in enumerate(FORMULAS)
    ),
    policies=FORMULAS,
)


def read(name: str, content: bytes) -> PlanFile:
    found = read_packed_plan_table(name, content, BOUNDS)
    return PlanFile.model_validate(found.answer["plan"])


@pytest.mark.parametrize("plan", [PLAN, HOSTILE, PlanFile(title=None, year=None)])
def test_what_is_exported_is_read_again_without_a_difference(plan: PlanFile) -> None:
    assert read("p.xlsx", plan_workbook(plan)) == plan
    assert read("p.csv", plan_csv(plan)) == plan
    assert PlanFile.model_validate_json(plan.model_dump_json()) == plan


@examples(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(plan=plan_files())
def test_whatever_the_plan_says_it_comes_back(plan: PlanFile) -> None:
    assert read("p.csv", plan_csv(plan)) == plan
    assume(not any(character in plan.model_dump_json() for character in "\ufffe\uffff"))
    assert read("p.xlsx", plan_workbook(plan)) == plan


def test_no_cell_is_computed() -> None:
    text = plan_csv(HOSTILE).decode("utf-8-sig")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    assert not any(is_formula(cell) for row in rows for cell in row)
    book = CalamineWorkbook.from_filelike(io.BytesIO(plan_workbook(HOSTILE)))
    rows = book.get_sheet_by_name("policy").to_python()
    assert [row[0] for row in rows[1:3]] == ["=1+1", "+45"]
    assert b"<f>" not in plan_workbook(HOSTILE)


def test_a_table_that_a_danish_excel_saved_again_is_the_same_plan() -> None:
    text = plan_csv(PLAN).decode("utf-8-sig")
    saved = text.replace(";0.25;", ";0,25;").encode("cp1252", errors="replace")
    assert read("p.csv", saved).programmes == PLAN.programmes


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.csv", b"id;text\n1;x\n"),
        ("p.csv", b"part;of;text\nelse;1;x\n"),
        ("p.csv", b"part;of;text\nsuccess_criterion;9;x\n"),
        ("p.csv", b"part;of;text\nsuccess_criterion;x;x\n"),
        ("p.csv", b"part;id;text\nmilestone;m1;x\n"),
        ("p.csv", b"part;title\nplan;x\nplan;y\n"),
        ("p.xlsx", b"PK\x03\x04 broken"),
        ("p.xlsx", b"no archive"),
    ],
)
def test_what_is_no_such_table_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(FileRefusedError):
        read(name, content)


def test_it_is_read_in_a_process_of_its_own() -> None:
    assert read_plan_table("p.xlsx", plan_workbook(PLAN), BOUNDS) == PLAN


def test_a_text_that_no_cell_holds_is_refused_at_the_export() -> None:
    for text in ("x" * 40_000, "\ufffe"):
        with pytest.raises(FileRefusedError):
            plan_workbook(PLAN.model_copy(update={"policies": (text,)}))
