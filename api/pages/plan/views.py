"""The views of the pages of the plan; see `frame.views`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.frame.forms import FieldChange, Seen
from api.pages.frame.views import Choice, Section
from api.pages.plan.choice import By, PlanChoice
from tracker.contacts import Contact
from tracker.facts import Fact
from tracker.finding import Matter
from tracker.follow_up.coverage import Coverage
from tracker.milestone import Milestone, MilestoneStatus, NeededDecision
from tracker.plans import Plan, Programme
from tracker.progress import Tally
from tracker.quarter import Quarter

#: The letters of an option of a list.
OPTION_MAX = 70


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    MILESTONE_SAVED = "milestone_saved"
    PLAN_TAKEN = "plan_taken"
    PLAN_KNOWN = "plan_known"
    PLAN_REMOVED = "plan_removed"
    DOCUMENT_GONE = "document_gone"
    CONTACT_SAVED = "contact_saved"
    ASSIGNED = "assigned"
    NOTHING_CHOSEN = "nothing_chosen"
    TOO_MANY_CHOSEN = "too_many_chosen"


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneRow:
    """A milestone of the plan. `due` is the quarter in which it is due, None where it has none;
    `late`: that has ended and the milestone is open."""

    milestone_id: str
    title: str
    programme: str
    initiative: str
    due: Quarter | None
    status: MilestoneStatus
    note: str
    late: bool
    owner: str = ""
    deputy: str = ""
    centre: str = ""
    decision: NeededDecision | None = None
    revision: int = 1

    @classmethod
    def of(cls, one: Milestone, today: date) -> "MilestoneRow":
        """The row of a milestone, as it stands on the day `today`."""
        return cls(
            milestone_id=one.milestone_id,
            title=one.title,
            programme=one.programme,
            initiative=one.initiative,
            due=one.due,
            status=one.status,
            note=one.note,
            late=one.late(today),
            owner="" if one.owner is None or one.owner.has_left else one.owner.name,
            deputy="" if one.deputy is None or one.deputy.has_left else one.deputy.name,
            centre=one.centre,
            revision=one.revision,
            decision=one.decision if one.needs_decision else None,
        )


# Overview: GET /plan ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """How a group of the plan stands: a programme, owner or centre. `name` is "" for what has none,
    and `address` shows its milestones."""

    name: str
    tally: Tally
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterColumn:
    """The milestones that are due in a quarter, None: in none, of which the first are shown."""

    quarter: Quarter | None
    is_current: bool
    found: int
    milestones: Sequence[MilestoneRow]
    address: str


@dataclass(frozen=True, slots=True)
class StrandRow:
    """A strand with its milestones by quarter, as many as `PlanPage.strand_quarters`."""

    title: str
    cells: Sequence[Sequence[MilestoneRow]]


@dataclass(frozen=True, slots=True)
class MovedRow:
    """A milestone that moved, and the quarter from which or to which it did; `is_new`: it came with
    the plan since."""

    milestone: MilestoneRow
    other: Quarter | None
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMoves:
    """What moved out of a quarter since a day and what came into it, of which the first are
    shown."""

    since: date
    quarter: Quarter
    out: Sequence[MovedRow]
    into: Sequence[MovedRow]
    out_found: int
    into_found: int


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a filter; `is_chosen`: the address asks for it."""

    value: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenMeanwhile:
    """A form that gives milestones to somebody and was refused, since others had changed some of
    them: the chosen milestones, the texts of its fields, and the first of those that were
    changed."""

    chosen: Collection[str]
    is_all: bool
    values: Mapping[str, str]
    changed: Sequence[MilestoneRow]
    changed_found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """The overview of the plan. `whole` counts all that is chosen, whatever its matter.

    `not_taken` are programmes that came with the system, of which nobody has said anything yet.
    Of the arrangements, those that the choice does not ask for are empty. `coverages` are those of
    the follow-ups that are open. `all_seen` stands for all milestones that were found as they are,
    "" where they are not given in one go. `made_at_s` is when the page was made, in seconds since
    1970.
    """

    template: ClassVar[str] = "plan/plan.html"
    section: ClassVar[Section | None] = Section.PLAN

    choice: PlanChoice
    whole: Tally
    plans: Sequence[Option]
    programmes: Sequence[Option]
    quarters: Sequence[Quarter]
    owners: Sequence[Choice]
    centres: Sequence[str]
    programme: Programme | None
    not_taken: Sequence[str]
    groups: ListPart[Group] | None
    columns: Sequence[QuarterColumn]
    years: Sequence[int]
    year: int | None
    strands: ListPart[StrandRow] | None
    strand_quarters: Sequence[Quarter | None]
    part: ListPart[MilestoneRow] | None
    all_seen: str = ""
    made_at_s: int = 0
    meanwhile: GivenMeanwhile | None = None
    moves: PlanMoves | None = None
    coverages: Sequence[Coverage] = ()
    notice: Notice | None = None

    @property
    def arrangements(self) -> Sequence[By]:
        return list(By)

    @property
    def matters(self) -> Sequence[Matter]:
        return list(Matter)


# Removal: GET and POST /plan/plans/{plan_id}/removal --------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalPage:
    """The page on which a plan is removed. `name` is the one by which people know it, "" where it
    has none. `people_with_links` are asked about it by links that work now."""

    template: ClassVar[str] = "plan/removal.html"
    section: ClassVar[Section | None] = Section.PLAN

    plan: Plan
    name: str
    people_with_links: int = 0
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])


# Milestone: GET /plan/milestones/{milestone_id} and its forms -----------------------------------


@dataclass(frozen=True, slots=True)
class ToldValue:
    """A value that a change set, under its marked name; `before` is what stood there."""

    name: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A change of a milestone. `status` is the one that was said; None: something else was set."""

    actor: str
    at: datetime
    status: MilestoneStatus | None
    note: str
    told: Sequence[ToldValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestonePage:
    """The page of a milestone. `texts` are those of the fields of all its forms as it stands, and
    `values` and `errors` those of a refused form (`plan.forms`). `parts` stand under it, and
    `others` are those of its plan that may stand for it.

    `meanwhile` is what somebody else changed while the form was open; None: nobody did.
    """

    template: ClassVar[str] = "plan/milestone.html"
    section: ClassVar[Section | None] = Section.PLAN

    milestone: Milestone
    row: MilestoneRow
    plan: Plan
    texts: Mapping[str, str]
    seen_changes: int
    contacts: Sequence[Contact]
    centres: Sequence[str]
    quarters: Sequence[Quarter]
    others: Sequence[Milestone]
    merged_title: str
    parts: Sequence[Milestone]
    history: Sequence[HistoryEntry]
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    meanwhile: Sequence[FieldChange] | None = None
    notice: Notice | None = None

    def seen(self, names: Sequence[str]) -> Seen:
        """The state that the form with these fields shows."""
        return Seen(self.seen_changes, {name: self.texts[name] for name in names})

    @property
    def facts(self) -> Sequence[Fact]:
        return list(Fact)

    @property
    def contact_names(self) -> Mapping[str, str]:
        """The contacts who may own it, by the texts of their ids."""
        return {str(one.contact_id): one.name for one in self.contacts}

    @property
    def other_titles(self) -> Mapping[str, str]:
        """The milestones that may stand for it, by their ids, in as many letters as a list has."""
        return {one.milestone_id: shortened(one.title) for one in self.others}


def shortened(text: str) -> str:
    """A text that is short enough for an option of a list."""
    return text if len(text) <= OPTION_MAX else text[: OPTION_MAX - 1].rstrip() + "…"
