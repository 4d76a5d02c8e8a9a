"""A plan document as the file that a perfect reader writes of it."""

from typing import TypedDict

from tests.factories.plan_blocks import BlockKind, Document, expected_of


class MilestoneFile(TypedDict):
    """A milestone of a plan's file. `page` is of a PDF."""

    id: str
    section: str
    quarter_as_written: str | None
    year: int
    quarter_from: int | None
    quarter_to: int | None
    inferred: bool
    level: str
    parent: str | None
    text: str
    line_from: int
    line_to: int
    page: int | None


class InitiativeFile(TypedDict):
    """An initiative of a plan's file."""

    section: str | None
    title: str
    programme: str


class ProgrammeFile(TypedDict):
    """A programme of a plan's file, of which a test needs no more than these."""

    number: str
    title: str
    purpose: str | None
    success_criteria: list[str]
    partners_internal: list[str]
    partners_external: list[str]
    resources: list[dict[str, object]]


class StrandFile(TypedDict):
    """A strand of a plan's file; `milestones` are ids."""

    section: str
    title: str
    milestones: list[str]


class PlanFile(TypedDict):
    """A plan's file."""

    title: str | None
    year: int
    programmes: list[ProgrammeFile]
    initiatives: list[InitiativeFile]
    milestones: list[MilestoneFile]
    strands: list[StrandFile]
    policies: list[str]
    not_placed: list[dict[str, object]]


class ChangeFile(TypedDict):
    """An entry of the file that tells what became of the milestones of a plan in the next one."""

    kind: str
    old: list[MilestoneFile]
    new: list[MilestoneFile]
    confidence: float


def plan_file(document: Document, year: int) -> PlanFile:
    """The programmes, initiatives and milestones of a document; strands are left out."""
    programmes: list[ProgrammeFile] = []
    initiatives: list[InitiativeFile] = []
    for block in document.blocks:
        if block.kind is BlockKind.PROGRAMME:
            programmes.append(
                ProgrammeFile(
                    number=block.section,
                    title=block.text,
                    purpose=None,
                    success_criteria=[],
                    partners_internal=[],
                    partners_external=[],
                    resources=[],
                )
            )
        elif block.kind is BlockKind.SECTION:
            initiatives.append(
                InitiativeFile(
                    section=block.section, title=block.text, programme=programmes[-1]["number"]
                )
            )
    milestones: list[MilestoneFile] = []
    top = ""
    for number, one in enumerate(expected_of(document, document.printed()), start=1):
        top = f"m{number}" if one.level == "top" else top
        milestones.append(
            MilestoneFile(
                id=f"m{number}",
                section=one.section,
                quarter_as_written=one.quarter_as_written,
                year=year,
                quarter_from=one.quarter_from,
                quarter_to=one.quarter_to,
                inferred=one.inferred,
                level=one.level,
                parent=top if one.level == "sub" else None,
                text=one.text,
                line_from=one.line_from,
                line_to=one.line_to,
                page=None,
            )
        )
    return PlanFile(
        title=None,
        year=year,
        programmes=programmes,
        initiatives=initiatives,
        milestones=milestones,
        strands=[],
        policies=[],
        not_placed=[],
    )
