"""The views of the pages of the plan; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from api.pages.frame.views import Section
from tracker.plan import MilestoneChange, MilestoneStatus


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    MILESTONE_SAVED = "milestone_saved"


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneRow:
    """A milestone of the plan. `late`: its quarter has ended and it is not done."""

    milestone_id: str
    title: str
    initiative: str
    year: int
    quarter: int
    status: MilestoneStatus
    note: str
    late: bool


# Plan: GET /plan, GET and POST /plan/milestones/{milestone_id} ---------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterRow:
    year: int
    quarter: int
    current: bool
    milestones: Sequence[MilestoneRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A programme; `is_taken`: somebody has said how far it is."""

    name: str
    purpose: str
    is_taken: bool
    quarters: Sequence[QuarterRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    template: ClassVar[str] = "plan/plan.html"
    section: ClassVar[Section | None] = Section.PLAN

    programmes: Sequence[Programme]
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestonePage:
    """The page of a milestone. `values` and `errors` are those of a refused form
    (`forms.MilestoneForm`)."""

    template: ClassVar[str] = "plan/milestone.html"
    section: ClassVar[Section | None] = Section.PLAN

    milestone: MilestoneRow
    programme: str
    history: Sequence[MilestoneChange]
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
