"""The fate of milestones from one plan to the next, and the file that says it."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from tracker.importer.plan_file import Milestone, write_whole

#: Below this confidence, a person is asked.
SURE_FROM = 0.8


class DifferenceKind(StrEnum):
    """The fates of milestones."""

    GOES_ON = "goes_on"
    NEW = "new"
    GONE = "gone"
    MOVED = "moved"
    REWORDED = "reworded"
    SPLIT = "split"
    MERGED = "merged"


class Difference(BaseModel):
    """Milestones of the old plan, and those of the new one that they became."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: DifferenceKind
    old: tuple[Milestone, ...]
    new: tuple[Milestone, ...]
    confidence: Annotated[float, Field(ge=0, le=1)]

    @property
    def is_sure(self) -> bool:
        """Whether no person needs to be asked."""
        return self.confidence >= SURE_FROM


_DIFFERENCES = TypeAdapter(list[Difference])


def write_differences(differences: list[Difference], path: Path) -> None:
    """Write differences to a file, whole or not at all."""
    write_whole(_DIFFERENCES.dump_json(differences, indent=1).decode() + "\n", path)
