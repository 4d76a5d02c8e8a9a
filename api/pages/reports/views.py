"""The views of the documents of a round; see `frame.views`."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.frame.views import Section, ShownPeriod
from api.pages.proposals.views import ReportPage
from optimiser.rounds.overview import Round
from optimiser.rounds.proposals import ProposalSums, sum_proposals
from reports.certificate import Certificate
from reports.frozen import ReportDifferences
from reports.kept import KeptReport
from reports.paper import Block


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    KEPT = "kept"


class Standing(StrEnum):
    """Where a proposal stands for the council."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DONE = "done"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class CouncilPage:
    """The page of a round for the council."""

    template: ClassVar[str] = "reports/council.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    report: ReportPage

    @property
    def standings(self) -> Sequence[tuple[Standing, ProposalSums]]:
        """The sums over the proposals of each standing; those that other departments share are in
        none."""
        own = [one for one in self.report.rows if not one.shared]
        return [
            (
                standing,
                sum_proposals(
                    one
                    for one in own
                    if (Standing.OPEN.value if one.verdict is None else one.verdict.value)
                    == standing.value
                ),
            )
            for standing in Standing
        ]


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
