"""The views of the pages on which a published plan is imported; see `frame.views`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from api.pages.frame.views import Section
from api.pages.plan.views import Notice, Option
from tracker.documents.drafts import Draft
from tracker.documents.matching import Question
from tracker.documents.targets import OfferedTarget
from tracker.importer.plan_file import Milestone


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPage:
    """The page that takes a document. `plans` are those of which it may be a corrected one, or
    which it may follow."""

    template: ClassVar[str] = "plan/import.html"
    section: ClassVar[Section | None] = Section.PLAN

    plans: Sequence[Option]
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class ReadGroup:
    """The milestones of a section, as they were read."""

    section: str
    title: str
    milestones: Sequence[Milestone]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The milestones that a document adds to a plan, changes and lacks, by their words, and how
    many it has again. `revision` is that of the plan with which it was compared."""

    revision: int
    same: int
    added: Sequence[str]
    changed: Sequence[tuple[str, str]]
    gone: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPage:
    """The page of what was read of a document, before it is confirmed: of one that corrects the
    plan `again`, one that follows the plan `follows`, or that of a new plan.

    `difference` is None for a new plan, and where the document is of a year that does not fit.
    `questions` are asked about milestones that may be the same. `targets` are the numbers in
    milestones that are offered as those of indicators, of which `chosen` has the keys of some.
    """

    template: ClassVar[str] = "plan/preview.html"
    section: ClassVar[Section | None] = Section.PLAN

    draft: Draft
    again: str
    follows: str
    is_of_plan: bool
    groups: Sequence[ReadGroup]
    difference: Difference | None
    questions: Sequence[Question] = ()
    targets: Sequence[OfferedTarget] = ()
    chosen: Collection[str] = ()
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def inferred(self) -> Sequence[Milestone]:
        """The milestones of which the document had lost the quarter's number."""
        return [one for one in self.draft.plan.milestones if one.inferred]

    def source(self, one: Milestone) -> str:
        """The lines of the document from which a milestone was read."""
        lines = self.draft.lines
        return "\n".join(lines.get(n, "") for n in range(one.line_from, one.line_to + 1))
