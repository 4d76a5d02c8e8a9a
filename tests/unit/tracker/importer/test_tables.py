"""Tables: the column of milestones is the text, the column that groups is the initiative, and the
time may be a column, a heading of columns, or two."""

import pytest

from tests.unit.tracker.importer.planwords import plan_in
from tracker.importer.plan_file import PlanFile
from tracker.importer.source import SourceCell, SourceDocument, SourceLine, SourceTable
from tracker.importer.structure.reader import NoPlanError, read_plan


def told(plan: PlanFile) -> list[tuple[str | None, int | None, int | None, str, str]]:
    return [
        (one.section, one.quarter_from, one.quarter_to, one.level, one.text)
        for one in plan.milestones
    ]


BARS = """\
1. Havnen

| Indsats | Milepæl | Kvartal | Ansvarlig |
|---|---|---|---|
| Nordkajen | Dykkere ser på fundamentet | 1. kvartal 2031 | TEK |
| | Spuns er rammet | 2.-3. kvartal | TEK |
| Fyret | Lampen skiftes | Q4 | HAV |
"""

SEVEN = """\
2. Stranden

| Formulering | Handling | Indikator | Ressourcer | Ansvarlig | Tid | Status |
|---|---|---|---|---|---|---|
| Ren strand | Der sættes kurve op | kurve | 1 årsværk | DRI | 2. halvår 2031 | i gang |
| Ren strand | Sandet rives hver uge | uger | 2 årsværk | DRI | Løbende | i gang |
"""

ALIGNED = """\
Indsats          Milepæl                        Kvartal      Ansvarlig
Nordkajen        Dykkere ser på                 1. kvartal   TEK
                 fundamentet
                 Spuns er rammet                2. kvartal   TEK
Fyret            Lampen skif-                   3. kvartal   HAV
                 tes
"""

GRID = """\
+---------+----------------------+---------+
| Tema    | Handling             | Tid     |
+---------+----------------------+---------+
| Kaj     | Dykkere ser på       | Q1 2031 |
|         | fundamentet          |         |
+---------+----------------------+---------+
| Fyr     | • Lampe              | Q2 2031 |
|         |   o købes            |         |
|         |   o skiftes          |         |
+---------+----------------------+---------+
"""


def test_a_grouping_column_is_the_initiative_and_the_heading_the_section() -> None:
    plan = plan_in(BARS)
    assert told(plan) == [
        ("1", 1, 1, "top", "Dykkere ser på fundamentet"),
        ("1", 2, 3, "top", "Spuns er rammet"),
        ("1", 4, 4, "top", "Lampen skiftes"),
    ]
    assert [(one.section, one.title) for one in plan.initiatives] == [
        ("1", "Nordkajen"),
        ("1", "Fyret"),
    ]
    assert [one.line_from for one in plan.milestones] == [5, 6, 7]


def test_seven_columns() -> None:
    plan = plan_in(SEVEN)
    assert told(plan) == [
        ("2", 3, 4, "top", "Der sættes kurve op"),
        ("2", None, None, "top", "Sandet rives hver uge"),
    ]
    assert [one.title for one in plan.initiatives] == ["Ren strand"]


def test_columns_may_stand_below_headings_at_even_places() -> None:
    assert told(plan_in(ALIGNED)) == [
        ("Nordkajen", 1, 1, "top", "Dykkere ser på fundamentet"),
        ("Nordkajen", 2, 2, "top", "Spuns er rammet"),
        ("Fyret", 3, 3, "top", "Lampen skiftes"),
    ]


def test_a_cell_with_bullets_is_read_as_bullets_are() -> None:
    plan = plan_in(GRID)
    assert told(plan) == [
        ("Kaj", 1, 1, "top", "Dykkere ser på fundamentet"),
        ("Fyr", 2, 2, "top", "Lampe"),
        ("Fyr", 2, 2, "sub", "købes"),
        ("Fyr", 2, 2, "sub", "skiftes"),
    ]
    assert [one.parent for one in plan.milestones[2:]] == [plan.milestones[1].id] * 2


def test_quarters_may_be_columns_with_texts_or_with_marks() -> None:
    texts = "| Spor | 1. kvartal 2031 | 2. kvartal 2031 |\n|---|---|---|\n| Kaj | Udbud | Byg |\n"
    marks = "| Handling | Q1 2031 | Q2 2031 | Q3 2031 |\n|---|---|---|---|\n| Male | x | x | |\n"
    assert told(plan_in(texts)) == [("Kaj", 1, 1, "top", "Udbud"), ("Kaj", 2, 2, "top", "Byg")]
    assert told(plan_in(f"{marks}| Feje | | | X |\n")) == [
        (None, 1, 2, "top", "Male"),
        (None, 3, 3, "top", "Feje"),
    ]


def table(*rows: tuple[str, ...]) -> SourceDocument:
    """A table as a reader of Word files gives it; `^` is a cell that is one with that above."""
    number = 0
    made: list[tuple[SourceCell, ...]] = []
    for row in rows:
        cells: list[SourceCell] = []
        for text in row:
            number += 1
            cells.append(
                SourceCell(is_merged_with_above=True)
                if text == "^"
                else SourceCell((SourceLine(number, text),))
            )
        made.append(tuple(cells))
    return SourceDocument((SourceTable(tuple(made)),), lines_are_paragraphs=True)


def test_merged_cells_count_for_the_rows_below() -> None:
    document = table(
        ("Tema", "Aktivitet", "Hvornår"),
        ("Kaj", "Udbud", "Q1 2031"),
        ("^", "Bygning", "^"),
        ("Fyr", "Lampe", "Q2 2031"),
    )
    assert told(read_plan(document)) == [
        ("Kaj", 1, 1, "top", "Udbud"),
        ("Kaj", 1, 1, "top", "Bygning"),
        ("Fyr", 2, 2, "top", "Lampe"),
    ]


def test_a_row_of_one_cell_groups_those_below_and_headings_that_recur_are_none() -> None:
    document = table(
        ("Aktivitet", "Start", "Slut"),
        ("Kaj", "Kaj", "Kaj"),
        ("Udbud", "januar 2031", "juni 2031"),
        ("Aktivitet", "Start", "Slut"),
        ("Bygning", "3. kvartal 2031", "1. kvartal 2032"),
    )
    assert told(read_plan(document)) == [
        ("Kaj", 1, 2, "top", "Udbud"),
        ("Kaj", 3, 4, "top", "Bygning"),
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [("Vare", "Antal", "Pris"), ("Kaffe", "2", "40"), ("Te", "1", "20")],
        [("Navn", "Telefon"), ("Bo", "12345678"), ("Ib", "87654321")],
        [("1. kvartal", "2. kvartal"), ("10", "12"), ("11", "9")],
    ],
)
def test_other_tables_are_no_plan(rows: list[tuple[str, ...]]) -> None:
    with pytest.raises(NoPlanError):
        read_plan(table(*rows))
