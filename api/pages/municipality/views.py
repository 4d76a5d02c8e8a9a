"""The views of the pages of the municipality; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from access.roles import ROLE_PERMISSIONS, Role
from api.pages.choices.list_parts import ListPart
from api.pages.frame.forms import FieldChange, Seen
from api.pages.frame.views import Section
from register.municipality.closing_days import ClosingDay
from register.municipality.first_run import Checklist, StepState


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    NAMED = "named"
    DAY_CLOSED = "day_closed"
    DAY_OPENED = "day_opened"
    DAYS_SETTLED = "days_settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class MunicipalityPage:
    """The page of the municipality: its name, the public holidays of `year` on Mondays to Fridays,
    and its own closing days. `days_known` tells whether it said that it has some or none."""

    template: ClassVar[str] = "municipality/municipality.html"
    section: ClassVar[Section | None] = Section.OVERVIEW

    name: str
    year: int
    part: ListPart[ClosingDay]
    days_known: bool
    seen: Seen
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    meanwhile: Sequence[FieldChange] | None = None
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step of the first run, and the roles that can take it."""

    state: StepState
    roles: Sequence[Role]


@dataclass(frozen=True, slots=True)
class ShownChecklist:
    """The steps from an empty system to the first proposals."""

    steps: Sequence[ShownStep]
    is_done: bool

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(one.state.is_done for one in self.steps)


@dataclass(frozen=True, slots=True)
class StartPage:
    """The page of the steps of the first run."""

    template: ClassVar[str] = "municipality/start.html"
    section: ClassVar[Section | None] = Section.OVERVIEW

    checklist: ShownChecklist


def shown_checklist(checklist: Checklist) -> ShownChecklist:
    """The view of a checklist."""
    return ShownChecklist([_shown(state) for state in checklist.steps], checklist.is_done)


def next_step(checklist: Checklist) -> ShownStep | None:
    """The view of the first step that is not done; None: all are."""
    return None if checklist.next is None else _shown(checklist.next)


def _shown(state: StepState) -> ShownStep:
    needs = frozenset(state.needs)
    return ShownStep(state, [role for role in Role if ROLE_PERMISSIONS[role] & needs])
