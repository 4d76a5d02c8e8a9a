"""Sample views of the documents of a round."""

from api.pages.frame.views import PageView
from api.pages.proposals.views import ReportPage
from api.pages.reports.views import CouncilPage
from tests.samples.proposals import PROPOSAL_PAGES

REPORT_PAGES: dict[str, PageView] = {
    f"council{name.removeprefix('report')}": CouncilPage(report=view)
    for name, view in PROPOSAL_PAGES.items()
    if isinstance(view, ReportPage)
}
