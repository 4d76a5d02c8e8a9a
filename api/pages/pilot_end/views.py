"""The views of the pages of the end of the pilot; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from api.pages.frame.views import Section
from optimiser.pilot_end.chosen import ChoiceEntry
from optimiser.pilot_end.elsewhere import FoundElsewhere
from optimiser.pilot_end.evaluation import Evaluation
from optimiser.pilot_end.figures import ComparedFigure
from optimiser.pilot_end.goals import Goal, GoalChange, Metric
from optimiser.pilot_end.roll_out import RollOut, SourceCounts


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    GOAL_STATED = "goal_stated"
    GOAL_CHANGED = "goal_changed"
    GOAL_REMOVED = "goal_removed"
    PLAN_CHOSEN = "plan_chosen"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPeriods:
    """The four fields for the days of the two periods, by name, with what is wrong in them. `query`
    is what the address asks for; without it the periods are those that the product chooses.
    `in_weeks`: who asks is told of whole weeks only, of those in `told`; None: of none yet."""

    days: Mapping[str, date | None]
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    in_weeks: bool = False
    told: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationPage:
    """The evaluation of the pilot. `known_min` is the share of the vehicles that must be known.
    `values` and `errors` are those of a refused form of a goal."""

    template: ClassVar[str] = "pilot_end/evaluation.html"
    section: ClassVar[Section | None] = Section.LEDGER
    metrics: ClassVar[Sequence[Metric]] = tuple(Metric)
    #: The figures that a phone shows before somebody unfolds the others.
    figures_on_phone: ClassVar[int] = 6

    found: Evaluation
    figures: Sequence[ComparedFigure]
    elsewhere: Sequence[FoundElsewhere]
    asked: AskedPeriods
    as_of: datetime
    known_min: float
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    by: date | None = None
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalPage:
    """The page of a goal, with its history. `values` are the texts in its fields."""

    template: ClassVar[str] = "pilot_end/goal.html"
    section: ClassVar[Section | None] = Section.LEDGER
    metrics: ClassVar[Sequence[Metric]] = tuple(Metric)

    goal: Goal
    history: Sequence[GoalChange]
    values: Mapping[str, str]
    by: date | None
    errors: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class RollOutPage:
    """The plan for the vehicles without a tracker or a driving log, of `vehicles` that are seen;
    `sources` says what the others have. `values` are the texts in the fields of its form, and
    `changes` how often somebody chose."""

    template: ClassVar[str] = "pilot_end/roll_out.html"
    section: ClassVar[Section | None] = Section.LEDGER

    plan: RollOut
    vehicles: int
    sources: SourceCounts
    is_whole: bool
    entries: Sequence[ChoiceEntry]
    changes: int
    values: Mapping[str, str]
    as_of: datetime
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None
