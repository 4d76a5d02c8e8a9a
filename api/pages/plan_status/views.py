"""The views of the status of plans; see `frame.views`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.frame.views import Section
from reports.kept import KeptReport
from reports.paper import Block
from tracker.quarter import Quarter


@dataclass(frozen=True, slots=True)
class PlanOption:
    """A plan that can be chosen."""

    plan_id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPage:
    """The status of a quarter as it is now, and the reports that were kept. `plan` is None where
    there is none yet."""

    template: ClassVar[str] = "plan_status/status.html"
    section: ClassVar[Section | None] = Section.PLAN

    plans: Sequence[PlanOption]
    plan: PlanOption | None
    quarter: Quarter
    quarters: Sequence[Quarter]
    blocks: Sequence[Block]
    kept: ListPart[KeptReport]

    @property
    def query(self) -> str:
        """What the addresses of the same status ask for."""
        assert self.plan is not None, "without a plan there is no status"
        return f"plan={self.plan.plan_id}&quarter={self.quarter.year}-{self.quarter.quarter}"
