"""The views of the documents of a round; see `frame.views`."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from api.pages.frame.views import Section, ShownPeriod
from api.pages.proposals.views import ReportPage
from optimiser.rounds.overview import Round
from optimiser.rounds.proposals import ProposalSums, sum_proposals
from reports.certificate import Certificate


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
