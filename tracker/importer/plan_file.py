"""The file that holds a plan as it was read: its shape, and its writing and reading."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fleet.errors import ExpectedError

Year = Annotated[int, Field(ge=1990, le=2200)]
Quarter = Annotated[int, Field(ge=1, le=4)]
#: More lines and pages than any document has that is read, and less than the database can store.
LineNumber = Annotated[int, Field(ge=1, le=1_000_000)]
PageNumber = Annotated[int, Field(ge=1, le=1_000_000)]
#: It is in an index, whose entries have a largest size.
MilestoneId = Annotated[str, Field(max_length=200)]
Level = Literal["top", "sub"]


class PlanFileError(ExpectedError, ValueError):
    """A file is not a plan that was read. The message names the file and the field."""


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Resource(_Frozen):
    """The work that a centre puts into a programme."""

    centre: str | None
    #: Full-time years of work; None: a share without a number.
    aarsvaerk: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None


class Programme(_Frozen):
    """A programme as the document describes it. Without a number, it is known by its title."""

    number: str | None
    title: str | None
    purpose: str | None = None
    success_criteria: tuple[str, ...] = ()
    partners_internal: tuple[str, ...] = ()
    partners_external: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()


class Initiative(_Frozen):
    """An initiative: the number or title of its section, and the number or title of its
    programme."""

    section: str | None
    title: str
    programme: str | None


class Milestone(_Frozen):
    """A result that is to have been reached, in a quarter, a span of quarters, or none."""

    id: MilestoneId
    section: str | None
    quarter_as_written: str | None = None
    year: Year | None = None
    quarter_from: Quarter | None = None
    quarter_to: Quarter | None = None
    #: Whether the number of the quarter was lost, and is inferred from the order.
    inferred: bool = False
    level: Level = "top"
    parent: str | None = None
    text: Annotated[str, Field(min_length=1)]
    line_from: LineNumber
    line_to: LineNumber
    page: PageNumber | None = None


class Strand(_Frozen):
    """The same matter through the quarters."""

    section: str | None
    title: str
    milestones: tuple[str, ...]


class NotPlaced(_Frozen):
    """Lines that could not be placed."""

    line_from: LineNumber
    line_to: LineNumber
    text: str


class PlanFile(_Frozen):
    """A plan as it was read from a document."""

    title: str | None
    year: Year | None
    programmes: tuple[Programme, ...] = ()
    initiatives: tuple[Initiative, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    strands: tuple[Strand, ...] = ()
    policies: tuple[str, ...] = ()
    not_placed: tuple[NotPlaced, ...] = ()

    @model_validator(mode="after")
    def _ids_are_known(self) -> "PlanFile":
        ids = {one.id for one in self.milestones}
        if len(ids) < len(self.milestones):
            raise ValueError("two milestones have the same id")
        for one in self.milestones:
            if one.parent is not None and (one.parent not in ids or one.parent == one.id):
                raise ValueError(f"milestone {one.id} has the parent {one.parent}, which is none")
        for strand in self.strands:
            if unknown := set(strand.milestones) - ids:
                raise ValueError(f"a strand names {min(unknown)}, which is no milestone")
        return self


def write_plan_file(plan: PlanFile, path: Path) -> None:
    """Write a plan to a file, whole or not at all."""
    write_whole(plan.model_dump_json(indent=1) + "\n", path)


def write_whole(text: str, path: Path) -> None:
    """Write a text to a file that nobody sees half written."""
    write_bytes_whole(text.encode(), path)


def write_bytes_whole(content: bytes, path: Path) -> None:
    """Write a file that nobody sees half written."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        beside = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            beside.chmod(0o644)
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


def read_plan_file(path: Path) -> PlanFile:
    """The plan in a file that `write_plan_file` wrote, or that a person made in its shape.

    Raises:
        PlanFileError: it is not in that shape.
    """
    try:
        return PlanFile.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise PlanFileError(f"{path.name}: {field or 'the file'}: {first['msg']}") from None
