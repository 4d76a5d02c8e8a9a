"""Sample views of the documents of a round, and of reports that were kept."""

from datetime import timedelta

from api.pages.choices.list_parts import asked_part
from api.pages.frame.views import PageView
from api.pages.reports.views import (
    ComparedReportsPage,
    CouncilPage,
    KeptReportPage,
    KeptReportsPage,
    Notice,
    ReportPage,
)
from optimiser.depot.decision_key import Action
from optimiser.rounds.decisions import Verdict
from reports.frozen import FigureName, FrozenProposal, ProposalDifference, ReportDifferences
from reports.kept import KeptReport
from reports.paper import Bullets, Facts, Heading, Paragraph, Picture, Span, Table, Tone
from tests.samples.places import NOW
from tests.samples.proposals import PROPOSAL_PAGES

BEFORE = KeptReport(
    report_id=3,
    round_id=7,
    number=2,
    version=2,
    made_at=NOW - timedelta(days=30),
    made_by="Materiel & Veje <gul>",
    digest="a1" * 32,
)
AFTER = KeptReport(
    report_id=4, round_id=8, number=2, version=3, made_at=NOW, made_by="x", digest="b2" * 32
)
TEXT = [Span("Sparer "), Span("<b>1.000 kr.</b>", strong=True), Span("om året", small=True)]
STOOD = FrozenProposal(
    key="dispose:v1",
    action=Action.DISPOSE,
    vehicle="LTK-009 <elbil>",
    new_kind=None,
    departments=("Vej & Park",),
    depot="Rådhuset",
    saving_kr_year=47_907.0,
    saving_co2_t_year=-0.1,
    verdict=Verdict.ACCEPTED,
    together=("LTK-010 <varebil>",),
)

REPORT_PAGES: dict[str, PageView] = {
    **{
        f"council{name.removeprefix('report')}": CouncilPage(report=view)
        for name, view in PROPOSAL_PAGES.items()
        if isinstance(view, ReportPage)
    },
    "kept": KeptReportsPage(
        part=asked_part([AFTER, BEFORE], {}, "/proposals/reports"), can_keep=True
    ),
    "kept-none": KeptReportsPage(part=asked_part([], {}, "/proposals/reports"), can_keep=False),
    "kept-report": KeptReportPage(
        kept=AFTER,
        blocks=[
            Heading(1, TEXT),
            Heading(2, TEXT),
            Heading(3, TEXT),
            *(Paragraph(TEXT, tone) for tone in Tone),
            Bullets([TEXT, TEXT]),
            Facts([(TEXT, TEXT)], large=True),
            Facts([(TEXT, TEXT)]),
            Table([TEXT, TEXT], [[TEXT, TEXT]], [False, True]),
            Picture("<svg></svg>"),
        ],
        others=[BEFORE],
        notice=Notice.KEPT,
    ),
    "kept-compared": ComparedReportsPage(
        before=BEFORE,
        after=AFTER,
        differences=ReportDifferences(
            [
                (FigureName.SAVING, 1000.0, 2000.5),
                (FigureName.CO2_TODAY, 3.25, 4.0),
                (FigureName.ACCEPTED, 1.0, 2.0),
            ],
            [ProposalDifference(None, STOOD), ProposalDifference(STOOD, None)],
        ),
    ),
    "kept-same": ComparedReportsPage(
        before=BEFORE, after=AFTER, differences=ReportDifferences([], [])
    ),
}
