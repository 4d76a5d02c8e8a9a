"""Sample views of the pages of the plan."""

from api.pages.frame.views import PageView
from api.pages.plan import views as plan_views
from tests.samples.places import NOW
from tracker.plan import MilestoneChange, MilestoneStatus

MILESTONES = [
    plan_views.MilestoneRow(
        milestone_id=f"m{index}",
        title="Fælles aftale om lån af køretøjer mellem centrene",
        initiative="Deling på tværs",
        year=2026,
        quarter=index + 1,
        status=status,
        late=not index,
        note="Afventer svar.\nRykket i oktober." if index else "",
    )
    for index, status in enumerate(MilestoneStatus)
]

PLAN_PAGES: dict[str, PageView] = {
    "plan": plan_views.PlanPage(
        programmes=[
            plan_views.Programme(
                name="Flådeprogrammet",
                purpose="Færre, grønnere og bedre udnyttede køretøjer.",
                is_taken=False,
                quarters=[
                    plan_views.QuarterRow(
                        year=2026,
                        quarter=quarter,
                        current=quarter == 4,
                        milestones=[m for m in MILESTONES if m.quarter == quarter],
                    )
                    for quarter in range(1, 5)
                ],
            )
        ],
        notice=plan_views.Notice.MILESTONE_SAVED,
    ),
    "plan-empty": plan_views.PlanPage(programmes=()),
    "milestone": plan_views.MilestonePage(
        milestone=MILESTONES[2],
        programme="Flådeprogrammet",
        history=[
            MilestoneChange(
                status=MilestoneStatus.IN_PROGRESS,
                note="Afventer svar.",
                actor="Projektleder",
                at=NOW,
            )
        ],
    ),
}
