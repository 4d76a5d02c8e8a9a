"""The views of the documents of a round; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.frame.views import Section, ShownPeriod
from api.pages.proposals.round_views import BasisPage
from api.pages.proposals.views import Curve, DepotRow
from api.pages.transition.views import TransitionTold
from costs.assumptions import Figure
from optimiser.carried.saved_before import SavedBefore
from optimiser.depot.decision_key import DecisionKey
from optimiser.ledger.standing import StandingDecision, StandingSums, by_status
from optimiser.rounds.decisions import Status
from optimiser.rounds.overview import Round
from optimiser.rounds.proposals import Proposal, ProposalSums, sum_proposals
from optimiser.rounds.studies import StudyFailure
from optimiser.studies.peak_day import PeakDaySum, sum_peak_days
from reports.certificate import Certificate
from reports.frozen import ReportDifferences
from reports.kept import KeptReport
from reports.paper import Block

#: What somebody is to decide on.
_WAITING = frozenset({Status.WAITING, Status.CHANGED})


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    template: ClassVar[str] = "reports/report.html"
    section: ClassVar[Section | None] = Section.PROPOSALS
    #: The proposals that a phone lists before it is asked for the others; paper has all.
    rows_on_phone: ClassVar[int] = 3

    as_of: datetime
    round: Round | None
    period: ShownPeriod | None
    rows: Sequence[Proposal]
    accepted: ProposalSums
    every: ProposalSums
    depots: Sequence[DepotRow]
    shared: ProposalSums
    curve: Curve | None = None
    basis: BasisPage | None = None
    transition: TransitionTold | None = None
    #: Somebody decided something since the round was calculated.
    pending: bool = False
    #: Of the planned parts, those whose studies are made, and the studies that failed.
    parts: int = 0
    studied: int = 0
    failures: Sequence[StudyFailure] = ()
    #: The figures that were too old when the round was calculated.
    out_of_date: Sequence[Figure] = ()
    #: The decisions that stand, of whichever round, and what those of them save that are accepted.
    standing: Sequence[StandingDecision] = ()
    accepted_kr_year: float = 0.0
    #: What the round before proposed of the decisions of the proposals, by the ids of these.
    saved_before: Mapping[int, SavedBefore] = field(default_factory=dict[int, SavedBefore])

    @property
    def standings(self) -> Sequence[StandingSums]:
        """The decisions that stand, by their status."""
        return by_status(self.standing)

    @property
    def is_being_studied(self) -> bool:
        """Whether studies are under way, whose figures a document does not have yet."""
        return self.studied + len(self.failures) < self.parts

    @property
    def peaks(self) -> Sequence[PeakDaySum]:
        """The peak days over all depots that are shown."""
        return sum_peak_days(one for row in self.depots for one in row.peaks)


@dataclass(frozen=True, kw_only=True)
class CouncilPage:
    """The page of a round for the council."""

    template: ClassVar[str] = "reports/council.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    #: The decisions of a status that are named: the page is one sheet of paper, and the report has
    #: all of them.
    most_named: ClassVar[int] = 6

    report: ReportPage

    @cached_property
    def waiting(self) -> Sequence[Proposal]:
        """The proposals of the round that await a decision, or of which a part does; those that
        other departments share are not among them."""
        return [
            one
            for one in self.report.rows
            if not one.shared and any(part.status in _WAITING for part in one.singles)
        ]

    @property
    def waiting_wholes(self) -> Sequence[tuple[DecisionKey, ...]]:
        """For each change of theirs that awaits one the proposal of which it is."""
        return [
            part.decision.whole
            for one in self.waiting
            for part in one.singles
            if part.status in _WAITING
        ]

    @cached_property
    def waiting_sums(self) -> ProposalSums:
        return sum_proposals(self.waiting)

    @property
    def waiting_kr_year(self) -> float:
        """What they save as a budget has it, where they are not decided yet."""
        return sum(
            part.budget.terms.paid_kr_year
            for one in self.waiting
            for part in one.singles
            if part.status in _WAITING
        )

    @property
    def standings(self) -> Sequence[StandingSums]:
        """The decisions that stand, by their status."""
        return self.report.standings


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatePaper:
    """The certificate of a round, which is a document alone."""

    template: ClassVar[str] = "reports/certificate.html"
    section: ClassVar[Section | None] = None

    certificate: Certificate
    round: Round
    period: ShownPeriod


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReportsPage:
    """The page of the reports that were kept. `can_keep`: there is a round of which one can be
    kept."""

    template: ClassVar[str] = "reports/kept_reports.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    part: ListPart[KeptReport]
    can_keep: bool
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReportPage:
    """The page of a report that was kept, as it was; `others` are the ones to compare it with."""

    template: ClassVar[str] = "reports/kept_report.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    kept: KeptReport
    blocks: Sequence[Block]
    others: Sequence[KeptReport]
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedReportsPage:
    """The page of how a report differs from an earlier one."""

    template: ClassVar[str] = "reports/compared_reports.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    before: KeptReport
    after: KeptReport
    differences: ReportDifferences
