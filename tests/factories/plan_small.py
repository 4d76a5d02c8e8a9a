"""Two small plans in other styles, typed by hand, and papers that are no plan.

They are for measuring a reader that was not made with them in view.
"""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.factories.plan_blocks import ExpectedMilestone
from tests.factories.plan_docx import packed, plain, run, styled, table_of
from tests.factories.plan_numbering import Counted, Numbering
from tests.factories.plan_truth import Level

SAMPLES = Path(__file__).resolve().parents[1] / "samples"


@dataclass(frozen=True, slots=True)
class TypedMilestone:
    """A milestone as typed beside its plan."""

    section: str
    quarter_from: int | None
    quarter_to: int | None
    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class TypedPlan:
    """The milestones of a small plan, in their order."""

    milestones: tuple[TypedMilestone, ...]


@dataclass(frozen=True, slots=True)
class TypedSection:
    """A heading with its number, and the rows of the table below it.

    A cell is a text, or a bullet and its sub-bullets.
    """

    heading: str
    rows: tuple[tuple[str | tuple[str, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class TypedTables(TypedPlan):
    """A plan of tables, as typed."""

    title: str
    columns: tuple[str, ...]
    sections: tuple[TypedSection, ...]


def no_plans() -> dict[str, str]:
    """The texts of papers that are no plan, by their names."""
    return {path.stem: path.read_text("utf-8") for path in sorted(SAMPLES.glob("no_plan_*.txt"))}


def goals_text() -> str:
    """The plan of goals, efforts and times, as text."""
    return (SAMPLES / "plan_goals.txt").read_text(encoding="utf-8")


def goals_expected() -> tuple[ExpectedMilestone, ...]:
    """The milestones of the plan of goals."""
    return expected(msgspec.json.decode((SAMPLES / "plan_goals.json").read_bytes(), type=TypedPlan))


def tables() -> TypedTables:
    """The plan of tables, as typed."""
    return msgspec.json.decode((SAMPLES / "plan_table.json").read_bytes(), type=TypedTables)


def tables_expected() -> tuple[ExpectedMilestone, ...]:
    """The milestones of the plan of tables."""
    return expected(tables())


def tables_docx() -> bytes:
    """The plan of tables for Word: a heading and a table of seven columns each."""
    typed, numbering = tables(), Numbering()
    bullets = numbering.anew(Counted.BULLETS)
    body = styled("Overskrift1", run(typed.title))
    for section in typed.sections:
        rows = [[cell_content(cell, bullets) for cell in row] for row in section.rows]
        keys = [[str(row[0]), *[""] * (len(row) - 1)] for row in section.rows]
        body += styled("Overskrift2", run(section.heading)) + table_of(typed.columns, rows, keys)
    return packed(body, numbering, typed.title)


def cell_content(cell: str | tuple[str, ...], bullets: int) -> str:
    if isinstance(cell, str):
        return plain(cell)
    return "".join(
        styled("Listeafsnit", run(text), bullets, 1 if index else 0)
        for index, text in enumerate(cell)
    )


def expected(typed: TypedPlan) -> tuple[ExpectedMilestone, ...]:
    found: list[ExpectedMilestone] = []
    parent = ""
    for one in typed.milestones:
        parent = one.text if one.level == "top" else parent
        found.append(
            ExpectedMilestone(
                section=one.section,
                level=one.level,
                text=one.text,
                quarter_as_written=None,
                quarter_from=one.quarter_from,
                quarter_to=one.quarter_to,
                inferred=False,
                parent=parent if one.level == "sub" else None,
            )
        )
    return tuple(found)
