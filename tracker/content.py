"""Reads a programme with its initiatives and milestones from a TOML file."""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tracker.facts import Fact

#: The programme with which every installation begins.
FLEET_PROGRAMME = Path(__file__).parent / "fleet_programme.toml"


class ProgrammeFileError(ValueError):
    """A file does not contain a programme. The message names the file and the field."""


class MilestoneContent(BaseModel):
    """A dated result of an initiative. `fact` is that of the system which answers it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    milestone_id: str
    year: Annotated[int, Field(ge=2000, le=2100)]
    quarter: Annotated[int, Field(ge=1, le=4)]
    title: str
    fact: Fact | None = None


class InitiativeContent(BaseModel):
    """A strand of a programme; its milestones are in the order in which pages show them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    initiative_id: str
    name: str
    milestones: tuple[MilestoneContent, ...]


class ProgrammeContent(BaseModel):
    """A programme of the plan."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    programme_id: str
    name: str
    purpose: str
    initiative: tuple[InitiativeContent, ...]


def read_programme(path: Path) -> ProgrammeContent:
    """The programme in a TOML file.

    Raises:
        ProgrammeFileError: the file is not TOML, or a field is missing, unknown or out of range.
    """
    try:
        return ProgrammeContent.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ProgrammeFileError(f"{path.name}: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ProgrammeFileError(f"{path.name}: {field}: {first['msg']}") from None
