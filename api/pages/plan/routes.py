"""The addresses and words of the pages of the plan."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.plan import plan
from api.pages.plan.labels import VOCABULARY
from fleet.actor import Permission

PLAN = Subject(
    routes=(
        get("/plan", plan.show_plan, Permission.FIGURES_READ),
        get("/plan/milestones/{milestone_id}", plan.show_milestone, Permission.FIGURES_READ),
        post("/plan/milestones/{milestone_id}", plan.change_milestone, Permission.PLAN_REPORT),
    ),
    vocabulary=VOCABULARY,
)
